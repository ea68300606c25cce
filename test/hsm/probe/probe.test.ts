/** A probe of an honest token: what it finds, what it leaves, and what it never touches. */
import { join } from 'node:path';
import { ObjectClass, Session, SessionFlag, Slot, type ITemplate } from 'graphene-pk11';
import { systemClock } from '../../../src/clock';
import { HsmError, Pin, Token, deviceReportSchema } from '../../../src/hsm';
import { loadModule } from '../../../src/hsm/module';
import { newLabel } from '../../../src/hsm/probe/throwAwayKeys';
import { KEY_ALGORITHMS, publicKeyFromSpki, verifySignature } from '../../../src/signer';
import { expectCode } from '../../support/matchers';
import { makeSoftHsm, type SoftHsmToken } from '../../support/softhsm';
import { foundIn, probe, which } from './bench';

const softHsm = makeSoftHsm();
let token: SoftHsmToken;
let count = 0;

beforeEach(() => {
  token = softHsm.createToken(`probed ${String((count += 1))}`);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  softHsm.remove();
});

/** Does something on the token in a session that is logged in, as nobody of the product does. */
function onToken<T>(work: (session: Session) => T): T {
  const slots = loadModule(softHsm.module).module.getSlots(true);
  const slot = Array.from({ length: slots.length }, (_, index) => slots.items(index)).find(
    (each) => each.getToken().serialNumber === token.serial,
  );
  if (slot === undefined) throw new Error('no slot');
  const session = slot.open(SessionFlag.SERIAL_SESSION | SessionFlag.RW_SESSION);
  session.login(token.pin);
  try {
    return work(session);
  } finally {
    session.logout();
    session.close();
  }
}

const CLASSES = [ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY, ObjectClass.SECRET_KEY];

const labelsOnToken = (): readonly string[] =>
  onToken((session) =>
    CLASSES.flatMap((objectClass) => {
      const found = session.find({ class: objectClass });
      return Array.from(
        { length: found.length },
        (_, index) => found.items(index).getAttribute('label') as string,
      );
    }),
  );

function leave(label: string): void {
  onToken((session) => {
    const template: ITemplate = {
      class: ObjectClass.SECRET_KEY,
      keyType: 0x10,
      token: true,
      private: true,
      label,
      value: Buffer.alloc(16, 1),
    };
    session.create(template);
  });
}

test('every key type of SoftHSM2 passes every check', async () => {
  const report = await probe(softHsm, token, { algorithms: KEY_ALGORITHMS, sessions: 4 });
  expect(deviceReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report.verdict).toBe('pass');
  expect(which(report, 'fail')).toEqual([]);
  expect(which(report, 'warning')).toEqual(['certification']);
  expect(which(report, 'not-supported')).toEqual(['clock']);
  for (const algorithm of KEY_ALGORITHMS) {
    const forms = algorithm.startsWith('rsa')
      ? ['RSASSA-PKCS1-v1_5 SHA-256', 'RSASSA-PSS SHA-256', 'RSASSA-PSS SHA-384']
      : ['ECDSA'];
    expect(which(report, 'pass')).toEqual(
      expect.arrayContaining([
        ...[
          'key-generation',
          'key-attributes',
          'key-secrecy',
          'key-fixedness',
          'key-copy',
          'key-wrapping',
        ].map((id) => `${id} ${algorithm}`),
        ...forms.flatMap((form) => [`signature ${algorithm} ${form}`, `verification ${algorithm} ${form}`]),
        `concurrency ${algorithm}`,
        `throughput ${algorithm}`,
      ]),
    );
  }
  expect(report.keys).toHaveLength(5);
  for (const { attributes } of report.keys) {
    expect(attributes).toMatchObject({
      local: true,
      sensitive: true,
      alwaysSensitive: true,
      neverExtractable: true,
      extractable: false,
    });
  }
  expect(report.throughput).toHaveLength(10);
  expect(report.mechanisms.map(({ name }) => name)).toContain('CKM_RSA_PKCS_PSS');
  expect(report.token).toMatchObject({ label: token.label, serial: token.serial, model: 'SoftHSM v2' });
  expect(report.certification).toEqual({ software: true, certified: null, required: false });
  expect(foundIn(report, 'certification')).toMatch(/^not certified: software/);
  expect(labelsOnToken()).toEqual([]);
});

