/** Looking at a database without using it: the settings a crash depends on, and whether a file's pages are sound. */
import { openConnection } from './connection';
import { postgresEngine } from './postgresEngine';
import type { PostgresServer } from './server';

export interface DatabaseState {
  readonly journalMode: string;
  /** 2 is FULL: a commit is on the disk before it is told. */
  readonly synchronous: string;
  /** `ok`, or the first thing that is wrong; `undefined` where it was not looked for. */
  readonly integrity: string | undefined;
}

/**
 * @param deep whether every page is read, which takes as long as the file is large
 * @throws DbError as `openStore`, but nothing is migrated
 */
export async function inspectDatabase(file: string, deep: boolean): Promise<DatabaseState> {
  const connection = await openConnection(file, 'reader', 1000);
  try {
    const one = async (pragma: string): Promise<string> => {
      const [row = {}] = await connection.rows(`PRAGMA ${pragma}`);
      return String(Object.values(row)[0]);
    };
    return {
      journalMode: await one('journal_mode'),
      synchronous: await one('synchronous'),
      integrity: deep ? await one('quick_check(1)') : undefined,
    };
  } finally {
    await connection.close();
  }
}

/** @throws DbError as `openStore`, also for a setting that a crash depends on; nothing is migrated */
export async function inspectServer(server: PostgresServer): Promise<{ readonly version: string }> {
  const connection = await postgresEngine(server, 1000).open('reader');
  try {
    const [row] = await connection.rows("SELECT current_setting('server_version') AS version");
    return { version: String(row?.['version']) };
  } finally {
    await connection.close();
  }
}
