/** What `doctor` examines of a node, with or without a configuration, a database or a grant. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readLastBackup } from '../backup';
import {
  commonTables,
  databasePlace,
  nodeMigrations,
  openStore,
  readNewestDocument,
  type DatabasePlace,
  type NodeSchema,
} from '../db';
import { passwordFiles, pinFiles, readConfiguration, type Subject } from '../doctor';
import { isCodedError } from '../errors';
import { encodePem } from '../x509';
import { nodeConfigSchema, nodePaths } from './config';

/** Whether what answers at an address is this node's own service. */
export type IsOurs = (address: string, port: number) => Promise<boolean>;

export async function nodeSubject(directory: string, isOurs: IsOurs): Promise<Subject> {
  const paths = nodePaths(directory);
  const bare = {
    directory,
    privateFiles: [directory, paths.config, paths.database],
    database: { file: paths.database },
    listeners: [],
    hosts: [],
  };
  const { config, state } = await readConfiguration(paths.config, nodeConfigSchema);
  if (config === undefined) return { ...bare, configuration: state };
  const { hsm, token, host, registry, personnel = [], documents = [], readiness = {}, journal } = config;
  const secondDisk = journal?.mirror ?? readiness.secondDisk;
  const { address, port } = config.public;
  const database = databasePlace(config.database, directory, paths.database);
  return {
    ...bare,
    configuration: state,
    database,
    privateFiles: [...bare.privateFiles, ...passwordFiles(database), ...pinFiles(hsm, directory)],
    hsm: { config: hsm, caToken: token },
    listeners: [{ address, port, isOurs: () => isOurs(address, port) }],
    hosts: [host.replace(/:\d+$/, '')],
    registry: registry ? { url: registry.url, rootCertificate: await pinnedRoot(database) } : null,
    secondDisk: secondDisk === undefined ? null : resolve(directory, secondDisk),
    backup: await lastBackup(directory, readiness.backup),
    alarm: readiness.alarm ?? null,
    personnel,
    papers: documents.map(({ kind, file }) => ({ kind, path: resolve(directory, file) })),
  };
}

/** What `backup` remembers counts where it is newer than what a person wrote down. */
async function lastBackup(
  directory: string,
  written: { readonly made: string; readonly restored?: string | undefined } | undefined,
): Promise<NonNullable<Subject['backup']> | null> {
  const made = (await readLastBackup(directory))?.time.slice(0, 10);
  if (made === undefined) return written ?? null;
  return { ...written, made: written === undefined || written.made < made ? made : written.made };
}

/** PEM; `undefined` before the activation, and where the database cannot be read: that is another check. */
async function pinnedRoot(place: DatabasePlace): Promise<string | undefined> {
  if ('file' in place && !existsSync(place.file)) return undefined;
  try {
    const store = await openStore<NodeSchema>({ ...place, migrations: nodeMigrations, migrate: false });
    try {
      const stored = await readNewestDocument(commonTables(store.read), 'root-certificate');
      return stored && encodePem('CERTIFICATE', stored.bytes);
    } finally {
      await store.close();
    }
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    return undefined;
  }
}
