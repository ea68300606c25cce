/** Publication: CRLs signed, journalled, then put where people fetch them; and the certificates of the chain. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { ConfigError, readFileBounded, writeFileDurably } from '../config';
import { commonTables, readNewestDocument } from '../db';
import { fileOfEpoch, publishedReason, type CertificateRecord, type CertificateStatus } from '../delegation';
import type { EntryOf } from '../journal';
import { readExternalCrl, readJournal, recordOf } from '../ledger';
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
import { grantAt, type Delegation, type Generation } from './delegation';
import { NodeError } from './errors';
import type { JournalWriter } from './journalWriter';
import { isLast, lifeOf, NEVER, newestCrl, newestCrlEntry } from './lifetime';
import { caRole, type SubCaNode } from './node';
import { recoveredCrlNumber } from './quarantine';

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

/** The files that each CA key has of its own. */
const OF_CA_KEY = ['crl', 'crlPem', 'caCertificate', 'caCertificatePem'] as const;

/** Those of the external root that issued a CA certificate, where one did. */
const OF_ISSUER = {
  certificate: 'issuer.crt',
  certificatePem: 'issuer.pem',
  crl: 'issuer.crl',
} as const;

/** What the files of a CA key are called; those of the root are alike for all. */
export function publishedBy(epoch: number): Readonly<Record<keyof typeof PUBLISHED, string>> {
  const own = OF_CA_KEY.map((file) => [file, fileOfEpoch(PUBLISHED[file], epoch)] as const);
  return { ...PUBLISHED, ...Object.fromEntries(own) };
}

/** Every file there is to fetch. */
export async function publishedFiles(node: SubCaNode): Promise<ReadonlySet<string>> {
  const { root, generations } = await node.delegation();
  return new Set(
    generations.flatMap(({ epoch, issuer }) => [
      ...Object.values(publishedBy(epoch)),
      ...(issuer === root ? [] : Object.values(OF_ISSUER).map((name) => fileOfEpoch(name, epoch))),
    ]),
  );
}

/** The files of a generation's external root with what belongs in them; none if the root itself is the issuer. */
export async function issuerFiles(
  node: SubCaNode,
  { root }: Delegation,
  { epoch, issuer }: Generation,
): Promise<readonly (readonly [name: string, content: Buffer | string])[]> {
  if (issuer === root) return [];
  const { certificate, certificatePem, crl } = OF_ISSUER;
  return [
    [fileOfEpoch(certificate, epoch), issuer.der],
    [fileOfEpoch(certificatePem, epoch), encodePem('CERTIFICATE', issuer.der)],
    [fileOfEpoch(crl, epoch), await readExternalCrl(node.read, issuer)],
  ];
}

export interface PublishedCrl {
  /** Of the CA key that signed it. */
  readonly epoch: number;
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: number;
  readonly der: Buffer;
}

interface SignedCrl extends PublishedCrl {
  /** Journal size it was made from. */
  readonly covers: number;
  /** Number of the newest CRL then. */
  readonly follows: number;
}

/**
 * Signs a full CRL, journals it, and publishes it. If signing fails the old one stays served; a CRL is journalled
 * before anyone can fetch it, and its number never goes back.
 * @param epoch of the CA key; the newest if not given
 */
export async function publishCrl(
  node: SubCaNode,
  journal: JournalWriter,
  epoch?: number,
): Promise<PublishedCrl> {
  const delegation = await node.delegation();
  const generation = delegation.generations.find((one) => one.epoch === epoch) ?? delegation;
  const ca = await node.signer(caRole(generation.epoch));
  for (let attempt = 1; ; attempt += 1) {
    const crl = await signCrl(node, generation, ca);
    const kept = await journal.submit({
      epoch: generation.epoch,
      needs: {},
      run: (turn) => {
        // Another process has published meanwhile: that CRL may tell more than this one, whatever the two numbers are.
        if (turn.crlNumber !== crl.follows) return false;
        const idx = turn.append({
          type: 'crl',
          number: crl.number,
          kind: 'full',
          covers: crl.covers,
          thisUpdate: crl.thisUpdate.toISOString(),
          nextUpdate: crl.nextUpdate.toISOString(),
          sha256: sha256Hex(crl.der),
        });
        turn.keepCrl(crl.number, idx, crl.der);
        return true;
      },
    });
    if (kept) {
      await putNewestCrl(node, generation);
      return crl;
    }
    if (attempt === ATTEMPTS) {
      throw new NodeError('RULE_WOULD_BREAK', {
        finding: `another CRL came before number ${String(crl.number)}, ${String(ATTEMPTS)} times`,
      });
    }
  }
}

