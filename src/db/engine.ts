/** What a store asks of a database engine: connections that begin and end transactions, and the language they take. */
import type { Dialect, KyselyPlugin } from 'kysely';

export type Role = 'writer' | 'reader';

/** Row values: null, finite number (an integer at most 2^53 - 1), string, Buffer. */
export type Row = Readonly<Record<string, unknown>>;

/** What an insert, update or delete did. */
export interface Change {
  readonly changes: number;
  /** The id that an insert gave, of an engine that tells it. */
  readonly lastRowId?: number;
}

/** One connection, used by one holder at a time; all its failures are `DbError`. */
export interface Connection {
  /** What the database is called in messages: a file, or the address of a server. Never holds a secret. */
  readonly name: string;
  /** Where the tables lie, in an engine that has schemas. */
  readonly schema: string | undefined;
  /** Connects anew if the connection has been lost since it was used last. @throws DbError `DATABASE_UNAVAILABLE` */
  ready(): Promise<void>;
  /**
   * A reader begins a snapshot. A writer takes the one write lock of all processes before it reads anything, so what it
   * has read still holds when it writes. @throws DbError `DATABASE_BUSY`
   */
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Undoes the transaction; one that has ended by itself is none of its concern. */
  rollback(): Promise<void>;
  /** Whether a transaction goes on after this failure of one of its statements. */
  survives(failure: unknown): boolean;
  /** Runs one statement and gives its rows, all of them. */
  rows(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs one insert, update or delete that returns no rows.
   * @param keptAs the name of one that comes often, alike but for the parameters; it may be kept prepared under it
   */
  change(sql: string, parameters: readonly unknown[], keptAs?: string): Promise<Change>;
  hasTable(name: string): Promise<boolean>;
  /** Outside a transaction: gives back the room of what was removed, and leaves nothing of it in the database's files. */
  reclaim(): Promise<void>;
  /** Closes. The writer goes last, and leaves everything in its place. */
  close(): Promise<void>;
}

/** How kysely writes statements for an engine, and what it asks of its catalogue. */
export interface Language extends Omit<Dialect, 'createDriver'> {
  readonly plugins?: KyselyPlugin[];
}

export interface Engine {
  readonly name: string;
  readonly language: Language;
  /** @throws DbError `DATABASE_UNAVAILABLE`, `DATABASE_BUSY`, `DATABASE_DAMAGED`, and if it does not keep what it is told */
  open(role: Role): Promise<Connection>;
}
