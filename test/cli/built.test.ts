/** The built programs, as people and jobs start them. Whoever runs this file alone builds first (`npm run build`). */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');

function run(program: string, ...args: readonly string[]) {
  const env = { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: '' };
  const { status, stdout, stderr } = spawnSync(join(REPOSITORY, 'bin', program), args, {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe.each(['subca', 'rootca'])('%s', (program) => {
  test('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(run(program, '--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('has help in both languages', () => {
    expect(run(program, '--help').stdout).toContain(`Usage: ${program} <command>`);
    expect(run(program, '--help', '--lang', 'vi').stdout).toContain(`Cách dùng: ${program} <lệnh>`);
  });

  test('refuses what it does not know', () => {
    const { status, stdout, stderr } = run(program, 'no-such-command', '--json');
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'UNKNOWN_COMMAND' } });
  });
});

/** Asks in a process of its own, because the library of the questions is an ES module; types the keys into it. */
function answer(call: string, keys: string): Promise<{ readonly answer: unknown; readonly screen: string }> {
  const script = `
    const { PassThrough, Writable } = require('node:stream');
    const { terminalPrompter } = require('./dist/cli/prompts.js');
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    let screen = '';
    const output = new Writable({ write(chunk, _, done) { screen += chunk; done(); } });
    const keys = ${JSON.stringify(Array.from(keys))};
    const controller = new AbortController();
    // One key at a time, as fingers do: an escape sequence typed at once would be another key.
    const typing = setInterval(() => {
      const key = keys.shift();
      if (key === undefined) clearInterval(typing);
      else if (key === '!') controller.abort();
      else input.write(key);
    }, 50);
    const { signal } = controller;
    terminalPrompter(input, output).${call}.then((answer) => {
      clearInterval(typing);
      console.log(JSON.stringify({ answer: answer ?? null, screen }));
      process.exit(0);
    });`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: REPOSITORY,
    env: { ...process.env, CI: undefined },
  });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', () => {
      if (stdout === '') reject(new Error(stderr));
      else resolve(JSON.parse(stdout) as { answer: unknown; screen: string });
    });
  });
}

describe('questions on a terminal', () => {
  test('a confirmation is no unless it is yes', async () => {
    const yes = await answer("confirm('Thu hồi?', 'vi', signal)", 'y');
    expect(yes.answer).toBe(true);
    expect(yes.screen).toContain('Thu hồi?');
    expect(yes.screen).toContain('Không');
    expect(await answer("confirm('Revoke?', 'en', signal)", '\r')).toMatchObject({ answer: false });
    expect(await answer("confirm('Revoke?', 'en', signal)", '\u0003')).toMatchObject({ answer: null });
    expect(await answer("confirm('Revoke?', 'en', signal)", '!')).toMatchObject({ answer: null });
  });

  test('an answer is seen while it is typed, a secret is not', async () => {
    const open = await answer("ask('Name?', false, signal)", 'tam8\r');
    expect(open.answer).toBe('tam8');
    expect(open.screen).toContain('tam8');
    const secret = await answer("ask('PIN?', true, signal)", 'tam8\r');
    expect(secret.answer).toBe('tam8');
    for (const letter of ['t', 'a', '8'])
      expect(secret.screen.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')).not.toContain(letter);
    expect(await answer("ask('PIN?', true, signal)", '12\u0003')).toMatchObject({ answer: null });
  });
});
