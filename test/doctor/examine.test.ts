/** The examination on real files, ports and servers: each check lets the good case through and catches the bad one. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databasePlace, openStore, type DatabasePlace } from '../../src/db';
import type { OfficePerson, ReadinessCheck } from '../../src/delegation';
import { examine, type Subject } from '../../src/doctor';
import { checkNodeVersion, checkUser } from '../../src/doctor/system';
import { rootMigrations, type RootSchema } from '../../src/db';
import { PostgresCluster } from '../support/postgresCluster';

const NOW = new Date('2026-11-26T03:00:00.000Z');

let folder: string;
const servers: (Server | HttpServer)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true });
});

/** Examines a party that has nothing but what is given. */
async function examined(parts: Partial<Subject>): ReturnType<typeof examine> {
  const bare = {
    directory: folder,
    configuration: 'read',
    database: { file: join(folder, 'none.db') },
  } as const;
  return examine({ ...bare, privateFiles: [], listeners: [], hosts: [], ...parts }, NOW);
}

/** What the checks with an id came to, as `result: found`. */
async function found(id: string, parts: Partial<Subject>): Promise<readonly string[]> {
  const told = ({ result, found: what }: ReadinessCheck): string => `${result}: ${what}`;
  return (await examined(parts)).checks.filter((check) => check.id === id).map(told);
}

async function listening(server: Server | HttpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const path = (name: string): string => join(folder, name);

test.each([
  ['24.1.0', 'pass: 24.1.0, 2028-04-30'],
  ['22.9.0', 'warn: 22.9.0, 2027-04-30'],
  ['20.20.2', 'warn: 20.20.2, 2026-04-30'],
  ['25.0.0', 'warn: 25.0.0, —'],
])('Node.js %s', (version, expected) => {
  const { result, found: what } = checkNodeVersion(version, NOW);
  expect(`${result}: ${what}`).toBe(expected);
});

test('the service runs as anybody but root', () => {
  expect([checkUser(0).result, checkUser(999).result]).toEqual(['fail', 'pass']);
});

test('a configuration that is absent or wrong is told, and the rest is examined all the same', async () => {
  expect(await found('configuration', {})).toEqual(['pass: config.yaml']);
  expect(await found('configuration', { configuration: 'absent' })).toEqual(['fail: —']);
  const wrong = { wrong: 'CONFIG_INVALID; config.yaml:3 token' };
  expect(await found('configuration', { configuration: wrong })).toEqual([`fail: ${wrong.wrong}`]);
  const { checks } = await examined({ configuration: 'absent' });
  expect(checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['operating-system', 'node-version', 'disk-space', 'database', 'time-service']),
  );
});

test('private files are nobody else’s; those that are not there yet are left out', async () => {
  writeFileSync(path('good'), '', { mode: 0o600 });
  writeFileSync(path('bad'), '');
  chmodSync(path('bad'), 0o640);
  const privateFiles = [path('good'), path('bad'), path('absent')];
  const results = await found('file-mode', { privateFiles });
  expect(results.map((told) => told.slice(0, 10))).toEqual(['pass: 0600', 'fail: 0640']);
});

test('a second disk is another device', async () => {
  expect(await found('second-disk', { secondDisk: null })).toEqual(['warn: —']);
  expect(await found('second-disk', { secondDisk: path('absent') })).toEqual(['fail: ENOENT']);
  mkdirSync(path('same'));
  expect(await found('second-disk', { secondDisk: path('same') })).toEqual([
    expect.stringMatching(/^fail: dev/),
  ]);
  // In Linux, memory is a device of its own.
  expect(await found('second-disk', { secondDisk: '/dev/shm' })).toEqual([
    expect.stringMatching(/^pass: dev/),
  ]);
});

test('a database is durable and sound, or damaged', async () => {
  const database = path('rootca.db');
  const store = await openStore<RootSchema>({ file: database, migrations: rootMigrations });
  await store.close();
  expect(await found('database', { database: { file: database } })).toEqual(['pass: wal, FULL, ok']);
  expect(await found('database', {})).toEqual(['unknown: —']);
  writeFileSync(database, 'no database at all, but a text that is long enough for a header '.repeat(40));
  expect(await found('database', { database: { file: database } })).toEqual(['fail: DATABASE_DAMAGED']);
});

test('a database server is fit, is not, or does not answer', async () => {
  const place = async (cluster: PostgresCluster): Promise<DatabasePlace> =>
    databasePlace(await cluster.newDatabase(), folder, '');
  const fit = await place(await PostgresCluster.shared());
  expect(await found('database', { database: fit })).toEqual([
    expect.stringMatching(/^pass: PostgreSQL \d+/),
  ]);
  const careless = await PostgresCluster.start(['fsync=off']);
  try {
    const database = await place(careless);
    expect(await found('database', { database })).toEqual(['fail: SETTING_NOT_HELD']);
    careless.down();
    expect(await found('database', { database })).toEqual(['unknown: DATABASE_UNAVAILABLE']);
  } finally {
    careless.remove();
  }
});

test('a port is free, ours, or somebody else’s', async () => {
  const taken = await listening(createServer());
  const free = await listening(createServer());
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const at = (port: number, ours: boolean) => ({ address: '127.0.0.1', port, isOurs: async () => ours });
  const listeners = [at(free, false), at(taken, true), at(taken, false)];
  expect(await found('port', { listeners })).toEqual(['pass: free', 'pass: ours', 'fail: EADDRINUSE']);
});

