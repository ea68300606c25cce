/**
 * The database engines that tests run over. With `TEST_DATABASE=postgresql` every fixture that is not told otherwise
 * keeps its database on PostgreSQL, so that any test in one process can be run over it by hand.
 */
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { databasePlace, readServerUrl, type DatabaseConfig, type DatabasePlace } from '../../src/db';
import { PostgresCluster } from './postgresCluster';

export type EngineName = 'sqlite' | 'postgresql';
export const ENGINES: readonly EngineName[] = ['sqlite', 'postgresql'];

const USUAL_ENGINE: EngineName = process.env['TEST_DATABASE'] === 'postgresql' ? 'postgresql' : 'sqlite';

/** What a party's configuration says of a new database of the engine; nothing for a file in its directory. */
export async function newDatabase(
  engine: EngineName = USUAL_ENGINE,
): Promise<{ readonly database?: DatabaseConfig }> {
  return engine === 'sqlite' ? {} : { database: await (await PostgresCluster.shared()).newDatabase() };
}

/** Where a store of its own is to lie. @param folder for a file */
export async function newPlace(folder: string, engine: EngineName = USUAL_ENGINE): Promise<DatabasePlace> {
  return databasePlace((await newDatabase(engine)).database, folder, join(folder, 'test.db'));
}

/** Copies a party's database, which nobody uses meanwhile. @returns what puts the copy in its place */
export async function keepCopy(
  config: DatabaseConfig | undefined,
  file: string,
): Promise<() => Promise<void>> {
  if (config === undefined) {
    cpSync(file, `${file}.old`);
    return async () => {
      renameSync(`${file}.old`, file);
    };
  }
  const cluster = await PostgresCluster.shared();
  const { name, user } = readServerUrl(config.url) ?? { name: '', user: '' };
  await cluster.sql(`CREATE DATABASE ${name}_old OWNER ${user} TEMPLATE ${name}`);
  return async () => {
    await cluster.sql(`DROP DATABASE ${name}`);
    await cluster.sql(`ALTER DATABASE ${name}_old RENAME TO ${name}`);
  };
}
