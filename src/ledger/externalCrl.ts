/** The newest CRL of each external root, kept by the digest of that root's certificate. */
import { readNewestDocument, replaceDocument, type StoredDocument } from '../db';
import { sha256Hex } from '../signer';
import { readCrl, verifyCrl, type Certificate, type CertificateList } from '../x509';
import { LedgerError } from './errors';
import type { LedgerDatabase } from './rows';

const KIND = 'external-crl';

/** Takes the place of an older one. @returns what is kept now, `undefined` if it was not newer than that */
export async function keepExternalCrl(
  db: LedgerDatabase,
  { sha256: subject }: Certificate,
  { der, thisUpdate }: CertificateList,
  now: Date,
): Promise<StoredDocument | undefined> {
  const version = thisUpdate.getTime() / 1000;
  if (((await readNewestDocument(db, KIND, subject))?.version ?? 0) >= version) return undefined;
  const document = { kind: KIND, subject, version, sha256: sha256Hex(der), bytes: der } as const;
  await replaceDocument(db, document, now);
  return document;
}

/** @throws LedgerError `DOCUMENT_DAMAGED` where it is missing: no external root is taken without its CRL */
export async function readExternalCrl(db: LedgerDatabase, issuer: Certificate): Promise<Buffer> {
  const kept = await readNewestDocument(db, KIND, issuer.sha256);
  if (kept === undefined) throw damaged(issuer, 'it is missing');
  return kept.bytes;
}

/** @throws LedgerError `DOCUMENT_DAMAGED`; X509Error */
export async function verifyExternalCrl(db: LedgerDatabase, issuer: Certificate): Promise<void> {
  const crl = readCrl(await readExternalCrl(db, issuer), 'external root CRL');
  if (!verifyCrl(crl, issuer)) throw damaged(issuer, 'the external root did not sign it');
}

function damaged({ sha256 }: Certificate, reason: string): LedgerError {
  return new LedgerError('DOCUMENT_DAMAGED', { what: `${KIND} ${sha256}`, reason });
}
