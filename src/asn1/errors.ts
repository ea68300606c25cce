/** Errors of DER reading. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { asn1Errors } from '../i18n/errors/asn1';
import type { ParamsOf } from '../i18n/text';

type Table = typeof asn1Errors;

export class Asn1Error<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(asn1Errors, code, params, options);
  }
}
