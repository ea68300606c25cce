/** Signing on threads of their own: a module that blocks holds up nobody else. */
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { MechanismEnum, ObjectClass } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import { HsmError, Pin, Token } from '../../src/hsm';
import { KeyHandles } from '../../src/hsm/keyHandles';
import type { KeyRecord } from '../../src/hsm/keys';
import { loadModule } from '../../src/hsm/module';
import type { SessionPool } from '../../src/hsm/sessionPool';
import { signingMethod } from '../../src/hsm/signing';
import { SigningRing } from '../../src/hsm/signingRing.cjs';
import { signAside } from '../../src/hsm/signingThreads';
import { Pace } from '../../src/hsm/signOn';
import { TokenSigner } from '../../src/hsm/tokenSigner';
import { publicKeyFromSpki, verifySignature, type Signer } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { makeSoftHsm } from '../support/softhsm';
import { makeFailingModule } from './failingModule';
import { makeSlowModule } from './slowModule';

const softHsm = makeSoftHsm();
const { label, pin } = softHsm.createToken('ca');

beforeAll(async () => {
  const token = await open(softHsm.module);
  await token.generateKeyPair({ label: 'rsa', algorithm: 'rsa-2048' });
  await token.generateKeyPair({ label: 'ec', algorithm: 'p-256' });
  await token.close();
});

afterEach(() => {
  jest.restoreAllMocks();
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
  const BLOCKS_MS = 800;
  const slow = join(softHsm.directory, 'slow.so');
  makeSlowModule(slow, softHsm.module, BLOCKS_MS);
  // The library below is one, but a load by another name would start it a second time.
  softHsm.reload();
  const token = await open(slow);
  const signer = await token.signer('rsa');
  await goodOnes(signer, 1);
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 5);
  const began = performance.now();
  expect(await goodOnes(signer, 4)).toBe(4);
  clearInterval(ticking);
  // Held up by each signature there would be four.
  expect(ticks).toBeGreaterThan(20);
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
  expect([pace.isQuick(), pace.together]).toEqual([false, 1]);
});

test('those who ask while others have their turn are answered together', async () => {
  const method = signingMethod('p-256', 'ecdsa-sha256', new Set([MechanismEnum.ECDSA]), 'soft');
  const pace = new Pace(true);
  pace.took(0.01);
  const run = jest.fn(() => Promise.resolve(['a', 'b', 'c', 'd'].map((text) => Buffer.from(text))));
  const pool = { tokens: 1, size: 1, run } as unknown as SessionPool;
  const key = { label: 'k', spki: Buffer.alloc(0), id: '' } as unknown as KeyRecord;
  const signer = new TokenSigner(pool, 'soft', key, { algorithm: 'ecdsa-sha256', method, pace });
  // Longer than one may sign on: the turn is over.
  await setTimeout(20);
  const made = [signer.sign(Buffer.from('a'))];
  for (const message of ['b', 'c', 'd']) {
    await Promise.resolve();
    made.push(signer.sign(Buffer.from(message)));
  }
  expect((await Promise.all(made)).map(String)).toEqual(['a', 'b', 'c', 'd']);
  expect(run).toHaveBeenCalledTimes(1);
});

/**
 * Until it holds once. What is quick depends on the machine: where a neighbour takes the core at the wrong moment, a
 * thread is rightly taken for one that is held up, or a key for a slow one.
 */
async function once(holds: () => Promise<boolean>): Promise<void> {
  do await setTimeout(10);
  while (!(await holds()));
}

test('quick signatures that are asked for together are made by one thread, each for who asked', async () => {
  const token = await open(softHsm.module);
  const signer = await token.signer('ec');
  const pushed = jest.spyOn(SigningRing.prototype, 'ask');
  await once(async () => {
    pushed.mockClear();
    expect(await goodOnes(signer, 300)).toBe(300);
    // More than the ring has places for; the last few may be made at once.
    return pushed.mock.calls.length > 200 && new Set(pushed.mock.contexts).size === 1;
  });
  // One that nobody else waits for is not handed over at all.
  await once(async () => {
    pushed.mockClear();
    expect(await goodOnes(signer, 1)).toBe(1);
    return pushed.mock.calls.length === 0;
  });
  await token.close();
});

test('what a thread that has enough to do would let wait is made by the main thread meanwhile', async () => {
  const token = await open(softHsm.module);
  const signer = await token.signer('ec');
  const pushed = jest.spyOn(SigningRing.prototype, 'ask');
  const TOGETHER = 16;
  await once(async () => {
    pushed.mockClear();
    expect(await goodOnes(signer, TOGETHER)).toBe(TOGETHER);
    const handedOver = pushed.mock.calls.length;
    return handedOver > 1 && handedOver < TOGETHER;
  });
  await token.close();
});

