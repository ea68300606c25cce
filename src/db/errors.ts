/** Errors of the database room. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { dbErrors } from '../i18n/errors/db';
import type { ParamsOf } from '../i18n/text';

type Table = typeof dbErrors;

export class DbError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(dbErrors, code, params, options);
  }

  /** Whether the error is the database's, with this code: gives its parameters their type. */
  static is<C extends keyof Table>(error: unknown, code: C): error is DbError<C> {
    return error instanceof DbError && error.code === code;
  }
}
