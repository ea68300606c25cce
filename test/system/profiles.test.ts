/**
 * The profiles beyond person and organisation, from a grant with an internal host and a public mirror, and what other
 * programs make of their certificates.
 *
 *   grant-template.yaml (mirror, quota) ─► grant ─► device · tls-server · officer · timestamping ─► OpenSSL
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { EC_KEY, RSA_KEY, World, type Ran } from '../support/world';

let world: World;

const MIRROR = 'http://crl.test.gov.vn/15-1';

beforeAll(async () => {
  world = await World.applied({ apply: ['--dns-domain', 'laocai.gov.vn'] });
  const file = world.path('root', 'grant-template.yaml');
  const template = readFileSync(file, 'utf8')
    .replace(
      "crl: ['http://{host}/subca.crl']",
      "crl: ['http://{host}/subca.crl', 'http://crl.test.gov.vn/{node}/subca.crl']",
    )
    .replace(
      "ocsp: ['http://{host}/ocsp']",
      "ocsp: ['http://{host}/ocsp', 'http://crl.test.gov.vn/{node}/ocsp']",
    )
    .replace('timestamping: 20', 'timestamping: 1');
  writeFileSync(file, template);
  await world.approved();
  await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
});

afterAll(() => {
  world.remove();
});

const refused = ({ code, json }: Ran): unknown => {
  const error = json['error'] as { code: string; problems: readonly { where: string }[] };
  return [code, error.code, error.problems.map(({ where }) => where)];
};

/** A request with names beside the subject. */
function csr(name: string, subject: string, alternativeNames: string, key: readonly string[] = EC_KEY): void {
  world.openssl(
    ...['req', '-new', '-newkey', ...key, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-utf8'],
    ...['-subj', subject, '-addext', `subjectAltName=${alternativeNames}`],
  );
}

const issue = (profile: string, name: string): Promise<Ran['json']> =>
  world.subcaOk('issue', '--profile', profile, '--csr', `${name}.csr`, '--out', `${name}.crt`);
const text = (name: string): string => world.openssl('x509', '-in', `${name}.crt`, '-noout', '-text');
const verified = (purpose: string, name: string): string =>
  world.openssl(
    ...['verify', '-x509_strict', '-purpose', purpose],
    ...['-CAfile', world.path('root', 'published', 'root.pem')],
    ...['-untrusted', world.path('node', 'published', 'subca.pem'), `${name}.crt`],
  );

test('the operators see what each profile brings, and sign it', async () => {
  const { grant } = (await world.rootcaOk('application', 'show', 'application.dsse')) as {
    grant: { scope: { profiles: readonly { id: string }[] }; limits: { quota: unknown } };
  };
  const scope = (id: string): unknown => grant.scope.profiles.find((profile) => profile.id === id);
  expect(scope('individual')).toMatchObject({
    maxValidityDays: 1825,
    maxRenewedDays: 1095,
    keyStorage: 'token',
  });
  expect(scope('tls-server')).toMatchObject({
    keyStorage: 'software',
    dns: { permitted: ['laocai.gov.vn'] },
  });
  expect(scope('ocsp-responder')).toMatchObject({ maxRenewedDays: 0 });
  expect(scope('title-holder')).toBeUndefined();
  expect(grant.limits.quota).toMatchObject({ perProfile: { timestamping: 1, officer: 200 } });
});

test('a device, with every place to look it up, the internal host first', async () => {
  csr('device', '/OU=VĂN PHÒNG/CN=Trục liên thông văn bản/serialNumber=H15.2', 'DNS:lienthong.laocai.gov.vn');
  await issue('device', 'device');
  expect(verified('sslclient', 'device')).toBe('device.crt: OK\n');
  const places = [...text('device').matchAll(/URI:(\S+)/g)].map(([, url]) => url);
  const host = places[0]?.replace('/subca.crl', '') ?? '';
  expect(places).toEqual([
    `${host}/subca.crl`,
    `${MIRROR}/subca.crl`,
    `${host}/ocsp`,
    `${MIRROR}/ocsp`,
    `${host}/subca.crt`,
  ]);
  expect(text('device')).toContain('DNS:lienthong.laocai.gov.vn');
});

test('an HTTPS server, within the granted domain', async () => {
  csr('server', '/CN=dichvucong.laocai.gov.vn', 'DNS:dichvucong.laocai.gov.vn');
  await issue('tls-server', 'server');
  expect(verified('sslserver', 'server')).toBe('server.crt: OK\n');

  csr('foreign', '/CN=dichvucong.caobang.gov.vn', 'DNS:dichvucong.caobang.gov.vn,IP:10.0.0.1');
  expect(refused(world.subca('issue', '--profile', 'tls-server', '--csr', 'foreign.csr'))).toEqual([
    ...[3, 'OUTSIDE_GRANT'],
    ['subjectAltName.dns', 'subjectAltName.ip'],
  ]);
});

test('an officer, who can log in and sign nothing', async () => {
  world.csr('officer', '/CN=Trần Thị Bình');
  await issue('officer', 'officer');
  expect(verified('sslclient', 'officer')).toBe('officer.crt: OK\n');
  expect(text('officer')).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
  expect(() => verified('smimesign', 'officer')).toThrow(/unsuitable certificate purpose/);
});

test('a timestamping service, whose timestamps OpenSSL accepts, and one only', async () => {
  world.csr('tsa', '/CN=Dịch vụ cấp dấu thời gian', RSA_KEY);
  expect(refused(world.subca('issue', '--profile', 'timestamping', '--csr', 'tsa.csr'))).toEqual([
    ...[2, 'REQUEST_UNFIT'],
    ['keyAlgorithm'],
  ]);
  world.csr('tsa', '/CN=Dịch vụ cấp dấu thời gian', ['rsa:3072']);
  await issue('timestamping', 'tsa');
  expect(text('tsa')).toMatch(/X509v3 Extended Key Usage: critical\s+Time Stamping\n/);
  expect(verified('timestampsign', 'tsa')).toBe('tsa.crt: OK\n');

  writeFileSync(world.path('document'), 'văn bản');
  writeFileSync(world.path('serial'), '01\n');
  writeFileSync(
    world.path('tsa.cnf'),
    [
      '[tsa]\ndefault_tsa = here',
      '[here]\nserial = serial\nsigner_cert = tsa.crt\nsigner_key = tsa.key\nsigner_digest = sha256',
      'default_policy = 1.2.3.4\ndigests = sha256\n',
    ].join('\n'),
  );
  world.openssl('ts', '-query', '-data', 'document', '-sha256', '-cert', '-out', 'stamp.tsq');
  world.openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'stamp.tsq', '-out', 'stamp.tsr');
  const checked = world.openssl(
    ...['ts', '-verify', '-queryfile', 'stamp.tsq', '-in', 'stamp.tsr'],
    ...['-CAfile', world.path('root', 'published', 'root.pem')],
    ...['-untrusted', world.path('node', 'published', 'subca.pem')],
  );
  expect(checked).toContain('Verification: OK');

  world.csr('second', '/CN=Dịch vụ thứ hai', EC_KEY);
  expect(refused(world.subca('issue', '--profile', 'timestamping', '--csr', 'second.csr'))).toEqual([
    ...[3, 'OUTSIDE_GRANT'],
    ['quota.perProfile.timestamping'],
  ]);
});

test('a node that says another place for keys than its grant is refused', async () => {
  const file = world.path('node', 'profiles', 'officer.yaml');
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, original.replace('keyStorage: token', 'keyStorage: software'));
  expect(
    refused(world.subca('issue', '--profile', 'officer', '--csr', 'officer.csr', '--subject', 'CN=Lê Hoàng')),
  ).toEqual([...[2, 'REQUEST_UNFIT'], ['keyStorage']]);
  writeFileSync(file, original);
});
