/** Making keys so that a crash leaves none unknown, and signing with the very key that was recorded. */
import {
  announceKey,
  commonTables,
  readKey,
  recordKey,
  type CommonSchema,
  type Store,
  type StoredKey,
} from '../db';
import type { PinSource, TokenRack } from '../hsm';
import { sha256Hex, type KeyAlgorithm, type Signer } from '../signer';

export interface KeyToMake {
  /** What the party calls it: `ca`, `root`, `operator-an`. */
  readonly role: string;
  /** What the token calls it. */
  readonly label: string;
  readonly tokenLabel: string;
  readonly algorithm: KeyAlgorithm;
}

/**
 * Generates the key of a role. A key that is recorded already is given as it is; one that a crashed run announced and
 * the token made is taken over. A key of this label that nobody announced is not ours: the token refuses a second one.
 * @throws HsmError, DbError
 */
export async function makeKey<Schema extends CommonSchema>(
  store: Store<Schema>,
  tokens: TokenRack,
  wanted: KeyToMake,
  pin?: PinSource,
): Promise<StoredKey> {
  const { role, label, tokenLabel, algorithm } = wanted;
  const made = await readKey(commonTables(store.read), role);
  if (made !== undefined) return made;
  const token = await tokens.token(tokenLabel, pin);
  const announced = await store.transaction((tx) =>
    announceKey(commonTables(tx), { ...wanted, tokenSerial: token.facts.serial }),
  );
  const left = announced === 'before' ? await token.findKey(label) : undefined;
  const key = left ?? (await token.generateKeyPair({ label, algorithm }));
  await store.transaction((tx) => recordKey(commonTables(tx), role, key.spki, key.attributes));
  return { ...wanted, tokenSerial: token.facts.serial, spki: key.spki };
}

/** A signer for a recorded key; the token must hold the key with this very public half. @throws HsmError */
export async function storedSigner(tokens: TokenRack, key: StoredKey, pin?: PinSource): Promise<Signer> {
  const token = await tokens.token(key.tokenLabel, pin);
  return token.signer(key.label, { spkiSha256: sha256Hex(key.spki) });
}
