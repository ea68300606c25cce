/** Signed documents and certificates: kept as the bytes that were signed, found by kind, subject and version. */
import type { CommonSchema, Database } from './schema';

export type DocumentKind =
  | 'trust-statement'
  | 'grant'
  | 'directive'
  | 'application'
  | 'answer'
  | 'root-certificate'
  | 'ca-certificate'
  | 'root-crl'
  | 'external-crl'
  | 'ceremony';

export interface StoredDocument {
  readonly kind: DocumentKind;
  /** Whose it is: a node id, an application id, the digest of an external root; empty for the party's own. */
  readonly subject: string;
  readonly version: number;
  /** SHA-256 by which others name it, lower-case hex. */
  readonly sha256: string;
  readonly bytes: Buffer;
}

export async function storeDocument(
  db: Database<CommonSchema>,
  document: StoredDocument,
  now: Date,
): Promise<void> {
  await db
    .insertInto('documents')
    .values({ ...document, time: now.toISOString() })
    .execute();
}

/** Replaces what there is of this kind and subject: for what has no history, such as the root's CRL. */
export async function replaceDocument(
  db: Database<CommonSchema>,
  document: StoredDocument,
  now: Date,
): Promise<void> {
  const { kind, subject } = document;
  await db.deleteFrom('documents').where('kind', '=', kind).where('subject', '=', subject).execute();
  await storeDocument(db, document, now);
}

/** Every version, oldest first. */
export async function readDocuments(
  db: Database<CommonSchema>,
  kind: DocumentKind,
  subject = '',
): Promise<readonly StoredDocument[]> {
  const rows = await db
    .selectFrom('documents')
    .select(['subject', 'version', 'sha256', 'bytes'])
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .orderBy('version')
    .execute();
  return rows.map((row) => ({ kind, ...row }));
}

/** The newest version, if there is one. */
export async function readNewestDocument(
  db: Database<CommonSchema>,
  kind: DocumentKind,
  subject = '',
): Promise<StoredDocument | undefined> {
  return (await readDocuments(db, kind, subject)).at(-1);
}
