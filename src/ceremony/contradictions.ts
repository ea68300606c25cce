/** What in a plan contradicts itself, though each line alone is well written; of a plan broken elsewhere, what can be seen. */
import { isSoftwareToken } from '../hsm';
import { KEY_ALGORITHMS, SIGNATURE_ALGORITHMS, signatureAlgorithmsOf } from '../signer';
import { epochOfNextKey, KEYS_OF, PARTY_KINDS } from './roles';

export interface Contradiction {
  readonly path: readonly (string | number)[];
  /** What would be allowed at this place, as data. */
  readonly allowed: string;
}

/** An item of one of the plan's lists, whatever its members are. */
interface Item {
  readonly path: readonly [list: string, index: number];
  readonly text: (key: string) => string | undefined;
  readonly inner: (key: string) => unknown;
}

/** @param plan what stands in the file, misspelt or not */
export function contradictions(plan: unknown): readonly Contradiction[] {
  const people = itemsOf(plan, 'people');
  const tokens = itemsOf(plan, 'tokens');
  const keys = itemsOf(plan, 'keys');
  return [
    ...repeated(people, 'id', 'a different id for each person'),
    ...repeated(people, 'name', 'each person once, in one role; namesakes told apart in the name'),
    ...castOf(people),
    ...custodianTokens(people, tokens),
    ...repeated(tokens, 'label', 'each token once'),
    ...repeated(keys, 'role', 'each key once'),
    ...repeated(keys, 'label', 'a different label for each key'),
    ...keysOfParty(plan, keys),
    ...keySignatures(keys),
    ...keyTokens(keys, tokens),
    ...tokensApart(plan, keys),
    ...certification(plan, tokens),
    ...certificate(plan),
  ];
}

/** One leads, two or more authenticate, and somebody who does neither sees it. */
function castOf(people: readonly Item[]): readonly Contradiction[] {
  if (people.length === 0) return [];
  const count = (...roles: readonly string[]): number =>
    people.filter((person) => roles.includes(person.text('role') ?? '')).length;
  const demands: readonly (readonly [boolean, string])[] = [
    [count('master-of-ceremonies') === 1, '1 × role: master-of-ceremonies'],
    [count('key-custodian') >= 2, '≥ 2 × role: key-custodian'],
    [count('witness', 'auditor') >= 1, '≥ 1 × role: witness | auditor'],
  ];
  return demands.filter(([met]) => !met).map(([, allowed]) => ({ path: ['people'], allowed }));
}

/** A custodian's token is nobody else's, and holds none of the keys that are made: it only shows who is there. */
function custodianTokens(people: readonly Item[], tokens: readonly Item[]): readonly Contradiction[] {
  const keyTokenLabels = new Set(tokens.map((token) => token.text('label')));
  const seen = new Set<string>();
  return people.flatMap((person): readonly Contradiction[] => {
    const token = person.inner('token');
    if (token === undefined) return [];
    const path = [...person.path, 'token'];
    if (person.text('role') !== 'key-custodian') return [{ path, allowed: 'only with role: key-custodian' }];
    const label = textOf(member(token, 'label'));
    if (label === undefined) return [];
    const labelPath = [...path, 'label'];
    if (keyTokenLabels.has(label)) {
      return [{ path: labelPath, allowed: 'a token of their own, not one that holds keys' }];
    }
    if (seen.has(label)) return [{ path: labelPath, allowed: 'a different token for each custodian' }];
    seen.add(label);
    return [];
  });
}

function keysOfParty(plan: unknown, keys: readonly Item[]): readonly Contradiction[] {
  const kind = PARTY_KINDS.find((known) => known === member(plan, 'party'));
  if (kind === undefined || keys.length === 0) return [];
  const given = keys.map((key) => key.text('role'));
  // To the next CA key, a node rolls over with all its other keys as they are.
  const next = given.find((role) => role !== undefined && epochOfNextKey(role) !== undefined);
  const allowed: readonly string[] = kind === 'node' && next !== undefined ? [next] : KEYS_OF[kind];
  const missing = allowed.filter((role) => !given.includes(role));
  return [
    ...keys.flatMap((key): readonly Contradiction[] => {
      const role = key.text('role');
      if (role === undefined) return [];
      if (!allowed.includes(role)) return [{ path: [...key.path, 'role'], allowed: allowed.join(' | ') }];
      const algorithm = key.text('algorithm');
      // The first may be of any type; the others work under fixed ones.
      const fits = role === allowed[0] || algorithm === undefined || algorithm === 'p-256';
      return fits ? [] : [{ path: [...key.path, 'algorithm'], allowed: 'p-256' }];
    }),
    ...missing.map((role): Contradiction => ({ path: ['keys'], allowed: `role: ${role}` })),
  ];
}

