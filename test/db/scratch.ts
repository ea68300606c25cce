/** What the database tests work on: a small schema, folders and stores that are cleared away after each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generated } from 'kysely';
import { openStore, type DatabasePlace, type Store, type StoreOptions } from '../../src/db';
import { ENGINES, newPlace as placeOf, type EngineName } from '../support/engines';
import { testMigrations } from './testMigrations';

export interface TestSchema {
  counters: { name: string; value: number };
  items: { id: Generated<number>; owner: string | null; bytes: Buffer | null; amount: number };
}

const folders: string[] = [];
const stores: Store<TestSchema>[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'subca-db-'));
  folders.push(folder);
  return folder;
}

let engine: EngineName = 'sqlite';

/** The same tests over each engine, which the stores and places inside are of. */
export function overEachEngine(title: string, tests: () => void): void {
  describe.each(ENGINES)(`${title} (%s)`, (name) => {
    beforeAll(() => {
      engine = name;
    });
    afterAll(() => {
      engine = 'sqlite';
    });
    tests();
  });
}

export async function newPlace(): Promise<DatabasePlace> {
  return placeOf(newFolder(), engine);
}

/** A store over the test schema, in a new place if none is given. */
export async function newStore(options: Partial<StoreOptions> = {}): Promise<Store<TestSchema>> {
  const place = 'file' in options || 'server' in options ? undefined : await newPlace();
  const store = await openStore<TestSchema>({
    migrations: testMigrations,
    ...place,
    ...options,
  } as StoreOptions);
  stores.push(store);
  return store;
}

export async function addItem(store: Store<TestSchema>, amount = 0): Promise<void> {
  await store.transaction((tx) => tx.insertInto('items').values({ amount }).execute());
}

export async function countItems(store: Pick<Store<TestSchema>, 'read'>): Promise<number> {
  const rows = await store.read.selectFrom('items').select('id').execute();
  return rows.length;
}

/** Lets a test hold a transaction open. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
