/** Several processes on one database. */
import { sql } from 'kysely';
import type { DatabasePlace, Store } from '../../src/db';
import { startChild } from './childProcess';
import { countItems, newPlace, newStore, overEachEngine, type TestSchema } from './scratch';
import { testMigrations } from './testMigrations';

async function expectSound(place: DatabasePlace, store: Store<TestSchema>): Promise<void> {
  if ('server' in place) return;
  const { rows } = await sql`PRAGMA integrity_check`.execute(store.read);
  expect(rows).toEqual([{ integrity_check: 'ok' }]);
}

overEachEngine('processes', () => {
  test('two that each add one 500 times add up to 1000', async () => {
    const place = await newPlace();
    const children = ['a', 'b'].map(() => startChild('increment', JSON.stringify(place), '500'));
    for (const child of children) expect(await child.line()).toBe('ready');
    for (const child of children) child.tell();
    await Promise.all(children.map((child) => child.finished()));
    const store = await newStore(place);
    expect(await store.read.selectFrom('counters').selectAll().execute()).toEqual([
      { name: 'main', value: 1000 },
    ]);
  });

  test('that make the same database at once run each migration once', async () => {
    const place = await newPlace();
    const children = ['a', 'b', 'c'].map(() => startChild('migrate', JSON.stringify(place)));
    for (const child of children) expect(await child.line()).toBe('ready');
    for (const child of children) child.tell();
    await Promise.all(children.map((child) => child.finished()));
    const store = await newStore({
      ...place,
      migrations: { ...testMigrations, '0003-slow': { up: async () => undefined } },
    });
    expect(await countItems(store)).toBe(1);
    await expectSound(place, store);
  });

  test('one killed inside a transaction leaves nothing of it, and its lock is free', async () => {
    const place = await newPlace();
    const store = await newStore({ ...place, busyTimeoutMs: 2000 });
    const child = startChild('stayInside', JSON.stringify(place));
    expect(await child.line()).toBe('inside');
    await child.kill();
    await store.transaction((tx) => tx.insertInto('items').values({ amount: 1 }).execute());
    expect(await countItems(store)).toBe(1);
    await expectSound(place, store);
  });
});
