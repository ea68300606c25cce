/** One SQLite connection as promises, its statements prepared once: the only file that knows the sqlite3 add-on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Database, OPEN_FULLMUTEX, OPEN_READWRITE, type RunResult, type Statement } from 'sqlite3';
import type { Change, Row } from './engine';
import { DbError } from './errors';
import { dbErrorOf, type SqliteFailure } from './failures';
import { assertStorable } from './values';

/** SQLite prepares one again by itself after a change of the schema, and before each run of a PRAGMA. */
const PREPARED_STATEMENTS = 100;

/** Longest pause between two attempts at a lock, in milliseconds. */
const LONGEST_PAUSE = 10;

/** Callers use a connection one statement at a time; all failures are `DbError`. */
export class SqliteConnection {
  readonly #database: Database;
  /** In the order of last use, oldest first. */
  readonly #prepared = new Map<string, Statement>();
  readonly #busyTimeoutMs: number;
  #queryOnly = false;

  private constructor(
    readonly file: string,
    database: Database,
    busyTimeoutMs: number,
  ) {
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
    database.configure('busyTimeout', busyTimeoutMs);
  }

  /** Opens an existing file; an empty one is a new database. @throws DbError `DATABASE_UNAVAILABLE` */
  static async open(file: string, busyTimeoutMs: number): Promise<SqliteConnection> {
    return new Promise((resolve, reject) => {
      const database = new Database(file, OPEN_READWRITE | OPEN_FULLMUTEX, (failure) => {
        if (failure === null) {
          resolve(new SqliteConnection(file, database, busyTimeoutMs));
          return;
        }
        reject(dbErrorOf(asFailure(failure), { file, statement: 'open', waitedMs: 0, queryOnly: false }));
      });
    });
  }

  /** Whether the connection refuses to change the database. */
  get queryOnly(): boolean {
    return this.#queryOnly;
  }

  /** From here on, the connection refuses to change the database. */
  async forbidWrites(): Promise<void> {
    await this.script('PRAGMA query_only=ON');
    this.#queryOnly = true;
  }

  /** Runs several statements that have neither parameters nor rows. */
  async script(statements: string): Promise<void> {
    await this.#call<undefined>(statements, (done) => {
      this.#database.exec(statements, (failure) => {
        done(failure, undefined);
      });
    });
  }

  /** Runs one statement and gives its rows, all of them. */
  async rows(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    assertStorable(parameters, sql);
    return this.#run(sql, (statement, done) => {
      statement.all<Row>(parameters, done);
    });
  }

  /** Runs one insert, update or delete that returns no rows. */
  async change(sql: string, parameters: readonly unknown[]): Promise<Required<Change>> {
    assertStorable(parameters, sql);
    return this.#run(sql, (statement, done) => {
      statement.run(parameters, function (this: RunResult, failure) {
        done(failure, { changes: this.changes, lastRowId: this.lastID });
      });
    });
  }

  /**
   * Runs a statement that takes a lock, again and again until the lock is free or the busy timeout has passed. SQLite's
   * own waiting would hold one of the few threads that all file access and all signing of this process share; its
   * pauses grow to 100 ms, at which a busy neighbour always wins; and beside a writer, a switch to WAL does not wait.
   * @throws DbError `DATABASE_BUSY` with the time waited
   */
  async waitFor(sql: string): Promise<Row[]> {
    const started = performance.now();
    this.#database.configure('busyTimeout', 0);
    try {
      for (let pause = 1; ; pause = Math.min(pause + 1, LONGEST_PAUSE)) {
        try {
          return await this.rows(sql);
        } catch (error) {
          const waitedMs = Math.round(performance.now() - started);
          if (!DbError.is(error, 'DATABASE_BUSY')) throw error;
          if (waitedMs >= this.#busyTimeoutMs) {
            throw new DbError('DATABASE_BUSY', { file: this.file, waitedMs }, { cause: error });
          }
        }
        await sleep(pause);
      }
    } finally {
      this.#database.configure('busyTimeout', this.#busyTimeoutMs);
    }
  }

  /** Closes; an open transaction is undone and its locks are given back. */
  async close(): Promise<void> {
    for (const statement of this.#prepared.values()) statement.finalize();
    this.#prepared.clear();
    await this.#call<undefined>('close', (done) => {
      this.#database.close((failure) => {
        done(failure, undefined);
      });
    });
  }

  async #run<T>(sql: string, call: (statement: Statement, done: Done<T>) => void): Promise<T> {
    const statement = this.#prepared.get(sql) ?? (await this.#prepare(sql));
    this.#prepared.delete(sql);
    this.#prepared.set(sql, statement);
    const [oldest] = this.#prepared;
    if (this.#prepared.size > PREPARED_STATEMENTS && oldest !== undefined) {
      this.#prepared.delete(oldest[0]);
      oldest[1].finalize();
    }
    return this.#call(sql, (done) => {
      call(statement, done);
    });
  }

  async #prepare(sql: string): Promise<Statement> {
    return this.#call(sql, (done) => {
      const statement = this.#database.prepare(sql, (failure) => {
        done(failure, statement);
      });
    });
  }

  async #call<T>(sql: string, start: (done: Done<T>) => void): Promise<T> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      start((failure, result) => {
        if (failure === null) {
          resolve(result);
          return;
        }
        const waitedMs = Math.round(performance.now() - started);
        const context = { file: this.file, statement: sql, waitedMs, queryOnly: this.#queryOnly };
        reject(dbErrorOf(asFailure(failure), context));
      });
    });
  }
}

type Done<T> = (failure: Error | null, result: T) => void;

/** Every error of the add-on carries the name of its result code; its type declarations do not say so. */
function asFailure(failure: Error): SqliteFailure {
  return failure as Error & SqliteFailure;
}
