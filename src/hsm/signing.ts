/** One signature on a session: which mechanism, what it is given, and what is made of its result. */
import { hash } from 'node:crypto';
import { MechanismEnum, type MechanismCollection, type Session } from 'graphene-pk11';
import type { KeyAlgorithm } from '../signer';
import { HsmError } from './errors';

/** The mechanism for a key on a token, with the forms of its input and output. */
export interface SigningMethod {
  readonly mechanism: MechanismEnum;
  /** What the mechanism is to be given for a message. */
  input(message: Uint8Array): Buffer;
  /** The signature in the form of `Signer.sign`, in bytes of its own; `undefined` for a result of another length. */
  output(result: Buffer): Buffer | undefined;
}

/** RFC 8017, section 9.2, note 1: DigestInfo up to the SHA-256 hash. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Numbers of the mechanisms the token offers. */
export function mechanismsOf(offered: MechanismCollection): ReadonlySet<number> {
  const types = Array.from({ length: offered.length }, (_, index) => offered.tryGetItem(index)?.type);
  return new Set(types.filter((type) => type !== undefined));
}

/**
 * Hashing is done here where the token lets us: what then goes to the token is small, whatever the size of the
 * message (a revocation list has megabytes), and the rate is the same.
 * @throws HsmError `MECHANISM_MISSING`
 */
export function signingMethod(
  algorithm: KeyAlgorithm,
  mechanisms: ReadonlySet<number>,
  token: string,
): SigningMethod {
  switch (algorithm) {
    case 'p-256':
      return ecdsa('sha256', 32, mechanisms, token);
    case 'p-384':
      return ecdsa('sha384', 48, mechanisms, token);
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return rsa(Number(algorithm.slice('rsa-'.length)) / 8, mechanisms, token);
  }
}

function rsa(size: number, mechanisms: ReadonlySet<number>, token: string): SigningMethod {
  const output = (result: Buffer): Buffer | undefined =>
    result.length === size ? Buffer.from(result) : undefined;
  if (mechanisms.has(MechanismEnum.RSA_PKCS)) {
    return {
      mechanism: MechanismEnum.RSA_PKCS,
      input: (message) => Buffer.concat([SHA256_DIGEST_INFO, digest('sha256', message)]),
      output,
    };
  }
  // Modules in FIPS mode may refuse to sign what they have not hashed.
  if (mechanisms.has(MechanismEnum.SHA256_RSA_PKCS)) {
    return { mechanism: MechanismEnum.SHA256_RSA_PKCS, input: (message) => Buffer.from(message), output };
  }
  throw new HsmError('MECHANISM_MISSING', { token, needed: 'CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS' });
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
    mechanism: MechanismEnum.ECDSA,
    input: (message) => digest(hashName, message),
    output: (result) => (result.length === 2 * size ? ecdsaSigValue(result) : undefined),
  };
}

function digest(algorithm: 'sha256' | 'sha384', message: Uint8Array): Buffer {
  return hash(algorithm, message, 'buffer');
}

/** The token's r‖s of equal lengths as DER `Ecdsa-Sig-Value` (RFC 3279, section 2.2.3); below 128 bytes of contents. */
export function ecdsaSigValue(result: Buffer): Buffer {
  const half = result.length / 2;
  const contents = [derInteger(result.subarray(0, half)), derInteger(result.subarray(half))];
  return Buffer.concat([
    Uint8Array.of(
      0x30,
      contents.reduce((sum, part) => sum + part.length, 0),
    ),
    ...contents,
  ]);
}

function derInteger(unsigned: Buffer): Buffer {
  let start = 0;
  while (start < unsigned.length - 1 && unsigned[start] === 0) start += 1;
  const shortest = unsigned.subarray(start);
  const sign = (shortest[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.from([0x02, sign.length + shortest.length, ...sign, ...shortest]);
}

/**
 * The inputs of running operations. The addon's thread reads them through a bare pointer and holds no reference:
 * one that is collected meanwhile gives a signature over whatever lies there then. So graphene's `Sign.once`, which
 * passes a copy that nobody keeps, is not used.
 */
const inFlight = new Set<Buffer>();

/** The longest signature: RSA-4096. */
const MAX_SIGNATURE_BYTES = 512;
/** Where each session's signatures are written: one operation at a time, and a new buffer for each would cost more. */
const results = new WeakMap<Session, Buffer>();

function resultOf(session: Session): Buffer {
  let result = results.get(session);
  if (result === undefined) {
    result = Buffer.alloc(MAX_SIGNATURE_BYTES);
    results.set(session, result);
  }
  return result;
}

/**
 * Signs on a session, off the main thread.
 * @param key handle of the private key
 * @returns the mechanism's result as the token gave it, until the session signs again
 */
export function signOn(
  session: Session,
  mechanism: MechanismEnum,
  key: Buffer,
  input: Buffer,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    session.lib.C_SignInit(session.handle, { mechanism }, key);
    inFlight.add(input);
    session.lib.C_Sign(session.handle, input, resultOf(session), (error, result) => {
      inFlight.delete(input);
      // Typed as never null, but null on success.
      if ((error as Error | null) === null) resolve(result);
      else reject(error);
    });
  });
}
