/** An entry with its way to a root hash, from the stored tree. */
import { inclusionProof } from '../journal';
import type { ProvenEntry } from '../proof';
import { LedgerError } from './errors';
import { readEntriesAt, treeNodeReader, type LedgerDatabase, type StoredJournal } from './rows';

/**
 * @param size of the tree as it was: the entry must be among its leaves
 * @throws LedgerError `ENTRY_MISSING`; JournalError
 */
export async function proveEntry(
  db: LedgerDatabase,
  { id, origin }: Pick<StoredJournal, 'id' | 'origin'>,
  index: number,
  size: number,
): Promise<ProvenEntry> {
  const bytes = (await readEntriesAt(db, id, [index])).get(index);
  if (bytes === undefined) throw new LedgerError('ENTRY_MISSING', { origin, index });
  return { index, bytes, auditPath: await inclusionProof(index, size, treeNodeReader(db, id)) };
}
