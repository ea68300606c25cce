/** Errors of backups. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { backupErrors } from '../i18n/errors/backup';
import type { ParamsOf } from '../i18n/text';

type Table = typeof backupErrors;

export class BackupError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(backupErrors, code, params, options);
  }
}
