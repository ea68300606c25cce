/** A second signature of the same key and message, made by somebody who has neither the key nor the message. */
import { der, readDer, readInteger, readSequence } from '../../src/asn1';
import { assembleCertificate, readCertificate, type Certificate } from '../../src/x509';

/** The order of the base point of P-256 (NIST SP 800-186, section 3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same certificate with the other signature that whoever has the one can work out: r and n − s. */
export function twinOf({ tbs, signatureAlgorithm, signature }: Certificate): Certificate {
  const [r, s] = readSequence(readDer(signature, { what: 'signature' }), 'signature');
  const mirrored = der.integer(ORDER - readInteger(s, 's'));
  const twin = der.sequence(der.integer(readInteger(r, 'r')), mirrored);
  return readCertificate(assembleCertificate(tbs.der, signatureAlgorithm, twin), 'twin');
}
