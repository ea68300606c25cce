/**
 * Removing certificates after their legal time: what a `removal` entry is judged by, and the removal itself. The tree
 * stays as it is, since of each entry that loses its certificate the hash of the leaf is kept beside what is left.
 */
import { commonTables, type CommonSchema, type Database, type Store } from '../db';
import { MAX_REMOVED, residueHash, residueOf, residuesHash, type Removed } from '../delegation';
import { decodeStored, tryReadTbs } from './decoding';
import { firstWhole } from './entriesOfType';
import type { Examined } from './evidence';
import {
  inChunks,
  leafOf,
  readEntries,
  type LedgerDatabase,
  type StoredEntry,
  type StoredJournal,
} from './rows';

/** Entries handled at a time. */
const CHUNK = 1000;

/** What is left of an entry, and what it counts for. */
interface Left {
  /** What would be, or is, stored in its place; `undefined` if it stays as it is. */
  readonly residue: Buffer | undefined;
  readonly intent: 'begun' | number | undefined;
  readonly notAfter: string | undefined;
}

function leftOf(stored: StoredEntry): Left {
  const entry = decodeStored(stored);
  const residue = stored.leaf === null ? undefined : stored.bytes;
  switch (entry?.type) {
    case 'intent': {
      const tbs = tryReadTbs(entry.tbs);
      return {
        residue: residueOf(stored.bytes, entry, tbs),
        intent: 'begun',
        notAfter: tbs?.notAfter.toISOString(),
      };
    }
    case 'removed-intent':
      return { residue, intent: 'begun', notAfter: entry.notAfter };
    case 'issued':
      return {
        residue: residueOf(stored.bytes, entry, undefined),
        intent: entry.intent,
        notAfter: undefined,
      };
    case 'removed-issued':
    case 'abandoned':
      return { residue, intent: entry.intent, notAfter: undefined };
    case undefined:
    case 'open':
    case 'grant':
    case 'revoked':
    case 'suspended':
    case 'resumed':
    case 'crl':
    case 'directive':
    case 'lease':
    case 'ceremony':
    case 'removal':
      return { residue: undefined, intent: undefined, notAfter: undefined };
  }
}

/** An entry as it counts for a removal. */
interface Counted extends Pick<Left, 'intent' | 'notAfter'> {
  readonly hash: Buffer;
}

/** What entries from an index on come to. */
class Tally {
  lastEnd: string | null = null;
  readonly open = new Set<number>();

  add(index: number, { intent, notAfter }: Counted): void {
    if (intent === 'begun') this.open.add(index);
    else if (intent !== undefined) this.open.delete(intent);
    if (notAfter !== undefined && notAfter > (this.lastEnd ?? '')) this.lastEnd = notAfter;
  }
}

/**
 * What removals among some entries are judged by. However many there are, and whether they hold, each entry is read once:
 * what of it counts is kept for as many as one removal may cover.
 */
export class Removals {
  #from = 0;
  /** From there on. */
  #counted: Counted[] = [];

  /**
   * @param start index of the first of the entries
   * @param entries which need not be stored yet
   */
  constructor(
    private readonly db: LedgerDatabase,
    private readonly journal: Pick<StoredJournal, 'id' | 'origin'>,
    private readonly start: number,
    private readonly entries: readonly StoredEntry[],
  ) {}

  /** Adds to a `removal` entry what it removes; leaves every other one as it is. @param state before it */
  async examined(
    one: Examined | undefined,
    { removedBefore, size }: { readonly removedBefore: number; readonly size: number },
  ): Promise<Examined | undefined> {
    if (one?.entry.type !== 'removal') return one;
    const { before } = one.entry;
    if (before <= removedBefore || before > size) return one;
    const removed = await this.upTo(before, removedBefore);
    return removed === undefined ? one : { ...one, evidence: { ...one.evidence, removed } };
  }

  /** @returns what the entries `from` up to but not including `before` come to; nothing for more than a removal may cover */
  async upTo(before: number, from: number): Promise<Removed | undefined> {
    if (before > from + MAX_REMOVED) return undefined;
    const counted = await this.#range(from, before);
    const tally = new Tally();
    counted.forEach((one, at) => {
      tally.add(from + at, one);
    });
    const residues = residuesHash(counted.map(({ hash }) => hash));
    return { residues, lastEnd: tally.lastEnd, open: [...tally.open] };
  }

  /** @returns the furthest place up to which no certificate ends later and no intent is open, if one ends at all */
  async furthest(from: number, before: number, endedBy: string): Promise<number | undefined> {
    const abandoned = await this.#abandoned(from, before);
    const tally = new Tally();
    let found: number | undefined;
    for (let at = from; at < before; at += CHUNK) {
      const counted = await this.#range(from, Math.min(at + CHUNK, before));
      for (const [place, one] of counted.slice(at - from).entries()) {
        tally.add(at + place, one);
        if (tally.lastEnd !== null && tally.lastEnd > endedBy) return found;
        if (abandoned.has(at + place)) tally.open.delete(at + place);
        if (tally.open.size === 0 && tally.lastEnd !== null) found = at + place + 1;
      }
    }
    return found;
  }

  async #abandoned(from: number, before: number): Promise<ReadonlySet<number>> {
    const rows = await certificatesOf(this.db, this.journal.id, from, before)
      .select('intentIndex')
      .where('status', '=', 'abandoned')
      .execute();
    return new Set(rows.map(({ intentIndex }) => intentIndex));
  }

  async #range(from: number, before: number): Promise<readonly Counted[]> {
    const known = from - this.#from;
    this.#counted = known < 0 || known > this.#counted.length ? [] : this.#counted.slice(known);
    this.#from = from;
    for (let at = from + this.#counted.length; at < before; at = from + this.#counted.length)
      for (const stored of await this.#read(at, Math.min(before, at + CHUNK)))
        this.#counted.push(countedOf(stored));
    return this.#counted.slice(0, before - from);
  }

  async #read(from: number, to: number): Promise<readonly StoredEntry[]> {
    const { db, journal, start, entries } = this;
    if (from >= start) return entries.slice(from - start, to - start);
    return readEntries(db, journal, from, Math.min(to, start));
  }
}

