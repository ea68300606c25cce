/** What goes into the database, what comes back, and what it refuses. */
import { sql, type Kysely } from 'kysely';
import { DbError, type Store } from '../../src/db';
import { expectCode } from '../support/matchers';
import { newStore, type TestSchema } from './scratch';

async function storeAndRead(store: Store<TestSchema>, value: unknown): Promise<unknown> {
  return store.transaction(async (tx) => {
    await sql`CREATE TABLE IF NOT EXISTS kept (value)`.execute(tx);
    await sql`DELETE FROM kept`.execute(tx);
    await sql`INSERT INTO kept VALUES (${value})`.execute(tx);
    const { rows } = await sql<{ value: unknown }>`SELECT value FROM kept`.execute(tx);
    return rows[0]?.value;
  });
}

describe('values', () => {
  test.each([
    ['null', null],
    ['text', 'Ủy ban nhân dân tỉnh'],
    ['text with a zero character', 'a\0b'],
    ['empty text', ''],
    ['bytes', Buffer.from([0, 1, 255])],
    ['no bytes', Buffer.alloc(0)],
    ['a fraction', -1.5],
    ['a small integer', -7],
    ['an integer beyond 32 bits', 5_000_000_000],
    ['the largest integer', Number.MAX_SAFE_INTEGER],
  ])('%s comes back as it was stored', async (_, value) => {
    expect(await storeAndRead(await newStore(), value)).toEqual(value);
  });

  test('bytes come back as a Buffer, whichever view of bytes was stored', async () => {
    const read = await storeAndRead(await newStore(), new Uint8Array([9, 8, 7, 6]).subarray(1, 3));
    expect(Buffer.isBuffer(read)).toBe(true);
    expect(read).toEqual(Buffer.from([8, 7]));
  });

  test('integers beyond 32 bits are stored as integers in an integer column', async () => {
    const store = await newStore();
    await store.transaction((tx) =>
      tx
        .insertInto('items')
        .values({ amount: 2 ** 40 })
        .execute(),
    );
    const { rows } = await sql`SELECT typeof(amount) AS type FROM items`.execute(store.read);
    expect(rows).toEqual([{ type: 'integer' }]);
  });

  test.each([
    ['undefined', undefined],
    ['a bigint', 1n],
    ['a boolean', true],
    ['an object', { a: 1 }],
    ['a date', new Date(0)],
    ['not a number', NaN],
    ['an inexact integer', 2 ** 60],
  ])('%s is refused rather than stored as something else', async (_, value) => {
    await expectCode(storeAndRead(await newStore(), value), DbError, 'PARAMETER_TYPE');
  });
});

describe('results', () => {
  test('a change tells how many rows it touched, an insert the id it gave', async () => {
    const store = await newStore();
    await store.transaction(async (tx) => {
      const insert = await tx
        .insertInto('items')
        .values([{ amount: 1 }, { amount: 2 }])
        .executeTakeFirstOrThrow();
      expect(insert).toMatchObject({ insertId: 2n, numInsertedOrUpdatedRows: 2n });
      const update = await tx
        .updateTable('items')
        .set({ amount: 3 })
        .where('id', '=', 1)
        .executeTakeFirstOrThrow();
      expect(update.numUpdatedRows).toBe(1n);
      const removed = await tx.deleteFrom('items').executeTakeFirstOrThrow();
      expect(removed.numDeletedRows).toBe(2n);
    });
  });

  test('an insert that does nothing gives no id', async () => {
    const store = await newStore();
    const insert = await store.transaction((tx) =>
      tx
        .insertInto('counters')
        .values({ name: 'main', value: 9 })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow(),
    );
    expect(insert).toMatchObject({ insertId: undefined, numInsertedOrUpdatedRows: 0n });
  });

  test('RETURNING gives all its rows', async () => {
    const store = await newStore();
    const rows = await store.transaction((tx) =>
      tx
        .insertInto('items')
        .values([{ amount: 1 }, { amount: 2 }])
        .returning('amount')
        .execute(),
    );
    expect(rows).toEqual([{ amount: 1 }, { amount: 2 }]);
  });

  test('rows are not streamed', async () => {
    const store = await newStore();
    const first = store.read.selectFrom('counters').selectAll().stream().next();
    await expectCode(first, DbError, 'STATEMENT_FAILED');
  });
});

