/** Errors of the journal. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { journalErrors } from '../i18n/errors/journal';
import type { ParamsOf } from '../i18n/text';

type Table = typeof journalErrors;

export class JournalError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(journalErrors, code, params, options);
  }
}
