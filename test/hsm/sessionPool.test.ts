/** The session pool: turns, waiting, time limits, repair, several tokens and closing, on tokens made up here. */
import { setTimeout as after } from 'node:timers/promises';
import type { Session } from 'graphene-pk11';
import { HsmError } from '../../src/hsm';
import { SessionPool } from '../../src/hsm/sessionPool';
import { expectCode } from '../support/matchers';
import { ckr, FakeToken, numberOf } from './fakeToken';

async function poolOf(sizes: readonly number[], waitMs = 1000) {
  const tokens = sizes.map((size) => new FakeToken(size));
  for (const { member } of tokens) await member.open();
  const pool = new SessionPool({ token: 'ca', members: tokens.map(({ member }) => member), waitMs });
  const [token, other] = tokens;
  if (token === undefined) throw new Error('no token');
  return { pool, token, other: other ?? token };
}

const failing = (name: string) => (): never => {
  throw ckr(name);
};
/** Fails once, then says on which session it ran. */
function failingOnce(name: string): jest.Mock<number, [Session]> {
  return jest.fn(numberOf).mockImplementationOnce(failing(name));
}
const nothing = (): void => undefined;

/** How soon it is looked for again hangs on how busy the machine is. */
async function backAgain({ member }: FakeToken): Promise<void> {
  while (member.connection() === undefined) await after(5);
}

/** Runs until it is told to end. */
function endless(pool: SessionPool) {
  let finish = (): void => undefined;
  const running = pool.run(
    'sign',
    () =>
      new Promise<string>((resolve) => {
        finish = () => {
          resolve('done');
        };
      }),
  );
  return {
    running,
    finish: () => {
      finish();
    },
  };
}

