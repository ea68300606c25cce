/**
 * Reading DER (X.690): node-forge parses, this file holds it to the distinguished form and gives each value its
 * place in the input, so that what was signed can be checked as the very bytes that came in.
 */
import asn1 from 'node-forge/lib/asn1';
import util from 'node-forge/lib/util';
import { Asn1Error } from './errors';
import { decodeOid } from './objectIdentifier';

export type TagClass = 'universal' | 'application' | 'context' | 'private';

/** One value: its tag, its contents, and its whole encoding as a slice of the input. */
export interface DerValue {
  readonly tagClass: TagClass;
  readonly tag: number;
  readonly constructed: boolean;
  /** The contents octets. */
  readonly content: Buffer;
  /** Header and contents. */
  readonly der: Buffer;
  /** The values inside a constructed value; empty for a primitive one. */
  readonly children: readonly DerValue[];
}

const TAG_CLASSES: Readonly<Record<number, TagClass>> = {
  0x00: 'universal',
  0x40: 'application',
  0x80: 'context',
  0xc0: 'private',
};

const MAX_DEPTH = 32;

export interface ReadOptions {
  /** What is being read, for the error text. */
  readonly what: string;
  /** Most bytes accepted; default 65,536. */
  readonly limit?: number;
}

/**
 * Reads exactly one DER value that fills the whole input.
 * @throws Asn1Error `TOO_LARGE`, `NOT_DER`
 */
export function readDer(input: Uint8Array, options: ReadOptions): DerValue {
  const limit = options.limit ?? 65_536;
  if (input.length > limit) {
    throw new Asn1Error('TOO_LARGE', { what: options.what, size: input.length, limit });
  }
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  let parsed: asn1.Asn1;
  try {
    parsed = asn1.fromDer(util.createBuffer(bytes.toString('latin1')), {
      strict: true,
      parseAllBytes: true,
      decodeBitStrings: false,
      maxDepth: MAX_DEPTH,
    } as unknown as boolean);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : 'unreadable';
    throw new Asn1Error('NOT_DER', { what: options.what, reason }, { cause });
  }
  const value = place(parsed, bytes, 0, 0, options.what);
  if (value.end !== bytes.length) {
    throw new Asn1Error('NOT_DER', { what: options.what, reason: 'trailing bytes' });
  }
  return value;
}

/** A value at its place in the input: most are looked at by one of their sides alone, or by their children. */
class PlacedValue implements DerValue {
  constructor(
    readonly tagClass: TagClass,
    readonly tag: number,
    readonly constructed: boolean,
    readonly children: readonly DerValue[],
    private readonly bytes: Buffer,
    private readonly offset: number,
    private readonly contentStart: number,
    readonly end: number,
  ) {}

  get content(): Buffer {
    return this.bytes.subarray(this.contentStart, this.end);
  }

  get der(): Buffer {
    return this.bytes.subarray(this.offset, this.end);
  }
}

/** What the parser gives; its enumerations are the numbers of X.690. */
type Parsed = Omit<asn1.Asn1, 'tagClass' | 'type'> & { readonly tagClass: number; readonly type: number };

/** Finds a parsed value's octets in the input and refuses any header that is not the shortest one. */
function place(parsed: Parsed, bytes: Buffer, offset: number, depth: number, what: string): PlacedValue {
  if (depth > MAX_DEPTH) throw new Asn1Error('NOT_DER', { what, reason: `nested deeper than ${MAX_DEPTH}` });
  const first = bytes[offset] ?? 0;
  const tag = first & 0x1f;
  const constructed = (first & 0x20) !== 0;
  const lengthOctet = bytes[offset + 1] ?? 0;
  let contentStart = offset + 2;
  let length = lengthOctet;
  if (lengthOctet >= 0x80) {
    const count = lengthOctet & 0x7f;
    if (count === 0 || count > 3)
      throw new Asn1Error('NOT_DER', { what, reason: 'indefinite or oversized length' });
    if (contentStart + count > bytes.length) throw new Asn1Error('NOT_DER', { what, reason: 'truncated' });
    length = bytes.readUIntBE(contentStart, count);
    contentStart += count;
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) {
      throw new Asn1Error('NOT_DER', {
        what,
        reason: `length at offset ${offset} is not in the shortest form`,
      });
    }
  }
  // Where the parser read something else than stands here, it has lost its way in the input.
  if (
    tag === 0x1f ||
    parsed.tagClass !== (first & 0xc0) ||
    parsed.type !== tag ||
    parsed.constructed !== constructed
  ) {
    throw new Asn1Error('NOT_DER', { what, reason: `unreadable at offset ${offset}` });
  }
  const end = contentStart + length;
  if (end > bytes.length) throw new Asn1Error('NOT_DER', { what, reason: 'truncated' });
  const children: PlacedValue[] = [];
  if (constructed) {
    let at = contentStart;
    for (const child of parsed.value as Parsed[]) {
      const placed = place(child, bytes, at, depth + 1, what);
      children.push(placed);
      at = placed.end;
    }
    if (at !== end) throw new Asn1Error('NOT_DER', { what, reason: 'contents do not fill their length' });
  }
  const tagClass = TAG_CLASSES[first & 0xc0] ?? 'universal';
  return new PlacedValue(tagClass, tag, constructed, children, bytes, offset, contentStart, end);
}

