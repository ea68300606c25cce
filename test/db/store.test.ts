/** Transactions, reads and snapshots of a store. */
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { DbError, type Store } from '../../src/db';
import { expectCode } from '../support/matchers';
import { asOrdinaryUser } from './ordinaryUser';
import {
  addItem,
  countItems,
  gate,
  newFolder,
  newPlace,
  newStore,
  overEachEngine,
  type TestSchema,
} from './scratch';

overEachEngine('transactions', () => {
  test('commit what the work did and give what it returns', async () => {
    const store = await newStore();
    const id = await store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 5 }).execute();
      return 'done';
    });
    expect(id).toBe('done');
    expect(await countItems(store)).toBe(1);
  });

  test('undo everything if the work throws', async () => {
    const store = await newStore();
    const failing = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 5 }).execute();
      throw new RangeError('changed my mind');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await countItems(store)).toBe(0);
  });

  test('run one at a time, in the order of the calls', async () => {
    const store = await newStore();
    const order: string[] = [];
    const work = async (name: string, pause: number): Promise<void> =>
      store.transaction(async (tx) => {
        order.push(`${name} begins`);
        await tx.insertInto('items').values({ amount: 1 }).execute();
        await new Promise((resolve) => setTimeout(resolve, pause));
        order.push(`${name} ends`);
      });
    await Promise.all([work('a', 20), work('b', 0), work('c', 5)]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('of queries started together, none outlives the failure of another', async () => {
    const store = await newStore();
    // From here on ROLLBACK is prepared, and could overtake a statement that is not.
    await expect(store.transaction(async () => Promise.reject(new RangeError()))).rejects.toThrow(RangeError);
    let late: Promise<unknown>[] = [];
    const failing = store.transaction(async (tx) => {
      const insert = (row: { amount: number; bytes?: Buffer; owner?: string }) =>
        tx.insertInto('items').values(row).execute();
      // Each is another statement, so that the second still has to be prepared when the first one fails.
      late = [
        insert({ amount: -1 }),
        insert({ amount: 1, owner: 'main' }),
        insert({ amount: 2, bytes: Buffer.alloc(1) }),
        insert({ amount: 3, owner: 'main', bytes: Buffer.alloc(1) }),
      ];
      await Promise.all(late);
    });
    await expectCode(failing, DbError, 'CONSTRAINT');
    await Promise.allSettled(late);
    expect(await countItems(store)).toBe(0);
    await expectCode(late.at(-1) ?? Promise.resolve(), DbError, 'TRANSACTION_OVER');
  });

  test('a write on a read handle is refused', async () => {
    const store = await newStore();
    const insert = store.read.insertInto('items').values({ amount: 1 }).execute();
    await expectCode(insert, DbError, 'READER_CANNOT_WRITE');
    const inSnapshot = store.snapshot((tx) => tx.insertInto('items').values({ amount: 1 }).execute());
    await expectCode(inSnapshot, DbError, 'READER_CANNOT_WRITE');
  });
});

describe('a file', () => {
  test('a failed commit undoes them, and the next one works', async () => {
    const store = await newStore();
    const failing = store.transaction(async (tx) => {
      await sql`PRAGMA defer_foreign_keys=ON`.execute(tx);
      await tx.insertInto('items').values({ owner: 'nobody', amount: 1 }).execute();
    });
    const error = await expectCode(failing, DbError, 'CONSTRAINT');
    expect(error.params).toMatchObject({ kind: 'foreign-key' });
    expect(await countItems(store)).toBe(0);
    await addItem(store);
    expect(await countItems(store)).toBe(1);
  });

  test('a database that may not be written can be read, and says so when it is written', async () => {
    const folder = newFolder();
    const file = join(folder, 'test.db');
    await (await newStore({ file })).close();
    await asOrdinaryUser(folder, [file], async () => {
      chmodSync(file, 0o400);
      const store = await newStore({ file });
      expect(await countItems(store)).toBe(0);
      await expectCode(addItem(store), DbError, 'DATABASE_READ_ONLY');
      await store.close();
    });
  });
});

describe('a full disk', () => {
  async function limitSize(store: Store<TestSchema>, morePages: number): Promise<void> {
    await store.transaction(async (tx) => {
      const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(tx);
      const pages = (rows[0]?.page_count ?? 0) + morePages;
      await sql`PRAGMA max_page_count=${sql.lit(pages)}`.execute(tx);
    });
  }
  const large = { amount: 1, bytes: Buffer.alloc(20_000) };

  test('undoes the transaction; with space again, the store goes on', async () => {
    const store = await newStore();
    await addItem(store);
    await limitSize(store, 3);
    const filling = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 7 }).execute();
      await tx.insertInto('items').values(large).execute();
    });
    await expectCode(filling, DbError, 'DISK_FULL');
    expect(await countItems(store)).toBe(1);
    await limitSize(store, 1000);
    await store.transaction((tx) => tx.insertInto('items').values(large).execute());
    expect(await countItems(store)).toBe(2);
    const { rows } = await sql`PRAGMA integrity_check`.execute(store.read);
    expect(rows).toEqual([{ integrity_check: 'ok' }]);
  });

  test('is not overlooked by work that catches the error and goes on', async () => {
    const store = await newStore();
    await limitSize(store, 3);
    const filling = store.transaction(async (tx) => {
      await tx
        .insertInto('items')
        .values(large)
        .execute()
        .catch(() => undefined);
      await tx
        .insertInto('items')
        .values({ amount: 7 })
        .execute()
        .catch(() => undefined);
    });
    await expectCode(filling, DbError, 'DISK_FULL');
    expect(await countItems(store)).toBe(0);
  });
});

