/** Signed notes (C2SP signed-note): text a person can read, a blank line, and one line per signature. */
import { isUtf8 } from 'node:buffer';
import { decodeBase64 } from '../encoding';
import type { NoteFault } from '../i18n/errors/envelope';
import type { Signer } from '../signer';
import { signChecked } from '../signing';
import { EnvelopeError } from './errors';
import { isSignedBy, keyId, type VerificationKey } from './keys';

const MAX_BYTES = 65_536;
const MAX_SIGNATURES = 16;
const KEY_ID_BYTES = 4;
const KEY_NAME = /^[^\s+\p{Cc}\p{Cs}]{1,255}$/u;
const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/;
const CONTROL_BUT_NEWLINE = /[^\P{Cc}\n]/u;

/** A signer and the name its signature lines carry. */
export interface NoteSigner {
  readonly name: string;
  readonly signer: Signer;
}

/**
 * Signs a text.
 * @param text ends in a newline, which is part of what is signed
 * @returns the whole note
 * @throws EnvelopeError `NOTE_MALFORMED`, `TOO_LARGE`; SigningError
 */
export async function signNote(text: string, { name, signer }: NoteSigner): Promise<string> {
  const what = `note of ${name}`;
  const signed = Buffer.from(text, 'utf8');
  requirePlainText(signed.toString('utf8') === text, text, what);
  if (!text.endsWith('\n')) throw malformed(what, 'NO_FINAL_NEWLINE');
  if (!KEY_NAME.test(name)) throw malformed(what, 'KEY_NAME');
  const signature = Buffer.concat([noteKeyId(signer.spki), await signChecked(signer, signed, what)]);
  const note = `${text}\n— ${name} ${signature.toString('base64')}\n`;
  requireSize(Buffer.byteLength(note, 'utf8'), what);
  return note;
}

/**
 * Opens a note. Stricter than C2SP, which skips the lines of unknown keys: here every line must be a valid signature
 * by a different one of the given keys, so that no byte of a stored or shipped note can change unseen.
 * @param what what is being read, for the error text
 * @returns the text, with its final newline
 * @throws EnvelopeError `TOO_LARGE`, `NOTE_MALFORMED`, `SIGNER_UNKNOWN`, `SIGNATURE_INVALID`, `KEY_UNUSABLE`
 */
export function openNote(note: string | Uint8Array, keys: readonly VerificationKey[], what = 'note'): string {
  const bytes = typeof note === 'string' ? Buffer.from(note, 'utf8') : Buffer.from(note);
  requireSize(bytes.length, what);
  const whole = bytes.toString('utf8');
  requirePlainText(isUtf8(bytes), whole, what);
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw malformed(what, 'NO_SIGNATURE_BLOCK');
  const text = whole.slice(0, split + 1);
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed(what, 'SIGNATURE_COUNT');
  const signers = new Set<VerificationKey>();
  for (const line of lines) {
    const key = verifyLine(line, Buffer.from(text, 'utf8'), keys, what);
    if (signers.has(key)) throw malformed(what, 'SIGNER_REPEATED');
    signers.add(key);
  }
  return text;
}

/** Checks one signature line and says whose it is. */
function verifyLine(
  line: string,
  message: Buffer,
  keys: readonly VerificationKey[],
  what: string,
): VerificationKey {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const octets = decodeBase64(encoded);
  if (octets === undefined || octets.length <= KEY_ID_BYTES) throw malformed(what, 'SIGNATURE_LINE');
  if (!KEY_NAME.test(name)) throw malformed(what, 'KEY_NAME');
  const id = octets.subarray(0, KEY_ID_BYTES);
  const key = keys.find((known) => known.name === name && noteKeyId(known.spki).equals(id));
  if (key === undefined) {
    throw new EnvelopeError('SIGNER_UNKNOWN', { what, signer: `${name}+${id.toString('hex')}` });
  }
  if (!isSignedBy(key, message, octets.subarray(KEY_ID_BYTES))) {
    throw new EnvelopeError('SIGNATURE_INVALID', { what, name });
  }
  return key;
}

/**
 * First four octets of the SHA-256 of the SPKI: the key id C2SP gives ECDSA keys (signature type 0x02). It assigns
 * none to RSA, so RSA keys are named by the same rule here; other note software knows only the ECDSA ones.
 */
function noteKeyId(spki: Uint8Array): Buffer {
  return Buffer.from(keyId(spki), 'hex').subarray(0, KEY_ID_BYTES);
}

function requirePlainText(encodable: boolean, text: string, what: string): void {
  if (!encodable || CONTROL_BUT_NEWLINE.test(text)) throw malformed(what, 'NOT_PLAIN_TEXT');
}

function requireSize(size: number, what: string): void {
  if (size > MAX_BYTES) throw new EnvelopeError('TOO_LARGE', { what, size, limit: MAX_BYTES });
}

function malformed(what: string, reason: NoteFault): EnvelopeError {
  return new EnvelopeError('NOTE_MALFORMED', { what, reason });
}
