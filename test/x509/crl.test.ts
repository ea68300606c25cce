/** CRLs: what OpenSSL says of ours, what we read of OpenSSL's, and what is no complete CRL. */
import fc from 'fast-check';
import { der, OID, readDer } from '../../src/asn1';
import {
  assembleCrl,
  buildTbsCertList,
  crlDistributionPoints,
  encodeName,
  keyIdentifier,
  keyUsage,
  readCrl,
  REVOCATION_REASONS,
  verifyCrl,
  X509Error,
  type Certificate,
  type CertificateList,
  type CrlEntry,
  type TbsCertListInput,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl, type Verdict } from '../support/openssl';
import { issueSoft, PROVINCE, softRoot, softSubCa, SUB_CA_NAME, type SoftCa } from '../support/softCa';
import { softSigner } from '../support/softSigner';

const openssl = new OpenSsl();
const THIS_UPDATE = new Date('2024-02-01T00:00:00Z');
const NEXT_UPDATE = new Date('2034-01-01T00:00:00Z');
const URL = 'http://ca.example.vn/0.crl';

let root: SoftCa;
afterAll(() => {
  openssl.remove();
});

function inputOf(ca: SoftCa, entries: readonly CrlEntry[]): TbsCertListInput {
  return {
    signatureAlgorithm: ca.signer.algorithm,
    issuer: ca.certificate.tbs.subjectDer,
    thisUpdate: THIS_UPDATE,
    nextUpdate: NEXT_UPDATE,
    entries,
    crlNumber: 42,
    authorityKeyId: keyIdentifier(ca.signer.spki),
  };
}

async function issueCrl(
  ca: SoftCa,
  entries: readonly CrlEntry[],
  change: Partial<TbsCertListInput> = {},
): Promise<CertificateList> {
  const tbs = buildTbsCertList({ ...inputOf(ca, entries), ...change });
  return readCrl(assembleCrl(tbs, ca.signer.algorithm, await ca.signer.sign(tbs)), 'CRL');
}

function issueLeaf(ca: SoftCa): Promise<Certificate> {
  const { spki } = softSigner('p-256');
  return issueSoft({
    issuer: SUB_CA_NAME,
    signer: ca.signer,
    subject: [...PROVINCE, { type: 'CN', value: 'Nguyễn Thị Ánh' }],
    spki,
    extensions: [keyUsage(['digitalSignature']), crlDistributionPoints([URL])],
  });
}

function revoked(certificate: Certificate): CrlEntry {
  return {
    serialNumber: certificate.tbs.serialNumber,
    revocationDate: new Date('2024-01-20T10:00:00Z'),
    reason: 'keyCompromise',
    invalidityDate: new Date('2024-01-10T00:00:00Z'),
  };
}

beforeAll(async () => {
  root = await softRoot('p-384');
});

