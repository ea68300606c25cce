/** Certificates (RFC 5280, section 4.1): the bytes to be signed, the signed whole, and both read back. */
import { der, isContext, readDer, readInteger, readSequence, type DerValue } from '../asn1';
import { sha256Hex, verifySignature, type SignatureAlgorithm } from '../signer';
import { wrapAsn1, X509Error } from './errors';
import { decodeExtensions, type Extensions } from './extensions';
import {
  encodeSerialNumber,
  readExplicit,
  readPkixTime,
  readSerialNumber,
  refuseRest,
  sequenceOf,
  unexpected,
} from './fields';
import { decodeName, foreignStrings, type ForeignString, type Name } from './names';
import { readPublicKey, type SubjectPublicKey } from './publicKey';
import { readSignatureAlgorithm, signatureAlgorithmIdentifier } from './signatureAlgorithm';
import { encodeSigned, readSigned, requireSameAlgorithm } from './signed';
import type { KeyUsage } from './usages';

/** What goes into a certificate; `…Der` parts are complete encodings, so that those which recur are made once. */
export interface TbsCertificateInput {
  /** 16 octets in lower-case hex, the first from 01 to 7f. */
  readonly serialNumber: string;
  /** Of the issuer's key. */
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** DER Name. */
  readonly issuer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DER Name. */
  readonly subject: Uint8Array;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** DER Extension each, in the order in which they are to stand. */
  readonly extensions: readonly Uint8Array[];
}

export interface TbsCertificate {
  /** The bytes that are signed, as they were read. */
  readonly der: Buffer;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** The AlgorithmIdentifier as it was read: one algorithm may have several. */
  readonly signatureAlgorithmDer: Buffer;
  readonly issuer: Name;
  readonly issuerDer: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subject: Name;
  readonly subjectDer: Buffer;
  /** Attributes of the subject in another string type than `encodeName` writes. */
  readonly subjectForeignStrings: readonly ForeignString[];
  readonly publicKey: SubjectPublicKey;
  readonly extensions: Extensions;
}

export interface Certificate {
  readonly der: Buffer;
  readonly tbs: TbsCertificate;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** RSA: the signature octets; ECDSA: DER Ecdsa-Sig-Value. */
  readonly signature: Buffer;
  /** Fingerprint: SHA-256 of `der`, lower-case hex. */
  readonly sha256: string;
}

/** More than ten times the size of a certificate of ours. */
const MAX_CERTIFICATE = 65_536;

const VERSION_3 = der.explicit(0, der.integer(2));

/** The form every serial number given out here has; see `TbsCertificateInput`. */
const ISSUED_SERIAL_NUMBER = /^(?:0[1-9a-f]|[1-7][0-9a-f])[0-9a-f]{30}$/;

/** The last moment a GeneralizedTime can tell (RFC 5280, section 4.1.2.5: "no well-defined expiration date"). */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 *     TBSCertificate ::= SEQUENCE {
 *       version [0] EXPLICIT INTEGER { v3(2) }, serialNumber INTEGER, signature AlgorithmIdentifier,
 *       issuer Name, validity SEQUENCE { notBefore Time, notAfter Time }, subject Name,
 *       subjectPublicKeyInfo SubjectPublicKeyInfo, extensions [3] EXPLICIT Extensions }
 *
 * Fractions of a second are dropped from the times.
 * @throws X509Error `CERTIFICATE_MALFORMED` on a serial number or a validity that no certificate may have
 */
export function buildTbsCertificate(input: TbsCertificateInput): Buffer {
  const { serialNumber, notBefore, notAfter } = input;
  return wrapAsn1(() => {
    const what = 'TBSCertificate';
    if (!ISSUED_SERIAL_NUMBER.test(serialNumber)) {
      throw unexpected(`${what}, serial number`, serialNumber.slice(0, 64), '16 octets from 01 to 7f on');
    }
    if (!(notBefore <= notAfter && notAfter.getTime() <= LAST_MOMENT)) {
      throw unexpected(`${what}, validity`, 'an end before the start or after the year 9999', 'a period');
    }
    return der.sequence(
      VERSION_3,
      encodeSerialNumber(serialNumber),
      signatureAlgorithmIdentifier(input.signatureAlgorithm),
      input.issuer,
      der.sequence(der.time(notBefore), der.time(notAfter)),
      input.subject,
      input.spki,
      der.explicit(3, sequenceOf(input.extensions, `${what}, extensions`)),
    );
  }, malformed('TBSCertificate'));
}

/**
 * The same certificate with another serial number of the same form. All other bytes stay as they are, so what was
 * read of them still holds: a plan is read and judged once, and gets its number when its place is known.
 * @throws X509Error `CERTIFICATE_MALFORMED` if either number is not of the form given out here
 */
export function withSerialNumber(tbs: TbsCertificate, serialNumber: string): TbsCertificate {
  return wrapAsn1(() => {
    const [before, after] = [encodeSerialNumber(tbs.serialNumber), encodeSerialNumber(serialNumber)];
    const at = tbs.der.indexOf(Buffer.concat([VERSION_3, before]));
    const wellFormed = [tbs.serialNumber, serialNumber].every((number) => ISSUED_SERIAL_NUMBER.test(number));
    // After the SEQUENCE's tag and length, nothing comes before the version.
    if (!wellFormed || at < 2 || at > 4) {
      throw unexpected('serial number', serialNumber.slice(0, 64), 'one in the place of another');
    }
    const bytes = Buffer.from(tbs.der);
    after.copy(bytes, at + VERSION_3.length);
    return { ...tbs, der: bytes, serialNumber };
  }, malformed('TBSCertificate'));
}

