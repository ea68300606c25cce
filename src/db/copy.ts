/** A consistent copy of a database that is in use. */
import { rmSync } from 'node:fs';
import { openConnection } from './connection';

/**
 * Writes the database as it is at one moment into a new file; readers and writers go on meanwhile.
 * @param target replaced if it is there; on a disk with room for all of it
 * @throws DbError as `openStore`; `DISK_FULL`
 */
export async function copyDatabase(file: string, target: string): Promise<void> {
  for (const left of ['', '-wal', '-shm', '-journal']) rmSync(`${target}${left}`, { force: true });
  const connection = await openConnection(file, 'writer', 5000);
  try {
    // One read transaction from beginning to end (https://www.sqlite.org/lang_vacuum.html#vacuuminto).
    await connection.rows('VACUUM INTO ?', [target]);
  } finally {
    await connection.close();
  }
}
