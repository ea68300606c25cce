/** A database as the rest of the program sees it: reads, snapshots and write transactions. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { ConnectionPool } from './connectionPool';
import type { Connection, Engine, Language } from './engine';
import { DbError } from './errors';
import { kyselyOver, type ConnectionSource } from './kyselyOver';
import { migrate, pendingMigrations, type Migrations } from './migrator';
import { postgresEngine } from './postgresEngine';
import type { DatabasePlace } from './server';
import { sqliteEngine } from './sqliteEngine';

export type StoreOptions = DatabasePlace & {
  readonly migrations: Migrations;
  /** How long to wait for another process that writes, in milliseconds; 5000 if not given. */
  readonly busyTimeoutMs?: number;
  /** How many queries and snapshots read at the same time; 2 if not given. */
  readonly readers?: number;
  /** Whether an older (or absent) database is brought up to date; true if not given. */
  readonly migrate?: boolean;
};

/**
 * Rows hold Buffers, strings, numbers (integers at most 2^53 - 1) and null. Failures are `DbError`: `DATABASE_BUSY`,
 * `DISK_FULL`, `DATABASE_DAMAGED`, `CONSTRAINT`, …; `NESTED_TRANSACTION` for any use of the store inside its own
 * transaction or snapshot, where only the handle that the work was given may be used; `STORE_CLOSED` after `close`.
 */
export interface Store<Schema> {
  /** What the database is called in messages: its file, or the address of its server. */
  readonly name: string;
  /** For single queries: each sees what was committed when it began. Cannot write. */
  readonly read: Kysely<Schema>;
  /** Several reads that all see the same committed state: that of the first of them. */
  snapshot<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * Runs the work as the only writer, in the order of the calls, and commits durably before it resolves. If the work
   * throws, or the commit fails, nothing has been changed.
   */
  transaction<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * Gives back the room of what was removed, and leaves nothing of it in the database's files. Others may read meanwhile,
   * and wait for their turn to write; it takes as long as writing the database anew, and as much room.
   */
  reclaim(): Promise<void>;
  /** Waits for what has been begun or queued, then closes. */
  close(): Promise<void>;
}

/**
 * Opens a store.
 * @throws DbError `DATABASE_UNAVAILABLE`, `DATABASE_BUSY`, `DATABASE_DAMAGED`, `DATABASE_READ_ONLY`, `DISK_FULL`,
 * `PRAGMA_NOT_HELD`, `SCHEMA_NEWER`, `SCHEMA_OLDER` (only if it may not migrate), `MIGRATION_FAILED`
 */
export async function openStore<Schema>(options: StoreOptions): Promise<Store<Schema>> {
  const { migrations, readers = 2, migrate: mayMigrate = true } = options;
  const engine = engineOf(options, mayMigrate);
  const { name, language } = engine;
  const opened: Connection[] = [];
  try {
    const writer = await engine.open('writer');
    opened.push(writer);
    const writerPool = new ConnectionPool(name, [writer]);
    if (mayMigrate) await migrate(writerPool, language, migrations);
    else await assertUpToDate(writer, migrations);
    for (let reader = 0; reader < readers; reader++) opened.push(await engine.open('reader'));
    return new PooledStore<Schema>(new ConnectionPool(name, opened.slice(1)), writerPool, language);
  } catch (error) {
    for (const connection of opened) await connection.close();
    throw error;
  }
}

function engineOf(options: StoreOptions, create: boolean): Engine {
  const { busyTimeoutMs = 5000 } = options;
  if ('file' in options) return sqliteEngine(resolve(options.file), busyTimeoutMs, create);
  return postgresEngine(options.server, busyTimeoutMs);
}

async function assertUpToDate(connection: Connection, migrations: Migrations): Promise<void> {
  const pending = await pendingMigrations(connection, migrations);
  if (pending.length > 0) {
    throw new DbError('SCHEMA_OLDER', { file: connection.name, pending: pending.join(', ') });
  }
}

class PooledStore<Schema> implements Store<Schema> {
  readonly name: string;
  readonly read: Kysely<Schema>;
  readonly #write: Kysely<Schema>;
  readonly #readers: ConnectionPool;
  readonly #writer: ConnectionPool;
  /** Set in everything that a transaction or snapshot calls; not open any more in what it started and left behind. */
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  #closing: Promise<void> | undefined;

  constructor(readers: ConnectionPool, writer: ConnectionPool, language: Language) {
    this.name = writer.name;
    this.#readers = readers;
    this.#writer = writer;
    this.read = kyselyOver(this.#fromOutside(readers), language);
    this.#write = kyselyOver(this.#fromOutside(writer), language);
  }

  async snapshot<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#run(this.read, work);
  }

  async transaction<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#run(this.#write, work);
  }

  async reclaim(): Promise<void> {
    this.#assertOutside();
    const held = await this.#writer.acquire();
    try {
      await held.connection.reclaim();
    } finally {
      await this.#writer.release(held);
    }
  }

  async close(): Promise<void> {
    this.#assertOutside();
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #run<T>(db: Kysely<Schema>, work: (tx: Transaction<Schema>) => Promise<T>): Promise<T> {
    return db.transaction().execute((tx) => {
      const turn = { open: true };
      return this.#inside.run(turn, async () => {
        try {
          return await work(tx);
        } finally {
          turn.open = false;
        }
      });
    });
  }

  async #close(): Promise<void> {
    // kysely asks for a connection only some promises after a query has been begun: let those begun before get there.
    await setImmediate();
    const [readers, writer] = await Promise.all([this.#readers.drain(), this.#writer.drain()]);
    for (const connection of [...readers, ...writer]) await connection.close();
    // Node goes on handing it to every promise otherwise, for as long as the process lives.
    this.#inside.disable();
  }

  #fromOutside(pool: ConnectionPool): ConnectionSource {
    return {
      acquire: async () => {
        this.#assertOutside();
        return pool.acquire();
      },
      release: (held) => pool.release(held),
    };
  }

  /** Waiting for a second connection while holding one is how two callers wait for each other for ever. */
  #assertOutside(): void {
    if (this.#inside.getStore()?.open === true) throw new DbError('NESTED_TRANSACTION', {});
  }
}