const UNIVERSAL = {
  1: 'BOOLEAN',
  2: 'INTEGER',
  3: 'BIT STRING',
  4: 'OCTET STRING',
  5: 'NULL',
  6: 'OBJECT IDENTIFIER',
  10: 'ENUMERATED',
  12: 'UTF8String',
  16: 'SEQUENCE',
  17: 'SET',
  18: 'NumericString',
  19: 'PrintableString',
  20: 'TeletexString',
  22: 'IA5String',
  23: 'UTCTime',
  24: 'GeneralizedTime',
  26: 'VisibleString',
  28: 'UniversalString',
  30: 'BMPString',
} as const;
type UniversalTag = keyof typeof UNIVERSAL;

/** Names a value's tag for people: `INTEGER`, `[0]`. */
export function describeTag(value: DerValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value.tagClass === 'context') return `[${value.tag}]`;
  if (value.tagClass !== 'universal') return `${value.tagClass} tag ${value.tag}`;
  return (UNIVERSAL as Partial<Record<number, string>>)[value.tag] ?? `universal tag ${value.tag}`;
}

function unexpected(what: string, found: string, expected: string): Asn1Error {
  return new Asn1Error('UNEXPECTED', { what, found, expected });
}

function universal(value: DerValue | undefined, tag: UniversalTag, what: string): DerValue {
  const constructed = tag === 16 || tag === 17;
  if (value?.tagClass !== 'universal' || value.tag !== tag || value.constructed !== constructed) {
    throw unexpected(what, describeTag(value), UNIVERSAL[tag]);
  }
  return value;
}

/** Whether the value is `[tag]`, implicit or explicit. */
export function isContext(value: DerValue | undefined, tag: number): value is DerValue {
  return value?.tagClass === 'context' && value.tag === tag;
}

/** Whether the value has the given universal tag number. */
export function isUniversal(value: DerValue | undefined, tag: UniversalTag): value is DerValue {
  return value?.tagClass === 'universal' && value.tag === tag;
}

export function readSequence(value: DerValue | undefined, what: string): readonly DerValue[] {
  return universal(value, 16, what).children;
}

/** Members of a SET or SET OF, refused unless in DER's ascending order (X.690, 10.3 and 11.6). */
export function readSet(value: DerValue | undefined, what: string): readonly DerValue[] {
  const children = universal(value, 17, what).children;
  children.forEach((child, index) => {
    const previous = children[index - 1];
    if (previous !== undefined && Buffer.compare(previous.der, child.der) > 0) {
      throw unexpected(what, 'a SET out of order', 'ascending order');
    }
  });
  return children;
}

export function readBoolean(value: DerValue | undefined, what: string): boolean {
  const { content } = universal(value, 1, what);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    throw unexpected(what, content.toString('hex'), '00 or ff');
  }
  return content[0] === 0xff;
}

function minimalInteger(content: Buffer, what: string): Buffer {
  const [first, second] = content;
  const padded =
    second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (first === undefined || padded) throw unexpected(what, 'a padded INTEGER', 'the shortest form');
  return content;
}

