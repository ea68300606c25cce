/** A process whose PKCS#11 module never comes back from C_Sign: it ends all the same, soon, and says why. */
import { join } from 'node:path';
import { systemClock } from '../../src/clock';
import { Pin, Token } from '../../src/hsm';
import { makeSlowModule } from '../hsm/slowModule';
import { startScript } from '../support/childScript';
import { makeSoftHsm } from '../support/softhsm';

const FOR_EVER_MS = 3_600_000;
/** The grace for a module, twice, and a busy machine. */
const SOON_MS = 15_000;

const softHsm = makeSoftHsm();
const { label, pin, pinFile } = softHsm.createToken('ca');
const hanging = join(softHsm.directory, 'hanging.so');
const slow = join(softHsm.directory, 'slow.so');

beforeAll(async () => {
  const refusedPins = join(softHsm.directory, 'refused.json');
  const reference = { module: softHsm.module, label };
  const token = await Token.open(reference, new Pin(pin), { refusedPins, clock: systemClock });
  await token.generateKeyPair({ label: 'rsa', algorithm: 'rsa-2048' });
  await token.close();
  makeSlowModule(hanging, softHsm.module, FOR_EVER_MS, 'C_Sign');
  makeSlowModule(slow, softHsm.module, 1000, 'C_Sign');
});

afterAll(() => {
  softHsm.remove();
});

const start = (module: string, waitMs: number): ReturnType<typeof startScript> =>
  startScript(require.resolve('./hangingChild'), [module, label, pinFile, String(waitMs)]);

test('a command that gave up waiting says so and ends', async () => {
  const { child, ended } = start(hanging, 500);
  await Promise.race([once(child.stderr, /signing/), ended]);
  const began = performance.now();
  const { code, signal, stdout, stderr } = await ended;
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TOKEN_NO_ANSWER', category: 'unavailable' } });
  expect(stderr).toContain('[MODULE_HANGS]');
  expect([code, signal]).toEqual([null, 'SIGKILL']);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends one that waits for the module', async (signal) => {
  const { child, ended } = start(hanging, FOR_EVER_MS);
  await Promise.race([once(child.stderr, /signing/), ended]);
  // Inside the module by then.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const began = performance.now();
  child.kill(signal);
  const { stdout, stderr, ...end } = await ended;
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERRUPTED', params: { signal } } });
  expect(stderr).toContain('[MODULE_HANGS]');
  expect(end).toEqual({ code: null, signal });
});

test('a module that comes back late keeps the exit code, and nothing is said of it', async () => {
  const { ended } = start(slow, 300);
  const { code, signal, stderr } = await ended;
  expect([code, signal]).toEqual([4, null]);
  expect(stderr).not.toContain('MODULE_HANGS');
});

function once(stream: NodeJS.ReadableStream, said: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    stream.on('data', (part: string) => {
      text += part;
      if (said.test(text)) resolve();
    });
  });
}