describe.each(['rsa-2048', 'p-256', 'p-384'] as const)('a CRL of a %s sub-CA', (key) => {
  let subCa: SoftCa;
  let leaf: Certificate;

  beforeAll(async () => {
    subCa = await softSubCa(key, root);
    leaf = await issueLeaf(subCa);
  });

  function checkAgainst(crl: CertificateList): Verdict {
    openssl.writePem('root.pem', 'CERTIFICATE', root.certificate.der);
    openssl.writePem('sub.pem', 'CERTIFICATE', subCa.certificate.der);
    openssl.writePem('leaf.pem', 'CERTIFICATE', leaf.der);
    openssl.writePem('crl.pem', 'X509 CRL', crl.der);
    return openssl.run(
      ...['verify', '-x509_strict', '-crl_check', '-CAfile', 'root.pem', '-untrusted', 'sub.pem'],
      ...['-CRLfile', 'crl.pem', 'leaf.pem'],
    );
  }

  test('verifies in OpenSSL and tells what was put in', async () => {
    const crl = await issueCrl(subCa, [revoked(leaf)]);
    checkAgainst(crl);
    const { status, output } = openssl.run(
      ...['crl', '-in', 'crl.pem', '-CAfile', 'sub.pem', '-verify', '-noout', '-text'],
    );
    expect(status).toBe(0);
    expect(output).toContain('verify OK');
    expect(output).toContain('Version 2 (0x1)');
    expect(output).toMatch(/X509v3 CRL Number:\s+42\n/);
    expect(output).toContain(`Serial Number: ${leaf.tbs.serialNumber.toUpperCase()}`);
    expect(output).toContain('Revocation Date: Jan 20 10:00:00 2024 GMT');
    expect(output).toMatch(/X509v3 CRL Reason Code:\s+Key Compromise/);
    expect(output).toMatch(/Invalidity Date:\s+Jan 10 00:00:00 2024 GMT/);
  });

  test('OpenSSL passes a certificate that is not listed and refuses one that is', async () => {
    const other = { ...revoked(leaf), serialNumber: '7f'.padEnd(32, '0') };
    expect(checkAgainst(await issueCrl(subCa, [other]))).toEqual({ status: 0, output: 'leaf.pem: OK\n' });
    const verdict = checkAgainst(await issueCrl(subCa, [other, revoked(leaf)]));
    expect(verdict.status).not.toBe(0);
    expect(verdict.output).toContain('certificate revoked');
  });

  test('OpenSSL reads a CRL without entries, which has no list at all', async () => {
    const crl = await issueCrl(subCa, []);
    expect(checkAgainst(crl).status).toBe(0);
    expect(openssl.run('crl', '-in', 'crl.pem', '-noout', '-text').output).toContain(
      'No Revoked Certificates',
    );
    expect(readDer(crl.tbs, { what: 'TBSCertList' }).children).toHaveLength(6);
    expect(crl.entries).toEqual([]);
  });

  test('OpenSSL takes one of several CRLs for the certificates that name it only', async () => {
    const ours = await issueCrl(subCa, [], { distributionPoint: [URL] });
    expect(ours.distributionPoint).toEqual([URL]);
    expect(checkAgainst(ours).status).toBe(0);
    const foreign = await issueCrl(subCa, [], { distributionPoint: ['http://ca.example.vn/1.crl'] });
    const verdict = checkAgainst(foreign);
    expect(verdict.status).not.toBe(0);
    expect(verdict.output).toContain('different CRL scope');
  });

  test('tells since when it keeps what was revoked beyond its end, and OpenSSL minds it not', async () => {
    const crl = await issueCrl(subCa, [], { expiredSince: THIS_UPDATE });
    expect(crl.expiredSince).toEqual(THIS_UPDATE);
    expect(checkAgainst(crl).status).toBe(0);
    // id-ce-expiredCertsOnCRL, not critical, GeneralizedTime
    const octets = '0603551d3c' + '0411180f' + Buffer.from('20240201000000Z').toString('hex');
    expect(crl.tbs.toString('hex')).toContain(octets);
    expect((await issueCrl(subCa, [])).expiredSince).toBeUndefined();
  });

  test('verifyCrl knows the issuer, by its key and by its certificate', async () => {
    const crl = await issueCrl(subCa, [revoked(leaf)]);
    expect(verifyCrl(crl, subCa.certificate)).toBe(true);
    expect(verifyCrl(crl, subCa.certificate.tbs.publicKey)).toBe(true);
    expect(verifyCrl(crl, root.certificate)).toBe(false);
    expect(verifyCrl(crl, root.certificate.tbs.publicKey)).toBe(false);
    const renamed = await issueCrl(subCa, [], { issuer: encodeName(PROVINCE) });
    expect(verifyCrl(renamed, subCa.certificate)).toBe(false);
  });

  test('is byte for byte the same after it was read and built again', async () => {
    const crl = await issueCrl(subCa, [revoked(leaf), { ...revoked(leaf), serialNumber: '0102' }]);
    const { signatureAlgorithm, thisUpdate, nextUpdate, entries, crlNumber } = crl;
    const rebuilt = buildTbsCertList({
      ...{ signatureAlgorithm, thisUpdate, nextUpdate, entries, crlNumber },
      issuer: encodeName(crl.issuer),
      authorityKeyId: crl.authorityKeyId!,
    });
    expect(rebuilt).toEqual(crl.tbs);
    expect(assembleCrl(rebuilt, signatureAlgorithm, crl.signature)).toEqual(crl.der);
  });
});

