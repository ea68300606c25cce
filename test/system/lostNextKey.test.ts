/**
 * A next CA key is lost after the root has certified it: another takes its place, and the lost one is never opened.
 *
 *   e1  issues ──────────────────────────────────────────────┬─ sealed
 *   e2  begin ─ apply ─ grant issue ─ lost     (a copy opens it: the root takes nothing)
 *   e3        begin --replace 2 ─ apply ─ grant issue ─ activate ─ issue ─ sync ─ verify at both ends
 *   e4        one that has been opened is not replaced
 */
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync } from 'node:fs';
import { RawDatabase } from '../support/rawDatabase';
import { World } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
});

afterAll(() => {
  world.remove();
});

const refused = (code: string, params: object = {}): object => ({
  code: 3,
  json: { error: { code, params: expect.objectContaining(params) as object } },
});

async function certified(file: string): Promise<void> {
  for (const operator of ['an', 'binh']) await approve(file, operator);
  await world.rootcaOk('grant', 'issue', `${file}.dsse`, '--out', `${file}.bundle`);
}

async function approve(file: string, operator: string): Promise<void> {
  const how = ['--operator', operator, '--pin-file', world.path('pins', operator), '--yes'];
  await world.rootcaOk('application', 'approve', `${file}.dsse`, ...how);
}

async function withRegistry<T>(work: () => Promise<T> | T): Promise<T> {
  const registry: ChildProcess = await world.serve('rootca');
  try {
    return await work();
  } finally {
    registry.kill('SIGTERM');
    await once(registry, 'exit');
  }
}

const revokedByRoot = (): string => world.openssl('crl', '-in', 'root/published/root.crl', '-noout', '-text');

test('the key after the lost one is made once, and only where one waits', async () => {
  expect(world.subca('rollover', 'begin', '--replace', '2', '--yes')).toMatchObject(
    refused('ROLLOVER_NOT_BEGUN'),
  );
  await world.subcaOk('rollover', 'begin');
  await world.subcaOk('rollover', 'apply', '--out', 'lost.dsse');
  await certified('lost');
  // What a thief of the key, or a restored backup, would go on from.
  cpSync(world.path('node'), world.path('copy'), { recursive: true });

  const made = await world.subcaOk('rollover', 'begin', '--replace', '2', '--yes');
  expect(made).toMatchObject({ epoch: 3, label: '15-1-ca-e3' });
  expect(world.subca('rollover', 'begin', '--replace', '2', '--yes')).toMatchObject(
    refused('ROLLOVER_PENDING', { epoch: 3 }),
  );
  expect(await world.subcaOk('rollover', 'status')).toMatchObject({ pending: { epoch: 3 } });
  expect(world.subca('rollover', 'activate', 'lost.bundle')).toMatchObject(
    refused('ROLLOVER_REPLACED', { epoch: 2, by: 3 }),
  );
});

test('the operators see what is given up, and the root revokes it', async () => {
  await world.subcaOk('rollover', 'apply', '--out', 'next.dsse');
  const shown = await world.rootcaOk('application', 'show', 'next.dsse');
  const before = await world.rootcaOk('grant', 'show', '15-1');
  expect(shown).toMatchObject({
    application: { epoch: 3, succeeds: { version: 1 }, replaces: { epoch: 2 } },
    grant: { version: 3, keys: { epoch: 3 } },
  });
  expect((shown['grant'] as { previous: string }).previous).toBe(before['previous']);
  const told = world.told('rootca', {}, 'application', 'show', 'next.dsse').stdout;
  expect(told).toContain('IN PLACE OF generation 2');
  expect(revokedByRoot()).toContain('No Revoked Certificates');

  await certified('next');
  const lost = (JSON.parse(world.read('lost.bundle').toString()) as { caCertificate: string }).caCertificate;
  const { serialNumber } = new X509Certificate(Buffer.from(lost, 'base64'));
  expect(revokedByRoot()).toContain(serialNumber);
  expect(world.rootca('grant', 'issue', 'lost.dsse', '--out', 'again.bundle')).toMatchObject(
    refused('KEY_REPLACED', { epoch: 2 }),
  );
  await world.rootcaOk('grant', 'issue', 'next.dsse', '--out', 'again.bundle');
  expect(world.read('again.bundle')).toEqual(world.read('next.bundle'));
});