/** A session of its own on the token, and what a signature by the RSA key takes. */
async function bySession(module: string, mechanism: MechanismEnum) {
  const token = await open(module);
  const { spki } = await token.signer('rsa');
  const slots = loadModule(module).module.getSlots(true);
  const own = slots.items(0).open();
  const key = own.find({ class: ObjectClass.PRIVATE_KEY, label: 'rsa' }).items(0).handle;
  const { lib, handle } = own;
  const sign = (inputs: readonly Buffer[], { quick = false, session = handle } = {}) =>
    signAside(lib.libPath, { session, mechanism: { mechanism }, key, inputs }, quick);
  const isGood = (message: Buffer, signature: Buffer | undefined): boolean =>
    signature !== undefined && verifySignature('rsa-sha256', publicKeyFromSpki(spki), message, signature);
  return { token, sign, isGood };
}

test('a message for which there is no room in the ring is signed like any other', async () => {
  const { token, sign, isGood } = await bySession(softHsm.module, MechanismEnum.SHA256_RSA_PKCS);
  const messages = [1, 256, 257, 1_000_000, 10].map((size) => Buffer.alloc(size, size));
  const { signatures, ms } = await sign(messages);
  expect(messages.map((message, at) => isGood(message, signatures[at]))).toEqual(messages.map(() => true));
  expect(ms).toBeGreaterThan(0);
  await token.close();
});

test('an order that fails tells the error of the token when all of it has come back, and the next one is signed', async () => {
  const { token, sign, isGood } = await bySession(softHsm.module, MechanismEnum.SHA256_RSA_PKCS);
  const message = Buffer.from('message');
  const closed = { session: Buffer.alloc(8, 0xee) };
  await expect(sign([message, message], closed)).rejects.toMatchObject({
    message: 'CKR_SESSION_HANDLE_INVALID',
    code: 0xb3,
  });
  const { signatures } = await sign([message]);
  expect(isGood(message, signatures[0])).toBe(true);
  await token.close();
});

test('a thread that dies takes its orders with it, and another makes the next', async () => {
  const slow = join(softHsm.directory, 'dying.so');
  makeSlowModule(slow, softHsm.module, 1000, 'C_Sign');
  softHsm.reload();
  const { token, sign, isGood } = await bySession(slow, MechanismEnum.SHA256_RSA_PKCS);
  const posted = jest.spyOn(Worker.prototype, 'postMessage');
  const message = Buffer.from('message');
  const orders = [sign([message], { quick: true }), sign([message], { quick: true })];
  const failures = orders.map((order) => expect(order).rejects.toThrow('a signing thread ended'));
  const [thread] = posted.mock.contexts as Worker[];
  // In the middle of the first one.
  await setTimeout(200);
  await thread?.terminate();
  await Promise.all(failures);
  const { signatures } = await sign([message], { quick: true });
  expect(isGood(message, signatures[0])).toBe(true);
  await token.close();
  softHsm.reload();
});

test('a late signature goes to who asked for it, and to nobody else', async () => {
  const slow = join(softHsm.directory, 'late.so');
  makeSlowModule(slow, softHsm.module, 1500, 'C_Sign');
  softHsm.reload();
  const refusedPins = join(softHsm.directory, 'refused.json');
  const options = { refusedPins, clock: systemClock, sessions: 1, waitMs: 2750 };
  const token = await Token.open({ module: slow, label }, new Pin(pin), options);
  const signer = await token.signer('rsa');
  const [inTime, late] = [signer.sign(Buffer.from('in time')), signer.sign(Buffer.from('late'))];
  await expectCode(() => late, HsmError, 'TOKEN_NO_ANSWER');
  // While the late one is still being made on the only session.
  expect(await goodOnes(signer, 1)).toBe(1);
  const key = publicKeyFromSpki(signer.spki);
  expect(verifySignature(signer.algorithm, key, Buffer.from('in time'), await inTime)).toBe(true);
  await token.close();
  softHsm.reload();
});

test('behind a thread that the module holds up nothing that is quick waits', async () => {
  const slow = join(softHsm.directory, 'held.so');
  makeSlowModule(slow, softHsm.module, 1500, 'C_Sign');
  softHsm.reload();
  const { token, sign } = await bySession(slow, MechanismEnum.SHA256_RSA_PKCS);
  // With a session of its own, as the pool would lend it.
  const other = await bySession(slow, MechanismEnum.SHA256_RSA_PKCS);
  const asked = jest.spyOn(SigningRing.prototype, 'ask');
  const first = sign([Buffer.from('first')], { quick: true });
  await setTimeout(300);
  const second = other.sign([Buffer.from('second')], { quick: true });
  expect(new Set(asked.mock.contexts).size).toBe(2);
  await Promise.all([first, second]);
  await other.token.close();
  await token.close();
  softHsm.reload();
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

// The last one, because it is believed for a while.
test('where the system gives no more threads, those there are make all, and it is not asked again and again', async () => {
  const module = join(softHsm.directory, 'scarce.so');
  copyFileSync(softHsm.module, module);
  const token = await open(module);
  const signer = await token.signer('rsa');
  await goodOnes(signer, 1);
  const refusal = Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
  const system = jest.requireActual<{ Worker: typeof Worker }>('node:worker_threads');
  const more = jest.spyOn(system, 'Worker').mockImplementation(() => {
    throw refusal;
  });
  expect(await goodOnes(signer, 64)).toBe(64);
  expect(await goodOnes(signer, 64)).toBe(64);
  expect(more).toHaveBeenCalledTimes(1);
  await token.close();
});
