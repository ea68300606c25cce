/** The forms in which a key is tried: PKCS#11 mechanism, what it is given, and how Node judges what comes back. */
import { constants, hash, verify, type KeyObject } from 'node:crypto';
import { MechanismEnum, type Session } from 'graphene-pk11';
import type { KeyAlgorithm } from '../../signer';
import { ckrOf } from '../ckr';

/** PKCS#11 v2.40, sections 2.1.7 to 2.1.10. */
const CKG_MGF1 = { sha256: 2, sha384: 3 } as const;
const CKM_HASH = { sha256: 0x250, sha384: 0x260 } as const;
/** The number by which pkcs11js knows that the parameter is a CK_RSA_PKCS_PSS_PARAMS. */
const CK_PARAMS_RSA_PSS = 5;

type Hash = keyof typeof CKM_HASH;
type Mechanism = Parameters<Session['lib']['C_SignInit']>[1];

export interface SigningForm {
  /** As people and standards name it. */
  readonly name: 'RSASSA-PKCS1-v1_5 SHA-256' | 'RSASSA-PSS SHA-256' | 'RSASSA-PSS SHA-384' | 'ECDSA';
  readonly mechanismName: string;
  readonly mechanism: Mechanism;
  readonly input: (message: Buffer) => Buffer;
  readonly verify: (key: KeyObject, message: Buffer, signature: Buffer) => boolean;
}

/** A form, or the mechanisms of which the token would have to offer one. */
export type OfferedForm =
  | { readonly name: SigningForm['name']; readonly form: SigningForm }
  | { readonly name: SigningForm['name']; readonly missing: string };

/** Every form a key of this type signs in; the first is the one it is mostly used in. */
export function formsOf(algorithm: KeyAlgorithm, offered: ReadonlySet<number>): readonly OfferedForm[] {
  switch (algorithm) {
    case 'p-256':
      return [ecdsa('sha256', 32, offered)];
    case 'p-384':
      return [ecdsa('sha384', 48, offered)];
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return [pkcs1(offered), pss('sha256', 32, offered), pss('sha384', 48, offered)];
  }
}

/** RFC 8017, section 9.2, note 1. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

function pkcs1(offered: ReadonlySet<number>): OfferedForm {
  const check = (key: KeyObject, message: Buffer, signature: Buffer): boolean =>
    verify('sha256', message, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  return firstOffered('RSASSA-PKCS1-v1_5 SHA-256', offered, check, [
    [
      'CKM_RSA_PKCS',
      MechanismEnum.RSA_PKCS,
      undefined,
      (message) => Buffer.concat([SHA256_DIGEST_INFO, digest('sha256', message)]),
    ],
    ['CKM_SHA256_RSA_PKCS', MechanismEnum.SHA256_RSA_PKCS, undefined, asItIs],
  ]);
}

/** RFC 4055, section 3.1: MGF1 with the same hash, and a salt of the hash's length. */
function pss(hashName: Hash, saltLength: number, offered: ReadonlySet<number>): OfferedForm {
  const parameter = {
    type: CK_PARAMS_RSA_PSS,
    hashAlg: CKM_HASH[hashName],
    mgf: CKG_MGF1[hashName],
    saltLen: saltLength,
  };
  const check = (key: KeyObject, message: Buffer, signature: Buffer): boolean =>
    verify(hashName, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
  const [name, whole] =
    hashName === 'sha256'
      ? (['CKM_SHA256_RSA_PKCS_PSS', MechanismEnum.SHA256_RSA_PKCS_PSS] as const)
      : (['CKM_SHA384_RSA_PKCS_PSS', MechanismEnum.SHA384_RSA_PKCS_PSS] as const);
  return firstOffered(hashName === 'sha256' ? 'RSASSA-PSS SHA-256' : 'RSASSA-PSS SHA-384', offered, check, [
    ['CKM_RSA_PKCS_PSS', MechanismEnum.RSA_PKCS_PSS, parameter, (message) => digest(hashName, message)],
    [name, whole, parameter, asItIs],
  ]);
}

function ecdsa(hashName: Hash, size: number, offered: ReadonlySet<number>): OfferedForm {
  const check = (key: KeyObject, message: Buffer, signature: Buffer): boolean =>
    signature.length === 2 * size && verify(hashName, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  return firstOffered('ECDSA', offered, check, [
    ['CKM_ECDSA', MechanismEnum.ECDSA, undefined, (message) => digest(hashName, message)],
  ]);
}

type Way = readonly [
  mechanismName: string,
  mechanism: MechanismEnum,
  parameter: Mechanism['parameter'],
  input: SigningForm['input'],
];

function firstOffered(
  name: SigningForm['name'],
  offered: ReadonlySet<number>,
  check: SigningForm['verify'],
  ways: readonly Way[],
): OfferedForm {
  const way = ways.find(([, mechanism]) => offered.has(mechanism));
  if (way === undefined) return { name, missing: ways.map(([mechanismName]) => mechanismName).join(' | ') };
  const [mechanismName, mechanism, parameter, input] = way;
  return {
    name,
    form: {
      name,
      mechanismName,
      mechanism: { mechanism, ...(parameter !== undefined && { parameter }) },
      input,
      verify: (key, message, signature) => {
        try {
          return check(key, message, signature);
        } catch {
          // Not of the form that Node can judge.
          return false;
        }
      },
    },
  };
}

function asItIs(message: Buffer): Buffer {
  return Buffer.from(message);
}

function digest(hashName: Hash, message: Buffer): Buffer {
  return hash(hashName, message, 'buffer');
}

/** The longest signature, RSA-4096, and room to see one that is too long. */
const RESULT_BYTES = 1024;

/** What a running operation reads and writes: the addon's thread holds bare pointers, and no reference. */
const inFlight = new Set<readonly Buffer[]>();

/** One signature on another thread. Throws, or rejects with, the token's own errors as they are. */
export async function signOnce(
  session: Session,
  { mechanism, input }: SigningForm,
  key: Buffer,
  message: Buffer,
): Promise<Buffer> {
  const { lib, handle } = session;
  const buffers = [input(message), Buffer.alloc(RESULT_BYTES)] as const;
  lib.C_SignInit(handle, mechanism, key);
  inFlight.add(buffers);
  return new Promise((resolve, reject) => {
    lib.C_Sign(handle, ...buffers, (error, made) => {
      inFlight.delete(buffers);
      // Typed as never null, but null on success.
      if ((error as Error | null) === null) resolve(Buffer.from(made));
      else reject(error);
    });
  });
}

const WRONG = new Set(['CKR_SIGNATURE_INVALID', 'CKR_SIGNATURE_LEN_RANGE']);

/** What the token itself says of a signature. Throws the token's own errors as they are, but for "it is wrong". */
export function tokenAccepts(
  session: Session,
  { mechanism, input }: SigningForm,
  publicKey: Buffer,
  message: Buffer,
  signature: Buffer,
): boolean {
  const { lib, handle } = session;
  lib.C_VerifyInit(handle, mechanism, publicKey);
  try {
    return lib.C_Verify(handle, input(message), signature);
  } catch (error) {
    if (WRONG.has(ckrOf(error) ?? '')) return false;
    throw error;
  }
}
