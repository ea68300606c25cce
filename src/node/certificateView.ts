/** All that the node can say of one certificate: what is in it, how it stands, and where the journal proves it. */
import { commonTables, type Database, type NodeSchema } from '../db';
import type { CertificateRecord, ProfileScope, StatusEntry } from '../delegation';
import {
  rootHashAt,
  journalledCertificate,
  proveEntry,
  readJournal,
  readRecords,
  type StoredJournal,
} from '../ledger';
import type { ProvenEntry } from '../proof';
import { readCertificate, type Certificate } from '../x509';
import { generationOf, type Generation } from './delegation';
import { NodeError } from './errors';
import { requireMirrored } from './mirroring';
import type { SubCaNode } from './node';
import { readStatusChanges } from './statusChange';
import { readSuccessors } from './succession';

export interface CertificateView {
  readonly record: CertificateRecord;
  /** Absent for one that was never signed. */
  readonly certificate: Certificate | undefined;
  /** The sub-CA's certificate and that of the root which issued it. */
  readonly issuers: readonly Certificate[];
  readonly successors: readonly CertificateRecord[];
  /** As the grant in force states it; no field of the certificate does. */
  readonly keyStorage: ProfileScope['keyStorage'] | undefined;
  readonly journal: JournalEvidence;
}

/** Everything needed to check, without this node, that the certificate stands in its journal (RFC 6962, section 2.1.1). */
export interface JournalEvidence {
  readonly origin: string;
  readonly treeSize: number;
  /** Lower-case hex. */
  readonly rootHash: string;
  /** The root's newest signed receipt, if the tree above is the one it confirms. */
  readonly receipt: { readonly time: string; readonly envelope: Buffer } | undefined;
  /** The intent, and its outcome if there is one. */
  readonly entries: readonly ProvenEntry[];
  /** The first receipt that covers all entries: from then on the root has known them. */
  readonly knownToRoot: KnownSince | undefined;
  /** What gave it its status, and what told later that its key was exposed; none if it is as it was issued. */
  readonly changes: readonly ProvenChange[];
}

/** A receipt of the root: how many entries it covers, and when it was signed. */
export interface KnownSince {
  readonly size: number;
  readonly time: string;
}

export interface ProvenChange {
  readonly entry: StatusEntry;
  /** Absent while the tree above, the one the root has confirmed, does not reach so far. */
  readonly proof: ProvenEntry | undefined;
  readonly index: number;
  readonly knownToRoot: KnownSince | undefined;
}

/** @throws NodeError `CERTIFICATE_UNKNOWN`, `PUBLISHED_DIFFERS`; LedgerError `MIRROR_UNAVAILABLE` where the mirror lacks it */
export async function viewCertificate(node: SubCaNode, serialNumber: string): Promise<CertificateView> {
  const view = await readView(node, serialNumber);
  const { issuedIndex } = view.record;
  if (issuedIndex !== null) await requireMirrored(node, view.journal.origin, issuedIndex);
  return view;
}

function readView(node: SubCaNode, serialNumber: string): Promise<CertificateView> {
  return node.store.snapshot(async (tx) => {
    const db = commonTables(tx);
    const delegation = await node.delegation(db);
    const generation = generationOf(delegation, serialNumber);
    if (generation === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
    const journal = await readJournal(db, generation.origin);
    const [record] = await readRecords(db, journal.id, 'serialNumber', [serialNumber]);
    if (record === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
    return {
      record,
      certificate: await readJournalled(tx, journal.id, record),
      issuers: [generation.caCertificate, generation.issuer],
      successors: await readSuccessors(db, delegation, serialNumber),
      keyStorage: keyStorageOf(generation, record),
      journal: await evidenceOf(tx, journal, record),
    };
  });
}

function keyStorageOf({ grant }: Generation, { profile }: CertificateRecord): CertificateView['keyStorage'] {
  return grant.value.scope.profiles.find(({ id }) => id === profile)?.keyStorage;
}

async function readJournalled(
  tx: Database<NodeSchema>,
  journal: number,
  { serialNumber, intentIndex, issuedIndex }: CertificateRecord,
): Promise<Certificate | undefined> {
  if (issuedIndex === null) return undefined;
  const der = await journalledCertificate(commonTables(tx), journal, intentIndex, issuedIndex);
  if (der !== undefined) return readCertificate(der, serialNumber);
  throw new NodeError('PUBLISHED_DIFFERS', { what: serialNumber, reason: 'its journal entries are damaged' });
}

async function evidenceOf(
  tx: Database<NodeSchema>,
  journal: StoredJournal,
  record: CertificateRecord,
): Promise<JournalEvidence> {
  const db = commonTables(tx);
  const { intentIndex, issuedIndex } = record;
  const indexes = [intentIndex, issuedIndex].filter((index) => index !== null);
  const covering = await tx
    .selectFrom('receipts')
    .select(['size', 'time', 'envelope'])
    .where('journal', '=', journal.id)
    .where('size', '>', Math.max(...indexes))
    .orderBy('size')
    .execute();
  // A tree that the root has signed proves more than one this node alone asserts.
  const receipt = covering.at(-1);
  const treeSize = receipt?.size ?? journal.state.size;
  const prove = (index: number): Promise<ProvenEntry> => proveEntry(db, journal, index, treeSize);
  const since = (index: number): KnownSince | undefined => {
    const known = covering.find(({ size }) => size > index);
    return known && { size: known.size, time: known.time };
  };
  const changes = await readStatusChanges(tx, journal, record);
  return {
    origin: journal.origin,
    treeSize,
    rootHash: await rootHashAt(db, journal, treeSize),
    receipt: receipt && { time: receipt.time, envelope: receipt.envelope },
    entries: await Promise.all(indexes.map(prove)),
    knownToRoot: since(Math.max(...indexes)),
    changes: await Promise.all(
      changes.map(async ({ entry, index }) => ({
        entry,
        index,
        proof: index < treeSize ? await prove(index) : undefined,
        knownToRoot: since(index),
      })),
    ),
  };
}
