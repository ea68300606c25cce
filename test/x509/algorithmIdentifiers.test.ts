/** AlgorithmIdentifiers: in each place of each structure, the octets of the RFCs, and those that OpenSSL writes there. */
import { der, readDer, readOctets, readOid, type DerValue } from '../../src/asn1';
import type { KeyAlgorithm, SignatureAlgorithm } from '../../src/signer';
import {
  assembleCrl,
  assembleOcspResponse,
  buildOcspResponseData,
  buildRequest,
  buildTbsCertList,
  keyIdentifier,
  readCertificate,
  readCrl,
  readOcspRequest,
  readSignatureAlgorithm,
  signatureAlgorithmIdentifier,
  verifyCrl,
  verifyIssuedBy,
  X509Error,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';
import { ROOT_NAME, softRoot } from '../support/softCa';
import { softSigner } from '../support/softSigner';

const openssl = new OpenSsl();
afterAll(() => {
  openssl.remove();
});

/** RFC 4055, sections 3.1 and 5; RFC 5758, section 3.2. The PSS ones also stand in CA/Browser Forum BR 7.1.3.2.1. */
const TABLE: readonly (readonly [
  algorithm: SignatureAlgorithm,
  key: KeyAlgorithm,
  hex: string,
  options: readonly string[],
])[] = [
  ['rsa-sha256', 'rsa-2048', '300d06092a864886f70d01010b0500', ['-sha256']],
  [
    'rsa-pss-sha256',
    'rsa-2048',
    '304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120',
    ['-sha256', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'],
  ],
  [
    'rsa-pss-sha384',
    'rsa-2048',
    '304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130',
    ['-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:48'],
  ],
  ['ecdsa-sha256', 'p-256', '300a06082a8648ce3d040302', ['-sha256']],
  ['ecdsa-sha384', 'p-384', '300a06082a8648ce3d040303', ['-sha384']],
];

const NOW = new Date('2024-02-01T00:00:00Z');
const LATER = new Date('2033-01-01T00:00:00Z');

const hexOf = (value: DerValue | undefined): string => value?.der.toString('hex') ?? '—';
const parts = (bytes: Buffer): readonly DerValue[] => readDer(bytes, { what: 'test' }).children;

/** SIGNED: the identifier outside, and the one inside at its place. */
const both = (bytes: Buffer, at: number): readonly string[] => {
  const [tbs, outside] = parts(bytes);
  return [hexOf(outside), hexOf(tbs?.children[at])];
};
/** Of the BasicOCSPResponse in an OCSPResponse. */
const ofOcsp = (bytes: Buffer): string => {
  const response = parts(bytes)[1]?.children[0]?.children[1];
  return hexOf(parts(readOctets(response, 'response'))[1]);
};

function run(...args: readonly string[]): void {
  const { status, output } = openssl.run(...args);
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${output}`);
}

describe.each(TABLE)('%s', (algorithm, key, hex, options) => {
  it('is written in certificate, CRL, request and OCSP response as the RFC has it', async () => {
    const { signer, certificate } = await softRoot(key, algorithm);
    expect(both(certificate.der, 2)).toEqual([hex, hex]);
    expect(verifyIssuedBy(certificate, certificate)).toBe(true);

    const tbs = buildTbsCertList({
      signatureAlgorithm: signer.algorithm,
      issuer: certificate.tbs.subjectDer,
      thisUpdate: NOW,
      nextUpdate: LATER,
      entries: [],
      crlNumber: 1,
      authorityKeyId: keyIdentifier(signer.spki),
    });
    const crl = assembleCrl(tbs, signer.algorithm, await signer.sign(tbs));
    expect(both(crl, 1)).toEqual([hex, hex]);
    expect(verifyCrl(readCrl(crl, 'CRL'), certificate)).toBe(true);

    expect(hexOf(parts(await buildRequest(ROOT_NAME, signer))[1])).toBe(hex);

    openssl.writePem('root.pem', 'CERTIFICATE', certificate.der);
    run('ocsp', '-sha256', '-issuer', 'root.pem', '-cert', 'root.pem', '-reqout', 'ask.der', '-no_nonce');
    const [asked] = readOcspRequest(openssl.read('ask.der')).certIds;
    // The CertID comes back as it was asked with: SHA-256 with the parameters its asker gave it.
    expect(readOid(parts(asked!.der)[0]?.children[0], 'hash')).toBe('2.16.840.1.101.3.4.2.1');
    const data = buildOcspResponseData({
      responderKeyHash: keyIdentifier(signer.spki),
      producedAt: NOW,
      responses: [{ certIdDer: asked!.der, status: { kind: 'good' }, thisUpdate: NOW, nextUpdate: LATER }],
    });
    const response = assembleOcspResponse(data, signer.algorithm, await signer.sign(data), []);
    expect(ofOcsp(response)).toBe(hex);
    expect(response.includes(asked!.der)).toBe(true);
    openssl.write('response.der', response);
    const verdict = openssl.run(
      ...['ocsp', '-sha256', '-respin', 'response.der', '-CAfile', 'root.pem', '-issuer', 'root.pem'],
      ...['-cert', 'root.pem', '-no_nonce', '-validity_period', '2000000000'],
    );
    expect(verdict.output).toContain('Response verify OK');
  });

  it('is what OpenSSL writes, and reads back', () => {
    const { privateKeyPem } = keyOf(key);
    openssl.write('key.pem', privateKeyPem);
    openssl.write('empty.txt', '');
    openssl.write(
      'ca.cnf',
      '[ca]\ndefault_ca=d\n[d]\ndatabase=empty.txt\ncrlnumber=number.txt\ndefault_crl_days=9\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n',
    );
    openssl.write('number.txt', '01\n');
    run(
      'req',
      '-x509',
      '-key',
      'key.pem',
      '-subj',
      '/C=VN/CN=a',
      ...options,
      '-outform',
      'DER',
      '-out',
      'c.der',
    );
    const certificate = openssl.read('c.der');
    expect(both(certificate, 2)).toEqual([hex, hex]);
    const read = readCertificate(certificate, 'certificate');
    expect(read.signatureAlgorithm).toBe(algorithm);
    expect(verifyIssuedBy(read, read.tbs.publicKey)).toBe(true);

    run('x509', '-inform', 'DER', '-in', 'c.der', '-out', 'c.pem');
    const digest = options[0]?.slice(1) ?? '';
    run(
      ...['ca', '-gencrl', '-config', 'ca.cnf', '-keyfile', 'key.pem', '-cert', 'c.pem', '-md', digest],
      ...[...options.slice(1), '-out', 'crl.pem'],
    );
    run('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
    expect(both(openssl.read('crl.der'), 1)).toEqual([hex, hex]);
    expect(verifyCrl(readCrl(openssl.read('crl.der'), 'CRL'), read.tbs.publicKey)).toBe(true);

    run('req', '-new', '-key', 'key.pem', '-subj', '/CN=a', ...options, '-outform', 'DER', '-out', 'r.der');
    expect(hexOf(parts(openssl.read('r.der'))[1])).toBe(hex);

    run('ocsp', '-issuer', 'c.pem', '-cert', 'c.pem', '-reqout', 'q.der', '-no_nonce');
    run(
      ...['ocsp', '-index', 'empty.txt', '-CA', 'c.pem', '-rsigner', 'c.pem', '-rkey', 'key.pem'],
      ...['-rmd', digest, ...options.slice(1).map((word) => (word === '-sigopt' ? '-rsigopt' : word))],
      ...['-reqin', 'q.der', '-respout', 'p.der'],
    );
    expect(ofOcsp(openssl.read('p.der'))).toBe(hex);
  });
});

const keys = new Map<KeyAlgorithm, { readonly privateKeyPem: string }>();
function keyOf(key: KeyAlgorithm): { readonly privateKeyPem: string } {
  const known = keys.get(key) ?? softSigner(key);
  keys.set(key, known);
  return known;
}

it('refuses a certificate and a CRL whose two identifiers differ, though they mean the same', async () => {
  const algorithm = 'rsa-pss-sha256';
  const { signer, certificate } = await softRoot('rsa-2048', algorithm);
  const tbsCertList = buildTbsCertList({
    signatureAlgorithm: algorithm,
    issuer: certificate.tbs.subjectDer,
    thisUpdate: NOW,
    nextUpdate: LATER,
    entries: [],
    crlNumber: 1,
    authorityKeyId: keyIdentifier(signer.spki),
  });
  const written = signatureAlgorithmIdentifier(algorithm);
  // SHA-256 without parameters, twice.
  const legal = Buffer.from(
    '303d06092a864886f70d01010a3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120',
    'hex',
  );
  expect(readSignatureAlgorithm(readDer(legal, { what: 'legal' }), 'legal')).toBe(algorithm);
  const signature = der.bitString(Buffer.of(1));
  const signed = (tbs: Buffer, identifier: Buffer): Buffer => der.sequence(tbs, identifier, signature);
  expect(readCertificate(signed(certificate.tbs.der, written), 'same').signatureAlgorithm).toBe(algorithm);
  expect(readCrl(signed(tbsCertList, written), 'same').signatureAlgorithm).toBe(algorithm);
  const mixed = signed(certificate.tbs.der, legal);
  await expectCode(() => readCertificate(mixed, 'mixed'), X509Error, 'CERTIFICATE_MALFORMED');
  await expectCode(() => readCrl(signed(tbsCertList, legal), 'mixed'), X509Error, 'CRL_MALFORMED');
});
