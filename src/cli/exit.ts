/** The exit codes of every command: what a job that runs it can act on. */
import type { Category } from '../i18n/text';

export const EXIT = {
  done: 0,
  /** unexpected: report it */
  fault: 1,
  /** wrong usage, configuration or input: mend it */
  input: 2,
  /** outside the grant, not permitted, not approved: do not repeat */
  refused: 3,
  /** token, network or database busy: repeat later */
  unavailable: 4,
  /** fork, rollback, damaged journal or signature: stop and call someone */
  integrity: 5,
} as const satisfies Readonly<Record<Category | 'done', number>>;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
