/** Re-checking all that a node holds: documents, journal, receipts, CRLs and the published files. */
import { setTimeout as sleep } from 'node:timers/promises';
import { commonTables, readNewestDocument, type Database, type NodeSchema } from '../db';
import { checkGrantIsFor, EarlierCertificates } from '../delegation';
import {
  asStored,
  readJournal,
  verifyDocuments,
  verifyExternalCrl,
  verifyJournal,
  type LedgerDatabase,
  type Reading,
  type VerifiedJournal,
  type VerifyOptions,
} from '../ledger';
import { sha256Hex } from '../signer';
import { encodePem, readCrl, verifyCrl, type CrlEntry } from '../x509';
import { identityOf } from './activation';
import { verifyApplications } from './answers';
import { readDelegation, type Delegation, type Generation } from './delegation';
import { NodeError } from './errors';
import { checkReceipt } from './journalEnd';
import { newestCrl } from './lifetime';
import type { SubCaNode } from './node';
import { crlEntry, isPublished, issuerFiles, PUBLISHED, publishedBy } from './publication';

/** How often a published file that is not the newest is looked at again, and how long after. */
const ATTEMPTS = 10;
const PAUSE_MS = 100;

/** What the journals of all the node's CA keys hold together. */
export interface VerifiedNode {
  readonly entries: number;
  readonly certificates: number;
  readonly issued: number;
  readonly revoked: number;
  readonly abandoned: number;
  /** Intents of processes still at work. */
  readonly pending: number;
  readonly receipts: number;
  readonly crls: number;
  /** Entries of the mirror, each compared; null where there is none. */
  readonly mirrored: number | null;
  /** Of the journal of the newest CA key. */
  readonly origin: string;
  readonly rootHash: string;
  /** Each journal by itself, oldest first. */
  readonly journals: readonly {
    readonly origin: string;
    readonly entries: number;
    readonly rootHash: string;
  }[];
}

/**
 * @throws LedgerError, NodeError (category integrity) at the first thing that is not as it must be; LedgerError
 * `MIRROR_UNAVAILABLE`
 */
export async function verifyNode(node: SubCaNode, reading: Reading = {}): Promise<VerifiedNode> {
  const { delegation, verified, mirrored } = await node.store.snapshot(async (tx) => ({
    ...(await verifyDatabase(tx, reading)),
    mirrored: await verifyMirror(node, commonTables(tx)),
  }));
  await asStored('keys', async () => {
    for (const { epoch, grant } of delegation.generations)
      checkGrantIsFor(grant.value, await identityOf(node, epoch));
  });
  await checkPublishedFiles(node, delegation);
  await reading.progress?.finish();
  return { ...verified, mirrored };
}

async function verifyMirror({ mirror }: SubCaNode, db: LedgerDatabase): Promise<number | null> {
  if (mirror === undefined) return null;
  let entries = 0;
  for (const { origin } of await db.selectFrom('journals').select('origin').execute())
    entries += await mirror.verify(db, origin);
  return entries;
}

