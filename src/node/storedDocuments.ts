/** How a node keeps the documents of its delegation: under which kind, version and digest. */
import { readNewestDocument, replaceDocument, storeDocument, type CommonSchema, type Database } from '../db';
import type { Directive, Grant, SignedDocument, TrustStatement } from '../delegation';
import { sha256Hex } from '../signer';
import type { Certificate, CertificateList } from '../x509';

type Db = Database<CommonSchema>;

/** The node's own have no subject. */
const OWN = { subject: '' } as const;

export async function storeRootCertificate(db: Db, { sha256, der }: Certificate, now: Date): Promise<void> {
  await storeDocument(db, { ...OWN, kind: 'root-certificate', version: 1, sha256, bytes: der }, now);
}

/** Takes the place of the one before. */
export async function storeRootCrl(db: Db, crl: CertificateList, now: Date): Promise<void> {
  const document = { ...OWN, version: Number(crl.crlNumber), sha256: sha256Hex(crl.der), bytes: crl.der };
  await replaceDocument(db, { kind: 'root-crl', ...document }, now);
}

export async function isNewerRootCrl(db: Db, { crlNumber }: CertificateList): Promise<boolean> {
  return Number(crlNumber) > ((await readNewestDocument(db, 'root-crl'))?.version ?? 0);
}

/** Epochs follow one another without a gap, so that they count as versions. */
export async function storeCaCertificate(
  db: Db,
  { sha256, der }: Certificate,
  epoch: number,
  now: Date,
): Promise<void> {
  await storeDocument(db, { ...OWN, kind: 'ca-certificate', version: epoch, sha256, bytes: der }, now);
}

export async function storeTrustStatement(
  db: Db,
  { value, sha256, envelope }: SignedDocument<TrustStatement>,
  now: Date,
): Promise<void> {
  const { version } = value;
  await storeDocument(db, { ...OWN, kind: 'trust-statement', version, sha256, bytes: envelope }, now);
}

export async function storeGrant(
  db: Db,
  { value, sha256, envelope }: SignedDocument<Grant>,
  now: Date,
): Promise<void> {
  const { version } = value;
  await storeDocument(db, { ...OWN, kind: 'grant', version, sha256, bytes: envelope }, now);
}

export async function storeDirective(
  db: Db,
  { value, sha256, envelope }: SignedDocument<Directive>,
  now: Date,
): Promise<void> {
  const { sequence } = value;
  await storeDocument(db, { ...OWN, kind: 'directive', version: sequence, sha256, bytes: envelope }, now);
}
