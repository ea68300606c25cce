/** AlgorithmIdentifier of the signatures this product makes and accepts. */
import { der, OID, readOid, readSequence, type DerValue } from '../asn1';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../signer';
import { wrapAsn1, X509Error } from './errors';
import { describePss, pssIdentifiers } from './rsassaPss';

/**
 * The first is written, all are read. RSA carries NULL parameters (RFC 4055, section 5), ECDSA none at all (RFC 5758,
 * section 3.2), RSASSA-PSS its own.
 */
const IDENTIFIERS: Readonly<Record<SignatureAlgorithm, readonly [Buffer, ...Buffer[]]>> = {
  'rsa-sha256': [der.sequence(der.oid(OID.sha256WithRsaEncryption), der.nullValue())],
  'rsa-pss-sha256': pssIdentifiers('sha256'),
  'rsa-pss-sha384': pssIdentifiers('sha384'),
  'ecdsa-sha256': [der.sequence(der.oid(OID.ecdsaWithSha256))],
  'ecdsa-sha384': [der.sequence(der.oid(OID.ecdsaWithSha384))],
};

/** DER AlgorithmIdentifier of a signature algorithm. */
export function signatureAlgorithmIdentifier(algorithm: SignatureAlgorithm): Buffer {
  return Buffer.from(IDENTIFIERS[algorithm][0]);
}

/**
 * Reads an AlgorithmIdentifier; only the exact encodings `signatureAlgorithmIdentifier` writes are accepted, and those
 * of RSASSA-PSS whose hashes have no parameters.
 * @throws X509Error `SIGNATURE_ALGORITHM_NOT_ALLOWED`
 */
export function readSignatureAlgorithm(value: DerValue, what: string): SignatureAlgorithm {
  const algorithm = SIGNATURE_ALGORITHMS.find((known) =>
    IDENTIFIERS[known].some((identifier) => identifier.equals(value.der)),
  );
  if (algorithm !== undefined) return algorithm;
  const refused = (found: string, cause?: unknown): X509Error =>
    new X509Error(
      'SIGNATURE_ALGORITHM_NOT_ALLOWED',
      { what, algorithm: found, allowed: SIGNATURE_ALGORITHMS.join(', ') },
      { cause },
    );
  const oid = wrapAsn1(() => readOid(readSequence(value, what)[0], what), refused);
  throw refused(oid === OID.rsassaPss ? describePss(value) : oid);
}
