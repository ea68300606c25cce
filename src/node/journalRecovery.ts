/**
 * Recovery of a journal from the root's copy, after what the mirror has. A node that was put back to an old state asks for the entries it has
 * lost; what it wrote since in their place is set aside, and all that follows from the entries is made anew:
 *
 *   receipt held ── pull ──► pulledEntries ── the root's signed hash holds? ──► entries, certificates, counters
 *
 * Without a mirror, what was issued after the root's copy and lost with the old state stays unknown. The CA key therefore signs CRLs and
 * status answers from then on, and issues nothing more (`HISTORY_LOST`); the next one does.
 */
import { commonTables, type Database, type NodeSchema } from '../db';
import { registryKey } from '../delegation';
import { headAt, readJournal, rootHashAt, type StoredEntry, type StoredJournal } from '../ledger';
import { decodeReply, openReceipt, type PulledEntries, type Receipt, type Reply } from '../sync';
import { acceptTrustStatements, keepDocuments } from './activation';
import { generationAt, type Generation } from './delegation';
import { keepDirectives } from './directives';
import { NodeError } from './errors';
import { correctJournal, type CorrectedJournal } from './journalCorrection';
import { followMirror } from './mirroring';
import { takeFromMirror } from './mirrorRecovery';
import type { SubCaNode } from './node';
import type { Carrier } from './patience';
import { liftQuarantine } from './quarantine';
import { keepReceipts } from './receiptFile';
import { newestReceipt, signSubmission, statusOf, withSyncLock } from './syncClient';

/** Entries handled at a time. */
const CHUNK = 1024;

/**
 * Fetches what is missing and puts every journal right, an older CA key's first. May be repeated.
 * @param progress told how many more entries have come
 * @throws NodeError `SYNC_RUNNING`, `PULL_DIFFERS`, `PULL_INCOMPLETE`, `REPLY_FOREIGN`, and what the carrier throws
 */
export async function recoverJournals(
  node: SubCaNode,
  carry: Carrier,
  software: string,
  progress: (entries: number) => void = () => undefined,
): Promise<readonly CorrectedJournal[]> {
  return withSyncLock(node, async () => {
    const recovered: CorrectedJournal[] = [];
    for (const { origin } of (await node.delegation()).generations) {
      for (let last = -1; ;) {
        const pull = await makePull(node, origin, software);
        // A root that brings nothing new would be asked for ever.
        if (pull.from <= last) throw await incomplete(node, origin, pull.from);
        last = pull.from;
        const reply = decodeReply(await carry(pull.bytes, origin));
        const done = await takePulled(node, reply);
        progress(reply.pulled?.entries.length ?? 0);
        if (done === undefined) continue;
        recovered.push(done);
        break;
      }
    }
    return recovered;
  });
}

/** What asks the root for the missing entries, as one file. */
export async function exportPulls(node: SubCaNode, software: string): Promise<Buffer> {
  const pulls: Buffer[] = [];
  for (const { origin } of (await node.delegation()).generations)
    pulls.push((await makePull(node, origin, software)).bytes);
  return Buffer.concat(pulls);
}

/**
 * Takes what a file has brought.
 * @throws NodeError as `recoverJournals`; `PULL_INCOMPLETE` when more has to be fetched
 */
export async function importPulled(
  node: SubCaNode,
  replies: readonly Reply[],
): Promise<readonly CorrectedJournal[]> {
  return withSyncLock(node, async () => {
    const recovered: CorrectedJournal[] = [];
    for (const reply of replies) {
      const done = await takePulled(node, reply);
      if (done !== undefined) {
        recovered.push(done);
        continue;
      }
      const { origin } = await receiptOf(node, reply);
      throw await incomplete(node, origin, (await makePull(node, origin, '')).from);
    }
    return recovered;
  });
}

async function incomplete(node: SubCaNode, origin: string, found: number): Promise<NodeError> {
  const { generations } = await node.delegation();
  const receipt = await newestReceipt(node, generationAt(generations, origin));
  return new NodeError('PULL_INCOMPLETE', { origin, found, size: receipt?.size ?? found });
}

/**
 * Signs no head but one the root has confirmed before: what is stored beyond it may be what the root will not believe.
 */
async function makePull(
  node: SubCaNode,
  origin: string,
  software: string,
): Promise<{ readonly bytes: Buffer; readonly from: number }> {
  const generation = generationAt((await node.delegation()).generations, origin);
  const journal = await readJournal(node.read, origin);
  const size = await confirmedSize(node, generation, journal);
  const pulled = await node.store.read
    .selectFrom('pulledEntries')
    .select((row) => row.fn.max<number | null>('idx').as('last'))
    .where('journal', '=', journal.id)
    .executeTakeFirst();
  const from = Math.max(size, (pulled?.last ?? -1) + 1);
  const head = await headAt(node.read, journal, size);
  const status = { ...(await statusOf(node, generation, journal, software)), pull: from };
  return { bytes: await signSubmission(node, { base: head, end: head, entries: [], status }), from };
}

