/**
 * `scripts/quickstart` as a newcomer runs it, twice into the same folder.
 *
 *   first  with an OpenSSL that cannot ask for a status: its checks fail, and the script says so
 *   then   with the real one and --serve: everything holds, and is judged here once more, independently
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(__dirname, '..', '..');
const SCRIPT = join(PROJECT, 'scripts', 'quickstart');
const MINUTES = 60_000;

interface Summary {
  readonly issued: number;
  readonly revoked: number;
  readonly synced: number;
  readonly findings: number;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

let folder: string;
let demo: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quickstart-test-'));
  demo = join(folder, "bản trình diễn của 'tôi'");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('knows its options, and leaves a folder that it did not make as it is', () => {
  expect(run(['--everything'])).toMatchObject({ status: 2 });
  expect(run(['--into'])).toMatchObject({ status: 2 });
  const theirs = join(folder, 'theirs');
  mkdirSync(theirs);
  writeFileSync(join(theirs, 'letter.txt'), 'mine');
  expect(run(['--into', theirs])).toMatchObject({ status: 2 });
  expect(readdirSync(theirs)).toEqual(['letter.txt']);
});

test('a command that fails ends it, with what the command said', () => {
  const path = standIn('softhsm2-util', 'echo "ERROR: no slot is free" >&2; exit 3');
  const { status, stderr } = run(['--into', join(folder, 'broken')], path);
  expect(status).toBe(1);
  expect(stderr).toContain('FAILED (exit code 3): softhsm2-util');
  expect(stderr).toContain('no slot is free');
});

describe('the whole way', () => {
  let first: { readonly status: number | null; readonly stderr: string; readonly summary: Summary };
  let serving: ChildProcess;
  let said = '';

  beforeAll(async () => {
    const path = standIn('openssl', `[ "$1" != ocsp ] || exit 1; exec '${whereIs('openssl')}' "$@"`);
    first = { ...run(['--into', demo], path), summary: summary() };
    serving = spawn(SCRIPT, ['--serve', '--into', demo], { env: environment() });
    serving.stdout?.on('data', (part: Buffer) => (said += part.toString('utf8')));
    serving.stderr?.on('data', (part: Buffer) => (said += part.toString('utf8')));
    const ended = once(serving, 'exit');
    while (!said.includes('Ctrl-C ends them.') && serving.exitCode === null) {
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }, 5 * MINUTES);

  afterAll(() => {
    serving.kill('SIGKILL');
  });

  test('checks that do not hold are told, and its exit code tells it too', () => {
    expect(first.status).toBe(1);
    const bad = first.summary.checks.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(bad.length).toBeGreaterThan(0);
    expect(bad.filter((name) => !name.startsWith('openssl ocsp'))).toEqual([]);
    for (const name of bad) expect(first.stderr).toContain(name);
  });

  test('the second run holds, in the folder of the first', () => {
    expect(said).toContain('8 certificates issued, 2 revoked');
    expect(summary().checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(summary().checks.length).toBe(first.summary.checks.length);
  });

  test('the folder holds what is promised, and PINs are for their owner only', () => {
    expect(readdirSync(demo)).toEqual(
      expect.arrayContaining([
        ...['application.dsse', 'crl.pem', 'env', 'grant.bundle', 'issued', 'node', 'revoked.crt', 'root'],
        ...['root.crt', 'softhsm2.conf', 'subca.crt', 'summary.json'],
      ]),
    );
    const modes = readdirSync(join(demo, 'pins')).map(
      (pin) => statSync(join(demo, 'pins', pin)).mode & 0o777,
    );
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  test('the counts are those of both sides, asked with demo/env', () => {
    const { issued, revoked, synced, findings } = summary();
    const { certificates } = sourced('subca certificate list') as {
      readonly certificates: readonly { readonly profile: string; readonly status: string }[];
    };
    const subscribers = certificates.filter(({ profile }) => profile !== 'ocsp-responder');
    expect(subscribers.length).toBe(issued);
    expect(issued).toBeGreaterThanOrEqual(6);
    expect(subscribers.filter(({ status }) => status === 'revoked').length).toBe(revoked);
    expect(revoked).toBe(2);
    expect(sourced('subca status')).toMatchObject({ journal: { size: synced, confirmed: synced } });
    expect(sourced('rootca node list')).toMatchObject({ nodes: [{ entries: synced, revoked, findings: 0 }] });
    expect(findings).toBe(0);
  });

  test('OpenSSL accepts every certificate in force and refuses the revoked one', () => {
    const issued = readdirSync(join(demo, 'issued')).map((name) => `issued/${name}`);
    const { issued: count, revoked } = summary();
    expect(issued.length).toBe(count - revoked);
    const chain = ['verify', '-CAfile', 'root.crt', '-untrusted', 'subca.crt'];
    const crl = ['-crl_check', '-CRLfile', 'crl.pem'];
    const allOk = issued.map((file) => `${file}: OK\n`).join('');
    expect(openssl(...chain, ...issued)).toBe(allOk);
    expect(openssl(...chain, ...crl, ...issued)).toBe(allOk);
    expect(openssl(...chain, 'revoked.crt')).toBe('revoked.crt: OK\n');
    expect(() => openssl(...chain, ...crl, 'revoked.crt')).toThrow(/certificate revoked/);
  });

  test('there are RSA and ECDSA keys, and certificates of organisations and of people', () => {
    const texts = readdirSync(join(demo, 'issued')).map((name) =>
      openssl('x509', '-in', `issued/${name}`, '-noout', '-text', '-nameopt', 'utf8,-esc_msb'),
    );
    for (const kind of ['rsaEncryption', 'id-ecPublicKey', 'CN=SỞ TƯ PHÁP', 'CN=Giàng A Páo']) {
      expect(texts.some((text) => text.includes(kind))).toBe(true);
    }
  });

  test('--serve answers, keeps others out of its folder, and ends with its services at Ctrl-C', async () => {
    const [url = ''] = /http:\S+\/subca\.crl(?= )/.exec(said) ?? [];
    const answer = await fetch(url);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes).toEqual(readFileSync(join(demo, 'node', 'published', 'subca.crl')));
    expect(run(['--into', demo])).toMatchObject({ status: 4 });
    expect(processesOf(demo).length).toBeGreaterThan(0);

    serving.kill('SIGINT');
    expect(await once(serving, 'exit')).toEqual([0, null]);
    expect(processesOf(demo)).toEqual([]);
  });
});

function environment(path = ''): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: path + (process.env['PATH'] ?? ''),
    LC_ALL: '',
    LC_MESSAGES: '',
    LANG: 'en_US.UTF-8',
  };
}

function run(args: readonly string[], path?: string) {
  const { status, stdout, stderr } = spawnSync(SCRIPT, args, {
    cwd: tmpdir(),
    env: environment(path),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** A program that goes before the real one. @returns what to put in front of the PATH */
function standIn(name: string, body: string): string {
  const place = join(folder, `with-${name}`);
  mkdirSync(place);
  writeFileSync(join(place, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return `${place}:`;
}

function whereIs(tool: string): string {
  return execFileSync('/bin/sh', ['-c', 'command -v "$0"', tool], { encoding: 'utf8' }).trim();
}

function summary(): Summary {
  return JSON.parse(readFileSync(join(demo, 'summary.json'), 'utf8')) as Summary;
}

/** What a command says with --json, run by a plain shell that knows nothing but demo/env. */
function sourced(command: string): unknown {
  const script = `. "$0/env"; exec ${command} --json`;
  return JSON.parse(execFileSync('/bin/sh', ['-c', script, demo], { encoding: 'utf8' }));
}

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: demo, encoding: 'utf8', stdio: 'pipe' });
}

/** Command lines of the living processes that were started with this demonstration's environment. */
function processesOf(directory: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && existsSync(`/proc/${entry}/environ`))
    .filter((pid) => readOrNothing(`/proc/${pid}/environ`).includes(`SUBCA_DIR=${directory}/`))
    .map((pid) => readOrNothing(`/proc/${pid}/cmdline`));
}

/** A process may end between being listed and being read. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
