/** Re-checking all that the root holds: its own certificates and statements, and every node's journal. */
import { commonTables, readNewestDocument, type Database, type RootSchema } from '../db';
import { EarlierCertificates } from '../delegation';
import { openCheckpoint, rootHash } from '../journal';
import {
  asStored,
  headAt,
  readSeal,
  removedUpTo,
  verifyDocuments,
  verifyExternalCrl,
  verifyJournal,
  type Reading,
  type VerifiedJournal,
  type VerifyOptions,
} from '../ledger';
import { readCertificate, readCrl, verifyCrl, verifyIssuedBy, type Certificate } from '../x509';
import { verifyAcknowledgements } from './acknowledgements';
import { verifyApplications } from './applications';
import { verifyDirectiveDrafts } from './directives';
import { RootError } from './errors';
import { verifyDrafts } from './grantUpdate';
import { verifyRootJournal, type VerifiedRootJournal } from './journalVerification';
import { standsFor } from './findings';
import { readGenerations, sealed, type KnownNode } from './nodes';
import { openStatus } from './registry';
import type { RootCa } from './root';
import { rootOrigin } from './rootJournal';

export interface VerifiedRoot {
  readonly certificates: number;
  readonly trustStatements: number;
  readonly applications: number;
  /** The root's own. */
  readonly journal: VerifiedRootJournal;
  readonly nodes: readonly VerifiedNodeRecord[];
}

/** The journal of one of a node's CA keys. */
interface VerifiedNodeRecord {
  readonly node: string;
  readonly origin: string;
  readonly entries: number;
  readonly rootHash: string;
  readonly certificates: number;
  /** What the root holds against it and nobody has acknowledged; that of its entries was found again. */
  readonly findings: number;
}

/** @throws LedgerError, RootError (category integrity) at the first thing that is not as it must be */
export async function verifyRoot(root: RootCa, reading: Reading = {}): Promise<VerifiedRoot> {
  await verifyDocuments(root.read);
  const certificate = await asStored('root certificate', () => root.certificate());
  if (!verifyIssuedBy(certificate, certificate)) {
    throw new RootError('STORED_DIFFERS', { what: 'root certificate', reason: 'its own signature is wrong' });
  }
  const trustStatements = await asStored('trust statement', () => root.trustStatements());
  if (trustStatements.some(({ value }, at) => value.version !== at + 1)) {
    throw new RootError('STORED_DIFFERS', { what: 'trust statement', reason: 'the first is missing' });
  }
  const certificates = await verifyCertificates(root, certificate);
  const crl = await readNewestDocument(root.read, 'root-crl');
  if (
    crl !== undefined &&
    !verifyCrl(await asStored('root CRL', () => readCrl(crl.bytes, 'root CRL')), certificate)
  ) {
    throw new RootError('STORED_DIFFERS', { what: 'root CRL', reason: 'its signature is wrong' });
  }
  const applications = await verifyApplications(root);
  await verifyDrafts(root);
  await asStored('acknowledgements', () => verifyAcknowledgements(root));
  const journal = await root.store.snapshot((tx) => verifyRootJournal(tx, rootOrigin(root), certificate));
  const rows = await root.store.read
    .selectFrom('nodes')
    .select('nodeId')
    .distinct()
    .orderBy('nodeId')
    .execute();
  const nodes: VerifiedNodeRecord[] = [];
  for (const { nodeId } of rows) {
    const generations = await asStored(nodeId, () => readGenerations(root, nodeId));
    await verifyDirectiveDrafts(root, nodeId);
    for (const { issuer } of generations)
      if (issuer.sha256 !== certificate.sha256)
        await asStored('external root CRL', () => verifyExternalCrl(root.read, issuer));
    nodes.push(...(await root.store.snapshot((tx) => verifyNodeRecords(tx, generations, reading))));
  }
  await reading.progress?.finish();
  return { certificates, trustStatements: trustStatements.length, applications, journal, nodes };
}

/** @returns how many there are */
async function verifyCertificates(root: RootCa, issuer: Certificate): Promise<number> {
  const rows = await root.store.read
    .selectFrom('rootCertificates')
    .select(['serialNumber', 'tbs', 'der'])
    .execute();
  for (const { serialNumber, tbs, der } of rows) {
    if (der === null) continue;
    const what = `certificate ${serialNumber}`;
    const own = await asStored(what, () => readCertificate(der, serialNumber));
    const signed = own.tbs.der.equals(tbs) && own.tbs.serialNumber === serialNumber;
    if (!signed || !verifyIssuedBy(own, issuer)) {
      throw new RootError('STORED_DIFFERS', { what, reason: 'it is not what was signed' });
    }
  }
  return rows.length;
}

