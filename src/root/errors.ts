/** Errors of the root operator's side. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { rootErrors } from '../i18n/errors/root';
import type { ParamsOf } from '../i18n/text';

type Table = typeof rootErrors;

export class RootError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(rootErrors, code, params, options);
  }
}
