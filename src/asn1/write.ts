/** Writing DER (X.690): each function gives the complete encoding of one value, so static parts can be kept and reused. */
import { encodeOid } from './objectIdentifier';

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** Identifier and length octets alone, of a value whose contents follow elsewhere. */
export function header(tagOctet: number, length: number): Buffer {
  return Buffer.from([tagOctet, ...lengthOctets(length)]);
}

/** Tag octet, shortest length, contents. */
function tlv(tagOctet: number, ...contents: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of contents) length += part.length;
  const head = lengthOctets(length);
  const encoding = Buffer.allocUnsafe(1 + head.length + length);
  encoding[0] = tagOctet;
  encoding.set(head, 1);
  let at = 1 + head.length;
  for (const part of contents) {
    encoding.set(part, at);
    at += part.length;
  }
  return encoding;
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...members);
}

/** SET OF: members are put into DER's ascending order (X.690, 11.6). */
export function setOf(...members: readonly Uint8Array[]): Buffer {
  return tlv(0x31, ...[...members].sort((a, b) => Buffer.compare(a, b)));
}

/** `[tag] EXPLICIT`. */
export function explicit(tag: number, value: Uint8Array): Buffer {
  return tlv(0xa0 | tag, value);
}

/** `[tag] IMPLICIT` of a primitive type: the contents octets under a new tag. */
export function implicitPrimitive(tag: number, content: Uint8Array): Buffer {
  return tlv(0x80 | tag, content);
}

/** `[tag] IMPLICIT` of a constructed type: the members under a new tag. */
export function implicitConstructed(tag: number, ...members: readonly Uint8Array[]): Buffer {
  return tlv(0xa0 | tag, ...members);
}

export function boolean(value: boolean): Buffer {
  return tlv(0x01, Uint8Array.of(value ? 0xff : 0));
}

/** Two's complement, shortest form. */
export function integer(value: bigint | number): Buffer {
  return tlv(0x02, integerContent(BigInt(value)));
}

/** Unsigned big-endian octets as a positive INTEGER. */
export function unsignedInteger(octets: Uint8Array): Buffer {
  return integer(BigInt(`0x${Buffer.from(octets).toString('hex') || '0'}`));
}

function integerContent(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length += 1;
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  );
}

export function enumerated(value: number): Buffer {
  return tlv(0x0a, integerContent(BigInt(value)));
}

export function octetString(octets: Uint8Array): Buffer {
  return tlv(0x04, octets);
}

/** A BIT STRING of whole octets (a key or a signature). */
export function bitString(octets: Uint8Array): Buffer {
  return tlv(0x03, Uint8Array.of(0), octets);
}

/** A named-bit list: the given bit numbers set, no trailing zero bits (X.690, 11.2.2). */
export function namedBits(bits: readonly number[]): Buffer {
  if (bits.length === 0) return tlv(0x03, Uint8Array.of(0));
  const last = Math.max(...bits);
  const octets = Buffer.alloc(1 + (last >> 3));
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return tlv(0x03, Uint8Array.of(7 - (last & 7)), octets);
}

export function nullValue(): Buffer {
  return tlv(0x05);
}

/** Those met so far: the same few stand in every certificate. */
const oids = new Map<string, Buffer>();
const MOST_KEPT = 256;

export function oid(dotted: string): Buffer {
  const known = oids.get(dotted);
  if (known !== undefined) return known;
  const encoding = tlv(0x06, encodeOid(dotted));
  if (oids.size < MOST_KEPT) oids.set(dotted, encoding);
  return encoding;
}

export function utf8String(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text, 'utf8'));
}

export function printableString(text: string): Buffer {
  return tlv(0x13, Buffer.from(text, 'latin1'));
}

export function ia5String(text: string): Buffer {
  return tlv(0x16, Buffer.from(text, 'latin1'));
}

function timeDigits(time: Date): string {
  const [date = '', ofDay = ''] = time.toISOString().split('T');
  return `${date.replaceAll('-', '')}${ofDay.slice(0, 8).replaceAll(':', '')}Z`;
}

/** UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280, section 4.1.2.5); fractions of a second are dropped. */
export function time(value: Date): Buffer {
  const digits = timeDigits(value);
  const year = value.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? tlv(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : generalizedTime(value);
}

export function generalizedTime(value: Date): Buffer {
  return tlv(0x18, Buffer.from(timeDigits(value), 'latin1'));
}
