/** A connection during one holder's turn: its transaction is all or nothing, and ends with the turn at the latest. */
import type { CompiledQuery, DatabaseConnection, QueryResult, RootOperationNode } from 'kysely';
import { DbError } from './errors';
import { shortened } from './failures';
import type { SqliteConnection } from './sqlite';

/** After these SQLite keeps the transaction (no table here says ON CONFLICT ROLLBACK); any other may have undone it. */
const TRANSACTION_SURVIVES = [
  'CONSTRAINT',
  'STATEMENT_FAILED',
  'PARAMETER_TYPE',
  'READER_CANNOT_WRITE',
] as const;

export class HeldConnection implements DatabaseConnection {
  /** `broken`: a failure has ended the transaction before its time. `over`: no statement is taken any more. */
  #state: 'single statements' | 'transaction' | 'broken' | 'over' = 'single statements';
  #failure: unknown;
  #running: Promise<unknown> = Promise.resolve();

  constructor(readonly sqlite: SqliteConnection) {}

  /**
   * The writer takes the write lock before it reads anything, so what it has read still holds when it writes.
   * @throws DbError `DATABASE_BUSY`
   */
  async begin(): Promise<void> {
    if (this.sqlite.queryOnly) await this.sqlite.rows('BEGIN DEFERRED');
    else await this.sqlite.waitFor('BEGIN IMMEDIATE');
    this.#state = 'transaction';
  }

  /** @throws DbError `DISK_FULL` and its like, also one that ended the transaction earlier and that the work caught */
  async commit(): Promise<void> {
    if (this.#state === 'broken') throw this.#failure;
    await this.end();
    await this.sqlite.rows('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.end();
    try {
      await this.sqlite.rows('ROLLBACK');
    } catch (error) {
      // A full disk, for one, makes SQLite undo the transaction by itself.
      if (!DbError.is(error, 'STATEMENT_FAILED') || !error.params.reason.includes('no transaction is active'))
        throw error;
    }
  }

  /**
   * Takes no further statement and waits for the running one. Of several queries started together one may fail and end
   * the transaction while the others still wait for their turn: executed later, they would be committed alone.
   */
  async end(): Promise<void> {
    this.#state = 'over';
    await this.#running.catch(() => undefined);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#state === 'broken') throw this.#failure;
    if (this.#state === 'over') throw new DbError('TRANSACTION_OVER', { statement: shortened(query.sql) });
    const running = this.#execute<R>(query);
    this.#running = running;
    try {
      return await running;
    } catch (error) {
      const survives = TRANSACTION_SURVIVES.some((code) => DbError.is(error, code));
      if (this.#state === 'transaction' && !survives) {
        this.#state = 'broken';
        this.#failure = error;
      }
      throw error;
    }
  }

  /** The add-on cannot stop between two rows; large tables are read page by page, by key. */
  async *streamQuery<R>({ sql }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    throw new DbError('STATEMENT_FAILED', { reason: 'rows cannot be streamed', statement: shortened(sql) });
  }

  async #execute<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    if (!changesWithoutRows(query)) return { rows: (await this.sqlite.rows(sql, parameters)) as R[] };
    const { changes, lastRowId } = await this.sqlite.change(sql, parameters);
    const inserted = query.kind === 'InsertQueryNode' && changes > 0;
    return { rows: [], numAffectedRows: BigInt(changes), ...(inserted && { insertId: BigInt(lastRowId) }) };
  }
}

/** The add-on tells either the rows of a statement or how many it changed, never both. */
function changesWithoutRows(query: RootOperationNode): boolean {
  const changes =
    query.kind === 'InsertQueryNode' || query.kind === 'UpdateQueryNode' || query.kind === 'DeleteQueryNode';
  return changes && query.returning === undefined;
}
