/** The files that come with the package: templates of configuration and profiles, and the list of organisations. */
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './errors';
import { readYamlFile } from './yamlFile';

/** The folder `config-templates` of the installed package. */
export const TEMPLATES = join(__dirname, '..', '..', 'config-templates');

const organisationSchema = z.strictObject({
  code: z.string().min(1).max(20),
  kind: z.enum(['province', 'ministry', 'ministerial-level']),
  codeSystem: z.string(),
  name: z.string().min(1).max(200),
  place: z.string().min(1).max(128),
  merged: z.array(z.string()).optional(),
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
});

/** A body that can hold a delegation. `place` is the locality (L) of its certificates. */
export type Organisation = z.infer<typeof organisationSchema>;

/** @throws ConfigError `ORGANISATION_UNKNOWN` with the closest names */
export async function findOrganisation(code: string): Promise<Organisation> {
  const all = await readYamlFile(join(TEMPLATES, 'organisations.yaml'), z.array(organisationSchema));
  const found = all.find((organisation) => organisation.code.toUpperCase() === code.toUpperCase());
  if (found !== undefined) return found;
  const wanted = code.toLocaleLowerCase('vi');
  const near = all
    .filter(({ name, place }) => `${name} ${place}`.toLocaleLowerCase('vi').includes(wanted))
    .slice(0, 5)
    .map((organisation) => `${organisation.code} (${organisation.name})`);
  throw new ConfigError('ORGANISATION_UNKNOWN', { code, near: near.join(', ') });
}
