/** The root side's certificate profiles: the YAML files in its `profiles` folder. */
import { join } from 'node:path';
import { readYamlFile } from '../config';
import { profileSchema, type Profile } from '../x509';
import type { RootCa } from './root';

/** @throws ConfigError */
export async function readProfile(root: RootCa, id: string): Promise<Profile> {
  return readYamlFile(join(root.paths.profiles, `${id}.yaml`), profileSchema);
}
