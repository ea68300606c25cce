/** PostgreSQL as an engine of a store: the only file that knows its driver. */
import type * as pg from 'pg';
import type { Change, Connection, Engine, Role, Row } from './engine';
import { DbError } from './errors';
import { endsConnection, postgresErrorOf } from './postgresFailures';
import { postgresLanguage } from './postgresLanguage';
import { OTHERS_IN_SCHEMA } from './postgresSchema';
import { addressOf, readPassword, transportOf, type PostgresServer } from './server';
import { assertStorable } from './values';

type Driver = typeof pg;

const CONNECT_WITHIN_MS = 10_000;

/** A transaction whose process says nothing any more ends after so long, and with it the write lock. */
const IDLE_TRANSACTION_MS = 300_000;

/** Names our write lock among all advisory locks of the database; the schema is the other half. */
const WRITE_LOCK = 0x5ca;
// Whole names and exact types here and in `#configure`: nothing that is found by its name alone may be another's.
const TAKE_WRITE_LOCK = 'SELECT pg_catalog.pg_advisory_xact_lock($1::integer, pg_catalog.hashtext($2::text))';

/** The least version that is supported, as `server_version_num` has it. */
const LEAST_VERSION = 130_000;

/** What must hold before a single row is trusted to the server. */
const HELD: Readonly<
  Record<string, { readonly expected: string; readonly holds: (found: string) => boolean }>
> = {
  server_version_num: {
    expected: `≥ ${String(LEAST_VERSION)}`,
    holds: (found) => Number(found) >= LEAST_VERSION,
  },
  server_encoding: exactly('UTF8'),
  fsync: exactly('on'),
  full_page_writes: exactly('on'),
  synchronous_commit: exactly('on'),
};

