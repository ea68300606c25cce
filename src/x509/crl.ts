/** Certificate revocation lists (RFC 5280, section 5): the bytes to be signed, the signed whole, and both read back. */
import {
  der,
  describeTag,
  isContext,
  isUniversal,
  OID,
  readEnumerated,
  readInteger,
  readSequence,
  readTime,
  type DerValue,
} from '../asn1';
import type { SignatureAlgorithm } from '../signer';
import { isSignedByIssuer, type Certificate } from './certificate';
import { decodeIssuingDistributionPoint, encodeIssuingDistributionPoint } from './distributionPoints';
import { wrapAsn1, X509Error } from './errors';
import { encodeExtension, extensionValue, readExtensions, refuseUnknownCritical } from './extension';
import { authorityKeyIdentifier, readAuthorityKeyIdentifier } from './extensions';
import {
  encodeSerialNumber,
  readExplicit,
  readPkixTime,
  readSerialNumber,
  readSequenceOf,
  refuseRest,
  sequenceOf,
  unexpected,
} from './fields';
import { decodeName, type Name } from './names';
import type { SubjectPublicKey } from './publicKey';
import { reasonCode, reasonOfCode, type RevocationReason } from './revocationReason';
import { readSignatureAlgorithm, signatureAlgorithmIdentifier } from './signatureAlgorithm';
import { encodeSigned, readSigned, requireSameAlgorithm } from './signed';

/** One revoked certificate. */
export interface CrlEntry {
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly revocationDate: Date;
  /** Absent means unspecified. */
  readonly reason?: RevocationReason;
  /** Since when the key is known or suspected to be exposed. */
  readonly invalidityDate?: Date;
}

export interface TbsCertListInput {
  /** Of the issuer's key. */
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** DER Name. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: readonly CrlEntry[];
  /** 0 or more, at most 20 octets (section 5.2.3). */
  readonly crlNumber: bigint | number;
  /** The issuer's subjectKeyIdentifier. */
  readonly authorityKeyId: Uint8Array;
  /** Set on a CRL that is one of several: the cRLDistributionPoints of the certificates it speaks for. */
  readonly distributionPoint?: readonly string[];
  /** Set on a CRL that keeps what was revoked beyond its end: for certificates that ended then or later. */
  readonly expiredSince?: Date;
}

export interface CertificateList {
  readonly der: Buffer;
  /** The bytes that are signed, as they were read. */
  readonly tbs: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** RSA: the signature octets; ECDSA: DER Ecdsa-Sig-Value. */
  readonly signature: Buffer;
  readonly issuer: Name;
  readonly issuerDer: Buffer;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: readonly CrlEntry[];
  readonly crlNumber: bigint;
  readonly authorityKeyId?: Buffer;
  readonly distributionPoint?: readonly string[];
  /** It tells also of certificates that have ended, then or later; without it, it need not. */
  readonly expiredSince?: Date;
}

/** Most bytes and entries of a CRL. */
const MAX_CRL = 16 * 1024 * 1024;
const MAX_ENTRIES = 500_000;

const CRL_NUMBER_LIMIT = 2n ** 159n;
const VERSION_2 = der.integer(1);

/**
 *     TBSCertList ::= SEQUENCE {
 *       version INTEGER { v2(1) }, signature AlgorithmIdentifier, issuer Name, thisUpdate Time, nextUpdate Time,
 *       revokedCertificates SEQUENCE SIZE (1..MAX) OF SEQUENCE {
 *         userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL } OPTIONAL,
 *       crlExtensions [0] EXPLICIT Extensions }
 *
 * An empty list of revoked certificates is left out (section 5.1.2.6); fractions of a second are dropped.
 * @throws X509Error `CRL_MALFORMED` on values that no complete CRL may have
 */
