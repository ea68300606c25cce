/**
 * An operator's token is destroyed where both operators are needed. Nothing is granted without it; the root key names
 * another key in its place, and the node follows by network and by file.
 *
 *   an, binh (2 of 2) ─ binh's token is destroyed ─ approve fails
 *   operator remove binh ─ operator add binh (another token) ─ trust sign ─ sync, or files ─► node
 *   grants: signed before and taken: stays · signed before and not taken: refused · with the new key: taken
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { softHsmModule, World, type Ran } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated({ tokens: ['binh-2', 'node-2'] });
  // A later grant, signed by both and not taken yet.
  await world.subcaOk('rollover', 'begin');
  await world.subcaOk('rollover', 'apply', '--out', 'rollover.dsse');
  for (const operator of ['an', 'binh']) expect(approve('rollover.dsse', operator).code).toBe(0);
  await world.rootcaOk('grant', 'issue', 'rollover.dsse', '--out', 'late.bundle');
  await carry('before');
  // Another body's application waits.
  const [organisation, token, host] = ['01', 'node-2', '127.0.0.1'];
  await world.subcaOk(
    ...['init', '--dir', world.path('node-2'), '--organisation', organisation, '--host', host],
    ...['--module', softHsmModule(), '--token', token, '--pin-file', world.path('pins', token)],
    ...['--ca-key', 'p-256'],
  );
  await world.subcaOk('apply', '--dir', world.path('node-2'), '--out', 'other.dsse');
  expect(approve('other.dsse', 'an').code).toBe(0);
});

afterAll(() => {
  world.remove();
});

function approve(file: string, operator: string, token = operator): Ran {
  const how = ['--yes', '--operator', operator, '--pin-file', world.path('pins', token)];
  return world.rootca('application', 'approve', file, ...how);
}

/** The whole way by file. */
async function carry(name: string): Promise<void> {
  await world.subcaOk('sync', 'export', `${name}.submission`);
  await world.rootcaOk('import', `${name}.submission`, '--out', `${name}.reply`);
  await world.subcaOk('sync', 'import', `${name}.reply`);
}

const nodes = async (): Promise<unknown> => (await world.rootcaOk('trust', 'show'))['nodes'];

test('without the token, nothing is approved, and it is said why', async () => {
  execFileSync('softhsm2-util', ['--delete-token', '--token', 'binh'], { env: world.env, stdio: 'ignore' });
  expect(approve('other.dsse', 'binh')).toMatchObject({
    code: 4,
    json: { error: { code: 'TOKEN_ABSENT', params: { label: 'binh' } } },
  });
  expect(world.rootca('grant', 'issue', 'other.dsse', '--out', 'never.bundle')).toMatchObject({
    code: 3,
    json: { error: { code: 'APPLICATION_STATE' } },
  });
  // Nobody takes the place by themselves.
  const place = ['operator', 'add', 'binh', '--token', 'binh-2', '--pin-file', world.path('pins', 'binh-2')];
  expect(world.rootca(...place)).toMatchObject({ code: 2, json: { error: { code: 'OPERATOR_EXISTS' } } });
});

test('the root key puts another key in its place', async () => {
  await world.rootcaOk('operator', 'remove', 'binh', '--reason', 'token hỏng, biên bản 07', '--yes');
  expect(world.rootca('trust', 'sign', '--yes')).toMatchObject({
    code: 2,
    json: { error: { code: 'THRESHOLD_IMPOSSIBLE' } },
  });
  const pin = ['--pin-file', world.path('pins', 'binh-2')];
  await world.rootcaOk('operator', 'add', 'binh', '--token', 'binh-2', ...pin);
  expect(await world.rootcaOk('operator', 'list')).toMatchObject({
    operators: [
      { name: 'an', trusted: true },
      { name: 'binh', token: 'binh-2', trusted: false },
    ],
    trustVersion: 1,
    nodes: [{ node: '15-1', trustVersion: 1, caughtUp: true }],
  });
  // Unattended, the root key signs nothing that nobody has agreed to.
  expect(world.rootca('trust', 'sign')).toMatchObject({
    code: 2,
    json: { error: { code: 'CONFIRMATION_NEEDED' } },
  });
  expect(await world.rootcaOk('trust', 'sign', '--yes')).toMatchObject({
    version: 2,
    threshold: 2,
    differences: [{ what: 'operator', name: 'binh' }],
  });
  expect(await nodes()).toMatchObject([{ node: '15-1', trustVersion: 1, caughtUp: false }]);
});

