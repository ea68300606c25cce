/**
 * RSASSA-PSS the whole way, judged by OpenSSL and GnuTLS:
 *
 *   root RSA-3072, PSS with SHA-384 ── node RSA-3072, PSS with SHA-256 ─┬─ RSA subscriber, request signed with PSS
 *                                                                       └─ P-256 subscriber, revoked
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync, sign } from 'node:crypto';
import { APPLICATION_PAYLOAD_TYPE, payloadOf, type FirstApplication } from '../../src/delegation';
import { der, OID, readDer } from '../../src/asn1';
import { readUnverified, sealEnvelope } from '../../src/envelope';
import { readinessOf, sealReadiness } from '../support/readiness';
import { softSigner } from '../support/softSigner';
import { RSA_KEY, World } from '../support/world';

const PSS_SHA256 =
  /Hash Algorithm: sha256\s+Mask Algorithm: mgf1 with sha256\s+Salt Length: 0x20\s+Trailer Field: 0x01/g;
const PSS_SHA384 =
  /Hash Algorithm: sha384\s+Mask Algorithm: mgf1 with sha384\s+Salt Length: 0x30\s+Trailer Field: 0x01/g;

let world: World;
const published = (party: 'root' | 'node', name: string): string => world.path(party, 'published', name);
const chain = (): readonly string[] => [
  ...['-CAfile', published('root', 'root.pem'), '-untrusted', published('node', 'subca.pem')],
];
const crls = (): readonly string[] => ['-CRLfile', published('node', 'subca.crl.pem'), '-crl_check'];

beforeAll(async () => {
  world = await World.activated({
    ...{ rootKey: 'rsa-3072', rootSignature: 'rsa-pss-sha384' },
    ...{ caKey: 'rsa-3072', caSignature: 'rsa-pss-sha256' },
  });
});

afterAll(() => {
  world.remove();
});

test('certificates, CRL and OCSP responses hold before OpenSSL and GnuTLS, and before the root', async () => {
  world.csr('rsa', '/CN=SỞ NỘI VỤ', RSA_KEY);
  const pss = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:digest'].flatMap((option) => ['-sigopt', option]);
  const subject = ['-utf8', '-subj', '/CN=SỞ NỘI VỤ'];
  world.openssl('req', '-new', '-key', 'rsa.key', ...subject, '-sha384', ...pss, '-out', 'rsa.csr');
  world.csr('ec', '/CN=Nguyễn Văn An/emailAddress=an@laocai.gov.vn');
  await world.subcaOk('issue', '--profile', 'organisation', '--csr', 'rsa.csr', '--out', 'rsa.crt');
  const { serialNumber } = await world.subcaOk(
    ...['issue', '--profile', 'individual', '--csr', 'ec.csr', '--out', 'ec.crt'],
  );
  expect(world.openssl('verify', '-x509_strict', ...chain(), 'rsa.crt', 'ec.crt')).toBe(
    'rsa.crt: OK\nec.crt: OK\n',
  );
  await world.subcaOk('revoke', String(serialNumber), '--reason', 'keyCompromise', '--yes');
  expect(world.openssl('verify', '-x509_strict', ...chain(), ...crls(), 'rsa.crt')).toBe('rsa.crt: OK\n');
  expect(() => world.openssl('verify', ...chain(), ...crls(), 'ec.crt')).toThrow(/certificate revoked/);

  const text = (kind: 'x509' | 'crl', file: string): string =>
    world.openssl(kind, '-in', file, '-noout', '-text');
  for (const file of ['rsa.crt', 'ec.crt']) expect(text('x509', file).match(PSS_SHA256)).toHaveLength(2);
  expect(text('crl', published('node', 'subca.crl.pem')).match(PSS_SHA256)).toHaveLength(2);
  for (const file of [published('root', 'root.pem'), published('node', 'subca.pem')]) {
    expect(text('x509', file).match(PSS_SHA384)).toHaveLength(2);
  }
  const crl = ['crl', '-in', published('node', 'subca.crl.pem'), '-noout', '-verify', '-CAfile'];
  execFileSync('openssl', [...crl, published('node', 'subca.pem')], { stdio: 'pipe' });
  expect(() => execFileSync('openssl', [...crl, published('root', 'root.pem')], { stdio: 'pipe' })).toThrow();

  const certtool = (file: string): string => {
    writeFileSync(
      world.path('chain.pem'),
      Buffer.concat([world.read(file), world.read('node', 'published', 'subca.pem')]),
    );
    const trusted = [
      '--load-ca-certificate',
      published('root', 'root.pem'),
      '--infile',
      world.path('chain.pem'),
    ];
    return execFileSync('certtool', ['--verify', ...trusted], { encoding: 'utf8', stdio: 'pipe' });
  };
  expect(certtool('rsa.crt')).toContain('Chain verification output: Verified. The certificate is trusted.');
  const forged = world
    .read('rsa.crt')
    .toString('latin1')
    .replace(/^[A-Za-z0-9+/]{4}(?=[A-Za-z0-9+/=]*\n-----END)/m, 'AAAA');
  writeFileSync(world.path('forged.crt'), forged);
  expect(() => certtool('forged.crt')).toThrow();

  await world.serve('subca');
  const url = world.openssl('x509', '-in', 'rsa.crt', '-noout', '-ocsp_uri').trim();
  for (const [name, status] of [
    ['rsa', 'good'],
    ['ec', 'revoked'],
  ] as const) {
    const asked = ['-issuer', published('node', 'subca.pem'), '-cert', `${name}.crt`];
    world.openssl('ocsp', ...asked, '-url', url, '-no_nonce', '-respout', 'response.der', '-noverify');
    const said = world.openssl(
      'ocsp',
      ...asked,
      '-no_nonce',
      '-respin',
      'response.der',
      '-CAfile',
      published('root', 'root.pem'),
      '-verify_other',
      published('node', 'subca.pem'),
    );
    expect(said).toContain(`${name}.crt: ${status}`);
  }

  await world.serve('rootca');
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  expect(await world.rootcaOk('inspect', 'rsa.crt')).toMatchObject({ verdict: 'recorded' });
  expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ node: '15-1' }] });
  expect(await world.subcaOk('verify')).toMatchObject({ revoked: 1, abandoned: 0, receipts: 1 });
});

test('an algorithm that does not fit its key makes nothing', () => {
  const params = { key: 'p-256', signature: 'rsa-pss-sha256', allowed: 'ecdsa-sha256' };
  const refusal = { code: 'SIGNATURE_NOT_FOR_KEY', params };
  const module = ['--module', '/nowhere.so'];
  const subca = world.subca(
    ...['init', '--dir', 'other', '--organisation', '15', '--host', 'a.vn', ...module, '--token', 'node'],
    ...['--ca-key', 'p-256', '--ca-signature', 'rsa-pss-sha256'],
  );
  const rootca = world.rootca(
    ...['init', '--dir', 'other', '--name', 'a.vn', '--subject', 'C=VN, CN=a', '--host', 'a.vn', ...module],
    ...['--root-token', 'root', '--registry-token', 'registry'],
    ...['--root-key', 'p-256', '--root-signature', 'rsa-pss-sha256'],
  );
  for (const ran of [subca, rootca]) {
    expect(ran).toMatchObject({ code: 2, json: { error: refusal } });
  }
  expect(existsSync(world.path('other'))).toBe(false);
});

test('an application whose CA key asks by an algorithm it may not sign with is not granted', async () => {
  const sent = readUnverified(world.read('application.dsse'), APPLICATION_PAYLOAD_TYPE, 'application');
  const application = JSON.parse(sent.payload.toString('utf8')) as FirstApplication;
  const [info] = readDer(Buffer.from(application.request, 'base64'), { what: 'request' }).children;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const [version, subject, , attributes] = info!.children.map((part) => part.der);
  const changed = der.sequence(version!, subject!, spki, attributes!);
  const sha512WithRsa = OID.sha256WithRsaEncryption.replace(/\d+$/, '13');
  const request = der.sequence(
    changed,
    der.sequence(der.oid(sha512WithRsa), der.nullValue()),
    der.bitString(sign('sha512', changed, privateKey)),
  );
  const journal = softSigner('p-256');
  const other: FirstApplication = {
    ...application,
    nodeId: '15-2',
    request: request.toString('base64'),
    journalSpki: journal.spki.toString('base64'),
    readiness: (await sealReadiness(readinessOf('15-2'), journal)).toString('base64'),
  };
  const envelope = await sealEnvelope(APPLICATION_PAYLOAD_TYPE, payloadOf(other), [journal]);
  writeFileSync(world.path('other.dsse'), envelope);
  const { code, json } = world.rootca('application', 'show', 'other.dsse');
  expect([code, json.error?.code]).toEqual([3, 'APPLICATION_UNFIT']);
  expect(json.error?.problems).toEqual([
    expect.objectContaining({ where: 'request.signatureAlgorithm', found: 'rsa-sha512' }),
  ]);
});
