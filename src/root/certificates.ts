/** Certificates and CRLs under the root CA key: stored before they are signed, checked before they are released. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { writeFileDurably } from '../config';
import { commonTables, readNewestDocument, replaceDocument, type Database, type RootSchema } from '../db';
import { sha256Hex, type Signer } from '../signer';
import { signChecked } from '../signing';
import {
  assembleCertificate,
  assembleCrl,
  buildTbsCertificate,
  buildTbsCertList,
  encodePem,
  keyIdentifier,
  lint,
  lintIssuerOf,
  lintProblems,
  readCertificate,
  readCrl,
  type Certificate,
  type CrlEntry,
  type TbsCertificateInput,
} from '../x509';
import { RootError } from './errors';
import type { RootCa } from './root';
import { documentEntry, journalise } from './rootJournal';

const DAY = 86_400_000;
/** The root key is used seldom: its CRL lives long, and is made anew whenever the key is used. */
const ROOT_CRL_DAYS = 370;

/** Why a sub-CA certificate is revoked (RFC 5280, section 5.3.1). */
export const CA_REVOCATION_REASONS = [
  'caCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;
export type CaRevocationReason = (typeof CA_REVOCATION_REASONS)[number];

/** 16 octets, positive; the root's numbers name no journal place. */
function newSerialNumber(random: (octets: number) => Buffer): string {
  const octets = random(16);
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return octets.toString('hex');
}

/**
 * Signs a certificate. The TBS is linted, and stored first: one that was cut off before it was finished goes on the next
 * CRL.
 * @param purpose what it is for: `root`, `registry-tls`, or a node's id
 * @throws RootError `LINT_FAILED`; SigningError
 */
export async function signCertificate(
  root: RootCa,
  signer: Signer,
  purpose: string,
  contents: Omit<TbsCertificateInput, 'serialNumber'>,
): Promise<Certificate> {
  const serialNumber = newSerialNumber(root.surroundings.random);
  const tbs = buildTbsCertificate({ ...contents, serialNumber });
  const issuer = purpose === 'root' ? undefined : await root.certificate();
  requireSound(tbs, purpose, issuer);
  const issuedAt = root.now().toISOString();
  await root.store.transaction(async (tx) => {
    await tx
      .insertInto('rootCertificates')
      .values({ serialNumber, purpose, tbs, der: null, issuedAt, revokedAt: null, revocationReason: null })
      .execute();
    await journalise(root, tx, { type: 'intent', serialNumber, purpose, tbsSha256: sha256Hex(tbs) });
  });
  const spki = issuer?.tbs.publicKey.spki;
  const signature = await signChecked(signer, tbs, `the certificate for ${purpose}`, spki);
  const certificate = readCertificate(assembleCertificate(tbs, signer.algorithm, signature), purpose);
  const { sha256 } = certificate;
  await root.store.transaction(async (tx) => {
    await tx
      .updateTable('rootCertificates')
      .set({ der: certificate.der })
      .where('serialNumber', '=', serialNumber)
      .execute();
    await journalise(root, tx, { type: 'certificate', serialNumber, sha256 });
  });
  return certificate;
}

/** Holds what is to be signed to the table of checks. @throws RootError `LINT_FAILED` with every error */
function requireSound(tbs: Buffer, what: string, issuer: Certificate | undefined): void {
  const errors = lint(tbs, 'TBSCertificate', issuer && lintIssuerOf(issuer.der)).filter(
    ({ severity }) => severity === 'error',
  );
  if (errors.length > 0) {
    throw new RootError('LINT_FAILED', { what, count: errors.length }, { problems: lintProblems(errors) });
  }
}

/** Signs and stores a CRL over everything the root has revoked or never finished, and publishes it. */
export async function publishRootCrl(
  root: RootCa,
  signer: Signer,
  certificate: Certificate,
): Promise<Buffer> {
  for (;;) {
    const contents = await rootCrlContents(root.store.read);
    const der = await signRootCrl(root, signer, certificate, contents);
    const { crlNumber } = readCrl(der, 'root CRL');
    const document = {
      kind: 'root-crl',
      subject: '',
      version: Number(crlNumber),
      sha256: sha256Hex(der),
      bytes: der,
    } as const;
    const isStored = await root.store.transaction(async (tx) => {
      // Another process may have revoked or published meanwhile: one number has one list, and the newest list is whole.
      if (!isDeepStrictEqual(await rootCrlContents(tx), contents)) return false;
      await replaceDocument(commonTables(tx), document, root.now());
      await journalise(root, tx, documentEntry(document));
      return true;
    });
    if (!isStored) continue;
    await publishRootFiles(root, certificate);
    return der;
  }
}

interface RootCrlContents {
  readonly entries: readonly CrlEntry[];
  /** Number of the CRL before; 0 for the first. */
  readonly previous: number;
}

async function rootCrlContents(db: Database<RootSchema>): Promise<RootCrlContents> {
  const rows = await db
    .selectFrom('rootCertificates')
    .select(['serialNumber', 'der', 'issuedAt', 'revokedAt', 'revocationReason'])
    .orderBy('issuedAt')
    .orderBy('serialNumber')
    .execute();
  const entries = rows.flatMap(({ serialNumber, der, issuedAt, revokedAt, revocationReason }): CrlEntry[] => {
    const at = revokedAt ?? (der === null ? issuedAt : undefined);
    if (at === undefined) return [];
    const reason = CA_REVOCATION_REASONS.find((known) => known === revocationReason);
    return [{ serialNumber, revocationDate: wholeSeconds(new Date(at)), ...(reason && { reason }) }];
  });
  const previous = await readNewestDocument(commonTables(db), 'root-crl');
  return { entries, previous: previous?.version ?? 0 };
}

/** @returns DER */
async function signRootCrl(
  root: RootCa,
  signer: Signer,
  certificate: Certificate,
  { entries, previous }: RootCrlContents,
): Promise<Buffer> {
  const thisUpdate = wholeSeconds(root.now());
  // By the time, so that a root put back to a backup gives no number again that it gave out since (RFC 5280, 5.2.3).
  const crlNumber = Math.max(previous + 1, thisUpdate.getTime() / 1000);
  const { spki } = certificate.tbs.publicKey;
  const tbs = buildTbsCertList({
    signatureAlgorithm: signer.algorithm,
    issuer: certificate.tbs.subjectDer,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + ROOT_CRL_DAYS * DAY),
    entries,
    crlNumber,
    authorityKeyId: keyIdentifier(spki),
    // No entry is ever left out.
    expiredSince: certificate.tbs.notBefore,
  });
  return assembleCrl(tbs, signer.algorithm, await signChecked(signer, tbs, 'the root CRL', spki));
}

