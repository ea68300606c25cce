/** GeneralName (RFC 5280, section 4.2.1.6): the names of a subjectAltName, of name constraints and of places to fetch from. */
import { der, type DerValue } from '../asn1';
import { X509Error } from './errors';
import { unexpected } from './fields';
import { decodeName, encodeName, type Name } from './names';

export type GeneralName =
  | { readonly kind: 'email'; readonly value: string }
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'uri'; readonly value: string }
  /** Network byte order: 4 or 16 octets; in name constraints 8 or 32, the address followed by its mask. */
  | { readonly kind: 'ip'; readonly value: Buffer }
  | { readonly kind: 'directory'; readonly name: Name }
  /** A form with no meaning here, kept as it was read. */
  | { readonly kind: 'other'; readonly der: Buffer };

/** Lengths of an iPAddress in octets, as an address and as an address with its mask. */
const IP_ADDRESS_LENGTHS = [4, 16] as const;
export const IP_SUBNET_LENGTHS = [8, 32] as const;

const TAGS = {
  other: 0,
  email: 1,
  dns: 2,
  x400: 3,
  directory: 4,
  ediParty: 5,
  uri: 6,
  ip: 7,
  registered: 8,
} as const;

/** Printable ASCII. IA5String would also allow control characters, NUL among them, which no name of these kinds has. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** The value, if an IA5String of ours can hold it. @throws X509Error `NAME_VALUE_NOT_ENCODABLE` */
export function printable(type: string, value: string): string {
  if (!PRINTABLE.test(value)) throw new X509Error('NAME_VALUE_NOT_ENCODABLE', { type, allowed: 'ASCII' });
  return value;
}

/**
 *     GeneralName ::= CHOICE {
 *       otherName [0], rfc822Name [1] IA5String, dNSName [2] IA5String, x400Address [3], directoryName [4] Name,
 *       ediPartyName [5], uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET STRING, registeredID [8] }
 *
 * @throws X509Error `NAME_VALUE_NOT_ENCODABLE`
 */
export function encodeGeneralName(name: GeneralName): Buffer {
  switch (name.kind) {
    case 'email':
    case 'dns':
    case 'uri':
      return der.implicitPrimitive(TAGS[name.kind], Buffer.from(printable(name.kind, name.value), 'latin1'));
    case 'ip':
      if (![...IP_ADDRESS_LENGTHS, ...IP_SUBNET_LENGTHS].some((length) => length === name.value.length)) {
        throw new X509Error('NAME_VALUE_NOT_ENCODABLE', { type: name.kind, allowed: '4, 8, 16, 32 octets' });
      }
      return der.implicitPrimitive(TAGS.ip, name.value);
    case 'directory':
      // Explicit, because Name is itself a CHOICE (X.680, 31.2.7).
      return der.explicit(TAGS.directory, encodeName(name.name));
    case 'other':
      return name.der;
  }
}

/**
 * Reads one GeneralName.
 * @param ipLengths the lengths an iPAddress may have here
 * @throws Asn1Error `UNEXPECTED`, X509Error of `decodeName`
 */
export function decodeGeneralName(
  value: DerValue,
  what: string,
  ipLengths: readonly number[] = IP_ADDRESS_LENGTHS,
): GeneralName {
  if (value.tagClass !== 'context') throw unexpected(what, 'a value without its tag', 'a GeneralName');
  const primitive = (): Buffer => {
    if (value.constructed) throw unexpected(what, `a constructed [${value.tag}]`, 'a primitive one');
    return value.content;
  };
  const text = (): string => {
    const characters = primitive().toString('latin1');
    if (!PRINTABLE.test(characters))
      throw unexpected(what, `[${value.tag}] ${value.content.subarray(0, 64).toString('hex')}`, 'ASCII');
    return characters;
  };
  switch (value.tag) {
    case TAGS.email:
      return { kind: 'email', value: text() };
    case TAGS.dns:
      return { kind: 'dns', value: text() };
    case TAGS.uri:
      return { kind: 'uri', value: text() };
    case TAGS.ip: {
      const octets = primitive();
      if (!ipLengths.includes(octets.length)) {
        throw unexpected(what, `an iPAddress of ${octets.length} octets`, ipLengths.join(' or '));
      }
      return { kind: 'ip', value: octets };
    }
    case TAGS.directory: {
      const [name, ...rest] = value.children;
      if (name === undefined || rest.length > 0) throw unexpected(what, 'a directoryName', 'one Name in it');
      return { kind: 'directory', name: decodeName(name, what) };
    }
    case TAGS.other:
    case TAGS.x400:
    case TAGS.ediParty:
    case TAGS.registered:
      return { kind: 'other', der: value.der };
    default:
      throw unexpected(what, `[${value.tag}]`, 'a GeneralName, [0] to [8]');
  }
}
