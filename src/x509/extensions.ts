/** The certificate extensions this product writes and reads (RFC 5280, section 4.2; RFC 6960, section 4.2.2.2.1). */
import {
  der,
  isContext,
  isUniversal,
  OID,
  readBoolean,
  readInteger,
  readNamedBits,
  readOctets,
  readOid,
  readSequence,
  readText,
  type DerValue,
} from '../asn1';
import { decodeDistributionPoints, encodeDistributionPoints } from './distributionPoints';
import { encodeExtension, extensionValue, readExtensions, type Extension } from './extension';
import { readSequenceOf, refuseRest, sequenceOf, unexpected } from './fields';
import { decodeGeneralName, encodeGeneralName, printable, type GeneralName } from './generalName';
import {
  decodeNameConstraints,
  encodeNameConstraints,
  type NameConstraints,
  type NameConstraintsInput,
} from './nameConstraints';
import {
  extendedKeyUsageOf,
  extendedKeyUsageOid,
  KEY_USAGES,
  type ExtendedKeyUsage,
  type KeyUsage,
} from './usages';

export interface BasicConstraints {
  readonly ca: boolean;
  /** Most CA certificates that may follow below this one, the leaf not counted. */
  readonly pathLength?: number;
}

export interface CertificatePolicy {
  /** Dotted. */
  readonly oid: string;
  /** URL of the certification practice statement. */
  readonly cps?: string;
  /** User notice: a text that programs show to whoever relies on the certificate. */
  readonly notice?: string;
}

/** The extensions of a certificate or a request; a property is absent if the extension is. */
export interface Extensions {
  readonly all: readonly Extension[];
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: readonly KeyUsage[];
  /** By name where it is one of ours, dotted otherwise. */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltName?: readonly GeneralName[];
  readonly policies?: readonly CertificatePolicy[];
  readonly crlDistributionPoints?: readonly string[];
  /** URLs of authorityInfoAccess. */
  readonly ocsp?: readonly string[];
  readonly caIssuers?: readonly string[];
  readonly subjectKeyIdentifier?: Buffer;
  readonly authorityKeyIdentifier?: Buffer;
  readonly nameConstraints?: NameConstraints;
  readonly ocspNoCheck: boolean;
  /** Dotted OIDs of the extensions that no property above tells of. */
  readonly unknown: readonly string[];
}

/**
 * RFC 5280, section 4.2.1.9; critical.
 *
 *     BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }
 */
export function basicConstraints({ ca, pathLength }: BasicConstraints): Buffer {
  const members = ca ? [der.boolean(true)] : [];
  if (ca && pathLength !== undefined) members.push(der.integer(pathLength));
  return encodeExtension(OID.basicConstraints, true, der.sequence(...members));
}

function readBasicConstraints(value: DerValue, what: string): BasicConstraints {
  const [ca, pathLength, ...rest] = readSequence(value, what);
  refuseRest(rest, what);
  if (ca === undefined) return { ca: false };
  if (!readBoolean(ca, what)) throw unexpected(what, 'cA FALSE', 'a default value left out');
  if (pathLength === undefined) return { ca: true };
  const length = readInteger(pathLength, what);
  if (length < 0n || length > 255n)
    throw unexpected(what, `a path length of ${String(length).slice(0, 20)}`, '0 to 255');
  return { ca: true, pathLength: Number(length) };
}

/** RFC 5280, section 4.2.1.3; critical. `KeyUsage ::= BIT STRING { digitalSignature (0), … decipherOnly (8) }` */
export function keyUsage(usages: readonly KeyUsage[]): Buffer {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  if (bits.length === 0) throw unexpected('keyUsage', 'nothing', 'at least one usage');
  return encodeExtension(OID.keyUsage, true, der.namedBits(bits));
}

