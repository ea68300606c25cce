/** OCSP requests (RFC 6960, section 4.1): which certificates' status is asked for. */
import { createHash } from 'node:crypto';
import {
  der,
  isContext,
  OID,
  readBitStringOctets,
  readDer,
  readInteger,
  readOctets,
  readSequence,
  type DerValue,
} from '../asn1';
import { wrapAsn1, X509Error } from './errors';
import { extensionValue, readExtensions, refuseUnknownCritical } from './extension';
import { readExplicit, readSerialNumber, readSequenceOf, refuseRest, unexpected } from './fields';

/** RFC 5754, section 2: parameters are absent, and NULL is to be accepted as well. */
function identifiers(oid: string): readonly Buffer[] {
  return [der.sequence(der.oid(oid)), der.sequence(der.oid(oid), der.nullValue())];
}

const HASHES = [
  { hashAlgorithm: 'sha1', length: 20, identifiers: identifiers(OID.sha1) },
  { hashAlgorithm: 'sha256', length: 32, identifiers: identifiers(OID.sha256) },
  { hashAlgorithm: 'sha384', length: 48, identifiers: identifiers(OID.sha384) },
  { hashAlgorithm: 'sha512', length: 64, identifiers: identifiers(OID.sha512) },
] as const;

/** Names a certificate by its issuer's name and key, hashed, and its serial number. */
export interface CertId {
  readonly hashAlgorithm: (typeof HASHES)[number]['hashAlgorithm'];
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** Lower-case hex. */
  readonly serialNumber: string;
  /** As it was asked; the response repeats it. */
  readonly der: Buffer;
}

export interface OcspRequest {
  readonly certIds: readonly CertId[];
  readonly nonce?: Buffer;
}

const MAX_REQUEST = 16 * 1024;
const MAX_CERT_IDS = 20;
const MAX_NONCE = 128;

/**
 * Reads a request. A signature on it is not looked at: who asks makes no difference to the answer.
 *
 *     OCSPRequest ::= SEQUENCE { tbsRequest TBSRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }
 *     TBSRequest ::= SEQUENCE {
 *       version [0] EXPLICIT INTEGER { v1(0) } DEFAULT v1, requestorName [1] EXPLICIT GeneralName OPTIONAL,
 *       requestList SEQUENCE OF Request, requestExtensions [2] EXPLICIT Extensions OPTIONAL }
 *     Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }
 *
 * @param input DER, at most 16 KiB with at most 20 requests
 * @throws X509Error `OCSP_REQUEST_MALFORMED`
 */
export function readOcspRequest(input: Uint8Array): OcspRequest {
  const what = 'OCSPRequest';
  return wrapAsn1(() => {
    const [tbsRequest, signature, ...rest] = readSequence(readDer(input, { what, limit: MAX_REQUEST }), what);
    refuseRest(rest, what);
    if (signature !== undefined && !isContext(signature, 0)) refuseRest([signature], what);

    const members = [...readSequence(tbsRequest, what)];
    // Some clients write the default version out; nothing is gained by leaving them without an answer.
    if (isContext(members[0], 0) && readInteger(readExplicit(members[0], what), what) !== 0n) {
      throw unexpected(what, 'another version', 'version 1');
    }
    if (isContext(members[0], 0)) members.shift();
    if (isContext(members[0], 1)) members.shift();
    const [requestList, extensions, ...more] = members;
    refuseRest(more, what);
    const certIds = readSequenceOf(requestList, `${what}, requestList`, MAX_CERT_IDS).map((request) =>
      readRequest(request, `${what}, request`),
    );
    const nonce = readOptionalExtensions(extensions, 2, [OID.ocspNonce], what);
    return nonce === undefined ? { certIds } : { certIds, nonce };
  }, malformed);
}

function readRequest(value: DerValue, what: string): CertId {
  const [certId, extensions, ...rest] = readSequence(value, what);
  refuseRest(rest, what);
  readOptionalExtensions(extensions, 0, [], what);
  return readCertId(certId, what);
}

/**
 * Reads extensions under their tag and gives the nonce among them (RFC 9654, section 2.1).
 *
 *     Nonce ::= OCTET STRING (SIZE (1..128))
 */
function readOptionalExtensions(
  value: DerValue | undefined,
  tag: number,
  known: readonly string[],
  what: string,
): Buffer | undefined {
  if (value === undefined) return undefined;
  if (!isContext(value, tag)) throw unexpected(what, 'another member', `extensions [${tag}]`);
  const extensions = readExtensions(readExplicit(value, what), what);
  refuseUnknownCritical(extensions, known, what);
  const extension = extensions.find(({ oid }) => oid === OID.ocspNonce);
  if (extension === undefined) return undefined;
  const nonce = readOctets(extensionValue(extension, what), `${what}, nonce`);
  if (nonce.length < 1 || nonce.length > MAX_NONCE) {
    throw unexpected(`${what}, nonce`, `${nonce.length} octets`, `1 to ${MAX_NONCE}`);
  }
  return nonce;
}

/**
 *     CertID ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, issuerNameHash OCTET STRING,
 *       issuerKeyHash OCTET STRING, serialNumber INTEGER }
 */
function readCertId(value: DerValue | undefined, what: string): CertId {
  const [algorithm, nameHash, keyHash, serial, ...rest] = readSequence(value, `${what}, reqCert`);
  refuseRest(rest, what);
  const known = HASHES.find((hash) => hash.identifiers.some((each) => algorithm?.der.equals(each)));
  if (value === undefined || known === undefined)
    throw unexpected(what, 'another hash', 'SHA-1, SHA-256, SHA-384 or SHA-512');
  const hashOctets = (member: DerValue | undefined, name: string): Buffer => {
    const octets = readOctets(member, `${what}, ${name}`);
    if (octets.length !== known.length) {
      throw unexpected(`${what}, ${name}`, `${octets.length} octets`, `${known.length}`);
    }
    return octets;
  };
  return {
    hashAlgorithm: known.hashAlgorithm,
    issuerNameHash: hashOctets(nameHash, 'issuerNameHash'),
    issuerKeyHash: hashOctets(keyHash, 'issuerKeyHash'),
    serialNumber: readSerialNumber(serial, what),
    der: value.der,
  };
}

/**
 * Whether the issuer that is asked about is this one.
 * @param issuer its name and public key, DER
 * @throws Asn1Error if the key is no SubjectPublicKeyInfo
 */
export function certIdMatches(
  certId: CertId,
  issuer: { readonly nameDer: Uint8Array; readonly spki: Uint8Array },
): boolean {
  const hash = (bytes: Uint8Array): Buffer => createHash(certId.hashAlgorithm).update(bytes).digest();
  const what = 'SubjectPublicKeyInfo';
  const keyOctets = readBitStringOctets(readSequence(readDer(issuer.spki, { what }), what)[1], what);
  return certId.issuerNameHash.equals(hash(issuer.nameDer)) && certId.issuerKeyHash.equals(hash(keyOctets));
}

function malformed(reason: string, cause: unknown): X509Error {
  return new X509Error('OCSP_REQUEST_MALFORMED', { reason }, { cause });
}
