/** Tokens that lie, leak or fail: each is caught by the check that is there for it. */
import { MechanismEnum, Session, SessionObject, Slot } from 'graphene-pk11';
import { HsmError } from '../../../src/hsm';
import { loadModule } from '../../../src/hsm/module';
import { expectCode } from '../../support/matchers';
import { makeSoftHsm, type SoftHsmToken } from '../../support/softhsm';
import { foundIn, probe, which } from './bench';

const softHsm = makeSoftHsm();
let token: SoftHsmToken;
let count = 0;

beforeEach(() => {
  token = softHsm.createToken(`lying ${String((count += 1))}`);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  softHsm.remove();
});

const lib = () => loadModule(softHsm.module).module.lib;
const refusal = (name: string, code: number): Error => Object.assign(new Error(name), { code });

/** Replaces a method; `original` calls the real one. */
function lie(
  target: object,
  name: string,
  lied: (original: (...args: unknown[]) => unknown, ...args: unknown[]) => unknown,
): void {
  const real = (target as Record<string, unknown>)[name] as (...args: unknown[]) => unknown;
  jest.spyOn(target as Record<string, () => unknown>, name).mockImplementation(function (
    this: unknown,
    ...args: unknown[]
  ) {
    return lied((...given) => real.apply(this, given), ...args);
  });
}

/** What C_Sign gives in the callback, changed. */
function lieAboutSignatures(changed: (signature: Buffer, call: number) => Buffer): void {
  let calls = 0;
  lie(lib(), 'C_Sign', (original, handle, input, output, answer) => {
    const call = (calls += 1);
    return original(handle, input, output, (error: Error | null, made: Buffer) => {
      (answer as (error: Error | null, made: Buffer) => void)(
        error,
        error === null ? changed(Buffer.from(made), call) : made,
      );
    });
  });
}

const flipped = (signature: Buffer): Buffer => {
  signature[0] = (signature[0] ?? 0) ^ 1;
  return signature;
};

test('a device that lets keys out, in every way there is', async () => {
  lie(SessionObject.prototype, 'getAttribute', (original, name) =>
    name === 'value' ? Buffer.alloc(32, 7) : name === 'extractable' ? true : original(name),
  );
  lie(SessionObject.prototype, 'setAttribute', () => undefined);
  lie(Session.prototype, 'copy', (_, object) => object);
  lie(SessionObject.prototype, 'destroy', () => undefined);
  lie(lib(), 'C_WrapKey', () => Buffer.alloc(100));
  lie(lib(), 'C_Verify', (original, ...args) => {
    try {
      return original(...args);
    } catch {
      return true;
    }
  });
  const report = await probe(softHsm, token);
  expect(report.verdict).toBe('fail');
  expect(which(report, 'fail')).toEqual(
    expect.arrayContaining([
      'key-attributes p-256',
      'key-secrecy p-256',
      'key-fixedness p-256',
      'key-copy p-256',
      'key-wrapping p-256',
      'verification p-256 ECDSA',
      'cleanup',
    ]),
  );
  expect(foundIn(report, 'key-attributes')).toBe('CKA_EXTRACTABLE=true');
  expect(foundIn(report, 'key-wrapping')).toBe('CKM_AES_KEY_WRAP_PAD: CKR_OK');
});

test('a device that refuses, though otherwise than expected, is told of', async () => {
  lie(SessionObject.prototype, 'getAttribute', (original, name) => {
    if (name === 'value') throw refusal('CKR_ATTRIBUTE_TYPE_INVALID', 0x12);
    return original(name);
  });
  lie(SessionObject.prototype, 'setAttribute', () => undefined);
  lie(lib(), 'C_WrapKey', () => {
    throw refusal('CKR_GENERAL_ERROR', 5);
  });
  lie(lib(), 'C_VerifyInit', () => {
    throw refusal('CKR_FUNCTION_NOT_SUPPORTED', 0x54);
  });
  const report = await probe(softHsm, token);
  expect(report.verdict).toBe('pass');
  expect(which(report, 'warning')).toEqual([
    'certification',
    'key-secrecy p-256',
    'key-fixedness p-256',
    'key-wrapping p-256',
    'verification p-256 ECDSA',
  ]);
});

test('signatures that are none', async () => {
  lieAboutSignatures(flipped);
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['signature p-256 ECDSA', 'kept-key']);
});

test('one wrong signature among those made at the same time', async () => {
  lieAboutSignatures((signature, call) => (call === 10 ? flipped(signature) : signature));
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['concurrency p-256']);
  expect(foundIn(report, 'concurrency')).toBe('31 valid, 2 sessions');
});

test('a login that protects nothing', async () => {
  lie(Session.prototype, 'logout', () => undefined);
  lie(Slot.prototype, 'closeAll', () => undefined);
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['after-logout', 'after-close-all']);
  expect(foundIn(report, 'after-logout')).toBe('CKR_OK, valid, then CKR_OK, valid');
  // SoftHSM's own: the login that was never ended would meet the next probe.
  softHsm.reload();
});

test('a return value after which a service would not come back', async () => {
  let loggedOut = false;
  lie(Session.prototype, 'logout', (original) => {
    loggedOut = true;
    return original();
  });
  lie(lib(), 'C_SignInit', (original, ...args) => {
    if (!loggedOut) return original(...args);
    loggedOut = false;
    throw refusal('CKR_ARGUMENTS_BAD', 7);
  });
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['after-logout']);
  expect(foundIn(report, 'after-logout')).toBe('CKR_ARGUMENTS_BAD, then CKR_OK, valid');
});

