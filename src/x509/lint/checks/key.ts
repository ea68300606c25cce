/** The public key: its algorithm, and the encoding and size of its numbers. Whether it is weak is not asked here. */
import type { CheckId, Checks } from '../check';
import { dottedOid, hexOf, TAG, type DerNode } from '../der';
import { EC_PUBLIC_KEY, RSA_ENCRYPTION } from '../oids';

/** The national profile: at least 2048 bits; more than 16,384 only costs those who verify. */
const RSA_BITS = { least: 2_048, most: 16_384 };
const LEAST_EXPONENT = 65_537;
const MAX_EXPONENT_OCTETS = 32;
/** Octets of an uncompressed point, by curve: P-256, P-384, P-521. */
const CURVES: ReadonlyMap<string, number> = new Map([
  ['1.2.840.10045.3.1.7', 65],
  ['1.3.132.0.34', 97],
  ['1.3.132.0.35', 133],
]);

export const keyChecks = {
  'key-algorithm-known': {
    source: 'RFC 3279, 2.3; RFC 5480, 2.1',
    severity: 'error',
    run: ({ key: { algorithm } }, report) => {
      if (algorithm !== RSA_ENCRYPTION && algorithm !== EC_PUBLIC_KEY) report(WHERE, algorithm, 'RSA | EC');
    },
  },
  'key-whole-octets': {
    source: 'RFC 3279, 2.3; RFC 5480, 2.2',
    severity: 'error',
    run: ({ key: { bits } }, report) => {
      const unused = bits.input[bits.at] ?? 0;
      if (unused !== 0) report(WHERE, `${String(unused)} unused bits`, '0');
    },
  },
  'rsa-parameters-null': {
    source: 'RFC 3279, 2.3.1',
    severity: 'error',
    run: ({ key: { algorithm, parameters } }, report) => {
      if (algorithm !== RSA_ENCRYPTION) return;
      if (parameters.length !== 1 || parameters[0]?.is(TAG.null) !== true) {
        report(WHERE, parameters.map(hexOf).join(' ') || '—', 'NULL');
      }
    },
  },
  'rsa-key-structure': {
    source: 'RFC 3279, 2.3.1',
    severity: 'error',
    run: ({ key: { algorithm, rsa, bits } }, report) => {
      if (algorithm === RSA_ENCRYPTION && rsa === undefined)
        report(WHERE, hexOf(bits), 'modulus, publicExponent');
    },
  },
  'rsa-modulus-size': {
    source: 'national profile',
    severity: 'error',
    run: ({ key: { rsa } }, report) => {
      if (rsa === undefined) return;
      const bits = bitLength(rsa.modulus);
      if (bits < RSA_BITS.least || bits > RSA_BITS.most || bits % 8 !== 0) {
        report(
          `${WHERE}.modulus`,
          `${String(bits)} bit`,
          `${String(RSA_BITS.least)}–${String(RSA_BITS.most)}, 8 ×`,
        );
      }
    },
  },
  'rsa-modulus-odd': {
    source: 'RFC 8017, 3.1',
    severity: 'error',
    run: ({ key: { rsa } }, report) => {
      if (rsa !== undefined && !isPositiveOdd(rsa.modulus))
        report(`${WHERE}.modulus`, '≤ 0 | 2n', '> 0, 2n + 1');
    },
  },
  'rsa-exponent': {
    source: 'NIST SP 800-89, 5.3.3',
    severity: 'error',
    run: ({ key: { rsa } }, report) => {
      if (rsa === undefined) return;
      const { exponent } = rsa;
      const size = exponent.length;
      const isLarge = size > 3 || (size === 3 && exponent.input.readUIntBE(exponent.at, 3) >= LEAST_EXPONENT);
      if (!isLarge || size > MAX_EXPONENT_OCTETS || !isPositiveOdd(exponent)) {
        report(`${WHERE}.publicExponent`, hexOf(exponent), '2n + 1, 65537 – 2^256');
      }
    },
  },
  'ec-named-curve': {
    source: 'RFC 5480, 2.1.1',
    severity: 'error',
    run: ({ key }, report) => {
      if (key.algorithm !== EC_PUBLIC_KEY || pointLengthOf(key.parameters) !== undefined) return;
      report(WHERE, key.parameters.map(hexOf).join(' ') || '—', 'namedCurve P-256 | P-384 | P-521');
    },
  },
  'ec-point-form': {
    source: 'RFC 5480, 2.2',
    severity: 'error',
    run: ({ key }, report) => {
      const length = key.algorithm === EC_PUBLIC_KEY ? pointLengthOf(key.parameters) : undefined;
      if (length === undefined) return;
      const form = key.bits.input[key.bits.at + 1];
      // After the octet that counts unused bits: 04, x, y.
      if (form !== 0x04 || key.bits.length - 1 !== length) {
        report(
          WHERE,
          `${String(key.bits.length - 1)} octets, ${hexOf(key.bits)}`,
          `${String(length)} octets, 04…`,
        );
      }
    },
  },
} as const satisfies Partial<Checks<CheckId>>;

const WHERE = 'subjectPublicKeyInfo';

function pointLengthOf(parameters: readonly DerNode[]): number | undefined {
  const [curve, ...rest] = parameters;
  return curve?.is(TAG.oid) === true && rest.length === 0 ? CURVES.get(dottedOid(curve)) : undefined;
}

function bitLength(integer: DerNode): number {
  const first = integer.input[integer.at] ?? 0;
  const lead = first === 0 ? 1 : 0;
  const top = integer.input[integer.at + lead] ?? 0;
  return (integer.length - lead - 1) * 8 + (32 - Math.clz32(top));
}

function isPositiveOdd(integer: DerNode): boolean {
  const first = integer.input[integer.at] ?? 0;
  const last = integer.input[integer.end - 1] ?? 0;
  return integer.length > 0 && first < 0x80 && (last & 1) === 1;
}