export function buildTbsCertList(input: TbsCertListInput): Buffer {
  const { entries, thisUpdate, nextUpdate, distributionPoint, expiredSince } = input;
  return wrapAsn1(() => {
    if (!(thisUpdate < nextUpdate))
      throw unexpected('nextUpdate', 'a moment before thisUpdate', 'a later one');
    return der.sequence(
      VERSION_2,
      signatureAlgorithmIdentifier(input.signatureAlgorithm),
      input.issuer,
      der.time(thisUpdate),
      der.time(nextUpdate),
      ...(entries.length === 0 ? [] : [sequenceOf(entries.map(encodeEntry), 'revokedCertificates')]),
      der.explicit(
        0,
        der.sequence(
          authorityKeyIdentifier(input.authorityKeyId),
          encodeCrlNumber(BigInt(input.crlNumber)),
          ...(distributionPoint === undefined ? [] : [issuingDistributionPoint(distributionPoint)]),
          ...(expiredSince === undefined ? [] : [expiredCertsOnCrl(expiredSince)]),
        ),
      ),
    );
  }, malformed);
}

/** Section 5.2.3. `CRLNumber ::= INTEGER (0..MAX)` */
function encodeCrlNumber(crlNumber: bigint): Buffer {
  if (crlNumber < 0n || crlNumber >= CRL_NUMBER_LIMIT) {
    throw unexpected('cRLNumber', String(crlNumber).slice(0, 64), '0 to 2^159');
  }
  return encodeExtension(OID.crlNumber, false, der.integer(crlNumber));
}

/** Section 5.2.5; critical: who overlooks it takes the shard for the whole. */
function issuingDistributionPoint(urls: readonly string[]): Buffer {
  return encodeExtension(OID.issuingDistributionPoint, true, encodeIssuingDistributionPoint(urls));
}

/** X.509 (2019), section 9.5.2.8: who checks an old signature may then rely on a CRL made after its certificate's end. */
function expiredCertsOnCrl(since: Date): Buffer {
  return encodeExtension(OID.expiredCertsOnCrl, false, der.generalizedTime(since));
}

function encodeEntry({ serialNumber, revocationDate, reason, invalidityDate }: CrlEntry): Buffer {
  const serial = encodeSerialNumber(serialNumber);
  const extensions: Buffer[] = [];
  // Section 5.3.1: removeFromCRL stands in delta CRLs only.
  if (reason === 'removeFromCRL') throw unexpected('reasonCode', reason, 'a reason of a complete CRL');
  const code = reasonCode(reason);
  if (code !== undefined) extensions.push(encodeExtension(OID.reasonCode, false, der.enumerated(code)));
  if (invalidityDate !== undefined) {
    // Section 5.3.2: GeneralizedTime in every year.
    extensions.push(encodeExtension(OID.invalidityDate, false, der.generalizedTime(invalidityDate)));
  }
  return extensions.length === 0
    ? der.sequence(serial, der.time(revocationDate))
    : der.sequence(serial, der.time(revocationDate), der.sequence(...extensions));
}

