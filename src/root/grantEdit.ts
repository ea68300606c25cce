/** A grant as an operator edits it: a whole YAML file, or single values; held to what an update may change. */
import { z } from 'zod';
import { ConfigError, readYaml, schemaProblems, writeYaml } from '../config';
import { grantSchema, type Grant } from '../delegation';
import type { Problem } from '../errors';
import { nameOf, termsOf, type Terms } from './grantDifference';

const MAX_PATH = 8;

export type GrantEdit =
  | { readonly file: string; readonly text: string }
  /** Path and value each, the value as YAML: `limits.quota.total`, `5000`. */
  | { readonly set: readonly (readonly [path: string, value: string])[] };

/** The grant as a file to be edited: first what an update leaves alone, then the terms. */
export function grantYaml({ grantId, version, nodeId, ...grant }: Grant): string {
  return writeYaml({ grantId, version, nodeId, ...termsOf(grant) });
}

/**
 * The terms of the next version.
 * @throws ConfigError `CONFIG_INVALID` with every problem, those of a file with their lines
 */
export function editedTerms(current: Grant, edit: GrantEdit): Terms {
  const schema = editSchema(current);
  if ('file' in edit) return termsOf(readYaml(edit.text, schema, edit.file));
  const value = structuredClone({ version: current.version, ...termsOf(current) });
  const unknown = edit.set.flatMap(([path, text]) => setIn(value, path, text));
  if (unknown.length > 0) throw invalid(unknown);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(schemaProblems(schema, value, parsed.error));
  return termsOf(parsed.data);
}

function invalid(problems: readonly Problem[]): ConfigError {
  return new ConfigError('CONFIG_INVALID', { file: '--set', count: problems.length }, { problems });
}

/** Only the terms may change; what else stands in the file must be the current version's, so that no edit is stale. */
function editSchema(current: Grant) {
  const { shape } = grantSchema;
  const { grantId, version, previous, issuedAt, effectiveFrom, nodeId, organisation, keys } = current;
  const { caSpkiSha256, caSignature, journalSpki, epoch } = keys;
  return z
    .strictObject({
      grantId: z.literal(grantId).optional(),
      version: z.literal(version),
      previous: z.literal(previous).optional(),
      issuedAt: z.literal(issuedAt).optional(),
      effectiveFrom: z.literal(effectiveFrom).optional(),
      nodeId: z.literal(nodeId).optional(),
      keys: z
        .strictObject({
          caSpkiSha256: z.literal(caSpkiSha256),
          caSignature: z.literal(caSignature),
          journalSpki: z.literal(journalSpki),
          epoch: z.literal(epoch),
        })
        .optional(),
      organisation: z.strictObject({
        code: z.literal(organisation.code),
        name: shape.organisation.shape.name,
      }),
      services: shape.services,
      scope: shape.scope,
      limits: shape.limits,
      publication: shape.publication,
      urls: shape.urls,
    })
    .superRefine(({ scope, limits }, context) => {
      const ids = scope.profiles.map(({ id }) => id);
      for (const id of Object.keys(limits.quota.perProfile)) {
        if (!ids.includes(id)) refuse(context, ['limits', 'quota', 'perProfile', id], ids.join(', '));
      }
      // Whatever else ends: who checks a certificate must be answered.
      for (const { id, extendedKeyUsage } of current.scope.profiles) {
        if (extendedKeyUsage.join() === 'ocspSigning' && !ids.includes(id))
          refuse(context, ['scope', 'profiles'], id);
      }
    });
}

function refuse(context: z.core.$RefinementCtx, path: string[], message: string): void {
  context.addIssue({ code: 'custom', path, message });
}

/** Sets one value; profiles and attributes are found by their names. @returns what is wrong with the path or the text */
function setIn(root: object, path: string, text: string): readonly Problem[] {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: unknown = root;
  for (const key of keys.slice(0, MAX_PATH)) at = memberOf(at, key);
  const value = readYaml(text, z.unknown(), `--set ${path}`);
  if (typeof at !== 'object' || at === null || Array.isArray(at) || last === '' || keys.length > MAX_PATH) {
    return [{ code: 'UNKNOWN_KEY', where: path, found: path, allowed: Object.keys(root).join(', ') }];
  }
  Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  return [];
}

function memberOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.find((element) => nameOf(element) === key);
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