function readKeyUsage(value: DerValue, what: string): readonly KeyUsage[] {
  const bits = readNamedBits(value, what);
  if (bits.length === 0) throw unexpected(what, 'no usage', 'at least one');
  return bits.map((bit) => {
    const usage = KEY_USAGES[bit];
    if (usage === undefined) throw unexpected(what, `bit ${bit}`, `bits 0 to ${KEY_USAGES.length - 1}`);
    return usage;
  });
}

/**
 * RFC 5280, section 4.2.1.12. `ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId`; critical for a signer of
 * timestamps (RFC 3161, section 2.3), who has that purpose alone.
 */
export function extendedKeyUsage(usages: readonly ExtendedKeyUsage[]): Buffer {
  const purposes = usages.map((usage) => der.oid(extendedKeyUsageOid(usage)));
  const critical = usages.join() === 'timeStamping';
  return encodeExtension(OID.extKeyUsage, critical, sequenceOf(purposes, 'extKeyUsage'));
}

function readExtendedKeyUsage(value: DerValue, what: string): readonly string[] {
  return readSequenceOf(value, what).map((member) => {
    const oid = readOid(member, what);
    return extendedKeyUsageOf(oid) ?? oid;
  });
}

/** RFC 5280, section 4.2.1.6; not critical, because subjects here are never empty. `SubjectAltName ::= GeneralNames` */
export function subjectAltName(names: readonly GeneralName[]): Buffer {
  return encodeExtension(
    OID.subjectAltName,
    false,
    sequenceOf(names.map(encodeGeneralName), 'subjectAltName'),
  );
}

function readSubjectAltName(value: DerValue, what: string): readonly GeneralName[] {
  return readSequenceOf(value, what).map((member) => {
    const name = decodeGeneralName(member, what);
    if ('value' in name && name.value.length === 0)
      throw unexpected(what, `an empty ${name.kind} name`, 'a name');
    return name;
  });
}

/** RFC 5280, section 4.2.1.2. `SubjectKeyIdentifier ::= OCTET STRING`. @param keyId see `keyIdentifier` */
export function subjectKeyIdentifier(keyId: Uint8Array): Buffer {
  return encodeExtension(OID.subjectKeyIdentifier, false, der.octetString(keyId));
}

/**
 * RFC 5280, section 4.2.1.1.
 *
 *     AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING OPTIONAL,
 *       authorityCertIssuer [1] OPTIONAL, authorityCertSerialNumber [2] OPTIONAL }
 *
 * @param keyId the issuer's subjectKeyIdentifier
 */
export function authorityKeyIdentifier(keyId: Uint8Array): Buffer {
  return encodeExtension(OID.authorityKeyIdentifier, false, der.sequence(der.implicitPrimitive(0, keyId)));
}

/** The key identifier inside; `undefined` if the issuer is told in another way only. */
export function readAuthorityKeyIdentifier(value: DerValue, what: string): Buffer | undefined {
  const [first] = readSequence(value, what);
  if (!isContext(first, 0)) return undefined;
  if (first.constructed) throw unexpected(what, 'a constructed [0]', 'a primitive one');
  return first.content;
}

/**
 * RFC 5280, section 4.2.1.4.
 *
 *     CertificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation
 *     PolicyInformation ::= SEQUENCE { policyIdentifier OBJECT IDENTIFIER,
 *       policyQualifiers SEQUENCE SIZE (1..MAX) OF PolicyQualifierInfo OPTIONAL }
 *     PolicyQualifierInfo ::= SEQUENCE { policyQualifierId OBJECT IDENTIFIER, qualifier ANY }
 *     CPSuri ::= IA5String
 *     UserNotice ::= SEQUENCE { noticeRef NoticeReference OPTIONAL, explicitText DisplayText OPTIONAL }
 *
 * The explicit text is a UTF8String, as conforming CAs are to use.
 */