function countedOf(stored: StoredEntry): Counted {
  const { residue, intent, notAfter } = leftOf(stored);
  return { hash: residueHash(residue ?? stored.bytes), intent, notAfter };
}

export interface NextRemoval {
  readonly before: number;
  readonly removed: Removed;
}

/**
 * Where the next removal may end: the furthest place up to which every certificate has ended by a moment and every intent
 * has its outcome.
 * @param endedBy ISO 8601 UTC
 * @param seen how many entries the root has
 * @returns nothing if no certificate would be removed
 */
export async function nextRemoval(
  db: LedgerDatabase,
  journal: StoredJournal,
  endedBy: string,
  seen: number,
): Promise<NextRemoval | undefined> {
  const { size, removedBefore } = journal.state;
  const removals = new Removals(db, journal, size, []);
  const most = Math.min(size, seen, removedBefore + MAX_REMOVED);
  const before = await removals.furthest(removedBefore, most, endedBy);
  const removed = before === undefined ? undefined : await removals.upTo(before, removedBefore);
  return before === undefined || removed === undefined ? undefined : { before, removed };
}

/** Whether an entry, by its index, is what something is held against a node for. */
type IsEvidence = (index: number) => boolean;

/** Entries whose certificates are removed in one transaction. */
const PORTION = 500;

/**
 * Removes the certificates of all entries before an index, portion by portion. May be cut off and repeated.
 * @param evidence which entries are needed as evidence, as the transaction sees them
 * @param progress told how many more entries were looked at
 * @returns how many intents lost theirs
 */
export async function removeBefore<Schema extends CommonSchema>(
  store: Store<Schema>,
  journal: Pick<StoredJournal, 'id' | 'origin'>,
  before: number,
  progress: (entries: number) => void,
  evidence?: (tx: Database<Schema>) => Promise<IsEvidence>,
): Promise<number> {
  let removed = 0;
  const next = (from: number): Promise<number> =>
    firstWhole(commonTables(store.read), journal.id, from, before);
  for (let from = await next(0); from < before;) {
    const start = from;
    const to = Math.min(start + PORTION, before);
    removed += await store.transaction(async (tx) =>
      removeCertificates(commonTables<Schema>(tx), journal, start, to, await evidence?.(tx)),
    );
    progress(to - start);
    from = await next(to);
  }
  return removed;
}

/** The index after the last certificate that is removed, before an index. */
export async function removedUpTo(db: LedgerDatabase, journal: number, before: number): Promise<number> {
  const last = await db
    .selectFrom('entries')
    .select('idx')
    .where('journal', '=', journal)
    .where('idx', '<', before)
    .where('leaf', 'is not', null)
    .orderBy('idx', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? 0 : last.idx + 1;
}

/**
 * Removes the certificates of some entries, with the names in the records. May be repeated.
 * @param db the write transaction
 * @param isEvidence the certificates of these entries stay whole
 * @returns how many intents lost theirs
 */
export async function removeCertificates(
  db: LedgerDatabase,
  journal: Pick<StoredJournal, 'id' | 'origin'>,
  from: number,
  before: number,
  isEvidence?: IsEvidence,
): Promise<number> {
  const { id } = journal;
  const entries = await readEntries(db, journal, from, before);
  const outcomes = isEvidence && (await readOutcomes(db, id, from, before));
  const intents: number[] = [];
  for (const [at, stored] of entries.entries()) {
    const { residue, intent } = leftOf(stored);
    const index = from + at;
    if (stored.leaf !== null || residue === undefined) continue;
    const other = intent === 'begun' ? outcomes?.get(index) : intent;
    if (isEvidence?.(index) === true || isEvidence?.(other ?? index) === true) continue;
    await db
      .updateTable('entries')
      .set({ bytes: residue, leaf: leafOf(stored) })
      .where('journal', '=', id)
      .where('idx', '=', index)
      .execute();
    if (intent === 'begun') intents.push(index);
  }
  for (const some of inChunks(intents)) {
    await db
      .updateTable('certificates')
      .set({ subject: '' })
      .where('journal', '=', id)
      .where('intentIndex', 'in', some)
      .execute();
  }
  return intents.length;
}

/** Of intents, the indexes of the `issued` entries with which they are certificates. */
async function readOutcomes(
  db: LedgerDatabase,
  journal: number,
  from: number,
  before: number,
): Promise<ReadonlyMap<number, number | null>> {
  const rows = await certificatesOf(db, journal, from, before)
    .select(['intentIndex', 'issuedIndex'])
    .execute();
  return new Map(rows.map(({ intentIndex, issuedIndex }) => [intentIndex, issuedIndex]));
}

/** How many certificates are whole, of intents from an index up to but not including another. */
export async function countWhole(
  db: LedgerDatabase,
  journal: number,
  from: number,
  before: number,
): Promise<number> {
  const { named } = await certificatesOf(db, journal, from, before)
    .select((row) => row.fn.countAll<number>().as('named'))
    .where('subject', '!=', '')
    .executeTakeFirstOrThrow();
  return named;
}

/** Records of intents from an index up to but not including another. */
function certificatesOf(db: LedgerDatabase, journal: number, from: number, before: number) {
  return db
    .selectFrom('certificates')
    .where('journal', '=', journal)
    .where('intentIndex', '>=', from)
    .where('intentIndex', '<', before);
}
