/**
 * Putting a journal right: after a loss, what the root holds takes the place of what is stored from some index on.
 * Everything that follows from the entries is judged anew; what breaks a rule stays as it was written.
 */
import { INITIAL_STATE, type Authority, type Finding } from '../delegation';
import { EMPTY_TREE } from '../journal';
import { examine, needsOf } from './evidence';
import { Removals } from './removal';
import {
  readEntries,
  readJournal,
  writeHead,
  writeQuota,
  type LedgerDatabase,
  type StoredEntry,
} from './rows';
import { Turn } from './turn';
import type { CarriedOver } from './verify';

/** Entries in one turn: bounds the memory it takes. */
const CHUNK = 1024;

/**
 * Appends entries as another holds them, findings or not.
 * @param db the write transaction
 * @returns the findings they give
 */
export async function appendHeld(
  db: LedgerDatabase,
  origin: string,
  authority: Authority,
  entries: readonly StoredEntry[],
): Promise<readonly Finding[]> {
  const journal = await readJournal(db, origin);
  const examined = await examine({ db, journal, authority, entries });
  const turn = await Turn.begin(db, journal, authority, needsOf(examined, authority));
  const removals = new Removals(db, journal, journal.state.size, entries);
  const findings: Finding[] = [];
  for (const [at, stored] of entries.entries()) {
    const one = await turn.examined(removals, examined[at]);
    findings.push(...turn.takeHeld(stored, one).findings);
  }
  await turn.commit();
  return findings;
}

/**
 * Cuts a journal back to its first entries, with all that follows from them.
 * @param db the write transaction
 * @param carried what the journal began with, of the epoch before
 */
export async function cutBack(
  db: LedgerDatabase,
  origin: string,
  authority: Authority,
  size: number,
  carried: CarriedOver = { quota: new Map(), lastDirective: 0 },
): Promise<void> {
  const journal = await readJournal(db, origin);
  const { id } = journal;
  for (const table of ['certificates', 'quota', 'treeNodes', 'directiveResults'] as const)
    await db.deleteFrom(table).where('journal', '=', id).execute();
  await db.deleteFrom('entries').where('journal', '=', id).where('idx', '>=', size).execute();
  await writeHead(db, id, EMPTY_TREE, { ...INITIAL_STATE, lastDirective: carried.lastDirective });
  await writeQuota(db, id, carried.quota);
  for (let start = 0; start < size; start += CHUNK) {
    const end = Math.min(start + CHUNK, size);
    const stored = await readEntries(db, journal, start, end);
    await db
      .deleteFrom('entries')
      .where('journal', '=', id)
      .where('idx', '>=', start)
      .where('idx', '<', end)
      .execute();
    await appendHeld(db, origin, authority, stored);
  }
}
