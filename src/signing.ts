/**
 * Signatures that are held to the public half before anybody sees them. A device that fails may give a wrong one, and a
 * wrong one by an RSA key can give the key away (Boneh, DeMillo, Lipton: On the importance of checking cryptographic
 * protocols for faults, 1997).
 */
import type { KeyObject } from 'node:crypto';
import { CodedError } from './errors';
import { signingErrors } from './i18n/errors/signing';
import type { ParamsOf } from './i18n/text';
import { publicKeyFromSpki, sha256Hex, verifySignatureAside, type Signer } from './signer';

type Table = typeof signingErrors;

export class SigningError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>) {
    super(signingErrors, code, params);
  }
}

/** Public halves that were read before: to read one takes as long as to check a signature. */
const keys = new WeakMap<Buffer, KeyObject>();

function keyOf(spki: Buffer): KeyObject {
  const known = keys.get(spki);
  if (known !== undefined) return known;
  const key = publicKeyFromSpki(spki);
  keys.set(spki, key);
  return key;
}

/**
 * As `Signer.sign`.
 * @param what what is signed, for the error text
 * @param spki with which others will check it; that of the signer, if not given
 * @throws SigningError `SIGNATURE_WRONG`, and whatever the signer throws
 */
export async function signChecked(
  signer: Signer,
  message: Uint8Array,
  what: string,
  spki = signer.spki,
): Promise<Buffer> {
  const signature = await signer.sign(message);
  if (await verifySignatureAside(signer.algorithm, keyOf(spki), message, signature)) return signature;
  throw new SigningError('SIGNATURE_WRONG', { what, key: sha256Hex(spki) });
}
