/** Certification requests (PKCS#10, RFC 2986): reading what a subscriber hands in, and making the sub-CA's own. */
import {
  der,
  isContext,
  OID,
  readBitStringOctets,
  readDer,
  readInteger,
  readOid,
  readSequence,
  readSet,
  type DerValue,
} from '../asn1';
import type { Problem } from '../errors';
import { verifyScheme, type Signer } from '../signer';
import { signChecked } from '../signing';
import { isEmailAddress, isHostName } from './addresses';
import { wrapAsn1, X509Error } from './errors';
import { readExtensions } from './extension';
import { readSequenceOf, refuseRest } from './fields';
import { decodeGeneralName, type GeneralName } from './generalName';
import { ATTRIBUTE_TYPES, decodeName, encodeName, type Name } from './names';
import { decodePemOrDer } from './pem';
import { readPublicKey, type SubjectPublicKey } from './publicKey';
import { describePss, pssIdentifiers } from './rsassaPss';
import { encodeSigned } from './signed';

/** A request whose signature and key have been checked. What it asks for is a suggestion, never copied unseen. */
export interface CertificationRequest {
  readonly der: Buffer;
  /** `undefined` when the subject cannot be read as a name used here. */
  readonly subject: Name | undefined;
  /** Why it cannot: an attribute unknown here, an older string type, two attributes at one place. */
  readonly subjectProblem?: Problem;
  readonly publicKey: SubjectPublicKey;
  /** rfc822Name values of the requested subjectAltName. */
  readonly emails: readonly string[];
  /** dNSName values of the requested subjectAltName. */
  readonly dnsNames: readonly string[];
  /** iPAddress values of the requested subjectAltName: 4 or 16 octets. */
  readonly ipAddresses: readonly Buffer[];
  readonly signatureAlgorithm: RequestSignatureAlgorithm;
}

const WHAT = 'certification request';
const LABELS = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'];
const MAX_ATTRIBUTES = 64;

const RSA_SHA2 = OID.sha256WithRsaEncryption.replace(/\.\d+$/, '');
const ECDSA_SHA2 = OID.ecdsaWithSha256.replace(/\.\d+$/, '');
const rsaIdentifiers = (arc: number) => [der.sequence(der.oid(`${RSA_SHA2}.${arc}`), der.nullValue())];
const ecdsaIdentifiers = (arc: number) => [der.sequence(der.oid(`${ECDSA_SHA2}.${arc}`))];
const rsa = { keyType: 'rsa' } as const;
const ec = { keyType: 'ec' } as const;

/** Wider than what we sign with ourselves: tools choose these for a subscriber (RFC 4055, section 5; RFC 5758, section 3.2). */
const REQUEST_ALGORITHMS = [
  { name: 'rsa-sha256', ...rsa, hash: 'sha256', identifiers: rsaIdentifiers(11) },
  { name: 'rsa-sha384', ...rsa, hash: 'sha384', identifiers: rsaIdentifiers(12) },
  { name: 'rsa-sha512', ...rsa, hash: 'sha512', identifiers: rsaIdentifiers(13) },
  { name: 'rsa-pss-sha256', ...rsa, hash: 'sha256', saltLength: 32, identifiers: pssIdentifiers('sha256') },
  { name: 'rsa-pss-sha384', ...rsa, hash: 'sha384', saltLength: 48, identifiers: pssIdentifiers('sha384') },
  { name: 'rsa-pss-sha512', ...rsa, hash: 'sha512', saltLength: 64, identifiers: pssIdentifiers('sha512') },
  { name: 'ecdsa-sha256', ...ec, hash: 'sha256', identifiers: ecdsaIdentifiers(2) },
  { name: 'ecdsa-sha384', ...ec, hash: 'sha384', identifiers: ecdsaIdentifiers(3) },
  { name: 'ecdsa-sha512', ...ec, hash: 'sha512', identifiers: ecdsaIdentifiers(4) },
] as const;
export type RequestSignatureAlgorithm = (typeof REQUEST_ALGORITHMS)[number]['name'];

/** Algorithms met in practice and refused, so that the person is told a name and not a number. */
const REFUSED_ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
};

function malformed(reason: string, cause?: unknown): X509Error {
  return new X509Error('REQUEST_MALFORMED', { reason }, { cause });
}

/**
 * Reads a request in PEM or DER and checks its signature and key. Requested extensions other than subjectAltName are
 * ignored: the profile decides them. Addresses and host names must be well formed, since people will be shown them.
 *
 *     CertificationRequest     ::= SEQUENCE { info CertificationRequestInfo, AlgorithmIdentifier, signature BIT STRING }
 *     CertificationRequestInfo ::= SEQUENCE { version INTEGER (0), subject Name, SubjectPublicKeyInfo,
 *                                             attributes [0] IMPLICIT SET OF Attribute }
 *
 * @throws X509Error `INPUT_TOO_LARGE`, `PEM_MALFORMED`, `REQUEST_MALFORMED`, `REQUEST_ALGORITHM_NOT_ALLOWED`,
 * `REQUEST_SIGNATURE_INVALID`, and the codes of `readPublicKey`
 */
