/** DSSE envelopes (secure-systems-lab DSSE v1, JSON form), in one exact spelling so that no byte is free. */
import { z } from 'zod';
import { sha256HexSchema } from '../encoding';
import type { Signer } from '../signer';
import { signChecked } from '../signing';
import { EnvelopeError } from './errors';
import { isSignedBy, keyId, type VerificationKey } from './keys';

const MAX_BYTES = 1_048_576;
const MAX_SIGNATURES = 16;

export interface EnvelopeSignature {
  /** SHA-256 of the signer's SPKI, hex; a claim until the envelope is opened. */
  readonly keyId: string;
  readonly signature: Buffer;
}

interface Envelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signatures: readonly EnvelopeSignature[];
}

/** What the reader of an envelope requires of it. */
export interface EnvelopeExpectation {
  readonly payloadType: string;
  /** The only keys whose signatures may stand on the envelope. */
  readonly keys: readonly VerificationKey[];
  /** How many distinct keys, belonging to as many distinct names, must have signed. */
  readonly threshold: number;
  /** What is being read, for the error text. */
  readonly what: string;
  /** Most bytes accepted; default 1 MiB. */
  readonly maxBytes?: number;
}

/** The payload type of our documents, such as `application/vnd.subca.grant.v1+json`. */
export function payloadTypeOf(name: string): string {
  return `application/vnd.subca.${name}.v1+json`;
}

/**
 * Signs a payload with each signer in turn.
 * @returns the envelope's JSON text
 * @throws EnvelopeError `ALREADY_SIGNED` if two signers hold the same key; `ENVELOPE_MALFORMED` for none or more than 16;
 * SigningError
 */
export async function sealEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signers: readonly Signer[],
): Promise<Buffer> {
  let envelope: Envelope = { payloadType, payload: Buffer.from(payload), signatures: [] };
  for (const signer of signers) envelope = await withSignature(envelope, signer);
  requireSignatureCount(envelope.signatures, payloadType);
  return serialise(envelope);
}

/**
 * Adds one signature over the same payload type and payload. Neither they nor the signatures already there are
 * judged here: the caller shows the signer what `readUnverified` gives for the same bytes and type first.
 * @returns the new envelope's JSON text
 * @throws EnvelopeError `ALREADY_SIGNED`, `ENVELOPE_MALFORMED`, `TOO_LARGE`; SigningError
 */
export async function addSignature(envelope: Uint8Array, signer: Signer): Promise<Buffer> {
  return serialise(await withSignature(parse(envelope, 'envelope', MAX_BYTES), signer));
}

/** The signatures on an envelope, unverified, in their order. @throws EnvelopeError `TOO_LARGE`, `ENVELOPE_MALFORMED` */
export function signaturesOf(envelope: Uint8Array): readonly EnvelopeSignature[] {
  return parse(envelope, 'envelope', MAX_BYTES).signatures;
}

/** An envelope of signatures that were kept apart from it; none is judged. @returns its JSON text */
export function assembleEnvelope(
  payloadType: string,
  payload: Buffer,
  signatures: readonly EnvelopeSignature[],
): Buffer {
  return serialise({ payloadType, payload, signatures });
}

/**
 * Takes away the signatures by other keys than these; like `addSignature`, it judges none.
 * @returns the new envelope's JSON text; `undefined` if no signature is left
 * @throws EnvelopeError `TOO_LARGE`, `ENVELOPE_MALFORMED`
 */
export function retainSignatures(envelope: Uint8Array, keys: readonly VerificationKey[]): Buffer | undefined {
  const parsed = parse(envelope, 'envelope', MAX_BYTES);
  const ids = new Set(keys.map(({ spki }) => keyId(spki)));
  const signatures = parsed.signatures.filter((signature) => ids.has(signature.keyId));
  return signatures.length === 0 ? undefined : serialise({ ...parsed, signatures });
}

/**
 * Opens an envelope. Strict beyond DSSE itself: exactly one spelling is accepted, every signature must be valid and
 * by one of the given keys, and a person with two keys counts once.
 * @returns the signed bytes, and the names of those who signed, without repetition
 * @throws EnvelopeError `TOO_LARGE`, `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE`, `SIGNER_UNKNOWN`, `SIGNATURE_INVALID`,
 *   `KEY_UNUSABLE`, `THRESHOLD_NOT_MET`
 */