describe('a CRL', () => {
  test('tells each reason as OpenSSL reads it', async () => {
    const reasons = REVOCATION_REASONS.filter(
      (reason) => reason !== 'unspecified' && reason !== 'removeFromCRL',
    );
    const crl = await issueCrl(
      root,
      reasons.map((reason, index) => ({
        serialNumber: `0${index + 1}`,
        revocationDate: THIS_UPDATE,
        reason,
      })),
    );
    openssl.writePem('reasons.pem', 'X509 CRL', crl.der);
    const { output } = openssl.run('crl', '-in', 'reasons.pem', '-noout', '-text');
    const told = [...output.matchAll(/Reason Code:\s+(.*)\n/g)].map(([, text = '']) =>
      text.replaceAll(' ', ''),
    );
    expect(told.map((text) => text.toLowerCase())).toEqual(reasons.map((reason) => reason.toLowerCase()));
  });

  test('of any entries comes back as it was put in', () => {
    const seconds = fc
      .integer({ min: 0, max: Date.UTC(2099, 0) / 1000 })
      .map((second) => new Date(second * 1000));
    const entry: fc.Arbitrary<CrlEntry> = fc.record(
      {
        serialNumber: fc.bigInt(1n, 2n ** 160n - 1n).map((n) => {
          const hex = n.toString(16);
          return hex.padStart(hex.length + (hex.length % 2), '0');
        }),
        revocationDate: seconds,
        reason: fc.constantFrom(
          ...REVOCATION_REASONS.filter((reason) => reason !== 'unspecified' && reason !== 'removeFromCRL'),
        ),
        invalidityDate: seconds,
      },
      { requiredKeys: ['serialNumber', 'revocationDate'] },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), fc.bigInt(0n, 2n ** 159n - 1n), (entries, crlNumber) => {
        const tbs = buildTbsCertList({ ...inputOf(root, entries), crlNumber });
        const crl = readCrl(assembleCrl(tbs, root.signer.algorithm, Buffer.of(1)), 'CRL');
        expect(crl.entries).toEqual(entries);
        expect(crl.crlNumber).toBe(crlNumber);
      }),
    );
  });

  test('says "unspecified" by saying nothing', async () => {
    const entry = { serialNumber: '01', revocationDate: THIS_UPDATE };
    const [silent, told] = await Promise.all([
      issueCrl(root, [entry]),
      issueCrl(root, [{ ...entry, reason: 'unspecified' }]),
    ]);
    expect(told.tbs).toEqual(silent.tbs);
    expect(told.entries).toEqual([entry]);
  });

  test('with any single bit turned over is refused or does not verify', async () => {
    const crl = await issueCrl(root, [
      { serialNumber: '0102', revocationDate: THIS_UPDATE, reason: 'superseded' },
    ]);
    let read = 0;
    for (let bit = 0; bit < crl.der.length * 8; bit += 1) {
      const altered = Buffer.from(crl.der);
      altered[bit >> 3]! ^= 0x80 >> (bit & 7);
      try {
        const found = readCrl(altered, 'CRL');
        read += 1;
        expect(verifyCrl(found, root.certificate.tbs.publicKey)).toBe(false);
      } catch (error) {
        expect(error).toBeInstanceOf(X509Error);
      }
    }
    expect(read).toBeGreaterThan(0);
    expect(verifyCrl(crl, root.certificate.tbs.publicKey)).toBe(true);
  });

  test('of 50,000 entries is read back whole, and refused above the limit', async () => {
    const entries = Array.from({ length: 50_000 }, (_, index) => ({
      serialNumber: `01${index.toString(16).padStart(6, '0')}`,
      revocationDate: THIS_UPDATE,
    }));
    const crl = await issueCrl(root, entries);
    expect(crl.entries).toEqual(entries);
    await expectCode(() => readCrl(crl.der, 'CRL', 1_000_000), X509Error, 'CRL_MALFORMED');
  });
});

test('a CRL OpenSSL made is read', () => {
  openssl.write('index.txt', 'R\t340101000000Z\t240120100000Z,keyCompromise\t0A0B\tunknown\t/C=VN/CN=x\n');
  openssl.write('crlnumber', '1F\n');
  openssl.write(
    'ca.cnf',
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n',
  );
  openssl.writePem('root.pem', 'CERTIFICATE', root.certificate.der);
  openssl.write('root.key', root.signer.privateKeyPem);
  const made = openssl.run(
    ...['ca', '-config', 'ca.cnf', '-gencrl', '-cert', 'root.pem', '-keyfile', 'root.key', '-md', 'sha384'],
    ...['-crldays', '30', '-out', 'made.pem'],
  );
  expect(made.status).toBe(0);
  openssl.run('crl', '-in', 'made.pem', '-outform', 'DER', '-out', 'made.der');
  const crl = readCrl(openssl.read('made.der'), 'CRL');
  expect(verifyCrl(crl, root.certificate)).toBe(true);
  expect(crl.crlNumber).toBe(31n);
  expect(crl.entries).toEqual([
    { serialNumber: '0a0b', revocationDate: new Date('2024-01-20T10:00:00Z'), reason: 'keyCompromise' },
  ]);
});