export function readRequest(input: Uint8Array): CertificationRequest {
  const bytes = decodePemOrDer(input, LABELS, WHAT);
  return wrapAsn1(() => {
    const [info, identifier, signatureValue, ...rest] = readSequence(readDer(bytes, { what: WHAT }), WHAT);
    const [version, subject, spki, attributes, ...more] = readSequence(info, 'CertificationRequestInfo');
    if (info === undefined || subject === undefined || spki === undefined || rest.length + more.length > 0) {
      throw malformed('not the parts of a PKCS#10 request');
    }
    if (readInteger(version, 'version') !== 0n) throw malformed('version is not 1 (0)');
    const algorithm = readAlgorithm(identifier);
    const signature = readBitStringOctets(signatureValue, 'signature');

    const publicKey = readPublicKey(spki.der, WHAT);
    if (!verifyScheme(algorithm, publicKey.key, info.der, signature)) {
      throw new X509Error('REQUEST_SIGNATURE_INVALID', {});
    }
    return {
      der: bytes,
      ...readSubject(subject),
      publicKey,
      ...readAlternativeNames(attributes),
      signatureAlgorithm: algorithm.name,
    };
  }, malformed);
}

function readAlgorithm(identifier: DerValue | undefined): (typeof REQUEST_ALGORITHMS)[number] {
  const what = 'signatureAlgorithm';
  const [type] = readSequence(identifier, what);
  const known = REQUEST_ALGORITHMS.find(({ identifiers }) =>
    identifiers.some((bytes) => identifier?.der.equals(bytes)),
  );
  if (known !== undefined) return known;
  const oid = readOid(type, what);
  const pss = oid === OID.rsassaPss && identifier !== undefined ? describePss(identifier) : undefined;
  throw new X509Error('REQUEST_ALGORITHM_NOT_ALLOWED', {
    algorithm: pss ?? REFUSED_ALGORITHMS[oid] ?? oid,
    allowed: REQUEST_ALGORITHMS.map(({ name }) => name).join(', '),
  });
}

function readSubject(value: DerValue): Pick<CertificationRequest, 'subject' | 'subjectProblem'> {
  const what = 'subject';
  try {
    return { subject: decodeName(value, what) };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    const found = error.message;
    const allowed = ATTRIBUTE_TYPES.join(', ');
    return {
      subject: undefined,
      subjectProblem: { code: 'UNREADABLE', where: `csr.${what}`, found, allowed },
    };
  }
}

/** The subjectAltName in the extensionRequest attribute (RFC 2985, section 5.4.2), if there is one. */
function readAlternativeNames(
  attributes: DerValue | undefined,
): Pick<CertificationRequest, 'emails' | 'dnsNames' | 'ipAddresses'> {
  if (attributes !== undefined && !(isContext(attributes, 0) && attributes.constructed)) {
    throw malformed('attributes are not [0]');
  }
  const all = attributes?.children ?? [];
  if (all.length > MAX_ATTRIBUTES) throw malformed(`more than ${MAX_ATTRIBUTES} attributes`);
  const requested = all.flatMap((attribute) => {
    const [type, values, ...rest] = readSequence(attribute, 'attribute');
    refuseRest(rest, 'attribute');
    return readOid(type, 'attribute') === OID.extensionRequest ? readSet(values, 'extensionRequest') : [];
  });
  if (requested.length > 1) throw malformed('more than one extensionRequest');

  const extension = requested
    .flatMap((extensions) => readExtensions(extensions, 'extensionRequest'))
    .find(({ oid }) => oid === OID.subjectAltName);
  if (extension === undefined) return { emails: [], dnsNames: [], ipAddresses: [] };
  const what = 'requested subjectAltName';
  const names = readSequenceOf(readDer(extension.value, { what }), what)
    .filter((name) => [1, 2, 7].some((tag) => isContext(name, tag)))
    .map((name) => decodeGeneralName(name, what));
  return {
    emails: valuesOf(names, 'email', isEmailAddress),
    dnsNames: valuesOf(names, 'dns', isHostName),
    ipAddresses: names.flatMap((name) => (name.kind === 'ip' ? [name.value] : [])),
  };
}

function valuesOf(
  names: readonly GeneralName[],
  kind: 'email' | 'dns',
  wellFormed: (text: string) => boolean,
): readonly string[] {
  const values = names.flatMap((name) => (name.kind === kind ? [name.value] : []));
  const bad = values.find((value) => !wellFormed(value));
  if (bad !== undefined)
    throw malformed(`requested subjectAltName: ${kind} ${JSON.stringify(bad.slice(0, 80))}`);
  return values;
}

/**
 * Makes a request for the signer's own key, as the sub-CA hands it to the root: no attributes.
 * @returns DER CertificationRequest
 * @throws X509Error `NAME_VALUE_NOT_ENCODABLE`; SigningError; whatever the signer throws
 */
export async function buildRequest(subject: Name, signer: Signer): Promise<Buffer> {
  const info = der.sequence(der.integer(0), encodeName(subject), signer.spki, der.implicitConstructed(0));
  return encodeSigned(info, signer.algorithm, await signChecked(signer, info, 'the certificate request'));
}
