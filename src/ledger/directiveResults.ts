/** What the journals say became of each directive: derived by the judge, stored beside the entries, read by number. */
import type { DirectiveResult } from '../delegation';
import { DIRECTIVE_OUTCOMES } from '../journal';
import { LedgerError } from './errors';
import type { LedgerDatabase } from './rows';

/** An acknowledgement and the entry that is it. */
export interface ResultInEntry extends DirectiveResult {
  readonly index: number;
}

export async function insertDirectiveResults(
  db: LedgerDatabase,
  journal: number,
  acknowledged: readonly ResultInEntry[],
): Promise<void> {
  if (acknowledged.length === 0) return;
  const rows = acknowledged.map(({ index, ...row }) => ({ journal, idx: index, ...row }));
  await db.insertInto('directiveResults').values(rows).execute();
}

/** In order. */
export async function readDirectiveResults(
  db: LedgerDatabase,
  journal: number,
): Promise<readonly ResultInEntry[]> {
  const rows = await db
    .selectFrom('directiveResults')
    .selectAll()
    .where('journal', '=', journal)
    .orderBy('sequence')
    .execute();
  return rows.map(({ sequence, idx, time, outcome: word }) => {
    const outcome = DIRECTIVE_OUTCOMES.find((known) => known === word);
    if (outcome === undefined) {
      const [what, expected] = [`directive ${String(sequence)}`, 'known words'];
      throw new LedgerError('RECORD_DIFFERS', { origin: '', what, found: word, expected });
    }
    return { sequence, index: idx, time, outcome };
  });
}
