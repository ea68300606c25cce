/** Public keys as tokens describe them, and as SubjectPublicKeyInfo. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { KeyAlgorithm } from '../signer';

interface Curve {
  readonly jwkName: string;
  /** Length of one coordinate, in bytes. */
  readonly size: number;
  /** CKA_EC_PARAMS: DER of the curve's object identifier (RFC 5480, section 2.1.1.1). */
  readonly params: Buffer;
}

const CURVES: Readonly<Record<'p-256' | 'p-384', Curve>> = {
  'p-256': { jwkName: 'P-256', size: 32, params: Buffer.from('06082a8648ce3d030107', 'hex') },
  'p-384': { jwkName: 'P-384', size: 48, params: Buffer.from('06052b81040022', 'hex') },
};

const RSA_BITS = { 'rsa-2048': 2048, 'rsa-3072': 3072, 'rsa-4096': 4096 } as const;

/** What to ask the token for. */
export type KeyParameters =
  { readonly type: 'rsa'; readonly modulusBits: number } | { readonly type: 'ec'; readonly params: Buffer };

export function parametersOf(algorithm: KeyAlgorithm): KeyParameters {
  return algorithm === 'p-256' || algorithm === 'p-384'
    ? { type: 'ec', params: CURVES[algorithm].params }
    : { type: 'rsa', modulusBits: RSA_BITS[algorithm] };
}

/**
 * From CKA_MODULUS and CKA_PUBLIC_EXPONENT, big-endian with or without leading zeros.
 * @throws whatever `node:crypto` throws on numbers that are no key
 */
export function rsaPublicKey(modulus: Buffer, publicExponent: Buffer): KeyObject {
  return fromJwk({ kty: 'RSA', n: unsigned(modulus), e: unsigned(publicExponent) });
}

/**
 * From CKA_EC_PARAMS and CKA_EC_POINT. The point is an uncompressed one, which PKCS#11 v2.40 (section 2.3.3) wants in
 * an OCTET STRING and which some tokens give bare.
 * @returns `undefined` for other curves and other forms of the point
 * @throws whatever `node:crypto` throws on a point that is not on the curve
 */
export function ecPublicKey(params: Buffer, point: Buffer): KeyObject | undefined {
  const curve = Object.values(CURVES).find((known) => known.params.equals(params));
  if (curve === undefined) return undefined;
  const bareLength = 1 + 2 * curve.size;
  const wrapped = point.length === bareLength + 2 && point[0] === 0x04 && point[1] === bareLength;
  const bare = wrapped ? point.subarray(2) : point;
  if (bare.length !== bareLength || bare[0] !== 0x04) return undefined;
  const x = bare.subarray(1, 1 + curve.size).toString('base64url');
  const y = bare.subarray(1 + curve.size).toString('base64url');
  return fromJwk({ kty: 'EC', crv: curve.jwkName, x, y });
}

function fromJwk(key: JsonWebKey): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}

/** RFC 7518, section 2: Base64urlUInt has no leading zero octets. */
function unsigned(octets: Buffer): string {
  const start = octets.findIndex((octet) => octet !== 0);
  return octets.subarray(Math.max(start, 0)).toString('base64url');
}
