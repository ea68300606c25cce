/** The stored journal as rows: reading and writing entries, tree nodes, certificate records and counters. */
import { executeCompiled, type CommonSchema, type CompiledQuery, type Database } from '../db';
import { CERTIFICATE_STATUSES, INITIAL_STATE, type CertificateRecord, type JudgeState } from '../delegation';
import {
  appendLeaves,
  decodeFrontier,
  EMPTY_TREE,
  encodeFrontier,
  ISSUING_SERVICES,
  leafHash,
  REVOCATION_CAUSES,
  rootHash,
  type TreeHead,
  type TreeNode,
} from '../journal';
import { LedgerError } from './errors';

/** A database or transaction that has the common tables. */
export type LedgerDatabase = Database<CommonSchema>;

interface ChunkStatement<Row> {
  execute(): Promise<readonly Row[]>;
  compile(): CompiledQuery<Row>;
}

/** Rows in one statement: well under SQLite's 32,766 parameters. */
const ROWS_PER_STATEMENT = 500;

/** A row of a journal. */
export interface StoredEntry {
  /** The entry, verbatim; or what is left of it. */
  readonly bytes: Buffer;
  /** Hash of the leaf where `bytes` are only what is left; null for a whole entry. */
  readonly leaf: Buffer | null;
}

/** Entries that are whole. */
export function whole(entries: readonly Buffer[]): readonly StoredEntry[] {
  return entries.map((bytes) => ({ bytes, leaf: null }));
}

/** Hash of an entry's leaf, also of one whose certificate is removed. */
export function leafOf({ bytes, leaf }: StoredEntry): Buffer {
  return leaf ?? leafHash(bytes);
}

export interface StoredJournal {
  readonly id: number;
  readonly origin: string;
  readonly head: TreeHead;
  readonly rootHash: Buffer;
  readonly state: JudgeState;
}

/** @throws LedgerError `JOURNAL_UNKNOWN` */
export async function readJournal(db: LedgerDatabase, origin: string): Promise<StoredJournal> {
  const journal = await findJournal(db, origin);
  if (journal === undefined) throw new LedgerError('JOURNAL_UNKNOWN', { origin });
  return journal;
}

export async function findJournal(db: LedgerDatabase, origin: string): Promise<StoredJournal | undefined> {
  const row = await db.selectFrom('journals').selectAll().where('origin', '=', origin).executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, size, lastTime, grantVersion, crlNumber, lastDirective, toldSize, leaseTime, removedBefore } =
    row;
  return {
    id,
    origin,
    head: decodeFrontier(size, row.frontier),
    rootHash: row.rootHash,
    state: { size, lastTime, grantVersion, crlNumber, lastDirective, toldSize, leaseTime, removedBefore },
  };
}

/** Origin of a journal that is known by its row; empty if there is none. */
export async function readOrigin(db: LedgerDatabase, id: number): Promise<string> {
  const query = db.selectFrom('journals').select('origin').where('id', '=', id);
  return (await query.executeTakeFirst())?.origin ?? '';
}

