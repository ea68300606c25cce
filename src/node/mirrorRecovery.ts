/**
 * Recovery of a journal from its mirror. Nothing was released that the mirror does not hold, so a node that was put back
 * to an old copy has lost nothing then, and the CA key goes on issuing. Where the root has confirmed other entries than
 * the mirror has, the root's count.
 */
import { commonTables, type Database, type NodeSchema } from '../db';
import {
  decodeStored,
  readJournal,
  tryReadTbs,
  whole,
  type MirroredEntries,
  type StoredJournal,
} from '../ledger';
import { NodeError } from './errors';
import { correctJournal, type Correction, type CorrectedJournal } from './journalCorrection';
import { followMirror } from './mirroring';
import type { SubCaNode } from './node';
import { liftMirrorQuarantine } from './quarantine';
import { withSyncLock } from './syncClient';

/** Entries handled at a time. */
const CHUNK = 1024;

/**
 * Takes what is missing from the mirror alone, an older CA key's journal first.
 * @throws NodeError `NO_MIRROR`, `MIRROR_NEEDS_ROOT`, `MIRROR_SHORT`, `SYNC_RUNNING`; LedgerError `MIRROR_UNAVAILABLE`, `MIRROR_DAMAGED`
 */
export async function recoverFromMirror(node: SubCaNode): Promise<readonly CorrectedJournal[]> {
  if (node.mirror === undefined) throw new NodeError('NO_MIRROR', {});
  return withSyncLock(node, async () => {
    const recovered: CorrectedJournal[] = [];
    for (const { origin } of (await node.delegation()).generations)
      recovered.push(...(await takeFromMirror(node, origin, { root: false })));
    await followMirror(node);
    return recovered;
  });
}

/**
 * Brings one journal and its mirror together again.
 * @param root whether the root's entries are taken as well
 * @returns what became of the journal, if anything
 * @throws NodeError `MIRROR_NEEDS_ROOT`, and without the root `MIRROR_SHORT`
 */
export async function takeFromMirror(
  node: SubCaNode,
  origin: string,
  { root }: { readonly root: boolean },
): Promise<readonly CorrectedJournal[]> {
  const { mirror } = node;
  if (mirror === undefined) return [];
  const outcome = await mirror.alone(() =>
    node.store.transaction(async (tx): Promise<CorrectedJournal | 'same' | 'apart' | 'given up'> => {
      const journal = await readJournal(commonTables(tx), origin);
      const beyond = await mirror.beyond(commonTables(tx), journal);
      // It begins after what was removed, and what was before is not here.
      if (beyond !== undefined && beyond.first > journal.state.size) return 'apart';
      await liftMirrorQuarantine(tx, journal.id);
      if (beyond === undefined) return 'same';
      return mirror.reading(origin, beyond, async (readBytes) => {
        const read: Correction['read'] = async (from, to) => whole(await readBytes(from, to));
        if (beyond.first < (await confirmedSize(tx, journal))) {
          await noteGivenUp(node, tx, journal, beyond, read);
          return 'given up';
        }
        return correctJournal(node, tx, { source: 'mirror', journal, ...beyond, rootHash: undefined, read });
      });
    }),
  );
  if (outcome === 'apart' && !root) throw new NodeError('MIRROR_SHORT', { origin });
  if (outcome === 'given up')
    await mirror.begin(node.read, origin, `set-aside-${node.now().toISOString().replaceAll(':', '')}`);
  return typeof outcome === 'string' ? [] : [outcome];
}

/** How many entries the root has confirmed as they stand here. */
async function confirmedSize(tx: Database<NodeSchema>, { id, state }: StoredJournal): Promise<number> {
  const { size } = await tx
    .selectFrom('receipts')
    .select((row) => row.fn.max<number | null>('size').as('size'))
    .where('journal', '=', id)
    .where('size', '<=', state.size)
    .executeTakeFirstOrThrow();
  return size ?? 0;
}

/** The root has other entries than the mirror: what the mirror alone tells of stays unknown to every journal. */
async function noteGivenUp(
  node: SubCaNode,
  tx: Database<NodeSchema>,
  { id, state }: StoredJournal,
  { first, size }: MirroredEntries,
  read: Correction['read'],
): Promise<void> {
  const intents = new Map<number, string>();
  const unrecorded: string[] = [];
  for (let start = first; start < size; start += CHUNK) {
    const entries = await read(start, Math.min(start + CHUNK, size));
    for (const [at, entry] of entries.map(decodeStored).entries()) {
      if (entry?.type === 'intent') intents.set(start + at, tryReadTbs(entry.tbs)?.serialNumber ?? '');
      if (entry?.type === 'issued') unrecorded.push(intents.get(entry.intent) ?? '');
    }
  }
  const row = { journal: id, fromIndex: first, size: state.size, crlNumber: state.crlNumber };
  const rest = { unrecorded: JSON.stringify(unrecorded.filter((serial) => serial !== '')), complete: 0 };
  await tx
    .insertInto('recoveries')
    .values({ ...row, ...rest, time: node.now().toISOString() })
    .onConflict((conflict) => conflict.columns(['journal', 'size']).doUpdateSet(rest))
    .execute();
}