async function verifyDatabase(
  tx: Database<NodeSchema>,
  reading: Reading,
): Promise<{ readonly delegation: Delegation; readonly verified: Omit<VerifiedNode, 'mirrored'> }> {
  const db = commonTables(tx);
  await verifyDocuments(db);
  const delegation = await readDelegation(db);
  const rootCrl = await readNewestDocument(db, 'root-crl');
  await asStored('root CRL', () => {
    checkRootCrl(delegation, rootCrl?.bytes);
  });
  for (const { issuer } of delegation.generations)
    if (issuer !== delegation.root) await asStored('external root CRL', () => verifyExternalCrl(db, issuer));
  const journals: VerifiedGeneration[] = [];
  const earlier = new EarlierCertificates();
  for (const generation of delegation.generations) {
    const carried = journals.at(-1)?.journal.atSeal;
    const options = { ...reading, earlier, ...(carried && { carried }) };
    const verified = await verifyGeneration(tx, delegation, generation, options);
    journals.push(verified);
    const { epoch, authority } = generation;
    if (authority.sealedAt === undefined) continue;
    for (const record of verified.journal.records.values())
      earlier.add(record, { epoch, sealedAt: authority.sealedAt });
  }
  const records = journals.flatMap(({ journal }) => [...journal.records.values()]);
  const count = (status: string): number => records.filter((record) => record.status === status).length;
  const sum = (of: (one: VerifiedGeneration) => number): number =>
    journals.reduce((total, one) => total + of(one), 0);
  const told = journals.map(({ journal }) => ({
    origin: journal.origin,
    entries: journal.head.size,
    rootHash: journal.rootHash.toString('hex'),
  }));
  const verified = {
    origin: delegation.origin,
    entries: sum(({ journal }) => journal.head.size),
    rootHash: told.at(-1)?.rootHash ?? '',
    certificates: records.length,
    issued: count('issued'),
    revoked: count('revoked') + count('suspended'),
    abandoned: count('abandoned'),
    pending: count('reserved'),
    receipts: sum(({ receipts }) => receipts),
    crls: sum(({ crls }) => crls),
    journals: told,
  };
  const { journalSpki } = delegation.grant.value.keys;
  await asStored('application', () => verifyApplications(db, Buffer.from(journalSpki, 'base64')));
  return { delegation, verified };
}

interface VerifiedGeneration {
  readonly journal: VerifiedJournal;
  readonly receipts: number;
  readonly crls: number;
}

async function verifyGeneration(
  tx: Database<NodeSchema>,
  delegation: Delegation,
  generation: Generation,
  options: VerifyOptions,
): Promise<VerifiedGeneration> {
  const db = commonTables(tx);
  const { origin, authority } = generation;
  const journal = await asStored('journal', () => verifyJournal(db, origin, authority, options));
  const stored = await readJournal(db, origin);
  const { id } = stored;
  const receipts = await tx.selectFrom('receipts').selectAll().where('journal', '=', id).execute();
  for (const row of receipts) await asStored('receipt', () => checkReceipt(db, delegation, stored, row));
  const crls = await tx
    .selectFrom('crls')
    .select(['number', 'idx', 'bytes'])
    .where('journal', '=', id)
    .orderBy('number')
    .execute();
  const recovery = await tx
    .selectFrom('recoveries')
    .select((row) => row.fn.max<number | null>('crlNumber').as('crlNumber'))
    .where('journal', '=', id)
    .executeTakeFirst();
  await asStored('CRL', () => {
    checkCrls(generation, journal, crls, recovery?.crlNumber ?? 0);
  });
  const reserved = await tx
    .selectFrom('reservations')
    .select('intentIndex')
    .where('journal', '=', id)
    .orderBy('intentIndex')
    .execute();
  checkReservations(
    journal,
    reserved.map(({ intentIndex }) => intentIndex),
  );
  return { journal, receipts: receipts.length, crls: crls.length };
}

function checkRootCrl({ root }: Delegation, bytes: Buffer | undefined): void {
  if (bytes === undefined || !verifyCrl(readCrl(bytes, 'root CRL'), root)) {
    throw new NodeError('STORED_DOCUMENT', { what: 'root CRL', reason: 'the root did not sign it' });
  }
}