export function certificatePolicies(policies: readonly CertificatePolicy[]): Buffer {
  const members = policies.map(({ oid, cps, notice }) => {
    const qualifiers: Buffer[] = [];
    if (cps !== undefined) {
      qualifiers.push(der.sequence(der.oid(OID.cps), der.ia5String(printable('cps', cps))));
    }
    if (notice !== undefined) {
      qualifiers.push(der.sequence(der.oid(OID.userNotice), der.sequence(der.utf8String(notice))));
    }
    return qualifiers.length === 0
      ? der.sequence(der.oid(oid))
      : der.sequence(der.oid(oid), der.sequence(...qualifiers));
  });
  return encodeExtension(OID.certificatePolicies, false, sequenceOf(members, 'certificatePolicies'));
}

/** Of the qualifiers, one CPS URL and the explicit text of one user notice are told of. */
function readCertificatePolicies(value: DerValue, what: string): readonly CertificatePolicy[] {
  const policies = readSequenceOf(value, what).map((member): CertificatePolicy => {
    const [id, qualifiers, ...rest] = readSequence(member, what);
    refuseRest(rest, what);
    const oid = readOid(id, what);
    const urls: string[] = [];
    const notices: string[] = [];
    for (const qualifier of qualifiers === undefined ? [] : readSequenceOf(qualifiers, what)) {
      const [kind, content, ...more] = readSequence(qualifier, what);
      refuseRest(more, what);
      const id = readOid(kind, what);
      if (id === OID.cps) urls.push(readText(content, what));
      if (id === OID.userNotice) notices.push(...readUserNotice(content, what));
    }
    if (urls.length > 1) throw unexpected(what, `${urls.length} CPS URLs for ${oid}`, 'at most one');
    if (notices.length > 1) throw unexpected(what, `${notices.length} notices for ${oid}`, 'at most one');
    const [cps] = urls;
    const [notice] = notices;
    return { oid, ...(cps !== undefined && { cps }), ...(notice !== undefined && { notice }) };
  });
  if (new Set(policies.map((policy) => policy.oid)).size < policies.length) {
    throw unexpected(what, 'a policy twice', 'each policy once');
  }
  return policies;
}

/** The explicit text of a UserNotice; none if the notice is given by reference only, or in an older string type. */
function readUserNotice(value: DerValue | undefined, what: string): readonly string[] {
  const text = readSequence(value, what).at(-1);
  return isUniversal(text, 12) || isUniversal(text, 22) ? [readText(text, what)] : [];
}

/** RFC 5280, section 4.2.1.13; each URL is a mirror with a DistributionPoint of its own. */
export function crlDistributionPoints(urls: readonly string[]): Buffer {
  return encodeExtension(OID.crlDistributionPoints, false, encodeDistributionPoints(urls));
}

/**
 * RFC 5280, section 4.2.2.1.
 *
 *     AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription
 *     AccessDescription ::= SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName }
 */
export function authorityInfoAccess(urls: {
  readonly ocsp: readonly string[];
  readonly caIssuers: readonly string[];
}): Buffer {
  const members = (['ocsp', 'caIssuers'] as const).flatMap((method) =>
    urls[method].map((value) =>
      der.sequence(der.oid(OID[method]), encodeGeneralName({ kind: 'uri', value })),
    ),
  );
  return encodeExtension(OID.authorityInfoAccess, false, sequenceOf(members, 'authorityInfoAccess'));
}

function readAuthorityInfoAccess(value: DerValue, what: string): Pick<Extensions, 'ocsp' | 'caIssuers'> {
  const accesses = readSequenceOf(value, what).map((member) => {
    const [method, location, ...rest] = readSequence(member, what);
    refuseRest(rest, what);
    if (location === undefined) throw unexpected(what, 'nothing', 'a location');
    return { method: readOid(method, what), name: decodeGeneralName(location, what) };
  });
  const urls = (oid: string): readonly string[] =>
    accesses.flatMap(({ method, name }) => (method === oid && name.kind === 'uri' ? [name.value] : []));
  return { ocsp: urls(OID.ocsp), caIssuers: urls(OID.caIssuers) };
}

