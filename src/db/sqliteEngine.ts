/** SQLite as an engine of a store: one file in the data directory. */
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { closeCheckpointed, createPrivateFile, openConnection } from './connection';
import type { Change, Connection, Engine, Language, Role, Row } from './engine';
import { DbError } from './errors';
import type { SqliteConnection } from './sqlite';

const LANGUAGE: Language = {
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
};

/** After these SQLite keeps the transaction (no table here says ON CONFLICT ROLLBACK); any other may have undone it. */
const TRANSACTION_SURVIVES = [
  'CONSTRAINT',
  'STATEMENT_FAILED',
  'PARAMETER_TYPE',
  'READER_CANNOT_WRITE',
] as const;

/** @param create whether the file may be made */
export function sqliteEngine(file: string, busyTimeoutMs: number, create: boolean): Engine {
  return {
    name: file,
    language: LANGUAGE,
    open: async (role) => {
      if (create) createPrivateFile(file);
      return new SqliteSession(await openConnection(file, role, busyTimeoutMs), role);
    },
  };
}

class SqliteSession implements Connection {
  readonly name: string;
  readonly schema = undefined;

  constructor(
    private readonly sqlite: SqliteConnection,
    private readonly role: Role,
  ) {
    this.name = sqlite.file;
  }

  async ready(): Promise<void> {}

  async begin(): Promise<void> {
    if (this.role === 'reader') await this.sqlite.rows('BEGIN DEFERRED');
    else await this.sqlite.waitFor('BEGIN IMMEDIATE');
  }

  async commit(): Promise<void> {
    await this.sqlite.rows('COMMIT');
  }

  async rollback(): Promise<void> {
    try {
      await this.sqlite.rows('ROLLBACK');
    } catch (error) {
      // A full disk, for one, makes SQLite undo the transaction by itself.
      if (!DbError.is(error, 'STATEMENT_FAILED') || !error.params.reason.includes('no transaction is active'))
        throw error;
    }
  }

  survives(failure: unknown): boolean {
    return TRANSACTION_SURVIVES.some((code) => DbError.is(failure, code));
  }

  async rows(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.sqlite.rows(sql, parameters);
  }

  async change(sql: string, parameters: readonly unknown[]): Promise<Change> {
    return this.sqlite.change(sql, parameters);
  }

  async hasTable(name: string): Promise<boolean> {
    const tables = await this.sqlite.rows('SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?', [
      'table',
      name,
    ]);
    return tables.length > 0;
  }

  async reclaim(): Promise<void> {
    await this.rows('VACUUM');
    // Otherwise the file keeps the old pages until another writer makes a checkpoint. A reader only puts that off.
    await this.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async close(): Promise<void> {
    if (this.role === 'writer') await closeCheckpointed(this.sqlite);
    else await this.sqlite.close();
  }
}
