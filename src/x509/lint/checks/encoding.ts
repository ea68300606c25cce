/** Encoding: what the reader of DER itself finds (X.690 is the source RFC 5280, section 4.1 refers to). */
import type { CheckId, Checks } from '../check';

/** What fits a journal entry with room for the rest of it, and every smart card. */
const MAX_OCTETS = 32_768;

export const encodingChecks = {
  'der-readable': { source: 'X.690, 8.1', severity: 'error' },
  'der-bounded': { source: 'profile', severity: 'error' },
  'der-trailing': { source: 'X.690, 8.1', severity: 'error' },
  'der-tag-minimal': { source: 'X.690, 8.1.2', severity: 'error' },
  'der-length-definite': { source: 'X.690, 10.1', severity: 'error' },
  'der-length-minimal': { source: 'X.690, 10.1', severity: 'error' },
  'der-form': { source: 'X.690, 10.2', severity: 'error' },
  'der-boolean': { source: 'X.690, 11.1', severity: 'error' },
  'der-integer-minimal': { source: 'X.690, 8.3.2', severity: 'error' },
  'der-bit-string': { source: 'X.690, 11.2.1', severity: 'error' },
  'der-null': { source: 'X.690, 8.8.2', severity: 'error' },
  'der-oid': { source: 'X.690, 8.19', severity: 'error' },
  'der-set-order': { source: 'X.690, 11.6', severity: 'error' },
  'string-utf8': { source: 'RFC 3629, 3', severity: 'error' },
  'string-printable': { source: 'X.680, 41.4', severity: 'error' },
  'string-ia5': { source: 'X.680, 41', severity: 'error' },
  'string-wide': { source: 'X.690, 8.23.7, 8.23.8', severity: 'error' },
  structure: { source: 'RFC 5280, 4.1', severity: 'error' },
  'certificate-size': {
    source: 'profile',
    severity: 'error',
    run: ({ size }, report) => {
      if (size > MAX_OCTETS) report('certificate', `${String(size)} octets`, `≤ ${String(MAX_OCTETS)}`);
    },
  },
} as const satisfies Partial<Checks<CheckId>>;
