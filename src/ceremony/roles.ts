/** Who takes part in a ceremony, and which keys come out of it. */

export const PARTY_KINDS = ['node', 'root'] as const;
export type PartyKind = (typeof PARTY_KINDS)[number];

export const PERSON_ROLES = ['master-of-ceremonies', 'key-custodian', 'witness', 'auditor'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];

/** The keys of each party. The first is what the ceremony is for; it and the second sign the record. */
export const KEYS_OF = {
  node: ['ca', 'journal', 'ocsp'],
  root: ['root', 'registry'],
} as const satisfies Readonly<Record<PartyKind, readonly string[]>>;

/** The roles of the keys that sign the record. */
export function signingRoles(kind: PartyKind): readonly string[] {
  return KEYS_OF[kind].slice(0, 2);
}

/** Which program works for which party. */
export function programOf(kind: PartyKind): 'subca' | 'rootca' {
  return kind === 'node' ? 'subca' : 'rootca';
}
