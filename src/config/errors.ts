/** Errors of files and of configuration. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { configErrors } from '../i18n/errors/config';
import type { ParamsOf } from '../i18n/text';

type Table = typeof configErrors;

export class ConfigError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(configErrors, code, params, options);
  }
}
