/** Synchronisation as the node does it: submissions out, replies in; by network or by file with the same bytes. */
import { commonTables, readNewestDocument, tryLock } from '../db';
import { sealEnvelope } from '../envelope';
import { DelegationError, openAccepted, payloadOf, registryKey } from '../delegation';
import { isCodedError } from '../errors';
import { rootHash, signCheckpoint, type TreeHead } from '../journal';
import {
  headAt,
  readEntriesWithin,
  readJournal,
  requireWhole,
  rootHashAt,
  type StoredJournal,
} from '../ledger';
import {
  decodeReply,
  encodeSubmission,
  MAX_ENTRIES,
  MAX_SUBMISSION_SIZE,
  openReceipt,
  STATUS_PAYLOAD_TYPE,
  type NodeStatus,
  type Receipt,
  type Reply,
} from '../sync';
import { acceptDocuments, acceptTrustStatements } from './activation';
import { generationAt, type Generation } from './delegation';
import { carryOutDirectives, keepDirectives } from './directives';
import { NodeError } from './errors';
import type { JournalWriter } from './journalWriter';
import { renewLease } from './lease';
import { newestCrlEntry } from './lifetime';
import type { SubCaNode } from './node';
import { carryPatiently, Portion, type Carrier, type Patience } from './patience';
import { publishDueCrls } from './publication';
import { endQuarantine, quarantine } from './quarantine';
import { keepReceipts } from './receiptFile';

/** Room for the header in a submission. */
const HEADER_ROOM = 128 * 1024;

export interface SyncOutcome {
  /** Entries sent by this run. */
  readonly sent: number;
  /** The root's receipts after it: one for the journal of each CA key, oldest first. */
  readonly receipts: readonly Receipt[];
}

export interface SyncOptions {
  readonly software: string;
  /** Told how many entries the root has taken, and how many there are. */
  readonly progress?: (taken: number, total: number) => void;
  /** Tries again when the registry is out of reach; without it, the first failure ends the run. */
  readonly patience?: Patience;
  /** What this line was found to bear by earlier runs. */
  readonly portion?: Portion;
}

/**
 * Sends what the root does not have until it has everything: an older journal first, since the opening of the next
 * names the end of it.
 * @throws NodeError `SYNC_RUNNING`, `ROOT_AHEAD`, `ROOT_FORK`, `SEAL_REFUSED`, `REGISTRY_REFUSED`, `SYNC_INCOMPLETE` when a
 * part was sent, and what the carrier throws
 */
export async function synchronise(
  node: SubCaNode,
  journal: JournalWriter,
  carry: Carrier,
  options: SyncOptions,
): Promise<SyncOutcome> {
  let sent = 0;
  const add = (entries: number): void => {
    sent += entries;
  };
  return withSyncLock(node, async () => {
    for (;;) {
      const before = await acknowledgedDirective(node);
      const receipts: Receipt[] = [];
      for (const generation of (await node.delegation()).generations) {
        const taken = receipts.reduce((sum, { size }) => sum + size, 0);
        const progress: SyncOptions['progress'] = (size, total) =>
          options.progress?.(taken + size, taken + total);
        receipts.push(await synchroniseOne(node, journal, carry, generation, { ...options, progress, add }));
      }
      // What directives have changed goes to the root at once: their entries are what acknowledges them.
      if ((await acknowledgedDirective(node)) === before) return { sent, receipts };
    }
  }).catch((error: unknown) => {
    if (sent === 0 || !isCodedError(error) || error.category !== 'unavailable') throw error;
    throw new NodeError('SYNC_INCOMPLETE', { sent, reason: error.message }, { cause: error });
  });
}

