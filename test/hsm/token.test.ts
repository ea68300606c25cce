/** Opening and closing tokens on SoftHSM2: which one, whether to try, one attempt, and whose login it is. */
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Module, Session, Slot, TokenFlag } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import { HsmError, listTokens, Pin, readPin, Token, type TokenFlags } from '../../src/hsm';
import { expectCode } from '../support/matchers';
import { makeSoftHsm, type SoftHsmToken } from '../support/softhsm';

const softHsm = makeSoftHsm();
const library = softHsm.module;
let token: SoftHsmToken;
let count = 0;

beforeEach(() => {
  token = softHsm.createToken(`token ${(count += 1)}`);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  softHsm.remove();
});

function open(
  pin: string,
  options: { label?: string; serial?: string; module?: string } = {},
): Promise<Token> {
  const refusedPins = join(softHsm.directory, `${token.serial}.refused.json`);
  const reference = { module: library, label: token.label, ...options };
  return Token.open(reference, new Pin(pin), { sessions: 2, refusedPins, clock: systemClock });
}

function flagsNow(): TokenFlags | undefined {
  return listTokens(library).find((facts) => facts.serial === token.serial)?.flags;
}

/** Makes every token of the module show these flags too. */
function pretend(flags: number, cleared = 0): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = Slot.prototype.getToken;
  jest.spyOn(Slot.prototype, 'getToken').mockImplementation(function (this: Slot) {
    const shown = original.call(this);
    return Object.assign(shown, { flags: (shown.flags | flags) & ~cleared });
  });
}

describe('which token', () => {
  test('is found by its label and tells of itself', async () => {
    const opened = await open(token.pin);
    expect(opened.facts).toMatchObject({
      label: token.label,
      serial: token.serial,
      manufacturer: 'SoftHSM project',
      model: 'SoftHSM v2',
      flags: { initialised: true, userPinInitialised: true, userPinLocked: false, userPinFinalTry: false },
    });
    expect(opened.facts.firmware).toMatch(/^\d+\.\d+$/);
    await opened.close();
  });

  test('is told to be absent, with those that are there', async () => {
    const error = await expectCode(open('1', { label: 'none' }), HsmError, 'TOKEN_ABSENT');
    expect(error.category).toBe('unavailable');
    expect(error.params).toMatchObject({ label: 'none', module: library });
    expect(error.message).toContain(`${token.label} (${token.serial})`);
    await expectCode(open('1', { serial: 'ffff' }), HsmError, 'TOKEN_ABSENT');
  });

  test('is ambiguous when two have the label, unless the serial number tells', async () => {
    const twin = softHsm.createToken(token.label);
    const error = await expectCode(open(token.pin), HsmError, 'TOKEN_AMBIGUOUS');
    expect(error.message).toContain(token.serial);
    expect(error.message).toContain(twin.serial);
    const opened = await open(twin.pin, { serial: twin.serial });
    expect(opened.facts.serial).toBe(twin.serial);
    await opened.close();
  });

  test.each(['/nowhere/libnone.so', __filename])('has no module %s', async (path) => {
    const error = await expectCode(open('1', { module: path }), HsmError, 'MODULE_UNAVAILABLE');
    expect(error.category).toBe('unavailable');
  });
});

test('the library is initialised for several threads: without it, operations at once crash the process', async () => {
  softHsm.reload();
  const initialise = jest.spyOn(Module.prototype, 'initialize');
  await (await open(token.pin)).close();
  const CKF_OS_LOCKING_OK = 2;
  expect(initialise.mock.calls).toEqual([[{ flags: CKF_OS_LOCKING_OK }]]);
});

