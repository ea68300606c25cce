/** PKCS#11 return values: recognising them in what pkcs11js throws, and the one table of what each means here. */
import type { TokenOperation } from '../i18n/errors/hsm';
import { HsmError } from './errors';

/**
 * What helps against a return value:
 * - `new-session`: the session, its operation or a handle is gone, and nothing was done: at once on a new session
 * - `log-in`: the same, and the login is gone
 * - `reload`: the token or the module is gone; if looking for it again does not help, the module is ended and started
 * - `wait`: a trouble of the device that may pass: again after a pause, later with the module ended and started
 * - `give-up`: repeating would change nothing, or do harm
 */
export type Remedy = 'new-session' | 'log-in' | 'reload' | 'wait' | 'give-up';

/** PKCS#11 v2.40, section 5.1: which return value becomes which error, and what helps; any other is a `TOKEN_FAULT`. */
const MEANING = {
  CKR_PIN_INCORRECT: ['PIN_INCORRECT', 'give-up'],
  CKR_PIN_INVALID: ['PIN_INCORRECT', 'give-up'],
  CKR_PIN_LEN_RANGE: ['PIN_INCORRECT', 'give-up'],
  CKR_PIN_LOCKED: ['PIN_LOCKED', 'give-up'],
  CKR_PIN_EXPIRED: ['PIN_EXPIRED', 'give-up'],
  CKR_USER_PIN_NOT_INITIALIZED: ['TOKEN_NOT_INITIALISED', 'wait'],
  CKR_USER_NOT_LOGGED_IN: ['LOGIN_LOST', 'log-in'],
  CKR_CRYPTOKI_NOT_INITIALIZED: ['MODULE_LOST', 'reload'],
  CKR_TOKEN_NOT_PRESENT: ['TOKEN_REMOVED', 'reload'],
  CKR_TOKEN_NOT_RECOGNIZED: ['TOKEN_REMOVED', 'reload'],
  CKR_SLOT_ID_INVALID: ['TOKEN_REMOVED', 'reload'],
  CKR_DEVICE_REMOVED: ['TOKEN_REMOVED', 'reload'],
  CKR_TOKEN_WRITE_PROTECTED: ['TOKEN_WRITE_PROTECTED', 'give-up'],
  CKR_SESSION_READ_ONLY: ['TOKEN_WRITE_PROTECTED', 'give-up'],
  CKR_DEVICE_ERROR: ['DEVICE_FAILED', 'wait'],
  CKR_DEVICE_MEMORY: ['DEVICE_FAILED', 'wait'],
  CKR_HOST_MEMORY: ['DEVICE_FAILED', 'wait'],
  CKR_FUNCTION_FAILED: ['DEVICE_FAILED', 'wait'],
  CKR_FUNCTION_CANCELED: ['DEVICE_FAILED', 'wait'],
  CKR_GENERAL_ERROR: ['DEVICE_FAILED', 'wait'],
  CKR_TOKEN_RESOURCE_EXCEEDED: ['DEVICE_FAILED', 'wait'],
  CKR_VENDOR_DEFINED: ['DEVICE_FAILED', 'wait'],
  CKR_FIPS_SELF_TEST_FAILED: ['DEVICE_FAILED', 'give-up'],
  CKR_SESSION_HANDLE_INVALID: ['SESSION_LOST', 'new-session'],
  CKR_SESSION_CLOSED: ['SESSION_LOST', 'new-session'],
  CKR_OPERATION_ACTIVE: ['SESSION_LOST', 'new-session'],
  CKR_OPERATION_NOT_INITIALIZED: ['SESSION_LOST', 'new-session'],
  CKR_SESSION_COUNT: ['SESSIONS_EXHAUSTED', 'wait'],
  CKR_KEY_HANDLE_INVALID: ['KEY_LOST', 'new-session'],
  CKR_OBJECT_HANDLE_INVALID: ['KEY_LOST', 'new-session'],
  CKR_KEY_FUNCTION_NOT_PERMITTED: ['KEY_NOT_PERMITTED', 'give-up'],
  CKR_MECHANISM_INVALID: ['MECHANISM_UNSUPPORTED', 'give-up'],
  CKR_MECHANISM_PARAM_INVALID: ['MECHANISM_UNSUPPORTED', 'give-up'],
  CKR_KEY_TYPE_INCONSISTENT: ['MECHANISM_UNSUPPORTED', 'give-up'],
  CKR_KEY_SIZE_RANGE: ['MECHANISM_UNSUPPORTED', 'give-up'],
  CKR_CURVE_NOT_SUPPORTED: ['MECHANISM_UNSUPPORTED', 'give-up'],
  CKR_ATTRIBUTE_READ_ONLY: ['TEMPLATE_REFUSED', 'give-up'],
  CKR_ATTRIBUTE_TYPE_INVALID: ['TEMPLATE_REFUSED', 'give-up'],
  CKR_ATTRIBUTE_VALUE_INVALID: ['TEMPLATE_REFUSED', 'give-up'],
  CKR_TEMPLATE_INCOMPLETE: ['TEMPLATE_REFUSED', 'give-up'],
  CKR_TEMPLATE_INCONSISTENT: ['TEMPLATE_REFUSED', 'give-up'],
} as const satisfies Readonly<Record<string, readonly [string, Remedy]>>;

