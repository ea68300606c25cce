/** The journal entries that made a certificate's status what it is. */
import { commonTables, type Database, type NodeSchema } from '../db';
import type { CertificateRecord, JudgedEntry, StatusEntry } from '../delegation';
import { decodeStored, readEntriesAt, type StoredJournal } from '../ledger';
import { NodeError } from './errors';

export interface StatusChangeEntry {
  readonly index: number;
  readonly entry: StatusEntry;
}

/**
 * The entry that gave a certificate its status, then the one that told later that its key was exposed. Entries lie in
 * the order of their times, and the record has the times of these: so each is found among a million by reading some
 * twenty. @returns none for a certificate that is as it was issued
 * @throws NodeError `PUBLISHED_DIFFERS`
 */
export async function readStatusChanges(
  tx: Database<NodeSchema>,
  journal: StoredJournal,
  { serialNumber, issuedIndex, status, statusTime, exposureTime }: CertificateRecord,
): Promise<readonly StatusChangeEntry[]> {
  if (issuedIndex === null) return [];
  const read = async (index: number): Promise<JudgedEntry> => {
    const stored = (await readEntriesAt(commonTables(tx), journal.id, [index])).get(index);
    const entry = stored && decodeStored(stored);
    if (entry !== undefined) return entry;
    throw new NodeError('PUBLISHED_DIFFERS', { what: serialNumber, reason: `entry ${index} is missing` });
  };
  const found: StatusChangeEntry[] = [];
  for (const time of new Set([statusTime, exposureTime ?? statusTime])) {
    let [from, to] = [issuedIndex + 1, journal.state.size];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((await read(middle)).time < time) from = middle + 1;
      else to = middle;
    }
    for (let index = from; index < journal.state.size; index += 1) {
      const entry = await read(index);
      if (entry.time !== time) break;
      if (isStatusEntry(entry) && entry.serialNumber === serialNumber) found.push({ index, entry });
    }
  }
  // Of one moment there may be others, which it did not stay with.
  return status === 'revoked' ? found.filter(({ entry }) => entry.type === status) : found.slice(-1);
}

function isStatusEntry(entry: JudgedEntry): entry is StatusEntry {
  return entry.type === 'revoked' || entry.type === 'suspended' || entry.type === 'resumed';
}
