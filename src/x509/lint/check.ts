/** What a check is: an entry of the table, and what it says when it is not met. */
import type { LintCheckId } from '../../i18n/messages/lint';
import type { LintedCertificate } from './certificate';

/** Names a check everywhere: in findings, texts and documentation. Never given to another rule. */
export type CheckId = LintCheckId;

/** error: not signed; warning: signed, and logged; notice: worth knowing. */
export type Severity = 'error' | 'warning' | 'notice';

/**
 * Says that something is not as it must be.
 * @param where path of the field (`subject.CN`, `extensions.keyUsage`) or `byte N`
 * @param found data, not a sentence; so is `allowed`
 */
export type Report = (where: string, found: string, allowed: string) => void;

export interface Check {
  /**
   * Standard and section, a decree, `national profile` (what the certificates of the national root have in common), or
   * `profile` (a rule of this product's own).
   */
  readonly source: string;
  readonly severity: Severity;
  /** Absent where the rule is about reading itself: the reader reports it while it reads. */
  readonly run?: (certificate: LintedCertificate, report: Report) => void;
}

/** Some of the checks of the table, by their ids. */
export type Checks<Id extends CheckId> = Readonly<Record<Id, Check>>;
