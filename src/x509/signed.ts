/** SIGNED: the to-be-signed bytes of a certificate or a CRL, with the algorithm and the signature over them. */
import { der, readBitStringOctets, readDer, readSequence, type DerValue } from '../asn1';
import type { SignatureAlgorithm } from '../signer';
import { refuseRest, unexpected } from './fields';
import { readSignatureAlgorithm, signatureAlgorithmIdentifier } from './signatureAlgorithm';

export interface Signed {
  /** The whole encoding. */
  readonly der: Buffer;
  /** What is signed, byte for byte as it was read. */
  readonly tbs: DerValue;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signatureAlgorithmDer: Buffer;
  /** RSA: the signature octets; ECDSA: DER Ecdsa-Sig-Value. */
  readonly signature: Buffer;
}

/**
 *     SIGNED ::= SEQUENCE { toBeSigned SEQUENCE, algorithm AlgorithmIdentifier, signature BIT STRING }
 */
export function encodeSigned(tbs: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Buffer {
  return der.sequence(tbs, signatureAlgorithmIdentifier(algorithm), der.bitString(signature));
}

/**
 * Reads such a structure and nothing of what is signed.
 * @param limit most bytes read
 * @throws Asn1Error, X509Error `SIGNATURE_ALGORITHM_NOT_ALLOWED`
 */
export function readSigned(input: Uint8Array, what: string, limit: number): Signed {
  const outer = readDer(input, { what, limit });
  const [tbs, algorithm, signature, ...rest] = readSequence(outer, what);
  refuseRest(rest, what);
  if (tbs === undefined || algorithm === undefined) throw unexpected(what, 'too few members', 'three');
  return {
    der: outer.der,
    tbs,
    signatureAlgorithm: readSignatureAlgorithm(algorithm, what),
    signatureAlgorithmDer: algorithm.der,
    signature: readBitStringOctets(signature, `${what}, signature`),
  };
}

/**
 * Holds the AlgorithmIdentifier inside what is signed to the one outside, octet for octet.
 * @throws Asn1Error `UNEXPECTED`
 */
export function requireSameAlgorithm(signed: Signed, inside: Buffer, what: string): void {
  const outside = signed.signatureAlgorithmDer;
  if (outside.equals(inside)) return;
  throw unexpected(`${what}, signature algorithm`, outside.toString('hex'), inside.toString('hex'));
}
