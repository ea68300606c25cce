/** A certificate's contents with another serial number: all other bytes stay, so what was read of them still holds. */
import {
  buildTbsCertificate,
  encodeName,
  keyUsage,
  readTbsCertificate,
  withSerialNumber,
  X509Error,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { nextSerialNumber, NOT_AFTER, NOT_BEFORE, PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';

const signer = softSigner('p-256');

function contents(serialNumber: string): Buffer {
  return buildTbsCertificate({
    serialNumber,
    signatureAlgorithm: signer.algorithm,
    issuer: encodeName(PROVINCE),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    subject: encodeName(PROVINCE),
    spki: signer.spki,
    extensions: [keyUsage(['digitalSignature'])],
  });
}

test('gives the very bytes that building with that number gives', () => {
  const [before, after] = [nextSerialNumber(), nextSerialNumber()];
  const planned = readTbsCertificate(contents(before), 'planned');
  const numbered = withSerialNumber(planned, after);
  expect(numbered.der).toEqual(contents(after));
  expect(numbered.serialNumber).toBe(after);
  expect(readTbsCertificate(numbered.der, 'numbered').serialNumber).toBe(after);
  // The plan itself is not touched: it is compared and logged afterwards.
  expect(planned.der).toEqual(contents(before));
});

test.each(['', '00'.padEnd(32, '1'), '80'.padEnd(32, '1'), '01'.padEnd(30, '1'), '01'.padEnd(32, 'A')])(
  'refuses the number %p',
  async (serialNumber) => {
    const planned = readTbsCertificate(contents(nextSerialNumber()), 'planned');
    await expectCode(() => withSerialNumber(planned, serialNumber), X509Error, 'CERTIFICATE_MALFORMED');
  },
);
