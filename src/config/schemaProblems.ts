/** What a schema refuses, as problems people can act on: the place, what stands there, what would be allowed. */
import type { z } from 'zod';
import type { Problem } from '../errors';

export type KeyPath = readonly PropertyKey[];

/** A problem, and its place in the value in a form a program can follow. */
interface PlacedProblem {
  readonly path: KeyPath;
  readonly problem: Problem;
}

/** Values under such keys are never shown. */
const SECRET_KEY = /pin|passw|passphrase|secret/i;
const SECRET_IN_URL = /:\/\/[^\s/?#@:]*:[^\s/?#]*@|[?&]passw/i;
const INVISIBLE = /[\p{C}\p{DI}\p{Zl}\p{Zp}]/gu;
const MAX_SHOWN = 80;
/** What people who write YAML call the types. */
const TYPE_NAMES: Readonly<Partial<Record<string, string>>> = {
  array: 'list',
  object: 'map',
  record: 'map',
  int: 'integer',
};

/**
 * Turns the refusal of a schema into problems; an unknown key is told with the keys that are known at its place.
 * Messages that a schema's author gave are taken as the description of what is allowed.
 * @param value what was parsed
 * @returns in the order of the schema's findings, `where` as `key.path[0].name`
 */
export function schemaProblems(schema: z.ZodType, value: unknown, error: z.ZodError): readonly Problem[] {
  return placedProblems(schema, value, error).map(({ problem }) => problem);
}

/** Like `schemaProblems`, each with its path. */
export function placedProblems(
  schema: z.ZodType,
  value: unknown,
  error: z.ZodError,
): readonly PlacedProblem[] {
  // A value of the wrong type is often also found too short or too long: the first finding says it.
  const mistyped = new Set<string>();
  const issues = error.issues.filter((issue) => {
    const where = formatPath(issue.path);
    if (mistyped.has(where)) return false;
    if (issue.code === 'invalid_type') mistyped.add(where);
    return true;
  });
  return issues.flatMap((issue) => problemsOf(issue, [], schema, value));
}

/** Writes a path as people write it: `subject[2].type`. */
export function formatPath(path: KeyPath): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${showText(String(key))}`))
    .join('')
    .replace(/^\./, '');
}

function problemsOf(
  issue: z.core.$ZodIssue,
  above: KeyPath,
  schema: z.ZodType,
  value: unknown,
): readonly PlacedProblem[] {
  const path = [...above, ...issue.path];
  const found = valueAt(value, path);
  if (issue.code === 'unrecognized_keys') {
    const allowed = knownKeys(schema, path, value).join(', ');
    return issue.keys.map((key) => placed('UNKNOWN_KEY', [...path, key], showText(key), allowed));
  }
  if (issue.code === 'invalid_union' && found !== undefined) {
    // The branch that objects to something inside the value, not to the value as a whole, is the one that was meant.
    const meant = issue.errors.find(
      (branch) =>
        branch.length > 0 &&
        branch.every(({ code, path: at }) => code === 'unrecognized_keys' || at.length > 0),
    );
    if (meant !== undefined) return meant.flatMap((inner) => problemsOf(inner, path, schema, value));
  }
  const code = found === undefined && issue.code !== 'custom' ? 'MISSING' : 'BAD_VALUE';
  return [placed(code, path, show(found, path), allowedBy(issue))];
}

function placed(code: Problem['code'], path: KeyPath, found: string, allowed: string): PlacedProblem {
  return { path, problem: { code, where: formatPath(path), found, allowed } };
}

function allowedBy(issue: z.core.$ZodIssue): string {
  // Zod's own messages are English sentences that begin so; any other was given by the schema's author.
  if (!/^(Invalid|Too small|Too big|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_NAMES[issue.expected] ?? issue.expected;
    case 'too_small':
      return `${measure(issue.origin)}${issue.inclusive === false ? '>' : '≥'} ${issue.minimum}`;
    case 'too_big':
      return `${measure(issue.origin)}${issue.inclusive === false ? '<' : '≤'} ${issue.maximum}`;
    case 'invalid_format':
      return issue.pattern ?? issue.format;
    case 'not_multiple_of':
      return `${issue.divisor} × n`;
    case 'invalid_value':
      return issue.values.map(String).join(' | ');
    case 'invalid_union':
      return issue.errors.flatMap((branch) => branch.slice(0, 1).map(allowedBy)).join(' | ');
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.map(allowedBy).join(', ');
    case 'unrecognized_keys':
    case 'custom':
      return issue.message;
  }
}

function measure(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'length ' : '';
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

function show(value: unknown, path: KeyPath): string {
  if (value === undefined) return '';
  if (path.some((key) => SECRET_KEY.test(String(key)))) return '…';
  if (Array.isArray(value)) return `list (${value.length})`;
  // Not the contents of a map: they may be many, secret, or refer to the map itself.
  if (typeof value === 'object' && value !== null) return 'map';
  if (typeof value === 'string' && hasPassword(value)) return '…';
  return typeof value === 'number' ? String(value) : showText(JSON.stringify(value));
}

/** Whether a text is a URL with a password, which is no place for one, and is not to be shown. */
export function hasPassword(text: string): boolean {
  return SECRET_IN_URL.test(text);
}

function showText(text: string): string {
  const visible = text.replace(
    INVISIBLE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return visible.length > MAX_SHOWN ? `${visible.slice(0, MAX_SHOWN)}…` : visible;
}

/** The keys of the object schema at a path; of the alternatives of a union, of those the value may have meant. */
function knownKeys(schema: z.core.$ZodType, path: KeyPath, value: unknown): readonly string[] {
  const keys = shapesAt(schema, path, value).flatMap((shape) => Object.keys(shape));
  return [...new Set(keys)];
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

function shapesAt(schema: z.core.$ZodType, path: KeyPath, value: unknown): readonly Shape[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ('innerType' in def) return shapesAt(def.innerType, path, value);
  if (def.type === 'pipe') return shapesAt(def.in, path, value);
  if (def.type === 'union') return def.options.flatMap((option) => shapesAt(option, path, value));

  const [key, ...rest] = path;
  if (key === undefined) return def.type === 'object' && fits(def.shape, value) ? [def.shape] : [];
  const inside = valueAt(value, [key]);
  if (def.type === 'object' && fits(def.shape, value)) {
    const member = (def.shape as Shape)[String(key)];
    return member === undefined ? [] : shapesAt(member, rest, inside);
  }
  if (def.type === 'array') return shapesAt(def.element, rest, inside);
  if (def.type === 'record') return shapesAt(def.valueType, rest, inside);
  return [];
}

/** Whether the value has every literal the shape asks for: tells the alternatives of a tagged union apart. */
function fits(shape: Shape, value: unknown): boolean {
  return Object.entries(shape).every(([key, member]) => {
    const { def } = (member as z.core.$ZodTypes)._zod;
    return def.type !== 'literal' || def.values.some((literal) => literal === valueAt(value, [key]));
  });
}
