/** Errors of servers. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { httpErrors } from '../i18n/errors/http';
import type { ParamsOf } from '../i18n/text';

type Table = typeof httpErrors;

export class HttpError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(httpErrors, code, params, options);
  }
}
