/** What the root does when the journal of a next epoch begins: it holds the one before to the seal, and carries its counters. */
import { commonTables, type Database, type RootSchema } from '../db';
import { checkAfterSeal, quotaKeys } from '../delegation';
import type { Seal } from '../journal';
import { carryQuota, readEntries, readJournal, tryDecodeEntry, type StoredJournal } from '../ledger';
import { keepFindings, type EntryFinding } from './findings';
import type { KnownNode } from './nodes';

const CHUNK = 1000;
/** An intent with one of these was not counted under the grant: nothing could be read of it, or no grant was in force. */
const NOT_COUNTED = ['TBS_MALFORMED', 'GRANT_MISMATCH'] as const;

/**
 * Entries that the root took before it knew of the seal are judged by it now; later ones are when they come.
 * @param to the journal that sets the seal
 */
export async function sealJournal(
  tx: Database<RootSchema>,
  sealed: KnownNode,
  seal: Seal,
  to: number,
  now: Date,
): Promise<void> {
  const db = commonTables(tx);
  const journal = await readJournal(db, sealed.origin);
  const uncounted = await readUncounted(tx, journal, seal.size);
  const found: EntryFinding[] = [];
  const late = new Map<string, number>();
  for (let start = seal.size; start < journal.state.size; start += CHUNK) {
    const end = Math.min(start + CHUNK, journal.state.size);
    for (const [at, bytes] of (await readEntries(db, journal, start, end)).entries()) {
      const entryIndex = start + at;
      const entry = tryDecodeEntry(bytes);
      if (entry === undefined) continue;
      found.push(...checkAfterSeal(entry, entryIndex, seal.size).map((finding) => ({ entryIndex, finding })));
      if (entry.type !== 'intent' || uncounted.has(entryIndex)) continue;
      const keys = quotaKeys(sealed.grant.value.grantId, entry.profile, new Date(entry.time));
      for (const key of Object.values(keys)) late.set(key, (late.get(key) ?? 0) + 1);
    }
  }
  await keepFindings(tx, journal.id, found, now);
  await carryQuota(db, { from: journal.id, to, less: late });
}

async function readUncounted(
  tx: Database<RootSchema>,
  { id }: StoredJournal,
  from: number,
): Promise<ReadonlySet<number>> {
  const rows = await tx
    .selectFrom('findings')
    .select('entryIndex')
    .where('journal', '=', id)
    .where('entryIndex', '>=', from)
    .where('code', 'in', NOT_COUNTED)
    .execute();
  return new Set(rows.flatMap(({ entryIndex }) => entryIndex ?? []));
}
