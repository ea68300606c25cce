/** The health of one token, of several that hold the same keys, and of several that are each needed. */
import { HsmError } from '../../src/hsm';
import { HealthRecord, together, worst, type Health, type HealthState } from '../../src/hsm/health';

const lost = new HsmError('TOKEN_REMOVED', {
  token: 'ca',
  operation: 'sign',
  reported: 'CKR_DEVICE_REMOVED',
});
const other = new HsmError('TOKEN_CLOSED', { token: 'ca' });

function be(state: HealthState): Health {
  return { state, cause: state === 'ready' ? undefined : lost, since: new Date(0) };
}

test.each<[readonly HealthState[], HealthState]>([
  [['ready'], 'ready'],
  [['degraded'], 'degraded'],
  [['down'], 'down'],
  [['ready', 'ready'], 'ready'],
  [['ready', 'down'], 'degraded'],
  [['degraded', 'down'], 'degraded'],
  [['down', 'down'], 'down'],
])('tokens that stand in for each other: %j are together %s', (states, state) => {
  expect(together(states.map(be))).toEqual({ state, cause: state === 'ready' ? undefined : lost });
});

test.each<[readonly HealthState[], HealthState | undefined]>([
  [[], undefined],
  [['ready', 'ready'], 'ready'],
  [['ready', 'degraded'], 'degraded'],
  [['degraded', 'down', 'ready'], 'down'],
])('tokens that are each needed: of %j the worst is %s', (states, state) => {
  expect(worst(states.map(be))?.state).toBe(state);
});

test('the state keeps its time while its cause changes, and each change is told once', () => {
  let now = 0;
  const changed = jest.fn();
  const record = new HealthRecord(() => new Date(now), changed);
  expect(record.now).toEqual({ state: 'ready', cause: undefined, since: new Date(0) });
  now = 1;
  record.set({ state: 'ready', cause: undefined });
  expect(changed).not.toHaveBeenCalled();
  record.set({ state: 'down', cause: lost });
  now = 2;
  record.set({ state: 'down', cause: lost });
  record.set({ state: 'down', cause: other });
  expect(record.now).toEqual({ state: 'down', cause: other, since: new Date(1) });
  expect(changed).toHaveBeenCalledTimes(2);
  record.set({ state: 'ready', cause: undefined });
  expect(record.now.since).toEqual(new Date(2));
});
