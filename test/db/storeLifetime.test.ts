/** Opening and closing a store. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { DbError, openStore } from '../../src/db';
import { configure } from '../../src/db/connection';
import { SqliteConnection } from '../../src/db/sqlite';
import { expectCode } from '../support/matchers';
import { addItem, countItems, newFolder, newStore } from './scratch';
import { testMigrations } from './testMigrations';

describe('opening', () => {
  test.each([0o000, 0o277])('makes files for their owner only, whatever the umask (%o)', async (umask) => {
    const file = join(newFolder(), 'test.db');
    const before = process.umask(umask);
    try {
      await addItem(await newStore({ file }));
    } finally {
      process.umask(before);
    }
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
  });

  test('every connection has its settings', async () => {
    const store = await newStore();
    const expected = {
      journal_mode: 'wal',
      synchronous: 2,
      foreign_keys: 1,
      trusted_schema: 0,
      busy_timeout: 5000,
    };
    type Handle = Parameters<Parameters<typeof store.snapshot>[0]>[0];
    const settings = async (db: Handle): Promise<Record<string, unknown>> => {
      const found: Record<string, unknown> = {};
      for (const pragma of Object.keys(expected)) {
        const { rows } = await sql<object>`PRAGMA ${sql.raw(pragma)}`.execute(db);
        found[pragma] = Object.values(rows[0] ?? {})[0];
      }
      return found;
    };
    expect(await store.transaction(settings)).toEqual(expected);
    expect(await Promise.all([store.snapshot(settings), store.snapshot(settings)])).toEqual([
      expected,
      expected,
    ]);
  });

  test('a database that cannot keep a write-ahead log is refused', async () => {
    const inMemory = await SqliteConnection.open(':memory:', 0);
    const error = await expectCode(configure(inMemory), DbError, 'PRAGMA_NOT_HELD');
    expect(error.params).toMatchObject({ pragma: 'journal_mode', found: 'memory', expected: 'wal' });
    await inMemory.close();
  });

  test('waits for another process that is making the same database', async () => {
    const file = join(newFolder(), 'test.db');
    writeFileSync(file, '');
    const other = await SqliteConnection.open(file, 0);
    await other.script('CREATE TABLE half (made); BEGIN IMMEDIATE');
    const opening = newStore({ file });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
    expect(await countItems(await opening)).toBe(0);
  });

  test('a missing folder, or a folder in place of the file', async () => {
    const folder = newFolder();
    await expectCode(newStore({ file: join(folder, 'absent', 'test.db') }), DbError, 'DATABASE_UNAVAILABLE');
    mkdirSync(join(folder, 'test.db'));
    await expectCode(newStore({ file: join(folder, 'test.db') }), DbError, 'DATABASE_UNAVAILABLE');
  });

  test.each([
    ['text', 'this is no database, but it is quite long. '.repeat(100)],
    ['a few bytes', 'short'],
  ])('a file of %s is no database, and stays as it is', async (_, text) => {
    const file = join(newFolder(), 'test.db');
    writeFileSync(file, text);
    await expectCode(newStore({ file }), DbError, 'DATABASE_DAMAGED');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('a damaged page is found when it is read', async () => {
    const file = join(newFolder(), 'test.db');
    const store = await newStore({ file });
    for (let n = 0; n < 5; n++) await addItem(store);
    await store.close();
    const bytes = openSync(file, 'r+');
    writeSync(bytes, Buffer.alloc(statSync(file).size - 4096, 0xff), 0, null, 4096);
    closeSync(bytes);
    await expectCode(newStore({ file, migrate: false }).then(countItems), DbError, 'DATABASE_DAMAGED');
  });
});

describe('closing', () => {
  test('waits for what was begun and queued, then refuses', async () => {
    const store = await newStore();
    const writing = [addItem(store), addItem(store)];
    const reading = [countItems(store), countItems(store), countItems(store)];
    const closing = store.close();
    await Promise.all([...writing, ...reading]);
    await closing;
    await expectCode(addItem(store), DbError, 'STORE_CLOSED');
    await expectCode(countItems(store), DbError, 'STORE_CLOSED');
    await store.close();
  });

  test('leaves one file with everything in it', async () => {
    const file = join(newFolder(), 'test.db');
    const store = await newStore({ file });
    await addItem(store);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(await countItems(await newStore({ file }))).toBe(1);
  });

  test('leaves nothing that Node goes on handing to every promise', async () => {
    // Before Node 24 each context in use is a property of every promise.
    const handedOn = (): number => Object.getOwnPropertySymbols(Promise.resolve()).length;
    const before = handedOn();
    for (let round = 0; round < 3; round += 1) {
      const store = await newStore();
      await addItem(store);
      await store.close();
    }
    expect(handedOn()).toBeLessThanOrEqual(before);
  });

  test('a store that failed to open holds nothing', async () => {
    const file = join(newFolder(), 'test.db');
    await (await newStore({ file })).close();
    const opening = openStore({ file, migrations: { '0001-counters': testMigrations['0001-counters'] } });
    await expectCode(opening, DbError, 'SCHEMA_NEWER');
    expect(existsSync(`${file}-wal`)).toBe(false);
  });
});
