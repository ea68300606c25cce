/**
 * Removing certificates whose time is over, in two steps: an entry announces it, and when the root has confirmed that
 * entry they are removed, from the database and from the mirror. It is the root's clock that tells when the time is over,
 * by its newest receipt: under a clock that has gone wrong here, nothing must be lost.
 */
import { CLOCK_TOLERANCE_MS, grantInForce, yearsBefore } from '../delegation';
import {
  countWhole,
  decodeStored,
  newestEntries,
  nextRemoval,
  readJournal,
  removeBefore,
  rootHashAt,
  type StoredJournal,
} from '../ledger';
import type { Receipt } from '../sync';
import type { Generation } from './delegation';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';
import { requireNotQuarantined } from './quarantine';
import { newestSignedReceipt } from './syncClient';

/** How the journal of one CA key stands towards its retention time. */
interface Standing {
  readonly origin: string;
  /** How long certificates are kept after their end; null if the grant allows no removal. */
  readonly retentionYears: number | null;
  /** By the root's clock, ISO 8601 UTC: that of its newest receipt; null without one, and nothing is announced then. */
  readonly asOf: string | null;
}

/** What `prune` would do now. */
export interface Prunable extends Standing {
  /** Certificates it would remove. */
  readonly removable: number;
  /** Certificates whose removal it would announce. */
  readonly announceable: number;
}

/** What became of the journal of one CA key. */
export interface Pruned extends Standing {
  /** Certificates removed now. */
  readonly removed: number;
  /** Entries whose removal was announced now. */
  readonly announced: number;
  /** Entries whose removal is announced, and waits for the root to confirm it. */
  readonly waiting: number;
}

/** Tells what `prune` would do, and changes nothing. @throws NodeError `NOT_ACTIVATED`, `QUARANTINED` */
export async function previewPrune(node: SubCaNode): Promise<readonly Prunable[]> {
  await requireNotQuarantined(node);
  const prunable: Prunable[] = [];
  for (const { journal, standing, confirmed, terms } of await begunJournals(node)) {
    const { removedBefore } = journal.state;
    const end = terms === undefined ? removedBefore : await announceableBefore(node, journal, terms);
    prunable.push({
      ...standing,
      removable: await countWhole(node.read, journal.id, 0, confirmed),
      announceable: await countWhole(node.read, journal.id, removedBefore, end),
    });
  }
  return prunable;
}

/** Where the last of the removals ends that may be announced now. */
async function announceableBefore(
  node: SubCaNode,
  journal: StoredJournal,
  { endedBy, receipt }: Terms,
): Promise<number> {
  let { state } = journal;
  for (;;) {
    const next = await nextRemoval(node.read, { ...journal, state }, endedBy, receipt.size);
    if (next === undefined) return state.removedBefore;
    state = { ...state, removedBefore: next.before };
  }
}

/**
 * Removes what the root has confirmed, then announces what else is past its time. May be cut off and repeated.
 * @param progress told how many more entries were looked at
 * @throws NodeError `NOT_ACTIVATED`, `QUARANTINED`; LedgerError `MIRROR_UNAVAILABLE`
 */
export async function prune(
  node: SubCaNode,
  writer: JournalWriter,
  progress: (entries: number) => void = () => undefined,
): Promise<readonly Pruned[]> {
  await requireNotQuarantined(node);
  const pruned: Pruned[] = [];
  let isAnyRemoved = false;
  for (const { generation, journal, standing, confirmed, terms } of await begunJournals(node)) {
    const { origin } = standing;
    const removed = await removeBefore(node.store, journal, confirmed, progress);
    isAnyRemoved ||= confirmed > 0;
    if (confirmed > 0) await node.mirror?.shorten(node.read, origin);
    const announced = terms === undefined ? 0 : await announce(node, writer, generation, terms, progress);
    const waiting = (await readJournal(node.read, origin)).state.removedBefore - confirmed;
    pruned.push({ ...standing, removed, announced, waiting });
  }
  // Also if an earlier run removed it: where that was cut off, names still stand in pages that nobody reads.
  if (isAnyRemoved) await node.store.reclaim();
  return pruned;
}

/** What an announcement goes by. */
interface Terms {
  readonly receipt: Receipt;
  readonly envelope: Buffer;
  /** Certificates that ended later stay: ISO 8601 UTC. */
  readonly endedBy: string;
}

interface BegunJournal {
  readonly generation: Generation;
  readonly journal: StoredJournal;
  readonly standing: Standing;
  /** Where the newest removal that the root has confirmed ends; 0 if there is none. */
  readonly confirmed: number;
  /** Absent where nothing may be announced. */
  readonly terms: Terms | undefined;
}

/** Oldest first. */
async function begunJournals(node: SubCaNode): Promise<readonly BegunJournal[]> {
  const begun: BegunJournal[] = [];
  for (const generation of (await node.delegation()).generations) {
    const { origin, authority } = generation;
    const journal = await readJournal(node.read, origin);
    if (journal.state.size === 0) continue;
    const signed = await newestSignedReceipt(node, generation);
    const confirmed = await confirmedRemoval(node, journal, signed?.receipt.size ?? 0);
    const seen = isOfUse(signed?.receipt, node.now()) ? signed : undefined;
    const time = seen?.receipt.time ?? node.now().toISOString();
    const grant = grantInForce(authority.grants, journal.state.grantVersion, time);
    const years = grant?.limits.retentionYears;
    const terms =
      seen === undefined || years === undefined ? undefined : { ...seen, endedBy: yearsBefore(time, years) };
    const standing = { origin, retentionYears: years ?? null, asOf: seen?.receipt.time ?? null };
    begun.push({ generation, journal, standing, confirmed, terms });
  }
  return begun;
}

/** Whether an entry of now may hold it: the root took what it was sent, and it is not of a time to come. */
function isOfUse(receipt: Receipt | undefined, now: Date): boolean {
  if (receipt === undefined || receipt.problem !== undefined) return false;
  return Date.parse(receipt.time) <= now.getTime() + CLOCK_TOLERANCE_MS;
}

/** Where the newest removal ends whose entry the root has confirmed; 0 if there is none. @param confirmed entries */
async function confirmedRemoval(
  node: SubCaNode,
  { id, state }: StoredJournal,
  confirmed: number,
): Promise<number> {
  const [newest] = await newestEntries(node.read, id, 'removal', { before: confirmed, limit: 1 });
  const entry = newest && decodeStored(newest);
  // One that breaks a rule, as an older state may have left it, removes nothing.
  return entry?.type === 'removal' ? Math.min(entry.before, state.removedBefore) : 0;
}

async function announce(
  node: SubCaNode,
  journal: JournalWriter,
  { epoch, origin }: Generation,
  { receipt, envelope, endedBy }: Terms,
  progress: (entries: number) => void,
): Promise<number> {
  let announced = 0;
  for (;;) {
    const stored = await readJournal(node.read, origin);
    const from = stored.state.removedBefore;
    const next = await nextRemoval(node.read, stored, endedBy, receipt.size);
    if (next === undefined) return announced;
    const { before, removed } = next;
    const ownRootHash = await rootHashAt(node.read, stored, receipt.size);
    const evidence = { removed, receipt: { ...receipt, ownRootHash } };
    await journal.submit({
      epoch,
      needs: { intents: removed.open },
      run: (turn) => {
        // Another process may have been first.
        if (turn.removedBefore !== from) return;
        const entry = { before, residues: removed.residues, receipt: envelope.toString('base64') };
        turn.append({ type: 'removal', ...entry }, evidence);
        announced += before - from;
      },
    });
    progress(before - from);
  }
}
