/**
 * A second reader of DER, which shares nothing with `src/asn1`. What is about to be signed was written, and at planning
 * read back, by that room: a mistake in its idea of DER would be made twice and seen never. Here the bytes are read by
 * other code, which judges every octet of the encoding (X.690, sections 8, 10 and 11) and goes on after a fault where the
 * rest can still be told, so that all faults are found at once.
 */
import { isUtf8 } from 'node:buffer';
import type { LintCheckId as CheckId } from '../../i18n/messages/lint';

/** Universal tags, as far as certificates use them. */
export const TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  utf8String: 12,
  sequence: 16,
  set: 17,
  printableString: 19,
  t61String: 20,
  ia5String: 22,
  utcTime: 23,
  generalizedTime: 24,
  visibleString: 26,
  universalString: 28,
  bmpString: 30,
} as const;

const UNIVERSAL = 0;
const CONTEXT = 2;
const CONSTRUCTED = 0x20;

/** Values within values; a certificate needs a dozen, with the contents of its extensions. */
const MAX_DEPTH = 24;
/** Values in one certificate: several hundred stand in the largest one in use. */
const MAX_VALUES = 8_192;

/** One value: where it stands in the input, and what it is made of. Offsets are those `openssl asn1parse` shows. */
export class DerNode {
  constructor(
    readonly input: Buffer,
    /** Offset of the identifier octet. */
    readonly start: number,
    /** Offset of the contents. */
    readonly at: number,
    /** Offset behind the contents. */
    readonly end: number,
    /** 0 universal, 1 application, 2 context, 3 private. */
    readonly tagClass: number,
    readonly tag: number,
    readonly constructed: boolean,
    readonly children: readonly DerNode[],
  ) {}

  /** Whether it is of a universal type. */
  is(tag: number): boolean {
    return this.tagClass === UNIVERSAL && this.tag === tag;
  }

  /** Whether it bears the context tag `[tag]`. */
  isContext(tag: number): boolean {
    return this.tagClass === CONTEXT && this.tag === tag;
  }

  get length(): number {
    return this.end - this.at;
  }

  /** The contents octets. */
  get content(): Buffer {
    return this.input.subarray(this.at, this.end);
  }

  /** The whole encoding. */
  get der(): Buffer {
    return this.input.subarray(this.start, this.end);
  }

  /** The contents as text, octet for octet: for the string types that are subsets of ASCII. */
  get latin1(): string {
    return this.input.toString('latin1', this.at, this.end);
  }

  /** The contents as UTF-8. */
  get utf8(): string {
    return this.input.toString('utf8', this.at, this.end);
  }
}

/** Called for each departure from DER: the rule, the offset at which it shows, what stands there and what should. */
export type DerFault = (check: CheckId, offset: number, found: string, allowed: string) => void;

/** Reads values from one input, and counts them over all of it. */
export class DerReader {
  #values = 0;

  constructor(
    private readonly input: Buffer,
    private readonly fault: DerFault,
  ) {}

  /**
   * The one value that the range holds.
   * @param trailing the rule that is broken when octets are left behind it
   * @returns `undefined`, after a fault, where nothing can be made of the octets
   */
  readWhole(from: number, to: number, trailing: CheckId): DerNode | undefined {
    const value = this.#read(from, to, 0);
    if (value !== undefined && value.end < to) {
      this.fault(trailing, value.end, `${String(to - value.end)} octets`, '0 octets');
    }
    return value;
  }

