/** Hands out connections to one holder at a time, first come first served. */
import { DbError } from './errors';
import { HeldConnection } from './heldConnection';
import type { ConnectionSource } from './kyselySqlite';
import type { SqliteConnection } from './sqlite';

export class ConnectionPool implements ConnectionSource {
  readonly #size: number;
  readonly #idle: SqliteConnection[];
  readonly #waiting: ((connection: SqliteConnection) => void)[] = [];
  #closed = false;

  /** @param connections at least one, all to the same file */
  constructor(
    readonly file: string,
    connections: readonly SqliteConnection[],
  ) {
    this.#size = connections.length;
    this.#idle = [...connections];
  }

  /** The next free connection. @throws DbError `STORE_CLOSED` */
  async acquire(): Promise<HeldConnection> {
    if (this.#closed) throw new DbError('STORE_CLOSED', { file: this.file });
    return new HeldConnection(await this.#next());
  }

  async release(held: HeldConnection): Promise<void> {
    await held.end();
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#idle.push(held.sqlite);
    else waiting(held.sqlite);
  }

  /** Lets nobody else in, waits until those inside and those queued are done, and gives the connections for closing. */
  async drain(): Promise<readonly SqliteConnection[]> {
    this.#closed = true;
    return Promise.all(Array.from({ length: this.#size }, () => this.#next()));
  }

  async #next(): Promise<SqliteConnection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
