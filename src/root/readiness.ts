/** What `doctor` examines of the root operator's side, with or without a configuration. */
import { databasePlace } from '../db';
import { passwordFiles, pinFiles, readConfiguration, type Subject } from '../doctor';
import { rootConfigSchema, rootPaths } from './config';

export async function rootSubject(directory: string): Promise<Subject> {
  const paths = rootPaths(directory);
  const bare = {
    directory,
    privateFiles: [directory, paths.config, paths.database, paths.tlsKey],
    database: { file: paths.database },
    listeners: [],
    hosts: [],
  };
  const { config, state } = await readConfiguration(paths.config, rootConfigSchema);
  if (config === undefined) return { ...bare, configuration: state };
  const { hsm, registry, tokens } = config;
  const database = databasePlace(config.database, directory, paths.database);
  return {
    ...bare,
    configuration: state,
    database,
    privateFiles: [...bare.privateFiles, ...passwordFiles(database), ...pinFiles(hsm, directory)],
    hsm: { config: hsm, caToken: tokens.root },
    hosts: [new URL(registry.url).hostname],
  };
}
