/** What of the root operator's side goes into a backup. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BackupError, contentsOf, type Party, type PartyKind } from '../backup';
import { readYamlFile } from '../config';
import { rootMigrations } from '../db';
import { pinFiles } from '../doctor';
import { rootConfigSchema, rootPaths } from './config';
import { RootError } from './errors';

export const ROOT_KIND: PartyKind = { program: 'rootca', database: 'rootca.db', migrations: rootMigrations };

/** What stands in the directory besides the database, tls.key among it: a key of the transport. */
const OWN = ['grant-template.yaml', 'eligibility.yaml', 'profiles', 'published', 'tls.key', 'tls.crt'];

/** @throws RootError `NOT_INITIALISED`; BackupError `DATABASE_ON_SERVER`; ConfigError */
export async function rootParty(
  directory: string,
): Promise<{ readonly party: Party; readonly recipients: readonly string[] }> {
  const { config: file } = rootPaths(directory);
  if (!existsSync(file)) throw new RootError('NOT_INITIALISED', { directory });
  const config = await readYamlFile(file, rootConfigSchema);
  if (config.database !== undefined)
    throw new BackupError('DATABASE_ON_SERVER', { url: config.database.url });
  const recipients = config.backup?.recipients ?? [];
  const party = {
    ...ROOT_KIND,
    name: config.registry.name,
    directory,
    contains: contentsOf(directory, OWN, recipients),
    secrets: pinFiles(config.hsm, directory),
  };
  return { party, recipients: recipients.map((one) => resolve(directory, one)) };
}
