/** Hands out connections to one holder at a time, first come first served. */
import type { Connection } from './engine';
import { DbError } from './errors';
import { HeldConnection } from './heldConnection';
import type { ConnectionSource } from './kyselyOver';

export class ConnectionPool implements ConnectionSource {
  readonly #size: number;
  readonly #idle: Connection[];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #closed = false;

  /** @param connections at least one, all to the same database */
  constructor(
    readonly name: string,
    connections: readonly Connection[],
  ) {
    this.#size = connections.length;
    this.#idle = [...connections];
  }

  /** The next free connection. @throws DbError `STORE_CLOSED`, `DATABASE_UNAVAILABLE` */
  async acquire(): Promise<HeldConnection> {
    if (this.#closed) throw new DbError('STORE_CLOSED', { file: this.name });
    const connection = await this.#next();
    try {
      await connection.ready();
    } catch (error) {
      this.#giveBack(connection);
      throw error;
    }
    return new HeldConnection(connection);
  }

  async release(held: HeldConnection): Promise<void> {
    await held.end();
    this.#giveBack(held.connection);
  }

  /** Lets nobody else in, waits until those inside and those queued are done, and gives the connections for closing. */
  async drain(): Promise<readonly Connection[]> {
    this.#closed = true;
    return Promise.all(Array.from({ length: this.#size }, () => this.#next()));
  }

  #giveBack(connection: Connection): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#idle.push(connection);
    else waiting(connection);
  }

  async #next(): Promise<Connection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
