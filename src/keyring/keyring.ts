/** Making keys so that a crash leaves none unknown, and signing with the very key that was recorded. */
import {
  announceKey,
  commonTables,
  isAnnounced,
  readKey,
  recordKey,
  recordKeyId,
  type CommonSchema,
  type Database,
  type Store,
  type StoredKey,
} from '../db';
import { differencesOf, HsmError, requireFits, type KeyRecord, type PinSource, type TokenRack } from '../hsm';
import {
  sha256Hex,
  signatureAlgorithmOf,
  type KeyAlgorithm,
  type SignatureAlgorithm,
  type Signer,
} from '../signer';

export interface KeyToMake {
  /** What the party calls it: `ca`, `root`, `operator-an`. */
  readonly role: string;
  /** What the token calls it. */
  readonly label: string;
  readonly tokenLabel: string;
  readonly algorithm: KeyAlgorithm;
  /** What it will sign with, always; default: as the key's type usually does. */
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
}

/** Writes what belongs to a new key in the transaction in which it is recorded. */
export type Alongside<Schema> = (tx: Database<Schema>, key: StoredKey) => Promise<unknown>;

/**
 * Generates the key of a role. A key that is recorded already is given as it is; one that a crashed run announced and
 * the token made is taken over. A key of this label that nobody announced is not ours: the token refuses a second one.
 * @throws HsmError `SIGNATURE_NOT_FOR_KEY` also for a key taken over that is of another type; `KEY_EXISTS`, `KEY_NOT_OURS`;
 * HsmError, DbError
 */
export async function makeKey<Schema extends CommonSchema>(
  store: Store<Schema>,
  tokens: TokenRack,
  wanted: KeyToMake,
  pin?: PinSource,
  alongside: Alongside<Schema> = () => Promise.resolve(),
): Promise<StoredKey> {
  const { role, label, tokenLabel, algorithm } = wanted;
  const { signatureAlgorithm = signatureAlgorithmOf(algorithm) } = wanted;
  const known = await readKey(commonTables(store.read), role);
  if (known !== undefined) return known;
  const token = await tokens.token(tokenLabel, pin);
  const place = { role, label, tokenLabel, tokenSerial: token.facts.serial };
  const left = await token.findKey(label);
  if (!(await isAnnounced(commonTables(store.read), place))) {
    // Before anything is written down: the next run would take it for its own.
    if (left !== undefined) throw new HsmError('KEY_EXISTS', { token: tokenLabel, label });
    await store.transaction((tx) =>
      announceKey(commonTables(tx), { ...place, algorithm, signatureAlgorithm }),
    );
  }
  if (left !== undefined) requireMadeInToken(left, tokenLabel);
  const key = left ?? (await token.generateKeyPair({ label, algorithm, signatureAlgorithm }));
  requireFits(key.algorithm, signatureAlgorithm);
  const { spki, id: ckaId } = key;
  const made = { ...place, algorithm: key.algorithm, signatureAlgorithm, spki, ckaId };
  await store.transaction(async (tx) => {
    await recordKey(commonTables(tx), made, key.attributes);
    await alongside(tx, made);
  });
  return made;
}

/** One that was put there from outside is no key that a crashed run has made. @throws HsmError `KEY_NOT_OURS` */
function requireMadeInToken(key: KeyRecord, token: string): void {
  const wrong = differencesOf(key, key.algorithm).join(', ');
  if (wrong !== '') throw new HsmError('KEY_NOT_OURS', { token, label: key.label, wrong });
}

/**
 * A signer for a recorded key: on the device on which it was made, or one that the configuration names by its serial
 * number, which must hold the key with this very public half and CKA_ID. Of a key that was recorded without its CKA_ID,
 * the public half decides which it is; its CKA_ID is written down then, and holds from then on.
 * @throws HsmError, DbError
 */
export async function storedSigner<Schema extends CommonSchema>(
  store: Store<Schema>,
  tokens: TokenRack,
  key: StoredKey,
  pin?: PinSource,
): Promise<Signer> {
  const { role, label, tokenLabel, tokenSerial, spki, ckaId, signatureAlgorithm } = key;
  const token = await tokens.token(tokenLabel, pin, tokenSerial);
  const pinned = { spkiSha256: sha256Hex(spki), id: ckaId ?? undefined };
  const signer = await token.signer(label, { ...pinned, signatureAlgorithm });
  if (ckaId === null) await store.transaction((tx) => recordKeyId(commonTables(tx), role, signer.id));
  return signer;
}