/** A CRL of every CA key that still signs them, oldest first; the last is that of the newest. */
export async function publishCrls(node: SubCaNode, journal: JournalWriter): Promise<readonly PublishedCrl[]> {
  const crls: PublishedCrl[] = [];
  for (const generation of (await node.delegation()).generations) {
    if ((await lifeOf(node, generation)).state === 'silent') continue;
    crls.push(await publishCrl(node, journal, generation.epoch));
  }
  return crls;
}

/** Publishes what `crlIsDue` says should be, of every CA key. @returns what it published */
export async function publishDueCrls(
  node: SubCaNode,
  journal: JournalWriter,
): Promise<readonly PublishedCrl[]> {
  const published: PublishedCrl[] = [];
  for (const generation of (await node.delegation()).generations) {
    const crl = await publishDueCrl(node, journal, generation);
    if (crl !== undefined) published.push(crl);
  }
  return published;
}

/** Publishes a CRL of one CA key if `crlIsDue` says so. @returns it, or `undefined` if there was no need */
export async function publishDueCrl(
  node: SubCaNode,
  journal: JournalWriter,
  generation: Generation,
): Promise<PublishedCrl | undefined> {
  if ((await lifeOf(node, generation)).state === 'silent') {
    await putNewestCrl(node, generation);
    return undefined;
  }
  if (!(await crlIsDue(node, generation))) return undefined;
  return publishCrl(node, journal, generation.epoch);
}

