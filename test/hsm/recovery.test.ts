/** The way back to a lost token: how often it is tried, and when its module is started anew. */
import { setImmediate as immediately } from 'node:timers/promises';
import { HsmError } from '../../src/hsm';
import type { Remedy } from '../../src/hsm/ckr';
import { recover, type Pacing } from '../../src/hsm/recovery';
import { ckr, FakeToken } from './fakeToken';

const PACING: Pacing = { first: 10, longest: 40, hopeless: 60, disturbing: 100, longestDisturbing: 400 };

function lost(refuses: Error | undefined, pacing: Partial<Pacing> = {}) {
  const token = new FakeToken(1);
  token.refuses = refuses;
  const failures: HsmError[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  const options = { connector: token, token: 'ca', pacing: { ...PACING, ...pacing }, signal };
  const begin = (remedy: Remedy, faults = 1) =>
    recover({ ...options, onFailure: (cause) => failures.push(cause) }, remedy, faults);
  return { token, failures, ending, begin };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  // A timer counts from the time its turn of the event loop began, which may be long ago.
  await immediately();
  const start = performance.now();
  await work();
  return performance.now() - start;
}

test('a first fault that a new login mends is mended at once, without starting the module', async () => {
  const { token, failures, begin } = lost(undefined);
  expect(await timeOf(() => begin('log-in'))).toBeLessThan(9);
  expect(failures).toEqual([]);
  expect(token).toMatchObject({ connects: 1, restarts: 0 });
});

test.each([
  ['wait', 1, 9],
  ['new-session', 2, 18],
  ['new-session', 3, 36],
] as const)('%s at fault %d waits first', async (remedy, faults, least) => {
  const { begin } = lost(undefined);
  expect(await timeOf(() => begin(remedy, faults))).toBeGreaterThan(least);
});

test('a token that is gone is looked for once, then with its module started anew', async () => {
  const { token, failures, begin } = lost(ckr('CKR_TOKEN_NOT_PRESENT'));
  token.mendedByRestart = true;
  expect(await begin('reload')).toBeDefined();
  expect(failures.map(({ code }) => code)).toEqual(['TOKEN_REMOVED']);
  expect(token).toMatchObject({ connects: 2, restarts: 1 });
});

test('a trouble that should pass by itself is given time before that', async () => {
  const { token, failures, begin } = lost(ckr('CKR_DEVICE_ERROR'));
  token.mendedByRestart = true;
  expect(await begin('wait')).toBeDefined();
  expect(failures).toHaveLength(3);
  expect(token).toMatchObject({ connects: 4, restarts: 1 });
});

test('a restart that fails is one more attempt in vain', async () => {
  const { token, failures, begin } = lost(ckr('CKR_TOKEN_NOT_PRESENT'));
  const broken = new HsmError('MODULE_UNAVAILABLE', { module: 'lib.so', reason: 'CKR_GENERAL_ERROR' });
  jest.spyOn(token, 'restartModule').mockImplementationOnce(() => Promise.reject(broken));
  token.mendedByRestart = true;
  expect(await begin('reload')).toBeDefined();
  expect(failures.map(({ code }) => code)).toEqual(['TOKEN_REMOVED', 'MODULE_UNAVAILABLE']);
});

test('other tokens of the module are disturbed late and ever more rarely', async () => {
  const { token, ending, begin } = lost(ckr('CKR_TOKEN_NOT_PRESENT'));
  token.disturbsOthers = true;
  const start = performance.now();
  const moments: number[] = [];
  jest.spyOn(token, 'restartModule').mockImplementation(() => {
    moments.push(performance.now() - start);
    if (moments.length === 3) ending.abort();
    return Promise.resolve(true);
  });
  expect(await begin('reload')).toBeUndefined();
  const [first = 0, second = 0, third = 0] = moments;
  expect(first).toBeGreaterThanOrEqual(100);
  expect(second).toBeGreaterThanOrEqual(200);
  expect(third).toBeGreaterThanOrEqual(400);
  expect(token.connects).toBeGreaterThan(6);
});

test('where only a person can help it is tried slowly, and the module is left alone', async () => {
  const { token, ending, begin } = lost(ckr('CKR_PIN_LOCKED'));
  const searching = begin('log-in');
  setTimeout(() => {
    ending.abort();
  }, 150);
  expect(await searching).toBeUndefined();
  expect(token.restarts).toBe(0);
  expect(token.connects).toBeLessThanOrEqual(3);
});

test('a module that blocks the process is asked a tenth of the time at most', async () => {
  const { token, ending, begin } = lost(ckr('CKR_DEVICE_ERROR'));
  const original = token.connect.bind(token);
  jest.spyOn(token, 'connect').mockImplementation(() => {
    const until = performance.now() + 30;
    while (performance.now() < until);
    return original();
  });
  const searching = begin('log-in');
  setTimeout(() => {
    ending.abort();
  }, 500);
  await searching;
  expect(token.connects).toBeGreaterThanOrEqual(1);
  expect(token.connects).toBeLessThanOrEqual(3);
});
