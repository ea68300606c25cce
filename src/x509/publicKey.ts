/** Public keys: SubjectPublicKeyInfo read from outside, held to the types, sizes and encodings allowed here. */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  der,
  isUniversal,
  OID,
  readBitStringOctets,
  readDer,
  readInteger,
  readIntegerBytes,
  readOid,
  readSequence,
  type DerValue,
} from '../asn1';
import { KEY_ALGORITHMS, sha256Hex, type KeyAlgorithm } from '../signer';
import { wrapAsn1, X509Error } from './errors';
import { findModulusWeakness, type ModulusWeakness } from './rsaModulus';

/** A public key that passed every check of `readPublicKey`. */
export interface SubjectPublicKey {
  readonly algorithm: KeyAlgorithm;
  /** Imported when it is first asked for, which costs more than all the rest: most keys are certified and never used here. */
  readonly key: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** SHA-256 of `spki`, lower-case hex. */
  readonly spkiSha256: string;
  /** Its key identifier: see `keyIdentifier`. */
  readonly keyId: Buffer;
}

const RSA_IDENTIFIER = der.sequence(der.oid(OID.rsaEncryption), der.nullValue());
/** y² = x³ − 3x + b modulo p (NIST SP 800-186, section 3.2.1). Of order 1 times a prime: a point on them is a good key. */
const EC_CURVES = [
  {
    curve: OID.prime256v1,
    algorithm: 'p-256',
    jwkCurve: 'P-256',
    pointLength: 65,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  {
    curve: OID.secp384r1,
    algorithm: 'p-384',
    jwkCurve: 'P-384',
    pointLength: 97,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
] as const;

/** Room for an RSA key of 16,384 bits, so that an oversized key is named as such and not as unreadable. */
const MAX_SPKI = 4_096;
const MIN_EXPONENT = 65_537n;
const EXPONENT_LIMIT = 2n ** 256n;

/**
 * Reads a public key and refuses what must not be certified: another type, size or curve, an unsafe exponent, a modulus
 * that can be factored, a point off its curve, and every encoding but the one in RFC 3279 (section 2.3.1) and RFC 5480
 * (section 2).
 *
 *     SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
 *
 * @param what whose key it is, for the error text
 * @throws X509Error `KEY_UNREADABLE`, `KEY_TYPE_NOT_ALLOWED`, `KEY_FOR_PSS_ONLY`, `KEY_TOO_WEAK`, `KEY_EXPONENT`,
 * `KEY_SMALL_FACTOR`, `KEY_ROCA`, `KEY_CLOSE_PRIMES`, `CURVE_NOT_ALLOWED`
 */
export function readPublicKey(spki: Uint8Array, what: string): SubjectPublicKey {
  const unreadable = (reason: string, cause?: unknown): X509Error =>
    new X509Error('KEY_UNREADABLE', { what, reason }, { cause });
  const bytes = Buffer.from(spki);

  const {
    algorithm,
    jwk,
    octets: keyOctets,
  } = wrapAsn1(() => {
    const [identifier, subjectPublicKey, ...rest] = readSequence(
      readDer(bytes, { what, limit: MAX_SPKI }),
      what,
    );
    if (rest.length > 0) throw unreadable('more than an algorithm and a key');
    const [type, parameters, ...more] = readSequence(identifier, what);
    const octets = readBitStringOctets(subjectPublicKey, what);
    switch (readOid(type, what)) {
      case OID.rsaEncryption:
        if (identifier?.der.equals(RSA_IDENTIFIER) !== true) throw unreadable('RSA parameters are not NULL');
        return { ...checkRsaKey(octets, what), octets };
      case OID.ecPublicKey:
        if (more.length > 0) throw unreadable('more than one parameter');
        return { ...checkPoint(octets, parameters, what), octets };
      case OID.rsassaPss:
        // RFC 4055, section 1.2: a key that may sign with RSASSA-PSS alone. Half of the programs cannot use it.
        throw new X509Error('KEY_FOR_PSS_ONLY', { what });
      default:
        throw new X509Error('KEY_TYPE_NOT_ALLOWED', { what, type: readOid(type, what), allowed: 'RSA, EC' });
    }
  }, unreadable);

  let key: KeyObject | undefined;
  return {
    algorithm,
    get key() {
      // From its numbers: from DER, the search for a decoder makes that up to 40 times dearer.
      return (key ??= createPublicKey({ key: jwk, format: 'jwk' }));
    },
    spki: bytes,
    spkiSha256: sha256Hex(bytes),
    keyId: sha1(keyOctets),
  };
}

/** A key as its numbers (RFC 7518, section 6). */
interface KeyNumbers {
  readonly algorithm: KeyAlgorithm;
  readonly jwk: JsonWebKey;
}

/** RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
function checkRsaKey(octets: Buffer, what: string): KeyNumbers {
  const [modulusValue, exponentValue, ...rest] = readSequence(
    readDer(octets, { what, limit: MAX_SPKI }),
    what,
  );
  const [n, e] = [readIntegerBytes(modulusValue, what), readIntegerBytes(exponentValue, what)];
  const modulus = readInteger(modulusValue, what);
  const exponent = readInteger(exponentValue, what);
  if (rest.length > 0 || modulus <= 0n || modulus % 2n === 0n || exponent < 0n) {
    throw new X509Error('KEY_UNREADABLE', { what, reason: 'not an RSA modulus and exponent' });
  }
  const bits = modulus.toString(2).length;
  const algorithm = KEY_ALGORITHMS.find((known) => known === `rsa-${bits}`);
  if (algorithm === undefined) {
    const allowed = KEY_ALGORITHMS.flatMap((known) => /^rsa-(\d+)$/.exec(known)?.[1] ?? []).join(', ');
    throw new X509Error('KEY_TOO_WEAK', { what, bits, allowed });
  }
  // NIST SP 800-89, section 5.3.3, and the CA/Browser Forum's bounds.
  if (exponent % 2n === 0n || exponent < MIN_EXPONENT || exponent >= EXPONENT_LIMIT) {
    const shown = exponent < EXPONENT_LIMIT ? exponent.toString() : '≥ 2^256';
    throw new X509Error('KEY_EXPONENT', { what, exponent: shown });
  }
  const weakness = findModulusWeakness(modulus);
  if (weakness !== undefined) throw weakModulus(what, weakness);
  return { algorithm, jwk: { kty: 'RSA', n: unsigned(n), e: unsigned(e) } };
}

function weakModulus(what: string, weakness: ModulusWeakness): X509Error {
  switch (weakness.kind) {
    case 'small-factor':
      return new X509Error('KEY_SMALL_FACTOR', { what, factor: weakness.factor });
    case 'roca':
      return new X509Error('KEY_ROCA', { what });
    case 'close-primes':
      return new X509Error('KEY_CLOSE_PRIMES', { what });
  }
}

/** Only a named curve, and an uncompressed point that is on it (NIST SP 800-56A, section 5.6.2.3.3). */
function checkPoint(octets: Buffer, parameters: DerValue | undefined, what: string): KeyNumbers {
  const curve = isUniversal(parameters, 6) ? readOid(parameters, what) : 'unnamed';
  const allowed = EC_CURVES.find((known) => known.curve === curve);
  if (allowed === undefined) {
    throw new X509Error('CURVE_NOT_ALLOWED', {
      what,
      curve,
      allowed: EC_CURVES.map((known) => known.algorithm).join(', '),
    });
  }
  if (octets[0] !== 0x04 || octets.length !== allowed.pointLength) {
    throw new X509Error('KEY_UNREADABLE', { what, reason: 'not an uncompressed point of its curve' });
  }
  const middle = 1 + (octets.length - 1) / 2;
  const [xOctets, yOctets] = [octets.subarray(1, middle), octets.subarray(middle)];
  const [x, y] = [xOctets, yOctets].map((part) => BigInt(`0x${part.toString('hex')}`));
  if (!isOnCurve(allowed, x, y)) {
    throw new X509Error('KEY_UNREADABLE', { what, reason: 'not a point of its curve' });
  }
  const jwk = { x: xOctets.toString('base64url'), y: yOctets.toString('base64url') };
  return { algorithm: allowed.algorithm, jwk: { kty: 'EC', crv: allowed.jwkCurve, ...jwk } };
}

function isOnCurve({ p, b }: Pick<(typeof EC_CURVES)[number], 'p' | 'b'>, x = p, y = p): boolean {
  return x < p && y < p && (y * y - x * (x * x - 3n) - b) % p === 0n;
}

/** A positive INTEGER's contents without the octet that keeps it positive, as JWK wants it. */
function unsigned(contents: Buffer): string {
  return (contents[0] === 0 ? contents.subarray(1) : contents).toString('base64url');
}

/**
 * Key identifier of RFC 5280, section 4.2.1.2, method 1: SHA-1 of the subjectPublicKey's octets. A name for the key,
 * not a protection of it.
 * @param spki DER SubjectPublicKeyInfo
 * @returns 20 octets
 * @throws X509Error `KEY_UNREADABLE`
 */
export function keyIdentifier(spki: Uint8Array): Buffer {
  const what = 'SubjectPublicKeyInfo';
  const octets = wrapAsn1(
    () => readBitStringOctets(readSequence(readDer(spki, { what, limit: MAX_SPKI }), what)[1], what),
    (reason, cause) => new X509Error('KEY_UNREADABLE', { what, reason }, { cause }),
  );
  return sha1(octets);
}

function sha1(octets: Buffer): Buffer {
  return createHash('sha1').update(octets).digest();
}
