/**
 * Removing certificates whose time is over from the root's copies of the journals: those whose removal the node has
 * announced by an entry that broke no rule. What is evidence of a broken rule stays. The root's own journal says first
 * how far it goes.
 */
import { commonTables, type Database, type RootSchema } from '../db';
import { countWhole, readJournal, removeBefore, type StoredJournal } from '../ledger';
import { heldAgainst } from './findings';
import { readAllGenerations, type KnownNode } from './nodes';
import type { RootCa } from './root';
import { journalise } from './rootJournal';

/** What became of the copy of one journal. */
export interface PrunedCopy {
  readonly node: string;
  readonly origin: string;
  /** Certificates removed now. */
  readonly removed: number;
  /** Certificates that stay, since findings are about them. */
  readonly kept: number;
}

/** What `pruneCopies` would look at. */
export interface PrunableCopy {
  readonly node: string;
  readonly origin: string;
  /** Certificates that are announced as past their time and still here: those stay about which there are findings. */
  readonly removable: number;
}

/** Tells what `pruneCopies` would do, and changes nothing. */
export async function previewPruneCopies(root: RootCa): Promise<readonly PrunableCopy[]> {
  const prunable: PrunableCopy[] = [];
  for (const { nodeId, origin } of await readAllGenerations(root)) {
    const { id, state } = await readJournal(root.read, origin);
    if (state.removedBefore === 0) continue;
    const removable = await countWhole(root.read, id, 0, state.removedBefore);
    prunable.push({ node: nodeId, origin, removable });
  }
  return prunable;
}

/**
 * May be cut off and repeated.
 * @param progress told how many more entries were looked at
 */
export async function pruneCopies(
  root: RootCa,
  progress: (entries: number) => void = () => undefined,
): Promise<readonly PrunedCopy[]> {
  const pruned: PrunedCopy[] = [];
  for (const known of await readAllGenerations(root)) {
    const copy = await pruneCopy(root, known, progress);
    if (copy !== undefined) pruned.push(copy);
  }
  // Also if an earlier run removed it: where that was cut off, names still stand in pages that nobody reads.
  if (pruned.length > 0) await root.store.reclaim();
  return pruned;
}

async function pruneCopy(
  root: RootCa,
  known: KnownNode,
  progress: (entries: number) => void,
): Promise<PrunedCopy | undefined> {
  const { nodeId, origin } = known;
  const journal = await root.store.transaction((tx) => tellOwnJournal(root, tx, known));
  const before = journal.state.removedBefore;
  if (before === 0) return undefined;
  const removed = await removeBefore(root.store, journal, before, progress, (tx) =>
    heldAgainst(tx, journal.id),
  );
  const kept = await countWhole(root.read, journal.id, 0, before);
  return { node: nodeId, origin, removed, kept };
}

/** What is going to be removed stands in the root's own journal before it is. */
async function tellOwnJournal(
  root: RootCa,
  tx: Database<RootSchema>,
  { nodeId, epoch, origin }: KnownNode,
): Promise<StoredJournal> {
  const journal = await readJournal(commonTables(tx), origin);
  const before = journal.state.removedBefore;
  const row = tx.updateTable('nodes').where('nodeId', '=', nodeId).where('epoch', '=', epoch);
  const told = await row
    .set({ removedBefore: before })
    .where('removedBefore', '<', before)
    .executeTakeFirst();
  if (told.numUpdatedRows > 0n) await journalise(root, tx, { type: 'removal', origin, before });
  return journal;
}
