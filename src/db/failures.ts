/** Which of our errors each result code of SQLite is. */
import type { CodedErrorOptions } from '../errors';
import type { ConstraintKind } from '../i18n/errors/db';
import { DbError } from './errors';

/** What the add-on rejects with: the primary result code by name, and SQLite's sentence (which holds no values). */
export interface SqliteFailure {
  readonly code: string;
  readonly message: string;
}

/** Where a failure happened. `statement` is SQL text, without its parameters. */
interface FailureContext {
  readonly file: string;
  readonly statement: string;
  readonly waitedMs: number;
  /** Set on connections that may not write: there, a refused write is a mistake in the program. */
  readonly queryOnly: boolean;
}

type ToDbError = (reason: string, context: FailureContext, options: CodedErrorOptions) => DbError;

const unavailable: ToDbError = (reason, { file }, options) =>
  new DbError('DATABASE_UNAVAILABLE', { file, reason }, options);
const damaged: ToDbError = (reason, { file }, options) =>
  new DbError('DATABASE_DAMAGED', { file, reason }, options);
const busy: ToDbError = (_, { file, waitedMs }, options) =>
  new DbError('DATABASE_BUSY', { file, waitedMs }, options);
const mistake: ToDbError = (reason, { statement }, options) =>
  new DbError('STATEMENT_FAILED', { reason, statement: shortened(statement) }, options);

/** https://www.sqlite.org/rescode.html; a code that is not here is a mistake in the statement. */
const BY_RESULT_CODE: Readonly<Partial<Record<string, ToDbError>>> = {
  SQLITE_BUSY: busy,
  SQLITE_PROTOCOL: busy,
  SQLITE_FULL: (_, { file }, options) => new DbError('DISK_FULL', { file }, options),
  SQLITE_READONLY: (_, { file, statement, queryOnly }, options) =>
    queryOnly
      ? new DbError('READER_CANNOT_WRITE', { statement: shortened(statement) }, options)
      : new DbError('DATABASE_READ_ONLY', { file }, options),
  SQLITE_CORRUPT: damaged,
  SQLITE_NOTADB: damaged,
  SQLITE_CANTOPEN: unavailable,
  SQLITE_IOERR: unavailable,
  SQLITE_NOMEM: unavailable,
  SQLITE_PERM: unavailable,
  SQLITE_NOLFS: unavailable,
  SQLITE_CONSTRAINT: (reason, _, options) => new DbError('CONSTRAINT', constraintOf(reason), options),
};

/** SQLite's sentence before the name of what was broken; a primary key reports as UNIQUE. */
const CONSTRAINT_KINDS: readonly (readonly [RegExp, ConstraintKind])[] = [
  [/^UNIQUE constraint failed: /, 'unique'],
  [/^NOT NULL constraint failed: /, 'not-null'],
  [/^CHECK constraint failed: /, 'check'],
  [/^FOREIGN KEY constraint failed/, 'foreign-key'],
];

/** The error a failed call of the add-on becomes; the failure itself stays its cause. */
export function dbErrorOf(failure: SqliteFailure, context: FailureContext): DbError {
  const reason = failure.message.replace(/^SQLITE_[A-Z]+: /, '');
  return (BY_RESULT_CODE[failure.code] ?? mistake)(reason, context, { cause: failure });
}

function constraintOf(reason: string): { kind: ConstraintKind; constraint: string } {
  const found = CONSTRAINT_KINDS.find(([start]) => start.test(reason));
  if (found === undefined) return { kind: 'other', constraint: reason };
  // A foreign key has no name in the sentence: then the sentence itself is all there is.
  return { kind: found[1], constraint: reason.replace(found[0], '') || reason };
}

/** A multi-row insert is thousands of characters long; its beginning says which one it is. */
export function shortened(statement: string): string {
  return statement.length <= 200 ? statement : `${statement.slice(0, 200)}…`;
}
