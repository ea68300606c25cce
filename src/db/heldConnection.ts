/** A connection during one holder's turn: its transaction is all or nothing, and ends with the turn at the latest. */
import type { CompiledQuery, DatabaseConnection, QueryResult, RootOperationNode } from 'kysely';
import type { KeptQuery } from './compiled';
import type { Connection } from './engine';
import { DbError } from './errors';
import { shortened } from './failures';

export class HeldConnection implements DatabaseConnection {
  /** `broken`: a failure has ended the transaction before its time. `over`: no statement is taken any more. */
  #state: 'single statements' | 'transaction' | 'broken' | 'over' = 'single statements';
  #failure: unknown;
  #running: Promise<unknown> = Promise.resolve();

  constructor(readonly connection: Connection) {}

  /** @throws DbError `DATABASE_BUSY` */
  async begin(): Promise<void> {
    await this.connection.begin();
    this.#state = 'transaction';
  }

  /** @throws DbError `DISK_FULL` and its like, also one that ended the transaction earlier and that the work caught */
  async commit(): Promise<void> {
    if (this.#state === 'broken') throw this.#failure;
    await this.end();
    await this.connection.commit();
  }

  async rollback(): Promise<void> {
    await this.end();
    await this.connection.rollback();
  }

  /**
   * Takes no further statement and waits for the running one. Of several queries started together one may fail and end
   * the transaction while the others still wait for their turn: executed later, they would be committed alone.
   */
  async end(): Promise<void> {
    this.#state = 'over';
    await this.#running.catch(() => undefined);
  }

  async executeQuery<R>(query: CompiledQuery | KeptQuery): Promise<QueryResult<R>> {
    if (this.#state === 'broken') throw this.#failure;
    if (this.#state === 'over') throw new DbError('TRANSACTION_OVER', { statement: shortened(query.sql) });
    const running = this.#execute<R>(query);
    this.#running = running;
    try {
      return await running;
    } catch (error) {
      if (this.#state === 'transaction' && !this.connection.survives(error)) {
        this.#state = 'broken';
        this.#failure = error;
      }
      throw error;
    }
  }

  /** SQLite's add-on cannot stop between two rows; large tables are read page by page, by key. */
  async *streamQuery<R>({ sql }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    throw new DbError('STATEMENT_FAILED', { reason: 'rows cannot be streamed', statement: shortened(sql) });
  }

  async #execute<R>(statement: CompiledQuery | KeptQuery): Promise<QueryResult<R>> {
    const { sql, parameters, query } = statement;
    if (!changesWithoutRows(query)) return { rows: (await this.connection.rows(sql, parameters)) as R[] };
    const keptAs = 'keptAs' in statement ? statement.keptAs : undefined;
    const { changes, lastRowId } = await this.connection.change(sql, parameters, keptAs);
    const inserted = query.kind === 'InsertQueryNode' && changes > 0 && lastRowId !== undefined;
    return { rows: [], numAffectedRows: BigInt(changes), ...(inserted && { insertId: BigInt(lastRowId) }) };
  }
}

/** SQLite's add-on tells either the rows of a statement or how many it changed, never both. */
function changesWithoutRows(query: RootOperationNode): boolean {
  const changes =
    query.kind === 'InsertQueryNode' || query.kind === 'UpdateQueryNode' || query.kind === 'DeleteQueryNode';
  return changes && query.returning === undefined;
}
