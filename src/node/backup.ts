/** What of a node goes into a backup, and how it stands after one was restored. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BackupError, contentsOf, type Manifest, type Party, type PartyKind } from '../backup';
import { readYamlFile } from '../config';
import { nodeMigrations, openStore, type NodeSchema } from '../db';
import { pinFiles } from '../doctor';
import { nodeConfigSchema, nodePaths } from './config';
import { NodeError } from './errors';
import { reasonsOf } from './quarantine';

export const NODE_KIND: PartyKind = { program: 'subca', database: 'subca.db', migrations: nodeMigrations };

/** @throws NodeError `NOT_INITIALISED`; BackupError `DATABASE_ON_SERVER`; ConfigError */
export async function nodeParty(
  directory: string,
): Promise<{ readonly party: Party; readonly recipients: readonly string[] }> {
  const { config: file } = nodePaths(directory);
  if (!existsSync(file)) throw new NodeError('NOT_INITIALISED', { directory });
  const config = await readYamlFile(file, nodeConfigSchema);
  if (config.database !== undefined)
    throw new BackupError('DATABASE_ON_SERVER', { url: config.database.url });
  const { backup, documents = [], keyChecks } = config;
  const recipients = backup?.recipients ?? [];
  const configured = [...documents.map((one) => one.file), ...(keyChecks?.weakKeys ?? []), ...recipients];
  const party = {
    ...NODE_KIND,
    name: config.node,
    directory,
    contains: contentsOf(directory, ['profiles', 'published', 'bundles'], configured),
    secrets: pinFiles(config.hsm, directory),
  };
  return { party, recipients: recipients.map((one) => resolve(directory, one)) };
}

/**
 * A restored node issues nothing until the root, after the restore, has said that it agrees: what the root said before it,
 * such as a reply that was kept as a file, does not tell what was written and lost since.
 */
export async function quarantineRestored(
  stage: string,
  { time, journals }: Manifest,
  now: Date,
): Promise<void> {
  const file = join(stage, NODE_KIND.database);
  const store = await openStore<NodeSchema>({ file, migrations: nodeMigrations });
  try {
    await store.transaction(async (tx) => {
      const since = now.toISOString();
      for (const { id, origin } of await tx.selectFrom('journals').select(['id', 'origin']).execute()) {
        const known = journals.find((one) => one.origin === origin)?.receipt?.time ?? since;
        const receiptTime = known > since ? known : since;
        const row = { ...reasonsOf(new NodeError('RESTORED', { time })), since, receiptTime };
        await tx
          .insertInto('quarantine')
          .values({ journal: id, ...row })
          .onConflict((conflict) => conflict.columns(['journal', 'code']).doUpdateSet(row))
          .execute();
      }
    });
  } finally {
    await store.close();
  }
}
