/** A chain of certificates as one file: the certs-only CMS message (RFC 8551, section 3.2.2), known as PKCS#7 or .p7b. */
import { der, OID } from '../asn1';

/**
 *     ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }
 *     SignedData  ::= SEQUENCE { version INTEGER, digestAlgorithms SET OF AlgorithmIdentifier,
 *       encapContentInfo SEQUENCE { eContentType OBJECT IDENTIFIER }, certificates [0] IMPLICIT SET OF Certificate,
 *       signerInfos SET OF SignerInfo }
 *
 * Nothing is signed: there is no signer and no content (RFC 5652, section 5.1: version 1). The certificates keep their
 * order, the leaf first, for programs that take the first one for it; the set is BER in that respect (section 2).
 * @param certificates DER each, from the leaf to the root
 */
export function encodeCertsOnly(certificates: readonly Uint8Array[]): Buffer {
  const signedData = der.sequence(
    der.integer(1),
    der.setOf(),
    der.sequence(der.oid(OID.data)),
    der.implicitConstructed(0, ...certificates),
    der.setOf(),
  );
  return der.sequence(der.oid(OID.signedData), der.explicit(0, signedData));
}
