/** Several tokens that hold the same key: the work is spread, one that is lost is stood in for and comes back. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { KeyType, Module, ObjectClass, SessionFlag, type Session } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import { HsmError, Pin, Token, type HealthState, type TokenHealth } from '../../src/hsm';
import { KeyHandles } from '../../src/hsm/keyHandles';
import { sha256Hex, verifySignature, type Signer } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { makeSoftHsm, type SoftHsmToken } from '../support/softhsm';

const softHsm = makeSoftHsm();
const library = Module.load(softHsm.module);
const LABEL = 'pair';
/** CKA_ID. */
const ID = '01';
const WAIT_MS = 1500;

interface Twin extends SoftHsmToken {
  /** Where SoftHSM keeps it. */
  readonly directory: string;
}

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spkiSha256 = sha256Hex(key.publicKey.export({ format: 'der', type: 'spki' }));
const first = twin(key);
const second = twin(key);
const stranger = twin(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
/** The same key by another CKA_ID. */
const renamed = twin(key, '02');

let token: Token | undefined;
const healths: TokenHealth[] = [];

afterEach(async () => {
  await token?.close();
  token = undefined;
  healths.length = 0;
  jest.restoreAllMocks();
});
afterAll(() => {
  softHsm.remove();
});

function twin(pair: { privateKey: KeyObject; publicKey: KeyObject }, id = ID): Twin {
  const tokens = join(softHsm.directory, 'tokens');
  const before = new Set(readdirSync(tokens));
  const made = softHsm.createToken(LABEL);
  const name = readdirSync(tokens).find((each) => !before.has(each));
  if (name === undefined) throw new Error('no directory');
  const session = sessionOn(made);
  importKey(session, pair, id);
  session.logout();
  session.close();
  return { ...made, directory: join(tokens, name) };
}

function sessionOn({ serial, pin }: SoftHsmToken): Session {
  const slots = library.getSlots(true);
  const slot = Array.from({ length: slots.length }, (_, at) => slots.items(at)).find(
    (each) => each.getToken().serialNumber === serial,
  );
  if (slot === undefined) throw new Error('no slot');
  const session = slot.open(SessionFlag.SERIAL_SESSION | SessionFlag.RW_SESSION);
  session.login(pin);
  return session;
}

/** What a real HSM never admits for a CA key: its private half comes from outside. */
function importKey(
  session: Session,
  pair: { privateKey: KeyObject; publicKey: KeyObject },
  id: string,
): void {
  const { d = '' } = pair.privateKey.export({ format: 'jwk' });
  const point = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
  const common = {
    keyType: KeyType.EC,
    label: 'ca',
    id: Buffer.from(id, 'hex'),
    token: true,
    paramsEC: Buffer.from('06082a8648ce3d030107', 'hex'),
  };
  session.create({
    ...common,
    class: ObjectClass.PUBLIC_KEY,
    private: false,
    verify: true,
    pointEC: Buffer.concat([Buffer.from([0x04, 65]), point]),
  });
  session.create({
    ...common,
    class: ObjectClass.PRIVATE_KEY,
    private: true,
    sensitive: true,
    sign: true,
    value: Buffer.from(d, 'base64url'),
  });
}

async function open(...members: readonly SoftHsmToken[]): Promise<Token> {
  token = await Token.openTogether(
    members.map(({ serial, pin }) => ({
      reference: { module: softHsm.module, label: LABEL, serial },
      pin: new Pin(pin),
    })),
    {
      sessions: 2,
      waitMs: WAIT_MS,
      pacing: { first: 20, longest: 100, disturbing: 300 },
      refusedPins: join(softHsm.directory, 'refused.json'),
      clock: systemClock,
      onHealth: (health) => healths.push(health),
    },
  );
  return token;
}

interface Made {
  readonly good: number;
  /** How often each token was asked, by serial number; for several signatures at a time. */
  readonly asked: Readonly<Record<string, number>>;
}

/** Asks for so many signatures, eight at once; all must be given. */
async function sign(signer: Signer, count = 40): Promise<Made> {
  const asked: Record<string, number> = {};
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = KeyHandles.prototype.handle;
  const asking = jest.spyOn(KeyHandles.prototype, 'handle').mockImplementation(function (
    this: KeyHandles,
    session,
    wanted,
  ) {
    const handle = original.call(this, session, wanted);
    const serial = session.slot.getToken().serialNumber;
    asked[serial] = (asked[serial] ?? 0) + 1;
    return handle;
  });
  const messages = Array.from({ length: count }, (_, at) => Buffer.from(`message ${String(at)}`));
  const made: Buffer[] = [];
  for (let at = 0; at < count; at += 8) {
    made.push(...(await Promise.all(messages.slice(at, at + 8).map((message) => signer.sign(message)))));
  }
  asking.mockRestore();
  const good = made.filter((signature, at) =>
    verifySignature('ecdsa-sha256', key.publicKey, messages[at] ?? Buffer.alloc(0), signature),
  );
  return { good: good.length, asked };
}

const states = ({ health }: Token) => [health.state, health.members.map((member) => member.state)];

const away = ({ directory }: Twin): string => join(softHsm.directory, `${basename(directory)}.away`);

function leave(twin: Twin): void {
  renameSync(twin.directory, away(twin));
}

function comeBack(twin: Twin): void {
  renameSync(away(twin), twin.directory);
}

async function until(opened: Token, state: HealthState): Promise<void> {
  while (opened.health.state !== state) await after(10);
}

test('the work is spread over them', async () => {
  const pair = await open(first, second);
  const signer = await pair.signer('ca', { spkiSha256 });
  // As many as there are sessions; what this software signs at once, one session would do for all.
  const { good, asked } = await sign(signer, 8);
  expect(good).toBe(8);
  expect(Object.keys(asked).toSorted()).toEqual([first.serial, second.serial].toSorted());
  // On a busy machine, one whose threads were slow to start counts as late until it has answered.
  await until(pair, 'ready');
  expect(pair.health.members.map(({ serial }) => serial)).toEqual([first.serial, second.serial]);
  expect(states(pair)).toEqual(['ready', ['ready', 'ready']]);
});

test('one lost is no outage, and it comes back by itself', async () => {
  const pair = await open(first, second);
  const signer = await pair.signer('ca', { spkiSha256 });
  leave(second);
  try {
    expect((await sign(signer)).good).toBe(40);
    while (pair.health.members[1]?.state !== 'down') await after(10);
    expect(states(pair)).toEqual(['degraded', ['ready', 'down']]);
    expect(pair.health.cause?.code).toBe('TOKEN_ABSENT');
    const { good, asked } = await sign(signer);
    expect(good).toBe(40);
    expect(Object.keys(asked)).toEqual([first.serial]);
  } finally {
    comeBack(second);
  }
  await until(pair, 'ready');
  const { good, asked } = await sign(signer);
  expect(good).toBe(40);
  expect(Object.keys(asked)).toHaveLength(2);
  expect(healths.map(({ state }) => state)).not.toContain('down');
});

test('both lost is one, told within the time limit, and they come back', async () => {
  const pair = await open(first, second);
  const signer = await pair.signer('ca', { spkiSha256 });
  leave(first);
  leave(second);
  try {
    const start = performance.now();
    const error = await expectCode(signer.sign(Buffer.from('message')), HsmError, 'TOKEN_NOT_BACK');
    expect(error.category).toBe('unavailable');
    expect(performance.now() - start).toBeLessThan(WAIT_MS + 2000);
    expect(states(pair)).toEqual(['down', ['down', 'down']]);
  } finally {
    comeBack(first);
    comeBack(second);
  }
  await until(pair, 'ready');
  expect((await sign(signer)).good).toBe(40);
});

test('one that is absent at the start joins later', async () => {
  leave(second);
  softHsm.reload();
  const pair = await open(first, second).finally(() => {
    comeBack(second);
  });
  expect(states(pair)).toEqual(['degraded', ['ready', 'down']]);
  const signer = await pair.signer('ca', { spkiSha256 });
  expect((await sign(signer)).good).toBe(40);
  await until(pair, 'ready');
  expect(Object.keys((await sign(signer)).asked)).toHaveLength(2);
});

test('one with another key of the same label signs nothing, and is shown', async () => {
  const pair = await open(first, stranger);
  const signer = await pair.signer('ca', { spkiSha256 });
  const { good, asked } = await sign(signer);
  expect(good).toBe(40);
  expect(Object.keys(asked)).toEqual([first.serial]);
  expect(pair.health).toMatchObject({ state: 'degraded', cause: { code: 'KEY_MISMATCH' } });
});

test('one that has the key by another CKA_ID signs nothing, and is shown', async () => {
  const pair = await open(first, renamed);
  const { good, asked } = await sign(await pair.signer('ca', { spkiSha256, id: ID }));
  expect([good, Object.keys(asked)]).toEqual([40, [first.serial]]);
  expect(pair.health).toMatchObject({ state: 'degraded', cause: { code: 'KEY_ID_MISMATCH' } });
  await pair.close();
  const alone = await open(renamed);
  const error = await expectCode(alone.signer('ca', { spkiSha256, id: ID }), HsmError, 'KEY_ID_MISMATCH');
  expect(error).toMatchObject({ category: 'integrity', params: { found: '02', expected: ID } });
});

test('without a pinned key, the first token decides which it is', async () => {
  const pair = await open(stranger, first);
  const signer = await pair.signer('ca');
  expect(sha256Hex(signer.spki)).not.toBe(spkiSha256);
  for (let turn = 0; turn < 4; turn += 1) await signer.sign(Buffer.from('message'));
  expect(pair.health).toMatchObject({ state: 'degraded', cause: { code: 'KEY_MISMATCH' } });
});

test('a wrong PIN of one is tried once; the other signs', async () => {
  const wrong = { ...second, pin: 'wr0ng-pin' };
  const pair = await open(first, wrong);
  expect(pair.health).toMatchObject({ state: 'degraded', cause: { code: 'PIN_INCORRECT' } });
  expect((await sign(await pair.signer('ca', { spkiSha256 }))).good).toBe(40);
  await pair.close();
  const again = await open(first, wrong);
  expect(again.health.cause?.code).toBe('PIN_REFUSED_BEFORE');
});

test('if none opens, the first says why', async () => {
  const absent = { ...first, serial: 'none' };
  await expectCode(open(absent, absent), HsmError, 'TOKEN_ABSENT');
});

test('no key is made in one of several', async () => {
  const pair = await open(first, second);
  const made = pair.generateKeyPair({ label: 'new', algorithm: 'p-256' });
  const error = await expectCode(made, HsmError, 'SEVERAL_TOKENS');
  expect(error).toMatchObject({ category: 'refused', params: { count: 2 } });
});
