/** What a service does of its own accord: nothing that fails, or takes long, keeps the rest from being done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { keepUp } from '../../src/cli/chores';
import { createLogger } from '../../src/logger';

const silent = createLogger('silent');

test('what fails is told by name, keeps none of the others from being done, and is tried again', async () => {
  const ending = new AbortController();
  const errors: unknown[] = [];
  jest.spyOn(silent, 'error').mockImplementation((told: unknown) => errors.push(told));
  const failure = new Error('the disk is full');
  const mirror = jest.fn(() => Promise.reject(failure));
  const crls = jest.fn(async () => {
    if (crls.mock.calls.length === 3) ending.abort();
  });
  const after = jest.fn(async () => undefined);
  await keepUp({ mirror, crls, after }, { everyMs: 1, signal: ending.signal, logger: silent });
  expect([mirror, crls, after].map(({ mock }) => mock.calls.length)).toEqual([3, 3, 2]);
  expect(errors).toEqual(Array.from({ length: 3 }, () => ({ err: failure, chore: 'mirror' })));
});

test('what takes longer than the pause is not begun a second time meanwhile', async () => {
  const ending = new AbortController();
  let [running, most] = [0, 0];
  const slow = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await sleep(20);
    running -= 1;
  };
  const kept = keepUp({ slow }, { everyMs: 1, signal: ending.signal, logger: silent });
  await sleep(200);
  ending.abort();
  await kept;
  expect(most).toBe(1);
});
