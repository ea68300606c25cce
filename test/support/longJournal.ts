/** Long journals in bulk, and what a piece of work reads of them. */
import { commonTables, type CommonSchema, type Store } from '../../src/db';
import { SqliteConnection } from '../../src/db/sqlite';
import { encodeEntry, parseOrigin, serialNumberAt } from '../../src/journal';
import { appendEntries, readJournal, whole, writeRecords } from '../../src/ledger';
import { sha256Hex } from '../../src/signer';
import { NOW } from './delegationFixture';

/** Intents and their outcomes in one transaction. */
const PORTION = 5000;

/**
 * Appends entries and their records by the code that appends any; neither are their certificates real, nor judged.
 * @param entries a multiple of 10,000
 * @returns the entries
 */
export async function fillJournal<Schema extends CommonSchema>(
  store: Store<Schema>,
  origin: string,
  entries: number,
): Promise<readonly Buffer[]> {
  const time = NOW.toISOString();
  const { epoch } = parseOrigin(origin);
  const asked = { service: 'issue', profile: 'individual' } as const;
  const request = (index: number): string => index.toString(16).padStart(64, '0');
  const all: Buffer[] = [];
  for (let left = entries / 2; left > 0; left -= PORTION) {
    await store.transaction(async (tx) => {
      const db = commonTables<Schema>(tx);
      const journal = await readJournal(db, origin);
      const indexes = Array.from({ length: PORTION }, (_, at) => journal.state.size + 2 * at);
      const bytes = indexes.flatMap((intent) => [
        encodeEntry({ type: 'intent', time, ...asked, request: request(intent), tbs: 'AAAA' }),
        encodeEntry({ type: 'issued', time, intent, signature: 'AAAA' }),
      ]);
      const records = indexes.map((index) => ({
        ...asked,
        serialNumber: serialNumberAt({ epoch, index }, Buffer.alloc(10, 1)),
        intentIndex: index,
        issuedIndex: index + 1,
        predecessor: null,
        renewals: 0,
        request: request(index),
        subject: 'CN=x',
        subjectSha256: sha256Hex('CN=x'),
        spkiSha256: request(index),
        notBefore: time,
        notAfter: new Date(NOW.getTime() + 300 * 86_400_000).toISOString(),
        status: 'issued' as const,
        statusTime: time,
        reason: null,
        invalidityDate: null,
        heldSince: null,
        exposureTime: null,
      }));
      await writeRecords(db, journal.id, records);
      await appendEntries(db, journal, whole(bytes), {
        ...journal.state,
        size: journal.state.size + bytes.length,
      });
      all.push(...bytes);
    });
  }
  return all;
}

/** Tables that grow with journals. */
const GROWING = ['entries', 'treeNodes', 'certificates', 'receipts', 'crls'];

interface Reads {
  readonly rows: number;
  /** How SQLite goes about each of the queries that it cannot answer by a few rows. */
  readonly scans: readonly string[];
}

/** What a piece of work reads of a SQLite database. */
export async function readsOf(file: string, work: () => Promise<unknown>): Promise<Reads> {
  const spy = jest.spyOn(SqliteConnection.prototype, 'rows');
  await work();
  const statements = new Set(spy.mock.calls.map(([sql]) => sql).filter((sql) => sql.startsWith('select')));
  const found = await Promise.all(spy.mock.results.map(({ value }) => value as Promise<readonly unknown[]>));
  const rows = found.reduce((sum, { length }) => sum + length, 0);
  spy.mockRestore();
  const connection = await SqliteConnection.open(file, 1000);
  const scans: string[] = [];
  for (const sql of statements) {
    for (const { detail } of await connection.rows(`EXPLAIN QUERY PLAN ${sql}`)) {
      if (isScan(String(detail), sql)) scans.push(`${String(detail)}: ${sql}`);
    }
  }
  await connection.close();
  return { rows, scans };
}

/**
 * A whole table, or all that a table has of one journal, be it from one end up to a bound; unless the order of the index
 * gives the one row wanted first, and none has to be passed over that is not of a list.
 */
function isScan(detail: string, sql: string): boolean {
  const [, how, name = ''] = /^(SCAN|SEARCH) (\w+)/.exec(detail) ?? [];
  const table = new RegExp(`"(\\w+)" as "${name}"`).exec(sql)?.[1] ?? name;
  if (how === undefined || !GROWING.includes(table)) return false;
  if (sql.endsWith('limit ?') && !sql.includes(' in (')) return false;
  return how === 'SCAN' || /\(journal=\?( AND \w+[<>]\?)?\)$/.test(detail);
}
