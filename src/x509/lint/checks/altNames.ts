/** Alternative names and the constraints on them (RFC 5280, sections 4.2.1.6 and 4.2.1.10). */
import type { CheckId, Checks } from '../check';
import type { LintedCertificate } from '../certificate';
import { hexOf, type DerNode } from '../der';
import { isHost, isMailbox, isUri, shown } from '../text';

/** Tags of GeneralName. */
const EMAIL = 1;
const DNS = 2;
const URI = 6;
const IP = 7;

const SAN = 'extensions.subjectAltName';
const CONSTRAINTS = 'extensions.nameConstraints';

export const altNameChecks = {
  'san-email-form': {
    source: 'RFC 5280, 4.2.1.6 (rfc822Name)',
    severity: 'error',
    run: (certificate, report) => {
      eachAltName(certificate, EMAIL, ({ latin1 }) => {
        if (!isMailbox(latin1)) report(SAN, shown(latin1), 'name@host');
      });
    },
  },
  'san-dns-form': {
    source: 'RFC 5280, 4.2.1.6 (dNSName)',
    severity: 'error',
    run: (certificate, report) => {
      eachAltName(certificate, DNS, ({ latin1 }) => {
        // A wildcard stands for one whole label, the leftmost (RFC 9525, section 6.3).
        const host = latin1.startsWith('*.') ? latin1.slice(2) : latin1;
        if (!isHost(host)) report(SAN, shown(latin1), 'A–Z a–z 0–9 - .');
      });
    },
  },
  'san-ip-length': {
    source: 'RFC 5280, 4.2.1.6 (iPAddress)',
    severity: 'error',
    run: (certificate, report) => {
      eachAltName(certificate, IP, ({ length }) => {
        if (length !== 4 && length !== 16) report(SAN, `${String(length)} octets`, '4 | 16');
      });
    },
  },
  'san-uri-form': {
    source: 'RFC 5280, 4.2.1.6 (uniformResourceIdentifier)',
    severity: 'error',
    run: (certificate, report) => {
      eachAltName(certificate, URI, ({ latin1 }) => {
        if (!isUri(latin1)) report(SAN, shown(latin1), 'scheme:…');
      });
    },
  },
  // Where there is no dNSName, Java takes such a CN for one, and holds it to the CA's constraints on host names.
  'common-name-no-host': {
    source: 'national profile',
    severity: 'warning',
    run: (certificate, report) => {
      if (certificate.isCa) return;
      let hosts = 0;
      eachAltName(certificate, DNS, () => (hosts += 1));
      for (const { rule, text = '' } of hosts > 0 ? [] : certificate.subject.attributes) {
        if (rule?.name === 'CN' && isHost(text) && !/^[\d.]+$/.test(text))
          report('subject.CN', shown(text), '≠ a-z 0-9 - . | SAN dNSName');
      }
    },
  },
  'san-once': {
    source: 'profile',
    severity: 'warning',
    run: ({ values: { subjectAltName = [] } }, report) => {
      const seen = new Set<string>();
      for (const name of subjectAltName) {
        const encoding = name.der.toString('latin1');
        if (seen.has(encoding)) report(SAN, `2 × ${hexOf(name)}`, '1 ×');
        seen.add(encoding);
      }
    },
  },
  'name-constraints-not-empty': {
    source: 'RFC 5280, 4.2.1.10',
    severity: 'error',
    run: ({ values: { nameConstraints } }, report) => {
      if (nameConstraints !== undefined && subtreesOf(nameConstraints).length === 0)
        report(CONSTRAINTS, '0', '≥ 1');
    },
  },
  'name-constraints-bounds': {
    source: 'RFC 5280, 4.2.1.10',
    severity: 'error',
    run: ({ values: { nameConstraints } }, report) => {
      if (nameConstraints !== undefined && subtreesOf(nameConstraints).some(({ hasBounds }) => hasBounds)) {
        report(CONSTRAINTS, 'minimum | maximum', '—');
      }
    },
  },
  'name-constraints-ip': {
    source: 'RFC 5280, 4.2.1.10 (iPAddress)',
    severity: 'error',
    run: ({ values: { nameConstraints } }, report) => {
      if (nameConstraints === undefined) return;
      for (const { base } of subtreesOf(nameConstraints)) {
        if (base.tag === IP && base.length !== 8 && base.length !== 32) {
          report(CONSTRAINTS, `${String(base.length)} octets`, '8 | 32');
        }
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

type Constraints = NonNullable<LintedCertificate['values']['nameConstraints']>;

function subtreesOf({ permitted, excluded }: Constraints): Constraints['permitted'] {
  return [...permitted, ...excluded];
}

function eachAltName(
  { values: { subjectAltName = [] } }: LintedCertificate,
  tag: number,
  check: (name: DerNode) => void,
): void {
  for (const name of subjectAltName) if (name.tag === tag) check(name);
}
