/** The launcher: what it does before, and instead of, starting a program. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(__dirname, '..', '..', 'bin');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launch-'));
  cpSync(BIN, join(folder, 'bin'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function build(program: string, run: string): void {
  const main = join(folder, 'dist', 'cli', program);
  mkdirSync(main, { recursive: true });
  writeFileSync(join(main, 'main.js'), `exports.run = ${run};`);
}

function launch(path: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(path, args, {
    env: { ...process.env, UV_THREADPOOL_SIZE: undefined, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const ECHO =
  'async (argv) => { console.log(JSON.stringify([argv, process.env.UV_THREADPOOL_SIZE])); return 3; }';

test.each(['subca', 'rootca'])(
  '%s starts with its arguments, enough threads, and ends with the exit code',
  (program) => {
    build(program, ECHO);
    expect(launch(join(folder, 'bin', program), ['a', '--b'])).toEqual({
      status: 3,
      stdout: '[["a","--b"],"8"]\n',
      stderr: '',
    });
  },
);

test('a number of threads that somebody chose stays', () => {
  build('subca', ECHO);
  expect(launch(join(folder, 'bin', 'subca'), [], { UV_THREADPOOL_SIZE: '16' }).stdout).toBe('[[],"16"]\n');
});

test('a program that is linked to from elsewhere finds its files', () => {
  build('subca', ECHO);
  symlinkSync(join(folder, 'bin', 'subca'), join(folder, 'link'));
  expect(launch(join(folder, 'link'))).toMatchObject({ status: 3, stderr: '' });
});

test('threads that never end do not keep the program', () => {
  build('subca', 'async () => { setInterval(() => undefined, 1000); return 0; }');
  expect(launch(join(folder, 'bin', 'subca'))).toMatchObject({ status: 0 });
});

test('a program that is not built says so in both languages', () => {
  const { status, stdout, stderr } = launch(join(folder, 'bin', 'subca'));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/chưa được biên dịch.*scripts\/install/);
  expect(stderr).toMatch(/not built yet.*scripts\/install/);
});

test('an old Node is told what is needed, in both languages', () => {
  build('subca', ECHO);
  const pretend = join(folder, 'old.cjs');
  const run = (version: string) => {
    writeFileSync(pretend, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
    return launch(process.execPath, ['--require', pretend, join(folder, 'bin', 'subca')]);
  };
  for (const old of ['18.20.8', '20.16.0']) {
    const { status, stdout, stderr } = run(old);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/cần Node\.js từ 20\.17/);
    expect(stderr).toMatch(/needs Node\.js 20\.17 or newer/);
  }
  for (const good of ['20.17.0', '22.0.0']) expect(run(good).status).toBe(3);
});
