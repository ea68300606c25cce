/**
 * Removing certificates whose time is over, in two steps: an entry announces it, and when the root has confirmed that
 * entry they are removed, from the database and from the mirror. It is the root's clock that tells when the time is over,
 * by its newest receipt: under a clock that has gone wrong here, nothing must be lost.
 */
import { CLOCK_TOLERANCE_MS, grantInForce, yearsBefore, type Authority } from '../delegation';
import {
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

/** What became of the journal of one CA key. */
export interface Pruned {
  readonly origin: string;
  /** How long certificates are kept after their end; null if the grant allows no removal. */
  readonly retentionYears: number | null;
  /** By the root's clock, ISO 8601 UTC: that of its newest receipt; null without one, and nothing is announced then. */
  readonly asOf: string | null;
  /** Certificates removed now. */
  readonly removed: number;
  /** Entries whose removal was announced now. */
  readonly announced: number;
  /** Entries whose removal is announced, and waits for the root to confirm it. */
  readonly waiting: number;
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
  for (const generation of (await node.delegation()).generations) {
    const { origin, authority } = generation;
    const journal = await readJournal(node.read, origin);
    if (journal.state.size === 0) continue;
    const signed = await newestSignedReceipt(node, generation);
    const confirmed = await confirmedRemoval(node, journal, signed?.receipt.size ?? 0);
    const removed = await removeBefore(node.store, journal, confirmed, progress);
    isAnyRemoved ||= confirmed > 0;
    if (confirmed > 0) await node.mirror?.shorten(node.read, origin);
    const seen = isOfUse(signed?.receipt, node.now()) ? signed : undefined;
    const asOf = seen?.receipt.time ?? null;
    const years = retentionYears(authority, journal.state, asOf ?? node.now().toISOString());
    const announced =
      seen === undefined || years === undefined
        ? 0
        : await announce(node, writer, generation, { ...seen, years }, progress);
    const waiting = (await readJournal(node.read, origin)).state.removedBefore - confirmed;
    pruned.push({ origin, retentionYears: years ?? null, asOf, removed, announced, waiting });
  }
  // Also if an earlier run removed it: where that was cut off, names still stand in pages that nobody reads.
  if (isAnyRemoved) await node.store.reclaim();
  return pruned;
}

function retentionYears(
  { grants }: Authority,
  { grantVersion }: StoredJournal['state'],
  time: string,
): number | undefined {
  return grantInForce(grants, grantVersion, time)?.limits.retentionYears;
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
  {
    receipt,
    envelope,
    years,
  }: { readonly receipt: Receipt; readonly envelope: Buffer; readonly years: number },
  progress: (entries: number) => void,
): Promise<number> {
  let announced = 0;
  for (;;) {
    const stored = await readJournal(node.read, origin);
    const from = stored.state.removedBefore;
    const next = await nextRemoval(node.read, stored, yearsBefore(receipt.time, years));
    if (next === undefined) return announced;
    const { before, removed } = next;
    const ownRootHash = await rootHashAt(node.read, stored, receipt.size);
    const evidence = { removed, receipt: { ...receipt, ownRootHash } };
    await journal.submit({
      epoch,
      needs: {},
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
