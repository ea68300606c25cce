/** A command line from its words to output and exit code. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../../src/cli/errors';
import { Captured, failureIn, trial } from './fixture';

const json = (text: string): unknown => {
  expect(text.endsWith('\n')).toBe(true);
  return JSON.parse(text);
};

const ISSUE = ['issue', '--csr', 'a.csr', '--profile', 'person'];

describe('a command that succeeds', () => {
  test('gives people its text, in their language', async () => {
    expect(await trial(ISSUE)).toEqual({ exit: 0, stdout: 'Issued: a.csr\n', stderr: '' });
    expect(await trial([...ISSUE, '--lang', 'vi'])).toMatchObject({ stdout: 'Đã cấp: a.csr\n' });
    expect(await trial(ISSUE, { env: { LANG: 'vi_VN.UTF-8' } })).toMatchObject({ stdout: 'Đã cấp: a.csr\n' });
  });

  test('gives programs one object on one line', async () => {
    const { exit, stdout, stderr } = await trial([
      ...['--json', ...ISSUE, 'a note', '--days', '30', '--dry-run'],
      ...['--subject', 'CN=An', 'OU=Phòng A', '--subject=O=Sở B'],
    ]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(json(stdout)).toEqual({
      csr: 'a.csr',
      profile: 'person',
      days: 30,
      subject: ['CN=An', 'OU=Phòng A', 'O=Sở B'],
      note: 'a note',
      dryRun: true,
      directory: '/node',
      lang: 'en',
    });
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
  });

  test('has absent options as declared: default, empty list, false, undefined', async () => {
    const { stdout } = await trial([...ISSUE, '--json']);
    expect(json(stdout)).toMatchObject({ days: 365, subject: [], dryRun: false });
    expect(json(stdout)).not.toHaveProperty('note');
  });

  test('is found below a command that is one itself', async () => {
    expect(await trial(['sync', '--json'])).toMatchObject({ exit: 0, stdout: '{"synced":0}\n' });
    expect(await trial(['sync', 'export', 'f', '--json'])).toMatchObject({
      exit: 0,
      stdout: '{"file":"f"}\n',
    });
  });

  test('writes bytes as hex and big integers as digits into JSON', async () => {
    const work = async () => ({ bytes: Buffer.from('4f0a', 'hex'), big: 2n ** 70n, at: new Date(0) });
    const { stdout } = await trial(['run', '--json'], { work });
    expect(json(stdout)).toEqual({
      bytes: '4f0a',
      big: '1180591620717411303424',
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  test('ends with the exit code of its result', async () => {
    expect((await trial(['run'])).exit).toBe(0);
    expect((await trial(['run'], { work: async () => ({ exit: 5 }) })).exit).toBe(5);
  });

  test('can say something on the way, on standard error, in lines that cannot steer the terminal', async () => {
    const work = async (context: { announce(message: { en: () => string; vi: () => string }): void }) => {
      context.announce({ en: () => 'ready\n:8080\u001b[2J', vi: () => 'sẵn sàng' });
      return {};
    };
    expect(await trial(['run', '--json'], { work })).toEqual({
      exit: 0,
      stdout: '{}\n',
      stderr: 'ready\n:8080\\u{001b}[2J\n',
    });
  });

  test('cannot steer the terminal with what it shows', async () => {
    const { stdout } = await trial(['revoke', '\u001b[2J\u202e4f', '--yes']);
    expect(stdout).toBe('revoked \\u{001b}[2J\\u{202e}4f\n');
  });
});

describe('the data directory', () => {
  test('comes from --dir before the variable, and is absolute', async () => {
    const { stdout } = await trial([...ISSUE, '--json', '--dir', 'x/y']);
    expect(json(stdout)).toMatchObject({ directory: resolve('x/y') });
  });

  test('is asked for where a command needs it, and not elsewhere', async () => {
    const env = { SUBCA_DIR: '' };
    const { exit, stdout } = await trial([...ISSUE, '--json'], { env });
    expect(exit).toBe(2);
    expect(failureIn(stdout)).toMatchObject({ code: 'DIRECTORY_MISSING', params: { variable: 'SUBCA_DIR' } });
    const work = async (context: { readonly directory: string | undefined }) => ({
      hasDirectory: context.directory !== undefined,
    });
    expect((await trial(['run', '--json'], { env, work })).stdout).toBe('{"hasDirectory":false}\n');
    expect((await trial(['run', '--json'], { work })).stdout).toBe('{"hasDirectory":true}\n');
  });
});

describe('a line that cannot run', () => {
  test.each([
    ['UNKNOWN_COMMAND', ['isue'], { command: 'isue', suggestion: 'issue' }],
    ['UNKNOWN_COMMAND', ['qqqqqq'], { suggestion: '' }],
    ['UNKNOWN_COMMAND', ['sync', 'exprot'], { suggestion: 'export', help: 'subca sync --help' }],
    ['UNKNOWN_COMMAND', ['certificate', 'shw'], { suggestion: 'show' }],
    ['UNKNOWN_OPTION', ['issue', '--crs', 'x'], { option: '--crs', suggestion: '--csr' }],
    ['UNKNOWN_OPTION', ['issue', '--jsno'], { suggestion: '--json' }],
    ['UNKNOWN_OPTION', ['--wrong'], { option: '--wrong', suggestion: '' }],
    ['OPTION_VALUE_MISSING', ['issue', '--csr'], { option: '--csr <file>' }],
    ['OPTION_VALUE_MISSING', ['issue', '--dir'], { option: '--dir <dir>' }],
    ['TOO_MANY_ARGUMENTS', ['revoke', 'a', 'b'], { unexpected: 'b', allowed: 1 }],
    ['COMMAND_MISSING', ['certificate'], { available: 'show' }],
    ['COMMAND_MISSING', [], { program: 'subca' }],
  ])('%s: %j', async (code, argv, params) => {
    const asJson = await trial(['--json', ...argv]);
    expect(asJson).toMatchObject({ exit: 2, stderr: '' });
    expect(failureIn(asJson.stdout)).toMatchObject({ code, category: 'input', params });
    const forPeople = await trial(argv);
    expect(forPeople).toMatchObject({ exit: 2, stdout: '' });
    expect(forPeople.stderr).toContain(`[${code}]`);
  });

  test('has all its problems told at once', async () => {
    const argv = [
      'issue',
      '--csr',
      'a',
      '--csr',
      'b',
      '--profile',
      'none',
      '--days',
      '0',
      '--lang',
      'fr',
      '--json',
    ];
    const { exit, stdout } = await trial(argv);
    expect(exit).toBe(2);
    const { code, problems } = failureIn(stdout);
    expect(code).toBe('BAD_COMMAND_LINE');
    expect(problems.map((problem) => [problem.code, problem.where, problem.found])).toEqual([
      ['DUPLICATE', '--csr <file>', 'a, b'],
      ['BAD_VALUE', '--profile <profile>', 'none'],
      ['BAD_VALUE', '--days <days>', '0'],
      ['BAD_VALUE', '--lang <vi|en>', 'fr'],
    ]);
  });

  test('is missing what an unset shell variable leaves empty', async () => {
    const { problems } = failureIn((await trial(['issue', '--csr', '', '--json'])).stdout);
    expect(problems.map((problem) => [problem.code, problem.where])).toEqual([
      ['MISSING', '--csr <file>'],
      ['MISSING', '--profile <profile>'],
    ]);
    expect(failureIn((await trial(['revoke', '', '--json'])).stdout).problems).toHaveLength(1);
  });

  test('is explained in the chosen language, with each problem on its line', async () => {
    const { stderr } = await trial(['issue', '--profile', 'none', '--lang', 'vi']);
    expect(stderr).toBe(
      [
        'Lỗi: Dòng lệnh chưa đúng nên chưa chạy. Xem: subca issue --help [BAD_COMMAND_LINE]',
        '  --csr <file>: còn thiếu',
        '  --profile <profile>: giá trị không được phép — gặp: none; cho phép: person, organisation',
        '',
      ].join('\n'),
    );
  });

  test('is not mistaken for options after the terminator', async () => {
    expect(await trial(['revoke', '--yes', '--', '--json'])).toEqual({
      exit: 0,
      stdout: 'revoked --json\n',
      stderr: '',
    });
  });
});

describe('help', () => {
  test.each([
    ['en', ['Usage: subca', 'Commands:', 'Options of every command:', '--version', 'subca <command> --help']],
    ['vi', ['Cách dùng: subca', 'Các lệnh:', 'Tùy chọn chung', '--version', 'subca <lệnh> --help']],
  ])('of the program, in %s', async (lang, parts) => {
    const { exit, stdout, stderr } = await trial(['--help', '--lang', lang]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    for (const part of parts) expect(stdout).toContain(part);
    expect(stdout).toContain('sync [export]');
    expect(stdout).toContain('certificate show');
    expect(stdout).toContain('revoke <serial>');
  });

  test.each([
    ['en', 'Request in PEM', ['(required)', 'one of: person,', 'default: 365', 'Example:', 'a remark']],
    ['vi', 'Tệp yêu cầu', ['(bắt buộc)', 'một trong: person,', 'mặc định: 365', 'Ví dụ:', 'ghi chú']],
  ])('of a command, in %s', async (lang, summary, parts) => {
    const { stdout } = await trial(['issue', '--help', `--lang=${lang}`]);
    expect(stdout.toLowerCase()).toContain(summary.toLowerCase());
    for (const part of parts) expect(stdout).toContain(part);
    expect(stdout).toContain('subca issue --profile person --csr an.csr');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('does not ask for what the command would need', async () => {
    expect(await trial(['revoke', '-h'], { env: { SUBCA_DIR: '' } })).toMatchObject({ exit: 0, stderr: '' });
  });

  test('of a group is shown when the group is typed alone', async () => {
    const { exit, stdout, stderr } = await trial(['certificate']);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('Usage: subca certificate <command>');
  });

  test('and version are one object for programs', async () => {
    expect(json((await trial(['issue', '--help', '--json'])).stdout)).toHaveProperty('help');
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
    expect(await trial(['--version'])).toEqual({ exit: 0, stdout: `${version}\n`, stderr: '' });
    expect(json((await trial(['--version', '--json'])).stdout)).toEqual({ version });
  });
});

describe('a command that fails', () => {
  const failing = (error: unknown) => async () => {
    throw error;
  };

  test.each([
    [2, new CliError('DIRECTORY_MISSING', { variable: 'X' })],
    [3, new CliError('CANCELLED', {})],
    [4, new CliError('INTERRUPTED', { signal: 'SIGINT' })],
    [1, new TypeError('the PIN is 1234')],
    [1, 'thrown as it is'],
  ])('ends with the code of its category: %i', async (exit, error) => {
    expect((await trial(['run'], { work: failing(error) })).exit).toBe(exit);
    expect((await trial(['run', '--json'], { work: failing(error) })).exit).toBe(exit);
  });

  test('in a way nobody foresaw keeps its words to itself, unless they are asked for', async () => {
    const work = failing(new TypeError('something with a value in it'));
    const plain = await trial(['run'], { work });
    expect(plain.stderr).toContain('[UNEXPECTED]');
    expect(plain.stderr).not.toContain('a value in it');
    expect((await trial(['run', '--json'], { work })).stdout).not.toContain('a value in it');
    const debug = await trial(['run'], { work, env: { SUBCA_DEBUG: '1' } });
    expect(debug.stderr).toContain('a value in it');
    expect(debug.stderr).toContain('at ');
  });

  test('over a path that somebody gave is an error of input', async () => {
    const work = async () => ({ text: await readFile('/nowhere/at/all') });
    const { exit, stdout } = await trial(['run', '--json'], { work });
    expect(exit).toBe(2);
    expect(failureIn(stdout)).toMatchObject({
      code: 'FILE',
      params: { path: '/nowhere/at/all', code: 'ENOENT' },
    });
  });

  test('says both languages to programs', async () => {
    const { message, messageVi } = failureIn((await trial(['isue', '--json'])).stdout);
    expect(message).toContain('There is no command');
    expect(messageVi).toContain('Không có lệnh');
  });
});

describe('output that cannot be written', () => {
  class Broken extends Captured {
    constructor(readonly code: string) {
      super();
    }
    override _write(_chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
      done(Object.assign(new Error('write'), { code: this.code }));
    }
  }

  test('because nobody reads any longer is no failure', async () => {
    expect(await trial(ISSUE, { stdout: new Broken('EPIPE') })).toMatchObject({ exit: 0, stderr: '' });
  });

  test('because the disk is full is one', async () => {
    const { exit, stderr } = await trial(ISSUE, { stdout: new Broken('ENOSPC') });
    expect(exit).toBe(1);
    expect(stderr).toContain('ENOSPC');
  });
});

test('a log level that does not exist is refused', async () => {
  const { exit, stdout } = await trial(['run', '--json'], { env: { SUBCA_LOG: 'loud' } });
  expect(exit).toBe(2);
  expect(failureIn(stdout)).toMatchObject({
    code: 'BAD_VARIABLE',
    params: { variable: 'SUBCA_LOG', found: 'loud' },
  });
  expect((await trial(['run', '--json'], { env: { SUBCA_LOG: 'debug' } })).exit).toBe(0);
});