describe('turns', () => {
  test('an operation has its session to itself, and those that wait get theirs in order', async () => {
    const { pool, token } = await poolOf([2]);
    const busy = new Set<number>();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        pool.run('sign', async (session) => {
          expect(busy.has(numberOf(session))).toBe(false);
          busy.add(numberOf(session));
          order.push(index);
          await after(1);
          busy.delete(numberOf(session));
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(token.sessions).toHaveLength(2);
    expect(token.inside.now).toBe(0);
    await pool.close();
  });

  test('several tokens take turns', async () => {
    const { pool, token, other } = await poolOf([2, 2]);
    const seen: Session[] = [];
    for (let turn = 0; turn < 8; turn += 1) await pool.run('sign', (session) => seen.push(session));
    for (const { sessions } of [token, other]) {
      expect(sessions.map((session) => seen.filter((each) => Object.is(each, session)).length)).toEqual([
        2, 2,
      ]);
    }
    await pool.close();
  });

  test('an operation may be for one of them', async () => {
    const { pool, other } = await poolOf([1, 1]);
    for (let turn = 0; turn < 3; turn += 1) {
      const session = await pool.run('find-key', (given) => given, other.member);
      expect(session).toBe(other.sessions[0]);
    }
    await pool.close();
  });
});

describe('the time limit', () => {
  test('holds for waiting and for running, and a late one does not take the turn of the next', async () => {
    const { pool, token } = await poolOf([1], 50);
    const long = endless(pool);
    const late = expectCode(long.running, HsmError, 'TOKEN_NO_ANSWER');
    const waited = await expectCode(pool.run('sign', nothing), HsmError, 'HSM_BUSY');
    expect(waited).toMatchObject({ category: 'unavailable', params: { waitedMs: 50, waiting: 0 } });
    expect(await late).toMatchObject({ category: 'unavailable', params: { waitedMs: 50 } });
    expect(token.member.health).toMatchObject({ state: 'down', cause: { code: 'SESSIONS_HANGING' } });
    const patient = pool.run('sign', () => 'done');
    long.finish();
    expect(await patient).toBe('done');
    expect(token.member.health).toMatchObject({ state: 'ready', cause: undefined });
    await pool.close();
  });

  test('does not hold for making a key, once it is begun', async () => {
    const { pool } = await poolOf([1], 20);
    expect(await pool.run('generate-key', () => after(60, 'made'))).toBe('made');
    await pool.close();
  });

  test('holds for a token that does not come back, and tells why', async () => {
    const { pool, token } = await poolOf([1], 60);
    token.refuses = ckr('CKR_TOKEN_NOT_PRESENT');
    const start = performance.now();
    const lost = pool.run('sign', failing('CKR_DEVICE_REMOVED'));
    const error = await expectCode(lost, HsmError, 'TOKEN_NOT_BACK');
    expect(performance.now() - start).toBeLessThan(2000);
    expect(error).toMatchObject({ category: 'unavailable', cause: { code: 'TOKEN_REMOVED' } });
    await expectCode(pool.run('sign', nothing), HsmError, 'TOKEN_NOT_BACK');
    token.refuses = undefined;
    await backAgain(token);
    expect(await pool.run('sign', () => 'done')).toBe('done');
    await pool.close();
  });
});

describe('repair', () => {
  test.each([
    'CKR_SESSION_HANDLE_INVALID',
    'CKR_SESSION_CLOSED',
    'CKR_KEY_HANDLE_INVALID',
    'CKR_OPERATION_NOT_INITIALIZED',
    'CKR_USER_NOT_LOGGED_IN',
    'CKR_DEVICE_ERROR',
    'CKR_GENERAL_ERROR',
    'CKR_DEVICE_REMOVED',
    'CKR_CRYPTOKI_NOT_INITIALIZED',
  ])('after %s the operation runs again under a new login, on a new session', async (name) => {
    const { pool, token } = await poolOf([1]);
    const work = failingOnce(name);
    expect(await pool.run('sign', work)).toBe(1);
    expect(work).toHaveBeenCalledTimes(2);
    expect(token.connects).toBe(2);
    expect(token.sessions.map((session) => session.open)).toEqual([false, true]);
    expect(token).toMatchObject({ isWell: true, inside: { now: 0 } });
    expect(token.member.health.state).toBe('ready');
    await pool.close();
  });

  test.each([
    ['CKR_MECHANISM_INVALID', 'MECHANISM_UNSUPPORTED'],
    ['CKR_ARGUMENTS_BAD', 'TOKEN_FAULT'],
    ['CKR_KEY_FUNCTION_NOT_PERMITTED', 'KEY_NOT_PERMITTED'],
    ['CKR_FIPS_SELF_TEST_FAILED', 'DEVICE_FAILED'],
  ])('%s is told at once: repeating would change nothing', async (name, code) => {
    const { pool, token } = await poolOf([1]);
    const work = jest.fn(failing(name));
    await expectCode(pool.run('sign', work), HsmError, code);
    expect(work).toHaveBeenCalledTimes(1);
    expect(token.connects).toBe(1);
    await pool.close();
  });

  test('an error that is not the token’s leaves the session as it is', async () => {
    const { pool, token } = await poolOf([1]);
    const refuse = (): never => {
      throw new HsmError('KEY_EXISTS', { token: 'ca', label: 'x' });
    };
    await expectCode(pool.run('generate-key', refuse), HsmError, 'KEY_EXISTS');
    expect(token.sessions).toHaveLength(1);
    await pool.close();
  });

  test('what fails again and again although the token is there is given up', async () => {
    const { pool, token } = await poolOf([1]);
    const work = jest.fn(failing('CKR_FUNCTION_FAILED'));
    const error = await expectCode(pool.run('sign', work), HsmError, 'DEVICE_FAILED');
    expect(error.params).toEqual({ token: 'ca', operation: 'sign', reported: 'CKR_FUNCTION_FAILED' });
    expect(work).toHaveBeenCalledTimes(5);
    expect(await pool.run('sign', () => 'done')).toBe('done');
    expect(token.member.health.state).toBe('ready');
    await pool.close();
  });

  test('a key is made again only if none can have been made', async () => {
    const { pool } = await poolOf([1]);
    const doubtful = jest.fn(failing('CKR_DEVICE_ERROR'));
    await expectCode(pool.run('generate-key', doubtful), HsmError, 'DEVICE_FAILED');
    expect(doubtful).toHaveBeenCalledTimes(1);
    const harmless = failingOnce('CKR_SESSION_HANDLE_INVALID');
    await pool.run('generate-key', harmless);
    expect(harmless).toHaveBeenCalledTimes(2);
    await pool.close();
  });

  test('faults of many operations at once are one fault', async () => {
    const { pool, token } = await poolOf([4]);
    const works = Array.from({ length: 4 }, () => failingOnce('CKR_SESSION_HANDLE_INVALID'));
    const aside = works.map((work) => async (session: Session) => {
      await after(1);
      return work(session);
    });
    await Promise.all(aside.map((work) => pool.run('sign', work)));
    expect(token.connects).toBe(2);
    await pool.close();
  });

  test('who waits is told at once when only a person can help, and not before', async () => {
    const { pool, token } = await poolOf([1], 5000);
    token.refuses = new HsmError('PIN_INCORRECT', {
      token: 'ca',
      operation: 'login',
      reported: 'CKR_PIN_INCORRECT',
    });
    const first = pool.run('sign', failing('CKR_USER_NOT_LOGGED_IN'));
    await expectCode(first, HsmError, 'PIN_INCORRECT');
    await expectCode(pool.run('sign', nothing), HsmError, 'PIN_INCORRECT');
    expect(token.member.health).toMatchObject({ state: 'down', cause: { code: 'PIN_INCORRECT' } });
    token.refuses = undefined;
    await backAgain(token);
    expect(await pool.run('sign', () => 'done')).toBe('done');
    await pool.close();
  });

  test('a token that gives no more sessions gets back those that nobody uses', async () => {
    const { pool, token } = await poolOf([2]);
    const first = await pool.run('sign', numberOf);
    token.full = ckr('CKR_SESSION_COUNT');
    const work = jest.fn(numberOf).mockImplementationOnce(failing('CKR_SESSION_CLOSED'));
    // The new login gives one session; the other seat cannot have one.
    expect(await pool.run('sign', work)).toBe(2);
    await Promise.allSettled([pool.run('sign', () => after(5)), pool.run('sign', () => after(5))]);
    expect(token.sessions[first]?.open).toBe(false);
    token.full = undefined;
    expect(await pool.run('sign', () => 'done')).toBe('done');
    await pool.close();
  });

  test('nobody enters a module that is about to be ended', async () => {
    const { pool, token } = await poolOf([1]);
    let open = (): void => undefined;
    token.closedUntil = new Promise<void>((resolve) => {
      open = () => {
        token.closedUntil = undefined;
        resolve();
      };
    });
    const work = jest.fn(numberOf);
    const waiting = pool.run('sign', work);
    await after(10);
    expect(work).not.toHaveBeenCalled();
    open();
    expect(await waiting).toBe(0);
    await pool.close();
  });
});

describe('several tokens', () => {
  test('one that is lost is stood in for at once, and takes part again when it is back', async () => {
    const { pool, token, other } = await poolOf([1, 1]);
    token.refuses = ckr('CKR_TOKEN_NOT_PRESENT');
    const work = failingOnce('CKR_DEVICE_REMOVED');
    const start = performance.now();
    await pool.run('sign', work);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(work.mock.calls[1]?.[0]).toBe(other.sessions[0]);
    while (token.member.health.state !== 'down') await after(5);
    expect(other.member.health.state).toBe('ready');
    token.refuses = undefined;
    await backAgain(token);
    const seen = new Set<unknown>();
    for (let turn = 0; turn < 2; turn += 1) await pool.run('sign', (session) => seen.add(session));
    expect(seen.size).toBe(2);
    await pool.close();
  });

  test('one that does not answer is stood in for before the time is up', async () => {
    const { pool, token, other } = await poolOf([1, 1], 200);
    let answer = (): void => undefined;
    const work = jest
      .fn((session: Session) => Promise.resolve(session))
      .mockImplementationOnce(
        (session) =>
          new Promise((resolve) => {
            answer = () => {
              resolve(session);
            };
          }),
      );
    expect(await pool.run('sign', work)).toBe(other.sessions[0]);
    expect(token.member.health).toMatchObject({ state: 'down', cause: { code: 'SESSIONS_HANGING' } });
    answer();
    await after(1);
    expect(token.member.health.state).toBe('ready');
    await pool.close();
  });

  test('one that lacks the key is passed over, and only if all do is it told', async () => {
    const { pool, token, other } = await poolOf([1, 1]);
    const lacking = (tokens: readonly FakeToken[]) => (session: Session) => {
      if (!tokens.some(({ sessions }) => sessions.some((each) => Object.is(each, session)))) return 'signed';
      throw new HsmError('KEY_MISMATCH', { token: 'ca', label: 'x', found: '1', expected: '2' });
    };
    for (const { member } of [token, other]) {
      const { keys } = member.connection() ?? {};
      // As if each had shown one of its keys before.
      Object.defineProperty(keys, 'some', { value: true });
    }
    for (let turn = 0; turn < 3; turn += 1) expect(await pool.run('sign', lacking([token]))).toBe('signed');
    await expectCode(pool.run('sign', lacking([token, other])), HsmError, 'KEY_MISMATCH');
    expect([token.connects, other.connects]).toEqual([1, 1]);
    await pool.close();
  });
});

describe('closing', () => {
  test('refuses what waits and waits for what runs', async () => {
    const { pool, token } = await poolOf([1]);
    const long = endless(pool);
    const waiting = expectCode(pool.run('sign', nothing), HsmError, 'TOKEN_CLOSED');
    const closing = pool.close();
    await waiting;
    await expectCode(pool.run('sign', nothing), HsmError, 'TOKEN_CLOSED');
    expect(token).toMatchObject({ left: 0, sessions: [{ open: true }] });
    long.finish();
    expect(await long.running).toBe('done');
    await closing;
    expect(token).toMatchObject({ left: 1, sessions: [{ open: false }] });
  });

  test('does not wait for ever, and leaves a session that hangs', async () => {
    const { pool, token } = await poolOf([1], 40);
    const long = endless(pool);
    await expectCode(long.running, HsmError, 'TOKEN_NO_ANSWER');
    await pool.close();
    expect(token).toMatchObject({ left: 1, sessions: [{ open: true }] });
  });

  test('ends the search for a lost token', async () => {
    const { pool, token } = await poolOf([1]);
    token.refuses = ckr('CKR_TOKEN_NOT_PRESENT');
    const lost = expectCode(pool.run('sign', failing('CKR_DEVICE_REMOVED')), HsmError, 'TOKEN_CLOSED');
    await after(30);
    await pool.close();
    await lost;
    const { connects } = token;
    await after(100);
    expect(token.connects).toBe(connects);
  });
});

test('a token that gives too few sessions says so at once, and is left', async () => {
  const token = new FakeToken(3);
  token.full = ckr('CKR_SESSION_COUNT');
  await expectCode(token.member.open(), HsmError, 'SESSIONS_EXHAUSTED');
  expect(token).toMatchObject({ left: 1, sessions: [{ open: false }] });
});
