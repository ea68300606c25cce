/** Brings a database to the schema this program knows, in one transaction under the write lock. */
import { DEFAULT_MIGRATION_TABLE, Migrator, type Kysely, type Migration } from 'kysely';
import type { ConnectionPool } from './connectionPool';
import { DbError } from './errors';
import { kyselyOver } from './kyselySqlite';
import type { SqliteConnection } from './sqlite';

/** By name; they are applied in the order of their names (`0001-journal`, `0002-…`), and no name ever changes. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * Applies what is missing: all of it or nothing. A second process that opens the same database waits for the lock and
 * then finds the work done; one that finds nothing to do takes no lock.
 * @throws DbError `SCHEMA_NEWER`, `MIGRATION_FAILED`, `DATABASE_BUSY` and the other failures of writing
 */
export async function migrate(writer: ConnectionPool, migrations: Migrations): Promise<void> {
  const held = await writer.acquire();
  try {
    if ((await pendingMigrations(held.sqlite, migrations)).length === 0) return;
    await held.begin();
    try {
      if ((await pendingMigrations(held.sqlite, migrations)).length > 0) {
        await applyAll(
          kyselyOver({ acquire: async () => held, release: async () => {} }),
          writer.file,
          migrations,
        );
      }
      await held.commit();
    } catch (error) {
      await held.rollback();
      throw error;
    }
  } finally {
    await writer.release(held);
  }
}

/**
 * The names of the migrations this program knows and the database does not have yet.
 * @throws DbError `SCHEMA_NEWER` if the database has one this program does not know; `MIGRATION_FAILED` if one is
 * missing before one that is there
 */
export async function pendingMigrations(
  connection: SqliteConnection,
  migrations: Migrations,
): Promise<string[]> {
  const known = Object.keys(migrations).sort();
  const applied = await appliedMigrations(connection);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new DbError('SCHEMA_NEWER', { file: connection.file, unknown: unknown.join(', ') });
  const pending = known.filter((name) => !applied.includes(name));
  const late = pending.find((name) => known.indexOf(name) < applied.length);
  if (late !== undefined) {
    const reason = 'later migrations have been applied before it';
    throw new DbError('MIGRATION_FAILED', { file: connection.file, migration: late, reason });
  }
  return pending;
}

async function appliedMigrations(connection: SqliteConnection): Promise<string[]> {
  const tables = await connection.rows('SELECT name FROM sqlite_schema WHERE type = ? AND name = ?', [
    'table',
    DEFAULT_MIGRATION_TABLE,
  ]);
  if (tables.length === 0) return [];
  const rows = await connection.rows(`SELECT name FROM ${DEFAULT_MIGRATION_TABLE} ORDER BY name`);
  return rows.map((row) => String(row['name']));
}

async function applyAll(db: Kysely<unknown>, file: string, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    // kysely orders the applied ones by the time they were applied, and a clock may have been set back since;
    // pendingMigrations has checked the order by name.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof DbError && error.category !== 'fault') throw error;
  const migration =
    results?.find(({ status }) => status === 'Error')?.migrationName ?? DEFAULT_MIGRATION_TABLE;
  const reason = error instanceof Error ? error.message : 'no reason given';
  throw new DbError('MIGRATION_FAILED', { file, migration, reason }, { cause: error });
}