describe('what is refused', () => {
  test.each<[string, Partial<TbsCertListInput>]>([
    ['nextUpdate not after thisUpdate', { nextUpdate: THIS_UPDATE }],
    ['an invalid date', { nextUpdate: new Date(Number.NaN) }],
    ['a negative number', { crlNumber: -1 }],
    ['a number of more than 20 octets', { crlNumber: 2n ** 159n }],
    ['a serial number that is no hex', { entries: [{ serialNumber: 'xy', revocationDate: THIS_UPDATE }] }],
    ['a serial number of zero', { entries: [{ serialNumber: '00', revocationDate: THIS_UPDATE }] }],
    ['a leading zero octet', { entries: [{ serialNumber: '0001', revocationDate: THIS_UPDATE }] }],
    ['a distribution point without a URL', { distributionPoint: [] }],
    ['half an octet', { entries: [{ serialNumber: '123', revocationDate: THIS_UPDATE }] }],
    [
      'removeFromCRL',
      { entries: [{ serialNumber: '01', revocationDate: THIS_UPDATE, reason: 'removeFromCRL' }] },
    ],
  ])('by buildTbsCertList: %s', async (_, change) => {
    await expectCode(() => buildTbsCertList({ ...inputOf(root, []), ...change }), X509Error, 'CRL_MALFORMED');
  });

  const entryWith = (...extensions: readonly Buffer[]): Buffer =>
    der.sequence(der.integer(1), der.time(THIS_UPDATE), der.sequence(...extensions));
  const extension = (oid: string, value: Uint8Array, critical = false): Buffer =>
    der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
  const read = (replace: (members: Buffer[]) => Buffer[]): CertificateList => {
    const tbs = buildTbsCertList(inputOf(root, [{ serialNumber: '01', revocationDate: THIS_UPDATE }]));
    const members = readDer(tbs, { what: 'TBSCertList' }).children.map((child) => child.der);
    return readCrl(
      assembleCrl(der.sequence(...replace(members)), root.signer.algorithm, Buffer.of(1)),
      'CRL',
    );
  };
  const withEntry = (entry: Buffer) => (members: Buffer[]) => [
    ...members.slice(0, 5),
    der.sequence(entry),
    ...members.slice(6),
  ];
  const withExtensions =
    (...extensions: readonly Buffer[]) =>
    (members: Buffer[]) => [...members.slice(0, 6), der.explicit(0, der.sequence(...extensions))];
  const number = extension(OID.crlNumber, der.integer(1));
  const withScope = (...members: readonly Buffer[]): ((members: Buffer[]) => Buffer[]) =>
    withExtensions(number, extension(OID.issuingDistributionPoint, der.sequence(...members), true));
  const url = der.implicitPrimitive(6, Buffer.from(URL));
  const pointName = der.explicit(0, der.implicitConstructed(0, url));

  test('not the good one, with extensions unknown but not critical', () => {
    expect(read((members) => members).entries).toHaveLength(1);
    expect(read(withScope(pointName)).distributionPoint).toEqual([URL]);
    expect(read(withExtensions(number, extension('1.2.3', Buffer.of(5, 0)))).crlNumber).toBe(1n);
    expect(read(withEntry(entryWith(extension('1.2.3', Buffer.of(5, 0))))).entries).toHaveLength(1);
  });

  test.each<[string, (members: Buffer[]) => Buffer[]]>([
    ['version 1', (members) => members.slice(1)],
    ['another version', (members) => [der.integer(2), ...members.slice(1)]],
    ['a version alone', (members) => members.slice(0, 1)],
    ['no nextUpdate', (members) => members.toSpliced(4, 1)],
    ['an empty list', (members) => members.toSpliced(5, 1, der.sequence())],
    ['no extensions', (members) => members.slice(0, 6)],
    ['no CRL number', withExtensions(extension('1.2.3', Buffer.of(5, 0)))],
    ['a negative CRL number', withExtensions(extension(OID.crlNumber, der.integer(-1)))],
    ['a delta CRL', withExtensions(number, extension('2.5.29.27', der.integer(1), true))],
    ['a CRL for CA certificates only', withScope(der.implicitPrimitive(2, Buffer.of(0xff)))],
    ['one of a scope that says so too', withScope(pointName, der.implicitPrimitive(2, Buffer.of(0xff)))],
    ['a CRL of another scope', withScope(der.explicit(3, der.implicitConstructed(0, url)))],
    ['an entry of another issuer', withEntry(entryWith(extension('2.5.29.29', der.sequence(), true)))],
    ['a reason not assigned', withEntry(entryWith(extension(OID.reasonCode, der.enumerated(7))))],
    ['a reason of delta CRLs', withEntry(entryWith(extension(OID.reasonCode, der.enumerated(8))))],
    [
      'an invalidity date in UTCTime',
      withEntry(entryWith(extension(OID.invalidityDate, der.time(THIS_UPDATE)))),
    ],
    ['no extension in the list', withEntry(entryWith())],
    [
      'a fourth member',
      withEntry(der.sequence(der.integer(1), der.time(THIS_UPDATE), der.sequence(number), der.nullValue())),
    ],
    ['a member behind', (members) => [...members, der.nullValue()]],
  ])('by readCrl: %s', async (_, replace) => {
    await expectCode(() => read(replace), X509Error, 'CRL_MALFORMED');
  });

  test('algorithms that differ inside and outside', async () => {
    const tbs = buildTbsCertList(inputOf(root, []));
    await expectCode(
      () => readCrl(assembleCrl(tbs, 'rsa-sha256', Buffer.of(1)), 'CRL'),
      X509Error,
      'CRL_MALFORMED',
    );
  });
});