/** @param lostUpTo number of the newest CRL whose bytes a loss may have taken away */
function checkCrls(
  { caCertificate }: Generation,
  journal: VerifiedJournal,
  stored: readonly { number: number; idx: number; bytes: Buffer | null }[],
  lostUpTo: number,
): void {
  const differs = (number: number, reason: string): NodeError =>
    new NodeError('PUBLISHED_DIFFERS', { what: `CRL ${String(number)}`, reason });
  if (stored.length !== journal.crls.length) {
    throw differs(
      stored.length,
      `${String(stored.length)} are stored, ${String(journal.crls.length)} journalled`,
    );
  }
  journal.crls.forEach((entry, at) => {
    const { number, idx, bytes } = stored[at] ?? { number: 0, idx: 0, bytes: Buffer.alloc(0) };
    if (idx !== entry.index) throw differs(number, `its entry is ${String(entry.index)}, not ${String(idx)}`);
    if (bytes === null && number === entry.number && number <= lostUpTo) return;
    if (bytes === null) throw differs(entry.number, 'its bytes are gone');
    if (number !== entry.number || sha256Hex(bytes) !== entry.sha256) {
      throw differs(entry.number, 'its bytes are not the journalled ones');
    }
    const crl = readCrl(bytes, `CRL ${String(number)}`);
    const times =
      crl.thisUpdate.toISOString() === entry.thisUpdate && crl.nextUpdate.toISOString() === entry.nextUpdate;
    if (!verifyCrl(crl, caCertificate) || crl.crlNumber !== BigInt(number) || !times) {
      throw differs(number, 'signature, number or dates do not fit');
    }
    const listed = new Map(crl.entries.map((one) => [one.serialNumber, one]));
    const expected = journal.revokedBefore(entry.covers);
    if (listed.size !== expected.size || [...expected.keys()].some((serial) => !listed.has(serial))) {
      throw differs(
        number,
        `it lists ${String(listed.size)} certificates, the journal ${String(expected.size)}`,
      );
    }
    for (const [serialNumber, one] of listed) {
      const record = expected.get(serialNumber);
      if (record === undefined || toldBy(one) !== toldBy(crlEntry(record)))
        throw differs(number, `it does not tell of ${serialNumber} what the journal does`);
    }
  });
}

/** What a CRL says of a certificate beside its number, as it can be written: in whole seconds, `unspecified` by silence. */
function toldBy({ revocationDate, reason, invalidityDate }: CrlEntry): string {
  const seconds = (date?: Date): string => (date ? String(Math.floor(date.getTime() / 1000)) : '');
  const said = reason === 'unspecified' ? undefined : reason;
  return `${seconds(revocationDate)} ${said ?? ''} ${seconds(invalidityDate)}`;
}

/**
 * What people fetch must be what was journalled last. Another process may be between its commit and the new file: then
 * the file is right a moment later.
 */
async function checkPublishedFiles(node: SubCaNode, delegation: Delegation): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const what = await findWrongFile(node, delegation);
    if (what === undefined) return;
    if (attempt === ATTEMPTS) {
      throw new NodeError('PUBLISHED_DIFFERS', { what, reason: 'the file is not the one journalled last' });
    }
    await sleep(PAUSE_MS);
  }
}

async function findWrongFile(node: SubCaNode, delegation: Delegation): Promise<string | undefined> {
  const { root, generations } = delegation;
  const rootCrl = await readNewestDocument(node.read, 'root-crl');
  const expected: (readonly [string, Buffer | string | undefined])[] = [
    [PUBLISHED.rootCertificate, root.der],
    [PUBLISHED.rootCertificatePem, encodePem('CERTIFICATE', root.der)],
    [PUBLISHED.rootCrl, rootCrl?.bytes],
  ];
  for (const generation of generations) {
    const files = publishedBy(generation.epoch);
    const { der } = generation.caCertificate;
    const crl = await newestCrl(node, generation);
    expected.push(
      [files.caCertificate, der],
      [files.caCertificatePem, encodePem('CERTIFICATE', der)],
      [files.crl, crl],
      [files.crlPem, crl && encodePem('X509 CRL', crl)],
      ...(await issuerFiles(node, delegation, generation)),
    );
  }
  for (const [name, content] of expected) {
    if (content !== undefined && !(await isPublished(node, name, Buffer.from(content)))) return name;
  }
  return undefined;
}

function checkReservations(journal: VerifiedJournal, reserved: readonly number[]): void {
  const open = [...journal.records.values()]
    .filter(({ status }) => status === 'reserved')
    .map(({ intentIndex }) => intentIndex);
  if (open.join() !== reserved.join()) {
    throw new NodeError('PUBLISHED_DIFFERS', {
      what: 'reservations',
      reason: `${String(reserved.length)} are stored, ${String(open.length)} intents are open`,
    });
  }
}
