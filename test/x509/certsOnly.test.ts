/** Certs-only messages: what OpenSSL reads in them. */
import { execFileSync } from 'node:child_process';
import { encodeCertsOnly, encodePem } from '../../src/x509';
import { softRoot, softSubCa } from '../support/softCa';

test('OpenSSL finds the certificates, in the order given, and no signer', async () => {
  const root = await softRoot('p-256');
  const subCa = await softSubCa('p-256', root);
  const certificates = [subCa.certificate.der, root.certificate.der];
  const input = encodeCertsOnly(certificates);
  const printed = execFileSync('openssl', ['pkcs7', '-inform', 'DER', '-print_certs'], { input }).toString();
  const found = printed.match(/-----BEGIN [^]*?-----END [^-]*-----\n/g);
  expect(found).toEqual(certificates.map((der) => encodePem('CERTIFICATE', der)));
  const parsed = execFileSync('openssl', ['cms', '-cmsout', '-print', '-inform', 'DER'], {
    input,
  }).toString();
  expect(parsed).toMatch(/signerInfos:\s*<EMPTY>/);
  expect(parsed).toMatch(/version: 1/);
});
