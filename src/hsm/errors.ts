/** Errors of tokens, PINs, sessions and keys on the token. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { hsmErrors } from '../i18n/errors/hsm';
import type { ParamsOf } from '../i18n/text';

type Table = typeof hsmErrors;

export class HsmError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(hsmErrors, code, params, options);
  }
}
