/**
 * Where the node's journals end, held to themselves and to the root's last word before anything is written to them: some
 * twenty rows are read of a million. All of them are read by `verify`.
 */
import { commonTables } from '../db';
import { openAccepted, registryKey } from '../delegation';
import {
  asStored,
  checkEnd,
  readJournal,
  rootHashAt,
  type LedgerDatabase,
  type StoredJournal,
} from '../ledger';
import { openReceipt } from '../sync';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/**
 * Nothing is asked of a node that is not activated.
 * @throws LedgerError `TREE_DAMAGED`, `ENTRY_MISSING`, `DOCUMENT_DAMAGED`; NodeError `ROOT_FORK`, `ROOT_AHEAD`,
 * `STORED_DOCUMENT`
 */
export async function checkJournalEnds(node: SubCaNode): Promise<void> {
  const delegation = await node.findDelegation();
  if (delegation === undefined) return;
  await node.store.snapshot(async (tx) => {
    const db = commonTables(tx);
    for (const { origin } of delegation.generations) {
      const journal = await readJournal(db, origin);
      await checkEnd(db, journal);
      const newest = await tx
        .selectFrom('receipts')
        .select(['size', 'time', 'envelope'])
        .where('journal', '=', journal.id)
        .orderBy('time', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (newest !== undefined)
        await asStored('receipt', () => checkReceipt(db, delegation, journal, newest));
    }
  });
}

interface ReceiptRow {
  readonly size: number;
  readonly time: string;
  readonly envelope: Buffer;
}

/** @throws NodeError `STORED_DOCUMENT`, `ROOT_FORK`, `ROOT_AHEAD`; EnvelopeError, SyncError */
export async function checkReceipt(
  db: LedgerDatabase,
  { trustStatements }: Delegation,
  journal: StoredJournal,
  row: ReceiptRow,
): Promise<void> {
  const { origin, state } = journal;
  const receipt = openAccepted(trustStatements, (trust) => openReceipt(row.envelope, registryKey(trust)));
  if (row.size !== receipt.size || row.time !== receipt.time) {
    const reason = `it is of ${String(receipt.size)} entries and ${receipt.time}`;
    throw new NodeError('STORED_DOCUMENT', { what: `receipt of ${String(row.size)} entries`, reason });
  }
  if (receipt.size > state.size) throw new NodeError('ROOT_AHEAD', { root: receipt.size, own: state.size });
  if (receipt.origin !== origin || (await rootHashAt(db, journal, receipt.size)) !== receipt.rootHash)
    throw new NodeError('ROOT_FORK', { size: receipt.size });
}
