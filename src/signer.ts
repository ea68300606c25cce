/** Keys and signatures as every room names them, and the one door to a private key: the `Signer`. */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/** The key types this product makes and accepts. */
export const KEY_ALGORITHMS = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'p-256', 'p-384'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** RSASSA-PKCS1-v1_5 with SHA-256, or ECDSA with the hash that fits the curve (RFC 5480, section 4). */
export const SIGNATURE_ALGORITHMS = ['rsa-sha256', 'ecdsa-sha256', 'ecdsa-sha384'] as const;
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

/** The signature algorithm a key of this type signs with here. */
export function signatureAlgorithmOf(key: KeyAlgorithm): SignatureAlgorithm {
  switch (key) {
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return 'rsa-sha256';
    case 'p-256':
      return 'ecdsa-sha256';
    case 'p-384':
      return 'ecdsa-sha384';
  }
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

/** Whether `signature` (in the form `Signer.sign` returns) is the key's signature over the message. */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!fits(algorithm, key)) return false;
  try {
    return verify(hashOf(algorithm), message, key, signature);
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
  if (!fits(algorithm, key)) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(hashOf(algorithm), message, key, signature, (error, valid) => {
      resolve(error === null && valid);
    });
  });
}

function fits(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  return key.asymmetricKeyType === (algorithm === 'rsa-sha256' ? 'rsa' : 'ec');
}

function hashOf(algorithm: SignatureAlgorithm): string {
  return algorithm === 'ecdsa-sha384' ? 'sha384' : 'sha256';
}

/** SHA-256 of the given bytes, lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
