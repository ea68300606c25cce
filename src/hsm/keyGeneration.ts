/** Making a key pair on the token: what is demanded of it, and the proof that the token obeyed. */
import { randomBytes } from 'node:crypto';
import {
  KeyGenMechanism,
  type IKeyPair,
  type ITemplate,
  type Session,
  type SessionObject,
} from 'graphene-pk11';
import {
  publicKeyFromSpki,
  signatureAlgorithmOf,
  verifySignature,
  type KeyAlgorithm,
  type SignatureAlgorithm,
} from '../signer';
import { ckrOf } from './ckr';
import { HsmError } from './errors';
import { keysLabelled, recordOf, type KeyRecord } from './keys';
import { parametersOf } from './publicKey';
import { signingMethod } from './signing';
import { Pace, signOn } from './signOn';

/** What the private key must be (PKCS#11 v2.40, sections 4.9 and 4.10): made here, never to leave, for signing only. */
const DEMANDED = {
  token: true,
  private: true,
  local: true,
  sensitive: true,
  alwaysSensitive: true,
  extractable: false,
  neverExtractable: true,
  sign: true,
  decrypt: false,
  unwrap: false,
  derive: false,
} as const;

export interface KeyRequest {
  readonly label: string;
  readonly algorithm: KeyAlgorithm;
  /** What it will sign with, which the token has to show; default: as the key's type usually does. */
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
}

/** The token a session belongs to, as far as keys need it. */
export interface TokenAbilities {
  readonly label: string;
  readonly mechanisms: ReadonlySet<number>;
}

/**
 * Makes a key pair off the main thread, reads back how it is protected, and has it sign once. A pair that is not as
 * demanded, or does not sign, is destroyed.
 * @throws HsmError `SIGNATURE_NOT_FOR_KEY`, `KEY_EXISTS`, `KEY_ATTRIBUTES_WRONG`, `SIGNATURE_WRONG`, `MECHANISM_MISSING`, `KEY_INCOMPLETE`;
 * the token's own errors as they are
 */
export async function generateKeyPairOn(
  session: Session,
  token: TokenAbilities,
  request: KeyRequest,
): Promise<KeyRecord> {
  const { label, algorithm, signatureAlgorithm = signatureAlgorithmOf(algorithm) } = request;
  const method = signingMethod(algorithm, signatureAlgorithm, token.mechanisms, token.label);
  const { privateKeys, publicKeys } = keysLabelled(session, label);
  if (privateKeys.length + publicKeys.length > 0) {
    throw new HsmError('KEY_EXISTS', { token: token.label, label });
  }
  const pair = await makePair(session, request);
  let wrong: string;
  try {
    const record = recordOf(token.label, label, pair.privateKey, pair.publicKey);
    wrong = differencesOf(record, algorithm).join(', ');
    if (wrong === '') {
      const [signature] = await signOn(
        session,
        method,
        pair.privateKey.handle,
        [method.input(TEST_MESSAGE)],
        new Pace(false),
        true,
      );
      if (isSignature(signature, signatureAlgorithm, record)) return record;
      throw new HsmError('SIGNATURE_WRONG', { token: token.label, label });
    }
  } catch (error) {
    destroyPair(pair);
    throw error;
  }
  const destroyed = destroyPair(pair);
  throw new HsmError('KEY_ATTRIBUTES_WRONG', { token: token.label, label, wrong, destroyed });
}

const TEMPLATE_ERRORS = new Set([
  'CKR_ATTRIBUTE_READ_ONLY',
  'CKR_ATTRIBUTE_TYPE_INVALID',
  'CKR_ATTRIBUTE_VALUE_INVALID',
  'CKR_TEMPLATE_INCONSISTENT',
]);

/**
 * Asks for a pair, without looking at what comes of it. CKA_MODIFIABLE=false is asked for first, and given up on tokens
 * that do not know it.
 * @param kept false for a pair that ends with the session
 */
export async function makePair(session: Session, request: KeyRequest, kept = true): Promise<IKeyPair> {
  // Random, because it must be known before the key is: an unmodifiable pair cannot be named after its public key.
  const id = randomBytes(20);
  try {
    return await generateWith(session, request, { id, token: kept, modifiable: false });
  } catch (error) {
    if (!TEMPLATE_ERRORS.has(ckrOf(error) ?? '')) throw error;
    return generateWith(session, request, { id, token: kept });
  }
}

function generateWith(session: Session, request: KeyRequest, common: ITemplate): Promise<IKeyPair> {
  const { label, algorithm } = request;
  const parameters = parametersOf(algorithm);
  const publicTemplate: ITemplate = {
    ...common,
    label,
    private: false,
    verify: true,
    encrypt: false,
    wrap: false,
    ...(parameters.type === 'rsa'
      ? { modulusBits: parameters.modulusBits, publicExponent: Buffer.from([1, 0, 1]) }
      : { paramsEC: parameters.params }),
  };
  const privateTemplate: ITemplate = {
    ...common,
    label,
    private: true,
    sensitive: true,
    extractable: false,
    sign: true,
    decrypt: false,
    unwrap: false,
    derive: false,
  };
  const mechanism = parameters.type === 'rsa' ? KeyGenMechanism.RSA : KeyGenMechanism.EC;
  return new Promise((resolve, reject) => {
    session.generateKeyPair(mechanism, publicTemplate, privateTemplate, (error, pair) => {
      if (pair !== null) resolve(pair);
      else reject(error ?? new Error('the token gave neither keys nor an error'));
    });
  });
}

/**
 * What is not as demanded, such as `CKA_EXTRACTABLE=true`: protection must be shown, other uses not be admitted.
 * @param kept as it was asked for
 */
export function differencesOf(record: KeyRecord, algorithm: KeyAlgorithm, kept = true): readonly string[] {
  const { attributes } = record;
  const wrong = (Object.keys(DEMANDED) as (keyof typeof DEMANDED)[])
    .filter((name) => name !== 'token' || kept)
    .filter((name) => (DEMANDED[name] ? attributes[name] !== true : attributes[name] === true))
    .map((name) => `${ckaName(name)}=${String(attributes[name])}`);
  return [...wrong, ...(record.algorithm === algorithm ? [] : [record.algorithm])];
}

/** Not DER, so that no one can take its signature for that of a certificate, a revocation list or a request. */
const TEST_MESSAGE = Buffer.from('Test signature of a new key. It certifies nothing.\n');

function isSignature(
  signature: Buffer | undefined,
  algorithm: SignatureAlgorithm,
  { spki }: KeyRecord,
): boolean {
  if (signature === undefined) return false;
  return verifySignature(algorithm, publicKeyFromSpki(spki), TEST_MESSAGE, signature);
}

/** An attribute's name as PKCS#11 writes it. */
export function ckaName(name: string): string {
  return `CKA_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** Whether both halves are gone. */
function destroyPair(pair: IKeyPair): boolean {
  return [pair.privateKey, pair.publicKey].map(destroy).every(Boolean);
}

function destroy(object: SessionObject): boolean {
  try {
    object.destroy();
    return true;
  } catch {
    return false;
  }
}