/** A name as SQL takes it, whatever is in it. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function exactly(expected: string): (typeof HELD)[string] {
  return { expected, holds: (found) => found === expected };
}

export function postgresEngine(server: PostgresServer, busyTimeoutMs: number): Engine {
  return {
    name: addressOf(server),
    language: postgresLanguage,
    open: async (role) => {
      // Loaded by those who have a server, and not by every other.
      const connection = new PostgresConnection(await import('pg'), server, role, busyTimeoutMs);
      await connection.ready();
      return connection;
    },
  };
}

class PostgresConnection implements Connection {
  readonly name: string;
  schema: string | undefined;
  /** Absent while the connection is lost. */
  #client: pg.Client | undefined;
  /** The driver takes one statement at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly driver: Driver,
    private readonly server: PostgresServer,
    private readonly role: Role,
    private readonly busyTimeoutMs: number,
  ) {
    this.name = addressOf(server);
  }

  async ready(): Promise<void> {
    if (this.#client === undefined) await this.#connect();
  }

  async begin(): Promise<void> {
    if (this.role === 'reader') {
      await this.#run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return;
    }
    // Each statement after the lock sees what its holders before have committed: a lock is given back after that.
    await this.#run('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    try {
      await this.#run(TAKE_WRITE_LOCK, [WRITE_LOCK, this.schema]);
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  async commit(): Promise<void> {
    const client = this.#client;
    try {
      // A transaction that has failed answers with ROLLBACK, and calls it no error.
      const { command } = await this.#run('COMMIT');
      if (command !== 'COMMIT') throw new DbError('TRANSACTION_OVER', { statement: 'COMMIT' });
    } catch (cause) {
      // Once it was sent, it may have been carried out, and only the word of it been lost.
      const isLost = client !== undefined && this.#client === undefined;
      throw isLost ? new DbError('COMMIT_UNCERTAIN', { file: this.name }, { cause }) : cause;
    }
  }

  async rollback(): Promise<void> {
    if (this.#client === undefined) return;
    try {
      await this.#run('ROLLBACK');
    } catch (error) {
      // With the connection, the server ends its transaction as well.
      if (!DbError.is(error, 'DATABASE_UNAVAILABLE')) throw error;
    }
  }

  /** A failed statement ends the transaction; only what never got to the server does not. */
  survives(failure: unknown): boolean {
    return DbError.is(failure, 'PARAMETER_TYPE');
  }

  async rows(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#run(sql, parameters)).rows;
  }

  /**
   * One that is kept the server prepares once: it takes as long to read an insert of 500 rows as to carry it out. A query
   * is never kept, since its plan would stay that for tables which have grown out of it.
   */
  async change(sql: string, parameters: readonly unknown[], keptAs?: string): Promise<Change> {
    return { changes: (await this.#run(sql, parameters, keptAs)).rowCount ?? 0 };
  }

  async hasTable(name: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1';
    return (await this.rows(sql, [name])).length > 0;
  }

  async reclaim(): Promise<void> {
    await this.rows('VACUUM entries, certificates');
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #run(
    sql: string,
    parameters: readonly unknown[] = [],
    keptAs?: string,
  ): Promise<pg.QueryResult<Row>> {
    // kysely asks the catalogue with booleans; no column of ours takes one.
    assertStorable(parameters, sql, ['boolean']);
    const running = this.#last.then(async () => this.#send(sql, parameters, keptAs));
    this.#last = running.catch(() => undefined);
    return running;
  }

  async #send(
    sql: string,
    parameters: readonly unknown[],
    keptAs: string | undefined,
  ): Promise<pg.QueryResult<Row>> {
    const client = this.#client;
    const started = performance.now();
    try {
      if (client === undefined) throw new Error('the connection has been lost');
      const name = keptAs === undefined ? {} : { name: keptAs };
      return await client.query<Row>({ ...name, text: sql, values: [...parameters] });
    } catch (failure) {
      if (client !== undefined && endsConnection(failure)) this.#lose(client);
      throw this.#errorOf(failure, sql, started);
    }
  }

  async #connect(): Promise<void> {
    const { host, port, name: database, user } = this.server;
    const started = performance.now();
    const password = await readPassword(this.server);
    const client = new this.driver.Client({
      host,
      port,
      database,
      user,
      // As a function, so that the driver looks nowhere else for one.
      password: () => password,
      ssl: transportOf(this.server),
      application_name: 'subca-kit',
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: CONNECT_WITHIN_MS,
      types: typesOf(this.driver, this.name),
    });
    // The driver tells of a broken line here as well, when nobody waits for an answer.
    client.on('error', () => {
      this.#lose(client);
    });
    client.on('end', () => {
      this.#lose(client);
    });
    this.#client = client;
    try {
      await client.connect();
      await this.#configure();
    } catch (failure) {
      this.#lose(client);
      throw this.#errorOf(failure, 'connect', started);
    }
  }

  /**
   * Sets what every connection needs and reads back what a crash depends on.
   * @throws DbError `SETTING_NOT_HELD`, `SCHEMA_SHARED`
   */
  async #configure(): Promise<void> {
    const set = (setting: string, value: string): Promise<unknown> =>
      this.#run('SELECT pg_catalog.set_config($1::text, $2::text, false)', [setting, value]);
    const { schema = await this.#value('SELECT pg_catalog.current_schema()::text') } = this.server;
    // Nothing is looked for elsewhere, but in PostgreSQL's own schema first.
    await set('search_path', typeof schema === 'string' ? quoted(schema) : '');
    const settings: Readonly<Record<string, string>> = {
      synchronous_commit: 'on',
      // Without a limit, PostgreSQL waits for ever.
      lock_timeout: String(Math.max(1, this.busyTimeoutMs)),
      idle_in_transaction_session_timeout: String(IDLE_TRANSACTION_MS),
      default_transaction_read_only: this.role === 'reader' ? 'on' : 'off',
    };
    for (const [setting, value] of Object.entries(settings)) await set(setting, value);
    for (const [setting, { expected, holds }] of Object.entries(HELD)) {
      const found = String(await this.#value('SELECT pg_catalog.current_setting($1::text)', [setting]));
      if (!holds(found)) throw new DbError('SETTING_NOT_HELD', { file: this.name, setting, found, expected });
    }
    const current = await this.#value('SELECT pg_catalog.current_schema()::text');
    if (typeof current !== 'string')
      throw new Error(`there is no schema ${this.server.schema ?? 'in the search_path'}`);
    const others = await this.#value(OTHERS_IN_SCHEMA, [current]);
    if (typeof others === 'string')
      throw new DbError('SCHEMA_SHARED', { file: this.name, schema: current, roles: others });
    this.schema = current;
  }

  /** The one column of the one row. */
  async #value(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    const [row = {}] = await this.rows(sql, parameters);
    return Object.values(row)[0];
  }

  #lose(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
    void client.end().catch(() => undefined);
  }

  #errorOf(failure: unknown, statement: string, started: number): Error {
    const waitedMs = Math.round(performance.now() - started);
    const { name } = this;
    return postgresErrorOf(failure, { name, statement, waitedMs, isReader: this.role === 'reader' });
  }
}

/** How values are read: of a bigint a number, since no table here holds one beyond 2^53 - 1. */
function typesOf({ types }: Driver, name: string): pg.CustomTypesConfig {
  const exactInteger = (text: string): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
    throw new DbError('DATABASE_DAMAGED', { file: name, reason: `the integer ${text}` });
  };
  return {
    getTypeParser: (oid, format): unknown =>
      oid === types.builtins.INT8 && format !== 'binary' ? exactInteger : types.getTypeParser(oid, format),
  };
}
