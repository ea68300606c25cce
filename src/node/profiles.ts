/** The node's certificate profiles: the YAML files in its `profiles` folder. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readYamlFile } from '../config';
import { profileSchema, type Profile } from '../x509';
import { NodeError } from './errors';

export type Profiles = ReadonlyMap<string, Profile>;

/** @throws ConfigError with every problem of the first file that has one */
export async function readProfiles(folder: string): Promise<Profiles> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const profiles = new Map<string, Profile>();
  for (const file of files) {
    const profile: Profile = await readYamlFile(join(folder, file), profileSchema);
    profiles.set(profile.id, profile);
  }
  return profiles;
}

/** @throws NodeError `PROFILE_UNKNOWN` */
export function profileNamed(profiles: Profiles, id: string): Profile {
  const profile = profiles.get(id);
  if (profile !== undefined) return profile;
  throw new NodeError('PROFILE_UNKNOWN', { profile: id, known: [...profiles.keys()].join(', ') || '—' });
}