/** The two's-complement contents of an INTEGER, as they stand. */
export function readIntegerBytes(value: DerValue | undefined, what: string): Buffer {
  return minimalInteger(universal(value, 2, what).content, what);
}

export function readInteger(value: DerValue | undefined, what: string): bigint {
  const content = readIntegerBytes(value, what);
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`));
}

export function readEnumerated(value: DerValue | undefined, what: string): number {
  const content = minimalInteger(universal(value, 10, what).content, what);
  if (content.length > 2) throw unexpected(what, content.toString('hex'), 'a small ENUMERATED');
  return content.readIntBE(0, content.length);
}

/** Those met so far, by their contents: the same few stand in every certificate. */
const oids = new Map<string, string>();
const MOST_KEPT = 256;

export function readOid(value: DerValue | undefined, what: string): string {
  const { content } = universal(value, 6, what);
  const octets = content.toString('latin1');
  const known = oids.get(octets);
  if (known !== undefined) return known;
  const dotted = decodeOid(content);
  if (dotted === undefined) throw unexpected(what, content.toString('hex', 0, 64), 'an OBJECT IDENTIFIER');
  if (oids.size < MOST_KEPT) oids.set(octets, dotted);
  return dotted;
}

export function readOctets(value: DerValue | undefined, what: string): Buffer {
  return universal(value, 4, what).content;
}

/** The octets of a BIT STRING that holds whole octets (a key or a signature). */
export function readBitStringOctets(value: DerValue | undefined, what: string): Buffer {
  const { content } = universal(value, 3, what);
  if (content[0] !== 0) throw unexpected(what, `${String(content[0])} unused bits`, 'whole octets');
  return content.subarray(1);
}

/** The set bit numbers of a named-bit-list BIT STRING; unused and trailing bits must be as DER wants them. */
export function readNamedBits(value: DerValue | undefined, what: string): readonly number[] {
  const { content } = universal(value, 3, what);
  const unused = content[0] ?? 8;
  const bits: number[] = [];
  for (let bit = 0; bit < (content.length - 1) * 8; bit += 1) {
    if (((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit);
  }
  const last = bits[bits.length - 1];
  const wellFormed =
    last === undefined
      ? content.length === 1 && unused === 0
      : content.length === 2 + (last >> 3) && unused === 7 - (last & 7);
  if (!wellFormed) throw unexpected(what, content.toString('hex'), 'a named-bit list without trailing zeros');
  return bits;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of a UTF8String, PrintableString or IA5String; the older string types are refused. */
export function readText(value: DerValue | undefined, what: string): string {
  if (value?.tagClass === 'universal' && !value.constructed) {
    if (value.tag === 12) {
      try {
        return UTF8.decode(value.content);
      } catch (cause) {
        throw new Asn1Error('UNEXPECTED', { what, found: 'broken UTF-8', expected: 'UTF-8' }, { cause });
      }
    }
    if (value.tag === 22 && value.content.every((octet) => octet < 0x80))
      return value.content.toString('latin1');
    if (value.tag === 19 && /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value.content.toString('latin1'))) {
      return value.content.toString('latin1');
    }
  }
  throw unexpected(what, describeTag(value), 'UTF8String, PrintableString or IA5String');
}

/** UTCTime or GeneralizedTime in the forms RFC 5280, section 4.1.2.5 allows: seconds, `Z`. */
export function readTime(value: DerValue | undefined, what: string): Date {
  const digits = value?.content.toString('latin1') ?? '';
  const utc = isUniversal(value, 23) && /^\d{12}Z$/.test(digits);
  const generalized = isUniversal(value, 24) && /^\d{14}Z$/.test(digits);
  if (!utc && !generalized)
    throw unexpected(what, describeTag(value), 'UTCTime or GeneralizedTime ending in Z');
  const century = utc ? (digits >= '50' ? '19' : '20') : '';
  const all = century + digits;
  const [date, ofDay] = [
    [all.slice(0, 4), all.slice(4, 6), all.slice(6, 8)],
    [8, 10, 12],
  ] as const;
  const iso = `${date.join('-')}T${ofDay.map((at) => all.slice(at, at + 2)).join(':')}.000Z`;
  const time = new Date(iso);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso)
    throw unexpected(what, digits, 'a real date');
  return time;
}
