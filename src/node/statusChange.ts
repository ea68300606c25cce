/** The last journal entry about a certificate's status, which gave it or told more of it, and what the root knows of it. */
import { commonTables, type Database, type NodeSchema } from '../db';
import type { CertificateRecord, JudgedEntry, StatusEntry } from '../delegation';
import { decodeStored, readEntriesAt, type StoredJournal } from '../ledger';
import { NodeError } from './errors';

export interface StatusChangeEntry {
  readonly index: number;
  readonly entry: StatusEntry;
}

/**
 * Entries lie in the order of their times, and the record has the time of its last one: so it is found among a million
 * by reading some twenty. @returns `undefined` for a certificate that is as it was issued
 * @throws NodeError `PUBLISHED_DIFFERS`
 */
export async function readStatusChange(
  tx: Database<NodeSchema>,
  journal: StoredJournal,
  { serialNumber, issuedIndex, statusTime, exposureTime }: CertificateRecord,
): Promise<StatusChangeEntry | undefined> {
  if (issuedIndex === null) return undefined;
  const time = exposureTime ?? statusTime;
  const read = async (index: number): Promise<JudgedEntry> => {
    const stored = (await readEntriesAt(commonTables(tx), journal.id, [index])).get(index);
    const entry = stored && decodeStored(stored);
    if (entry !== undefined) return entry;
    throw new NodeError('PUBLISHED_DIFFERS', { what: serialNumber, reason: `entry ${index} is missing` });
  };
  let [from, to] = [issuedIndex + 1, journal.state.size];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((await read(middle)).time < time) from = middle + 1;
    else to = middle;
  }
  let found: StatusChangeEntry | undefined;
  for (let index = from; index < journal.state.size; index += 1) {
    const entry = await read(index);
    if (entry.time !== time) break;
    if (isStatusEntry(entry) && entry.serialNumber === serialNumber) found = { index, entry };
  }
  return found;
}

function isStatusEntry(entry: JudgedEntry): entry is StatusEntry {
  return entry.type === 'revoked' || entry.type === 'suspended' || entry.type === 'resumed';
}
