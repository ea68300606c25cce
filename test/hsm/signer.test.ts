/** Signing on SoftHSM2: many at once, off the main thread, and through lost sessions. */
import crypto from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { MechanismEnum, Session, Slot } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import { HsmError, Pin, Token } from '../../src/hsm';
import { KeyHandles } from '../../src/hsm/keyHandles';
import { signingMethod } from '../../src/hsm/signing';
import {
  publicKeyFromSpki,
  verifySignature,
  type KeyAlgorithm,
  type SignatureAlgorithm,
  type Signer,
} from '../../src/signer';
import { expectCode } from '../support/matchers';
import { makeSoftHsm } from '../support/softhsm';

const softHsm = makeSoftHsm();
const { label, pin } = softHsm.createToken('signing');

afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  softHsm.remove();
});

function open(sessions: number, waitMs?: number): Promise<Token> {
  return Token.open({ module: softHsm.module, label }, new Pin(pin), {
    sessions,
    waitMs,
    refusedPins: `${softHsm.directory}/refused.json`,
    clock: systemClock,
  });
}

/** Opens the token and gives the sessions it opened. */
async function openWatched(sessions: number): Promise<{ token: Token; opened: Session[] }> {
  const opens = jest.spyOn(Slot.prototype, 'open');
  const token = await open(sessions);
  return { token, opened: opens.mock.results.map((result) => result.value as Session) };
}

async function signerOf(
  token: Token,
  algorithm: KeyAlgorithm,
  signatureAlgorithm?: SignatureAlgorithm,
): Promise<Signer> {
  const key = await token.findKey(algorithm);
  const { spkiSha256 } = key ?? (await token.generateKeyPair({ label: algorithm, algorithm }));
  return token.signer(algorithm, { spkiSha256, signatureAlgorithm });
}

function isGood(signer: Signer, message: Buffer, signature: Buffer): boolean {
  return verifySignature(signer.algorithm, publicKeyFromSpki(signer.spki), message, signature);
}

test.each([
  ['rsa-2048', 'rsa-sha256'],
  ['rsa-2048', 'rsa-pss-sha256'],
  ['rsa-2048', 'rsa-pss-sha384'],
  ['p-256', 'ecdsa-sha256'],
] as const)('200 signatures at once by %s with %s are each of their message', async (key, algorithm) => {
  const token = await open(4);
  const signer = await signerOf(token, key, algorithm);
  expect(signer.algorithm).toBe(algorithm);
  const messages = Array.from({ length: 200 }, (_, index) => Buffer.from(`message ${index}`.repeat(50)));
  const signatures = await Promise.all(messages.map((message) => signer.sign(message)));
  const good = messages.map((message, index) => isGood(signer, message, signatures[index]!));
  expect(good.filter(Boolean)).toHaveLength(200);
  await token.close();
});

test('two keys sign side by side', async () => {
  const token = await open(4);
  const signers = [await signerOf(token, 'rsa-2048'), await signerOf(token, 'p-256')];
  const work = Array.from({ length: 60 }, (_, index) => signers[index % 2]!);
  const message = Buffer.from('the same message');
  const signatures = await Promise.all(work.map((signer) => signer.sign(message)));
  expect(signatures.every((signature, index) => isGood(work[index]!, message, signature))).toBe(true);
  await token.close();
});

test('the message may change once sign was called', async () => {
  const token = await open(1);
  const signer = await signerOf(token, 'p-256');
  const message = Buffer.from('as it was');
  const signing = signer.sign(message);
  message.fill(0);
  expect(isGood(signer, Buffer.from('as it was'), await signing)).toBe(true);
  await token.close();
});

test('the main thread goes on while the token works', async () => {
  const token = await open(1);
  const signer = await signerOf(token, 'rsa-4096');
  let turns = 0;
  let running = true;
  const spin = (): void => {
    turns += 1;
    if (running) setImmediate(spin);
  };
  const start = performance.now();
  spin();
  const count = 10;
  for (let index = 0; index < count; index += 1) await signer.sign(Buffer.from('message'));
  running = false;
  const perSignature = (performance.now() - start) / count;
  // Blocked, the loop would turn a few times per signature; it turns for as long as each of them takes.
  expect(perSignature).toBeGreaterThan(0.5);
  expect(turns).toBeGreaterThan(count * 20);
  await token.close();
});

test('the main thread goes on while the token makes a key', async () => {
  const token = await open(1);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const made = token.generateKeyPair({ label: 'slow', algorithm: 'rsa-3072' });
  const start = performance.now();
  await made;
  const took = performance.now() - start;
  clearInterval(timer);
  expect(turns).toBeGreaterThan(Math.min(10, took / 20));
  await token.close();
});

