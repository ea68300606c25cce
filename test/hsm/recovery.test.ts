/** The way back to a lost token: how often it is tried, and when its module is started anew. */
import { HsmError } from '../../src/hsm';
import type { Remedy } from '../../src/hsm/ckr';
import { recover, type Pacing } from '../../src/hsm/recovery';
import { ckr, FakeToken } from './fakeToken';

/** The clock, in milliseconds: who waits moves it on. */
const mockClock = {
  now: 0,
  /** For how long of that the process was at work. */
  active: 0,
  /** Ends the search at that time. */
  end: { at: Infinity, ending: new AbortController() },
  pass(ms: number): void {
    this.now += ms;
    if (this.now >= this.end.at) this.end.ending.abort();
  },
};

jest.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    mockClock.pass(ms);
    return Promise.resolve();
  },
}));

beforeAll(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => mockClock.now);
  jest
    .spyOn(performance, 'eventLoopUtilization')
    .mockImplementation(() => ({ active: mockClock.active, idle: 0, utilization: 0 }));
});

const PACING: Pacing = { first: 10, longest: 40, hopeless: 60, disturbing: 100, longestDisturbing: 400 };

function lost(refuses: Error | undefined, pacing: Partial<Pacing> = {}) {
  const token = new FakeToken(1);
  token.refuses = refuses;
  const failures: HsmError[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  const endAt = (ms: number): void => {
    mockClock.end = { at: mockClock.now + ms, ending };
  };
  const options = { connector: token, token: 'ca', pacing: { ...PACING, ...pacing }, signal };
  const begin = (remedy: Remedy, faults = 1) =>
    recover({ ...options, onFailure: (cause) => failures.push(cause) }, remedy, faults);
  return { token, failures, ending, endAt, begin };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = mockClock.now;
  await work();
  return mockClock.now - start;
}

test('a first fault that a new login mends is mended at once, without starting the module', async () => {
  const { token, failures, begin } = lost(undefined);
  expect(await timeOf(() => begin('log-in'))).toBe(0);
  expect(failures).toEqual([]);
  expect(token).toMatchObject({ connects: 1, restarts: 0 });
});

test.each([
  ['wait', 1, 10],
  ['new-session', 2, 20],
  ['new-session', 3, 40],
] as const)('%s at fault %d waits first', async (remedy, faults, ms) => {
  const { begin } = lost(undefined);
  expect(await timeOf(() => begin(remedy, faults))).toBe(ms);
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
  const start = mockClock.now;
  const moments: number[] = [];
  jest.spyOn(token, 'restartModule').mockImplementation(() => {
    moments.push(mockClock.now - start);
    if (moments.length === 3) ending.abort();
    return Promise.resolve(true);
  });
  expect(await begin('reload')).toBeUndefined();
  expect(moments).toEqual([110, 230, 430]);
  expect(token.connects).toBeGreaterThan(6);
});

test('where only a person can help it is tried slowly, and the module is left alone', async () => {
  const { token, endAt, begin } = lost(ckr('CKR_PIN_LOCKED'));
  endAt(150);
  expect(await begin('log-in')).toBeUndefined();
  expect(token).toMatchObject({ connects: 3, restarts: 0 });
});

test('a module that blocks the process is asked a tenth of the time at most', async () => {
  const { token, endAt, begin } = lost(ckr('CKR_DEVICE_ERROR'));
  const original = token.connect.bind(token);
  jest.spyOn(token, 'connect').mockImplementation(() => {
    mockClock.active += 30;
    mockClock.pass(30);
    return original();
  });
  endAt(1000);
  expect(await begin('log-in')).toBeUndefined();
  // At 0, 330 and 660; a fourth time would be at 990.
  expect(token.connects).toBe(4);
});
