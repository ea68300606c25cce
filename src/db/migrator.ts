/** Brings a database to the schema this program knows, in one transaction under the write lock. */
import { DEFAULT_MIGRATION_TABLE, Migrator, type Migration } from 'kysely';
import type { ConnectionPool } from './connectionPool';
import type { Connection, Language } from './engine';
import { DbError } from './errors';
import type { HeldConnection } from './heldConnection';
import { kyselyOver } from './kyselyOver';

/** By name; they are applied in the order of their names (`0001-journal`, `0002-…`), and no name ever changes. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * Applies what is missing: all of it or nothing. A second process that opens the same database waits for the lock and
 * then finds the work done; one that finds nothing to do takes no lock.
 * @throws DbError `SCHEMA_NEWER`, `MIGRATION_FAILED`, `DATABASE_BUSY` and the other failures of writing
 */
export async function migrate(
  writer: ConnectionPool,
  language: Language,
  migrations: Migrations,
): Promise<void> {
  const held = await writer.acquire();
  try {
    if ((await pendingMigrations(held.connection, migrations)).length === 0) return;
    await held.begin();
    try {
      if ((await pendingMigrations(held.connection, migrations)).length > 0)
        await applyAll(held, language, migrations);
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
export async function pendingMigrations(connection: Connection, migrations: Migrations): Promise<string[]> {
  const known = Object.keys(migrations).sort();
  const applied = await appliedMigrations(connection);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new DbError('SCHEMA_NEWER', { file: connection.name, unknown: unknown.join(', ') });
  const pending = known.filter((name) => !applied.includes(name));
  const late = pending.find((name) => known.indexOf(name) < applied.length);
  if (late !== undefined) {
    const reason = 'later migrations have been applied before it';
    throw new DbError('MIGRATION_FAILED', { file: connection.name, migration: late, reason });
  }
  return pending;
}

async function appliedMigrations(connection: Connection): Promise<string[]> {
  if (!(await connection.hasTable(DEFAULT_MIGRATION_TABLE))) return [];
  const rows = await connection.rows(`SELECT name FROM ${DEFAULT_MIGRATION_TABLE} ORDER BY name`);
  return rows.map((row) => String(row['name']));
}

async function applyAll(held: HeldConnection, language: Language, migrations: Migrations): Promise<void> {
  const { name: file, schema } = held.connection;
  const migrator = new Migrator({
    db: kyselyOver<unknown>({ acquire: async () => held, release: async () => {} }, language),
    provider: { getMigrations: async () => ({ ...migrations }) },
    // kysely orders the applied ones by the time they were applied, and a clock may have been set back since;
    // pendingMigrations has checked the order by name.
    allowUnorderedMigrations: true,
    // They run in the transaction that is open already.
    disableTransactions: true,
    ...(schema !== undefined && { migrationTableSchema: schema }),
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof DbError && error.category !== 'fault') throw error;
  const migration =
    results?.find(({ status }) => status === 'Error')?.migrationName ?? DEFAULT_MIGRATION_TABLE;
  const reason = error instanceof Error ? error.message : 'no reason given';
  throw new DbError('MIGRATION_FAILED', { file, migration, reason }, { cause: error });
}
