/** The administrator's own linter: real programs that agree, refuse, hang, flood, ignore their input, or are not there. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NodeError } from '../../src/node';
import { ExternalLinter, externalLinterSchema, LINTERS_AT_ONCE } from '../../src/node/externalLinter';
import { expectCode } from '../support/matchers';

const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'linter-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let written = 0;

function script(text: string): string {
  const file = join(folder, `linter-${String((written += 1))}`);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function linter(text: string, timeoutSeconds = 10, ...words: string[]): Promise<ExternalLinter> {
  return ExternalLinter.open(
    externalLinterSchema.parse({ command: [script(text), ...words], timeoutSeconds }),
  );
}

test('gets the certificate, its own words as they are, and nothing of this process’s surroundings', async () => {
  process.env['SUBCA_PIN'] = '1234';
  const seen = join(folder, 'seen');
  const text = `{ cat; printf '[%s]' "$@"; pwd; env; } > "${seen}"`;
  await (await linter(text, 10, '--level=$HOME', '; rm -rf x', '')).judge(PEM);
  delete process.env['SUBCA_PIN'];
  const told = readFileSync(seen, 'utf8');
  expect(told.startsWith(`${PEM}[--level=$HOME][; rm -rf x][]/\n`)).toBe(true);
  expect(told).toContain('PATH=/usr/local/bin:/usr/bin:/bin');
  expect(told).not.toMatch(/SUBCA|HOME=|SOFTHSM|NODE/);
});

test('exit code 0 lets the certificate pass, whatever is said', async () => {
  await expect((await linter('cat > /dev/null; echo warning >&2')).judge(PEM)).resolves.toBeUndefined();
});

test('any other refuses it, with the program’s own words', async () => {
  const refused = await expectCode(
    (await linter('cat > /dev/null; echo "e_dn: bad"; echo "see RFC" >&2; exit 3')).judge(PEM),
    NodeError,
    'LINTER_REFUSED',
  );
  expect(refused.category).toBe('refused');
  expect(refused.params).toMatchObject({ ended: '3' });
  expect(refused.message).toContain('e_dn: bad');
  expect(refused.message).toContain('see RFC');
});

test('one that dies of a signal refuses', async () => {
  const refused = await expectCode((await linter('kill -SEGV $$')).judge(PEM), NodeError, 'LINTER_REFUSED');
  expect(refused.params).toMatchObject({ ended: 'SIGSEGV', output: '—' });
});

test('one that hangs is ended in time, with all that it started', async () => {
  const alive = join(folder, 'alive');
  const text = `( sleep 2; touch "${alive}" ) & trap '' TERM INT; sleep 600`;
  const began = performance.now();
  const late = await expectCode((await linter(text, 1)).judge(PEM), NodeError, 'LINTER_TIMED_OUT');
  expect(late.category).toBe('unavailable');
  expect(performance.now() - began).toBeLessThan(5_000);
  await pause(2_000);
  expect(existsSync(alive)).toBe(false);
});

test('one that floods its output is heard to the end, and quoted in part', async () => {
  const refused = await expectCode(
    (await linter('head -c 20000000 /dev/zero | tr "\\0" x; exit 1')).judge(PEM),
    NodeError,
    'LINTER_REFUSED',
  );
  expect((refused.params as { output: string }).output).toBe('x'.repeat(2_000));
});

test('one that does not read its input is judged by its exit code all the same', async () => {
  const large = 'x'.repeat(4_000_000);
  await expect((await linter('exec 0<&-; exit 0')).judge(large)).resolves.toBeUndefined();
  await expectCode((await linter('exec 0<&-; exit 1')).judge(large), NodeError, 'LINTER_REFUSED');
});

test('one that leaves a child with its pipes behind is not waited for', async () => {
  const began = performance.now();
  await (await linter('cat > /dev/null; sleep 5 & exit 0')).judge(PEM);
  expect(performance.now() - began).toBeLessThan(4_000);
});

test('one that is missing, or no program, is a fault of the configuration', async () => {
  const missing = { command: [join(folder, 'nowhere')], timeoutSeconds: 1 } as const;
  const error = await expectCode(
    ExternalLinter.open({ ...missing, command: [missing.command[0]] }),
    NodeError,
    'LINTER_UNUSABLE',
  );
  expect(error.category).toBe('input');
  const open = await ExternalLinter.open({ command: [folder], timeoutSeconds: 1 });
  await expectCode(open.judge(PEM), NodeError, 'LINTER_UNUSABLE');
  // Its place is free again: as many as there are, and one more, get their answer.
  for (let at = 0; at <= LINTERS_AT_ONCE; at += 1) {
    await expectCode(open.judge(PEM), NodeError, 'LINTER_UNUSABLE');
  }
  const gone = await linter('exit 0');
  rmSync(join(folder, `linter-${String(written)}`));
  await expectCode(gone.judge(PEM), NodeError, 'LINTER_UNUSABLE');
});

test('no more at a time than the machine has processors', async () => {
  const log = join(folder, 'log');
  const text = `cat > /dev/null; echo + >> "${log}"; sleep 0.1; echo - >> "${log}"`;
  const one = await linter(text);
  await Promise.all(Array.from({ length: LINTERS_AT_ONCE * 3 }, () => one.judge(PEM)));
  let running = 0;
  let most = 0;
  const marks = readFileSync(log, 'utf8').trim().split('\n');
  for (const mark of marks) most = Math.max(most, (running += mark === '+' ? 1 : -1));
  expect(marks.length).toBe(LINTERS_AT_ONCE * 6);
  expect(most).toBeLessThanOrEqual(LINTERS_AT_ONCE);
});

test.each([
  ['a relative program', { command: ['zlint'] }],
  ['no program', { command: [] }],
  ['one line for a shell', { command: '/usr/bin/zlint -' }],
  ['no time at all', { command: ['/usr/bin/zlint'], timeoutSeconds: 0 }],
  ['a setting nobody knows', { command: ['/usr/bin/zlint'], shell: true }],
])('the configuration takes no %s', (_, config) => {
  expect(externalLinterSchema.safeParse(config).success).toBe(false);
});