/** Oldest first: a journal that seals the one before goes on from its counters. */
async function verifyNodeRecords(
  tx: Database<RootSchema>,
  generations: readonly KnownNode[],
  reading: Reading,
): Promise<readonly VerifiedNodeRecord[]> {
  const records: VerifiedNodeRecord[] = [];
  let carried: VerifyOptions['carried'];
  const earlier = new EarlierCertificates();
  for (const node of generations) {
    const seal = await readSeal(commonTables(tx), node.origin);
    // Of the same moment as the entries: a registry may be at work meanwhile.
    const known = { ...node, authority: sealed(node.authority, seal) };
    const options = { ...reading, earlier, ...(carried && !node.isReplaced && { carried }) };
    const { record, journal } = await verifyNodeRecord(tx, known, options);
    records.push(record);
    if (node.isReplaced) {
      if (record.entries === 0) continue;
      throw new RootError('STORED_DIFFERS', { what: node.origin, reason: 'its CA key was replaced as lost' });
    }
    carried = seal && journal.atSeal;
    if (seal === undefined) continue;
    for (const certificate of journal.records.values())
      earlier.add(certificate, { epoch: node.epoch, sealedAt: seal.size });
  }
  return records;
}

async function verifyNodeRecord(
  tx: Database<RootSchema>,
  node: KnownNode,
  options: VerifyOptions,
): Promise<{ readonly record: VerifiedNodeRecord; readonly journal: VerifiedJournal }> {
  const { nodeId, epoch, origin, authority } = node;
  const found: string[] = [];
  const journal = await asStored(`journal of ${nodeId}`, () =>
    verifyJournal(commonTables(tx), origin, authority, {
      ...options,
      keepFinding: (index, code) => found.push(`${index} ${code}`),
    }),
  );
  const row = await tx
    .selectFrom('nodes')
    .select(['journal', 'checkpoint', 'status', 'removedBefore'])
    .where('nodeId', '=', nodeId)
    .where('epoch', '=', epoch)
    .executeTakeFirstOrThrow();
  const findings = await verifyFindings(tx, node, row.journal, found);
  if ((await removedUpTo(commonTables(tx), row.journal, journal.head.size)) > row.removedBefore) {
    const reason = 'certificates are removed of which the root’s own journal does not tell';
    throw new RootError('STORED_DIFFERS', { what: `journal of ${nodeId}`, reason });
  }
  const { checkpoint, status } = row;
  if (status !== null) await asStored(`status of ${nodeId}`, () => openStatus(status, node));
  await asStored(`checkpoint of ${nodeId}`, () =>
    verifyCheckpoint(tx, node, row.journal, checkpoint, journal),
  );
  const record = {
    node: nodeId,
    origin,
    entries: journal.head.size,
    rootHash: journal.rootHash.toString('hex'),
    certificates: journal.records.size,
    findings,
  };
  return { record, journal };
}

/** The journal must be the one the node signed. */
async function verifyCheckpoint(
  tx: Database<RootSchema>,
  { nodeId, origin, journalSpki }: KnownNode,
  id: number,
  checkpoint: string | null,
  journal: VerifiedJournal,
): Promise<void> {
  const differs = (reason: string): RootError =>
    new RootError('STORED_DIFFERS', { what: `journal of ${nodeId}`, reason });
  if (checkpoint === null) {
    if (journal.head.size > 0) throw differs('no signed head is kept');
    return;
  }
  const signed = openCheckpoint(checkpoint, { name: origin, spki: journalSpki }, origin);
  const own = rootHash(await headAt(commonTables(tx), { id, ...journal }, signed.size));
  if (!own.equals(signed.rootHash) || signed.size !== journal.head.size) {
    throw differs('it is not the one the node signed');
  }
}

/**
 * What is held against a node's entries must be what they give when they are judged again, each told for itself or by one
 * that stands for it. @returns how many nobody has acknowledged
 */
async function verifyFindings(
  tx: Database<RootSchema>,
  { nodeId }: KnownNode,
  journal: number,
  expected: readonly string[],
): Promise<number> {
  const rows = await tx
    .selectFrom('findings')
    .select(['entryIndex', 'code', 'evidence', 'acknowledgement'])
    .where('journal', '=', journal)
    .execute();
  const others = rows.filter(({ entryIndex }) => entryIndex === null);
  const kept = rows.filter(({ entryIndex }) => entryIndex !== null);
  const open = new Map<string, number>();
  for (const found of expected) open.set(found, (open.get(found) ?? 0) + 1);
  let unfounded = 0;
  for (const { entryIndex, code } of kept) {
    const found = `${String(entryIndex)} ${code}`;
    const left = open.get(found) ?? 0;
    if (left === 0) unfounded += 1;
    else open.set(found, left - 1);
  }
  const untold = [...open].filter(([found, left]) => {
    const [index, code] = found.split(' ');
    // A fork, or an opening that was not taken, is told by a head and stands for no entry.
    return left > 0 && !others.some((one) => one.code === code && standsFor(one.evidence, Number(index)));
  });
  if (unfounded > 0 || untold.length > 0) {
    const reason = `${kept.length} are kept, ${expected.length} follow from its entries`;
    throw new RootError('STORED_DIFFERS', { what: `findings of ${nodeId}`, reason });
  }
  return rows.filter(({ acknowledgement }) => acknowledgement === null).length;
}
