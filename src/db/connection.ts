/** Opening an SQLite connection as every store needs it: durable, and its settings read back. */
import { closeSync, fchmodSync, openSync } from 'node:fs';
import type { Role } from './engine';
import { DbError } from './errors';
import { SqliteConnection } from './sqlite';

/** What must hold before a single row is trusted to the database. A network file system refuses WAL, for one. */
const HELD: Readonly<Record<string, string>> = { journal_mode: 'wal', synchronous: '2', foreign_keys: '1' };

/**
 * How much of the database the writer keeps in memory at most, in KiB; a reader has SQLite's 2 MiB. Index entries of keys
 * lie at random: 2,000 certificates change some 2,000 pages of that index alone, and what does not fit is written to the
 * log and read back within the one transaction.
 */
const WRITER_CACHE_KIB = 16_384;

/**
 * Opens an existing database file for a store.
 * @throws DbError `DATABASE_UNAVAILABLE`, `DATABASE_BUSY`, `DATABASE_DAMAGED`, `PRAGMA_NOT_HELD`
 */
export async function openConnection(
  file: string,
  role: Role,
  busyTimeoutMs: number,
): Promise<SqliteConnection> {
  const connection = await SqliteConnection.open(file, busyTimeoutMs);
  try {
    await configure(connection);
    if (role === 'reader') await connection.forbidWrites();
    else await connection.script(`PRAGMA cache_size=-${WRITER_CACHE_KIB}`);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Sets what every connection needs and reads back what a crash depends on. @throws DbError `PRAGMA_NOT_HELD` */
export async function configure(connection: SqliteConnection): Promise<void> {
  await connection.waitFor('PRAGMA journal_mode=WAL');
  await connection.script('PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF');
  for (const [pragma, expected] of Object.entries(HELD)) {
    const [row] = await connection.rows(`PRAGMA ${pragma}`);
    const found = String(row?.[pragma]);
    if (found !== expected) {
      throw new DbError('PRAGMA_NOT_HELD', { file: connection.file, pragma, found, expected });
    }
  }
}

/** Moves the write-ahead log into the database as far as others let it, and closes. */
export async function closeCheckpointed(connection: SqliteConnection): Promise<void> {
  try {
    await connection.script('PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // What stays in the log is as durable there, and the next to open the database goes on with it.
  }
  await connection.close();
}

/**
 * Makes the file if there is none, readable by its owner alone whatever the umask; SQLite gives its side files the same
 * mode. An existing file is not opened: closing it here would drop the locks this process holds on it (POSIX).
 * @throws DbError `DATABASE_UNAVAILABLE`
 */
export function createPrivateFile(file: string): void {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      fchmodSync(descriptor, 0o600);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new DbError('DATABASE_UNAVAILABLE', { file, reason: message }, { cause: error });
  }
}
