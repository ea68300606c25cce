/** Signing on threads of their own: a module that blocks holds up nobody else. */
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { MechanismEnum } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import { Pin, Token } from '../../src/hsm';
import { KeyHandles } from '../../src/hsm/keyHandles';
import type { KeyRecord } from '../../src/hsm/keys';
import type { SessionPool, Work } from '../../src/hsm/sessionPool';
import { signingMethod } from '../../src/hsm/signing';
import { Pace } from '../../src/hsm/signOn';
import { TokenSigner } from '../../src/hsm/tokenSigner';
import { publicKeyFromSpki, verifySignature, type Signer } from '../../src/signer';
import { makeSoftHsm } from '../support/softhsm';
import { makeFailingModule } from './failingModule';
import { makeSlowModule } from './slowModule';

const softHsm = makeSoftHsm();
const { label, pin } = softHsm.createToken('ca');

beforeAll(async () => {
  const token = await open(softHsm.module);
  await token.generateKeyPair({ label: 'rsa', algorithm: 'rsa-2048' });
  await token.close();
});

afterAll(() => {
  softHsm.remove();
});

function open(module: string): Promise<Token> {
  const refusedPins = join(softHsm.directory, 'refused.json');
  return Token.open({ module, label }, new Pin(pin), { refusedPins, clock: systemClock, sessions: 4 });
}

/** Asks for signatures of as many messages at once. @returns how many are those of their message */
async function goodOnes(signer: Signer, count: number): Promise<number> {
  const messages = Array.from({ length: count }, (_, at) => Buffer.from(`message ${String(at)}`));
  const made = await Promise.all(messages.map((message) => signer.sign(message)));
  const key = publicKeyFromSpki(signer.spki);
  return messages.filter((message, at) => {
    const signature = made[at];
    return signature !== undefined && verifySignature(signer.algorithm, key, message, signature);
  }).length;
}

test('a module that blocks holds up neither the program nor the other sessions', async () => {
  const BLOCKS_MS = 400;
  const slow = join(softHsm.directory, 'slow.so');
  makeSlowModule(slow, softHsm.module, BLOCKS_MS);
  // The library below is one, but a load by another name would start it a second time.
  softHsm.reload();
  const token = await open(slow);
  const signer = await token.signer('rsa');
  await goodOnes(signer, 1);
  let [longestGap, last] = [0, performance.now()];
  const ticking = setInterval(() => {
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  }, 5);
  const began = performance.now();
  expect(await goodOnes(signer, 4)).toBe(4);
  clearInterval(ticking);
  expect(longestGap).toBeLessThan(BLOCKS_MS / 2);
  expect(performance.now() - began).toBeLessThan(3 * BLOCKS_MS);
  await token.close();
  softHsm.reload();
});

test('signatures asked for together are handed over together, as far as the pace allows', async () => {
  const token = await open(softHsm.module);
  const signer = await token.signer('rsa');
  await goodOnes(signer, 1);
  // Asked for once an order.
  const orders = jest.spyOn(KeyHandles.prototype, 'handle');
  expect(await goodOnes(signer, 64)).toBe(64);
  expect(orders.mock.calls.length).toBeLessThan(64);
  // Every one of the four sessions takes its share.
  expect(orders.mock.calls.length).toBeGreaterThanOrEqual(4);
  orders.mockRestore();
  await token.close();
});

test('a token that takes its time gets one at a time', () => {
  const pace = new Pace(false);
  expect(pace.together).toBe(1);
  pace.took(0.5);
  expect(pace.together).toBe(20);
  pace.took(40);
  expect(pace.together).toBe(1);
});

test('one signature that was interrupted does not make a quick key slow, several in a row do', () => {
  const pace = new Pace(true);
  pace.took(0.05);
  pace.took(30);
  expect([pace.isQuick(8), pace.together]).toEqual([true, 200]);
  for (let again = 0; again < 8; again += 1) pace.took(30);
  expect([pace.isQuick(1), pace.together]).toEqual([false, 1]);
});

test('those who ask while others have their turn are answered together', async () => {
  const method = signingMethod('p-256', 'ecdsa-sha256', new Set([MechanismEnum.ECDSA]), 'soft');
  const pace = new Pace(true);
  pace.took(0.01);
  const lib = { C_SignInit: () => undefined, C_Sign: () => Buffer.alloc(64, 1) };
  const keys = { handle: () => Buffer.alloc(8), isProven: () => true };
  const run = jest.fn((_: string, work: Work<unknown>) =>
    Promise.resolve(work({ lib } as never, { keys } as never)),
  );
  const pool = { tokens: 1, size: 4, run } as unknown as SessionPool;
  const key = { label: 'k', spki: Buffer.alloc(0), id: '' } as unknown as KeyRecord;
  const signer = new TokenSigner(pool, 'soft', key, { algorithm: 'ecdsa-sha256', method, pace });
  // Longer than one may sign on: the turn is over.
  await setTimeout(20);
  const made = [signer.sign(Buffer.from('a'))];
  for (const message of ['b', 'c', 'd']) {
    await Promise.resolve();
    made.push(signer.sign(Buffer.from(message)));
  }
  expect(await Promise.all(made)).toHaveLength(4);
  expect(run).toHaveBeenCalledTimes(1);
});

test('a thread that starts after the file was replaced uses the library that is loaded', async () => {
  const module = join(softHsm.directory, 'module.so');
  copyFileSync(softHsm.module, module);
  const token = await open(module);
  const signer = await token.signer('rsa');
  makeFailingModule(`${module}.new`);
  renameSync(`${module}.new`, module);
  expect(await goodOnes(signer, 8)).toBe(8);
  await token.close();
});

test('a thread that was idle ends, and another takes its place', async () => {
  const token = await open(softHsm.module);
  const signer = await token.signer('rsa');
  jest.useFakeTimers({ doNotFake: ['performance', 'queueMicrotask', 'nextTick', 'setImmediate'] });
  try {
    expect(await goodOnes(signer, 2)).toBe(2);
    jest.advanceTimersByTime(120_000);
    expect(await goodOnes(signer, 2)).toBe(2);
  } finally {
    jest.useRealTimers();
  }
  await token.close();
});