/** One exchange with the root at a time, by timer, by hand or by the service. @throws NodeError `SYNC_RUNNING` */
export async function withSyncLock<T>(node: SubCaNode, work: () => Promise<T>): Promise<T> {
  const lock = await tryLock(node.paths.run, 'sync');
  if (lock === undefined) throw new NodeError('SYNC_RUNNING', {});
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Sequence of the newest directive that is carried out. */
async function acknowledgedDirective(node: SubCaNode): Promise<number> {
  const { origin } = await node.delegation();
  return (await readJournal(node.read, origin)).state.lastDirective;
}

async function synchroniseOne(
  node: SubCaNode,
  journal: JournalWriter,
  carry: Carrier,
  generation: Generation,
  options: SyncOptions & { readonly add: (entries: number) => void },
): Promise<Receipt> {
  let known = (await newestReceipt(node, generation))?.size ?? 0;
  const { portion = new Portion() } = options;
  for (;;) {
    const submission = await makeSubmission(node, generation, known, options.software, portion.octets);
    const answer = await carryPatiently(
      carry,
      submission.bytes,
      generation.origin,
      portion,
      options.patience,
    );
    // It may have arrived, and its answer not: what is known is sent again, in a smaller portion.
    if (answer === undefined) continue;
    const reply = decodeReply(answer);
    const receipt = await acceptReply(node, journal, reply);
    if (receipt.origin !== generation.origin)
      throw new NodeError('REPLY_FOREIGN', { origin: receipt.origin });
    options.add(Math.max(0, receipt.size - known));
    options.progress?.(receipt.size, submission.total);
    if (receipt.size >= submission.total) return receipt;
    // Not even what was sent arrived: the root asks for something else than we can give.
    if (receipt.size <= known && receipt.size < submission.end && receipt.size >= submission.start) {
      throw new NodeError('REGISTRY_REFUSED', { reason: receipt.problem?.reason ?? 'no progress' });
    }
    known = receipt.size;
  }
}

interface MadeSubmission {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Size of the whole journal. */
  readonly total: number;
}

/** One submission from the given size on: as many entries as fit. */
async function makeSubmission(
  node: SubCaNode,
  generation: Generation,
  start: number,
  software: string,
  most = MAX_SUBMISSION_SIZE,
): Promise<MadeSubmission> {
  const { origin } = generation;
  const { journal, entries, heads } = await node.store.snapshot(async (tx) => {
    const db = commonTables(tx);
    const stored = await readJournal(db, origin);
    const to = Math.min(start + MAX_ENTRIES, stored.state.size);
    // Each line has its end, too.
    const octets = most - HEADER_ROOM - MAX_ENTRIES;
    const fitting = await readEntriesWithin(db, stored, { from: start, to, octets });
    const heads = [
      await headAt(db, stored, start),
      await headAt(db, stored, start + fitting.length),
    ] as const;
    return { journal: stored, entries: requireWhole(origin, start, fitting), heads };
  });
  const [base, end] = heads;
  const status = await statusOf(node, generation, journal, software);
  const bytes = await signSubmission(node, { base, end, entries, status });
  return { bytes, start, end: end.size, total: journal.state.size };
}

/** A submission's bytes: the heads before and after its entries, and the status, are signed by the journal key. */
export async function signSubmission(
  node: SubCaNode,
  {
    base,
    end,
    entries,
    status,
  }: {
    readonly base: TreeHead;
    readonly end: TreeHead;
    readonly entries: readonly Buffer[];
    readonly status: NodeStatus;
  },
): Promise<Buffer> {
  const signer = await node.signer('journal');
  const { origin } = status;
  const signed = (head: TreeHead): Promise<string> =>
    signCheckpoint({ origin, size: head.size, rootHash: rootHash(head) }, { name: origin, signer });
  return encodeSubmission({
    base: await signed(base),
    checkpoint: await signed(end),
    entries,
    status: await sealEnvelope(STATUS_PAYLOAD_TYPE, payloadOf(status), [signer]),
  });
}

/** What the node says of itself; signed with each submission. */
export async function statusOf(
  node: SubCaNode,
  generation: Generation,
  journal: StoredJournal,
  software: string,
): Promise<NodeStatus> {
  const { origin, trust, grant } = await node.delegation();
  // Directives are acknowledged in the journal of the newest CA key.
  const newest = origin === journal.origin ? journal : await readJournal(node.read, origin);
  const crl = await newestCrlEntry(node, generation);
  const rootCrl = await readNewestDocument(node.read, 'root-crl');
  return {
    origin: journal.origin,
    size: journal.state.size,
    trustVersion: trust.value.version,
    grantVersion: grant.value.version,
    lastDirective: newest.state.lastDirective,
    crl: { number: journal.state.crlNumber, nextUpdate: crl?.nextUpdate ?? null },
    rootCrlSha256: rootCrl?.sha256 ?? null,
    clock: node.now().toISOString(),
    software,
  };
}

/**
 * Takes a reply: the receipt must be the registry's, for a journal of this node, and tell the very head that has. The
 * trust statements come first: they may name another registry key than the one in force until now.
 * @throws NodeError `REPLY_FOREIGN`, `ROOT_AHEAD`, `ROOT_FORK`, `SEAL_REFUSED`, `REGISTRY_REFUSED`; EnvelopeError, SyncError,
 * and those of `acceptDocuments` and `keepDirectives`
 */
export async function acceptReply(node: SubCaNode, journal: JournalWriter, reply: Reply): Promise<Receipt> {
  await acceptTrustStatements(node, reply.trustStatements);
  const { origin, trust, generations } = await node.delegation();
  const receipt = openReceipt(reply.receipt, registryKey(trust.value));
  generationAt(generations, receipt.origin);
  const own = await readJournal(node.read, receipt.origin);
  const contradicted = async (error: NodeError | DelegationError): Promise<never> => {
    await quarantine(node, own.id, error, receipt.time);
    throw error;
  };
  if (receipt.size > own.state.size) {
    return contradicted(new NodeError('ROOT_AHEAD', { root: receipt.size, own: own.state.size }));
  }
  const ownRoot = await rootHashAt(node.read, own, receipt.size);
  if (ownRoot !== receipt.rootHash || receipt.problem?.code === 'fork') {
    return contradicted(new NodeError('ROOT_FORK', { size: receipt.size }));
  }
  if (receipt.problem?.code === 'key') return contradicted(new NodeError('KEY_FORGOTTEN', {}));
  if (receipt.problem?.code === 'seal') return contradicted(new NodeError('SEAL_REFUSED', {}));
  await node.store.transaction((tx) =>
    tx
      .insertInto('receipts')
      .values({ journal: own.id, size: receipt.size, time: receipt.time, envelope: reply.receipt })
      .onConflict((conflict) =>
        conflict.columns(['journal', 'size']).doUpdateSet({ time: receipt.time, envelope: reply.receipt }),
      )
      .execute(),
  );
  await keepReceipts(node);
  await acceptDocuments(node, journal, reply);
  await keepDirectives(node, reply.directives).catch((error: unknown) => {
    // Orders that do not follow one another: one was kept from this node, or put in another's place.
    if (error instanceof DelegationError && error.category === 'integrity') return contradicted(error);
    throw error;
  });
  await carryOutDirectives(node, journal);
  // An older journal issues nothing any more.
  if (receipt.origin === origin) await renewLease(node, journal, receipt, reply.receipt);
  await endQuarantine(node, own.id, receipt.time);
  if (reply.directives.length > 0) await publishDueCrls(node, journal);
  return receipt;
}

/** The root's last word on a journal: a root that was restored from a backup may say less than it did before. */
export async function newestReceipt(node: SubCaNode, generation: Generation): Promise<Receipt | undefined> {
  return (await newestSignedReceipt(node, generation))?.receipt;
}

/** The same, with the envelope in which it was signed. */
export async function newestSignedReceipt(
  node: SubCaNode,
  { origin }: Generation,
): Promise<{ readonly receipt: Receipt; readonly envelope: Buffer } | undefined> {
  const { trustStatements } = await node.delegation();
  const row = await node.store.read
    .selectFrom('receipts')
    .innerJoin('journals', 'journals.id', 'receipts.journal')
    .select('receipts.envelope')
    .where('journals.origin', '=', origin)
    .orderBy('receipts.time', 'desc')
    .orderBy('receipts.size', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { envelope } = row;
  const receipt = openAccepted(trustStatements, (trust) => openReceipt(envelope, registryKey(trust)));
  return { receipt, envelope };
}

/**
 * Everything the root has not confirmed, as one file.
 * @returns submissions one after another; at least one for each CA key, so that the root hears of the node's state
 */
export async function exportSubmissions(
  node: SubCaNode,
  software: string,
): Promise<{ readonly bytes: Buffer; readonly entries: number }> {
  const parts: Buffer[] = [];
  let entries = 0;
  for (const generation of (await node.delegation()).generations) {
    const first = (await newestReceipt(node, generation))?.size ?? 0;
    for (let at = first; ;) {
      const submission = await makeSubmission(node, generation, at, software);
      parts.push(submission.bytes);
      entries += submission.end - at;
      at = submission.end;
      if (at >= submission.total) break;
    }
  }
  return { bytes: Buffer.concat(parts), entries };
}