describe('the flags decide before any attempt', () => {
  test.each([
    [TokenFlag.USER_PIN_LOCKED, 0, 'PIN_LOCKED', 'CKF_USER_PIN_LOCKED'],
    [TokenFlag.USER_PIN_FINAL_TRY, 0, 'PIN_FINAL_TRY', 'CKF_USER_PIN_FINAL_TRY'],
    [0, TokenFlag.TOKEN_INITIALIZED, 'TOKEN_NOT_INITIALISED', '!CKF_TOKEN_INITIALIZED'],
    [0, TokenFlag.USER_PIN_INITIALIZED, 'TOKEN_NOT_INITIALISED', '!CKF_USER_PIN_INITIALIZED'],
  ])('set %d, cleared %d: %s', async (set, cleared, code, reported) => {
    const login = jest.spyOn(Session.prototype, 'login');
    pretend(set, cleared);
    const error = await expectCode(open(token.pin), HsmError, code);
    expect(error.params).toMatchObject({ token: token.label, reported });
    expect(login).not.toHaveBeenCalled();
  });

  test('are read once more when the turn has come', async () => {
    const login = jest.spyOn(Session.prototype, 'login');
    const opens = jest.spyOn(Slot.prototype, 'open');
    const opening = expectCode(open(token.pin), HsmError, 'PIN_FINAL_TRY');
    expect(opens).toHaveBeenCalledTimes(1);
    pretend(TokenFlag.USER_PIN_FINAL_TRY);
    await opening;
    expect(login).not.toHaveBeenCalled();
  });

  test('a counter that is merely low does not stop the right PIN', async () => {
    pretend(TokenFlag.USER_PIN_COUNT_LOW);
    await (await open(token.pin)).close();
  });
});

describe('one attempt', () => {
  test('a wrong PIN reaches the token once in ten starts, and the right one still works', async () => {
    const login = jest.spyOn(Session.prototype, 'login');
    expect(flagsNow()).toMatchObject({ userPinCountLow: false });
    const error = await expectCode(open('wr0ng-pin'), HsmError, 'PIN_INCORRECT');
    expect(error.category).toBe('refused');
    expect(error.params).toEqual({ token: token.label, operation: 'login', reported: 'CKR_PIN_INCORRECT' });
    expect(flagsNow()).toMatchObject({ userPinCountLow: true, userPinLocked: false });
    for (let start = 0; start < 9; start += 1)
      await expectCode(open('wr0ng-pin'), HsmError, 'PIN_REFUSED_BEFORE');
    expect(login).toHaveBeenCalledTimes(1);
    const opened = await open(token.pin);
    expect(flagsNow()).toMatchObject({ userPinCountLow: false, userPinLocked: false });
    await opened.close();
  });

  test('no error shows the PIN', async () => {
    const errors = [
      await expectCode(open('wr0ng-pin'), HsmError, 'PIN_INCORRECT'),
      await expectCode(open('wr0ng-pin'), HsmError, 'PIN_REFUSED_BEFORE'),
    ];
    for (const error of errors) {
      const texts = [
        inspect(error, { depth: 9, showHidden: true }),
        JSON.stringify(error),
        error.inLang('vi'),
      ];
      for (const text of texts) expect(text).not.toContain('wr0ng-pin');
    }
  });

  test('an opened token shows no PIN either', async () => {
    const opened = await open(token.pin);
    expect(inspect(opened, { depth: 9, showHidden: true })).not.toContain(token.pin);
    await opened.close();
  });

  test('the PIN comes from its file', async () => {
    const pin = await readPin({ file: token.pinFile }, { tokenLabel: token.label });
    await (await open(pin.reveal())).close();
  });
});

