/** Which keys on which tokens are this party's own: pinned by token serial and public key. */
import type { CommonSchema, Database } from './schema';

export interface StoredKey {
  readonly role: string;
  readonly label: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  readonly algorithm: string;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
}

/**
 * Writes down that a key is about to be generated. A key found on the token under this label, with no public key
 * written down yet, is then known to be ours: made just before a crash.
 * @returns whether this is written down now, or was before
 */
export async function announceKey(
  db: Database<CommonSchema>,
  { role, label, tokenLabel, tokenSerial, algorithm }: Omit<StoredKey, 'spki'>,
): Promise<'now' | 'before'> {
  const before = await db.selectFrom('keys').select('role').where('role', '=', role).executeTakeFirst();
  if (before !== undefined) return 'before';
  const row = { role, label, tokenLabel, tokenSerial, algorithm, spki: null, attributes: null };
  await db.insertInto('keys').values(row).execute();
  return 'now';
}

/** Writes down the public half and the attributes as they were read back from the token. */
export async function recordKey(
  db: Database<CommonSchema>,
  role: string,
  spki: Buffer,
  attributes: object,
): Promise<void> {
  await db
    .updateTable('keys')
    .set({ spki, attributes: JSON.stringify(attributes) })
    .where('role', '=', role)
    .execute();
}

/** A key that exists; `undefined` also for one that was only announced. */
export async function readKey(db: Database<CommonSchema>, role: string): Promise<StoredKey | undefined> {
  const row = await db.selectFrom('keys').selectAll().where('role', '=', role).executeTakeFirst();
  if (row === undefined || row.spki === null) return undefined;
  return { ...row, spki: row.spki };
}

export async function readKeys(db: Database<CommonSchema>): Promise<readonly StoredKey[]> {
  const rows = await db.selectFrom('keys').selectAll().orderBy('role').execute();
  return rows.flatMap((row) => (row.spki === null ? [] : [{ ...row, spki: row.spki }]));
}
