/** Distinguished names (RFC 5280, section 4.1.2.4) and their DER. */
import { der, describeTag, OID, readOid, readSequence, readSet, readText, type DerValue } from '../asn1';
import { wrapAsn1, X509Error } from './errors';

/** The naming attributes used here, by the short names of RFC 4519 and OpenSSL. */
export const ATTRIBUTE_TYPES = [
  'C',
  'ST',
  'L',
  'O',
  'OU',
  'CN',
  'E',
  'T',
  'serialNumber',
  'SN',
  'GN',
  'organizationIdentifier',
] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** One relative distinguished name: here always one attribute. */
export interface NameAttribute {
  readonly type: AttributeType;
  readonly value: string;
}

/** A distinguished name in the order in which it is encoded: the widest attribute (C) usually first. */
export type Name = readonly NameAttribute[];

const ATTRIBUTE_OIDS: Readonly<Record<AttributeType, string>> = {
  C: OID.countryName,
  ST: OID.stateOrProvinceName,
  L: OID.localityName,
  O: OID.organizationName,
  OU: OID.organizationalUnitName,
  CN: OID.commonName,
  E: OID.emailAddress,
  T: OID.title,
  serialNumber: OID.serialNumber,
  SN: OID.surname,
  GN: OID.givenName,
  organizationIdentifier: OID.organizationIdentifier,
};

const TYPES_BY_OID: ReadonlyMap<string, AttributeType> = new Map(
  ATTRIBUTE_TYPES.map((type) => [ATTRIBUTE_OIDS[type], type]),
);

/** More than any real name has; keeps later work on a hostile one small. */
const MAX_ATTRIBUTES = 64;

/** The string type of each attribute as `encodeName` writes it, with its tag. */
const STRING_TYPES = { PrintableString: 19, IA5String: 22, UTF8String: 12 } as const;

function stringTypeOf(type: AttributeType): keyof typeof STRING_TYPES {
  if (type === 'C' || type === 'serialNumber') return 'PrintableString';
  return type === 'E' ? 'IA5String' : 'UTF8String';
}

/**
 * Encodes a name: C and serialNumber as PrintableString, E as IA5String, all others as UTF8String; values in
 * Normalization Form C, so that a name typed on another system gives the same bytes.
 *
 *     Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
 *
 * @returns DER RDNSequence
 * @throws X509Error `NAME_VALUE_NOT_ENCODABLE`
 */
export function encodeName(name: Name): Buffer {
  return der.sequence(
    ...name.map(({ type, value }) =>
      der.setOf(der.sequence(der.oid(ATTRIBUTE_OIDS[type]), encodeValue(type, value.normalize('NFC')))),
    ),
  );
}

function encodeValue(type: AttributeType, value: string): Buffer {
  const must = (pattern: RegExp, allowed: string): string => {
    if (!pattern.test(value)) throw new X509Error('NAME_VALUE_NOT_ENCODABLE', { type, allowed });
    return value;
  };
  switch (stringTypeOf(type)) {
    case 'PrintableString':
      return der.printableString(must(/^[A-Za-z0-9 '()+,\-./:=?]+$/, "A–Z a–z 0–9 ' ( ) + , - . / : = ?"));
    case 'IA5String':
      return der.ia5String(must(/^[\u0000-\u007f]+$/, 'ASCII'));
    case 'UTF8String':
      return der.utf8String(must(/^\P{Cs}+$/u, 'Unicode'));
  }
}

/**
 * Reads a name as it is encoded; values are not checked beyond being text (see `checkNameValue`). A relative
 * distinguished name of several attributes is refused: every rule here speaks of one attribute at one place.
 * @param what whose name it is, for the error text
 * @throws X509Error `NAME_MALFORMED`, `NAME_ATTRIBUTE_UNKNOWN`
 */
export function decodeName(value: DerValue, what: string): Name {
  const malformed = (reason: string, cause?: unknown): X509Error =>
    new X509Error('NAME_MALFORMED', { what, reason }, { cause });
  return wrapAsn1(() => {
    const rdns = readSequence(value, what);
    if (rdns.length > MAX_ATTRIBUTES) throw malformed(`more than ${MAX_ATTRIBUTES} attributes`);
    return rdns.map((rdn) => {
      const attributes = readSet(rdn, what);
      if (attributes.length !== 1) throw malformed(`${attributes.length} attributes at one place`);
      const [typeValue, textValue, ...rest] = readSequence(attributes[0], what);
      if (rest.length > 0) throw malformed('an attribute of more than two parts');
      const oid = readOid(typeValue, what);
      const type = TYPES_BY_OID.get(oid);
      if (type === undefined) {
        throw new X509Error('NAME_ATTRIBUTE_UNKNOWN', {
          what,
          attribute: oid,
          allowed: ATTRIBUTE_TYPES.join(', '),
        });
      }
      const text = readText(textValue, what);
      if (text === '') throw malformed(`an empty ${type}`);
      return { type, value: text };
    });
  }, malformed);
}

/** An attribute in another string type than `encodeName` writes: readable, but another name to a strict program. */
export interface ForeignString {
  readonly type: AttributeType;
  readonly found: string;
  readonly allowed: string;
}

/**
 * The attributes of a name that stand in another string type than theirs.
 * @param encoded the name's encoding, as `decodeName` has read it
 */
export function foreignStrings(encoded: DerValue, name: Name): readonly ForeignString[] {
  return encoded.children.flatMap((rdn, index) => {
    const value = rdn.children[0]?.children[1];
    const type = name[index]?.type;
    if (type === undefined || value?.tag === STRING_TYPES[stringTypeOf(type)]) return [];
    return [{ type, found: describeTag(value), allowed: stringTypeOf(type) }];
  });
}
