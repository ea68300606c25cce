/**
 * Putting a journal right: after a loss, what the root holds takes the place of what is stored from some index on.
 * Everything that follows from the entries is judged anew; what breaks a rule stays as it was written.
 */
import { INITIAL_STATE, type Authority } from '../delegation';
import { EMPTY_TREE } from '../journal';
import { examine, needsOf, tryDecodeEntry } from './evidence';
import { readEntries, readEntriesAt, readJournal, writeHead, writeQuota, type LedgerDatabase } from './rows';
import { rootAt } from './proofs';
import { rootBefore } from './seal';
import { Turn } from './turn';
import type { CarriedOver } from './verify';

/** Entries in one turn: bounds the memory it takes. */
const CHUNK = 1024;

/**
 * Appends entries as another holds them, findings or not.
 * @param db the write transaction
 * @returns how many findings they give
 */
export async function appendHeld(
  db: LedgerDatabase,
  origin: string,
  authority: Authority,
  entries: readonly Buffer[],
): Promise<number> {
  const journal = await readJournal(db, origin);
  const examined = await examine({
    start: journal.state.size,
    entries: entries.map(tryDecodeEntry),
    authority,
    readEarlier: (indexes) => readEntriesAt(db, journal.id, indexes),
    rootBefore: (size) => rootBefore(db, origin, size),
    rootAt: (size) => rootAt(db, journal, entries, size),
  });
  const turn = await Turn.begin(db, journal, authority, needsOf(examined, authority));
  let findings = 0;
  for (const [at, bytes] of entries.entries()) findings += turn.takeHeld(bytes, examined[at]).findings.length;
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
    const bytes = await readEntries(db, journal, start, end);
    await db
      .deleteFrom('entries')
      .where('journal', '=', id)
      .where('idx', '>=', start)
      .where('idx', '<', end)
      .execute();
    await appendHeld(db, origin, authority, bytes);
  }
}
