/** The root side's keys by role: keys that follow each other in one role are numbered from the second on. */
import { readKeys, type KeptKey, type RootSchema, type StoredKey } from '../db';
import type { PinSource } from '../hsm';
import { makeKey, type Alongside, type KeyToMake } from '../keyring';
import { sha256Hex, type KeyAlgorithm } from '../signer';
import type { RootCa } from './root';
import { journalise } from './rootJournal';

/** A key of the root side on a token. */
export function keyOf(root: RootCa, role: string, tokenLabel: string, algorithm: KeyAlgorithm): KeyToMake {
  return { role, label: `${root.config.registry.name}-${role}`, tokenLabel, algorithm };
}

/** A role such as `registry` or `operator-an`, with every key it has had, oldest first: `operator-an`, `operator-an/2`. */
export async function keysByRole(root: RootCa): Promise<ReadonlyMap<string, readonly KeptKey[]>> {
  const roles = new Map<string, KeptKey[]>();
  for (const key of await readKeys(root.read)) {
    const { role, number } = placeOf(key);
    const keys = roles.get(role) ?? [];
    keys[number - 1] = key;
    roles.set(role, keys);
  }
  return roles;
}

function placeOf({ role }: StoredKey): { readonly role: string; readonly number: number } {
  const [base = '', number = '1'] = role.split('/');
  return { role: base, number: Number(number) };
}

/** Journals a key with its record. @param reason why it replaces the one before */
export function keyJournal(root: RootCa, reason?: string): Alongside<RootSchema> {
  return (tx, { role, tokenSerial, spki }) =>
    journalise(root, tx, {
      type: 'key',
      role,
      tokenSerial,
      spkiSha256: sha256Hex(spki),
      ...(reason !== undefined && { reason }),
    });
}

/** Makes the next key of a role; one that a crashed run began is finished. @throws HsmError */
export async function makeNextKey(
  root: RootCa,
  role: string,
  tokenLabel: string,
  pin?: PinSource,
  reason?: string,
): Promise<StoredKey> {
  const number = ((await keysByRole(root)).get(role)?.length ?? 0) + 1;
  const numbered = number === 1 ? role : `${role}/${String(number)}`;
  const wanted = keyOf(root, numbered, tokenLabel, 'p-256');
  return makeKey(root.store, root.tokens, wanted, pin, keyJournal(root, reason));
}
