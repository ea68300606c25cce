/** Migrations of a store. */
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { DbError, type DatabasePlace } from '../../src/db';
import { expectCode } from '../support/matchers';
import { newFolder, newPlace, newStore, overEachEngine } from './scratch';
import { testMigrations } from './testMigrations';

const newest = { ...testMigrations, '0003-notes': { up: addNotes } };

async function addNotes(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('notes').addColumn('text', 'text').execute();
}

async function tableNames(place: DatabasePlace, migrations = newest): Promise<unknown[]> {
  const store = await newStore({ ...place, migrations });
  const tables = await store.read.introspection.getTables();
  await store.close();
  return tables.map((table) => table.name);
}

overEachEngine('migrations', () => {
  test('are applied in the order of their names, and only once', async () => {
    const place = await newPlace();
    const order: string[] = [];
    const note = (name: string) => ({ up: async () => void order.push(name) });
    const migrations = { '0002-b': note('b'), '0010-c': note('c'), '0001-a': note('a') };
    for (let times = 0; times < 2; times++) await (await newStore({ ...place, migrations })).close();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('bring an older database up to date', async () => {
    const place = await newPlace();
    expect(await tableNames(place, testMigrations as typeof newest)).toEqual(['counters', 'items']);
    expect(await tableNames(place)).toEqual(['counters', 'items', 'notes']);
  });

  test('all of them are undone if one fails, and the failure keeps its cause', async () => {
    const place = await newPlace();
    const bad = async (db: Kysely<unknown>): Promise<void> => {
      await sql`NONSENSE`.execute(db);
    };
    const failing = { ...newest, '0004-bad': { up: bad } };
    const error = await expectCode(newStore({ ...place, migrations: failing }), DbError, 'MIGRATION_FAILED');
    expect(error.params).toMatchObject({ migration: '0004-bad' });
    expect(error.cause).toBeInstanceOf(DbError);
    const bare = await newStore({ ...place, migrations: {} });
    expect(await bare.read.introspection.getTables({ withInternalKyselyTables: true })).toEqual([]);
  });

  test('a database of a newer program is refused, whether or not it may be migrated', async () => {
    const place = await newPlace();
    await tableNames(place);
    for (const migrate of [true, false]) {
      const error = await expectCode(newStore({ ...place, migrate }), DbError, 'SCHEMA_NEWER');
      expect(error.params).toMatchObject({ unknown: '0003-notes' });
    }
  });

  test('a migration slipped in before others that have been applied is refused', async () => {
    const place = await newPlace();
    await tableNames(place);
    const migrations = { ...newest, '0002-between': { up: addNotes } };
    const error = await expectCode(newStore({ ...place, migrations }), DbError, 'MIGRATION_FAILED');
    expect(error.params).toMatchObject({ migration: '0002-between' });
  });

  test('a clock that was set back between two of them does not matter', async () => {
    const place = await newPlace();
    const store = await newStore(place);
    await store.transaction(async (tx) => {
      await sql`UPDATE kysely_migration SET timestamp = '2001-01-01T00:00:00.000Z' WHERE name = '0002-items'`.execute(
        tx,
      );
    });
    await store.close();
    expect(await tableNames(place)).toEqual(['counters', 'items', 'notes']);
  });
});

overEachEngine('without leave to migrate', () => {
  test('an up-to-date database opens', async () => {
    const place = await newPlace();
    await tableNames(place);
    const store = await newStore({ ...place, migrations: newest, migrate: false });
    expect(await store.read.selectFrom('counters').selectAll().execute()).toHaveLength(1);
  });

  test('an older one is refused and stays as it is', async () => {
    const place = await newPlace();
    await (await newStore(place)).close();
    const error = await expectCode(
      newStore({ ...place, migrations: newest, migrate: false }),
      DbError,
      'SCHEMA_OLDER',
    );
    expect(error.params).toMatchObject({ pending: '0003-notes' });
    await (await newStore({ ...place, migrate: false })).close();
  });
});

describe('a file', () => {
  test('a full disk stays a full disk', async () => {
    const fill = async (db: Kysely<unknown>): Promise<void> => {
      await sql`PRAGMA max_page_count=20`.execute(db);
      await sql`CREATE TABLE large AS SELECT zeroblob(1000000)`.execute(db);
    };
    await expectCode(newStore({ migrations: { '0001-fill': { up: fill } } }), DbError, 'DISK_FULL');
  });

  test('an absent one is not made', async () => {
    const folder = newFolder();
    const opening = (): Promise<unknown> => newStore({ file: join(folder, 'test.db'), migrate: false });
    await expectCode(opening, DbError, 'DATABASE_UNAVAILABLE');
    await expectCode(opening, DbError, 'DATABASE_UNAVAILABLE');
  });
});
