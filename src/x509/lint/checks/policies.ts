/** Certificate policies and their qualifiers (RFC 5280, section 4.2.1.4). */
import type { CheckId, Checks } from '../check';
import type { LintedCertificate } from '../certificate';
import { hexOf, TAG, type DerNode } from '../der';
import { ANY_POLICY, CPS_QUALIFIER, USER_NOTICE_QUALIFIER } from '../oids';
import { isUri, shown } from '../text';

const MAX_NOTICE_CHARACTERS = 200;
const WHERE = 'extensions.certificatePolicies';

export const policyChecks = {
  'policy-once': {
    source: 'RFC 5280, 4.2.1.4',
    severity: 'error',
    run: ({ values: { certificatePolicies = [] } }, report) => {
      const seen = new Set<string>();
      for (const { oid } of certificatePolicies) {
        if (seen.has(oid)) report(WHERE, `2 × ${oid}`, '1 ×');
        seen.add(oid);
      }
    },
  },
  'policy-any': {
    source: 'RFC 5280, 4.2.1.4',
    severity: 'notice',
    run: ({ isSelfIssued, values: { certificatePolicies = [] } }, report) => {
      if (!isSelfIssued && certificatePolicies.some(({ oid }) => oid === ANY_POLICY)) {
        report(WHERE, 'anyPolicy', '2.16.704.…');
      }
    },
  },
  'policy-qualifier-known': {
    source: 'RFC 5280, 4.2.1.4',
    severity: 'error',
    run: ({ values: { certificatePolicies = [] } }, report) => {
      for (const { qualifiers } of certificatePolicies) {
        for (const { oid } of qualifiers) {
          if (oid !== CPS_QUALIFIER && oid !== USER_NOTICE_QUALIFIER)
            report(WHERE, oid, 'id-qt-cps | id-qt-unotice');
        }
      }
    },
  },
  'policy-cps-uri': {
    source: 'RFC 5280, 4.2.1.4 (CPSuri)',
    severity: 'error',
    run: (certificate, report) => {
      eachQualifier(certificate, CPS_QUALIFIER, (value) => {
        if (!value.is(TAG.ia5String)) report(WHERE, hexOf(value), 'IA5String');
        else if (!isUri(value.latin1)) report(WHERE, shown(value.latin1), 'scheme:…');
      });
    },
  },
  'policy-notice-syntax': {
    source: 'RFC 5280, 4.2.1.4 (UserNotice)',
    severity: 'error',
    run: (certificate, report) => {
      eachQualifier(certificate, USER_NOTICE_QUALIFIER, (value) => {
        const [first, second, ...rest] = value.children;
        const isReference = first?.is(TAG.sequence) === true;
        if (!value.is(TAG.sequence) || rest.length > 0 || (second !== undefined && !isReference)) {
          report(WHERE, hexOf(value), 'noticeRef, explicitText');
        }
      });
    },
  },
  'policy-notice-reference': {
    source: 'RFC 5280, 4.2.1.4',
    severity: 'warning',
    run: (certificate, report) => {
      eachQualifier(certificate, USER_NOTICE_QUALIFIER, ({ children: [first] }) => {
        if (first?.is(TAG.sequence) === true) report(WHERE, 'noticeRef', '—');
      });
    },
  },
  'policy-notice-type': {
    source: 'RFC 5280, 4.2.1.4 (explicitText)',
    severity: 'error',
    run: (certificate, report) => {
      eachNotice(certificate, (text) => {
        if (!text.is(TAG.utf8String)) report(WHERE, hexOf(text), 'UTF8String');
      });
    },
  },
  'policy-notice-length': {
    source: 'RFC 5280, 4.2.1.4 (DisplayText)',
    severity: 'error',
    run: (certificate, report) => {
      eachNotice(certificate, (text) => {
        const wide = text.is(TAG.bmpString) ? 2 : 1;
        const characters = text.is(TAG.utf8String) ? Array.from(text.utf8).length : text.length / wide;
        if (characters < 1 || characters > MAX_NOTICE_CHARACTERS) {
          report(WHERE, String(characters), `1–${String(MAX_NOTICE_CHARACTERS)}`);
        }
      });
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

function eachQualifier(
  { values: { certificatePolicies = [] } }: LintedCertificate,
  kind: string,
  check: (value: DerNode) => void,
): void {
  for (const { qualifiers } of certificatePolicies) {
    for (const { oid, value } of qualifiers) if (oid === kind) check(value);
  }
}

/** Each explicitText. */
function eachNotice(certificate: LintedCertificate, check: (text: DerNode) => void): void {
  eachQualifier(certificate, USER_NOTICE_QUALIFIER, ({ children }) => {
    const text = children.at(-1);
    if (text !== undefined && !text.constructed) check(text);
  });
}
