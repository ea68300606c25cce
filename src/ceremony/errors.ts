/** Errors of key ceremonies. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { ceremonyErrors } from '../i18n/errors/ceremony';
import type { ParamsOf } from '../i18n/text';

type Table = typeof ceremonyErrors;

export class CeremonyError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(ceremonyErrors, code, params, options);
  }
}