test('what was half approved is completed by the new key', async () => {
  expect(approve('other.dsse', 'binh', 'binh-2')).toMatchObject({
    code: 0,
    json: { status: 'approved', approvedBy: ['an', 'binh'] },
  });
  await world.rootcaOk('grant', 'issue', 'other.dsse', '--out', 'other.bundle');
  const activate = ['activate', 'other.bundle', '--root-fingerprint', world.fingerprint];
  await world.subcaOk(...activate, '--dir', world.path('node-2'));
});

test('the node takes the statement with its next sync; the late grant is refused, the accepted one stays', async () => {
  const registry = await world.serve('rootca');
  await world.subcaOk('sync');
  registry.kill('SIGTERM');
  await once(registry, 'exit');
  expect(await nodes()).toMatchObject([
    { node: '01-1', trustVersion: null },
    { node: '15-1', trustVersion: 1 },
  ]);
  // It reports what it had when it sent; the next time it has the new one.
  await carry('after');
  expect(await nodes()).toMatchObject([
    { caughtUp: false },
    { node: '15-1', trustVersion: 2, caughtUp: true },
  ]);
  expect(world.subca('rollover', 'activate', 'late.bundle')).toMatchObject({
    code: 3,
    json: { error: { code: 'SIGNER_UNKNOWN' } },
  });
  expect(world.rootca('grant', 'issue', 'rollover.dsse', '--out', 'again.bundle')).toMatchObject({
    code: 3,
    json: { error: { code: 'APPROVALS_MISSING', params: { got: 1, needed: 2 } } },
  });
  expect(await world.subcaOk('status')).toMatchObject({ grant: { version: 1 } });
  const csr = await world.newCsr();
  await world.subcaOk('issue', '--profile', 'organisation', '--csr', csr, '--subject', 'CN=SỞ NỘI VỤ');
  await world.subcaOk('verify');
});

test('versions that were missed come by file, with a new registry key; old receipts stay verifiable', async () => {
  await world.rootcaOk('registry', 'rekey', '--reason', 'thay HSM', '--yes');
  await world.rootcaOk('trust', 'sign', '--yes');
  await world.rootcaOk('trust', 'sign', '--yes', '--valid-days', '365');
  await carry('missed');
  await carry('confirmed');
  expect(await nodes()).toMatchObject([{ node: '01-1' }, { node: '15-1', trustVersion: 4, caughtUp: true }]);
  expect((await world.subcaOk('verify'))['receipts']).toBeGreaterThan(1);
});

test('the root’s journal tells all of it, and goes on from a head that was signed before', async () => {
  await world.rootcaOk('journal', 'head', '--out', 'root.head');
  expect(readFileSync(world.path('root.head'), 'utf8')).toMatch(/^registry\.test\/root\n\d+\n/);
  const listed = await world.rootcaOk('journal', 'list', '--from', '0', '--count', '1000');
  const entries = (listed['entries'] as { entry: Record<string, unknown> }[]).map(({ entry }) => entry);
  expect(entries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        type: 'key-retired',
        role: 'operator-binh',
        reason: 'token hỏng, biên bản 07',
      }),
      expect.objectContaining({ type: 'key', role: 'operator-binh/2' }),
      expect.objectContaining({ type: 'key', role: 'registry/2', reason: 'thay HSM' }),
    ]),
  );
  await world.rootcaOk('trust', 'sign', '--yes');
  const verified = await world.rootcaOk('verify', '--head', 'root.head');
  expect(verified).toMatchObject({ goesOnFrom: entries.length, journal: { entries: entries.length + 1 } });
  const told = world.told('rootca', {}, 'trust', 'show');
  expect([told.code, told.stdout]).toEqual([
    0,
    expect.stringContaining('Not caught up: 01-1 (—), 15-1 (4).'),
  ]);
  expect(world.told('rootca', {}, 'journal', 'list').stdout).toContain('registry.test/root:');
});
