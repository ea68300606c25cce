/** The table of checks: every rule a certificate is held to before it is signed, with its source and severity. */
import type { Check, CheckId } from './check';
import { altNameChecks } from './checks/altNames';
import { bodyChecks } from './checks/body';
import { encodingChecks } from './checks/encoding';
import { extensionChecks } from './checks/extensions';
import { identifierChecks } from './checks/identifiers';
import { keyChecks } from './checks/key';
import { locationChecks } from './checks/locations';
import { nameChecks } from './checks/names';
import { policyChecks } from './checks/policies';
import { usageChecks } from './checks/usage';
import { validityChecks } from './checks/validity';

/** In the order in which a certificate is written. The compiler holds it to one entry for each text. */
export const LINT_CHECKS: Readonly<Record<CheckId, Check>> = {
  ...encodingChecks,
  ...bodyChecks,
  ...nameChecks,
  ...validityChecks,
  ...keyChecks,
  ...extensionChecks,
  ...usageChecks,
  ...identifierChecks,
  ...altNameChecks,
  ...policyChecks,
  ...locationChecks,
};
