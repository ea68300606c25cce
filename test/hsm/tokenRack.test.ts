/** The rack of tokens: each opened once, with the PIN its configuration names. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Session } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import {
  hsmConfigSchema,
  HsmError,
  TokenRack,
  type HsmConfig,
  type PinSource,
  type RackOptions,
  type TokenHealth,
} from '../../src/hsm';
import { expectCode } from '../support/matchers';
import { makeSoftHsm } from '../support/softhsm';

const softHsm = makeSoftHsm();
const { label, serial, pin, pinFile } = softHsm.createToken('node');
const refusedPins = `${softHsm.directory}/refused.json`;

afterAll(() => {
  softHsm.remove();
});

function rack(tokens: HsmConfig['tokens'], options: Partial<RackOptions> = {}): TokenRack {
  const config = hsmConfigSchema.parse({ module: softHsm.module, sessions: 2, waitSeconds: 1, tokens });
  return new TokenRack(config, { directory: softHsm.directory, refusedPins, clock: systemClock, ...options });
}

test('a token is opened once, with its PIN file beside the configuration', async () => {
  const login = jest.spyOn(Session.prototype, 'login');
  const tokens = rack([{ label, serial, pin: { file: pinFile.slice(softHsm.directory.length + 1) } }]);
  const [first, second] = await Promise.all([tokens.token(label), tokens.token(label)]);
  expect(first).toBe(second);
  expect(await tokens.token(label)).toBe(first);
  expect(login).toHaveBeenCalledTimes(1);
  await tokens.close();
  await expectCode(first.findKey('key'), HsmError, 'TOKEN_CLOSED');
  login.mockRestore();
});

test('for a token that is not named a person is asked', async () => {
  const prompt = jest.fn(() => Promise.resolve(pin));
  const tokens = rack([], { prompt });
  const token = await tokens.token(label);
  expect(prompt).toHaveBeenCalledWith(label);
  // Nobody may be there when the login is lost: what was typed is used again.
  softHsm.reload();
  expect(await token.findKey('none')).toBeUndefined();
  expect(prompt).toHaveBeenCalledTimes(1);
  await tokens.close();
  await expectCode(rack([]).token(label), HsmError, 'PIN_NOT_GIVEN');
});

describe('a token that is pinned by its serial number', () => {
  const twin = softHsm.createToken('twin', { userPin: pin });
  const other = softHsm.createToken('twin', { userPin: pin });

  test('is the one of its label that is opened', async () => {
    for (const { serial: pinned } of [twin, other]) {
      const tokens = rack([{ label: 'twin', pin: { file: pinFile } }]);
      const token = await tokens.token('twin', undefined, pinned);
      expect(token.facts.serial).toBe(pinned);
      expect(await tokens.token('twin', undefined, pinned)).toBe(token);
      await tokens.close();
    }
    const unpinned = rack([{ label: 'twin', pin: { file: pinFile } }]);
    await expectCode(unpinned.token('twin'), HsmError, 'TOKEN_AMBIGUOUS');
  });

  test('is not replaced by another of its label, which is not even logged in to', async () => {
    const login = jest.spyOn(Session.prototype, 'login');
    for (const config of [[], [{ label, pin: { file: pinFile } }]]) {
      const tokens = rack(config, { prompt: () => Promise.resolve(pin) });
      const error = await expectCode(tokens.token(label, undefined, twin.serial), HsmError, 'TOKEN_ABSENT');
      const found = expect.stringContaining(`${label} (${serial})`) as string;
      expect(error).toMatchObject({ category: 'unavailable', params: { label, serial: twin.serial, found } });
      await tokens.close();
    }
    expect(login).not.toHaveBeenCalled();
    // Opened for a key that is to be made, it is still no other's token.
    const tokens = rack([{ label, pin: { file: pinFile } }]);
    await tokens.token(label);
    await expectCode(tokens.token(label, undefined, twin.serial), HsmError, 'TOKEN_ABSENT');
    await tokens.close();
    login.mockRestore();
  });

  test('is replaced by one that the configuration names by its serial number', async () => {
    const tokens = rack([{ label, serial, pin: { file: pinFile } }]);
    const token = await tokens.token(label, undefined, twin.serial);
    expect(token.facts.serial).toBe(serial);
    expect(await tokens.token(label, undefined, twin.serial)).toBe(token);
    await tokens.close();
  });
});

test('the PIN may come from elsewhere this time, and a failure may be followed by another try', async () => {
  const wrong: PinSource = { env: 'SUBCA_TEST_NO_SUCH_PIN' };
  const tokens = rack([{ label, pin: wrong }]);
  await expectCode(tokens.token(label), HsmError, 'PIN_NOT_GIVEN');
  expect((await tokens.token(label, { file: pinFile })).facts.serial).toBe(serial);
  await tokens.close();
});

test('a login that is lost takes the PIN its source holds then', async () => {
  const file = join(softHsm.directory, 'changing.pin');
  writeFileSync(file, `${pin}\n`, { mode: 0o600 });
  const login = jest.spyOn(Session.prototype, 'login');
  const tokens = rack([{ label, pin: { file: 'changing.pin' } }]);
  const token = await tokens.token(label);
  writeFileSync(file, 'wr0ng-pin\n');
  softHsm.reload();
  await expectCode(token.findKey('none'), HsmError, 'PIN_INCORRECT');
  expect(login.mock.calls).toEqual([[pin], ['wr0ng-pin']]);
  await tokens.close();
  await expectCode(
    rack([{ label, pin: { file: 'changing.pin' } }]).token(label),
    HsmError,
    'PIN_REFUSED_BEFORE',
  );
  expect(login).toHaveBeenCalledTimes(2);
  login.mockRestore();
});

describe('health', () => {
  const away = join(softHsm.directory, 'away');
  const directory = join(softHsm.directory, 'tokens');

  test('is told of the tokens in use, and each change of it to the hook and the log', async () => {
    const told: TokenHealth[] = [];
    const logger = { info: jest.fn(), warn: jest.fn() };
    const tokens = rack([{ label, pin: { file: pinFile } }], {
      onHealth: (health) => told.push(health),
      logger: logger as unknown as NonNullable<RackOptions['logger']>,
    });
    expect(tokens.health()).toEqual([]);
    const token = await tokens.token(label);
    await token.generateKeyPair({ label: 'health', algorithm: 'p-256' });
    const signer = await token.signer('health');
    expect(tokens.health()).toMatchObject([{ label, state: 'ready', members: [{ serial, state: 'ready' }] }]);
    renameSync(directory, away);
    try {
      await expectCode(signer.sign(Buffer.from('message')), HsmError, 'TOKEN_NOT_BACK');
      expect(tokens.health()).toMatchObject([{ label, state: 'down' }]);
    } finally {
      renameSync(away, directory);
    }
    // How soon it is looked for again hangs on how busy the machine is.
    while (tokens.health()[0]?.state !== 'ready') await after(20);
    await signer.sign(Buffer.from('message'));
    expect(tokens.health()).toMatchObject([{ label, state: 'ready' }]);
    expect(told.map(({ state }) => state)).toEqual(expect.arrayContaining(['degraded', 'down', 'ready']));
    expect(logger.warn.mock.calls.length + logger.info.mock.calls.length).toBe(told.length);
    expect(JSON.stringify(logger.warn.mock.calls)).not.toContain(pin);
    await tokens.close();
    expect(tokens.health()).toEqual([]);
  });

  test('of a token that is not in use can be seen without logging in', () => {
    const login = jest.spyOn(Session.prototype, 'login');
    const tokens = rack([{ label, serial, pin: { env: 'NONE' } }]);
    expect(tokens.look(label)).toMatchObject({ state: 'ready', members: [{ serial }] });
    expect(tokens.look('none')).toMatchObject({ state: 'down', cause: { code: 'TOKEN_ABSENT' } });
    expect(login).not.toHaveBeenCalled();
    login.mockRestore();
  });
});

describe('tokens of one label in the configuration', () => {
  const entry = (number?: string) => ({
    label: 'pair',
    ...(number !== undefined && { serial: number }),
    pin: { env: 'P' },
  });
  const problems = (...tokens: readonly object[]) =>
    hsmConfigSchema
      .safeParse({ module: 'x.so', sessions: 1, tokens })
      .error?.issues.map(({ path }) => path.join('.')) ?? [];

  test.each([
    [[entry()], []],
    [[entry('a'), entry('b')], []],
    [[entry('a'), { ...entry(), label: 'other' }], []],
    [[entry(), entry('b')], ['tokens.0.serial']],
    [
      [entry('a'), entry('a')],
      ['tokens.0.serial', 'tokens.1.serial'],
    ],
    [
      [entry(), entry()],
      ['tokens.0.serial', 'tokens.1.serial'],
    ],
  ])('%j has problems at %j', (tokens, where) => {
    expect(problems(...tokens)).toEqual(where);
  });

  test('are at most eight', () => {
    const serials = Array.from('abcdefghi');
    expect(problems(...serials.slice(1).map(entry))).toEqual([]);
    expect(problems(...serials.map(entry))).toHaveLength(9);
  });
});