  #read(start: number, limit: number, depth: number): DerNode | undefined {
    const { input } = this;
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) {
      const allowed = `depth ≤ ${String(MAX_DEPTH)}, values ≤ ${String(MAX_VALUES)}`;
      this.fault('der-bounded', start, `depth ${String(depth)}, value ${String(this.#values)}`, allowed);
      return undefined;
    }
    let at = start;
    if (at >= limit) {
      this.#unreadable(start, 'nothing', 'a value');
      return undefined;
    }
    const identifier = input[at++] ?? 0;
    let tag = identifier & 0x1f;
    if (tag === 0x1f) {
      tag = 0;
      const first = at;
      let octet;
      do {
        if (at >= limit || at - first > 3) {
          this.#unreadable(start, 'an endless tag', '≤ 4 octets');
          return undefined;
        }
        octet = input[at++] ?? 0;
        tag = tag * 128 + (octet & 0x7f);
      } while (octet >= 0x80);
      if (tag < 0x1f || input[first] === 0x80) {
        this.fault('der-tag-minimal', start, `tag ${String(tag)} in ${String(at - start)} octets`, 'fewest');
      }
    }
    if (at >= limit) {
      this.#unreadable(start, 'a tag alone', 'a length');
      return undefined;
    }
    let length = input[at++] ?? 0;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0) {
        this.fault('der-length-definite', start, '80', 'a definite length');
        return undefined;
      }
      if (octets > 4 || at + octets > limit) {
        this.#unreadable(start, `a length of ${String(octets)} octets`, '≤ 4 octets, all there');
        return undefined;
      }
      const first = input[at] ?? 0;
      length = 0;
      for (let read = 0; read < octets; read += 1) length = length * 256 + (input[at++] ?? 0);
      if (length < 0x80 || first === 0) {
        this.fault(
          'der-length-minimal',
          start,
          `${String(length)} in ${String(octets + 1)} octets`,
          'fewest',
        );
      }
    }
    const end = at + length;
    if (end > limit) {
      this.#unreadable(start, `${String(length)} octets`, `≤ ${String(limit - at)} octets`);
      return undefined;
    }
    const constructed = (identifier & CONSTRUCTED) !== 0;
    const tagClass = identifier >> 6;
    if (tagClass === UNIVERSAL && constructed !== (tag === TAG.sequence || tag === TAG.set)) {
      const form = constructed ? 'constructed' : 'primitive';
      this.fault('der-form', start, `${form} [UNIVERSAL ${String(tag)}]`, 'SEQUENCE, SET: constructed only');
      // Fragments of a string or octets that are no members: nothing to be read further.
      return undefined;
    }
    if (!constructed) {
      const value = new DerNode(input, start, at, end, tagClass, tag, false, NO_CHILDREN);
      if (tagClass === UNIVERSAL) this.#judgePrimitive(value);
      return value;
    }
    const children: DerNode[] = [];
    for (let next = at; next < end;) {
      const child = this.#read(next, end, depth + 1);
      if (child === undefined) return undefined;
      children.push(child);
      next = child.end;
    }
    if (tagClass === UNIVERSAL && tag === TAG.set && children.length > 1) this.#judgeSet(children);
    return new DerNode(input, start, at, end, tagClass, tag, true, children);
  }

  #unreadable(offset: number, found: string, allowed: string): void {
    this.fault('der-readable', offset, found, allowed);
  }

  #judgePrimitive(value: DerNode): void {
    const { at, length, start } = value;
    const first = this.input[at] ?? 0;
    const second = this.input[at + 1] ?? 0;
    switch (value.tag) {
      case TAG.boolean:
        if (length !== 1 || (first !== 0 && first !== 0xff)) this.#fault('der-boolean', value, '00 | FF');
        return;
      case TAG.integer:
        if (
          length === 0 ||
          (length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
        ) {
          this.#fault('der-integer-minimal', value, 'fewest octets, ≥ 1');
        }
        return;
      case TAG.bitString: {
        const last = this.input[value.end - 1] ?? 0;
        const unused = (1 << first) - 1;
        if (length === 0 || first > 7 || (length === 1 ? first > 0 : (last & unused) !== 0)) {
          this.#fault('der-bit-string', value, '0–7 unused bits, all 0');
        }
        return;
      }
      case TAG.null:
        if (length !== 0) this.#fault('der-null', value, '0 octets');
        return;
      case TAG.oid:
        this.#judgeOid(value);
        return;
      case TAG.utf8String:
        if (!isAscii(this.input, at, value.end) && !isUtf8(value.content)) {
          this.#fault('string-utf8', value, 'UTF-8');
        }
        return;
      case TAG.printableString:
        if (!PRINTABLE.test(value.latin1)) this.#fault('string-printable', value, PRINTABLE_CHARACTERS);
        return;
      case TAG.ia5String:
        if (!isAscii(this.input, at, value.end)) this.#fault('string-ia5', value, 'ASCII');
        return;
      case TAG.bmpString:
      case TAG.universalString: {
        const octets = value.tag === TAG.bmpString ? 2 : 4;
        if (length % octets !== 0) this.#fault('string-wide', value, `n × ${String(octets)} octets`);
        return;
      }
      default:
        if (value.tag === 0) this.fault('der-length-definite', start, 'end-of-contents', 'a value');
    }
  }

  /** Each arc in the fewest octets, the last one complete (X.690, section 8.19). */
  #judgeOid(value: DerNode): void {
    let beginsArc = true;
    const end = value.length > MAX_OID_OCTETS ? value.at : value.end;
    for (let at = value.at; at < end; at += 1) {
      const octet = this.input[at] ?? 0;
      if (beginsArc && octet === 0x80) break;
      beginsArc = octet < 0x80;
      if (beginsArc && at === end - 1) return;
    }
    this.#fault('der-oid', value, `whole arcs in the fewest octets, ≤ ${String(MAX_OID_OCTETS)}`);
  }

  /** Members in ascending order of their encodings (X.690, section 11.6; for the sets of a name also 10.3). */
  #judgeSet(members: readonly DerNode[]): void {
    members.slice(1).forEach((member, before) => {
      const previous = members[before];
      if (previous !== undefined && Buffer.compare(previous.der, member.der) > 0) {
        this.fault('der-set-order', member.start, 'a member before a smaller one', 'ascending');
      }
    });
  }

  #fault(check: CheckId, value: DerNode, allowed: string): void {
    this.fault(check, value.start, hexOf(value), allowed);
  }
}

