/** Where one epoch's journal ends and the next begins: the seal, and the counters that go over with it. */
import { originOf, parseOrigin, type Seal } from '../journal';
import { decodeStored } from './decoding';
import { readDirectiveResults } from './directiveResults';
import { rootHashAt } from './proofs';
import {
  findJournal,
  readEntriesAt,
  readQuota,
  writeQuota,
  type LedgerDatabase,
  type StoredJournal,
} from './rows';

/**
 * The nearest journal of the same node before or after one that has begun: that of a CA key that was replaced before it
 * was opened never does.
 */
export async function begunBeside(
  db: LedgerDatabase,
  origin: string,
  side: 'before' | 'after',
): Promise<StoredJournal | undefined> {
  const { epoch, ...place } = parseOrigin(origin);
  const all = originOf({ ...place, epoch: 1 }).slice(0, -1);
  const rows = await db
    .selectFrom('journals')
    .select('origin')
    .where('origin', '>=', all)
    .where('origin', '<', `${all}:`)
    .where('size', '>', 0)
    .execute();
  const epochs = rows.map((row) => parseOrigin(row.origin).epoch);
  const beside =
    side === 'before'
      ? Math.max(...epochs.filter((each) => each < epoch))
      : Math.min(...epochs.filter((each) => each > epoch));
  return Number.isFinite(beside) ? findJournal(db, originOf({ ...place, epoch: beside })) : undefined;
}

/** The seal that the opening of the next journal has set on this one, if that is open. */
export async function readSeal(db: LedgerDatabase, origin: string): Promise<Seal | undefined> {
  const sealed = await findJournal(db, origin);
  if (sealed === undefined || sealed.state.size === 0) return undefined;
  const journal = await begunBeside(db, origin, 'after');
  if (journal === undefined) return undefined;
  const stored = (await readEntriesAt(db, journal.id, [0])).get(0);
  const entry = stored && decodeStored(stored);
  return entry?.type === 'open' ? entry.sealed : undefined;
}

/**
 * The root hash, hex, of the journal before, when it had so many entries.
 * @returns `undefined` if it is not there or has fewer
 */
export async function rootBefore(
  db: LedgerDatabase,
  origin: string,
  size: number,
): Promise<string | undefined> {
  const journal = await begunBeside(db, origin, 'before');
  if (journal === undefined || journal.state.size < size) return undefined;
  return rootHashAt(db, journal, size);
}

/**
 * Begins a new epoch as the one before was at its seal: with its counters, since the grant's numbers hold for all CA keys
 * together, and with what it has acknowledged, since directives are for the node.
 * @param size of the journal before at its seal
 * @param less what was counted there after the seal, by key
 */
export async function carryOver(
  db: LedgerDatabase,
  {
    from,
    to,
    size,
    less,
  }: {
    readonly from: StoredJournal;
    readonly to: number;
    readonly size: number;
    readonly less: ReadonlyMap<string, number>;
  },
): Promise<void> {
  const rows = await db.selectFrom('quota').select('key').where('journal', '=', from.id).execute();
  const used = await readQuota(
    db,
    from.id,
    rows.map(({ key }) => key),
  );
  const carried = [...used].map(([key, count]) => [key, count - (less.get(key) ?? 0)] as const);
  await writeQuota(db, to, new Map(carried.filter(([, count]) => count > 0)));
  // Each one acknowledged is the next: those after the seal are as many as there are entries of them.
  const late = (await readDirectiveResults(db, from.id)).filter(({ index }) => index >= size);
  const lastDirective = from.state.lastDirective - late.length;
  await db.updateTable('journals').set({ lastDirective }).where('id', '=', to).execute();
}
