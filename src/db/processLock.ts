/** Locks that end with the process that holds them, however it dies: the kernel knows who lives, by no number. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateFile } from './connection';
import { DbError } from './errors';
import { SqliteConnection } from './sqlite';

/** A held lock. It is given back by `release`, or by the kernel when the process ends. */
export interface ProcessLock {
  readonly name: string;
  /** Gives the lock back and removes its file; a second call does nothing. */
  release(): Promise<void>;
}

const LOCK_NAME = /^[a-z0-9-]{1,64}$/;

/** How long to wait for one's turn, in milliseconds; each holder needs a few. */
const TURN_WAIT = 5000;

/** Kept alive here: a connection nobody refers to is closed by the garbage collector, and its lock would be gone. */
const held = new Set<SqliteConnection>();

/**
 * Takes the lock `<directory>/<name>.lock` if no living holder has it, in this process or another. It serves three
 * ends: a process shows that it lives, under a random name; another claims that name, which succeeds only if its owner
 * is dead, and then keeps others from claiming it too; and a job that must not run twice takes the job's name.
 * @param directory an existing folder on a local disk
 * @param name 1 to 64 of a-z, 0-9 and hyphen
 * @returns `undefined` if the holder is alive
 * @throws DbError `LOCK_NAME`, `DATABASE_UNAVAILABLE`, `DATABASE_READ_ONLY`, `DATABASE_BUSY`
 */
export async function tryLock(directory: string, name: string): Promise<ProcessLock | undefined> {
  if (!LOCK_NAME.test(name)) throw new DbError('LOCK_NAME', { name });
  const file = join(directory, `${name}.lock`);
  const connection = await behindGate(directory, () => lockUnlessHeld(file));
  if (connection === undefined) return undefined;
  held.add(connection);
  return {
    name,
    release: async () => {
      if (!held.delete(connection)) return;
      try {
        await behindGate(directory, async () => {
          rmSync(file, { force: true });
        });
      } finally {
        await connection.close();
      }
    },
  };
}

/** As `tryLock`, for a caller that cannot go on without. @throws DbError `LOCK_HELD` if the holder is alive */
export async function acquireLock(directory: string, name: string): Promise<ProcessLock> {
  const lock = await tryLock(directory, name);
  if (lock === undefined) throw new DbError('LOCK_HELD', { name });
  return lock;
}

/**
 * Lets one caller at a time, of all processes, open, lock or remove lock files of the folder. Without it, one could
 * open a file that another then removes, lock the file without a name, and meet a third that has locked its successor.
 * The gate's own file is never removed.
 */
function behindGate<T>(directory: string, work: () => Promise<T>): Promise<T> {
  return inTurn(join(directory, 'lock.gate'), work);
}

/**
 * Does the work while nobody else, in this process or another, does any under the same file; waits for its turn.
 * @param file made where it is not there, and never removed; on a local disk
 * @throws DbError `DATABASE_BUSY` when the others have not ended in time, `DATABASE_UNAVAILABLE`; what the work throws
 */
export async function inTurn<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turn = await lockedConnection(file, TURN_WAIT);
  try {
    return await work();
  } finally {
    await turn.close();
  }
}

async function lockUnlessHeld(file: string): Promise<SqliteConnection | undefined> {
  try {
    return await lockedConnection(file, 0);
  } catch (error) {
    if (DbError.is(error, 'DATABASE_BUSY')) return undefined;
    throw error;
  }
}

/** A connection with an open transaction that excludes all others. Nothing is ever committed: the file stays empty. */
async function lockedConnection(file: string, waitMs: number): Promise<SqliteConnection> {
  createPrivateFile(file);
  const connection = await SqliteConnection.open(file, waitMs);
  try {
    // In memory, so that a killed process leaves no journal behind. This reads the file, and so waits for its turn.
    await connection.waitFor('PRAGMA journal_mode=MEMORY');
    await connection.waitFor('BEGIN EXCLUSIVE');
    // On a file that may not be written, BEGIN EXCLUSIVE succeeds without a lock; a change is refused.
    await connection.script('PRAGMA user_version=1');
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
