/** PIN sources: what is read, what is refused, and that a PIN is never shown. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { HsmError, Pin, pinSourceSchema, readPin, type PinSource } from '../../src/hsm';
import { expectCode } from '../support/matchers';

const tokenLabel = 'ca';
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pin-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, content: string | Uint8Array, mode = 0o600): string {
  const file = join(directory, name);
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
  return file;
}

async function pinOf(
  source: PinSource,
  options: Partial<Parameters<typeof readPin>[1]> = {},
): Promise<string> {
  return (await readPin(source, { tokenLabel, env: {}, ...options })).reveal();
}

describe('a PIN file', () => {
  test.each([
    ['1234', '1234'],
    ['1234\n', '1234'],
    ['1234\r\n', '1234'],
    [' mật khẩu ', ' mật khẩu '],
    ['x'.repeat(128), 'x'.repeat(128)],
    [`${'x'.repeat(128)}\n`, 'x'.repeat(128)],
  ])('holds one line: %j', async (content, pin) => {
    expect(await pinOf({ file: write('pin', content) })).toBe(pin);
  });

  test.each<[string, string | Uint8Array]>([
    ['empty', ''],
    ['only a line end', '\n'],
    ['129 bytes', 'x'.repeat(129)],
    ['very long', 'x'.repeat(100_000)],
    ['two lines', '1234\n5678\n'],
    ['two line ends', '1234\n\n'],
    ['a control character', '12\u000034'],
    ['no UTF-8', Uint8Array.of(0x31, 0xff, 0x32)],
  ])('is refused when it holds no PIN: %s', async (_name, content) => {
    await expectCode(pinOf({ file: write('pin', content) }), HsmError, 'PIN_MALFORMED');
  });

  test.each([0o400, 0o600, 0o700])('is read with mode %o', async (mode) => {
    expect(await pinOf({ file: write('pin', '1234', mode) })).toBe('1234');
  });

  test.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644])('is refused with mode %o', async (mode) => {
    const file = write('pin', '1234', mode);
    const error = await expectCode(pinOf({ file }), HsmError, 'PIN_FILE_MODE');
    expect(error.params).toEqual({ file, mode: `0${mode.toString(8)}` });
  });

  test('is refused when it belongs to someone else', async () => {
    const file = write('pin', '1234');
    const own = jest.spyOn(process, 'getuid').mockReturnValue(4711);
    try {
      if (process.geteuid?.() === 0) {
        expect(await pinOf({ file })).toBe('1234');
        execFileSync('chown', ['4712', file]);
      }
      await expectCode(pinOf({ file }), HsmError, 'PIN_FILE_OWNER');
    } finally {
      own.mockRestore();
    }
  });

  test('is not read through a symbolic link, from a pipe or from a directory', async () => {
    const link = join(directory, 'link');
    symlinkSync(write('pin', '1234'), link);
    await expectCode(pinOf({ file: link }), HsmError, 'PIN_NOT_REGULAR_FILE');
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    await expectCode(pinOf({ file: pipe }), HsmError, 'PIN_NOT_REGULAR_FILE');
    await expectCode(pinOf({ file: directory }), HsmError, 'PIN_NOT_REGULAR_FILE');
  });

  test('that is missing is told with the reason', async () => {
    const error = await expectCode(
      pinOf({ file: join(directory, 'none') }),
      HsmError,
      'PIN_SOURCE_UNREADABLE',
    );
    expect(error.params).toMatchObject({ reason: 'ENOENT' });
  });
});

describe('other sources', () => {
  test('a systemd credential, with the group bits its ACL shows', async () => {
    const credentials = join(directory, 'credentials');
    mkdirSync(credentials);
    write('credentials/ca-pin', '1234\n', 0o440);
    expect(await pinOf({ credential: 'ca-pin' }, { credentialsDirectory: credentials })).toBe('1234');
    expect(await pinOf({ credential: 'ca-pin' }, { env: { CREDENTIALS_DIRECTORY: credentials } })).toBe(
      '1234',
    );
    await expectCode(
      pinOf({ credential: 'other' }, { credentialsDirectory: credentials }),
      HsmError,
      'PIN_SOURCE_UNREADABLE',
    );
    await expectCode(pinOf({ credential: 'ca-pin' }), HsmError, 'PIN_NOT_GIVEN');
  });

  test('an environment variable, which stays for the next key on the token', async () => {
    const env = { CA_PIN: '1234' };
    expect(await pinOf({ env: 'CA_PIN' }, { env })).toBe('1234');
    expect(await pinOf({ env: 'CA_PIN' }, { env })).toBe('1234');
    await expectCode(pinOf({ env: 'OTHER' }, { env }), HsmError, 'PIN_NOT_GIVEN');
    await expectCode(pinOf({ env: 'EMPTY' }, { env: { EMPTY: '' } }), HsmError, 'PIN_MALFORMED');
  });

  test('a question, if there is someone to ask', async () => {
    const prompt = jest.fn((label: string) => Promise.resolve(`of ${label}`));
    expect(await pinOf({ prompt: true }, { prompt })).toBe('of ca');
    await expectCode(pinOf({ prompt: true }), HsmError, 'PIN_NOT_GIVEN');
  });
});

test('the configuration names exactly one source', () => {
  const good = [{ file: '/etc/subca/pin' }, { credential: 'ca-pin.1' }, { env: 'CA_PIN' }, { prompt: true }];
  for (const source of good) expect(pinSourceSchema.parse(source)).toEqual(source);
  const bad = [
    {},
    '1234',
    { pin: '1234' },
    { file: '' },
    { file: '/a', env: 'B' },
    { credential: '../a' },
    { credential: '..' },
    { credential: 'a/b' },
    { env: 'A=B' },
    { prompt: false },
  ];
  for (const source of bad) expect(pinSourceSchema.safeParse(source).success).toBe(false);
});

describe('a PIN is not shown', () => {
  test('by printing it', () => {
    const pin = new Pin('s3cret');
    const shown = [String(pin), JSON.stringify({ pin }), inspect({ pin }, { showHidden: true })];
    for (const text of shown) {
      expect(text).toContain('[PIN]');
      expect(text).not.toContain('s3cret');
    }
    expect(Object.keys(pin)).toEqual([]);
    expect(pin.reveal()).toBe('s3cret');
  });

  test('by an error about its source', async () => {
    const error = await expectCode(
      pinOf({ file: write('pin', 's3cret\nrest\n') }),
      HsmError,
      'PIN_MALFORMED',
    );
    for (const text of [inspect(error, { depth: 9 }), error.inLang('vi'), error.inLang('en')]) {
      expect(text).not.toContain('s3cret');
    }
  });
});