test.each([
  ['always the same', () => Buffer.alloc(1024, 9), 'random-generator'],
  ['nothing written', (size: number) => Buffer.alloc(size), 'random-generator'],
  [
    'few values',
    (size: number, call: number) => Buffer.from(Array.from({ length: size }, (_, at) => (at * call) % 5)),
    'random-health',
  ],
])('random numbers: %s', async (_, numbers, check) => {
  let calls = 0;
  lie(lib(), 'C_GenerateRandom', (_original, __, buffer) => {
    const { length } = buffer as Buffer;
    return numbers(length, (calls += 1)).subarray(0, length);
  });
  expect(which(await probe(softHsm, token), 'fail')).toEqual([check]);
});

test('flags that forbid the use, and a clock that is wrong', async () => {
  lie(Slot.prototype, 'getToken', (original) => {
    const shown = original() as { flags: number };
    // Not LOGIN_REQUIRED; PROTECTED_AUTHENTICATION_PATH, USER_PIN_COUNT_LOW, ERROR_STATE, CLOCK_ON_TOKEN.
    return Object.assign(shown, { flags: (shown.flags & ~0x4) | 0x100 | 0x10000 | 0x1000000 | 0x40 });
  });
  lie(lib(), 'C_GetTokenInfo', (original, slot) =>
    Object.assign(original(slot) as object, { utcTime: '2020010101000000' }),
  );
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['login-required', 'device-state']);
  expect(which(report, 'warning')).toEqual(['certification', 'pin-state', 'pin-entry', 'clock']);
  expect(foundIn(report, 'pin-state')).toBe('CKF_USER_PIN_COUNT_LOW');
});

test('fewer sessions than are configured', async () => {
  let open = 0;
  lie(Slot.prototype, 'open', (original, ...args) => {
    open += 1;
    if (open === 3) throw refusal('CKR_SESSION_COUNT', 0xb1);
    return original(...args);
  });
  const report = await probe(softHsm, token, { sessions: 4 });
  expect(which(report, 'fail')).toEqual(['sessions']);
  expect(foundIn(report, 'sessions')).toMatch(/^2; .*; CKR_SESSION_COUNT$/);
});

test('a key type that is missing fails where it is needed, and is told where it is not', async () => {
  lie(Session.prototype, 'generateKeyPair', (original, mechanism, ...rest) => {
    const [{ modulusBits }] = rest as [{ modulusBits?: number }];
    if (modulusBits === undefined) return original(mechanism, ...rest);
    const answer = rest[2] as (error: Error, pair: null) => void;
    answer(refusal('CKR_KEY_SIZE_RANGE', 0x62), null);
    return undefined;
  });
  const unneeded = await probe(softHsm, token, { algorithms: ['rsa-4096'] });
  expect(unneeded.verdict).toBe('pass');
  expect(which(unneeded, 'not-supported')).toContain('key-generation rsa-4096');
  const needed = await probe(softHsm, token, { needed: ['p-256', 'rsa-4096'] });
  expect(which(needed, 'fail')).toEqual(['key-generation rsa-4096']);
});

test('mechanisms that are missing', async () => {
  lie(lib(), 'C_GetMechanismList', (original, slot) =>
    (original(slot) as number[]).filter((type) => type !== (MechanismEnum.ECDSA as number)),
  );
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['mechanism CKM_ECDSA', 'signature p-256 ECDSA', 'kept-key']);
});

test('a token that stops answering does not keep anybody waiting', async () => {
  lie(lib(), 'C_Sign', () => undefined);
  const began = Date.now();
  const report = await probe(softHsm, token, { limitMs: 1500 });
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(which(report, 'fail')).toEqual(['signature p-256 ECDSA', 'cleanup']);
  expect(foundIn(report, 'signature')).toBe('> 2 s');
  // Its sessions were left alone.
  softHsm.reload();
});

test('a token that is pulled out meanwhile ends the probe', async () => {
  lie(lib(), 'C_SignInit', () => {
    throw refusal('CKR_DEVICE_REMOVED', 0x32);
  });
  await expectCode(() => probe(softHsm, token), HsmError, 'TOKEN_REMOVED');
});

test('software is not certified, and refused where that is demanded', async () => {
  const certified = {
    scheme: 'FIPS 140-2 level 3',
    number: '1234',
    manufacturer: 'SoftHSM project',
    model: 'SoftHSM v2',
  };
  const report = await probe(softHsm, token, { requireCertified: true, certified });
  expect(which(report, 'fail')).toEqual(['certification']);
  expect(report).toMatchObject({ verdict: 'fail', certification: { software: true, certified: null } });
});

test('a device is certified where the paper is its own', async () => {
  lie(Slot.prototype, 'getToken', (original) =>
    Object.assign(original() as object, { manufacturerID: 'Maker', model: 'Box 7' }),
  );
  const paper = { scheme: 'FIPS 140-2 level 3', number: '1234', manufacturer: 'Maker', model: 'Box 7' };
  const fits = await probe(softHsm, token, { requireCertified: true, certified: paper });
  expect(fits).toMatchObject({
    verdict: 'pass',
    certification: { software: false, certified: { scheme: paper.scheme, number: '1234' } },
  });
  const other = await probe(softHsm, token, { requireCertified: true });
  expect(which(other, 'fail')).toEqual(['certification']);
});

test('a session that is stuck fails what is asked on it, and the report is made all the same', async () => {
  // Begun and never ended: the token refuses everything else on this session.
  lie(lib(), 'C_Verify', () => true);
  const report = await probe(softHsm, token);
  expect(which(report, 'fail')).toEqual(['concurrency p-256', 'throughput p-256', 'kept-key p-256']);
  expect(foundIn(report, 'kept-key')).toBe('CKR_OPERATION_ACTIVE');
  expect(foundIn(report, 'cleanup')).toBe('0');
});
