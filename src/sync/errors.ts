/** Errors of submissions and replies. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { syncErrors } from '../i18n/errors/sync';
import type { ParamsOf } from '../i18n/text';

type Table = typeof syncErrors;

export class SyncError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(syncErrors, code, params, options);
  }
}