async function signCrl(node: SubCaNode, generation: Generation, ca: Signer): Promise<SignedCrl> {
  const { epoch, origin, caCertificate } = generation;
  const { state, records } = await node.store.snapshot(async (tx) => {
    const journal = await readJournal(commonTables(tx), origin);
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
  const nextUpdate = (await lifeOf(node, generation)).isOver
    ? NEVER
    : new Date(thisUpdate.getTime() + grantAt(generation, thisUpdate).publication.crl.hoursValid * HOUR);
  // By the time, so that a node put back to a backup gives no number again that it gave out since (RFC 5280, 5.2.3).
  const number = Math.max(state.crlNumber + 1, thisUpdate.getTime() / 1000);
  const { subjectDer, publicKey, notBefore } = caCertificate.tbs;
  const tbs = buildTbsCertList({
    signatureAlgorithm: ca.algorithm,
    issuer: subjectDer,
    thisUpdate,
    nextUpdate,
    entries: records.map(crlEntry),
    crlNumber: number,
    authorityKeyId: keyIdentifier(publicKey.spki),
    // No entry is ever left out.
    expiredSince: notBefore,
  });
  const der = assembleCrl(tbs, ca.algorithm, await ca.sign(tbs));
  if (!verifyCrl(readCrl(der, 'new CRL'), publicKey)) {
    throw new NodeError('PUBLISHED_DIFFERS', {
      what: `CRL ${String(number)}`,
      reason: 'the token’s signature is wrong',
    });
  }
  const { size: covers, crlNumber: follows } = state;
  return { epoch, number, thisUpdate, nextUpdate, entries: records.length, der, covers, follows };
}

/**
 * What a CRL and an OCSP response say of a certificate that is not good. One that was revoked while it was on hold has
 * been so since the hold (X.509, section 9.5.2.3): what was signed in between is not to become good.
 */
export function revocationOf(record: CertificateRecord): { at: Date; reason?: RevocationReason } | undefined {
  const since = record.heldSince ?? record.statusTime;
  const at = new Date(Math.floor(Date.parse(since) / 1000) * 1000);
  const reason = publishedReason(record);
  switch (record.status) {
    case 'revoked':
      return { at, ...(reason !== null && { reason }) };
    case 'suspended':
      return { at, reason: 'certificateHold' };
    case 'abandoned':
      return { at };
    case 'reserved':
    case 'issued':
      return undefined;
  }
}

export function crlEntry(record: CertificateRecord): CrlEntry {
  const { at, reason } = revocationOf(record) ?? { at: new Date(record.statusTime) };
  return {
    serialNumber: record.serialNumber,
    revocationDate: at,
    ...(reason && { reason }),
    ...(record.invalidityDate !== null && { invalidityDate: new Date(record.invalidityDate) }),
  };
}

/** Two processes may publish at once: whoever writes last must find that it wrote the newest. */
async function putNewestCrl(node: SubCaNode, generation: Generation): Promise<void> {
  const files = publishedBy(generation.epoch);
  let put: Buffer | undefined;
  for (;;) {
    const newest = await newestCrl(node, generation);
    if (newest === undefined || put?.equals(newest) === true) return;
    await writeFileDurably(join(node.paths.published, files.crl), newest);
    await writeFileDurably(join(node.paths.published, files.crlPem), encodePem('X509 CRL', newest));
    put = newest;
  }
}

/**
 * Whether a CRL should be made now: the last one is as old as the grant allows between two, it does not tell what has
 * happened since, because its maker died or could not sign, it never came to where people fetch it, it is to be the
 * last, or a loss has been put right since.
 * @param of the CA key; the newest if not given
 */
export async function crlIsDue(node: SubCaNode, of?: Generation): Promise<boolean> {
  const generation = of ?? (await node.delegation());
  const crl = await newestCrlEntry(node, generation);
  const { state } = await readJournal(node.read, generation.origin);
  // A key that was made known again after a loss: its CRLs are told by the journal that is still to come.
  if (state.size === 0) return false;
  if (crl === undefined || (await lifeOf(node, generation)).isOver || isLast(crl)) return true;
  const { hoursBetween } = grantAt(generation, node.now()).publication.crl;
  if (node.now().getTime() >= Date.parse(crl.thisUpdate) + hoursBetween * HOUR) return true;
  // Something it does not tell; or none has been made since a loss.
  if (state.toldSize > crl.covers) return true;
  if ((await recoveredCrlNumber(node, generation.origin)) === state.crlNumber) return true;
  return !(await isPublishedYet(node, generation.epoch, crl));
}

/** Whether people can fetch a CRL, or a newer one. */
async function isPublishedYet(
  node: SubCaNode,
  epoch: number,
  { number, sha256 }: EntryOf<'crl'>,
): Promise<boolean> {
  try {
    const file = await readFileBounded(join(node.paths.published, publishedBy(epoch).crl), MAX_PUBLISHED);
    return sha256Hex(file) === sha256 || readCrl(file, 'published CRL').crlNumber > BigInt(number);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof X509Error) return false;
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

/** Puts every file anew from the database: after a crash between commit and rename, and when files were touched. */
export async function republish(node: SubCaNode): Promise<void> {
  await mkdir(node.paths.published, { recursive: true });
  const delegation = await node.delegation();
  const { root, generations } = delegation;
  const put = (name: string, content: Buffer | string): Promise<void> =>
    writeFileDurably(join(node.paths.published, name), content);
  await put(PUBLISHED.rootCertificate, root.der);
  await put(PUBLISHED.rootCertificatePem, encodePem('CERTIFICATE', root.der));
  const rootCrl = await readNewestDocument(node.read, 'root-crl');
  if (rootCrl !== undefined) await put(PUBLISHED.rootCrl, rootCrl.bytes);
  for (const generation of generations) {
    const files = publishedBy(generation.epoch);
    const { der } = generation.caCertificate;
    await put(files.caCertificate, der);
    await put(files.caCertificatePem, encodePem('CERTIFICATE', der));
    for (const [name, content] of await issuerFiles(node, delegation, generation)) await put(name, content);
    await putNewestCrl(node, generation);
  }
}