/** The CRL: what was signed, with its signature as the `Signer` gave it. @returns DER */
export function assembleCrl(tbs: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Buffer {
  return encodeSigned(tbs, algorithm, signature);
}

/**
 * Reads a complete CRL of version 2; delta and indirect CRLs are refused. The signature is not checked: see `verifyCrl`.
 * @param input DER
 * @param what whose CRL it is, for the error text
 * @param limit most bytes read
 * @throws X509Error `CRL_MALFORMED` and those of `decodeName`, `readSignatureAlgorithm`
 */
export function readCrl(input: Uint8Array, what: string, limit = MAX_CRL): CertificateList {
  return wrapAsn1(() => {
    const signed = readSigned(input, what, limit);
    const members = [...readSequence(signed.tbs, what)];
    const [version, algorithm, issuer, thisUpdate, nextUpdate] = members.splice(0, 5);
    if (readInteger(version, `${what}, version`) !== 1n)
      throw unexpected(what, 'another version', 'version 2');
    if (algorithm === undefined || issuer === undefined)
      throw unexpected(what, 'too few members', 'a TBSCertList');
    const signatureAlgorithm = readSignatureAlgorithm(algorithm, what);
    // Section 5.1.1.2: the algorithm that is signed is the one that is named outside.
    requireSameAlgorithm(signed, algorithm.der, what);
    const revoked = isUniversal(members[0], 16)
      ? readSequenceOf(members.shift(), `${what}, revokedCertificates`, MAX_ENTRIES)
      : [];
    const [extensions, ...rest] = members;
    refuseRest(rest, what);
    if (!isContext(extensions, 0)) throw unexpected(what, 'no extensions', 'a CRL number at least');
    return {
      der: signed.der,
      tbs: signed.tbs.der,
      signatureAlgorithm,
      signature: signed.signature,
      issuer: decodeName(issuer, `${what}, issuer`),
      issuerDer: issuer.der,
      thisUpdate: readPkixTime(thisUpdate, `${what}, thisUpdate`),
      nextUpdate: readPkixTime(nextUpdate, `${what}, nextUpdate`),
      entries: revoked.map((entry) => readEntry(entry, what)),
      ...readCrlExtensions(readExplicit(extensions, what), what),
    };
  }, malformed);
}

function readCrlExtensions(
  value: DerValue,
  what: string,
): Pick<CertificateList, 'crlNumber' | 'authorityKeyId' | 'distributionPoint' | 'expiredSince'> {
  const extensions = readExtensions(value, what);
  refuseUnknownCritical(
    extensions,
    [OID.crlNumber, OID.authorityKeyIdentifier, OID.issuingDistributionPoint],
    what,
  );
  const find = (oid: string): DerValue | undefined => {
    const extension = extensions.find((candidate) => candidate.oid === oid);
    return extension && extensionValue(extension, what);
  };
  const keyId = find(OID.authorityKeyIdentifier);
  const authorityKeyId = keyId && readAuthorityKeyIdentifier(keyId, `${what}, authorityKeyIdentifier`);
  const scope = find(OID.issuingDistributionPoint);
  const since = find(OID.expiredCertsOnCrl);
  const crlNumber = readInteger(find(OID.crlNumber), `${what}, cRLNumber`);
  if (crlNumber < 0n || crlNumber >= CRL_NUMBER_LIMIT)
    throw unexpected(what, 'a cRLNumber out of range', '0 to 2^159');
  return {
    crlNumber,
    ...(authorityKeyId && { authorityKeyId }),
    ...(scope && {
      distributionPoint: decodeIssuingDistributionPoint(scope, `${what}, issuingDistributionPoint`),
    }),
    ...(since && { expiredSince: readGeneralizedTime(since, `${what}, expiredCertsOnCRL`) }),
  };
}

function readEntry(value: DerValue, what: string): CrlEntry {
  const [serial, date, extensionsValue, ...rest] = readSequence(value, `${what}, revoked certificate`);
  refuseRest(rest, what);
  const entry = {
    serialNumber: readSerialNumber(serial, what),
    revocationDate: readPkixTime(date, `${what}, revocationDate`),
  };
  if (extensionsValue === undefined) return entry;
  const extensions = readExtensions(extensionsValue, what);
  // Among those refused is certificateIssuer (section 5.3.3): the entry would speak of another CA's certificate.
  refuseUnknownCritical(extensions, [OID.reasonCode, OID.invalidityDate], what);
  return extensions.reduce<CrlEntry>((found, extension) => {
    switch (extension.oid) {
      case OID.reasonCode:
        return { ...found, reason: readReason(extensionValue(extension, what), `${what}, reasonCode`) };
      case OID.invalidityDate:
        return {
          ...found,
          invalidityDate: readGeneralizedTime(extensionValue(extension, what), `${what}, invalidityDate`),
        };
      default:
        return found;
    }
  }, entry);
}

function readReason(value: DerValue, what: string): RevocationReason {
  const code = readEnumerated(value, what);
  const reason = reasonOfCode(code);
  if (reason === undefined || reason === 'removeFromCRL')
    throw unexpected(what, `${code}`, 'a reason of a complete CRL');
  return reason;
}

function readGeneralizedTime(value: DerValue, what: string): Date {
  if (!isUniversal(value, 24)) throw unexpected(what, describeTag(value), 'GeneralizedTime');
  return readTime(value, what);
}

/**
 * Whether the CRL is the issuer's: its signature over the bytes as they were read; given as a certificate, the issuer
 * must also bear the name and be allowed to sign CRLs (RFC 5280, section 6.3.3 (f), (g)). Times are not looked at.
 */
export function verifyCrl(crl: CertificateList, issuer: SubjectPublicKey | Certificate): boolean {
  const { tbs, issuerDer, signatureAlgorithm, signature } = crl;
  return isSignedByIssuer({ der: tbs, issuerDer, signatureAlgorithm, signature }, issuer, 'cRLSign');
}

function malformed(reason: string, cause: unknown): X509Error {
  return new X509Error('CRL_MALFORMED', { reason }, { cause });
}