/** RFC 6960, section 4.2.2.2.1: clients need not ask for the status of this OCSP responder. The value is NULL. */
export function ocspNoCheck(): Buffer {
  return encodeExtension(OID.ocspNoCheck, false, der.nullValue());
}

function readOcspNoCheck(value: DerValue, what: string): boolean {
  if (!isUniversal(value, 5) || value.der.length !== 2)
    throw unexpected(what, value.der.toString('hex', 0, 8), 'NULL');
  return true;
}

/** RFC 5280, section 4.2.1.10; critical. */
export function nameConstraints(constraints: NameConstraintsInput): Buffer {
  return encodeExtension(OID.nameConstraints, true, encodeNameConstraints(constraints));
}

type Decoder = (value: DerValue, what: string) => Partial<Extensions>;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  [OID.basicConstraints, (value, what) => ({ basicConstraints: readBasicConstraints(value, what) })],
  [OID.keyUsage, (value, what) => ({ keyUsage: readKeyUsage(value, what) })],
  [OID.extKeyUsage, (value, what) => ({ extendedKeyUsage: readExtendedKeyUsage(value, what) })],
  [OID.subjectAltName, (value, what) => ({ subjectAltName: readSubjectAltName(value, what) })],
  [OID.certificatePolicies, (value, what) => ({ policies: readCertificatePolicies(value, what) })],
  [
    OID.crlDistributionPoints,
    (value, what) => ({ crlDistributionPoints: decodeDistributionPoints(value, what) }),
  ],
  [OID.authorityInfoAccess, readAuthorityInfoAccess],
  [OID.subjectKeyIdentifier, (value, what) => ({ subjectKeyIdentifier: readOctets(value, what) })],
  [
    OID.authorityKeyIdentifier,
    (value, what) => {
      const keyId = readAuthorityKeyIdentifier(value, what);
      return keyId === undefined ? {} : { authorityKeyIdentifier: keyId };
    },
  ],
  [OID.nameConstraints, (value, what) => ({ nameConstraints: decodeNameConstraints(value, what) })],
  [OID.ocspNoCheck, (value, what) => ({ ocspNoCheck: readOcspNoCheck(value, what) })],
]);

/** What stands alike in every certificate of a CA and profile. */
const RECURRING: readonly string[] = [
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.certificatePolicies,
  OID.crlDistributionPoints,
  OID.authorityInfoAccess,
  OID.authorityKeyIdentifier,
];
/** Values of those met lately, with what they say. */
const recurring = new Map<string, Partial<Extensions>>();
const MOST_KEPT = 256;
const MOST_OCTETS = 1024;

function decodeExtension(decode: Decoder, extension: Extension, what: string): Partial<Extensions> {
  const { oid, value } = extension;
  const recurs = value.length <= MOST_OCTETS && RECURRING.includes(oid);
  const key = recurs ? `${oid} ${value.toString('latin1')}` : '';
  const known = recurs ? recurring.get(key) : undefined;
  if (known !== undefined) return known;
  const decoded = decode(extensionValue(extension, what), `${what}, extension ${oid}`);
  if (recurring.size >= MOST_KEPT) recurring.clear();
  if (recurs) recurring.set(key, decoded);
  return decoded;
}

/**
 * Reads `Extensions` of a certificate or of a request's extensionRequest.
 * @param what whose extensions they are, for the error text
 * @throws Asn1Error `UNEXPECTED`, `NOT_DER`; X509Error of `decodeName`
 */
export function decodeExtensions(value: DerValue, what: string): Extensions {
  const all = readExtensions(value, what);
  const unknown: string[] = [];
  let decoded: Partial<Extensions> = {};
  for (const extension of all) {
    const decode = DECODERS.get(extension.oid);
    if (decode === undefined) unknown.push(extension.oid);
    else decoded = { ...decoded, ...decodeExtension(decode, extension, what) };
  }
  return { ocspNoCheck: false, ...decoded, all, unknown };
}
