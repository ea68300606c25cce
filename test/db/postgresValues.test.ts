/** What PostgreSQL makes of values, constraints and its own errors: the same as the other engine does. */
import { sql } from 'kysely';
import { databasePlace, DbError, type DatabaseConfig, type DatabasePlace } from '../../src/db';
import { expectCode } from '../support/matchers';
import { PostgresCluster } from '../support/postgresCluster';
import { addItem, countItems, newStore } from './scratch';

let cluster: PostgresCluster;
let config: DatabaseConfig;

beforeAll(async () => {
  cluster = await PostgresCluster.shared();
});

beforeEach(async () => {
  config = await cluster.newDatabase();
});

const placeOf = (): DatabasePlace => databasePlace(config, '/', '');

describe('values', () => {
  async function storeAndRead(type: string, value: unknown): Promise<unknown> {
    const store = await newStore(placeOf());
    return store.transaction(async (tx) => {
      await sql`CREATE TABLE kept (value ${sql.raw(type)})`.execute(tx);
      await sql`INSERT INTO kept VALUES (${value})`.execute(tx);
      const { rows } = await sql<{ value: unknown }>`SELECT value FROM kept`.execute(tx);
      return rows[0]?.value;
    });
  }

  test.each([
    ['null', 'text', null],
    ['text', 'text', 'Ủy ban nhân dân tỉnh'],
    ['empty text', 'text', ''],
    ['bytes', 'bytea', Buffer.from([0, 1, 255])],
    ['no bytes', 'bytea', Buffer.alloc(0)],
    ['a small integer', 'bigint', -7],
    ['the largest integer', 'bigint', Number.MAX_SAFE_INTEGER],
  ])('%s comes back as it was stored', async (_, type, value) => {
    expect(await storeAndRead(type, value)).toEqual(value);
  });

  test('bytes come back as a Buffer, whichever view of bytes was stored', async () => {
    const read = await storeAndRead('bytea', new Uint8Array([9, 8, 7, 6]).subarray(1, 3));
    expect(read).toEqual(Buffer.from([8, 7]));
  });

  test('an integer that no number holds exactly is not read as another', async () => {
    const store = await newStore(placeOf());
    const reading = sql`SELECT 9007199254740993::bigint AS n`.execute(store.read);
    await expectCode(reading, DbError, 'DATABASE_DAMAGED');
    expect(await countItems(store)).toBe(0);
  });

  test.each([
    ['undefined', undefined],
    ['a bigint', 1n],
    ['an object', { a: 1 }],
    ['a date', new Date(0)],
    ['an inexact integer', 2 ** 60],
  ])('%s is refused', async (_, value) => {
    await expectCode(storeAndRead('bigint', value), DbError, 'PARAMETER_TYPE');
  });

  test('text is in the order of its bytes, whatever the order of the database', async () => {
    const store = await newStore(placeOf());
    const names = ['a', 'B', 'c', 'Đ', 'z', 'ả'];
    await store.transaction((tx) =>
      tx
        .insertInto('counters')
        .values(names.map((name) => ({ name, value: 0 })))
        .execute(),
    );
    const rows = await store.read.selectFrom('counters').select('name').orderBy('name').execute();
    const byBytes = [...names, 'main'].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(rows.map(({ name }) => name)).toEqual(byBytes);
    const { rows: others } = await sql<{ name: string }>`
      SELECT name FROM (VALUES ('a'), ('B')) AS t (name) ORDER BY name`.execute(store.read);
    expect(others.map(({ name }) => name)).toEqual(['a', 'B']);
  });

  test('nothing is in an empty list, and everything outside it', async () => {
    const store = await newStore(placeOf());
    await addItem(store, 1);
    expect(await store.read.selectFrom('items').select('id').where('amount', 'in', []).execute()).toEqual([]);
    expect(
      await store.read.selectFrom('items').select('id').where('amount', 'not in', []).execute(),
    ).toHaveLength(1);
  });
});

describe('constraints', () => {
  test.each([
    ['unique', 'items_pkey', { id: 1, amount: 1 }],
    ['foreign-key', 'items_owner_fkey', { id: 2, owner: 'nobody', amount: 1 }],
    ['check', 'amount_not_negative', { amount: -1 }],
    ['not-null', 'items.amount', { amount: null as unknown as number }],
  ])('%s', async (kind, constraint, row) => {
    const store = await newStore(placeOf());
    await store.transaction((tx) => tx.insertInto('items').values({ id: 1, amount: 0 }).execute());
    const error = await expectCode(
      store.transaction((tx) => tx.insertInto('items').values(row).execute()),
      DbError,
      'CONSTRAINT',
    );
    expect(error.params).toEqual({ kind, constraint });
  });

  test('a failed statement that the work caught still undoes the transaction', async () => {
    const store = await newStore(placeOf());
    const failing = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      await tx
        .insertInto('items')
        .values({ amount: -1 })
        .execute()
        .catch(() => undefined);
    });
    await expectCode(failing, DbError, 'CONSTRAINT');
    expect(await countItems(store)).toBe(0);
  });
});

describe('what the server says', () => {
  test.each([
    ['53100', 'DISK_FULL'],
    ['40P01', 'DATABASE_BUSY'],
    ['25006', 'DATABASE_READ_ONLY'],
    ['XX001', 'DATABASE_DAMAGED'],
    ['58030', 'DATABASE_UNAVAILABLE'],
    ['42501', 'DATABASE_UNAVAILABLE'],
  ] as const)('%s is %s, and undoes the transaction', async (state, code) => {
    const store = await newStore(placeOf());
    const failing = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      await sql`${sql.raw(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${state}'; END $$`)}`.execute(
        tx,
      );
    });
    await expectCode(failing, DbError, code);
    expect(await countItems(store)).toBe(0);
    await addItem(store);
  });
});
