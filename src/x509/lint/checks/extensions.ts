/** Extensions as a list: how each is written, and which must, or must not, be critical (RFC 5280, section 4.2). */
import type { Check, CheckId, Checks } from '../check';
import { pathOf } from '../certificate';
import { EXTENSION_NAMES, type ExtensionName } from '../oids';

/** What the section says of one extension's criticality. */
function criticality(
  names: readonly ExtensionName[],
  critical: boolean,
  source: string,
  severity: Check['severity'] = 'error',
): Check {
  return {
    source,
    severity,
    run: ({ extensions }, report) => {
      for (const extension of extensions) {
        if (
          extension.name !== undefined &&
          names.includes(extension.name) &&
          extension.critical !== critical
        ) {
          report(
            pathOf(extension),
            extension.critical ? 'critical' : 'not critical',
            critical ? 'critical' : '—',
          );
        }
      }
    },
  };
}

export const extensionChecks = {
  'extensions-present': {
    source: 'RFC 5280, 4.1.2.9',
    severity: 'error',
    run: ({ extensions }, report) => {
      if (extensions.length === 0) report('extensions', '0', '≥ 1');
    },
  },
  'extension-syntax': { source: 'RFC 5280, A.2', severity: 'error' },
  'extension-trailing': { source: 'RFC 5280, 4.1 (extnValue)', severity: 'error' },
  'extension-unique': {
    source: 'RFC 5280, 4.2',
    severity: 'error',
    run: ({ extensions }, report) => {
      const seen = new Set<string>();
      for (const extension of extensions) {
        if (seen.has(extension.oid)) report(pathOf(extension), '2 ×', '1 ×');
        seen.add(extension.oid);
      }
    },
  },
  'extension-critical-default': {
    source: 'X.690, 11.5',
    severity: 'error',
    run: ({ extensions }, report) => {
      for (const extension of extensions) {
        if (extension.criticalNode !== undefined && !extension.critical)
          report(pathOf(extension), 'FALSE', '—');
      }
    },
  },
  'extension-critical-known': {
    source: 'RFC 5280, 4.2',
    severity: 'error',
    run: ({ extensions }, report) => {
      for (const extension of extensions) {
        if (extension.critical && extension.name === undefined) {
          report(pathOf(extension), 'critical', [...EXTENSION_NAMES.values()].join(', '));
        }
      }
    },
  },
  'critical-key-usage': criticality(['keyUsage'], true, 'RFC 5280, 4.2.1.3'),
  'critical-name-constraints': criticality(['nameConstraints'], true, 'RFC 5280, 4.2.1.10'),
  'critical-policy-limits': criticality(
    ['policyConstraints', 'inhibitAnyPolicy'],
    true,
    'RFC 5280, 4.2.1.11, 4.2.1.14',
  ),
  'critical-basic-constraints': {
    source: 'RFC 5280, 4.2.1.9',
    severity: 'error',
    run: ({ extensions, isCa }, report) => {
      const found = extensions.find(({ name }) => name === 'basicConstraints');
      if (isCa && found?.critical === false) report(pathOf(found), 'not critical', 'critical');
    },
  },
  'not-critical-ski': criticality(['subjectKeyIdentifier'], false, 'RFC 5280, 4.2.1.2'),
  'not-critical-aki': criticality(['authorityKeyIdentifier'], false, 'RFC 5280, 4.2.1.1'),
  'not-critical-aia': criticality(['authorityInfoAccess', 'subjectInfoAccess'], false, 'RFC 5280, 4.2.2'),
  'not-critical-cdp': criticality(['cRLDistributionPoints'], false, 'RFC 5280, 4.2.1.13', 'warning'),
  'not-critical-other': criticality(
    ['issuerAltName', 'subjectDirectoryAttributes', 'freshestCRL', 'ocspNoCheck'],
    false,
    'RFC 5280, 4.2.1.7, 4.2.1.8, 4.2.1.15; RFC 6960, 4.2.2.2.1',
  ),
  'not-critical-san': {
    source: 'RFC 5280, 4.2.1.6',
    severity: 'warning',
    run: ({ extensions, subject }, report) => {
      const found = extensions.find(({ name }) => name === 'subjectAltName');
      if (found?.critical === true && subject.attributes.length > 0) report(pathOf(found), 'critical', '—');
    },
  },
  'ca-only-extension': {
    source: 'RFC 5280, 4.2.1.5, 4.2.1.10, 4.2.1.11, 4.2.1.14',
    severity: 'error',
    run: ({ extensions, isCa }, report) => {
      if (isCa) return;
      for (const extension of extensions) {
        if (CA_ONLY.some((name) => name === extension.name)) report(pathOf(extension), 'cA FALSE', 'cA TRUE');
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

const CA_ONLY: readonly ExtensionName[] = [
  'nameConstraints',
  'policyMappings',
  'policyConstraints',
  'inhibitAnyPolicy',
];
