/** Publication: CRLs signed, journalled, then put where people fetch them; and the certificates of the chain. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { ConfigError, readFileBounded, writeFileDurably } from '../config';
import { commonTables, readNewestDocument } from '../db';
import type { CertificateRecord, CertificateStatus } from '../delegation';
import { readJournal, recordOf } from '../ledger';
import { sha256Hex, type Signer } from '../signer';
import {
  assembleCrl,
  buildTbsCertList,
  encodePem,
  keyIdentifier,
  readCrl,
  verifyCrl,
  X509Error,
  type CrlEntry,
  type RevocationReason,
} from '../x509';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';

const HOUR = 3_600_000;
const MAX_PUBLISHED = 64 * 1024 * 1024;
/** The statuses that a CRL tells. */
const NOT_GOOD: readonly CertificateStatus[] = ['abandoned', 'suspended', 'revoked'];
/** How often another process may get in between before this one gives up: each time, that one has published. */
const ATTEMPTS = 100;

/** Names of the published files, also the last part of their URLs: DER as RFC 5280 wants it, PEM for people. */
export const PUBLISHED = {
  crl: 'subca.crl',
  crlPem: 'subca.crl.pem',
  caCertificate: 'subca.crt',
  caCertificatePem: 'subca.pem',
  rootCertificate: 'root.crt',
  rootCertificatePem: 'root.pem',
  rootCrl: 'root.crl',
} as const;

export interface PublishedCrl {
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: number;
  readonly der: Buffer;
}

interface SignedCrl extends PublishedCrl {
  /** Journal size it was made from. */
  readonly covers: number;
}

/**
 * Signs a full CRL, journals it, and publishes it. If signing fails the old one stays served; a CRL is journalled
 * before anyone can fetch it, and its number never goes back.
 */
export async function publishCrl(node: SubCaNode, journal: JournalWriter): Promise<PublishedCrl> {
  const delegation = await node.delegation();
  const ca = await node.signer('ca');
  for (let attempt = 1; ; attempt += 1) {
    const crl = await signCrl(node, delegation, ca);
    const kept = await journal.submit({
      needs: {},
      run: (turn) => {
        // Another process has published meanwhile: that number is taken.
        if (crl.number <= turn.crlNumber) return false;
        turn.append({
          type: 'crl',
          number: crl.number,
          kind: 'full',
          covers: crl.covers,
          thisUpdate: crl.thisUpdate.toISOString(),
          nextUpdate: crl.nextUpdate.toISOString(),
          sha256: sha256Hex(crl.der),
        });
        turn.keepCrl(crl.number, crl.der);
        return true;
      },
    });
    if (kept) {
      await putNewestCrl(node);
      return crl;
    }
    if (attempt === ATTEMPTS) {
      throw new NodeError('RULE_WOULD_BREAK', {
        finding: `CRL number ${String(crl.number)} was taken ${String(ATTEMPTS)} times`,
      });
    }
  }
}

async function signCrl(node: SubCaNode, delegation: Delegation, ca: Signer): Promise<SignedCrl> {
  const { state, records } = await node.store.snapshot(async (tx) => {
    const journal = await readJournal(commonTables(tx), delegation.origin);
    const rows = await tx
      .selectFrom('certificates')
      .selectAll()
      .where('journal', '=', journal.id)
      .where('status', 'in', NOT_GOOD)
      .orderBy('statusTime')
      .orderBy('intentIndex')
      .execute();
    return { state: journal.state, records: rows.map(recordOf) };
  });
  const thisUpdate = new Date(Math.floor(node.now().getTime() / 1000) * 1000);
  const hoursValid = delegation.grant.value.publication.crl.hoursValid;
  const nextUpdate = new Date(thisUpdate.getTime() + hoursValid * HOUR);
  const number = state.crlNumber + 1;
  const { subjectDer, publicKey } = delegation.caCertificate.tbs;
  const tbs = buildTbsCertList({
    signatureAlgorithm: ca.algorithm,
    issuer: subjectDer,
    thisUpdate,
    nextUpdate,
    entries: records.map(crlEntry),
    crlNumber: number,
    authorityKeyId: keyIdentifier(publicKey.spki),
  });
  const der = assembleCrl(tbs, ca.algorithm, await ca.sign(tbs));
  if (!verifyCrl(readCrl(der, 'new CRL'), publicKey)) {
    throw new NodeError('PUBLISHED_DIFFERS', {
      what: `CRL ${String(number)}`,
      reason: 'the token’s signature is wrong',
    });
  }
  return { number, thisUpdate, nextUpdate, entries: records.length, der, covers: state.size };
}

