/** Linting: one certificate read once, and held to every check of the table. */
import type { Problem } from '../../errors';
import { X509Error } from '../errors';
import { readForLint, type Form, type LintIssuer } from './certificate';
import type { Check, CheckId, Severity } from './check';
import { LINT_CHECKS } from './table';

/** One broken rule; `where`, `found` and `allowed` are data, as in a `Problem`. */
export interface LintFinding {
  readonly check: CheckId;
  readonly severity: Severity;
  readonly where: string;
  readonly found: string;
  readonly allowed: string;
}

/** A hostile input can break a rule thousands of times; nobody reads on. */
const MAX_FINDINGS = 200;

const RUNNING = Object.entries(LINT_CHECKS).flatMap(([id, { severity, run }]) =>
  run === undefined ? [] : [{ id: id as CheckId, severity, run }],
);

/**
 * What the checks need to know of a CA, from its certificate.
 * @param certificate DER
 * @throws X509Error `CERTIFICATE_MALFORMED`
 */
export function lintIssuerOf(certificate: Buffer): LintIssuer {
  let reason = 'unreadable';
  const read = readForLint(certificate, 'Certificate', undefined, (check, where, found) => {
    reason = `${check}, ${where}: ${found}`;
  });
  if (read === undefined) throw new X509Error('CERTIFICATE_MALFORMED', { what: 'issuer', reason });
  return {
    subject: { ...read.subject, of: 'issuer' },
    subjectKeyIdentifier: read.values.subjectKeyIdentifier,
    notAfter: read.notAfter.time,
  };
}

/**
 * Holds a certificate, or what is to be signed of it, to the table. Never throws, whatever the octets.
 * @param der of a Certificate or TBSCertificate
 * @param issuer the CA that signs, if it is known: its name, key identifier and end are compared
 * @returns in the order of the table, those of reading first; empty for a good one
 */
export function lint(der: Buffer, form: Form, issuer?: LintIssuer): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const add = (
    check: CheckId,
    severity: Check['severity'],
    where: string,
    found: string,
    allowed: string,
  ): void => {
    if (findings.length < MAX_FINDINGS) findings.push({ check, severity, where, found, allowed });
  };
  const certificate = readForLint(der, form, issuer, (check, where, found, allowed) => {
    add(check, LINT_CHECKS[check].severity, where, found, allowed);
  });
  if (certificate === undefined) return findings;
  for (const { id, severity, run } of RUNNING) {
    run(certificate, (where, found, allowed) => {
      add(id, severity, where, found, allowed);
    });
  }
  return findings;
}

/** Findings as the problems of an error: each names its check, so that `lint --list` tells more. */
export function lintProblems(findings: readonly LintFinding[]): readonly Problem[] {
  return findings.map(({ check, where, found, allowed }) => ({
    code: 'LINT',
    where: `${where} [${check}]`,
    found,
    allowed: `${allowed} (${LINT_CHECKS[check].source})`,
  }));
}