function keySignatures(keys: readonly Item[]): readonly Contradiction[] {
  return keys.flatMap((key): readonly Contradiction[] => {
    const signature = SIGNATURE_ALGORITHMS.find((known) => known === key.text('signature'));
    const type = KEY_ALGORITHMS.find((known) => known === key.text('algorithm'));
    if (signature === undefined || type === undefined) return [];
    const fitting = signatureAlgorithmsOf(type);
    if (fitting.includes(signature)) return [];
    return [{ path: [...key.path, 'signature'], allowed: fitting.join(' | ') }];
  });
}

function keyTokens(keys: readonly Item[], tokens: readonly Item[]): readonly Contradiction[] {
  const labels = [...new Set(tokens.flatMap((token) => token.text('label') ?? []))];
  const used = new Set(keys.map((key) => key.text('token')));
  if (labels.length === 0) return [];
  return [
    ...keys
      .filter((key) => !labels.includes(key.text('token') ?? labels[0] ?? ''))
      .map((key): Contradiction => ({ path: [...key.path, 'token'], allowed: labels.join(' | ') })),
    ...tokens
      .filter((token) => token.text('label') !== undefined && !used.has(token.text('label')))
      .map((token): Contradiction => ({ path: token.path, allowed: 'a token that one of the keys names' })),
  ];
}

/** The root's key rests in a safe, the registry's works every day. */
function tokensApart(plan: unknown, keys: readonly Item[]): readonly Contradiction[] {
  const tokenOf = (role: string): string | undefined =>
    keys.find((key) => key.text('role') === role)?.text('token');
  const registry = keys.find((key) => key.text('role') === 'registry');
  if (member(plan, 'party') !== 'root' || registry === undefined) return [];
  if (tokenOf('root') !== tokenOf('registry')) return [];
  return [{ path: [...registry.path, 'token'], allowed: 'another token than the root key’s' }];
}

/** Where certified tokens are demanded, each says which certificate it has; and no program has one. */
function certification(plan: unknown, tokens: readonly Item[]): readonly Contradiction[] {
  const required = member(member(plan, 'policy'), 'certifiedHsm') === 'required';
  return tokens.flatMap((token): readonly Contradiction[] => {
    const certified = token.inner('certified');
    if (certified === undefined) {
      return required ? [{ path: token.path, allowed: 'certified: …, as policy.certifiedHsm demands' }] : [];
    }
    const manufacturer = textOf(member(certified, 'manufacturer')) ?? '';
    const model = textOf(member(certified, 'model')) ?? '';
    if (!isSoftwareToken({ manufacturer, model })) return [];
    return [
      { path: [...token.path, 'certified', 'model'], allowed: 'a device; software has no certification' },
    ];
  });
}

function certificate(plan: unknown): readonly Contradiction[] {
  const party = member(plan, 'party');
  const given = member(plan, 'certificate') !== undefined;
  if (party === 'root' && !given) return [{ path: ['certificate'], allowed: 'subject: C=VN, O=…, CN=…' }];
  if (party === 'node' && given) return [{ path: ['certificate'], allowed: 'only with party: root' }];
  return [];
}

function repeated(items: readonly Item[], key: string, allowed: string): readonly Contradiction[] {
  const seen = new Set<string>();
  return items.flatMap((item): readonly Contradiction[] => {
    const value = item.text(key);
    if (value === undefined) return [];
    const compared = value.normalize('NFC').replace(/\s+/g, ' ').trim().toLocaleLowerCase('vi');
    if (seen.has(compared)) return [{ path: [...item.path, key], allowed }];
    seen.add(compared);
    return [];
  });
}

function itemsOf(plan: unknown, list: string): readonly Item[] {
  const items = member(plan, list);
  if (!Array.isArray(items)) return [];
  return items.map((item: unknown, index) => ({
    path: [list, index],
    text: (key) => textOf(member(item, key)),
    inner: (key) => member(item, key),
  }));
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
