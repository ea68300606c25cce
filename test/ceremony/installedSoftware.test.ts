/** The list of installed files: what `sha256sum` says of the package and of everything it needs to run. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installedFiles } from '../../src/ceremony';
import { sha256Hex } from '../../src/signer';

let folder: string;

const write = (path: string, content: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const manifest = (path: string, ...dependencies: readonly string[]): void => {
  const named = Object.fromEntries(dependencies.map((name) => [name, '1']));
  write(join(path, 'package.json'), JSON.stringify({ dependencies: named }));
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'installed-'));
  write(
    'package.json',
    JSON.stringify({ dependencies: { '@scope/a': '1' }, optionalDependencies: { gone: '1' } }),
  );
  write('bin/subca', 'run');
  write('dist/cli/main.js', 'main');
  write('dist/.built', '');
  write('src/cli/main.ts', 'not shipped');
  manifest('node_modules/@scope/a', 'b', 'c');
  write('node_modules/@scope/a/index.js', 'a');
  manifest('node_modules/@scope/a/node_modules/b');
  manifest('node_modules/b');
  manifest('node_modules/c', '@scope/a');
  write('node_modules/development/index.js', 'not needed to run');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('names what runs, each file once, and nothing else', async () => {
  const { list, count, sha256 } = await installedFiles(folder);
  const paths = list
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(66));
  expect(paths).toEqual([
    'bin/subca',
    'dist/cli/main.js',
    'node_modules/@scope/a/index.js',
    'node_modules/@scope/a/node_modules/b/package.json',
    'node_modules/@scope/a/package.json',
    'node_modules/c/package.json',
    'package.json',
  ]);
  expect(count).toBe(7);
  expect(sha256).toBe(sha256Hex(list));
});

test('is a list that sha256sum checks', async () => {
  const { list } = await installedFiles(folder);
  const check = (): string =>
    execFileSync('sha256sum', ['--check', '--quiet', '--strict', '-'], {
      cwd: folder,
      input: list,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  expect(check()).toBe('');
  write('node_modules/c/package.json', '{}');
  expect(check).toThrow();
});

test('is another one when a file changes, comes or goes', async () => {
  const { sha256 } = await installedFiles(folder);
  write('dist/cli/main.js', 'Main');
  expect((await installedFiles(folder)).sha256).not.toBe(sha256);
  write('dist/cli/main.js', 'main');
  expect((await installedFiles(folder)).sha256).toBe(sha256);
  write('dist/cli/more.js', '');
  expect((await installedFiles(folder)).sha256).not.toBe(sha256);
});

test('can be made of this very package', async () => {
  const { list } = await installedFiles();
  for (const path of [
    'package.json',
    'bin/subca',
    'config-templates/subca.yaml',
    'node_modules/pkcs11js/package.json',
  ]) {
    expect(list).toContain(`  ${path}\n`);
  }
  expect(list).not.toContain('node_modules/typescript/');
});
