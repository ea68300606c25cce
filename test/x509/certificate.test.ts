/** Certificates: what OpenSSL says of ours, what we read of OpenSSL's, and that no altered one verifies. */
import { der } from '../../src/asn1';
import {
  assembleCertificate,
  authorityInfoAccess,
  basicConstraints,
  buildTbsCertificate,
  certificatePolicies,
  crlDistributionPoints,
  encodeName,
  extendedKeyUsage,
  keyUsage,
  readCertificate,
  readTbsCertificate,
  type TbsCertificate,
  subjectAltName,
  verifyIssuedBy,
  X509Error,
  type Certificate,
  type GeneralName,
  type Name,
  type TbsCertificateInput,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';
import { issueSoft, PROVINCE, softRoot, softSubCa, SUB_CA_NAME, type SoftCa } from '../support/softCa';
import { softSigner } from '../support/softSigner';

const PERSON: Name = [
  ...PROVINCE,
  { type: 'OU', value: 'Sở Nội vụ' },
  { type: 'CN', value: 'Nguyễn Thị Ánh' },
];
const openssl = new OpenSsl();
const subscriber = softSigner('p-256');

afterAll(() => {
  openssl.remove();
});

function leafExtensions(names: readonly GeneralName[]): readonly Buffer[] {
  return [
    keyUsage(['digitalSignature', 'nonRepudiation']),
    extendedKeyUsage(['clientAuth', 'emailProtection', 'msSmartcardLogon']),
    ...(names.length === 0 ? [] : [subjectAltName(names)]),
    certificatePolicies([{ oid: '2.16.704.1.1.1.1.1', cps: 'http://ca.example.vn/cps' }]),
    crlDistributionPoints(['http://noi-bo.example.vn/ca.crl', 'http://ca.example.vn/ca.crl']),
    authorityInfoAccess({
      ocsp: ['http://noi-bo.example.vn/ocsp', 'http://ca.example.vn/ocsp'],
      caIssuers: ['http://ca.example.vn/ca.crt'],
    }),
  ];
}

function issueLeaf(
  ca: SoftCa,
  subject: Name = PERSON,
  names: readonly GeneralName[] = [{ kind: 'email', value: 'anhnt@lamdong.gov.vn' }],
): Promise<Certificate> {
  return issueSoft({
    issuer: SUB_CA_NAME,
    signer: ca.signer,
    subject,
    spki: subscriber.spki,
    extensions: leafExtensions(names),
  });
}

/** The input that gives the certificate's own bytes again. */
function rebuildInput(certificate: Certificate): TbsCertificateInput {
  const { tbs } = certificate;
  const extension = ({ oid, critical, value }: (typeof tbs.extensions.all)[number]): Buffer =>
    critical
      ? der.sequence(der.oid(oid), der.boolean(true), der.octetString(value))
      : der.sequence(der.oid(oid), der.octetString(value));
  return {
    serialNumber: tbs.serialNumber,
    signatureAlgorithm: tbs.signatureAlgorithm,
    issuer: encodeName(tbs.issuer),
    notBefore: tbs.notBefore,
    notAfter: tbs.notAfter,
    subject: encodeName(tbs.subject),
    spki: tbs.publicKey.spki,
    extensions: tbs.extensions.all.map(extension),
  };
}

describe.each([
  ['rsa-2048', 'rsa-2048'],
  ['p-384', 'p-256'],
  ['rsa-2048', 'p-384'],
] as const)('a chain of a %s root and a %s sub-CA', (rootKey, subCaKey) => {
  let root: SoftCa;
  let subCa: SoftCa;
  const verify = (leaf: Certificate): ReturnType<OpenSsl['run']> => {
    openssl.writePem('root.pem', 'CERTIFICATE', root.certificate.der);
    openssl.writePem('sub.pem', 'CERTIFICATE', subCa.certificate.der);
    openssl.writePem('leaf.pem', 'CERTIFICATE', leaf.der);
    return openssl.run('verify', '-x509_strict', '-CAfile', 'root.pem', '-untrusted', 'sub.pem', 'leaf.pem');
  };

  beforeAll(async () => {
    root = await softRoot(rootKey);
    subCa = await softSubCa(subCaKey, root);
  });

  test('OpenSSL verifies a leaf inside the name constraints', async () => {
    expect(verify(await issueLeaf(subCa))).toEqual({ status: 0, output: 'leaf.pem: OK\n' });
  });

  test.each<[string, Name, readonly GeneralName[]]>([
    ['another province', PERSON.map((rdn) => (rdn.type === 'L' ? { ...rdn, value: 'Hà Nội' } : rdn)), []],
    ['a foreign e-mail', PERSON, [{ kind: 'email', value: 'anhnt@example.com' }]],
    ['a DNS name', PERSON, [{ kind: 'dns', value: 'lamdong.gov.vn' }]],
    ['an IPv4 address', PERSON, [{ kind: 'ip', value: Buffer.from([10, 0, 0, 1]) }]],
    ['an IPv6 address', PERSON, [{ kind: 'ip', value: Buffer.alloc(16, 1) }]],
  ])('OpenSSL refuses a leaf outside them: %s', async (_, subject, names) => {
    const verdict = verify(await issueLeaf(subCa, subject, names));
    expect(verdict.status).not.toBe(0);
    expect(verdict.output).toMatch(/subtree violation/);
  });

  test('OpenSSL refuses a CA below the sub-CA', async () => {
    const below = softSigner('p-256');
    const lower = await issueSoft({
      issuer: SUB_CA_NAME,
      signer: subCa.signer,
      subject: PERSON,
      spki: below.spki,
      extensions: [basicConstraints({ ca: true }), keyUsage(['keyCertSign'])],
    });
    const leaf = await issueSoft({
      issuer: PERSON,
      signer: below,
      subject: [...PERSON, { type: 'OU', value: 'x' }],
      spki: subscriber.spki,
      extensions: [],
    });
    openssl.writePem('chain.pem', 'CERTIFICATE', lower.der, subCa.certificate.der);
    verify(leaf);
    const verdict = openssl.run('verify', '-CAfile', 'root.pem', '-untrusted', 'chain.pem', 'leaf.pem');
    expect(verdict.output).toMatch(/path length constraint exceeded/);
  });

  test('verifyIssuedBy knows the issuer, by its key and by its certificate', async () => {
    const leaf = await issueLeaf(subCa);
    expect(verifyIssuedBy(leaf, subCa.certificate)).toBe(true);
    expect(verifyIssuedBy(leaf, subCa.certificate.tbs.publicKey)).toBe(true);
    expect(verifyIssuedBy(subCa.certificate, root.certificate)).toBe(true);
    expect(verifyIssuedBy(root.certificate, root.certificate)).toBe(true);
    expect(verifyIssuedBy(leaf, root.certificate)).toBe(false);
    expect(verifyIssuedBy(leaf, root.certificate.tbs.publicKey)).toBe(false);
  });

  test('is byte for byte the same after it was read and built again', async () => {
    for (const certificate of [root.certificate, subCa.certificate, await issueLeaf(subCa)]) {
      expect(buildTbsCertificate(rebuildInput(certificate))).toEqual(certificate.tbs.der);
      const { tbs, signatureAlgorithm, signature } = certificate;
      expect(assembleCertificate(tbs.der, signatureAlgorithm, signature)).toEqual(certificate.der);
      const again = readTbsCertificate(tbs.der, 'certificate');
      const comparable = (one: TbsCertificate) => ({ ...one, publicKey: one.publicKey.spki });
      expect(comparable(again)).toEqual(comparable(tbs));
    }
  });
});

describe('a leaf', () => {
  let subCa: SoftCa;
  let leaf: Certificate;

  beforeAll(async () => {
    subCa = await softSubCa('p-256', await softRoot('p-256'));
    leaf = await issueLeaf(subCa);
  });

  test('reads in OpenSSL as what was put in', () => {
    openssl.write('leaf.der', leaf.der);
    const { status, output } = openssl.run(
      ...['x509', '-inform', 'DER', '-in', 'leaf.der', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus'],
    );
    expect(status).toBe(0);
    expect(output).toContain('Version: 3 (0x2)');
    expect(output).toContain(
      'C=VN,L=Lâm Đồng,O=ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG,OU=Sở Nội vụ,CN=Nguyễn Thị Ánh',
    );
    expect(output).toContain('Not After : Jan  1 00:00:00 2034 GMT');
    expect(output).toMatch(/Key Usage: critical\s+Digital Signature, Non Repudiation\n/);
    expect(output).toMatch(/TLS Web Client Authentication, E-mail Protection, Microsoft Smartcard Login\n/);
    expect(output).toContain('email:anhnt@lamdong.gov.vn');
    expect(output).toMatch(/Policy: 2\.16\.704\.1\.1\.1\.1\.1\s+CPS: http:\/\/ca\.example\.vn\/cps/);
    expect(output.match(/URI:http:\/\/[a-z.-]+\/ca\.crl/g)).toHaveLength(2);
    expect(output.match(/OCSP - URI:/g)).toHaveLength(2);
    expect(output).toContain('CA Issuers - URI:http://ca.example.vn/ca.crt');
    expect(openssl.run('asn1parse', '-inform', 'DER', '-in', 'leaf.der', '-i').status).toBe(0);
  });

  test('has the serial number and fingerprint OpenSSL tells', () => {
    openssl.write('leaf.der', leaf.der);
    const { output } = openssl.run(
      ...['x509', '-inform', 'DER', '-in', 'leaf.der', '-noout', '-serial', '-fingerprint', '-sha256'],
    );
    const [serial, fingerprint] = output.toLowerCase().replaceAll(':', '').trim().split('\n');
    expect(serial).toBe(`serial=${leaf.tbs.serialNumber}`);
    expect(fingerprint).toBe(`sha256 fingerprint=${leaf.sha256}`);
  });

  test('with any single bit turned over is refused or does not verify', () => {
    const refused = new Set<string>();
    for (let bit = 0; bit < leaf.der.length * 8; bit += 1) {
      const altered = Buffer.from(leaf.der);
      altered[bit >> 3]! ^= 0x80 >> (bit & 7);
      let certificate: Certificate | undefined;
      try {
        certificate = readCertificate(altered, 'certificate');
      } catch (error) {
        expect(error).toBeInstanceOf(X509Error);
        refused.add((error as X509Error).code);
      }
      if (certificate !== undefined)
        expect(verifyIssuedBy(certificate, subCa.certificate.tbs.publicKey)).toBe(false);
    }
    expect(refused).toContain('CERTIFICATE_MALFORMED');
    expect(verifyIssuedBy(leaf, subCa.certificate.tbs.publicKey)).toBe(true);
  });

  test('cut short or with a byte behind it is refused', async () => {
    for (let length = 0; length < leaf.der.length; length += 7) {
      await expectCode(
        () => readCertificate(leaf.der.subarray(0, length), 'certificate'),
        X509Error,
        'CERTIFICATE_MALFORMED',
      );
    }
    const longer = Buffer.concat([leaf.der, Buffer.of(0)]);
    await expectCode(() => readCertificate(longer, 'certificate'), X509Error, 'CERTIFICATE_MALFORMED');
  });

  test('larger than what is read is refused', async () => {
    const huge = Buffer.concat([leaf.der, Buffer.alloc(70_000)]);
    await expectCode(() => readCertificate(huge, 'certificate'), X509Error, 'CERTIFICATE_MALFORMED');
  });

  test('is no issuer: not by name, not without keyCertSign', async () => {
    const signer = softSigner('p-256');
    const issue = (extensions: readonly Buffer[]): Promise<Certificate> =>
      issueSoft({ issuer: PERSON, signer, subject: PERSON, spki: signer.spki, extensions });
    const ca = await issue([basicConstraints({ ca: true }), keyUsage(['keyCertSign'])]);
    const noCa = await issue([keyUsage(['keyCertSign'])]);
    const noUsage = await issue([basicConstraints({ ca: true }), keyUsage(['cRLSign'])]);
    const child = await issue([]);
    expect(verifyIssuedBy(child, ca)).toBe(true);
    expect(verifyIssuedBy(child, noCa)).toBe(false);
    expect(verifyIssuedBy(child, noUsage)).toBe(false);
    const otherName = await issueSoft({
      ...{ issuer: SUB_CA_NAME, signer, subject: PERSON, spki: signer.spki, extensions: [] },
    });
    expect(verifyIssuedBy(otherName, ca)).toBe(false);
  });
});

describe('a certificate OpenSSL made', () => {
  test.each([
    ['EC', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], 'p-256'],
    ['RSA', ['-newkey', 'rsa:2048'], 'rsa-2048'],
  ])('is read and built again: %s', (_, key, algorithm) => {
    const made = openssl.run(
      ...['req', '-x509', ...key, '-nodes', '-keyout', 'k.pem', '-outform', 'DER', '-out', 'c.der'],
      ...['-subj', '/C=VN/O=Bộ Tài chính/CN=Cục Thuế', '-utf8', '-days', '9000', '-sha256'],
      ...['-set_serial', '0x01eeddccbbaa99887766554433221100'],
      ...['-addext', 'nameConstraints=critical,permitted;email:.gov.vn,excluded;IP:0.0.0.0/0.0.0.0'],
      ...['-addext', 'certificatePolicies=2.16.704.1.1.1.1.1'],
      ...['-addext', 'crlDistributionPoints=URI:http://a.vn/1.crl,URI:http://b.vn/1.crl'],
      ...['-addext', 'authorityInfoAccess=OCSP;URI:http://a.vn/ocsp,caIssuers;URI:http://a.vn/ca.crt'],
      ...['-addext', 'subjectAltName=email:a@gov.vn,DNS:a.gov.vn,IP:10.0.0.1,URI:http://a.vn/'],
    );
    expect(made.output).not.toMatch(/rror/);
    const certificate = readCertificate(openssl.read('c.der'), 'certificate');
    expect(verifyIssuedBy(certificate, certificate)).toBe(true);
    expect(certificate.tbs).toMatchObject({
      serialNumber: '01eeddccbbaa99887766554433221100',
      subject: [
        { type: 'C', value: 'VN' },
        { type: 'O', value: 'Bộ Tài chính' },
        { type: 'CN', value: 'Cục Thuế' },
      ],
      publicKey: { algorithm },
      extensions: {
        basicConstraints: { ca: true },
        policies: [{ oid: '2.16.704.1.1.1.1.1' }],
        crlDistributionPoints: ['http://a.vn/1.crl', 'http://b.vn/1.crl'],
        ocsp: ['http://a.vn/ocsp'],
        caIssuers: ['http://a.vn/ca.crt'],
        subjectAltName: [
          { kind: 'email', value: 'a@gov.vn' },
          { kind: 'dns', value: 'a.gov.vn' },
          { kind: 'ip', value: Buffer.from([10, 0, 0, 1]) },
          { kind: 'uri', value: 'http://a.vn/' },
        ],
        nameConstraints: { permitted: { email: ['.gov.vn'] }, excluded: { ip: [Buffer.alloc(8)] } },
        unknown: [],
      },
    });
    expect(buildTbsCertificate(rebuildInput(certificate))).toEqual(certificate.tbs.der);
  });
});
