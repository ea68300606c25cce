/** Looking for stored entries by their type, without reading the others. */
import type { Entry } from '../journal';
import type { LedgerDatabase, StoredEntry } from './rows';

/**
 * The newest entries of a type, those that cannot be read among them; from the end of the journal backwards.
 * @param before only those before this index
 */
export async function newestEntries(
  db: LedgerDatabase,
  journal: number,
  type: Entry['type'],
  { before = Number.MAX_SAFE_INTEGER, limit }: { readonly before?: number; readonly limit: number },
): Promise<readonly StoredEntry[]> {
  return ofType(db, journal, [type])
    .select(['bytes', 'leaf'])
    .where('idx', '<', before)
    .orderBy('idx', 'desc')
    .limit(limit)
    .execute();
}

/**
 * The first of some entries that a removal takes something from. What was removed may lie before it or after: a journal
 * can have come back in part.
 * @returns its index; `before` if there is none
 */
export async function firstWhole(
  db: LedgerDatabase,
  journal: number,
  from: number,
  before: number,
): Promise<number> {
  const first = await ofType(db, journal, ['intent', 'issued'])
    .select('idx')
    .where('idx', '>=', from)
    .where('idx', '<', before)
    .where('leaf', 'is', null)
    .orderBy('idx')
    .limit(1)
    .executeTakeFirst();
  return first?.idx ?? before;
}

function ofType(db: LedgerDatabase, journal: number, types: readonly Entry['type'][]) {
  return db
    .selectFrom('entries')
    .where('journal', '=', journal)
    .where((row) =>
      row.or(
        types.map((type) => {
          // Canonical JSON with `type` first: what every such entry begins with.
          const beginning = Buffer.from(`{"type":"${type}",`, 'utf8');
          return row(
            row.fn<Buffer>('substr', ['bytes', row.val(1), row.val(beginning.length)]),
            '=',
            beginning,
          );
        }),
      ),
    );
}