describe('prepared statements', () => {
  test('follow a change of the schema, made here or elsewhere', async () => {
    const store = await newStore({ readers: 1 });
    const read = () => store.read.selectFrom('counters').selectAll().execute();
    expect(await read()).toEqual([{ name: 'main', value: 0 }]);
    await store.transaction((tx) => tx.schema.alterTable('counters').addColumn('note', 'text').execute());
    expect(await read()).toEqual([{ name: 'main', value: 0, note: null }]);
    await store.transaction(async (tx) => {
      const write = () => tx.insertInto('counters').values({ name: 'other', value: 1 }).execute();
      await write();
      await tx.schema.dropTable('counters').execute();
      await tx.schema.createTable('counters').addColumn('value', 'text').addColumn('name', 'text').execute();
      await write();
    });
    expect(await read()).toEqual([{ value: '1', name: 'other' }]);
  });

  test('give way to others when there are many', async () => {
    const store = await newStore({ readers: 1 });
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 250; n++) {
        const { rows } = await sql`SELECT ${sql.lit(n)} AS n`.execute(store.read);
        expect(rows).toEqual([{ n }]);
      }
    }
  });

  test('of a PRAGMA, which acts when it is prepared, act each time', async () => {
    const store = await newStore();
    await store.transaction(async (tx) => {
      for (const limit of [100, 200, 100]) await sql`PRAGMA busy_timeout=${sql.lit(limit)}`.execute(tx);
      const { rows } = await sql`PRAGMA busy_timeout`.execute(tx);
      expect(rows).toEqual([{ timeout: 100 }]);
    });
  });

  test('work on after a failed run', async () => {
    const store = await newStore();
    const insert = (tx: Kysely<TestSchema>, id: number) =>
      tx.insertInto('items').values({ id, amount: 0 }).execute();
    await store.transaction(async (tx) => {
      await insert(tx, 1);
      await expectCode(insert(tx, 1), DbError, 'CONSTRAINT');
      await insert(tx, 2);
    });
    await expectCode(sql`SELECT nothing`.execute(store.read), DbError, 'STATEMENT_FAILED');
    await expectCode(sql`SELECT nothing`.execute(store.read), DbError, 'STATEMENT_FAILED');
  });
});

describe('constraints', () => {
  test.each([
    ['unique', 'items.id', { id: 1, amount: 1 }],
    ['foreign-key', 'FOREIGN KEY constraint failed', { owner: 'nobody', amount: 1 }],
    ['check', 'amount_not_negative', { amount: -1 }],
    ['not-null', 'items.amount', { amount: null as unknown as number }],
  ])('%s', async (kind, constraint, row) => {
    const store = await newStore();
    await store.transaction((tx) => tx.insertInto('items').values({ id: 1, amount: 0 }).execute());
    const insert = store.transaction((tx) => tx.insertInto('items').values(row).execute());
    const error = await expectCode(insert, DbError, 'CONSTRAINT');
    expect(error.params).toEqual({ kind, constraint });
  });

  test('other: what a trigger refuses', async () => {
    const store = await newStore();
    const insert = store.transaction(async (tx) => {
      await sql`CREATE TRIGGER keep BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'append elsewhere'); END`.execute(
        tx,
      );
      await tx.insertInto('items').values({ amount: 1 }).execute();
    });
    const error = await expectCode(insert, DbError, 'CONSTRAINT');
    expect(error.params).toEqual({ kind: 'other', constraint: 'append elsewhere' });
  });
});
