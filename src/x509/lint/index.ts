/** The lint: what a certificate must be, judged on its bytes by a second reader, before the token is asked to sign. */
export type { LintIssuer } from './certificate';
export type { CheckId, Severity } from './check';
export { lint, lintIssuerOf, lintProblems } from './linter';
export { LINT_CHECKS } from './table';
