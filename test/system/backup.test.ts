/**
 * A machine is lost, and what is left is a backup, a second disk and a token.
 *
 *   node   issue ─ backup ─ issue ─ sync ─ issue ─ LOST ─ restore ─ recover ─ issue ─ verify
 *   disk                    └──── mirror ────┘                 └─ what the root never saw
 *   root   backup ─ restore elsewhere ─ verify
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { World, type Ran } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
  mkdirSync(world.path('second-disk'));
  for (const [name, key] of [
    ['safe', ['-newkey', 'rsa:2048']],
    ['closed', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['stranger', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ] as const) {
    const open = name === 'closed' ? ['-passout', 'pass:mật khẩu'] : ['-noenc'];
    world.openssl(
      ...['req', '-x509', ...key, ...open, '-subj', `/CN=${name}`, '-days', '9'],
      ...['-keyout', world.path(`${name}.key`), '-out', world.path(`${name}.crt`)],
    );
  }
  writeFileSync(world.path('passphrase'), 'mật khẩu\n');
  const config = world.path('node', 'config.yaml');
  const lines = [
    'journal: { mirror: ../second-disk }',
    'backup: { recipients: [../safe.crt, ../closed.crt] }',
  ];
  writeFileSync(config, [readFileSync(config, 'utf8'), ...lines, ''].join('\n'), { mode: 0o600 });
});

afterAll(() => {
  world.remove();
});

async function issue(): Promise<Ran> {
  const csr = await world.newCsr();
  return world.subca('issue', '--profile', 'organisation', '--csr', csr);
}

const serialOf = ({ json }: Ran): string => String(json['serialNumber']);
const ended = ({ code, json }: Ran): readonly unknown[] => [code, json.error?.code];

test('from the backup, the mirror and the root everything comes back, and the same key issues', async () => {
  const before = serialOf(await issue());
  const made = await world.subcaOk('backup', 'node.backup');
  const bytes = readFileSync(world.path('node.backup'));
  expect(made).toMatchObject({
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    journals: [{ origin: expect.stringMatching(/\/e1$/) as string, receipt: null }],
  });
  expect((made['recipients'] as unknown[]).length).toBe(2);
  expect(statSync(world.path('node.backup')).mode & 0o777).toBe(0o600);
  expect(await world.subcaOk('status')).toMatchObject({
    backup: { sha256: made['sha256'] },
    mirror: { failure: null },
    quarantine: [],
  });

  const sent = serialOf(await issue());
  await world.withRegistry(() => world.subcaOk('sync'));
  const unsent = serialOf(await issue());
  rmSync(world.path('node'), { recursive: true });

  for (const [cut, expected] of [
    [bytes.subarray(0, bytes.length - 7), [5, 'BACKUP_UNREADABLE']],
    [bytes.subarray(100), [5, 'BACKUP_UNREADABLE']],
    [Buffer.from(bytes).fill(0, 5000, 5001), [5, 'BACKUP_UNREADABLE']],
  ] as const) {
    writeFileSync(world.path('bad.backup'), cut);
    expect(ended(world.subca('restore', 'bad.backup', '--key', 'safe.key'))).toEqual(expected);
  }
  expect(ended(world.subca('restore', 'node.backup', '--key', 'stranger.key'))).toEqual([
    3,
    'KEY_OPENS_NOTHING',
  ]);
  expect(ended(world.subca('restore', 'node.backup', '--key', 'closed.key'))).toEqual([2, 'NOT_A_TERMINAL']);
  const withPassphrase = ['--key', 'closed.key', '--key-passphrase-file', 'passphrase'];
  expect(await world.subcaOk('restore', 'node.backup', ...withPassphrase)).toMatchObject({ name: '15-1' });
  expect(ended(world.subca('restore', 'node.backup', ...withPassphrase))).toEqual([2, 'DIRECTORY_NOT_EMPTY']);

  expect(ended(await issue())).toEqual([5, 'QUARANTINED']);
  await world.subcaOk('crl', 'publish');
  const codes = (await world.subcaOk('status'))['quarantine'] as readonly { code: string }[];
  expect(codes.map(({ code }) => code)).toEqual(expect.arrayContaining(['RESTORED', 'MIRROR_AHEAD']));
  await world.withRegistry(async () => {
    expect(await world.subcaOk('recover', '--yes')).toMatchObject({
      journals: [{ source: 'mirror', unrecorded: [] }],
      issuing: true,
    });
    for (const serialNumber of [before, sent, unsent])
      expect(await world.subcaOk('certificate', 'show', serialNumber)).toMatchObject({ status: 'issued' });
    expect((await issue()).code).toBe(0);
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  });
  const verified = await world.subcaOk('verify');
  expect(verified).toMatchObject({ mirrored: verified['entries'] });
  await world.rootcaOk('verify');
});

test('without its second disk it revokes and publishes, issues nothing, and says so', async () => {
  const serialNumber = serialOf(await issue());
  renameSync(world.path('second-disk'), world.path('not-mounted'));
  expect(ended(await issue())).toEqual([4, 'MIRROR_UNAVAILABLE']);
  await world.subcaOk('revoke', serialNumber, '--reason', 'superseded', '--yes');
  expect(await world.subcaOk('status')).toMatchObject({
    mirror: { failure: { code: 'MIRROR_UNAVAILABLE' } },
  });
  expect(existsSync(world.path('second-disk'))).toBe(false);
  renameSync(world.path('not-mounted'), world.path('second-disk'));
  expect((await issue()).code).toBe(0);
  await world.subcaOk('verify');
});

test('the root’s own directory likewise', async () => {
  expect(ended(world.rootca('backup', 'root.backup'))).toEqual([2, 'NO_RECIPIENT']);
  await world.rootcaOk('backup', 'root.backup', '--recipient', 'safe.crt');
  expect(ended(world.subca('restore', 'root.backup', '--key', 'safe.key', '--dir', 'other'))).toEqual([
    2,
    'BACKUP_OF_OTHER',
  ]);
  await world.rootcaOk('restore', 'root.backup', '--key', 'safe.key', '--dir', 'root-2');
  const verified = await world.rootcaOk('verify', '--dir', 'root-2');
  expect(verified).toEqual(await world.rootcaOk('verify'));
  expect(statSync(world.path('root-2', 'tls.key')).mode & 0o777).toBe(0o600);
  // No CRL of the root that was lost has a number that one of the restored has.
  const published = async (directory: string): Promise<number> =>
    Number((await world.rootcaOk('crl', 'publish', '--dir', directory))['number']);
  const lost = Math.max(await published('root'), await published('root'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await published('root-2')).toBeGreaterThan(lost);
});

test('OpenSSL and tar open it without this program', () => {
  const command =
    'openssl cms -decrypt -binary -inform DER -in node.backup -inkey safe.key | tar -xf - -O manifest.json';
  const ran = spawnSync('sh', ['-c', command], { cwd: world.directory, encoding: 'utf8' });
  expect(JSON.parse(ran.stdout)).toMatchObject({ format: 'subca-backup/1', program: 'subca', name: '15-1' });
});
