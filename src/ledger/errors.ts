/** Errors of the stored journal. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { ledgerErrors } from '../i18n/errors/ledger';
import type { ParamsOf } from '../i18n/text';

type Table = typeof ledgerErrors;

export class LedgerError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(ledgerErrors, code, params, options);
  }
}