describe('the login belongs to the process', () => {
  test('a second Token shares it, and the last one to close ends it', async () => {
    const logout = jest.spyOn(Session.prototype, 'logout');
    const alias = join(softHsm.directory, `${token.serial}.so`);
    symlinkSync(library, alias);
    const first = await open(token.pin);
    const second = await open(token.pin, { module: alias });
    await second.generateKeyPair({ label: 'key', algorithm: 'p-256' });
    await first.close();
    expect(logout).not.toHaveBeenCalled();
    await expectCode(first.findKey('key'), HsmError, 'TOKEN_CLOSED');
    const signer = await second.signer('key');
    await signer.sign(Buffer.from('still logged in'));
    await second.close();
    await second.close();
    expect(logout).toHaveBeenCalledTimes(1);
    await expectCode(open('wrong'), HsmError, 'PIN_INCORRECT');
  });

  test('after it was refused, nothing of the attempt stays open', async () => {
    const close = jest.spyOn(Session.prototype, 'close');
    const opens = jest.spyOn(Slot.prototype, 'open');
    await expectCode(open('wrong'), HsmError, 'PIN_INCORRECT');
    expect(close).toHaveBeenCalledTimes(opens.mock.calls.length);
  });

  test('a token that gives too few sessions is left, and logged out of', async () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const original = Slot.prototype.open;
    const opens = jest.spyOn(Slot.prototype, 'open').mockImplementationOnce(function (this: Slot, flags) {
      return original.call(this, flags);
    });
    opens.mockImplementation(() => {
      throw new Error('CKR_SESSION_COUNT');
    });
    const logout = jest.spyOn(Session.prototype, 'logout');
    const error = await expectCode(open(token.pin), HsmError, 'SESSIONS_EXHAUSTED');
    expect(logout).toHaveBeenCalledTimes(1);
    expect(error.params).toMatchObject({ operation: 'open-session', reported: 'CKR_SESSION_COUNT' });
    opens.mockRestore();
    await expectCode(open('wrong'), HsmError, 'PIN_INCORRECT');
  });

  test('a library that was ended under an open token is started again, and logged in to', async () => {
    const opened = await open(token.pin);
    await opened.generateKeyPair({ label: 'key', algorithm: 'p-256' });
    softHsm.reload();
    const signer = await opened.signer('key');
    softHsm.reload();
    await signer.sign(Buffer.from('message'));
    expect(opened.health).toMatchObject({
      state: 'ready',
      label: token.label,
      members: [{ state: 'ready' }],
    });
    await opened.close();
    await (await open(token.pin)).close();
  });

  test('what ends the logins of all is mended for all', async () => {
    const tokens = [await open(token.pin), await open(token.pin)];
    await tokens[0]?.generateKeyPair({ label: 'key', algorithm: 'p-256' });
    const signers = await Promise.all(tokens.map((each) => each.signer('key')));
    const login = jest.spyOn(Session.prototype, 'login');
    const logout = jest.spyOn(Session.prototype, 'logout');
    softHsm.reload();
    const message = Buffer.from('message');
    await Promise.all(Array.from({ length: 10 }, () => signers.map((signer) => signer.sign(message))).flat());
    expect(login.mock.calls.length).toBeLessThanOrEqual(2);
    await tokens[0]?.close();
    expect(logout).not.toHaveBeenCalled();
    await signers[1]?.sign(message);
    await tokens[1]?.close();
    expect(logout).toHaveBeenCalledTimes(1);
  });

  test('a library that was ended can be left', async () => {
    const opened = await open(token.pin);
    softHsm.reload();
    await opened.close();
    await expectCode(open('wrong'), HsmError, 'PIN_INCORRECT');
  });
});

describe('the PIN of a lost login', () => {
  /** Ends every session and login, so that the next operation needs the PIN. */
  const lose = (): void => {
    softHsm.reload();
  };

  test('is read again, so that a corrected one is taken up without a restart', async () => {
    const pins = [token.pin, 'wr0ng-pin', 'wr0ng-pin', token.pin];
    const login = jest.spyOn(Session.prototype, 'login');
    const opened = await Token.open(
      { module: library, label: token.label },
      () => Promise.resolve(new Pin(pins.shift() ?? token.pin)),
      {
        sessions: 2,
        refusedPins: join(softHsm.directory, `${token.serial}.refused.json`),
        clock: systemClock,
        pacing: { hopeless: 50 },
      },
    );
    await opened.generateKeyPair({ label: 'key', algorithm: 'p-256' });
    const signer = await opened.signer('key');
    lose();
    await expectCode(signer.sign(Buffer.from('message')), HsmError, 'PIN_INCORRECT');
    expect(opened.health).toMatchObject({ state: 'down', cause: { code: 'PIN_INCORRECT' } });
    expect(flagsNow()).toMatchObject({ userPinCountLow: true, userPinFinalTry: false });
    while (opened.health.state !== 'ready') await after(10);
    await signer.sign(Buffer.from('message'));
    expect(pins).toEqual([]);
    // Right, wrong, and right again: the second time the wrong one was not tried.
    expect(login.mock.calls.map(([given]) => given)).toEqual([token.pin, 'wr0ng-pin', token.pin]);
    await opened.close();
  });
});

test('tokens that another process makes are seen only after the library starts again', () => {
  const labels = (): string[] => listTokens(library).map((facts) => facts.label);
  expect(labels()).toContain(token.label);
  const pins = ['--so-pin', '12345678', '--pin', '1234'];
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'from outside', ...pins], {
    env: softHsm.env,
  });
  expect(labels()).not.toContain('from outside');
  softHsm.reload();
  expect(labels()).toContain('from outside');
});
