/** Errors of names, keys, requests, profiles, certificates, CRLs and OCSP. */
import { Asn1Error } from '../asn1';
import { CodedError, type CodedErrorOptions } from '../errors';
import { x509Errors } from '../i18n/errors/x509';
import type { ParamsOf } from '../i18n/text';

type Table = typeof x509Errors;

export class X509Error<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(x509Errors, code, params, options);
  }
}

/**
 * Runs a reader of DER values; what the DER room refuses comes out as the error `wrap` makes of it. Errors of this
 * room pass through: they already say more.
 * @param wrap gets the reason without its final full stop, and the cause
 */
export function wrapAsn1<T>(read: () => T, wrap: (reason: string, cause: unknown) => X509Error): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Asn1Error) throw wrap(cause.message.replace(/\.$/, ''), cause);
    throw cause;
  }
}
