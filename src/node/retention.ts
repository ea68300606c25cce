/**
 * Removing certificates whose time is over, in two steps: an entry announces it, and when the root has confirmed that
 * entry they are removed, from the database and from the mirror.
 */
import { grantInForce, yearsBefore, type Authority } from '../delegation';
import {
  decodeStored,
  newestEntries,
  nextRemoval,
  readJournal,
  removeBefore,
  type StoredJournal,
} from '../ledger';
import type { Generation } from './delegation';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';
import { requireNotQuarantined } from './quarantine';
import { newestReceipt } from './syncClient';

/** What became of the journal of one CA key. */
export interface Pruned {
  readonly origin: string;
  /** How long certificates are kept after their end; null if the grant allows no removal. */
  readonly retentionYears: number | null;
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
  for (const generation of (await node.delegation()).generations) {
    const { origin, authority } = generation;
    const journal = await readJournal(node.read, origin);
    if (journal.state.size === 0) continue;
    const confirmed = await confirmedRemoval(node, generation, journal.id);
    const removed = await removeBefore(node.store, journal, confirmed, progress);
    if (confirmed > 0) await node.mirror?.shorten(node.read, origin);
    const years = retentionYears(authority, journal.state, node.now());
    const announced = years === undefined ? 0 : await announce(node, writer, generation, years, progress);
    const waiting = (await readJournal(node.read, origin)).state.removedBefore - confirmed;
    pruned.push({ origin, retentionYears: years ?? null, removed, announced, waiting });
  }
  if (pruned.some(({ removed }) => removed > 0)) await node.store.reclaim();
  return pruned;
}

function retentionYears(
  { grants }: Authority,
  { grantVersion }: StoredJournal['state'],
  now: Date,
): number | undefined {
  return grantInForce(grants, grantVersion, now.toISOString())?.limits.retentionYears;
}

/** Where the newest removal ends whose entry the root has confirmed; 0 if there is none. */
async function confirmedRemoval(node: SubCaNode, generation: Generation, id: number): Promise<number> {
  const confirmed = (await newestReceipt(node, generation))?.size ?? 0;
  const [newest] = await newestEntries(node.read, id, 'removal', { before: confirmed, limit: 1 });
  const entry = newest && decodeStored(newest);
  return entry?.type === 'removal' ? entry.before : 0;
}

async function announce(
  node: SubCaNode,
  journal: JournalWriter,
  { epoch, origin }: Generation,
  years: number,
  progress: (entries: number) => void,
): Promise<number> {
  let announced = 0;
  for (;;) {
    const stored = await readJournal(node.read, origin);
    const from = stored.state.removedBefore;
    const next = await nextRemoval(node.read, stored, yearsBefore(node.now().toISOString(), years));
    if (next === undefined) return announced;
    const { before, removed } = next;
    await journal.submit({
      epoch,
      needs: {},
      run: (turn) => {
        // Another process may have been first.
        if (turn.removedBefore !== from) return;
        turn.append({ type: 'removal', before, residues: removed.residues }, { removed });
        announced += before - from;
      },
    });
    progress(before - from);
  }
}