export function openEnvelope(
  envelope: Uint8Array,
  expect: EnvelopeExpectation,
): { readonly payload: Buffer; readonly signedBy: readonly string[] } {
  const { what, keys, threshold } = expect;
  const { payloadType, payload, signatures } = parse(envelope, what, expect.maxBytes ?? MAX_BYTES);
  requireType(payloadType, expect.payloadType, what);
  const message = preAuthenticationEncoding(payloadType, payload);
  const keysById = new Map(keys.map((key) => [keyId(key.spki), key]));
  const keyIds = new Set<string>();
  const names = new Set<string>();
  for (const { keyId: id, signature } of signatures) {
    const key = keysById.get(id);
    if (key === undefined) throw new EnvelopeError('SIGNER_UNKNOWN', { what, signer: id });
    if (!isSignedBy(key, message, signature)) {
      throw new EnvelopeError('SIGNATURE_INVALID', { what, name: key.name });
    }
    keyIds.add(id);
    names.add(key.name);
  }
  const got = Math.min(keyIds.size, names.size);
  if (!(got >= threshold)) throw new EnvelopeError('THRESHOLD_NOT_MET', { what, got, needed: threshold });
  return { payload, signedBy: [...names] };
}

/**
 * Looks inside an envelope WITHOUT checking any signature: for the few documents that carry the key they are signed
 * with, and for showing a document to the person about to sign it. Trust nothing in the result before `openEnvelope`.
 * @returns the payload, and the key ids the signatures claim
 * @throws EnvelopeError `TOO_LARGE`, `ENVELOPE_MALFORMED`, `ENVELOPE_TYPE`
 */
export function readUnverified(
  envelope: Uint8Array,
  payloadType: string,
  what: string,
): { readonly payload: Buffer; readonly keyIds: readonly string[] } {
  const parsed = parse(envelope, what, MAX_BYTES);
  requireType(parsed.payloadType, payloadType, what);
  return { payload: parsed.payload, keyIds: parsed.signatures.map((signature) => signature.keyId) };
}

/** What is really signed (DSSE protocol, "PAE"): both lengths in front, so that type and body cannot be shifted. */
function preAuthenticationEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}

async function withSignature(envelope: Envelope, signer: Signer): Promise<Envelope> {
  const id = keyId(signer.spki);
  if (envelope.signatures.some((signature) => signature.keyId === id)) {
    throw new EnvelopeError('ALREADY_SIGNED', { what: envelope.payloadType, keyId: id });
  }
  if (envelope.signatures.length === MAX_SIGNATURES) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', { what: envelope.payloadType, reason: 'SIGNATURE_COUNT' });
  }
  const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
  const signature = await signChecked(signer, message, envelope.payloadType);
  return { ...envelope, signatures: [...envelope.signatures, { keyId: id, signature }] };
}

const shape = z.strictObject({
  payload: z.string(),
  payloadType: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  signatures: z.array(z.strictObject({ keyid: sha256HexSchema, sig: z.string() })),
});

function parse(envelope: Uint8Array, what: string, limit: number): Envelope {
  if (envelope.length > limit) throw new EnvelopeError('TOO_LARGE', { what, size: envelope.length, limit });
  const bytes = Buffer.from(envelope);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', { what, reason: 'NOT_JSON' }, { cause });
  }
  const read = shape.safeParse(json);
  if (!read.success) throw new EnvelopeError('ENVELOPE_MALFORMED', { what, reason: 'WRONG_SHAPE' });
  requireSignatureCount(read.data.signatures, what);
  const parsed: Envelope = {
    payloadType: read.data.payloadType,
    payload: Buffer.from(read.data.payload, 'base64'),
    signatures: read.data.signatures.map(({ keyid, sig }) => ({
      keyId: keyid,
      signature: Buffer.from(sig, 'base64'),
    })),
  };
  // One comparison settles member order, duplicate members, escapes, white space, UTF-8 and base64 at once.
  if (!serialise(parsed).equals(bytes)) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', { what, reason: 'NOT_CANONICAL' });
  }
  return parsed;
}

function serialise(envelope: Envelope): Buffer {
  const json = {
    payload: envelope.payload.toString('base64'),
    payloadType: envelope.payloadType,
    signatures: envelope.signatures.map(({ keyId: keyid, signature }) => ({
      keyid,
      sig: signature.toString('base64'),
    })),
  };
  return Buffer.from(JSON.stringify(json), 'utf8');
}

function requireSignatureCount(signatures: readonly unknown[], what: string): void {
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', { what, reason: 'SIGNATURE_COUNT' });
  }
}

function requireType(found: string, expected: string, what: string): void {
  if (found !== expected) throw new EnvelopeError('ENVELOPE_TYPE', { what, found, expected });
}
