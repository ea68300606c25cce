/**
 * The whole way: root and node from nothing to a revoked certificate the root has checked.
 *
 *   rootca init ─ operator add ×2 ─ trust sign ─ application approve ×2 ─ grant issue ─ serve ─ verify
 *   subca  init ─ apply ───────────────────────────────────────────── activate ─ issue ─ revoke ─ sync
 */
import { EC_KEY, RSA_KEY, World } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
});

afterAll(() => {
  world.remove();
});

const chain = (): readonly string[] => [
  '-CAfile',
  world.path('root', 'published', 'root.pem'),
  '-untrusted',
  world.path('node', 'published', 'subca.pem'),
];
const crl = (): readonly string[] => [
  '-CRLfile',
  world.path('node', 'published', 'subca.crl.pem'),
  '-crl_check',
];

async function issue(
  name: string,
  profile: string,
  subject: string,
  key: readonly string[],
): Promise<string> {
  world.csr(name, subject, key);
  const issued = await world.subcaOk(
    'issue',
    '--profile',
    profile,
    '--csr',
    `${name}.csr`,
    '--out',
    `${name}.crt`,
  );
  return issued['serialNumber'] as string;
}

test('certificates are issued that OpenSSL accepts, revoked so that it refuses, and synced so that the root agrees', async () => {
  await issue('org', 'organisation', '/CN=SỞ NỘI VỤ', RSA_KEY);
  const person = await issue(
    'person',
    'individual',
    '/CN=Nguyễn Văn An/emailAddress=an@laocai.gov.vn',
    EC_KEY,
  );
  expect(world.openssl('verify', '-x509_strict', ...chain(), 'org.crt', 'person.crt')).toBe(
    'org.crt: OK\nperson.crt: OK\n',
  );

  await world.subcaOk('revoke', person, '--reason', 'keyCompromise', '--yes');
  expect(world.openssl('verify', ...chain(), ...crl(), 'org.crt')).toBe('org.crt: OK\n');
  expect(() => world.openssl('verify', ...chain(), ...crl(), 'person.crt')).toThrow(/certificate revoked/);

  await world.serve('rootca');
  const synced = await world.subcaOk('sync');
  expect(synced).toMatchObject({ findings: 0 });
  expect(await world.rootcaOk('node', 'list')).toMatchObject({
    nodes: [{ node: '15-1', certificates: 3, revoked: 1, findings: 0, entries: synced['size'] }],
  });
  expect(await world.rootcaOk('findings')).toMatchObject({ findings: [] });
  expect(await world.rootcaOk('inspect', 'person.crt')).toMatchObject({
    verdict: 'recorded',
    status: 'revoked',
  });
  expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ entries: synced['size'] }] });
  expect(await world.subcaOk('verify')).toMatchObject({ issued: 2, revoked: 1, abandoned: 0, receipts: 1 });
});
