/** What is no certificate: the forms that building and reading refuse. */
import { der, readDer } from '../../src/asn1';
import {
  assembleCertificate,
  buildTbsCertificate,
  encodeName,
  keyUsage,
  readCertificate,
  readTbsCertificate,
  X509Error,
  type TbsCertificateInput,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { nextSerialNumber, NOT_AFTER, NOT_BEFORE, PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';

describe('what is refused', () => {
  const signer = softSigner('p-256');
  const good: TbsCertificateInput = {
    serialNumber: nextSerialNumber(),
    signatureAlgorithm: signer.algorithm,
    issuer: encodeName(PROVINCE),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    subject: encodeName(PROVINCE),
    spki: signer.spki,
    extensions: [keyUsage(['digitalSignature'])],
  };
  const members = readDer(buildTbsCertificate(good), { what: 'TBSCertificate' }).children.map(
    (child) => child.der,
  );
  /** The good TBSCertificate with one member replaced, or with members put behind. */
  const withMember = (index: number, ...replacement: readonly Buffer[]): Buffer =>
    der.sequence(...members.slice(0, index), ...replacement, ...members.slice(index + 1));

  test('not the good one', () => {
    expect(readTbsCertificate(der.sequence(...members), 'certificate').serialNumber).toBe(good.serialNumber);
  });

  test.each<[string, Partial<TbsCertificateInput>]>([
    ['a first octet of 00', { serialNumber: '00'.padEnd(32, '1') }],
    ['a first octet of 80', { serialNumber: '80'.padEnd(32, '1') }],
    ['a short serial number', { serialNumber: '01'.padEnd(30, '1') }],
    ['upper-case hex', { serialNumber: '01'.padEnd(32, 'A') }],
    ['an end before the start', { notBefore: NOT_AFTER, notAfter: NOT_BEFORE }],
    ['an invalid date', { notAfter: new Date(Number.NaN) }],
    ['a year of five digits', { notAfter: new Date('+010000-01-01T00:00:00Z') }],
    ['no extensions', { extensions: [] }],
  ])('by buildTbsCertificate: %s', async (_, change) => {
    await expectCode(() => buildTbsCertificate({ ...good, ...change }), X509Error, 'CERTIFICATE_MALFORMED');
  });

  test.each<[string, Buffer]>([
    ['version 1', withMember(0)],
    ['version 2', withMember(0, der.explicit(0, der.integer(1)))],
    ['a negative serial number', withMember(1, der.integer(-5))],
    ['a serial number of zero', withMember(1, der.integer(0))],
    ['a serial number of 21 octets', withMember(1, der.unsignedInteger(Buffer.alloc(21, 1)))],
    [
      'a third time',
      withMember(4, der.sequence(der.time(NOT_BEFORE), der.time(NOT_AFTER), der.time(NOT_AFTER))),
    ],
    [
      'GeneralizedTime before 2050',
      withMember(4, der.sequence(der.time(NOT_BEFORE), der.generalizedTime(NOT_AFTER))),
    ],
    ['no extensions', withMember(7)],
    ['an empty list of extensions', withMember(7, der.explicit(3, der.sequence()))],
    ['a unique identifier', withMember(7, der.implicitPrimitive(1, Buffer.of(0, 1)), ...members.slice(7))],
    ['a further member', der.sequence(...members, der.nullValue())],
    [
      'an extension twice',
      withMember(7, der.explicit(3, der.sequence(...good.extensions, ...good.extensions))),
    ],
    ['no sequence', der.octetString(Buffer.alloc(4))],
  ])('by readTbsCertificate: %s', async (_, tbs) => {
    await expectCode(() => readTbsCertificate(tbs, 'certificate'), X509Error, 'CERTIFICATE_MALFORMED');
  });

  test('a serial number of 20 octets with its highest bit set is read', () => {
    const octets = Buffer.alloc(20, 0xf1);
    const tbs = readTbsCertificate(withMember(1, der.unsignedInteger(octets)), 'certificate');
    expect(tbs.serialNumber).toBe(octets.toString('hex'));
  });

  test.each([
    ['without algorithm and signature', der.sequence(der.sequence(...members))],
    ['without a signature', der.sequence(der.sequence(...members), members[2]!)],
    [
      'with a fourth member',
      der.sequence(der.sequence(...members), members[2]!, der.bitString(Buffer.of(1)), members[2]!),
    ],
    [
      'with a signature that is not whole octets',
      der.sequence(der.sequence(...members), members[2]!, Buffer.of(3, 2, 4, 0x10)),
    ],
  ])('by readCertificate: one %s', async (_, bytes) => {
    await expectCode(() => readCertificate(bytes, 'certificate'), X509Error, 'CERTIFICATE_MALFORMED');
  });

  test('algorithms that differ inside and outside', async () => {
    const tbs = buildTbsCertificate(good);
    const signature = await signer.sign(tbs);
    expect(readCertificate(assembleCertificate(tbs, 'ecdsa-sha256', signature), 'certificate')).toBeDefined();
    await expectCode(
      () => readCertificate(assembleCertificate(tbs, 'ecdsa-sha384', signature), 'certificate'),
      X509Error,
      'CERTIFICATE_MALFORMED',
    );
  });

  test('an algorithm that is not ours', async () => {
    const sha1WithRsa = der.sequence(der.oid('1.2.840.113549.1.1.5'), der.nullValue());
    await expectCode(
      () => readTbsCertificate(withMember(2, sha1WithRsa), 'certificate'),
      X509Error,
      'SIGNATURE_ALGORITHM_NOT_ALLOWED',
    );
  });
});