overEachEngine('reading', () => {
  test('goes on beside a transaction and sees only what is committed', async () => {
    const store = await newStore();
    const inside = gate();
    const goOn = gate();
    const writing = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      inside.open();
      await goOn.opened;
    });
    await inside.opened;
    expect(await Promise.all([countItems(store), countItems(store), countItems(store)])).toEqual([0, 0, 0]);
    goOn.open();
    await writing;
    expect(await countItems(store)).toBe(1);
  });

  test('a snapshot sees one state throughout, a query outside it the newest', async () => {
    const store = await newStore();
    const begun = gate();
    const goOn = gate();
    const reading = store.snapshot(async (tx) => {
      const count = async (): Promise<number> => (await tx.selectFrom('items').select('id').execute()).length;
      const before = await count();
      begun.open();
      await goOn.opened;
      return [before, await count()];
    });
    await begun.opened;
    await addItem(store);
    expect(await countItems(store)).toBe(1);
    goOn.open();
    expect(await reading).toEqual([0, 0]);
  });
});

overEachEngine('a second store on the same place', () => {
  test('waits for the lock, and says for how long when it gives up', async () => {
    const place = await newPlace();
    const first = await newStore(place);
    const second = await newStore({ ...place, busyTimeoutMs: 120 });
    const inside = gate();
    const goOn = gate();
    const writing = first.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      inside.open();
      await goOn.opened;
    });
    await inside.opened;
    const error = await expectCode(addItem(second), DbError, 'DATABASE_BUSY');
    expect((error.params as { waitedMs: number }).waitedMs).toBeGreaterThanOrEqual(120);
    const patient = addItem(second);
    goOn.open();
    await Promise.all([writing, patient]);
    expect(await countItems(second)).toBe(2);
  });

  test('opens beside one that is writing', async () => {
    const place = await newPlace();
    const first = await newStore(place);
    await first.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      expect(await countItems(await newStore({ ...place, busyTimeoutMs: 0 }))).toBe(0);
    });
  });
});

overEachEngine('inside a transaction or snapshot', () => {
  const uses: readonly (readonly [string, (store: Store<TestSchema>) => Promise<unknown>])[] = [
    ['transaction', (store) => store.transaction(async () => undefined)],
    ['snapshot', (store) => store.snapshot(async () => undefined)],
    ['read', (store) => countItems(store)],
    ['close', (store) => store.close()],
  ];

  test.each(uses)('%s of the same store is refused', async (_, use) => {
    const store = await newStore();
    await expectCode(
      store.transaction(() => use(store)),
      DbError,
      'NESTED_TRANSACTION',
    );
    await expectCode(
      store.snapshot(() => use(store)),
      DbError,
      'NESTED_TRANSACTION',
    );
    await addItem(store);
  });

  test('another store may be used', async () => {
    const store = await newStore();
    const other = await newStore();
    await store.transaction(async (tx) => {
      await addItem(other);
      await tx.insertInto('items').values({ amount: 1 }).execute();
    });
    expect(await countItems(store)).toBe(1);
    expect(await countItems(other)).toBe(1);
  });

  test('what it started may use the store once it has ended', async () => {
    const store = await newStore();
    const events = new EventTarget();
    let afterwards: Promise<unknown> = Promise.resolve();
    await store.transaction(async () => {
      afterwards = once(events, 'committed').then(() => addItem(store));
    });
    events.dispatchEvent(new Event('committed'));
    await afterwards;
    expect(await countItems(store)).toBe(1);
  });
});