/** What a CRL and an OCSP response say of a certificate that is not good. */
export function revocationOf(record: CertificateRecord): { at: Date; reason?: RevocationReason } | undefined {
  const at = new Date(Math.floor(Date.parse(record.statusTime) / 1000) * 1000);
  switch (record.status) {
    case 'revoked':
      return { at, ...(record.reason !== null && { reason: record.reason }) };
    case 'suspended':
      return { at, reason: 'certificateHold' };
    case 'abandoned':
      return { at };
    case 'reserved':
    case 'issued':
      return undefined;
  }
}

function crlEntry(record: CertificateRecord): CrlEntry {
  const { at, reason } = revocationOf(record) ?? { at: new Date(record.statusTime) };
  return {
    serialNumber: record.serialNumber,
    revocationDate: at,
    ...(reason && { reason }),
    ...(record.invalidityDate !== null && { invalidityDate: new Date(record.invalidityDate) }),
  };
}

/** Two processes may publish at once: whoever writes last must find that it wrote the newest. */
async function putNewestCrl(node: SubCaNode): Promise<void> {
  let put: Buffer | undefined;
  for (;;) {
    const newest = await newestCrl(node);
    if (newest === undefined || put?.equals(newest) === true) return;
    await writeFileDurably(join(node.paths.published, PUBLISHED.crl), newest);
    await writeFileDurably(join(node.paths.published, PUBLISHED.crlPem), encodePem('X509 CRL', newest));
    put = newest;
  }
}

/**
 * Whether a CRL should be made now: the last one is as old as the grant allows between two, it does not tell what has
 * happened since, because its maker died or could not sign, or it never came to where people fetch it.
 */
export async function crlIsDue(node: SubCaNode): Promise<boolean> {
  const delegation = await node.delegation();
  const bytes = await newestCrl(node);
  if (bytes === undefined) return true;
  const { thisUpdate, entries, crlNumber } = readCrl(bytes, 'CRL');
  const { hoursBetween } = delegation.grant.value.publication.crl;
  if (node.now().getTime() >= thisUpdate.getTime() + hoursBetween * HOUR) return true;
  const rows = await node.read
    .selectFrom('certificates')
    .select('serialNumber')
    .where('status', 'in', NOT_GOOD)
    .execute();
  const listed = new Set(entries.map(({ serialNumber }) => serialNumber));
  const tellsAll = rows.length === listed.size && rows.every(({ serialNumber }) => listed.has(serialNumber));
  return !tellsAll || (await publishedNumber(node)) < crlNumber;
}

/** The number of the CRL that people fetch; -1 if there is none, or it cannot be read. */
async function publishedNumber(node: SubCaNode): Promise<bigint> {
  try {
    const bytes = await readFileBounded(join(node.paths.published, PUBLISHED.crl), MAX_PUBLISHED);
    return readCrl(bytes, 'published CRL').crlNumber;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof X509Error) return -1n;
    throw error;
  }
}

/** Whether the published file has this content. */
export async function isPublished(node: SubCaNode, name: string, content: Buffer): Promise<boolean> {
  try {
    return (await readFileBounded(join(node.paths.published, name), MAX_PUBLISHED)).equals(content);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

/** The newest journalled CRL, as it was stored with its entry. */
export async function newestCrl(node: SubCaNode): Promise<Buffer | undefined> {
  const row = await node.store.read
    .selectFrom('crls')
    .select('bytes')
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return row?.bytes;
}

/** Puts every file anew from the database: after a crash between commit and rename, and when files were touched. */
export async function republish(node: SubCaNode): Promise<void> {
  await mkdir(node.paths.published, { recursive: true });
  const { root, caCertificate } = await node.delegation();
  const put = (name: string, content: Buffer | string): Promise<void> =>
    writeFileDurably(join(node.paths.published, name), content);
  await put(PUBLISHED.caCertificate, caCertificate.der);
  await put(PUBLISHED.caCertificatePem, encodePem('CERTIFICATE', caCertificate.der));
  await put(PUBLISHED.rootCertificate, root.der);
  await put(PUBLISHED.rootCertificatePem, encodePem('CERTIFICATE', root.der));
  const rootCrl = await readNewestDocument(node.read, 'root-crl');
  if (rootCrl !== undefined) await put(PUBLISHED.rootCrl, rootCrl.bytes);
  await putNewestCrl(node);
}
