/** What a node that lost a part of its journal gets back: the entries as the root holds them. */
import { readEntriesWithin, readJournal } from '../ledger';
import { MAX_ENTRIES, type Reply } from '../sync';
import type { RootCa } from './root';

/** Most octets of entries in one reply, which also carries documents, and everything in base64. */
const MAX_PULLED = 8 * 1024 * 1024;

/** @returns as many entries as fit; nothing if there are none from that index on */
export async function pulledFrom(root: RootCa, origin: string, from: number): Promise<Pick<Reply, 'pulled'>> {
  const journal = await readJournal(root.read, origin);
  const { size } = journal.state;
  if (from >= size) return {};
  const to = Math.min(from + MAX_ENTRIES, size);
  const entries = await readEntriesWithin(root.read, journal, { from, to, octets: MAX_PULLED });
  return { pulled: { from, entries } };
}