/** How far the root's last receipt here agrees with what is stored. */
async function confirmedSize(
  node: SubCaNode,
  generation: Generation,
  journal: StoredJournal,
): Promise<number> {
  const receipt = await newestReceipt(node, generation);
  if (receipt === undefined || receipt.size > journal.state.size) return 0;
  const own = await rootHashAt(node.read, journal, receipt.size);
  return own === receipt.rootHash ? receipt.size : 0;
}

async function receiptOf(node: SubCaNode, reply: Reply): Promise<Receipt> {
  return openReceipt(reply.receipt, registryKey((await node.delegation()).trust.value));
}

/** @returns what became of the journal, or nothing while entries are still missing */
async function takePulled(node: SubCaNode, reply: Reply): Promise<CorrectedJournal | undefined> {
  // The entries to come may name documents this node has lost as well.
  await acceptTrustStatements(node, reply.trustStatements);
  await keepDocuments(node, reply);
  await keepDirectives(node, reply.directives);
  const receipt = await receiptOf(node, reply);
  const { origin } = generationAt((await node.delegation()).generations, receipt.origin);
  const mirrored = await takeFromMirror(node, origin, { root: true });
  const { id } = await readJournal(node.read, origin);
  const done = await node.store
    .transaction((tx) => takeInto(node, tx, reply, receipt))
    .catch(async (error: unknown) => {
      // What came cannot be what the root has signed, or not all of it: none of it is built upon again.
      if (error instanceof NodeError && error.code === 'PULL_DIFFERS')
        await node.store.transaction((tx) =>
          tx.deleteFrom('pulledEntries').where('journal', '=', id).execute(),
        );
      throw error;
    });
  if (done === undefined) return undefined;
  await keepReceipts(node);
  // What the root has put in the place of the mirror's entries stands there from now on, too.
  await takeFromMirror(node, origin, { root: true });
  await followMirror(node);
  return done.from < done.size ? done : (mirrored[0] ?? done);
}

async function takeInto(
  node: SubCaNode,
  tx: Database<NodeSchema>,
  reply: Reply,
  receipt: Receipt,
): Promise<CorrectedJournal | undefined> {
  const db = commonTables(tx);
  const journal = await readJournal(db, receipt.origin);
  if (reply.pulled !== undefined) await keepPulled(tx, journal.id, reply.pulled);
  const range = await tx
    .selectFrom('pulledEntries')
    .select((row) => [
      row.fn.min<number | null>('idx').as('first'),
      row.fn.max<number | null>('idx').as('last'),
    ])
    .where('journal', '=', journal.id)
    .executeTakeFirst();
  const first = range?.first ?? receipt.size;
  if ((range?.last ?? receipt.size - 1) + 1 < receipt.size) return undefined;
  const { size, rootHash, time } = receipt;
  const read = (from: number, to: number): Promise<readonly StoredEntry[]> =>
    readPulled(tx, journal.id, from, to);
  const done = await correctJournal(node, tx, { source: 'root', journal, first, size, rootHash, read });
  await tx
    .insertInto('receipts')
    .values({ journal: journal.id, size, time, envelope: reply.receipt })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx.deleteFrom('pulledEntries').where('journal', '=', journal.id).execute();
  // What it says may stand all the same: of a key that is not known here, nothing was pulled.
  if (receipt.problem?.code !== 'key') await liftQuarantine(tx, journal.id, receipt.time);
  return done;
}

/** Keeps the next ones; a reply that comes again brings nothing new. */
async function keepPulled(tx: Database<NodeSchema>, journal: number, pulled: PulledEntries): Promise<void> {
  const rows = pulled.entries.map(({ bytes, leaf }, at) => ({ journal, idx: pulled.from + at, bytes, leaf }));
  for (let at = 0; at < rows.length; at += CHUNK)
    await tx
      .insertInto('pulledEntries')
      .values(rows.slice(at, at + CHUNK))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

async function readPulled(
  tx: Database<NodeSchema>,
  journal: number,
  from: number,
  to: number,
): Promise<readonly StoredEntry[]> {
  return tx
    .selectFrom('pulledEntries')
    .select(['bytes', 'leaf'])
    .where('journal', '=', journal)
    .where('idx', '>=', from)
    .where('idx', '<', to)
    .orderBy('idx')
    .execute();
}
