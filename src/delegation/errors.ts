/** Errors of trust statements, applications and grants. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { delegationErrors } from '../i18n/errors/delegation';
import type { ParamsOf } from '../i18n/text';

type Table = typeof delegationErrors;

export class DelegationError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(delegationErrors, code, params, options);
  }
}
