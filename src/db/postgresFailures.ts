/** Which of our errors each SQLSTATE of PostgreSQL is. */
import type { CodedErrorOptions } from '../errors';
import type { ConstraintKind } from '../i18n/errors/db';
import { DbError } from './errors';
import { shortened } from './failures';

/** What the driver rejects with: a server's answer has a severity and a SQLSTATE, a broken line an errno or nothing. */
interface PostgresFailure {
  readonly message: string;
  readonly code?: string;
  readonly severity?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

interface FailureContext {
  readonly name: string;
  /** SQL text, without its parameters. */
  readonly statement: string;
  readonly waitedMs: number;
  /** Of a reader, a refused write is a mistake in the program. */
  readonly isReader: boolean;
}

type ToDbError = (failure: PostgresFailure, context: FailureContext, options: CodedErrorOptions) => DbError;

const unavailable: ToDbError = ({ code, message }, { name: file }, options) =>
  new DbError('DATABASE_UNAVAILABLE', { file, reason: message || (code ?? 'no answer') }, options);
const damaged: ToDbError = ({ message }, { name: file }, options) =>
  new DbError('DATABASE_DAMAGED', { file, reason: message }, options);
const busy: ToDbError = (_, { name: file, waitedMs }, options) =>
  new DbError('DATABASE_BUSY', { file, waitedMs }, options);
const mistake: ToDbError = ({ message }, { statement }, options) =>
  new DbError('STATEMENT_FAILED', { reason: message, statement: shortened(statement) }, options);
const over: ToDbError = (_, { statement }, options) =>
  new DbError('TRANSACTION_OVER', { statement: shortened(statement) }, options);
const constraint =
  (kind: ConstraintKind): ToDbError =>
  ({ constraint: name, table, column, message }, _, options) =>
    new DbError(
      'CONSTRAINT',
      { kind, constraint: name ?? (column ? `${table ?? ''}.${column}` : message) },
      options,
    );

/**
 * By SQLSTATE, or by its class of two characters; one that is not here is a mistake in the statement.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const BY_STATE: Readonly<Partial<Record<string, ToDbError>>> = {
  '08': unavailable,
  '23': constraint('other'),
  '23502': constraint('not-null'),
  '23503': constraint('foreign-key'),
  '23505': constraint('unique'),
  '23514': constraint('check'),
  '25006': (_, { name: file, statement, isReader }, options) =>
    isReader
      ? new DbError('READER_CANNOT_WRITE', { statement: shortened(statement) }, options)
      : new DbError('DATABASE_READ_ONLY', { file }, options),
  '25P02': over,
  '25P03': unavailable,
  '28': unavailable,
  '3D': unavailable,
  '3F': unavailable,
  '40': busy,
  '42501': unavailable,
  '53': unavailable,
  '53100': (_, { name: file }, options) => new DbError('DISK_FULL', { file }, options),
  '55P03': busy,
  '57': unavailable,
  '58': unavailable,
  P0001: constraint('other'),
  XX001: damaged,
  XX002: damaged,
};

/** The error a failed call of the driver becomes; the failure itself stays its cause. */
export function postgresErrorOf(failure: unknown, context: FailureContext): Error {
  // What a value's reader found.
  if (failure instanceof DbError) return failure;
  const known = failure as PostgresFailure;
  const state = sqlStateOf(known);
  const toDbError =
    state === undefined ? unavailable : (BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? mistake);
  return toDbError(known, context, { cause: failure });
}

/** Whether the connection is gone after this failure, and with it an open transaction. */
export function endsConnection(failure: unknown): boolean {
  if (failure instanceof DbError) return false;
  const known = failure as PostgresFailure;
  return sqlStateOf(known) === undefined || known.severity === 'FATAL' || known.severity === 'PANIC';
}

function sqlStateOf({ code, severity }: PostgresFailure): string | undefined {
  return severity === undefined ? undefined : code;
}
