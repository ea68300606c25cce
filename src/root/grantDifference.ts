/** What one version of a grant changes against another, field by field, and whether it takes anything away. */
import type { Grant } from '../delegation';

export interface Difference {
  /** `limits.quota.total`, `scope.profiles[individual].email.permitted`. */
  readonly where: string;
  readonly before: string;
  readonly after: string;
  /** Whether something that was allowed no longer is, or may not be. */
  readonly narrows: boolean;
}

/**
 * How a value bounds what is allowed. neutral: not at all; allowed: what it lists, nothing if it is absent; choice: the
 * same, anything if it is absent; forbidden: what it does not list; ceiling, floor: up to it, from it on; wait: after so
 * long, never if it is absent.
 */
type Bound = 'neutral' | 'allowed' | 'choice' | 'forbidden' | 'ceiling' | 'floor' | 'wait';

/** By path; what is not here counts as narrower whenever it changes. */
const BOUNDS: readonly (readonly [RegExp, Bound])[] = [
  [/^organisation\.name$|^publication\./, 'neutral'],
  [/^services$|^urls\.|\.(keyAlgorithms|keyUsage|extendedKeyUsage|policies|permitted)$/, 'allowed'],
  [/^scope\.profiles\[[^\]]*\]$/, 'allowed'],
  [/\.values$/, 'choice'],
  [/\.excluded$/, 'forbidden'],
  [/^limits\.(quota|lease|notAfter)\b|\.(max|maxLength|maxValidityDays|maxRenewedDays)$/, 'ceiling'],
  [/^limits\.notBefore$|\.(min|minLength)$/, 'floor'],
  [/^limits\.retentionYears$/, 'wait'],
];

/** The parts of a grant that say what is allowed, and how it is published. */
export type Terms = Pick<Grant, 'organisation' | 'services' | 'scope' | 'limits' | 'publication' | 'urls'>;

export function termsOf({ organisation, services, scope, limits, publication, urls }: Terms): Terms {
  return { organisation, services, scope, limits, publication, urls };
}

export function differencesOf(before: Terms, after: Terms): readonly Difference[] {
  return compare('', termsOf(before), termsOf(after));
}

function compare(where: string, before: unknown, after: unknown): readonly Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [old, next] = [membersOf(where, before), membersOf(where, after)];
  if (old === undefined || next === undefined) {
    return [{ where, before: told(before), after: told(after), narrows: isNarrower(where, before, after) }];
  }
  const keys = [...new Set([...old.keys(), ...next.keys()])];
  const inside = keys.flatMap((key) => compare(key, old.get(key), next.get(key)));
  const kept = (members: ReadonlyMap<string, unknown>): string =>
    [...members.keys()].filter((key) => old.has(key) && next.has(key)).join(', ');
  // The order of a subject's attributes is part of what is allowed.
  return Array.isArray(before) && kept(old) !== kept(next)
    ? [...inside, { where, before: kept(old), after: kept(next), narrows: true }]
    : inside;
}

/** The members of a map, and of a list whose elements have a name of their own, by their paths. */
function membersOf(where: string, value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const path = where === '' ? '' : `${where}.`;
  if (!Array.isArray(value))
    return new Map(Object.entries(value).map(([key, inside]) => [`${path}${key}`, inside as unknown]));
  const names = value.map(nameOf);
  if (names.length === 0 || names.includes(undefined)) return undefined;
  return new Map(names.map((name, at) => [`${where}[${String(name)}]`, value[at] as unknown]));
}

/** What a profile or an attribute of a subject is known by. */
export function nameOf(element: unknown): string | undefined {
  const { id, type } = Object(element) as { readonly id?: unknown; readonly type?: unknown };
  const name = id ?? type;
  return typeof name === 'string' ? name : undefined;
}

function told(value: unknown): string {
  if (value === undefined) return '—';
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'string' ? one : told(one))).join(', ') || '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNarrower(where: string, before: unknown, after: unknown): boolean {
  const [, bound] = BOUNDS.find(([path]) => path.test(where)) ?? [];
  const lacks = (list: unknown, other: unknown): boolean =>
    listOf(list).some((one) => !listOf(other).includes(one));
  switch (bound) {
    case 'neutral':
      return false;
    case 'allowed':
      return before !== undefined && (after === undefined || lacks(before, after));
    case 'choice':
      return after !== undefined && (before === undefined || lacks(before, after));
    case 'forbidden':
      return lacks(after, before);
    case 'ceiling':
      return after !== undefined && (before === undefined || isLess(after, before));
    case 'floor':
      return after !== undefined && (before === undefined || isLess(before, after));
    case 'wait':
      return before !== undefined && (after === undefined || isLess(before, after));
    case undefined:
      return true;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Of two numbers, or two instants. */
function isLess(one: unknown, other: unknown): boolean {
  return typeof one === 'number' && typeof other === 'number' ? one < other : String(one) < String(other);
}
