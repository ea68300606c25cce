/**
 * Root and node on a PostgreSQL server, from nothing to a revoked certificate the root has checked; and a server that
 * is stopped while the services run.
 *
 *   rootca serve ──(password file)──┐
 *                                   ├── PostgreSQL: a database for each
 *   subca serve ────(socket)────────┘
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresCluster } from '../support/postgresCluster';
import { EC_KEY, World } from '../support/world';

const PASSWORD = 'mật khẩu của sổ đăng ký';
let cluster: PostgresCluster;
let world: World;
const urls = { root: '', node: '' };

beforeAll(async () => {
  cluster = await PostgresCluster.start();
  await cluster.sql(`CREATE ROLE with_password LOGIN PASSWORD '${PASSWORD}'`);
  urls.root = (await cluster.newDatabase('with_password')).url;
  urls.node = (await cluster.newDatabase()).url;
  world = await World.activated({
    rootInit: (made) => {
      const file = made.path('pins', 'database');
      writeFileSync(file, PASSWORD, { mode: 0o600 });
      return ['--database', urls.root, '--database-password-file', file];
    },
    init: () => ['--database', urls.node],
  });
});

afterAll(() => {
  world.remove();
  cluster.remove();
});

test('the whole way', async () => {
  world.csr('person', '/CN=Nguyễn Văn An/emailAddress=an@laocai.gov.vn', EC_KEY);
  const issued = await world.subcaOk(
    ...['issue', '--profile', 'individual', '--csr', 'person.csr', '--out', 'person.crt'],
  );
  const chain = [
    ...['-CAfile', world.path('root', 'published', 'root.pem')],
    ...['-untrusted', world.path('node', 'published', 'subca.pem')],
  ];
  expect(world.openssl('verify', '-x509_strict', ...chain, 'person.crt')).toBe('person.crt: OK\n');
  await world.subcaOk('revoke', issued['serialNumber'] as string, '--reason', 'keyCompromise', '--yes');
  const crl = ['-CRLfile', world.path('node', 'published', 'subca.crl.pem'), '-crl_check'];
  expect(() => world.openssl('verify', ...chain, ...crl, 'person.crt')).toThrow(/certificate revoked/);

  const synced = await world.withRegistry(() => world.subcaOk('sync'));
  expect(synced).toMatchObject({ findings: 0 });
  expect(await world.rootcaOk('inspect', 'person.crt')).toMatchObject({
    verdict: 'recorded',
    status: 'revoked',
  });
  expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ entries: synced['size'] }] });
  expect(await world.subcaOk('verify')).toMatchObject({ issued: 1, revoked: 1, abandoned: 0, receipts: 1 });
  for (const party of ['root', 'node'])
    expect(readdirSync(world.path(party)).filter((name) => name.endsWith('.db'))).toEqual([]);
});

test('a server that is stopped and started while the services run is used again by them', async () => {
  await world.serve('rootca');
  await world.serve('subca');
  const before = await world.subcaOk('sync');
  cluster.down();
  const stopped = world.subca('sync');
  expect([stopped.code, stopped.json.error?.code]).toEqual([4, 'DATABASE_UNAVAILABLE']);
  await cluster.up();
  // Longer than the services need to hear that the line is cut.
  await sleep(100);
  world.csr('second', '/CN=Trần Thị Bình/emailAddress=binh@laocai.gov.vn', EC_KEY);
  await world.subcaOk('issue', '--profile', 'individual', '--csr', 'second.csr', '--out', 'second.crt');
  const after = await world.subcaOk('sync');
  expect(Number(after['size'])).toBeGreaterThan(Number(before['size']));
  expect(
    world.openssl(
      ...['ocsp', '-issuer', world.path('node', 'published', 'subca.pem'), '-cert', 'second.crt'],
      ...['-url', world.openssl('x509', '-in', 'second.crt', '-noout', '-ocsp_uri').trim()],
      ...['-CAfile', world.path('root', 'published', 'root.pem')],
    ),
  ).toContain('second.crt: good');
});

test('commands tell where the database is, what is wrong with it, and nothing secret', async () => {
  expect((await world.subcaOk('status'))['database']).toContain(cluster.directory);
  const { checks } = world.rootca('doctor').json as unknown as {
    readonly checks: readonly { readonly id: string; readonly result: string; readonly found: string }[];
  };
  expect(checks.find(({ id }) => id === 'database')).toMatchObject({
    result: 'pass',
    found: expect.stringMatching(/^PostgreSQL \d/) as string,
  });
  const backup = world.subca('backup', 'node.backup');
  expect([backup.code, backup.json.error?.code]).toEqual([2, 'DATABASE_ON_SERVER']);
  const typed = world.subca('init', '--database', 'postgresql://subca:secret@db.example/subca');
  expect(typed.code).toBe(2);
  expect(JSON.stringify(typed.json) + typed.stderr).not.toContain('secret');
  writeFileSync(world.path('pins', 'database'), 'another password', { mode: 0o600 });
  const refused = world.rootca('node', 'list');
  expect([refused.code, refused.json.error?.code]).toEqual([4, 'DATABASE_UNAVAILABLE']);
  expect(JSON.stringify(refused.json) + refused.stderr).not.toContain('another password');
});
