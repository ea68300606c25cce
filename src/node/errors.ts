/** Errors of the delegated body's node. */
import { CodedError, type CodedErrorOptions } from '../errors';
import { nodeErrors } from '../i18n/errors/node';
import type { ParamsOf } from '../i18n/text';

type Table = typeof nodeErrors;

export class NodeError<C extends keyof Table = keyof Table> extends CodedError<Table, C> {
  constructor(code: C, params: ParamsOf<Table[C]>, options?: CodedErrorOptions) {
    super(nodeErrors, code, params, options);
  }
}