type Meaning = (typeof MEANING)[keyof typeof MEANING] | readonly ['TOKEN_FAULT', 'give-up'];

/** @param ckr as `ckrOf` gives it, so a vendor's value has its number after the name */
function meaningOf(ckr: string): Meaning {
  const [name = ''] = ckr.split(' ');
  return (MEANING as Partial<Record<string, Meaning>>)[name] ?? ['TOKEN_FAULT', 'give-up'];
}

/** pkcs11js calls every return value that it has no name for `CKR_VENDOR_DEFINED`. */
const UNNAMED: Readonly<Partial<Record<number, string>>> = {
  0x1b: 'CKR_ACTION_PROHIBITED',
  0x140: 'CKR_CURVE_NOT_SUPPORTED',
  0x201: 'CKR_TOKEN_RESOURCE_EXCEEDED',
};
const FIRST_OF_VENDORS = 0x8000_0000;

/** The return value an error of pkcs11js stands for, such as `CKR_DEVICE_ERROR`; `undefined` for any other error. */
export function ckrOf(error: unknown): string | undefined {
  // Known by its form, not its class: an addon's errors may come from another realm.
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  if (typeof message !== 'string') return undefined;
  // Changing and copying objects, it leaves the number in the message.
  const [, name, number] = /^(CKR_[A-Z0-9_]+)(?::(\d{1,20}))?$/.exec(message) ?? [];
  const value = number === undefined ? code : Number(number);
  if (name !== 'CKR_VENDOR_DEFINED' || typeof value !== 'number') return name;
  return UNNAMED[value] ?? `${value < FIRST_OF_VENDORS ? 'CKR' : name} 0x${value.toString(16)}`;
}

/** What helps against a return value, as `ckrOf` gives it. */
export function remedyOf(ckr: string): Remedy {
  return meaningOf(ckr)[1];
}

/** The error of this room for anything thrown while the token was asked something; this room's own pass through. */
export function hsmErrorFrom(error: unknown, token: string, operation: TokenOperation): HsmError {
  if (error instanceof HsmError) return error as HsmError;
  const { name } = (error ?? {}) as { name?: unknown };
  const reported = ckrOf(error) ?? (typeof name === 'string' ? name : typeof error);
  const [code] = meaningOf(reported);
  return new HsmError(code, { token, operation, reported }, { cause: error });
}

/** Codes of this room's own that may pass when the module is ended and started. */
const RELOADED: ReadonlySet<string> = new Set([
  'MODULE_UNAVAILABLE',
  'MODULE_LOST',
  'TOKEN_ABSENT',
  'TOKEN_REMOVED',
  'KEY_ABSENT',
]);

/** What helps against anything thrown while the token was asked something. */
export function remedyFor(error: unknown): Remedy {
  const ckr = ckrOf(error);
  if (ckr !== undefined) return remedyOf(ckr);
  if (!(error instanceof HsmError)) return 'give-up';
  const { code, category } = error as HsmError;
  if (RELOADED.has(code)) return 'reload';
  if (code === 'LOGIN_LOST') return 'log-in';
  return category === 'unavailable' ? 'wait' : 'give-up';
}
