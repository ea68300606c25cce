/** The other process of the database tests: does what its arguments say and tells its parent, line by line. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Kysely } from 'kysely';
import { openStore, tryLock, type DatabasePlace } from '../../src/db';
import type { TestSchema } from './scratch';
import { testMigrations } from './testMigrations';

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Where the parent says that the database is. */
function placeIn(word: string | undefined): DatabasePlace {
  return JSON.parse(word ?? '') as DatabasePlace;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const commands: Readonly<Record<string, (...args: string[]) => Promise<void>>> = {
  /** At the parent's word, adds one to the counter so many times, each time in a transaction that reads first. */
  increment: async (place, times) => {
    const store = await openStore<TestSchema>({ ...placeIn(place), migrations: testMigrations });
    say('ready');
    await input.next();
    for (let done = 0; done < Number(times); done++) {
      await store.transaction(async (tx) => {
        const { value } = await tx.selectFrom('counters').select('value').executeTakeFirstOrThrow();
        await tx
          .updateTable('counters')
          .set({ value: value + 1 })
          .execute();
      });
    }
    await store.close();
  },

  /** Inserts ten rows in a transaction and stays inside. */
  stayInside: async (place) => {
    const store = await openStore<TestSchema>({ ...placeIn(place), migrations: testMigrations });
    await store.transaction(async (tx) => {
      for (let amount = 0; amount < 10; amount++) await tx.insertInto('items').values({ amount }).execute();
      say('inside');
      await input.next();
    });
  },

  /** Opens the database for the first time, at the parent's word, with a migration that takes its time. */
  migrate: async (place) => {
    const slow = async (db: Kysely<TestSchema>): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await db.insertInto('items').values({ amount: process.pid }).execute();
    };
    say('ready');
    await input.next();
    const store = await openStore<TestSchema>({
      ...placeIn(place),
      migrations: { ...testMigrations, '0003-slow': { up: slow } },
    });
    await store.close();
  },

  /** Takes the lock, if it is free, and keeps it until the parent says a word. */
  lock: async (folder, name) => {
    const lock = await tryLock(folder, name);
    say(lock === undefined ? 'refused' : 'held');
    await input.next();
    await lock?.release();
    say('released');
  },

  /** Adds one to a number in a plain file, so many times, which only the lock protects. */
  contend: async (folder, name, file, times) => {
    for (let done = 0; done < Number(times);) {
      const lock = await tryLock(folder, name);
      if (lock === undefined) continue;
      const before = Number(readFileSync(file, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(file, String(before + 1));
      await lock.release();
      done++;
    }
  },
};

const [command = '', ...args] = process.argv.slice(2);
void commands[command]?.(...args).then(() => process.exit(0));
