/** The rules every file of the house keeps, checked by the tools that know them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const MINUTES = 60_000;
const LONGEST_FILE = 400;

const PURE_ROOMS = ['asn1', 'x509', 'envelope', 'journal', 'delegation', 'proof'];

test(
  'prettier: the form of every file',
  () => {
    succeeds(bin('prettier/bin/prettier.cjs'), ['--check', '.']);
  },
  5 * MINUTES,
);

test(
  'eslint: no error and no warning',
  () => {
    succeeds(bin('eslint/bin/eslint.js'), ['.', '--max-warnings', '0']);
  },
  10 * MINUTES,
);

test(
  'tsc: the types hold, in the sources and in the tests',
  () => {
    succeeds(bin('typescript/bin/tsc'), ['--noEmit']);
  },
  5 * MINUTES,
);

test(
  'dependency-cruiser: arrows point down and lead through doors',
  () => {
    succeeds(bin('dependency-cruiser/bin/dependency-cruise.mjs'), [
      'src',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err-long',
    ]);
  },
  5 * MINUTES,
);

test(
  'knip: no file, export or dependency without a use',
  () => {
    succeeds(bin('knip/bin/knip.js'), ['--no-progress']);
  },
  5 * MINUTES,
);

test('pure rooms take nothing from node:net but isIP', () => {
  const imports = PURE_ROOMS.flatMap((room) => filesUnder(`src/${room}`)).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/import\s+([^;]*?)\s+from '(?:node:)?net'/g)].map(
      (found) => found[1],
    ),
  );
  expect(imports.filter((names) => names !== '{ isIP }')).toEqual([]);
});

test('every file opens with its purpose and is no longer than it should be', () => {
  const files = ['src', 'test'].flatMap((folder) => filesUnder(folder));
  expect(files.length).toBeGreaterThan(50);
  const faults = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return !text.startsWith('/**') || text.split('\n').length > LONGEST_FILE + 1;
  });
  expect(faults).toEqual([]);
});

test('the lock file has every optional package, as npm ci demands', () => {
  const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<
      Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
    >;
  };
  // A registry that lacks those of other systems makes npm install leave them out without a word.
  const left = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(left).toEqual([]);
});

describe('scripts', () => {
  const scripts = [
    ...readdirSync(join(REPOSITORY, 'scripts'), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `scripts/${name}`),
    '.ci/run',
  ].filter((path) => readFileSync(join(REPOSITORY, path), 'utf8').startsWith('#!/usr/bin/env bash\n'));
  const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;

  test('the ones that people and machines call are there', () => {
    expect(scripts).toEqual(expect.arrayContaining(['.ci/run', 'scripts/install', 'scripts/test']));
  });

  test.each(scripts)('%s is executable, stops at the first error, and is well-formed', (path) => {
    accessSync(join(REPOSITORY, path), constants.X_OK);
    expect(readFileSync(join(REPOSITORY, path), 'utf8')).toMatch(/^set -euo pipefail$/m);
    succeeds('bash', ['-n', path]);
    if (shellcheck) succeeds('shellcheck', ['-x', path]);
  });
});

/** The script of an installed tool, and the interpreter to run it. */
function bin(path: string): readonly [string, string] {
  return [process.execPath, join(REPOSITORY, 'node_modules', path)];
}

function succeeds(program: string | readonly [string, string], args: readonly string[]): void {
  const [command, ...first] = typeof program === 'string' ? [program] : program;
  // The runner's own settings are not for the tools: with NODE_ENV=test, some of them behave differently.
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: undefined,
    FORCE_COLOR: undefined,
    NO_COLOR: '1',
  };
  try {
    execFileSync(command, [...first, ...args], { cwd: REPOSITORY, env, stdio: 'pipe', maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: Buffer; readonly stderr?: Buffer };
    throw new Error(`${args.join(' ')}\n${stdout?.toString() ?? ''}${stderr?.toString() ?? String(error)}`);
  }
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}
