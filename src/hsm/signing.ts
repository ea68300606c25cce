/** Forms of signatures: which mechanism, what it is given, and what is made of its result. */
import { hash } from 'node:crypto';
import { MechanismEnum, RsaMgf, RsaPssParams, type MechanismCollection } from 'graphene-pk11';
import { signatureAlgorithmsOf, type KeyAlgorithm, type SignatureAlgorithm } from '../signer';
import { HsmError } from './errors';

/**
 * As C_SignInit takes it. The addon writes the parameter anew into memory of its own for each call and frees it when the
 * call returns; a module has to have copied it by then, as it has the mechanism itself.
 */
export interface SigningMechanism {
  readonly mechanism: MechanismEnum;
  readonly parameter?: ReturnType<RsaPssParams['toCKI']>;
}

/** The mechanism for a key on a token, with the forms of its input and output. */
export interface SigningMethod {
  readonly mechanism: SigningMechanism;
  /** What the mechanism is to be given for a message. */
  input(message: Uint8Array): Buffer;
  /** The signature in the form of `Signer.sign`, in bytes of its own; `undefined` for a result of another length. */
  readonly output: (result: Buffer) => Buffer | undefined;
}

/** RFC 8017, section 9.2, note 1: DigestInfo up to the SHA-256 hash. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Numbers of the mechanisms the token offers. */
export function mechanismsOf(offered: MechanismCollection): ReadonlySet<number> {
  const types = Array.from({ length: offered.length }, (_, index) => offered.tryGetItem(index)?.type);
  return new Set(types.filter((type) => type !== undefined));
}

/** @throws HsmError `SIGNATURE_NOT_FOR_KEY` */
export function requireFits(key: KeyAlgorithm, signature: SignatureAlgorithm): void {
  const fitting = signatureAlgorithmsOf(key);
  if (fitting.includes(signature)) return;
  throw new HsmError('SIGNATURE_NOT_FOR_KEY', { key, signature, allowed: fitting.join(', ') });
}

/**
 * Hashing is done here where the token lets us: what then goes to the token is small, whatever the size of the
 * message (a revocation list has megabytes), and the rate is the same.
 * @throws HsmError `SIGNATURE_NOT_FOR_KEY`, `MECHANISM_MISSING`
 */
export function signingMethod(
  key: KeyAlgorithm,
  algorithm: SignatureAlgorithm,
  mechanisms: ReadonlySet<number>,
  token: string,
): SigningMethod {
  requireFits(key, algorithm);
  switch (algorithm) {
    case 'ecdsa-sha256':
      return ecdsa('sha256', 32, mechanisms, token);
    case 'ecdsa-sha384':
      return ecdsa('sha384', 48, mechanisms, token);
    case 'rsa-sha256':
      return rsa(PKCS1_SHA256, key, mechanisms, token);
    case 'rsa-pss-sha256':
      return rsa(PSS_SHA256, key, mechanisms, token);
    case 'rsa-pss-sha384':
      return rsa(PSS_SHA384, key, mechanisms, token);
  }
}

/** Two mechanisms for the same signature. */
interface RsaMechanisms {
  /** Signs a hash. */
  readonly bare: SigningMechanism;
  /** Hashes and signs. */
  readonly hashing: SigningMechanism;
  /** What the bare one is to be given. */
  readonly input: (message: Uint8Array) => Buffer;
}

const PKCS1_SHA256: RsaMechanisms = {
  bare: { mechanism: MechanismEnum.RSA_PKCS },
  hashing: { mechanism: MechanismEnum.SHA256_RSA_PKCS },
  input: (message) => Buffer.concat([SHA256_DIGEST_INFO, digest('sha256', message)]),
};
const PSS_SHA256 = pss(
  'sha256',
  MechanismEnum.SHA256_RSA_PKCS_PSS,
  new RsaPssParams(MechanismEnum.SHA256, RsaMgf.MGF1_SHA256, 32),
);
const PSS_SHA384 = pss(
  'sha384',
  MechanismEnum.SHA384_RSA_PKCS_PSS,
  new RsaPssParams(MechanismEnum.SHA384, RsaMgf.MGF1_SHA384, 48),
);

/** PKCS#11 v2.40, sections 2.1.9 and 2.1.10: both take the same parameters. */
function pss(hashName: 'sha256' | 'sha384', hashing: MechanismEnum, parameters: RsaPssParams): RsaMechanisms {
  const parameter = parameters.toCKI();
  return {
    bare: { mechanism: MechanismEnum.RSA_PKCS_PSS, parameter },
    hashing: { mechanism: hashing, parameter },
    input: (message) => digest(hashName, message),
  };
}

function rsa(
  { bare, hashing, input }: RsaMechanisms,
  key: KeyAlgorithm,
  mechanisms: ReadonlySet<number>,
  token: string,
): SigningMethod {
  const size = Number(key.slice('rsa-'.length)) / 8;
  const output = (result: Buffer): Buffer | undefined =>
    result.length === size ? Buffer.from(result) : undefined;
  if (mechanisms.has(bare.mechanism)) return { mechanism: bare, input, output };
  // Modules in FIPS mode may refuse to sign what they have not hashed.
  if (mechanisms.has(hashing.mechanism)) {
    return { mechanism: hashing, input: (message) => Buffer.from(message), output };
  }
  const needed = [bare, hashing].map(({ mechanism }) => `CKM_${MechanismEnum[mechanism]}`).join(', ');
  throw new HsmError('MECHANISM_MISSING', { token, needed });
}

function ecdsa(
  hashName: 'sha256' | 'sha384',
  size: number,
  mechanisms: ReadonlySet<number>,
  token: string,
): SigningMethod {
  if (!mechanisms.has(MechanismEnum.ECDSA)) {
    throw new HsmError('MECHANISM_MISSING', { token, needed: 'CKM_ECDSA' });
  }
  return {
    mechanism: { mechanism: MechanismEnum.ECDSA },
    input: (message) => digest(hashName, message),
    output: (result) => (result.length === 2 * size ? ecdsaSigValue(result) : undefined),
  };
}

function digest(algorithm: 'sha256' | 'sha384', message: Uint8Array): Buffer {
  // By way of a string, which costs less than a buffer that is made there.
  return Buffer.from(hash(algorithm, message, 'binary'), 'binary');
}

/** The token's r‖s of equal lengths as DER `Ecdsa-Sig-Value` (RFC 3279, section 2.2.3); below 128 bytes of contents. */
export function ecdsaSigValue(result: Buffer): Buffer {
  const half = result.length / 2;
  const r = shortest(result, 0, half);
  const s = shortest(result, half, result.length);
  const contents = 4 + r.padding + r.end - r.start + s.padding + s.end - s.start;
  const der = Buffer.alloc(2 + contents);
  der[0] = 0x30;
  der[1] = contents;
  writeInteger(der, writeInteger(der, 2, result, r), result, s);
  return der;
}

/** Where the octets of a DER INTEGER lie, and how many zeros go before them to make it positive. */
interface Octets {
  readonly start: number;
  readonly end: number;
  readonly padding: number;
}

function shortest(result: Buffer, from: number, end: number): Octets {
  let start = from;
  while (start < end - 1 && result[start] === 0) start += 1;
  return { start, end, padding: (result[start] ?? 0) >= 0x80 ? 1 : 0 };
}

/** @returns the place behind it */
function writeInteger(der: Buffer, at: number, result: Buffer, { start, end, padding }: Octets): number {
  der[at] = 0x02;
  der[at + 1] = padding + end - start;
  return at + 2 + padding + result.copy(der, at + 2 + padding, start, end);
}
