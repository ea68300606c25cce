/** Names: issuer and subject, their attributes and every value (RFC 5280, sections 4.1.2.4 and 4.1.2.6). */
import type { CheckId, Checks } from '../check';
import type { LintedAttribute, LintedCertificate } from '../certificate';
import { hexOf, TAG } from '../der';
import { isMailbox, shown } from '../text';

/** Order in which the national certificates name things: from the country to the person. */
const ORDER = ['C', 'ST', 'L', 'O', 'OU', 'CN', 'E'];
/** Of these a name may have several. */
const REPEATED = ['OU'];
const TYPES_SHOWN = 20;
/** What acts on a line of text, or is not seen on it: control, direction, zero-width, unassigned, private. */
const INVISIBLE = /[\p{C}\p{DI}\p{Zl}\p{Zp}\ufffd]|(?! )\p{Zs}/u;
const PLAIN = /^[\x20-\x7e]*$/;

export const nameChecks = {
  'issuer-not-empty': {
    source: 'RFC 5280, 4.1.2.4',
    severity: 'error',
    run: ({ issuer }, report) => {
      if (issuer.attributes.length === 0) report('issuer', '—', '≥ 1');
    },
  },
  'issuer-is-ca-subject': {
    source: 'RFC 5280, 4.1.2.4, 7.1',
    severity: 'error',
    run: ({ issuer, signer }, report) => {
      if (signer !== undefined && !issuer.node.der.equals(signer.subject.node.der)) {
        report('issuer', hexOf(issuer.node), hexOf(signer.subject.node));
      }
    },
  },
  'subject-or-critical-san': {
    source: 'RFC 5280, 4.1.2.6',
    severity: 'error',
    run: ({ subject, isCa, extensions }, report) => {
      if (subject.attributes.length > 0) return;
      const san = extensions.find(({ name }) => name === 'subjectAltName');
      if (isCa || san?.critical !== true)
        report('subject', '—', isCa ? '≥ 1' : '≥ 1 | subjectAltName critical');
    },
  },
  'name-rdn-single': {
    source: 'profile',
    severity: 'error',
    run: ({ names }, report) => {
      for (const { of, widestRdn } of names) if (widestRdn > 1) report(of, String(widestRdn), '1');
    },
  },
  'name-attribute-known': {
    source: 'profile',
    severity: 'warning',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, oid } = attribute;
        if (rule === undefined) report(placeOf(attribute), oid, 'RFC 5280, A.1');
      });
    },
  },
  'name-string-type': {
    source: 'RFC 5280, 4.1.2.4',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, value } = attribute;
        const isString = value.is(TAG.utf8String) || value.is(TAG.printableString);
        if (rule?.form === 'directory' ? !isString : rule === undefined && isOldString(value)) {
          report(placeOf(attribute), hexOf(value), 'UTF8String | PrintableString');
        }
      });
    },
  },
  'name-printable-only': {
    source: 'RFC 5280, A.1 (countryName, serialNumber)',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, value } = attribute;
        if (rule?.form === 'printable' && !value.is(TAG.printableString)) {
          report(placeOf(attribute), hexOf(value), 'PrintableString');
        }
      });
    },
  },
  'name-email-ia5': {
    source: 'RFC 5280, A.1 (emailAddress)',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, value } = attribute;
        if (rule?.form === 'ia5' && !value.is(TAG.ia5String))
          report(placeOf(attribute), hexOf(value), 'IA5String');
      });
    },
  },
  'name-country-form': {
    source: 'X.520, 6.3.1',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, text } = attribute;
        if (rule?.name === 'C' && text !== undefined && !/^[A-Z]{2}$/.test(text)) {
          report(placeOf(attribute), shown(text), 'ISO 3166-1: A–Z, 2');
        }
      });
    },
  },
  'name-email-form': {
    source: 'RFC 5280, 4.1.2.6',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, text } = attribute;
        if (rule?.name === 'E' && text !== undefined && !isMailbox(text))
          report(placeOf(attribute), shown(text), 'name@host');
      });
    },
  },
  'name-value-length': {
    source: 'RFC 5280, A.1 (ub-…)',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { rule, text } = attribute;
        if (rule === undefined || text === undefined || text.length <= rule.most) return;
        // Counted in characters, not in UTF-16 units.
        const characters = Array.from(text).length;
        if (characters > rule.most) report(placeOf(attribute), String(characters), `≤ ${String(rule.most)}`);
      });
    },
  },
  'name-value-present': {
    source: 'RFC 5280, A.1 (SIZE (1..ub-…))',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { value } = attribute;
        if (value.length === 0) report(placeOf(attribute), '0', '≥ 1');
      });
    },
  },
  'name-value-trimmed': {
    source: 'RFC 4518, 2.6.1',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { text } = attribute;
        if (text !== undefined && (text.startsWith(' ') || text.endsWith(' ') || text.includes('  '))) {
          report(placeOf(attribute), shown(text), '≠ "…  …", " …", "… "');
        }
      });
    },
  },
  'name-value-visible': {
    source: 'RFC 4518, 2.4; UTS #39, 3.1',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { text } = attribute;
        if (text === undefined || PLAIN.test(text)) return;
        const found = INVISIBLE.exec(text);
        if (found !== null)
          report(placeOf(attribute), shown(found[0]), '\\p{L} \\p{M} \\p{N} \\p{P} \\p{S} U+0020');
      });
    },
  },
  'name-value-nfc': {
    source: 'RFC 5198, 3',
    severity: 'error',
    run: (certificate, report) => {
      eachAttribute(certificate, (attribute) => {
        const { text } = attribute;
        if (text !== undefined && !PLAIN.test(text) && text.normalize('NFC') !== text) {
          report(placeOf(attribute), shown(text), 'NFC');
        }
      });
    },
  },
  'name-order': {
    source: 'national profile',
    severity: 'warning',
    run: ({ names }, report) => {
      for (const { of, types } of names) {
        const ranks = types.map((type) => ORDER.indexOf(type)).filter((rank) => rank >= 0);
        if (ranks.some((rank, at) => rank < (ranks[at - 1] ?? 0))) {
          report(of, types.slice(0, TYPES_SHOWN).join(', '), ORDER.join(', '));
        }
      }
    },
  },
  'name-attribute-once': {
    source: 'profile',
    severity: 'warning',
    run: ({ names }, report) => {
      for (const { of, types } of names) {
        const twice = types.find((type, at) => !REPEATED.includes(type) && types.indexOf(type) < at);
        if (twice !== undefined) report(`${of}.${twice}`, '2 ×', '1 ×');
      }
    },
  },
  'subject-country-vn': {
    source: 'national profile',
    severity: 'error',
    run: ({ subject }, report) => {
      if (subject.attributes.length === 0) return;
      const countries = subject.attributes.filter(({ rule }) => rule?.name === 'C');
      if (!countries.some(({ text }) => text === 'VN')) {
        report('subject.C', countries.map(({ text }) => shown(text ?? '?')).join(', ') || '—', 'VN');
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

/** T61String, UniversalString, BMPString, IA5String and the like, in an attribute of a type not known here. */
function isOldString(value: LintedAttribute['value']): boolean {
  return [TAG.t61String, TAG.universalString, TAG.bmpString].some((tag) => value.is(tag));
}

/** Where an attribute stands, for a finding. */
function placeOf({ of, rule, oid }: LintedAttribute): string {
  return `${of}.${rule?.name ?? oid}`;
}

function eachAttribute({ names }: LintedCertificate, check: (attribute: LintedAttribute) => void): void {
  for (const { attributes } of names) for (const attribute of attributes) check(attribute);
}
