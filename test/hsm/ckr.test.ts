/** PKCS#11 return values: which are recognised, and what they become. */
import { ckrOf, hsmErrorFrom } from '../../src/hsm/ckr';
import { HsmError } from '../../src/hsm';
import { Asn1Error } from '../../src/asn1';

function thrown(message: string, code = 0): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  [thrown('CKR_DEVICE_ERROR', 0x30), 'CKR_DEVICE_ERROR'],
  [thrown('CKR_VENDOR_DEFINED', 0x80000001), 'CKR_VENDOR_DEFINED 0x80000001'],
  [thrown('CKR_VENDOR_DEFINED', 0x140), 'CKR_CURVE_NOT_SUPPORTED'],
  [new Error('CKR_ATTRIBUTE_READ_ONLY:16'), 'CKR_ATTRIBUTE_READ_ONLY'],
  [new Error('CKR_VENDOR_DEFINED:27'), 'CKR_ACTION_PROHIBITED'],
  [new Error('CKR_DEVICE_ERROR:x'), undefined],
  [new Error('CKR_DEVICE_ERROR is what the token said'), undefined],
  [new HsmError('TOKEN_CLOSED', { token: 'ca' }), undefined],
  ['CKR_DEVICE_ERROR', undefined],
  [undefined, undefined],
  [null, undefined],
])('the return value of %s is %s', (error, ckr) => {
  expect(ckrOf(error)).toBe(ckr);
});

test.each([
  ['CKR_PIN_INCORRECT', 'PIN_INCORRECT', 'refused'],
  ['CKR_PIN_LEN_RANGE', 'PIN_INCORRECT', 'refused'],
  ['CKR_PIN_LOCKED', 'PIN_LOCKED', 'refused'],
  ['CKR_TOKEN_NOT_PRESENT', 'TOKEN_REMOVED', 'unavailable'],
  ['CKR_DEVICE_REMOVED', 'TOKEN_REMOVED', 'unavailable'],
  ['CKR_SESSION_HANDLE_INVALID', 'SESSION_LOST', 'unavailable'],
  ['CKR_USER_NOT_LOGGED_IN', 'LOGIN_LOST', 'unavailable'],
  ['CKR_DEVICE_ERROR', 'DEVICE_FAILED', 'unavailable'],
  ['CKR_MECHANISM_INVALID', 'MECHANISM_UNSUPPORTED', 'input'],
  ['CKR_KEY_HANDLE_INVALID', 'KEY_LOST', 'unavailable'],
  ['CKR_FUNCTION_FAILED', 'DEVICE_FAILED', 'unavailable'],
  ['CKR_GENERAL_ERROR', 'DEVICE_FAILED', 'unavailable'],
  ['CKR_CRYPTOKI_NOT_INITIALIZED', 'MODULE_LOST', 'unavailable'],
  ['CKR_ARGUMENTS_BAD', 'TOKEN_FAULT', 'fault'],
])('%s becomes %s (%s)', (ckr, code, category) => {
  const cause = thrown(ckr);
  const error = hsmErrorFrom(cause, 'ca', 'sign');
  expect(error).toBeInstanceOf(HsmError);
  expect(error).toMatchObject({
    code,
    category,
    cause,
    params: { token: 'ca', operation: 'sign', reported: ckr },
  });
  expect(error.inLang('vi')).toContain(ckr);
  expect(error.inLang('en')).toContain(ckr);
});

test("this room's errors pass through, others are named", () => {
  const own = new HsmError('TOKEN_CLOSED', { token: 'ca' });
  expect(hsmErrorFrom(own, 'ca', 'sign')).toBe(own);
  const other = new Asn1Error('TOO_LARGE', { what: 'x', size: 2, limit: 1 });
  expect(hsmErrorFrom(other, 'ca', 'sign')).toMatchObject({
    code: 'TOKEN_FAULT',
    params: { reported: 'Asn1Error' },
  });
  expect(hsmErrorFrom('text', 'ca', 'sign')).toMatchObject({ params: { reported: 'string' } });
});
