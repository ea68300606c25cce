/** What a key may be used for: basicConstraints, keyUsage and extKeyUsage, and how they agree. */
import type { CheckId, Checks } from '../check';
import type { LintedCertificate } from '../certificate';
import { hexOf } from '../der';
import { EC_PUBLIC_KEY, PURPOSE, RSA_ENCRYPTION } from '../oids';

/** Bits of KeyUsage, the first of the string as the highest (RFC 5280, section 4.2.1.3). */
const USAGE = {
  digitalSignature: 0x8000,
  nonRepudiation: 0x4000,
  keyEncipherment: 0x2000,
  dataEncipherment: 0x1000,
  keyAgreement: 0x0800,
  keyCertSign: 0x0400,
  encipherOnly: 0x0100,
  decipherOnly: 0x0080,
} as const;
const KNOWN_USAGES = 0xff80;
const { digitalSignature, nonRepudiation, keyEncipherment, keyAgreement } = USAGE;

/** RFC 5280, section 4.2.1.12: the usages, of which one at least goes with the purpose. */
const USAGES_OF_PURPOSE: ReadonlyMap<string, number> = new Map([
  [PURPOSE.serverAuth, digitalSignature | keyEncipherment | keyAgreement],
  [PURPOSE.clientAuth, digitalSignature | keyAgreement],
  [PURPOSE.emailProtection, digitalSignature | nonRepudiation | keyEncipherment | keyAgreement],
  [PURPOSE.timeStamping, digitalSignature | nonRepudiation],
  [PURPOSE.ocspSigning, digitalSignature | nonRepudiation],
]);

const BASIC = 'extensions.basicConstraints';
const USAGES = 'extensions.keyUsage';
const PURPOSES = 'extensions.extKeyUsage';

