/** The installer and the test command, on a small tree with stand-ins for everything they call. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const TOOLS = [
  'bash',
  'cat',
  'cut',
  'dirname',
  'env',
  'find',
  'mktemp',
  'mv',
  'readlink',
  'rm',
  'sha256sum',
  'tail',
];

let folder: string;
let calls: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  calls = join(folder, 'calls');
  write('calls', '');
  mkdirSync(join(folder, 'path'));
  cpSync(join(REPOSITORY, 'scripts', 'install'), join(folder, 'tree', 'scripts', 'install'));
  cpSync(join(REPOSITORY, 'scripts', 'test'), join(folder, 'tree', 'scripts', 'test'));
  for (const file of [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'src/a.ts',
  ]) {
    write(`tree/${file}`, '{}');
  }
  for (const tool of TOOLS) symlinkSync(whereIs(tool), join(folder, 'path', tool));
  symlinkSync(process.execPath, join(folder, 'path', 'node'));
  for (const tool of ['openssl', 'g++', 'make', 'python3']) command(tool, '');
  // A package manager whose lists are empty until they are fetched, and that then installs what is asked for.
  command(
    'apt-get',
    `if [[ $1 == update ]]; then : >'${folder}/lists'; exit 0; fi
     [[ -e '${folder}/lists' ]] || exit 100
     [[ $DEBIAN_FRONTEND == noninteractive ]] || exit 1
     printf '#!/usr/bin/env bash\\n' >'${folder}/path/softhsm2-util'
     ${whereIs('chmod')} +x '${folder}/path/softhsm2-util'`,
  );
  command('sudo', '[[ $1 != -n ]] || shift; exec "$@"');
  command(
    'npm',
    `if [[ $1 == ci ]]; then ${whereIs('mkdir')} -p node_modules/.bin; fi
     if [[ $1 == run ]]; then ${whereIs('mkdir')} -p dist; fi`,
  );
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('scripts/install', () => {
  test('installs what is missing, and the second time nothing', () => {
    expect(run('install')).toMatchObject({ status: 0, stdout: '' });
    // Where this machine has package lists already, an attempt comes before fetching them.
    expect(called().join('\n')).toMatch(
      /^(apt-get install .*\n)?apt-get update\napt-get install .* softhsm2\nnpm ci .*\nnpm run --silent build$/,
    );
    forget();
    expect(run('install')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(called()).toEqual([]);
  });

  test('installs the modules again when the lock file has changed, and builds when a source has', () => {
    command('softhsm2-util', '');
    run('install');
    forget();
    appendFileSync(join(folder, 'tree', 'package-lock.json'), '\n');
    run('install');
    expect(called()).toEqual([expect.stringMatching(/^npm ci /)]);
    forget();
    const later = new Date(Date.now() + 2000);
    utimesSync(join(folder, 'tree', 'src', 'a.ts'), later, later);
    run('install');
    expect(called()).toEqual(['npm run --silent build']);
  });

  test('an installation that broke off is done again', () => {
    command('softhsm2-util', '');
    command('npm', 'echo "the registry is away"; exit 1');
    const broken = run('install');
    expect(broken.status).toBe(1);
    expect(broken.stderr).toContain('the registry is away');
    expect(broken.stderr).toContain('failed: npm ci');
    expect(existsSync(join(folder, 'tree', 'node_modules', '.installed'))).toBe(false);
  });

  test('names the packages when it cannot install them', () => {
    rmSync(join(folder, 'path', 'apt-get'));
    const { status, stderr } = run('install');
    expect(status).toBe(1);
    expect(stderr).toContain('install by hand: softhsm2');
  });

  test('asks for a newer Node', () => {
    rmSync(join(folder, 'path', 'node'));
    command('node', '[[ $1 == --version ]] && echo v18.0.0; exit 1');
    const { status, stderr } = run('install');
    expect(status).toBe(1);
    expect(stderr).toContain('20.17 or newer is needed; this is v18.0.0');
  });

  test('knows its options', () => {
    expect(run('install', '--everything')).toMatchObject({ status: 2 });
  });
});

describe('scripts/test', () => {
  const report = (fields: object) => `printf '%s' '${JSON.stringify(fields)}' >"\${3#*=}"; echo "$@"; exit 1`;

  function runTests(jest: string, ...args: readonly string[]) {
    write('tree/scripts/install', '#!/usr/bin/env bash\n');
    script('tree/node_modules/.bin/jest', jest);
    const { status, stdout } = run('test', ...args);
    return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
  }

  test.each([
    ['all pass', { numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 0, success: true }, 7, 0],
    [
      'two fail',
      { numPassedTests: 5, numFailedTests: 2, numRuntimeErrorTestSuites: 0, success: false },
      5,
      2,
    ],
    [
      'a suite cannot run',
      { numPassedTests: 5, numFailedTests: 0, numRuntimeErrorTestSuites: 1, success: false },
      5,
      1,
    ],
    [
      'there is no test',
      { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, success: false },
      0,
      1,
    ],
  ])('%s', (_, fields, passed, failed) => {
    expect(runTests(report(fields))).toEqual({
      status: failed === 0 ? 0 : 1,
      lastLine: `${passed} passed, ${failed} failed`,
    });
  });

  test('the runner dies', () => {
    expect(runTests('exit 134')).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  });

  test('the installation fails', () => {
    write('tree/scripts/install', '#!/usr/bin/env bash\nexit 1\n');
    const { status, stdout } = run('test');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '0 passed, 1 failed\n' });
  });

  test('arguments go on to the runner', () => {
    const fields = { numPassedTests: 1, numFailedTests: 0, numRuntimeErrorTestSuites: 0, success: true };
    script('tree/node_modules/.bin/jest', report(fields));
    write('tree/scripts/install', '#!/usr/bin/env bash\n');
    expect(run('test', 'test/cli', '-t', 'a b').stdout).toMatch(
      /^--maxWorkers=2 --json --outputFile=\S+ test\/cli -t a b$/m,
    );
  });
});

function run(name: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(folder, 'tree', 'scripts', name), args, {
    cwd: tmpdir(),
    env: { PATH: join(folder, 'path'), TMPDIR: folder },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function script(path: string, body: string): void {
  write(path, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(join(folder, path), 0o755);
}

/** A stand-in that notes how it was called. */
function command(name: string, body: string): void {
  script(`path/${name}`, `echo "${name} $*" >>'${calls}'\n${body}`);
}

function called(): readonly string[] {
  const lines = readFileSync(calls, 'utf8').split('\n');
  return lines.filter((line) => /^(apt-get|npm) /.test(line));
}

function forget(): void {
  writeFileSync(calls, '');
}

function whereIs(tool: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, tool))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${tool} is not on the PATH`);
  return found;
}
