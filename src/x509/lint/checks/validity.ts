/** Validity: the form of the two times and the period between them (RFC 5280, section 4.1.2.5). */
import type { CheckId, Checks } from '../check';
import type { LintedCertificate } from '../certificate';
import { TAG } from '../der';
import { shown } from '../text';

const DAY = 86_400_000;
const YEAR_2050 = Date.UTC(2050, 0);
/** Days, leap days included: Decree 68/2024, articles on the validity of certificates; the root's is its own profile's. */
const MAX_DAYS = { leaf: 1_827, subCa: 7_305, root: 10_958 };

export const validityChecks = {
  'validity-time-form': {
    source: 'RFC 5280, 4.1.2.5.1, 4.1.2.5.2',
    severity: 'error',
    run: ({ notBefore, notAfter }, report) => {
      for (const { where, node, time } of [notBefore, notAfter]) {
        if (time !== undefined) continue;
        report(where, shown(node.latin1), node.is(TAG.utcTime) ? 'YYMMDDHHMMSSZ' : 'YYYYMMDDHHMMSSZ');
      }
    },
  },
  'validity-time-type': {
    source: 'RFC 5280, 4.1.2.5',
    severity: 'error',
    run: ({ notBefore, notAfter }, report) => {
      for (const { where, node, time } of [notBefore, notAfter]) {
        // A UTCTime tells no year from 2050 on: two digits from 50 mean 19YY.
        if (node.is(TAG.generalizedTime) && time !== undefined && time < YEAR_2050) {
          report(where, `GeneralizedTime ${iso(time)}`, 'UTCTime through 2049');
        }
      }
    },
  },
  'validity-order': {
    source: 'RFC 5280, 4.1.2.5',
    severity: 'error',
    run: ({ notBefore: { time: begin }, notAfter: { time: end } }, report) => {
      if (begin !== undefined && end !== undefined && begin >= end)
        report('notAfter', iso(end), `> ${iso(begin)}`);
    },
  },
  'validity-within-issuer': {
    source: 'profile',
    severity: 'error',
    run: ({ notAfter: { time: end }, signer }, report) => {
      const limit = signer?.notAfter;
      if (end !== undefined && limit !== undefined && end > limit)
        report('notAfter', iso(end), `≤ ${iso(limit)}`);
    },
  },
  'validity-length': {
    source: 'NĐ 68/2024/NĐ-CP',
    severity: 'error',
    run: (certificate, report) => {
      const [begin, end] = [certificate.notBefore.time, certificate.notAfter.time];
      if (begin === undefined || end === undefined) return;
      // Both ends belong to the period.
      const days = (end - begin + 1000) / DAY;
      const most = MAX_DAYS[roleOf(certificate)];
      if (days > most) report('validity', `${days.toFixed(1)} d`, `≤ ${String(most)} d`);
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

function roleOf({ isCa, isSelfIssued }: LintedCertificate): keyof typeof MAX_DAYS {
  if (!isCa) return 'leaf';
  return isSelfIssued ? 'root' : 'subCa';
}

function iso(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
