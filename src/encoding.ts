/** Text forms of bytes and times at the borders: canonical base64, lower-case hex, ISO 8601 UTC; and their schemas. */
import { z } from 'zod';

/** Decodes canonical padded base64 (RFC 4648, section 4); `undefined` for anything a second spelling could replace. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

export const base64Schema = z.string().refine((text) => decodeBase64(text) !== undefined, 'canonical base64');

export const sha256HexSchema = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in lower-case hex');

/** An instant with milliseconds in UTC, as `Date.toISOString` writes it; years of four digits, so that text sorts as time. */
export const instantSchema = z
  .string()
  .refine((text) => isInstant(text), 'an instant such as 2026-01-31T07:00:00.000Z');

const INSTANT_LENGTH = '2026-01-31T07:00:00.000Z'.length;

function isInstant(text: string): boolean {
  const time = new Date(text);
  return text.length === INSTANT_LENGTH && !Number.isNaN(time.getTime()) && time.toISOString() === text;
}

/** 16 octets of a serial number in lower-case hex; the first octet is 01 to 7f. */
export const serialNumberSchema = z
  .string()
  .regex(/^(0[1-9a-f]|[1-7][0-9a-f])[0-9a-f]{30}$/, 'serial number');

/** Names a node, an operator or a request within one registry. */
export const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a-z, 0-9 and -, at most 40');

/** Text for paper and screen: no control characters, no text that turns the reading direction, one way to write a letter. */
export const lineSchema = (longest: number) =>
  z
    .string()
    .regex(/^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u, 'text on one line')
    .refine((text) => text === text.normalize('NFC'), 'text in Unicode normal form C')
    .max(longest);

/** A day of the calendar. */
export const daySchema = z.iso.date('a day such as 2026-12-31');

/** Half of a surrogate pair, which canonical JSON can only hold as an escape: it would not survive an encoding as UTF-8. */
const HALF_SURROGATE = /(?<!\\)(?:\\\\)*\\ud/;
/** A member that readers drop or take for the object's prototype; in a string its quotes would be escaped. */
const PROTOTYPE_MEMBER = '"__proto__":';

/**
 * Parses JSON text that must be exactly what `JSON.stringify` would write of it: no second spelling, no duplicate
 * key, no white space; nor half a surrogate pair or a member `__proto__`. What is signed or hashed is kept as bytes,
 * and this leaves no room to read them two ways.
 * @returns `undefined` when the bytes are not such text
 */
export function parseCanonicalJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const plain = !HALF_SURROGATE.test(text) && !text.includes(PROTOTYPE_MEMBER);
    return plain && JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text begins as Windows writes UTF-16: a frequent mistake where UTF-8 is expected. */
export function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** The places and reasons of a schema's refusal in one line for an error text; at most five are told. */
export function schemaIssues(error: z.ZodError): string {
  // Whoever gives the wrong file is not helped by all that it lacks to be the right one.
  const isOther = error.issues.some(({ code, path }) => code === 'invalid_value' && path.join() === 'type');
  if (isOther) return 'another kind of file';
  const told = error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'value'}: ${refusalOf(issue)}`);
  return told.join('; ');
}

/** The words of the schema's author; Zod's own are English sentences that begin so. */
function refusalOf(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too small|Too big|Unrecognized)/.test(issue.message)) return issue.message;
  if (issue.code !== 'invalid_type') return 'not allowed';
  return issue.message.endsWith('received undefined') ? 'missing' : `not a ${issue.expected}`;
}
