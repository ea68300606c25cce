/** A backup as a file: what OpenSSL makes of it, what comes out again, and that nothing altered gets in. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  BackupError,
  contentsOf,
  readPrivateKey,
  readRecipient,
  restoreBackup,
  writeBackup,
  type Party,
} from '../../src/backup';
import { ConfigError } from '../../src/config';
import { nodeMigrations, openStore, tryLock, type NodeSchema } from '../../src/db';
import { isCodedError } from '../../src/errors';
import { sha256Hex } from '../../src/signer';
import { encodePem } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';

const NOW = new Date('2026-11-26T02:00:00.000Z');
const SOFTWARE = { name: 'subca-kit', version: '0.1.0' };

let openssl: OpenSsl;
let party: Party;
let file: string;
const keys: Record<'rsa' | 'ec' | 'other', KeyObject> = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ec: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  other: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
};

const pathOf = (...names: readonly string[]): string => join(openssl.directory, ...names);
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

beforeEach(async () => {
  openssl = new OpenSsl();
  for (const [name, key] of Object.entries(keys)) {
    openssl.write(`${name}.key`, pem(key));
    openssl.run('pkey', '-in', `${name}.key`, '-pubout', '-out', `${name}.pub`);
  }
  openssl.run(
    'req',
    '-x509',
    '-new',
    '-key',
    'rsa.key',
    '-subj',
    '/CN=backup',
    '-days',
    '9',
    '-out',
    'rsa.crt',
  );
  const directory = pathOf('node');
  for (const folder of ['', 'run', 'profiles', 'published'])
    mkdirSync(join(directory, folder), { mode: 0o700 });
  writeFileSync(join(directory, 'config.yaml'), 'node: 15-1\n');
  writeFileSync(join(directory, 'pin'), '123456\n');
  writeFileSync(join(directory, 'profiles', 'pin'), '123456\n');
  writeFileSync(join(directory, 'profiles', 'cá nhân.yaml'), 'id: individual\n');
  writeFileSync(join(directory, 'published', 'subca.crl'), Buffer.alloc(700_000, 7));
  writeFileSync(join(directory, 'published', 'empty'), '');
  const store = await openStore<NodeSchema>({
    file: join(directory, 'subca.db'),
    migrations: nodeMigrations,
  });
  const journal = { size: 3, rootHash: Buffer.alloc(32, 1), frontier: Buffer.alloc(0), lastTime: null };
  await store.transaction((tx) =>
    tx
      .insertInto('journals')
      .values({
        ...journal,
        origin: 'registry.test/15-1/e1',
        grantVersion: 0,
        crlNumber: 0,
        lastDirective: 0,
        toldSize: 0,
        leaseTime: null,
        removedBefore: 0,
      })
      .execute(),
  );
  await store.close();
  party = {
    program: 'subca',
    name: '15-1',
    directory,
    database: 'subca.db',
    migrations: nodeMigrations,
    contains: contentsOf(directory, ['profiles', 'published'], ['../outside', 'papers/cps.pdf']),
    secrets: [join(directory, 'profiles', 'pin')],
  };
  file = pathOf('node.backup');
});

afterEach(() => {
  openssl.remove();
});

async function backUp(...recipients: readonly string[]) {
  return backUpAgain(false, ...recipients);
}

async function backUpAgain(replace: boolean, ...recipients: readonly string[]) {
  const read = await Promise.all(recipients.map((name) => readRecipient(pathOf(name))));
  return writeBackup(party, file, { recipients: read, software: SOFTWARE, now: NOW, replace });
}

const restore = (key: keyof typeof keys, from = file, sha256?: string) =>
  restoreBackup(party, from, pathOf('restored'), {
    key: keys[key],
    keyName: `${key}.key`,
    sha256,
    prepare: () => Promise.resolve(),
  });

function contents(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    names
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path): [string, string] => [path.slice(folder.length + 1), sha256Hex(readFileSync(path))])
      .sort(),
  );
}

test('what is restored is what was there, without PINs, locks and side files', async () => {
  const made = await backUp('rsa.crt', 'ec.pub');
  expect(made).toMatchObject({
    file,
    sha256: sha256Hex(readFileSync(file)),
    bytes: statSync(file).size,
    journals: [{ origin: 'registry.test/15-1/e1', size: 3, receipt: null }],
    leftOut: ['pin', 'profiles/pin'],
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(openssl.directory).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(readdirSync(join(party.directory, 'run')).filter((name) => name.startsWith('backup'))).toEqual([]);
  for (const key of ['rsa', 'ec'] as const) {
    const manifest = await restore(key);
    expect(manifest).toMatchObject({ name: '15-1', software: SOFTWARE, time: NOW.toISOString() });
    const restored = contents(pathOf('restored'));
    const original = contents(party.directory);
    expect(Object.keys(restored)).toEqual([
      'config.yaml',
      'profiles/cá nhân.yaml',
      'published/empty',
      'published/subca.crl',
      'subca.db',
    ]);
    for (const name of Object.keys(restored).filter((one) => one !== 'subca.db'))
      expect(restored[name]).toBe(original[name]);
    expect(statSync(pathOf('restored', 'subca.db')).mode & 0o777).toBe(0o600);
    expect(statSync(pathOf('restored', 'published', 'subca.crl')).mode & 0o777).toBe(0o644);
    await expectCode(restore(key), BackupError, 'DIRECTORY_NOT_EMPTY');
    rmSync(pathOf('restored'), { recursive: true });
  }
  await expectCode(restore('other'), BackupError, 'KEY_OPENS_NOTHING');
  expect(contents(pathOf('restored'))).toEqual({});
});

test.each(['rsa', 'ec'] as const)('OpenSSL opens it with the %s key, and tar unpacks it', async (name) => {
  await backUp('rsa.crt', 'ec.pub', 'other.pub');
  const opened = openssl.run(
    ...['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', 'node.backup', '-inkey', `${name}.key`],
    ...['-out', 'node.tar'],
  );
  expect(opened).toMatchObject({ status: 0 });
  mkdirSync(pathOf('unpacked'));
  const unpacked = spawnSync('tar', ['-xf', '../node.tar'], { cwd: pathOf('unpacked'), encoding: 'utf8' });
  expect([unpacked.status, unpacked.stderr]).toEqual([0, '']);
  const manifest = JSON.parse(readFileSync(pathOf('unpacked', 'manifest.json'), 'utf8')) as {
    files: { path: string; sha256: string }[];
  };
  const { 'manifest.json': own, ...files } = contents(pathOf('unpacked'));
  expect(own).toBeDefined();
  expect(files).toEqual(Object.fromEntries(manifest.files.map(({ path, sha256 }) => [path, sha256])));
});

test('cut off or altered anywhere, it is refused, and nothing is put in place', async () => {
  writeFileSync(join(party.directory, 'published', 'subca.crl'), Buffer.alloc(3000, 7));
  await backUp('ec.pub');
  const whole = readFileSync(file);
  const altered = pathOf('altered.backup');
  const refused = async (bytes: Buffer, at: number): Promise<void> => {
    writeFileSync(altered, bytes);
    const outcome = await restore('ec', altered).then(
      () => 'restored',
      (error: unknown) => (isCodedError(error) ? error.code : String(error)),
    );
    expect([at, outcome]).toEqual([at, expect.stringMatching(/^(BACKUP_UNREADABLE|KEY_OPENS_NOTHING)$/)]);
    expect(contents(pathOf('restored'))).toEqual({});
  };
  const offsets = [
    ...Array.from({ length: 420 }, (_, at) => at),
    ...Array.from({ length: 60 }, (_, at) => 420 + at * Math.floor((whole.length - 460) / 60)),
    ...Array.from({ length: 20 }, (_, at) => whole.length - 20 + at),
  ];
  for (const at of offsets) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1;
    await refused(flipped, at);
    await refused(whole.subarray(0, at), at);
  }
  await refused(Buffer.concat([whole, Buffer.from([0])]), whole.length);
  await refused(Buffer.from('not a backup at all'), 0);
});

test('a root’s backup is not a node’s', async () => {
  party = { ...party, program: 'rootca' };
  await backUp('ec.pub');
  party = { ...party, program: 'subca' };
  await expectCode(restore('ec'), BackupError, 'BACKUP_OF_OTHER');
});

test('one at a time, to somebody, and a file that cannot be written is none', async () => {
  await expectCode(backUp(), BackupError, 'NO_RECIPIENT');
  const lock = await tryLock(join(party.directory, 'run'), 'backup');
  await expectCode(backUp('ec.pub'), BackupError, 'BACKUP_RUNNING');
  await lock?.release();
  for (let at = 0; at < 500; at += 1)
    writeFileSync(join(party.directory, 'published', `${String(at)}.crt`), '');
  await expectCode(backUp('ec.pub'), BackupError, 'TOO_MANY_FILES');
  rmSync(join(party.directory, 'published'), { recursive: true });
  file = pathOf('nowhere', 'node.backup');
  await expectCode(backUp('ec.pub'), ConfigError, 'FILE_NOT_WRITTEN');
});

test('links are not followed, and what an interrupted backup or restore left is no obstacle', async () => {
  symlinkSync('/etc/passwd', join(party.directory, 'profiles', 'link'));
  writeFileSync(join(party.directory, 'run', 'backup.db'), 'half');
  mkdirSync(pathOf('restored', '.restoring'), { recursive: true });
  writeFileSync(pathOf('restored', '.restoring', 'subca.db'), 'half');
  expect((await backUp('ec.pub')).leftOut).toEqual(['pin', 'profiles/link', 'profiles/pin']);
  await restore('ec');
  expect(existsSync(pathOf('restored', '.restoring'))).toBe(false);
  expect(existsSync(pathOf('restored', 'profiles', 'link'))).toBe(false);
});

test('a file that is there is replaced on purpose alone, and a folder is none', async () => {
  const { sha256 } = await backUp('ec.pub');
  await expectCode(backUp('ec.pub'), BackupError, 'BACKUP_EXISTS');
  expect(sha256Hex(readFileSync(file))).toBe(sha256);
  const again = await backUpAgain(true, 'ec.pub');
  expect(sha256Hex(readFileSync(file))).toBe(again.sha256);
  expect(again.sha256).not.toBe(sha256);
  file = openssl.directory;
  const refused = await expectCode(backUpAgain(true, 'ec.pub'), ConfigError, 'FILE_NOT_WRITTEN');
  expect(refused.params).toMatchObject({ reason: 'EISDIR' });
  expect((await expectCode(restore('ec'), ConfigError, 'FILE_NOT_READ')).params).toMatchObject({
    reason: 'EISDIR',
  });
  expect(
    (await expectCode(restore('ec', pathOf('nowhere')), ConfigError, 'FILE_NOT_READ')).params,
  ).toMatchObject({
    reason: 'ENOENT',
  });
  expect(existsSync(pathOf('restored'))).toBe(false);
});

test('a recipient is read from a certificate and from a key, PEM or DER', async () => {
  openssl.run('x509', '-in', 'rsa.crt', '-outform', 'DER', '-out', 'rsa.crt.der');
  openssl.run('pkey', '-pubin', '-in', 'rsa.pub', '-pubout', '-outform', 'DER', '-out', 'rsa.pub.der');
  const files = ['rsa.crt', 'rsa.crt.der', 'rsa.pub', 'rsa.pub.der'];
  const read = await Promise.all(files.map((name) => readRecipient(pathOf(name))));
  const own = openssl.read('rsa.pub.der');
  for (const { spki } of read) expect(spki.equals(own)).toBe(true);
});

test('a recipient who is named twice, by a certificate and by a key, is one', async () => {
  const { recipients } = await backUp('rsa.crt', 'ec.pub', 'rsa.pub', 'rsa.crt');
  expect(recipients).toHaveLength(2);
  expect(new Set(recipients).size).toBe(2);
  await restore('rsa');
});

test('a file with another digest than the expected one is not looked into', async () => {
  const { sha256 } = await backUp('ec.pub');
  const error = await expectCode(restore('other', file, 'ab'.repeat(32)), BackupError, 'BACKUP_IS_ANOTHER');
  expect([error.category, error.params]).toEqual([
    'integrity',
    { file, found: sha256, expected: 'ab'.repeat(32) },
  ]);
  expect(existsSync(pathOf('restored'))).toBe(false);
  await restore('ec', file, sha256);
});

test('a directory that others may read is its owner’s alone after a restore, and untouched if it is not empty', async () => {
  await backUp('ec.pub');
  mkdirSync(pathOf('restored'));
  chmodSync(pathOf('restored'), 0o755);
  writeFileSync(pathOf('restored', 'note'), '');
  await expectCode(restore('ec'), BackupError, 'DIRECTORY_NOT_EMPTY');
  expect(statSync(pathOf('restored')).mode & 0o777).toBe(0o755);
  rmSync(pathOf('restored', 'note'));
  await restore('ec');
  expect(statSync(pathOf('restored')).mode & 0o777).toBe(0o700);
});

test('an encrypted private key needs its passphrase', async () => {
  openssl.run('pkey', '-in', 'ec.key', '-aes256', '-passout', 'pass:bí mật', '-out', 'closed.key');
  const closed = pathOf('closed.key');
  await expectCode(
    readPrivateKey(closed, () => Promise.resolve('wrong')),
    BackupError,
    'KEY_UNUSABLE',
  );
  const key = await readPrivateKey(closed, () => Promise.resolve('bí mật'));
  expect(pem(key)).toBe(pem(keys.ec));
  writeFileSync(closed, encodePem('CERTIFICATE', Buffer.alloc(20)));
  await expectCode(
    readPrivateKey(closed, () => Promise.resolve('')),
    BackupError,
    'KEY_UNUSABLE',
  );
});