/** What another process has stored since is newer, and stays in its place. */
async function publishRootFiles(root: RootCa, certificate: Certificate): Promise<void> {
  await mkdir(root.paths.published, { recursive: true });
  const put = (name: string, content: Buffer | string): Promise<void> =>
    writeFileDurably(join(root.paths.published, name), content);
  await put('root.crt', certificate.der);
  await put('root.pem', encodePem('CERTIFICATE', certificate.der));
  for (let last = -1; ;) {
    const crl = await readNewestDocument(root.read, 'root-crl');
    if (crl === undefined || crl.version === last) return;
    await put('root.crl', crl.bytes);
    last = crl.version;
  }
}

/** X.509 times have whole seconds. */
export function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

/** A fresh CRL of the root, for when the last one nears its end. */
export async function renewRootCrl(
  root: RootCa,
): Promise<{ readonly nextUpdate: Date; readonly crlNumber: bigint }> {
  const { nextUpdate, crlNumber } = readCrl(
    await publishRootCrl(root, await root.signer('root'), await root.certificate()),
    'root CRL',
  );
  return { nextUpdate, crlNumber };
}

/**
 * Marks a certificate as revoked, so that the next CRL lists it; done again, it changes nothing.
 * @returns since when it is; `undefined` for one that this root has not issued
 */
export async function markRevoked(
  root: RootCa,
  tx: Database<RootSchema>,
  serialNumber: string,
  reason: CaRevocationReason,
): Promise<string | undefined> {
  const before = await tx
    .selectFrom('rootCertificates')
    .select('revokedAt')
    .where('serialNumber', '=', serialNumber)
    .executeTakeFirst();
  if (before === undefined) return undefined;
  if (before.revokedAt !== null) return before.revokedAt;
  const time = await journalise(root, tx, { type: 'certificate-revoked', serialNumber, reason });
  const revokedAt = time.toISOString();
  await tx
    .updateTable('rootCertificates')
    .set({ revokedAt, revocationReason: reason })
    .where('serialNumber', '=', serialNumber)
    .execute();
  return revokedAt;
}

/** Whether something is revoked that the newest CRL does not say. */
export async function rootCrlIsBehind(root: RootCa): Promise<boolean> {
  const rows = await root.store.read
    .selectFrom('rootCertificates')
    .select('serialNumber')
    .where('revokedAt', 'is not', null)
    .execute();
  if (rows.length === 0) return false;
  const newest = await readNewestDocument(root.read, 'root-crl');
  const entries = newest === undefined ? [] : readCrl(newest.bytes, 'root CRL').entries;
  const told = new Set(entries.map(({ serialNumber }) => serialNumber));
  return rows.some(({ serialNumber }) => !told.has(serialNumber));
}