/** Three times the longest in use, which hold a UUID. */
const MAX_OID_OCTETS = 64;
const NO_CHILDREN: readonly DerNode[] = [];
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const PRINTABLE_CHARACTERS = "A–Z a–z 0–9 ' ( ) + , - . / : = ? U+0020";
const SHOWN_OCTETS = 24;

/** A value's first octets, for a finding. */
export function hexOf(value: DerNode): string {
  const shown = value.input.toString('hex', value.start, Math.min(value.end, value.start + SHOWN_OCTETS));
  return value.end - value.start > SHOWN_OCTETS ? `${shown}…` : shown;
}

function isAscii(input: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if ((input[at] ?? 0) >= 0x80) return false;
  return true;
}

/** An object identifier in dotted form. Arcs beyond 2^53 keep their digits as well; one of absurd length comes in hex. */
export function dottedOid(value: DerNode): string {
  if (value.length > MAX_OID_OCTETS) return hexOf(value);
  let dotted = '';
  let arc = 0;
  let large: bigint | undefined;
  for (let at = value.at; at < value.end; at += 1) {
    const octet = value.input[at] ?? 0;
    const bits = octet & 0x7f;
    if (large === undefined && arc > LARGEST_ARC) large = BigInt(arc);
    if (large === undefined) arc = arc * 128 + bits;
    else large = large * 128n + BigInt(bits);
    if (octet >= 0x80) continue;
    if (dotted === '' && large === undefined) {
      const root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
      dotted = `${String(root)}.${String(arc - root * 40)}`;
    } else if (dotted === '') {
      dotted = `2.${String((large ?? 0n) - 80n)}`;
    } else {
      dotted += `.${String(large ?? arc)}`;
    }
    arc = 0;
    large = undefined;
  }
  return dotted;
}
const LARGEST_ARC = Math.floor(Number.MAX_SAFE_INTEGER / 128) - 1;
