/** The memory of wrong PINs: what is tried, what is remembered, and what happens when it cannot be. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HsmError, Pin } from '../../src/hsm';
import { loginRemembering } from '../../src/hsm/refusedPins';
import { expectCode } from '../support/matchers';

const token = { label: 'ca', serial: 'a1' };
const clock = (): Date => new Date('2026-01-31T07:00:00.000Z');
let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'refused-'));
  file = join(directory, 'refused-pins.json');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A token that knows its PIN and counts what it is asked. */
function fakeToken(pin: string): {
  attempts: string[];
  login: (given: string, on?: typeof token) => Promise<void>;
} {
  const attempts: string[] = [];
  const login = (given: string, on = token): Promise<void> =>
    loginRemembering({ file, clock }, on, new Pin(given), () => {
      attempts.push(given);
      if (given !== pin) {
        throw new HsmError('PIN_INCORRECT', {
          token: on.label,
          operation: 'login',
          reported: 'CKR_PIN_INCORRECT',
        });
      }
      return { pinChecked: true };
    });
  return { attempts, login };
}

function remembered(): { tokenSerial: string }[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { records: { tokenSerial: string }[] }).records;
}

test('a wrong PIN reaches the token once, another one still does', async () => {
  const { attempts, login } = fakeToken('right');
  await expectCode(login('wrong'), HsmError, 'PIN_INCORRECT');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const error = await expectCode(login('wrong'), HsmError, 'PIN_REFUSED_BEFORE');
    expect(error.params).toEqual({ token: 'ca', time: '2026-01-31T07:00:00.000Z', file });
  }
  await expectCode(login('other'), HsmError, 'PIN_INCORRECT');
  expect(attempts).toEqual(['wrong', 'other']);
});

test('two attempts at once with one wrong PIN reach the token once', async () => {
  const { attempts, login } = fakeToken('right');
  const outcomes = await Promise.allSettled([login('wrong'), login('wrong')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(attempts).toEqual(['wrong']);
});

test('the right PIN clears what was remembered of this token, and only of this', async () => {
  const { login } = fakeToken('right');
  await expectCode(login('wrong'), HsmError, 'PIN_INCORRECT');
  await expectCode(login('wrong', { label: 'ocsp', serial: 'b2' }), HsmError, 'PIN_INCORRECT');
  await login('right');
  expect(remembered().map(({ tokenSerial }) => tokenSerial)).toEqual(['b2']);
  await expectCode(login('wrong'), HsmError, 'PIN_INCORRECT');
});

test('a login that did not look at the PIN clears nothing', async () => {
  const { login } = fakeToken('right');
  await expectCode(login('wrong'), HsmError, 'PIN_INCORRECT');
  await loginRemembering({ file, clock }, token, new Pin('right'), () => ({ pinChecked: false }));
  expect(remembered()).toHaveLength(1);
});

test('another failure of the login is passed on and remembers nothing', async () => {
  const failure = new HsmError('DEVICE_FAILED', {
    token: 'ca',
    operation: 'login',
    reported: 'CKR_DEVICE_ERROR',
  });
  const login = (): never => {
    throw failure;
  };
  await expect(loginRemembering({ file, clock }, token, new Pin('any'), login)).rejects.toBe(failure);
  expect(readdirSync(directory)).toEqual([]);
});

test('the file is for its owner, and holds a salted hash instead of the PIN', async () => {
  const { login } = fakeToken('right');
  await expectCode(login('wr0ng-pin'), HsmError, 'PIN_INCORRECT');
  await expectCode(login('wr0ng-pin', { label: 'ocsp', serial: 'b2' }), HsmError, 'PIN_INCORRECT');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['refused-pins.json']);
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('wr0ng-pin');
  const [first, second] = remembered() as unknown as { salt: string; hash: string }[];
  expect(first?.salt).not.toBe(second?.salt);
  expect(first?.hash).not.toBe(second?.hash);
});

test('of one token the 16 newest are kept', async () => {
  const { login } = fakeToken('right');
  const record = { tokenSerial: 'a1', salt: '', hash: '', time: '2026-01-01T00:00:00.000Z' };
  writeFileSync(file, JSON.stringify({ version: 1, records: Array.from({ length: 16 }, () => record) }));
  await expectCode(login('wrong'), HsmError, 'PIN_INCORRECT');
  expect(remembered()).toHaveLength(16);
  await expectCode(login('wrong'), HsmError, 'PIN_REFUSED_BEFORE');
});

describe('without a usable memory nothing is tried', () => {
  test.each(['', '{}', 'not JSON', '{"version":2,"records":[]}', '{"version":1,"records":[{"pin":"1"}]}'])(
    'damaged: %j',
    async (content) => {
      writeFileSync(file, content);
      const { attempts, login } = fakeToken('right');
      await expectCode(login('right'), HsmError, 'REFUSED_PINS_UNUSABLE');
      expect(attempts).toEqual([]);
    },
  );

  test('no directory', async () => {
    file = join(directory, 'none', 'refused-pins.json');
    const { attempts, login } = fakeToken('right');
    await expectCode(login('right'), HsmError, 'REFUSED_PINS_UNUSABLE');
    expect(attempts).toEqual([]);
  });

  test('a directory that cannot be written', async () => {
    if (process.getuid?.() === 0) return; // nothing is forbidden to root
    chmodSync(directory, 0o500);
    const { attempts, login } = fakeToken('right');
    await expectCode(login('right'), HsmError, 'REFUSED_PINS_UNUSABLE');
    expect(attempts).toEqual([]);
    chmodSync(directory, 0o700);
    expect(existsSync(file)).toBe(false);
  });
});
