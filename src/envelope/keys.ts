/** The verifying side's keys: who they belong to, how they are named, and whether they made a signature. */
import type { KeyObject } from 'node:crypto';
import {
  keyAlgorithmOf,
  publicKeyFromSpki,
  sha256Hex,
  signatureAlgorithmOf,
  signatureAlgorithmsOf,
  verifySignature,
  type KeyAlgorithm,
  type SignatureAlgorithm,
} from '../signer';
import { EnvelopeError } from './errors';

/** A public key and whose it is. The verifying side knows the signature algorithm; what is signed never tells it. */
export interface VerificationKey {
  readonly name: string;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** Where another was chosen for the key than its type usually has. */
  readonly signatureAlgorithm?: SignatureAlgorithm;
}

/** How an envelope names a key: lower-case hex SHA-256 of its DER SubjectPublicKeyInfo. */
export function keyId(spki: Uint8Array): string {
  return sha256Hex(spki);
}

/**
 * Whether `signature` is the key's signature over the message.
 * @throws EnvelopeError `KEY_UNUSABLE` if the SPKI is no DER encoding of one of our key types, or the algorithm does not fit it
 */
export function isSignedBy(key: VerificationKey, message: Uint8Array, signature: Uint8Array): boolean {
  const { object, algorithm } = readKey(key);
  return verifySignature(algorithm, object, message, signature);
}

function readKey(key: VerificationKey) {
  const { object, algorithm } = importKey(key);
  const { signatureAlgorithm = signatureAlgorithmOf(algorithm) } = key;
  if (!signatureAlgorithmsOf(algorithm).includes(signatureAlgorithm)) {
    throw new EnvelopeError('KEY_UNUSABLE', { name: key.name });
  }
  return { object, algorithm: signatureAlgorithm };
}

interface ImportedKey {
  readonly object: KeyObject;
  readonly algorithm: KeyAlgorithm;
}

/** By key id. A few keys sign all that there is, and to import one takes three times as long as to check a signature. */
const imported = new Map<string, ImportedKey>();
const MOST_IMPORTED = 256;

function importKey({ name, spki }: VerificationKey): ImportedKey {
  const id = keyId(spki);
  const known = imported.get(id);
  if (known !== undefined) return known;
  let object: KeyObject;
  try {
    object = publicKeyFromSpki(spki);
  } catch (cause) {
    throw new EnvelopeError('KEY_UNUSABLE', { name }, { cause });
  }
  const algorithm = keyAlgorithmOf(object);
  // The importer ignores bytes after the key; without this comparison one key could go under many key ids.
  if (algorithm === undefined || !object.export({ type: 'spki', format: 'der' }).equals(spki)) {
    throw new EnvelopeError('KEY_UNUSABLE', { name });
  }
  if (imported.size === MOST_IMPORTED) imported.clear();
  imported.set(id, { object, algorithm });
  return { object, algorithm };
}
