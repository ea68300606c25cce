/** Errors of proofs that were handed over. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { proofErrors } from '../i18n/errors/proof';
import type { ParamsOf } from '../i18n/text';

type Table = typeof proofErrors;

export class ProofError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(proofErrors, code, params, options);
  }
}