/** Starts an empty journal. @returns its id */
export async function createJournal(db: LedgerDatabase, origin: string): Promise<number> {
  const { id } = await db
    .insertInto('journals')
    .values({
      origin,
      frontier: Buffer.alloc(0),
      rootHash: rootHash(EMPTY_TREE),
      ...INITIAL_STATE,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Writes entries at the end of a journal, with the tree nodes they complete and the head. @param state after them */
export async function appendEntries(
  db: LedgerDatabase,
  { id, head }: StoredJournal,
  entries: readonly StoredEntry[],
  state: JudgeState,
): Promise<void> {
  const appended = appendLeaves(head, entries.map(leafOf));
  await insertEntries(db, id, head.size, entries);
  await insertTreeNodes(db, id, appended.nodes);
  await writeHead(db, id, appended.head, state);
}

export async function writeHead(
  db: LedgerDatabase,
  journal: number,
  head: TreeHead,
  state: JudgeState,
): Promise<void> {
  await db
    .updateTable('journals')
    .set({
      size: state.size,
      frontier: encodeFrontier(head.frontier),
      rootHash: rootHash(head),
      lastTime: state.lastTime,
      grantVersion: state.grantVersion,
      crlNumber: state.crlNumber,
      lastDirective: state.lastDirective,
      toldSize: state.toldSize,
      leaseTime: state.leaseTime,
      removedBefore: state.removedBefore,
    })
    .where('id', '=', journal)
    .execute();
}

/** Entries `from` up to but not including `to`, in order. @throws LedgerError `ENTRY_MISSING` */
export async function readEntries(
  db: LedgerDatabase,
  journal: Pick<StoredJournal, 'id' | 'origin'>,
  from: number,
  to: number,
): Promise<readonly StoredEntry[]> {
  const rows = await db
    .selectFrom('entries')
    .select(['idx', 'bytes', 'leaf'])
    .where('journal', '=', journal.id)
    .where('idx', '>=', from)
    .where('idx', '<', to)
    .orderBy('idx')
    .execute();
  for (let at = 0; at < to - from; at += 1) {
    if (rows[at]?.idx !== from + at) {
      throw new LedgerError('ENTRY_MISSING', { origin: journal.origin, index: from + at });
    }
  }
  return rows.map(({ bytes, leaf }) => ({ bytes, leaf }));
}

/**
 * The entries themselves, of those stored from an index on.
 * @throws LedgerError `CERTIFICATE_REMOVED` if only something is left of one
 */
export function requireWhole(
  origin: string,
  from: number,
  entries: readonly StoredEntry[],
): readonly Buffer[] {
  return entries.map(({ bytes, leaf }, at) => {
    if (leaf !== null) throw new LedgerError('CERTIFICATE_REMOVED', { origin, index: from + at });
    return bytes;
  });
}

/** As `readEntries`, as many as do not have more octets together; their sizes are looked at first. */
export async function readEntriesWithin(
  db: LedgerDatabase,
  journal: Pick<StoredJournal, 'id' | 'origin'>,
  { from, to, octets }: { readonly from: number; readonly to: number; readonly octets: number },
): Promise<readonly StoredEntry[]> {
  const rows = await db
    .selectFrom('entries')
    .select((row) => row.fn<number>('length', ['bytes']).as('octets'))
    .where('journal', '=', journal.id)
    .where('idx', '>=', from)
    .where('idx', '<', to)
    .orderBy('idx')
    .execute();
  let sum = 0;
  const end = rows.findIndex((row) => (sum += row.octets) > octets);
  return readEntries(db, journal, from, end < 0 ? to : from + end);
}

/** The entries at the given indexes; those that are not there are left out. */
export async function readEntriesAt(
  db: LedgerDatabase,
  journal: number,
  indexes: readonly number[],
): Promise<ReadonlyMap<number, StoredEntry>> {
  const found = new Map<number, StoredEntry>();
  for (const some of inChunks(indexes)) {
    const rows = await db
      .selectFrom('entries')
      .select(['idx', 'bytes', 'leaf'])
      .where('journal', '=', journal)
      .where('idx', 'in', some)
      .execute();
    for (const row of rows) found.set(row.idx, row);
  }
  return found;
}

async function insertEntries(
  db: LedgerDatabase,
  journal: number,
  start: number,
  entries: readonly StoredEntry[],
): Promise<void> {
  const rows = entries.map(({ bytes, leaf }, at) => ({ journal, idx: start + at, bytes, leaf }));
  await inStatements(db, 'entries', rows, (some) => db.insertInto('entries').values(some));
}

/** Leaves are not stored: their hashes are those of the entries. */
async function insertTreeNodes(
  db: LedgerDatabase,
  journal: number,
  nodes: readonly TreeNode[],
): Promise<void> {
  const inner = nodes.filter(({ level }) => level > 0);
  const rows = inner.map(({ level, index, hash }) => ({ journal, level, idx: index, hash }));
  await inStatements(db, 'treeNodes', rows, (some) => db.insertInto('treeNodes').values(some));
}

type CertificateRow = Omit<CertificateRecord, 'service' | 'status' | 'reason'> & {
  readonly service: string;
  readonly status: string;
  readonly reason: string | null;
};

/** A certificates row as the judge's record; a value no program of ours writes is a damaged database. */
export function recordOf(row: CertificateRow): CertificateRecord {
  const service = ISSUING_SERVICES.find((known) => known === row.service);
  const status = CERTIFICATE_STATUSES.find((known) => known === row.status);
  const reason = row.reason === null ? null : REVOCATION_CAUSES.find((known) => known === row.reason);
  if (service === undefined || status === undefined || reason === undefined) {
    const found = `${row.service} ${row.status} ${row.reason ?? ''}`;
    const expected = 'known words';
    throw new LedgerError('RECORD_DIFFERS', { origin: '', what: row.serialNumber, found, expected });
  }
  return {
    serialNumber: row.serialNumber,
    intentIndex: row.intentIndex,
    issuedIndex: row.issuedIndex,
    service,
    predecessor: row.predecessor,
    renewals: row.renewals,
    profile: row.profile,
    request: row.request,
    subject: row.subject,
    subjectSha256: row.subjectSha256,
    spkiSha256: row.spkiSha256,
    notBefore: row.notBefore,
    notAfter: row.notAfter,
    status,
    statusTime: row.statusTime,
    reason,
    invalidityDate: row.invalidityDate,
    heldSince: row.heldSince,
    exposureTime: row.exposureTime,
  };
}

export async function readRecords(
  db: LedgerDatabase,
  journal: number,
  column: 'serialNumber' | 'intentIndex' | 'request' | 'predecessor',
  values: readonly (string | number)[],
): Promise<readonly CertificateRecord[]> {
  const records: CertificateRecord[] = [];
  for (const some of inChunks(values)) {
    const rows = await ofChunk(db, `certificates by ${column}`, some, [journal, ...some], () =>
      db.selectFrom('certificates').selectAll().where('journal', '=', journal).where(column, 'in', some),
    );
    // One by one: as arguments of one call, very many would not fit on the stack.
    for (const row of rows) records.push(recordOf(row));
  }
  return records;
}

export async function writeRecords(
  db: LedgerDatabase,
  journal: number,
  records: readonly CertificateRecord[],
): Promise<void> {
  const rows = records.map((record) => ({ journal, ...record }));
  await inStatements(db, 'certificates', rows, (some) =>
    db
      .insertInto('certificates')
      .values(some)
      .onConflict((conflict) =>
        conflict.columns(['journal', 'serialNumber']).doUpdateSet((row) => ({
          issuedIndex: row.ref('excluded.issuedIndex'),
          status: row.ref('excluded.status'),
          statusTime: row.ref('excluded.statusTime'),
          reason: row.ref('excluded.reason'),
          invalidityDate: row.ref('excluded.invalidityDate'),
          heldSince: row.ref('excluded.heldSince'),
          exposureTime: row.ref('excluded.exposureTime'),
        })),
      ),
  );
}

export async function readQuota(
  db: LedgerDatabase,
  journal: number,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const used = new Map(keys.map((key) => [key, 0]));
  for (const some of inChunks(keys)) {
    const rows = await db
      .selectFrom('quota')
      .select(['key', 'used'])
      .where('journal', '=', journal)
      .where('key', 'in', some)
      .execute();
    for (const row of rows) used.set(row.key, row.used);
  }
  return used;
}

export async function writeQuota(
  db: LedgerDatabase,
  journal: number,
  used: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = [...used].map(([key, count]) => ({ journal, key, used: count }));
  for (const some of inChunks(rows)) {
    await db
      .insertInto('quota')
      .values(some)
      .onConflict((conflict) =>
        conflict.columns(['journal', 'key']).doUpdateSet((row) => ({ used: row.ref('excluded.used') })),
      )
      .execute();
  }
}

/** Inserts rows, each with the same members in the same order, in as few statements as take them. */
async function inStatements<Row extends object>(
  db: LedgerDatabase,
  name: string,
  rows: readonly Row[],
  insert: (some: readonly Row[]) => ChunkStatement<unknown>,
): Promise<void> {
  for (const some of inChunks(rows)) {
    await ofChunk(db, `${name} insert`, some, some.flatMap(Object.values), () => insert(some));
  }
}

/**
 * Executes a statement about so many things as `inChunks` gives; that for a full chunk is put together once.
 * @param name of the statement, unlike every other
 * @param parameters in its order
 */
export async function ofChunk<Row>(
  db: LedgerDatabase,
  name: string,
  { length }: readonly unknown[],
  parameters: readonly unknown[],
  statement: () => ChunkStatement<Row>,
): Promise<readonly Row[]> {
  if (length < ROWS_PER_STATEMENT) return statement().execute();
  return executeCompiled(db, name, parameters, () => statement().compile());
}

/** So many as one statement takes. */
export function* inChunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) yield rows.slice(at, at + ROWS_PER_STATEMENT);
}
