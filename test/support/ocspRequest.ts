/** OCSP requests made here, for tests without a file or a server. */
import { createHash } from 'node:crypto';
import { der, OID } from '../../src/asn1';
import { keyIdentifier, type Certificate } from '../../src/x509';

/** DER OCSPRequest (RFC 6960, section 4.1.1) for one serial number of one issuer, without a nonce. */
export function ocspRequestFor({ tbs }: Certificate, serialNumber: string): Buffer {
  const certId = der.sequence(
    der.sequence(der.oid(OID.sha1), der.nullValue()),
    der.octetString(createHash('sha1').update(tbs.subjectDer).digest()),
    der.octetString(keyIdentifier(tbs.publicKey.spki)),
    der.unsignedInteger(Buffer.from(serialNumber, 'hex')),
  );
  const requestList = der.sequence(der.sequence(certId));
  return der.sequence(der.sequence(requestList));
}
