/** Which keys on which tokens are this party's own: pinned by token serial, public key and CKA_ID. */
import type { SignatureAlgorithm } from '../signer';
import type { CommonSchema, Database } from './schema';

export interface StoredKey {
  readonly role: string;
  readonly label: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  readonly algorithm: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** CKA_ID, lower-case hex; null of a key that was recorded before it was. */
  readonly ckaId: string | null;
}

/** A key with its end, if it has come: ISO 8601. */
export interface KeptKey extends StoredKey {
  readonly retiredAt: string | null;
}

type Announced = Omit<StoredKey, 'spki' | 'ckaId'>;

/** Whether it is written down that a key of this label was about to be generated on this very token. */
export async function isAnnounced(
  db: Database<CommonSchema>,
  { role, label, tokenSerial }: Pick<Announced, 'role' | 'label' | 'tokenSerial'>,
): Promise<boolean> {
  const row = await db.selectFrom('keys').selectAll().where('role', '=', role).executeTakeFirst();
  return row?.tokenSerial === tokenSerial && row.label === label;
}

/**
 * Writes down that a key is about to be generated, where the token has none of this label. One found there later, with no
 * public key written down yet, is then known to be ours: made just before a crash.
 */
export async function announceKey(
  db: Database<CommonSchema>,
  { role, label, tokenLabel, tokenSerial, algorithm, signatureAlgorithm }: Announced,
): Promise<void> {
  const row = { role, label, tokenLabel, tokenSerial, algorithm, signatureAlgorithm };
  await db
    .insertInto('keys')
    .values({ ...row, spki: null, ckaId: null, attributes: null, retiredAt: null })
    .onConflict((conflict) => conflict.column('role').doUpdateSet(row).where('keys.spki', 'is', null))
    .execute();
}

/** Writes down the key as it was read back from the token: it may not be the one that a crashed run announced. */
export async function recordKey(
  db: Database<CommonSchema>,
  key: StoredKey,
  attributes: object,
): Promise<void> {
  const { role, ...columns } = key;
  await db
    .updateTable('keys')
    .set({ ...columns, attributes: JSON.stringify(attributes) })
    .where('role', '=', role)
    .execute();
}

/** Writes down the CKA_ID of a key that was recorded without it; one that is written down stays. */
export async function recordKeyId(db: Database<CommonSchema>, role: string, ckaId: string): Promise<void> {
  await db.updateTable('keys').set({ ckaId }).where('role', '=', role).where('ckaId', 'is', null).execute();
}

/** A key that exists; `undefined` also for one that was only announced. */
export async function readKey(db: Database<CommonSchema>, role: string): Promise<StoredKey | undefined> {
  const row = await db.selectFrom('keys').selectAll().where('role', '=', role).executeTakeFirst();
  if (row === undefined || row.spki === null) return undefined;
  return { ...row, spki: row.spki };
}

export async function readKeys(db: Database<CommonSchema>): Promise<readonly KeptKey[]> {
  const rows = await db.selectFrom('keys').selectAll().orderBy('role').execute();
  return rows.flatMap((row) => (row.spki === null ? [] : [{ ...row, spki: row.spki }]));
}

/** @returns whether there was such a key, and not retired before */
export async function retireKey(db: Database<CommonSchema>, role: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('keys')
    .set({ retiredAt: now.toISOString() })
    .where('role', '=', role)
    .where('retiredAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