test('the keys of a CA stay as they are, and no signature is made with them', async () => {
  const open = (): Promise<Token> =>
    Token.open({ module: softHsm.module, label: token.label }, new Pin(token.pin), {
      refusedPins: join(softHsm.directory, 'refused.json'),
      clock: systemClock,
    });
  const before = await open();
  const made = await before.generateKeyPair({ label: 'ca', algorithm: 'p-256' });
  await before.close();
  const lib = loadModule(softHsm.module).module.lib;
  const handles = onToken((session) => {
    const found = session.find({ label: 'ca' });
    return Array.from({ length: found.length }, (_, index) => found.items(index).handle.toString('hex'));
  });
  expect(handles).toHaveLength(2);
  const used = [
    jest.spyOn(lib, 'C_SignInit').mock,
    jest.spyOn(lib, 'C_DestroyObject').mock,
    jest.spyOn(lib, 'C_SetAttributeValue').mock,
    jest.spyOn(lib, 'C_CopyObject').mock,
    jest.spyOn(lib, 'C_WrapKey').mock,
  ];
  expect((await probe(softHsm, token)).verdict).toBe('pass');
  const touched = used.flatMap(({ calls }) =>
    (calls as unknown[][]).flat().filter((argument) => Buffer.isBuffer(argument)),
  ) as readonly Buffer[];
  expect(touched.length).toBeGreaterThan(20);
  for (const argument of touched) expect(handles).not.toContain(argument.toString('hex'));
  jest.restoreAllMocks();
  const after = await open();
  expect(await after.findKey('ca')).toEqual(made);
  const message = Buffer.from('after the probe');
  const signer = await after.signer('ca', made);
  const signature = await signer.sign(message);
  await after.close();
  expect(verifySignature('ecdsa-sha256', publicKeyFromSpki(made.spki), message, signature)).toBe(true);
  expect([...labelsOnToken()]).toEqual(['ca', 'ca']);
});

test('keys of a probe that is dead are removed, those of one that runs are not', async () => {
  // No process has this number: it is above what Linux gives.
  const dead = newLabel().replace(/-\d+-/, '-4194305-');
  const otherMachine = newLabel().replace(/probe-[0-9a-f]{8}/, 'probe-00000000');
  const running = newLabel();
  for (const label of [dead, otherMachine, running, 'subca-probe', 'probe']) leave(label);
  const report = await probe(softHsm, token);
  expect(which(report, 'warning')).toEqual(['certification', 'leftovers']);
  expect(foundIn(report, 'leftovers')).toBe('removed 2, left 0, of running probes 1');
  expect([...labelsOnToken()].sort()).toEqual(['probe', running, 'subca-probe'].sort());
});

test('a token that makes no keys for a session only gets them for the time of the probe', async () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = Session.prototype.generateKeyPair as (...args: unknown[]) => unknown;
  jest.spyOn(Session.prototype, 'generateKeyPair').mockImplementation(function (
    this: Session,
    ...args: unknown[]
  ) {
    if ((args[1] as ITemplate).token !== false) return original.apply(this, args);
    const answer = args[3] as (error: Error, pair: null) => void;
    answer(Object.assign(new Error('CKR_TEMPLATE_INCONSISTENT'), { code: 0xd1 }), null);
    return undefined;
  });
  const report = await probe(softHsm, token);
  expect(foundIn(report, 'key-generation')).toMatch(/CKA_TOKEN=true$/);
  expect(report.verdict).toBe('pass');
  expect(labelsOnToken()).toEqual([]);
});

describe('logging in', () => {
  test('a wrong PIN is tried once, and never again', async () => {
    const login = jest.spyOn(Session.prototype, 'login');
    await expectCode(() => probe(softHsm, token, { pin: 'wrong' }), HsmError, 'PIN_INCORRECT');
    await expectCode(() => probe(softHsm, token, { pin: 'wrong' }), HsmError, 'PIN_REFUSED_BEFORE');
    expect(login).toHaveBeenCalledTimes(1);
  });

  test('nothing is tried where one more wrong PIN locks the token', async () => {
    const login = jest.spyOn(Session.prototype, 'login');
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const original = Slot.prototype.getToken;
    jest.spyOn(Slot.prototype, 'getToken').mockImplementation(function (this: Slot) {
      const shown = original.call(this);
      return Object.assign(shown, { flags: shown.flags | 0x20000 });
    });
    await expectCode(() => probe(softHsm, token), HsmError, 'PIN_FINAL_TRY');
    expect(login).not.toHaveBeenCalled();
  });

  test('a token that is not there is unavailable', async () => {
    const absent = { ...token, label: 'absent' };
    const error = await expectCode(() => probe(softHsm, absent), HsmError, 'TOKEN_ABSENT');
    expect(error).toMatchObject({ category: 'unavailable' });
  });
});

test('who breaks off leaves no key', async () => {
  const controller = new AbortController();
  const reason = new Error('broken off');
  const made: string[] = [];
  const probing = probe(softHsm, token, {
    signal: controller.signal,
    onCheck: ({ id }) => {
      made.push(id);
      if (id === 'kept-key') controller.abort(reason);
    },
  });
  await expect(probing).rejects.toBe(reason);
  expect(made).toContain('kept-key');
  expect(labelsOnToken()).toEqual([]);
});
