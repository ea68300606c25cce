/** Errors of the command line itself. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { cliErrors } from '../i18n/errors/cli';
import type { ParamsOf } from '../i18n/text';

type Table = typeof cliErrors;

export class CliError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(cliErrors, code, params, options);
  }
}