describe('lost sessions', () => {
  test('one that was closed is opened again, and the signature made', async () => {
    const { token, opened } = await openWatched(2);
    const signer = await signerOf(token, 'p-256');
    opened[0]!.close();
    const message = Buffer.from('message');
    for (let turn = 0; turn < 4; turn += 1) {
      expect(isGood(signer, message, await signer.sign(message))).toBe(true);
    }
    await token.close();
  });

  test('when all are gone the login is too, and is made again', async () => {
    const { token, opened } = await openWatched(2);
    const signer = await signerOf(token, 'p-256');
    const login = jest.spyOn(Session.prototype, 'login');
    for (const session of opened) session.close();
    const message = Buffer.from('message');
    const signatures = await Promise.all(Array.from({ length: 8 }, () => signer.sign(message)));
    expect(signatures.every((signature) => isGood(signer, message, signature))).toBe(true);
    expect(login).toHaveBeenCalledTimes(1);
    expect(await token.findKey('p-256')).toBeDefined();
    await token.close();
  });

  test('when another part of the process logs out, keys do not merely seem to be absent', async () => {
    const { token, opened } = await openWatched(1);
    const signer = await signerOf(token, 'p-256');
    const opens = jest.spyOn(Slot.prototype, 'open');
    opened[0]!.logout();
    expect(await token.findKey('p-256')).toBeDefined();
    (opens.mock.results.at(-1)?.value as Session).logout();
    const message = Buffer.from('message');
    expect(isGood(signer, message, await signer.sign(message))).toBe(true);
    await token.close();
  });

  test('a handle that became invalid is looked up again', async () => {
    const { token } = await openWatched(1);
    const signer = await signerOf(token, 'p-256');
    const handle = jest.spyOn(KeyHandles.prototype, 'handle').mockReturnValueOnce(Buffer.alloc(8, 0x7f));
    const message = Buffer.from('message');
    expect(isGood(signer, message, await signer.sign(message))).toBe(true);
    expect(handle.mock.calls.length).toBeGreaterThan(1);
    await token.close();
  });

  test('a key replaced meanwhile does not sign in its place', async () => {
    const { token, opened } = await openWatched(1);
    await token.generateKeyPair({ label: 'ca', algorithm: 'p-256' });
    const signer = await token.signer('ca');
    opened[0]!.destroy({ label: 'ca' });
    await token.generateKeyPair({ label: 'ca', algorithm: 'p-256' });
    const error = await expectCode(signer.sign(Buffer.from('message')), HsmError, 'KEY_MISMATCH');
    expect(error.category).toBe('integrity');
    await token.close();
  });
});

test('closing lets running signatures finish and refuses waiting ones', async () => {
  const token = await open(1);
  const signer = await signerOf(token, 'rsa-4096');
  const message = Buffer.from('message');
  const running = signer.sign(message);
  const waiting = expectCode(signer.sign(message), HsmError, 'TOKEN_CLOSED');
  await token.close();
  expect(isGood(signer, message, await running)).toBe(true);
  await waiting;
  await expectCode(signer.sign(message), HsmError, 'TOKEN_CLOSED');
});

test('who waits too long is told that the token is busy', async () => {
  const token = await open(1, 60);
  const signer = await signerOf(token, 'rsa-4096');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, () => signer.sign(Buffer.from('message'))),
  );
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as HsmError] : [],
  );
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(60);
  const codes = new Set(refused.map(({ code }) => code));
  // The one that was being made when the time was up got no answer.
  codes.delete('TOKEN_NO_ANSWER');
  expect(codes).toEqual(new Set(['HSM_BUSY']));
  await token.close();
});

test('a token whose private key does not fit its public key is found out', async () => {
  const token = await open(1);
  const signer = await signerOf(token, 'p-256');
  const other = await signerOf(token, 'p-384');
  const verify = (jest.spyOn(crypto, 'verify') as unknown as jest.SpyInstance<boolean>).mockReturnValueOnce(
    false,
  );
  await expectCode(signer.sign(Buffer.from('message')), HsmError, 'SIGNATURE_WRONG');
  expect(verify).toHaveBeenCalledTimes(1);
  await other.sign(Buffer.from('message'));
  await other.sign(Buffer.from('message'));
  expect(verify).toHaveBeenCalledTimes(2);
  await token.close();
});

test('a token that takes another salt than it is told is found out, whatever it was proven for', async () => {
  const token = await open(1);
  const message = Buffer.from('message');
  await (await signerOf(token, 'rsa-2048')).sign(message);
  const pss = await signerOf(token, 'rsa-2048', 'rsa-pss-sha256');
  const mechanisms = new Set([MechanismEnum.RSA_PKCS_PSS]);
  const { mechanism } = signingMethod('rsa-2048', 'rsa-pss-sha256', mechanisms, label);
  // The parameter is one for all: this is as if the token took it so.
  const parameter = mechanism.parameter as { saltLen: number };
  parameter.saltLen = 20;
  try {
    await expectCode(pss.sign(message), HsmError, 'SIGNATURE_WRONG');
  } finally {
    parameter.saltLen = 32;
  }
  expect(isGood(pss, message, await pss.sign(message))).toBe(true);
  await token.close();
});
