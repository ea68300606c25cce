/** Who takes part in a ceremony, and which keys come out of it. */

export const PARTY_KINDS = ['node', 'root'] as const;
export type PartyKind = (typeof PARTY_KINDS)[number];

export const PERSON_ROLES = ['master-of-ceremonies', 'key-custodian', 'witness', 'auditor'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/** The keys each party begins with. The first is what the ceremony is for. */
export const KEYS_OF = {
  node: ['ca', 'journal', 'ocsp'],
  root: ['root', 'registry'],
} as const satisfies Readonly<Record<PartyKind, readonly string[]>>;

export const FIRST_KEYS: readonly string[] = [...KEYS_OF.node, ...KEYS_OF.root];

/** Of a node that works already, the one key to which it rolls over. */
const NEXT_CA_KEY = /^ca-e([2-9]|[1-9][0-9]|1[01][0-9]|12[0-7])$/;

/** The epoch of a role such as `ca-e2`; `undefined` for a role that a party begins with. */
export function epochOfNextKey(role: string): number | undefined {
  const [, epoch] = NEXT_CA_KEY.exec(role) ?? [];
  return epoch === undefined ? undefined : Number(epoch);
}

/** Whether a key of this role may come out of a ceremony. */
export function isKeyRole(role: string): boolean {
  return FIRST_KEYS.includes(role) || epochOfNextKey(role) !== undefined;
}

interface PlannedRoles {
  readonly party: PartyKind;
  readonly keys: readonly { readonly role: string }[];
}

export function rolesOf({ keys }: Pick<PlannedRoles, 'keys'>): readonly string[] {
  return keys.map(({ role }) => role);
}

/** The next CA key, where a plan makes that; it is then the only one. */
export function nextKeyOf({
  keys,
}: Pick<PlannedRoles, 'keys'>): { readonly role: string; readonly epoch: number } | undefined {
  const role = keys[0]?.role ?? '';
  const epoch = epochOfNextKey(role);
  return epoch === undefined ? undefined : { role, epoch };
}

/** The roles of the keys that sign the record: what the ceremony is for, and the key that signs what the party tells. */
export function signingRoles(plan: PlannedRoles): readonly [main: string, tells: string] {
  const [main, tells] = KEYS_OF[plan.party];
  return [nextKeyOf(plan)?.role ?? main, tells];
}

/** Which program works for which party. */
export function programOf(kind: PartyKind): 'subca' | 'rootca' {
  return kind === 'node' ? 'subca' : 'rootca';
}
