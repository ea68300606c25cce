/** Version, serial number, signature algorithm: the fields before the names (RFC 5280, sections 4.1.1 and 4.1.2). */
import type { CheckId, Checks } from '../check';
import { dottedOid, hexOf, TAG } from '../der';

const MAX_SERIAL_OCTETS = 20;
/** 64 bits that nobody can foresee need at least as many octets. */
const MIN_SERIAL_OCTETS = 8;

const RSA_PSS = (hash: string, salt: string): string =>
  `304106092a864886f70d01010a3034a00f300d06096086480165030402${hash}0500` +
  `a11c301a06092a864886f70d010108300d06096086480165030402${hash}0500a2030201${salt}`;

/**
 * Every AlgorithmIdentifier a signature may name, octet for octet: RSA with NULL (RFC 4055, section 5), RSASSA-PSS with
 * the hash, MGF1 over the same hash and a salt of its length (RFC 4055, section 3.1), ECDSA without parameters (RFC 5758,
 * section 3.2).
 */
const SIGNATURE_ALGORITHMS: ReadonlySet<string> = new Set([
  '300d06092a864886f70d01010b0500',
  '300d06092a864886f70d01010c0500',
  '300d06092a864886f70d01010d0500',
  RSA_PSS('01', '20'),
  RSA_PSS('02', '30'),
  RSA_PSS('03', '40'),
  '300a06082a8648ce3d040302',
  '300a06082a8648ce3d040303',
  '300a06082a8648ce3d040304',
]);
/** Their identifiers: sha256WithRSAEncryption and on, id-RSASSA-PSS, ecdsa-with-SHA256 and on. */
const SIGNATURE_OIDS: ReadonlySet<string> = new Set([
  ...['11', '12', '13', '10'].map((arc) => `1.2.840.113549.1.1.${arc}`),
  ...['2', '3', '4'].map((arc) => `1.2.840.10045.4.3.${arc}`),
]);

export const bodyChecks = {
  'version-3': {
    source: 'RFC 5280, 4.1.2.1',
    severity: 'error',
    run: ({ version }, report) => {
      if (version === undefined) report('version', 'v1', 'v3');
      else if (!version.der.equals(VERSION_3)) report('version', hexOf(version), 'v3');
    },
  },
  'serial-number-positive': {
    source: 'RFC 5280, 4.1.2.2',
    severity: 'error',
    run: ({ serialNumber: { input, at, length } }, report) => {
      const first = input[at] ?? 0;
      if (first >= 0x80) report('serialNumber', 'a negative number', '> 0');
      else if (first === 0 && length < 2) report('serialNumber', '0', '> 0');
    },
  },
  'serial-number-length': {
    source: 'RFC 5280, 4.1.2.2',
    severity: 'error',
    run: ({ serialNumber: { length } }, report) => {
      if (length > MAX_SERIAL_OCTETS) {
        report('serialNumber', `${String(length)} octets`, `≤ ${String(MAX_SERIAL_OCTETS)}`);
      }
    },
  },
  'serial-number-entropy': {
    source: 'CA/Browser Forum BR, 7.1',
    severity: 'warning',
    run: ({ serialNumber: { length } }, report) => {
      if (length < MIN_SERIAL_OCTETS) {
        report('serialNumber', `${String(length)} octets`, `≥ ${String(MIN_SERIAL_OCTETS)}`);
      }
    },
  },
  'signature-algorithm-allowed': {
    source: 'national profile; RFC 5758; RFC 4055',
    severity: 'error',
    run: ({ algorithm: { children } }, report) => {
      const [oid] = children;
      const found = oid?.is(TAG.oid) === true ? dottedOid(oid) : '—';
      if (!SIGNATURE_OIDS.has(found)) report('signature', found, 'RSA | RSASSA-PSS | ECDSA, SHA-2');
    },
  },
  'signature-algorithm-parameters': {
    source: 'RFC 4055, 3.1, 5; RFC 5758, 3.2',
    severity: 'error',
    run: ({ algorithm }, report) => {
      const [oid] = algorithm.children;
      // One that is not allowed at all has a finding already.
      if (oid?.is(TAG.oid) !== true || !SIGNATURE_OIDS.has(dottedOid(oid))) return;
      if (SIGNATURE_ALGORITHMS.has(algorithm.der.toString('hex'))) return;
      report('signature', hexOf(algorithm), 'RSA: NULL; ECDSA: —; PSS: SHA-2, MGF1, salt = hash');
    },
  },
  'signature-algorithms-equal': {
    source: 'RFC 5280, 4.1.1.2',
    severity: 'error',
    run: ({ algorithm, outerAlgorithm }, report) => {
      if (outerAlgorithm !== undefined && !outerAlgorithm.der.equals(algorithm.der)) {
        report('signatureAlgorithm', hexOf(outerAlgorithm), hexOf(algorithm));
      }
    },
  },
  'unique-identifiers-absent': {
    source: 'RFC 5280, 4.1.2.8',
    severity: 'error',
    run: ({ uniqueIdentifiers }, report) => {
      if (uniqueIdentifiers > 0) report('tbsCertificate', String(uniqueIdentifiers), '0');
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

/** [0] EXPLICIT INTEGER 2 */
const VERSION_3 = Buffer.from('a003020102', 'hex');
