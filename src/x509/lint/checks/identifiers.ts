/** Key identifiers: by which a verifier finds the issuer's certificate (RFC 5280, sections 4.2.1.1 and 4.2.1.2). */
import { hash } from 'node:crypto';
import type { CheckId, Checks } from '../check';

const SKI = 'extensions.subjectKeyIdentifier';
const AKI = 'extensions.authorityKeyIdentifier';

export const identifierChecks = {
  'ski-present-ca': {
    source: 'RFC 5280, 4.2.1.2',
    severity: 'error',
    run: ({ isCa, values }, report) => {
      if (isCa && values.subjectKeyIdentifier === undefined) report(SKI, '—', '1');
    },
  },
  'ski-present-leaf': {
    source: 'RFC 5280, 4.2.1.2',
    severity: 'warning',
    run: ({ isCa, values }, report) => {
      if (!isCa && values.subjectKeyIdentifier === undefined) report(SKI, '—', '1');
    },
  },
  'ski-of-key': {
    source: 'RFC 5280, 4.2.1.2 (1); RFC 7093, 2 (1)',
    severity: 'error',
    run: ({ values: { subjectKeyIdentifier: found }, key: { bits } }, report) => {
      if (found === undefined) return;
      const octets = bits.input.subarray(bits.at + 1, bits.end);
      const sha1 = hash('sha1', octets, 'buffer');
      if (found.equals(sha1)) return;
      const sha256 = hash('sha256', octets, 'buffer').subarray(0, sha1.length);
      if (!found.equals(sha256)) report(SKI, found.toString('hex', 0, 24), sha1.toString('hex'));
    },
  },
  'aki-present': {
    source: 'RFC 5280, 4.2.1.1',
    severity: 'error',
    run: ({ isCa, isSelfIssued, values }, report) => {
      // Only a self-signed CA certificate may do without.
      if (isCa && isSelfIssued) return;
      if (values.authorityKeyIdentifier === undefined) report(AKI, '—', '1');
    },
  },
  'aki-key-id': {
    source: 'RFC 5280, 4.2.1.1',
    severity: 'error',
    run: ({ values: { authorityKeyIdentifier } }, report) => {
      if (authorityKeyIdentifier !== undefined && authorityKeyIdentifier.keyIdentifier === undefined) {
        report(AKI, '—', 'keyIdentifier');
      }
    },
  },
  'aki-is-issuer-ski': {
    source: 'RFC 5280, 4.2.1.1',
    severity: 'error',
    run: ({ values, signer, isCa, isSelfIssued }, report) => {
      const found = values.authorityKeyIdentifier?.keyIdentifier;
      const own = isCa && isSelfIssued ? values.subjectKeyIdentifier : undefined;
      const allowed = signer === undefined ? own : signer.subjectKeyIdentifier;
      if (found !== undefined && allowed !== undefined && !found.equals(allowed)) {
        report(AKI, found.toString('hex', 0, 24), allowed.toString('hex', 0, 24));
      }
    },
  },
  'aki-issuer-and-serial': {
    source: 'RFC 5280, A.2 (AuthorityKeyIdentifier)',
    severity: 'error',
    run: ({ values: { authorityKeyIdentifier: found } }, report) => {
      if (found !== undefined && found.hasIssuer !== found.hasSerialNumber) {
        report(AKI, found.hasIssuer ? 'authorityCertIssuer' : 'authorityCertSerialNumber', '0 | 2');
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;
