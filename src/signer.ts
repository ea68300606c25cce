/** Keys and signatures as every room names them, and the one door to a private key: the `Signer`. */
import { constants, createPublicKey, hash, verify, type KeyObject } from 'node:crypto';

/** The key types this product makes and accepts. */
export const KEY_ALGORITHMS = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'p-256', 'p-384'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/**
 * `rsa-…`: RSASSA-PKCS1-v1_5; `rsa-pss-…`: RSASSA-PSS with MGF1 over the same hash and a salt of the hash's length (RFC
 * 8017, section 8); ECDSA with the hash that fits the curve (RFC 5480, section 4).
 */
export const SIGNATURE_ALGORITHMS = [
  'rsa-sha256',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'ecdsa-sha256',
  'ecdsa-sha384',
] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** A private key that can be asked to sign and nothing else. The only production implementation is the HSM's. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  /** DER SubjectPublicKeyInfo of the public half. */
  readonly spki: Buffer;
  /**
   * Signs the whole message (hashing is part of the algorithm).
   * @returns RSA: the signature octets; ECDSA: DER `Ecdsa-Sig-Value` (RFC 3279, section 2.2.3)
   */
  sign(message: Uint8Array): Promise<Buffer>;
}

/**
 * The signature algorithms a key of this type may sign with here, the usual one first. A key signs with one of them for
 * as long as it lives (RFC 8017, section 6): for a CA key it is chosen when the key is made; every other key has the
 * usual one.
 */
export function signatureAlgorithmsOf(
  key: KeyAlgorithm,
): readonly [SignatureAlgorithm, ...SignatureAlgorithm[]] {
  switch (key) {
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return ['rsa-sha256', 'rsa-pss-sha256', 'rsa-pss-sha384'];
    case 'p-256':
      return ['ecdsa-sha256'];
    case 'p-384':
      return ['ecdsa-sha384'];
  }
}

/** The signature algorithm a key of this type signs with where none was chosen. */
export function signatureAlgorithmOf(key: KeyAlgorithm): SignatureAlgorithm {
  return signatureAlgorithmsOf(key)[0];
}

/** Reads a public key of one of our types; `undefined` for anything else (other sizes, other curves, garbage). */
export function keyAlgorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    const name = `rsa-${String(details?.modulusLength)}`;
    return KEY_ALGORITHMS.find((known) => known === name);
  }
  if (key.asymmetricKeyType === 'ec') {
    if (details?.namedCurve === 'prime256v1') return 'p-256';
    if (details?.namedCurve === 'secp384r1') return 'p-384';
  }
  return undefined;
}

/** Imports DER SubjectPublicKeyInfo. @throws whatever `node:crypto` throws on bytes that are no public key */
export function publicKeyFromSpki(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** How a signature is computed, for `node:crypto`. */
export interface SignatureScheme {
  readonly keyType: 'rsa' | 'ec';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** In octets, of RSASSA-PSS, whose MGF1 is over the same hash; absent for every other scheme. */
  readonly saltLength?: number;
}

export const SCHEMES: Readonly<Record<SignatureAlgorithm, SignatureScheme>> = {
  'rsa-sha256': { keyType: 'rsa', hash: 'sha256' },
  'rsa-pss-sha256': { keyType: 'rsa', hash: 'sha256', saltLength: 32 },
  'rsa-pss-sha384': { keyType: 'rsa', hash: 'sha384', saltLength: 48 },
  'ecdsa-sha256': { keyType: 'ec', hash: 'sha256' },
  'ecdsa-sha384': { keyType: 'ec', hash: 'sha384' },
};

/** Whether `signature` (in the form `Signer.sign` returns) is the key's signature over the message. */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyScheme(SCHEMES[algorithm], key, message, signature);
}

/** As `verifySignature`, also by schemes that nothing signs with here. */
export function verifyScheme(
  scheme: SignatureScheme,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== scheme.keyType) return false;
  try {
    return verify(scheme.hash, message, keyFor(scheme, key), signature);
  } catch {
    return false;
  }
}

/** As `verifySignature`, off the main thread. */
export function verifySignatureAside(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const scheme = SCHEMES[algorithm];
  if (key.asymmetricKeyType !== scheme.keyType) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(scheme.hash, message, keyFor(scheme, key), signature, (error, valid) => {
      resolve(error === null && valid);
    });
  });
}

/** A key as `node:crypto` takes it; a salt of another length than the given one makes a signature invalid. */
export function keyFor({ saltLength }: SignatureScheme, key: KeyObject) {
  if (saltLength === undefined) return key;
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

/** SHA-256 of the given bytes, lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}
