/** Extension (RFC 5280, section 4.2): the frame that certificates, CRLs, their entries and OCSP messages share. */
import {
  der,
  isUniversal,
  readBoolean,
  readDer,
  readOctets,
  readOid,
  readSequence,
  type DerValue,
} from '../asn1';
import { readSequenceOf, refuseRest, unexpected } from './fields';

export interface Extension {
  /** Dotted. */
  readonly oid: string;
  readonly critical: boolean;
  /** What the OCTET STRING holds. */
  readonly value: Buffer;
}

/** More extensions than any certificate, CRL or OCSP message of ours has. */
const MAX_EXTENSIONS = 64;

/**
 *     Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
 */
export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Buffer {
  const id = der.oid(oid);
  const octets = der.octetString(value);
  return critical ? der.sequence(id, der.boolean(true), octets) : der.sequence(id, octets);
}

/**
 * Reads `Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension`; an extension given twice is refused (RFC 5280, section 4.2).
 * @throws Asn1Error `UNEXPECTED`
 */
export function readExtensions(value: DerValue | undefined, what: string): readonly Extension[] {
  const seen = new Set<string>();
  return readSequenceOf(value, `${what}, extensions`, MAX_EXTENSIONS).map((member) => {
    const extension = readExtension(member, what);
    if (seen.has(extension.oid))
      throw unexpected(what, `extension ${extension.oid} twice`, 'each extension once');
    seen.add(extension.oid);
    return extension;
  });
}

function readExtension(member: DerValue, what: string): Extension {
  const [id, ...parts] = readSequence(member, `${what}, extension`);
  const oid = readOid(id, `${what}, extension`);
  const where = `${what}, extension ${oid}`;
  const critical = isUniversal(parts[0], 1) ? readBoolean(parts.shift(), where) : undefined;
  if (critical === false) throw unexpected(where, 'critical FALSE', 'a default value left out');
  const [octets, ...rest] = parts;
  refuseRest(rest, where);
  return { oid, critical: critical === true, value: readOctets(octets, where) };
}

/** Reads the DER inside an extension. @throws Asn1Error `NOT_DER` */
export function extensionValue(extension: Extension, what: string): DerValue {
  return readDer(extension.value, { what: `${what}, extension ${extension.oid}` });
}

/**
 * Refuses critical extensions outside the given ones: who does not process a critical extension has to reject what
 * carries it (RFC 5280, sections 5.2 and 5.3; RFC 6960, section 4.4).
 * @throws Asn1Error `UNEXPECTED`
 */
export function refuseUnknownCritical(
  extensions: readonly Extension[],
  known: readonly string[],
  what: string,
): void {
  const foreign = extensions.find((extension) => extension.critical && !known.includes(extension.oid));
  if (foreign !== undefined) {
    throw unexpected(what, `critical extension ${foreign.oid}`, 'only critical extensions known here');
  }
}
