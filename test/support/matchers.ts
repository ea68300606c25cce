/** Asserting on errors by class and code, never by message. */
import type { CodedError } from '../../src/errors';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type ErrorClass = abstract new (...args: any[]) => CodedError;

/** Runs the work, expects it to fail with the given class and code, and gives the error for further questions. */
export async function expectCode(
  work: (() => unknown) | Promise<unknown>,
  errorClass: ErrorClass,
  code: string,
): Promise<CodedError> {
  let outcome: unknown;
  try {
    outcome = { returned: await (typeof work === 'function' ? work() : work) };
  } catch (error) {
    outcome = error;
  }
  expect(outcome).toBeInstanceOf(errorClass);
  const error = outcome as CodedError;
  expect(error.code).toBe(code);
  return error;
}