test('names are resolved', async () => {
  expect(await found('host-name', { hosts: ['10.0.0.1', 'nowhere.invalid'] })).toEqual([
    'pass: 10.0.0.1',
    expect.stringMatching(/^fail: (ENOTFOUND|EAI_AGAIN) /),
  ]);
});

test('an alarm can be reached', async () => {
  const mail = await listening(createServer((socket) => socket.resume().write('220 mail.test ESMTP\r\n')));
  const hook = await listening(createHttpServer((_, reply) => reply.writeHead(405).end()));
  const broken = await listening(createHttpServer((_, reply) => reply.writeHead(503).end()));
  const to = (port: number) => ({ mail: { to: 'ca@laocai.gov.vn', server: '127.0.0.1', port } });
  expect(await found('alarm', { alarm: null })).toEqual(['warn: —']);
  expect(await found('alarm', { alarm: to(mail) })).toEqual(['pass: 220 mail.test ESMTP']);
  expect(await found('alarm', { alarm: { webhook: `http://127.0.0.1:${String(hook)}/x` } })).toEqual([
    'pass: HTTP 405',
  ]);
  expect(await found('alarm', { alarm: { webhook: `http://127.0.0.1:${String(broken)}/x` } })).toEqual([
    'fail: HTTP 503',
  ]);
  expect(await found('alarm', { alarm: to(1) })).toEqual(['fail: ECONNREFUSED']);
});

test('a registry that does not answer gives no clock', async () => {
  const registry = { url: 'https://127.0.0.1:1', rootCertificate: undefined };
  const { checks, measured } = await examined({ registry });
  const results = checks.filter(({ id }) => id === 'registry' || id === 'clock');
  expect(results.map(({ result }) => result)).toEqual(['fail', 'unknown']);
  expect(measured.clock).toBeNull();
});

test.each([
  ['never', null, 'warn: —'],
  ['in time', { made: '2026-11-25', restored: '2026-10-01' }, 'pass: 2026-11-25, 2026-10-01'],
  ['not restored', { made: '2026-11-25' }, 'warn: 2026-11-25, —'],
  ['late', { made: '2026-11-10', restored: '2026-10-01' }, 'warn: 2026-11-10, 2026-10-01'],
  ['too late', { made: '2026-10-01', restored: '2026-10-01' }, 'fail: 2026-10-01, 2026-10-01'],
  ['to come', { made: '2026-12-25', restored: '2026-10-01' }, 'fail: 2026-12-25, 2026-10-01'],
])('a backup made %s', async (_, backup, expected) => {
  expect(await found('backup', { backup })).toEqual([expected]);
});

test('people have the roles that are needed, and training', async () => {
  const training = [{ date: '2026-01-05', certificate: '1' }];
  const person = (id: string, role: OfficePerson['roles'][number]): OfficePerson => ({
    ...{ id, name: id, roles: [role], training },
  });
  const all = [
    person('a', 'officer'),
    person('b', 'approver'),
    person('c', 'approver'),
    person('d', 'auditor'),
  ];
  expect(await found('personnel', { personnel: all })).toEqual(['pass: officer 1, approver 2, auditor 1']);
  expect(await found('personnel', { personnel: all.slice(1) })).toEqual([
    'warn: officer 0, approver 2, auditor 1',
  ]);
  const untrained = [...all.slice(1), { ...person('a', 'officer'), training: [] }];
  expect(await found('personnel', { personnel: untrained })).toEqual([
    'warn: officer 1, approver 2, auditor 1, untrained: a',
  ]);
});

test('papers are told by their hashes', async () => {
  writeFileSync(path('cps.pdf'), '');
  const papers = [
    { kind: 'practice-statement', path: path('cps.pdf') },
    { kind: 'other', path: path('absent.pdf') },
  ] as const;
  expect(await found('documents', { papers })).toEqual([
    'pass: practice-statement SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'fail: ENOENT',
    'warn: —',
  ]);
});

describe('the HSM', () => {
  const hsm = (pin: object) =>
    ({
      caToken: 'ca',
      config: { module: '/x.so', sessions: 1, tokens: [{ label: 'ca', pin }] },
    }) as NonNullable<Subject['hsm']>;

  test('has a source of its PIN that needs nobody', async () => {
    expect(await found('pin-source', { hsm: hsm({ file: 'pin' }) })).toEqual(['pass: file']);
    expect(await found('pin-source', { hsm: hsm({ env: 'PIN' }) })).toEqual(['warn: env']);
    const other = { ...hsm({ file: 'pin' }), caToken: 'other' };
    expect(await found('pin-source', { hsm: other })).toEqual(['warn: prompt']);
  });

  test('without a report, and with files that are none, is not known', async () => {
    writeFileSync(path('device-report-1-x.json'), '{}');
    writeFileSync(path('device-report-2-x.json'), 'no JSON');
    const { measured } = await examined({ hsm: hsm({ file: 'pin' }) });
    expect(measured.device).toBeNull();
    expect(await found('hsm', { hsm: hsm({ file: 'pin' }) })).toEqual(['warn: —']);
  });
});
