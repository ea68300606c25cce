/** Errors of envelopes and notes. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { envelopeErrors } from '../i18n/errors/envelope';
import type { ParamsOf } from '../i18n/text';

type Table = typeof envelopeErrors;

export class EnvelopeError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(envelopeErrors, code, params, options);
  }
}