export const usageChecks = {
  'basic-constraints-default': {
    source: 'X.690, 11.5',
    severity: 'error',
    run: ({ values: { basicConstraints } }, report) => {
      if (basicConstraints?.ca === false && basicConstraints.caNode !== undefined)
        report(BASIC, 'cA FALSE', '—');
    },
  },
  'path-length-only-ca': {
    source: 'RFC 5280, 4.2.1.9',
    severity: 'error',
    run: (certificate, report) => {
      const { basicConstraints } = certificate.values;
      if (basicConstraints?.pathLength === undefined) return;
      if (!basicConstraints.ca || !has(certificate, USAGE.keyCertSign)) {
        report(BASIC, hexOf(basicConstraints.pathLength), 'cA TRUE, keyCertSign');
      }
    },
  },
  'path-length-positive': {
    source: 'RFC 5280, 4.2.1.9',
    severity: 'error',
    run: ({ values: { basicConstraints } }, report) => {
      const length = basicConstraints?.pathLength;
      if (length !== undefined && (length.input[length.at] ?? 0) >= 0x80) report(BASIC, hexOf(length), '≥ 0');
    },
  },
  'ca-key-cert-sign': {
    source: 'RFC 5280, 4.2.1.3, 4.2.1.9',
    severity: 'error',
    run: (certificate, report) => {
      if (certificate.isCa && !has(certificate, USAGE.keyCertSign)) report(USAGES, '—', 'keyCertSign');
    },
  },
  'key-cert-sign-only-ca': {
    source: 'RFC 5280, 4.2.1.9',
    severity: 'error',
    run: (certificate, report) => {
      if (!certificate.isCa && has(certificate, USAGE.keyCertSign)) report(USAGES, 'keyCertSign', 'cA TRUE');
    },
  },
  'key-usage-present': {
    source: 'RFC 5280, 4.2.1.3',
    severity: 'warning',
    run: ({ extensions }, report) => {
      if (extensions.every(({ name }) => name !== 'keyUsage')) report(USAGES, '—', '1');
    },
  },
  'key-usage-not-empty': {
    source: 'RFC 5280, 4.2.1.3',
    severity: 'error',
    run: (certificate, report) => {
      if (certificate.values.keyUsage !== undefined && usagesOf(certificate) === 0)
        report(USAGES, '0', '≥ 1');
    },
  },
  'key-usage-minimal': {
    source: 'X.690, 11.2.2',
    severity: 'error',
    run: ({ values: { keyUsage } }, report) => {
      if (keyUsage === undefined || keyUsage.length < 2) return;
      const unused = keyUsage.input[keyUsage.at] ?? 0;
      const last = keyUsage.input[keyUsage.end - 1] ?? 0;
      // The last bit that is written has to be 1.
      if (((last >> unused) & 1) === 0) report(USAGES, hexOf(keyUsage), '…1');
    },
  },
  'key-usage-known': {
    source: 'RFC 5280, 4.2.1.3',
    severity: 'error',
    run: (certificate, report) => {
      const { keyUsage } = certificate.values;
      if (keyUsage === undefined) return;
      if (keyUsage.length > 3 || (usagesOf(certificate) & ~KNOWN_USAGES) !== 0) {
        report(USAGES, hexOf(keyUsage), 'bit 0–8');
      }
    },
  },
  'key-usage-fits-key': {
    source: 'RFC 3279, 2.3.1; RFC 8813, 3',
    severity: 'error',
    run: (certificate, report) => {
      const { algorithm } = certificate.key;
      const unfit =
        algorithm === EC_PUBLIC_KEY
          ? (['keyEncipherment', 'dataEncipherment'] as const)
          : algorithm === RSA_ENCRYPTION
            ? (['keyAgreement', 'encipherOnly', 'decipherOnly'] as const)
            : [];
      for (const usage of unfit) {
        if (has(certificate, USAGE[usage])) report(USAGES, usage, algorithm === EC_PUBLIC_KEY ? 'EC' : 'RSA');
      }
    },
  },
  'key-usage-agreement': {
    source: 'RFC 5280, 4.2.1.3',
    severity: 'error',
    run: (certificate, report) => {
      const only = has(certificate, USAGE.encipherOnly | USAGE.decipherOnly);
      if (only && !has(certificate, keyAgreement))
        report(USAGES, 'encipherOnly | decipherOnly', '+ keyAgreement');
    },
  },
  'purpose-any-absent': {
    source: 'profile',
    severity: 'error',
    run: ({ isCa, values: { extKeyUsage } }, report) => {
      if (!isCa && extKeyUsage?.includes(PURPOSE.any) === true) report(PURPOSES, 'anyExtendedKeyUsage', '—');
    },
  },
  'purpose-once': {
    source: 'profile',
    severity: 'error',
    run: ({ values: { extKeyUsage = [] } }, report) => {
      const seen = new Set<string>();
      for (const purpose of extKeyUsage) {
        if (seen.has(purpose)) report(PURPOSES, `2 × ${purpose}`, '1 ×');
        seen.add(purpose);
      }
    },
  },
  'purpose-fits-usage': {
    source: 'RFC 5280, 4.2.1.12',
    severity: 'error',
    run: (certificate, report) => {
      // Of a CA, the purposes say what its leaves may be for.
      if (certificate.isCa || certificate.values.keyUsage === undefined) return;
      for (const purpose of certificate.values.extKeyUsage ?? []) {
        const fitting = USAGES_OF_PURPOSE.get(purpose);
        if (fitting !== undefined && !has(certificate, fitting)) {
          const allowed = Object.entries(USAGE).flatMap(([name, bit]) =>
            (fitting & bit) !== 0 ? [name] : [],
          );
          report(PURPOSES, purpose, allowed.join(' | '));
        }
      }
    },
  },
  'server-auth-has-host': {
    source: 'RFC 9525, 4.1',
    severity: 'error',
    run: ({ isCa, values: { extKeyUsage, subjectAltName = [] } }, report) => {
      if (isCa || extKeyUsage?.includes(PURPOSE.serverAuth) !== true) return;
      if (!subjectAltName.some((name) => name.tag === 2 || name.tag === 7)) {
        report('extensions.subjectAltName', '—', 'dNSName | iPAddress');
      }
    },
  },
  'time-stamping-alone': {
    source: 'RFC 3161, 2.3',
    severity: 'error',
    run: ({ isCa, extensions, values: { extKeyUsage } }, report) => {
      if (isCa || extKeyUsage?.includes(PURPOSE.timeStamping) !== true) return;
      const critical = extensions.find(({ name }) => name === 'extKeyUsage')?.critical === true;
      if (extKeyUsage.length !== 1 || !critical) {
        report(
          PURPOSES,
          `${extKeyUsage.join(', ')}${critical ? ', critical' : ''}`,
          'timeStamping, critical',
        );
      }
    },
  },
  'ocsp-signing-alone': {
    source: 'profile; RFC 6960, 4.2.2.2',
    severity: 'error',
    run: ({ isCa, values: { extKeyUsage } }, report) => {
      if (!isCa && extKeyUsage?.includes(PURPOSE.ocspSigning) === true && extKeyUsage.length !== 1) {
        report(PURPOSES, extKeyUsage.join(', '), PURPOSE.ocspSigning);
      }
    },
  },
  // A CA certified for it would answer in its issuer's name, about itself and every other certificate of that issuer.
  'ocsp-signing-not-ca': {
    source: 'CA/Browser Forum BR, 7.1.2.10.6; RFC 6960, 4.2.2.2',
    severity: 'error',
    run: ({ isCa, values: { extKeyUsage } }, report) => {
      if (isCa && extKeyUsage?.includes(PURPOSE.ocspSigning) === true)
        report(PURPOSES, PURPOSE.ocspSigning, '—');
    },
  },
  'ocsp-no-check-place': {
    source: 'RFC 6960, 4.2.2.2.1',
    severity: 'error',
    run: ({ isCa, values: { extKeyUsage = [], ocspNoCheck } }, report) => {
      if (ocspNoCheck === true && (isCa || !extKeyUsage.includes(PURPOSE.ocspSigning))) {
        report('extensions.ocspNoCheck', extKeyUsage.join(', ') || '—', PURPOSE.ocspSigning);
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

/** The bits of keyUsage; 0 where it is absent. */
function usagesOf({ values: { keyUsage } }: LintedCertificate): number {
  if (keyUsage === undefined) return 0;
  const { input, at, length } = keyUsage;
  return ((length > 1 ? (input[at + 1] ?? 0) : 0) << 8) | (length > 2 ? (input[at + 2] ?? 0) : 0);
}

function has(certificate: LintedCertificate, usages: number): boolean {
  return (usagesOf(certificate) & usages) !== 0;
}