test('whoever opens the lost key all the same finds no ear at the root', async () => {
  const asThief = ['--dir', world.path('copy')];
  await world.subcaOk('rollover', 'activate', 'lost.bundle', ...asThief);
  await world.subcaOk('sync', 'export', 'thief.submission', ...asThief);
  // A root of its own: the first journal goes on in the copy as well, which is a fork and another story.
  cpSync(world.path('root'), world.path('root-copy'), { recursive: true });
  const ran = world.rootca(
    ...['import', 'thief.submission', '--out', 'thief.reply', '--dir', world.path('root-copy')],
  );
  expect(ran).toMatchObject(refused('SUBMISSION_REFUSED'));
  expect(JSON.stringify(ran.json)).toContain('replaced as lost');
  expect(await world.rootcaOk('node', 'show', '15-1')).toMatchObject({
    generations: [{ epoch: 1 }, { epoch: 2, entries: 0, replaced: true }, { epoch: 3, replaced: false }],
  });
});

test('the key in its place is taken into use, and both ends find everything in order', async () => {
  expect(await world.subcaOk('rollover', 'activate', 'next.bundle')).toMatchObject({ epoch: 3, version: 3 });
  world.csr('leaf', '/CN=SỞ TƯ PHÁP');
  const how = ['--profile', 'organisation', '--csr', 'leaf.csr', '--out', 'leaf.crt'];
  const { serialNumber } = await world.subcaOk('issue', ...how);
  expect(serialNumber).toMatch(/^03/);
  const chain = ['-CAfile', 'root/published/root.pem', '-untrusted', 'node/published/subca-e3.pem'];
  expect(world.openssl('verify', '-x509_strict', ...chain, 'leaf.crt')).toBe('leaf.crt: OK\n');
  await world.subcaOk('revoke', String(serialNumber), '--reason', 'superseded', '--yes');
  expect(await withRegistry(() => world.subcaOk('sync'))).toMatchObject({ findings: 0 });
  expect(await world.subcaOk('verify')).toMatchObject({ journals: [{}, {}] });
  await world.rootcaOk('verify');
  expect(await world.rootcaOk('findings')).toMatchObject({ findings: [] });
  expect(await world.rootcaOk('node', 'show', '15-1')).toMatchObject({
    origin: 'registry.test/15-1/e3',
    generations: [{ epoch: 1, sealedAt: expect.any(Number) as number }, { sealedAt: null }, { epoch: 3 }],
  });
});

test('one that has been opened is not given up', async () => {
  await world.subcaOk('rollover', 'begin');
  await world.subcaOk('rollover', 'apply', '--out', 'opened.dsse');
  await certified('opened');
  cpSync(world.path('node'), world.path('other'), { recursive: true });
  await world.subcaOk('rollover', 'activate', 'opened.bundle');
  await withRegistry(() => world.subcaOk('sync'));
  const other = ['--dir', world.path('other')];
  await world.subcaOk('rollover', 'begin', '--replace', '4', '--yes', ...other);
  await world.subcaOk('rollover', 'apply', '--out', 'late.dsse', ...other);
  expect(world.rootca('application', 'show', 'late.dsse')).toMatchObject(refused('KEY_OPENED', { epoch: 4 }));
  const database = await RawDatabase.open(world.path('root', 'rootca.db'));
  const revoked = await database.value('SELECT count(*) FROM rootCertificates WHERE revokedAt IS NOT NULL');
  await database.close();
  expect(revoked).toBe(1);
});
