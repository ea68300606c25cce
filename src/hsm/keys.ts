/** Key pairs on the token: finding them, and reading back what they are and how the token protects them. */
import type { KeyObject } from 'node:crypto';
import { KeyType, ObjectClass, type Session, type SessionObject } from 'graphene-pk11';
import { KEY_ALGORITHMS, keyAlgorithmOf, sha256Hex, type KeyAlgorithm } from '../signer';
import { ckrOf } from './ckr';
import { HsmError } from './errors';
import { ecPublicKey, rsaPublicKey } from './publicKey';
import { refuseLoggedOut } from './session';

const ATTRIBUTES = [
  'token',
  'private',
  'local',
  'sensitive',
  'alwaysSensitive',
  'extractable',
  'neverExtractable',
  'sign',
  'decrypt',
  'unwrap',
  'derive',
  'modifiable',
] as const;

/** As the token tells them; `undefined` where it does not. */
export type KeyAttributes = Readonly<Record<(typeof ATTRIBUTES)[number], boolean | undefined>>;

export interface KeyRecord {
  readonly label: string;
  /** CKA_ID, lower-case hex. */
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  readonly spkiSha256: string;
  /** Of the private key. */
  readonly attributes: KeyAttributes;
}

export interface FoundKey {
  readonly record: KeyRecord;
  /** Handle of the private key; valid in every session of this process until the login ends. */
  readonly handle: Buffer;
}

/** Of keys that share a label. */
const MOST_TOLD = 5;

/** What is known of a key before it is looked for. */
export interface KeyPin {
  /** SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex. */
  readonly spkiSha256?: string | undefined;
  /** CKA_ID, lower-case hex. */
  readonly id?: string | undefined;
}

/**
 * The key pair with this label; `undefined` if there is none.
 * @throws HsmError `KEY_AMBIGUOUS`, `KEY_INCOMPLETE`, `KEY_UNSUPPORTED`, `LOGIN_LOST`; the token's own errors as they
 * are
 */
export function findKeyOn(
  session: Session,
  token: string,
  label: string,
  { id }: KeyPin = {},
): FoundKey | undefined {
  const { privateKeys, publicKeys } = keysLabelled(session, label);
  const several = [privateKeys, publicKeys].find(({ length }) => length > 1);
  if (several !== undefined) {
    const found = several.slice(0, MOST_TOLD).map(idOf).join(', ');
    const expected = id ?? '—';
    throw new HsmError('KEY_AMBIGUOUS', { token, label, count: several.length, found, expected });
  }
  const [privateKey] = privateKeys;
  const [publicKey] = publicKeys;
  if (privateKey === undefined) refuseLoggedOut(session, token);
  if (privateKey === undefined && publicKey === undefined) return undefined;
  if (privateKey === undefined || publicKey === undefined) {
    throw new HsmError('KEY_INCOMPLETE', { token, label });
  }
  return { record: recordOf(token, label, privateKey, publicKey), handle: privateKey.handle };
}

/**
 * The key pair with this label, which must be there, and be the pinned one.
 * @throws HsmError `KEY_ABSENT`, `KEY_MISMATCH`, `KEY_ID_MISMATCH`, and as `findKeyOn`
 */
export function keyOn(session: Session, token: string, label: string, pin: KeyPin = {}): FoundKey {
  const key = findKeyOn(session, token, label, pin);
  if (key === undefined) throw new HsmError('KEY_ABSENT', { token, label });
  requirePinned(key.record, token, pin);
  return key;
}

/** @throws HsmError `KEY_MISMATCH`, `KEY_ID_MISMATCH` */
export function requirePinned(
  { label, spkiSha256, id }: Pick<KeyRecord, 'label' | 'spkiSha256' | 'id'>,
  token: string,
  pin: KeyPin,
): void {
  if (pin.spkiSha256 !== undefined && pin.spkiSha256 !== spkiSha256)
    throw new HsmError('KEY_MISMATCH', { token, label, found: spkiSha256, expected: pin.spkiSha256 });
  if (pin.id !== undefined && pin.id !== id)
    throw new HsmError('KEY_ID_MISMATCH', { token, label, found: id, expected: pin.id });
}

/** Handles of the private and the public keys with this label. */
export function keysLabelled(session: Session, label: string): LabelledKeys {
  return {
    privateKeys: objectsOf(session, ObjectClass.PRIVATE_KEY, label),
    publicKeys: objectsOf(session, ObjectClass.PUBLIC_KEY, label),
  };
}

interface LabelledKeys {
  readonly privateKeys: readonly SessionObject[];
  readonly publicKeys: readonly SessionObject[];
}

function objectsOf(session: Session, objectClass: ObjectClass, label: string): readonly SessionObject[] {
  const found = session.find({ class: objectClass, label });
  return Array.from({ length: found.length }, (_, index) => found.items(index));
}

/**
 * What the token tells of a pair.
 * @throws HsmError `KEY_INCOMPLETE`, `KEY_UNSUPPORTED`
 */
export function recordOf(
  token: string,
  label: string,
  privateKey: SessionObject,
  publicKey: SessionObject,
): KeyRecord {
  const id = idOf(publicKey);
  if (idOf(privateKey) !== id) throw new HsmError('KEY_INCOMPLETE', { token, label });
  const key = publicKeyOf(publicKey);
  const algorithm = key && keyAlgorithmOf(key);
  if (key === undefined || algorithm === undefined) {
    throw new HsmError('KEY_UNSUPPORTED', { token, label, allowed: KEY_ALGORITHMS.join(', ') });
  }
  const spki = key.export({ format: 'der', type: 'spki' });
  return { label, id, algorithm, spki, spkiSha256: sha256Hex(spki), attributes: attributesOf(privateKey) };
}

function idOf(object: SessionObject): string {
  return bytesOf(object, 'id').toString('hex');
}

function bytesOf(object: SessionObject, name: string): Buffer {
  return object.getAttribute(name) as Buffer;
}

function publicKeyOf(object: SessionObject): KeyObject | undefined {
  switch (object.getAttribute('keyType') as KeyType) {
    case KeyType.RSA:
      return rsaPublicKey(bytesOf(object, 'modulus'), bytesOf(object, 'publicExponent'));
    case KeyType.EC:
      // graphene gives CKA_EC_PARAMS under its older name only.
      return ecPublicKey(bytesOf(object, 'paramsECDSA'), bytesOf(object, 'pointEC'));
    default:
      return undefined;
  }
}

function attributesOf(privateKey: SessionObject): KeyAttributes {
  return Object.fromEntries(ATTRIBUTES.map((name) => [name, flagOf(privateKey, name)])) as KeyAttributes;
}

const NOT_TOLD = new Set(['CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_ATTRIBUTE_SENSITIVE']);

function flagOf(object: SessionObject, name: keyof KeyAttributes): boolean | undefined {
  try {
    return object.getAttribute(name) as boolean;
  } catch (error) {
    if (NOT_TOLD.has(ckrOf(error) ?? '')) return undefined;
    throw error;
  }
}