/** The certificate: what was signed, with its signature as the `Signer` gave it. @returns DER */
export function assembleCertificate(
  tbs: Uint8Array,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
): Buffer {
  return encodeSigned(tbs, algorithm, signature);
}

/**
 * Reads a TBSCertificate of version 3.
 * @param what whose certificate it is, for the error text
 * @param known a key read before: taken instead of importing the same bytes again, which costs more than all the rest
 * @throws X509Error `CERTIFICATE_MALFORMED` and those of `decodeName`, `readPublicKey`, `readSignatureAlgorithm`
 */
export function readTbsCertificate(tbs: Uint8Array, what: string, known?: SubjectPublicKey): TbsCertificate {
  return wrapAsn1(
    () => tbsCertificate(readDer(tbs, { what, limit: MAX_CERTIFICATE }), what, known),
    malformed(what),
  );
}

/**
 * Reads a certificate. The signature is not checked: see `verifyIssuedBy`.
 * @param input DER
 * @param what whose certificate it is, for the error text
 * @throws X509Error `CERTIFICATE_MALFORMED` and those of `decodeName`, `readPublicKey`, `readSignatureAlgorithm`
 */
export function readCertificate(input: Uint8Array, what: string): Certificate {
  return wrapAsn1(() => {
    const signed = readSigned(input, what, MAX_CERTIFICATE);
    const tbs = tbsCertificate(signed.tbs, what);
    // RFC 5280, section 4.1.1.2: the algorithm that is signed is the one that is named outside.
    requireSameAlgorithm(signed, tbs.signatureAlgorithmDer, what);
    return {
      der: signed.der,
      tbs,
      signatureAlgorithm: signed.signatureAlgorithm,
      signature: signed.signature,
      sha256: sha256Hex(signed.der),
    };
  }, malformed(what));
}

function tbsCertificate(value: DerValue, what: string, known?: SubjectPublicKey): TbsCertificate {
  const [version, serial, algorithm, issuer, validity, subject, spki, extensions, ...rest] = readSequence(
    value,
    what,
  );
  if (!isContext(version, 0) || readInteger(readExplicit(version, what), what) !== 2n) {
    throw unexpected(`${what}, version`, 'another version', 'version 3');
  }
  // The unique identifiers [1] and [2] are not generated by a conforming CA (section 4.1.2.8) and not read here.
  if (
    algorithm === undefined ||
    issuer === undefined ||
    subject === undefined ||
    spki === undefined ||
    !isContext(extensions, 3)
  ) {
    throw unexpected(
      what,
      'other members',
      'a TBSCertificate with extensions and without unique identifiers',
    );
  }
  refuseRest(rest, what);
  const [notBefore, notAfter, ...times] = readSequence(validity, `${what}, validity`);
  refuseRest(times, `${what}, validity`);
  const name = decodeName(subject, `${what}, subject`);
  return {
    der: value.der,
    serialNumber: readSerialNumber(serial, what),
    signatureAlgorithm: readSignatureAlgorithm(algorithm, what),
    signatureAlgorithmDer: algorithm.der,
    issuer: decodeName(issuer, `${what}, issuer`),
    issuerDer: issuer.der,
    notBefore: readPkixTime(notBefore, `${what}, notBefore`),
    notAfter: readPkixTime(notAfter, `${what}, notAfter`),
    subject: name,
    subjectDer: subject.der,
    subjectForeignStrings: foreignStrings(subject, name),
    publicKey: known?.spki.equals(spki.der) === true ? known : readPublicKey(spki.der, what),
    extensions: decodeExtensions(readExplicit(extensions, what), what),
  };
}

/**
 * Whether the signature over the certificate's bytes, as they were read, is the issuer's. Given as a certificate, the
 * issuer must also bear the name, be a CA and be allowed to sign certificates (RFC 5280, sections 6.1.3 (a)(4) and
 * 6.1.4 (k), (n)). Validity, constraints and revocation are not looked at.
 */
export function verifyIssuedBy(certificate: Certificate, issuer: SubjectPublicKey | Certificate): boolean {
  const { tbs, signatureAlgorithm, signature } = certificate;
  return isSignedByIssuer(
    { der: tbs.der, issuerDer: tbs.issuerDer, signatureAlgorithm, signature },
    issuer,
    'keyCertSign',
  );
}

/** The check behind `verifyIssuedBy` and `verifyCrl`. */
export function isSignedByIssuer(
  signed: {
    readonly der: Buffer;
    readonly issuerDer: Buffer;
    readonly signatureAlgorithm: SignatureAlgorithm;
    readonly signature: Buffer;
  },
  issuer: SubjectPublicKey | Certificate,
  usage: KeyUsage,
): boolean {
  if (!('tbs' in issuer))
    return verifySignature(signed.signatureAlgorithm, issuer.key, signed.der, signed.signature);
  const { subjectDer, extensions, publicKey } = issuer.tbs;
  return (
    subjectDer.equals(signed.issuerDer) &&
    extensions.basicConstraints?.ca === true &&
    (extensions.keyUsage?.includes(usage) ?? true) &&
    isSignedByIssuer(signed, publicKey, usage)
  );
}

function malformed(what: string): (reason: string, cause: unknown) => X509Error {
  return (reason, cause) => new X509Error('CERTIFICATE_MALFORMED', { what, reason }, { cause });
}
