/** Several processes on one database file. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { startChild } from './childProcess';
import { countItems, newFolder, newStore } from './scratch';
import { testMigrations } from './testMigrations';

test('two processes that each add one 500 times add up to 1000', async () => {
  const file = join(newFolder(), 'test.db');
  const children = [startChild('increment', file, '500'), startChild('increment', file, '500')];
  for (const child of children) expect(await child.line()).toBe('ready');
  for (const child of children) child.tell();
  await Promise.all(children.map((child) => child.finished()));
  const store = await newStore({ file });
  expect(await store.read.selectFrom('counters').selectAll().execute()).toEqual([
    { name: 'main', value: 1000 },
  ]);
});

test('processes that make the same database at once run each migration once', async () => {
  const file = join(newFolder(), 'test.db');
  const children = Array.from({ length: 3 }, () => startChild('migrate', file));
  for (const child of children) expect(await child.line()).toBe('ready');
  for (const child of children) child.tell();
  for (const child of children) expect(JSON.parse(await child.line())).toEqual([{ integrity_check: 'ok' }]);
  await Promise.all(children.map((child) => child.finished()));
  const store = await newStore({
    file,
    migrations: { ...testMigrations, '0003-slow': { up: async () => undefined } },
  });
  expect(await countItems(store)).toBe(1);
});

test('a process killed inside a transaction leaves nothing of it, and its lock is free', async () => {
  const file = join(newFolder(), 'test.db');
  const store = await newStore({ file, busyTimeoutMs: 0 });
  const child = startChild('stayInside', file);
  expect(await child.line()).toBe('inside');
  await child.kill();
  await store.transaction((tx) => tx.insertInto('items').values({ amount: 1 }).execute());
  expect(await countItems(store)).toBe(1);
  const { rows } = await sql`PRAGMA integrity_check`.execute(store.read);
  expect(rows).toEqual([{ integrity_check: 'ok' }]);
});
