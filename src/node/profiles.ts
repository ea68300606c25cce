/** The node's certificate profiles: the YAML files in its `profiles` folder. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, readYamlFile } from '../config';
import { profileSchema, type Profile } from '../x509';
import { NodeError } from './errors';

export type Profiles = ReadonlyMap<string, Profile>;

/** @throws ConfigError with every problem of the first file that has one; `CONFIG_INVALID` for one id in two files */
export async function readProfiles(folder: string): Promise<Profiles> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const profiles = new Map<string, Profile>();
  const places = new Map<string, string>();
  for (const name of files) {
    const file = join(folder, name);
    const profile: Profile = await readYamlFile(file, profileSchema);
    // A copy somebody kept, say: which of the two is meant, only a person knows.
    const other = places.get(profile.id);
    if (other !== undefined) {
      const problem = {
        code: 'DUPLICATE',
        where: 'id',
        found: `${profile.id}: ${other}`,
        allowed: '1 ×',
      } as const;
      throw new ConfigError('CONFIG_INVALID', { file, count: 1 }, { problems: [problem] });
    }
    places.set(profile.id, name);
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
