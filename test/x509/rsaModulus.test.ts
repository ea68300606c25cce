/** RSA moduli that can be factored: each kind is made here, and keys of good generators pass. */
import { checkPrimeSync, generateKeyPairSync, generatePrimeSync, randomBytes } from 'node:crypto';
import { der, OID } from '../../src/asn1';
import { readPublicKey, X509Error } from '../../src/x509';
import { findModulusWeakness } from '../../src/x509/rsaModulus';
import { expectCode } from '../support/matchers';

const prime = (bits: number): bigint => generatePrimeSync(bits, { bigint: true });
const isPrime = (candidate: bigint): boolean => checkPrimeSync(candidate, { checks: 20 });
const bitsOf = (value: bigint): number => value.toString(2).length;

function nextPrime(from: bigint): bigint {
  let candidate = from | 1n;
  while (!isPrime(candidate)) candidate += 2n;
  return candidate;
}

/** Two primes of equal length whose product has all the bits asked for. */
function primePair(bits: number): readonly [bigint, bigint] {
  for (;;) {
    const [p, q] = [prime(bits / 2), prime(bits / 2)];
    if (bitsOf(p * q) === bits) return [p, q];
  }
}

const generated = (modulusLength: number): bigint => {
  const { n } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
  return BigInt(`0x${Buffer.from(n ?? '', 'base64url').toString('hex')}`);
};

const spki = (modulus: bigint): Buffer =>
  der.sequence(
    der.sequence(der.oid(OID.rsaEncryption), der.nullValue()),
    der.bitString(der.sequence(der.integer(modulus), der.integer(65_537))),
  );

describe('good keys', () => {
  it.each([2_048, 3_072])('of OpenSSL, %d bits, pass', (bits) => {
    for (let count = 0; count < 5; count += 1) expect(findModulusWeakness(generated(bits))).toBeUndefined();
  });

  it('of primes as far apart as a standard wants pass: 2^(bits/2 - 100), FIPS 186-5, A.1.3', () => {
    const p = prime(1_024);
    const q = nextPrime(p + 2n ** 925n);
    expect(findModulusWeakness(p * q)).toBeUndefined();
  });
});

describe('small factors', () => {
  const [p] = primePair(2_048);
  it.each([3n, 5n, 167n, 173n, 743n, 751n])('%d is found', (factor) => {
    expect(findModulusWeakness(p * p * factor)).toEqual({ kind: 'small-factor', factor: Number(factor) });
  });

  it('those from 752 on are not looked for', () => {
    expect(findModulusWeakness(757n * prime(2_038))).toBeUndefined();
  });
});

describe('ROCA', () => {
  /** Product of the first primes: 126 of them for primes of 1,024 bits (Nemec et al., table 1). */
  const first = (count: number): bigint => {
    let [found, all] = [0, 1n];
    for (let number = 2n; found < count; number += 1n) {
      if (all % number === 0n || !isPrime(number)) continue;
      all *= number;
      found += 1;
    }
    return all;
  };
  const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
    let [result, square] = [1n, base];
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = (result * square) % modulus;
      square = (square * square) % modulus;
    }
    return result;
  };
  const random = (bytes: number): bigint => BigInt(`0x${randomBytes(bytes).toString('hex')}`);
  /** As the flawed library makes them: k · M + (65537^a mod M). */
  function flawedPrime(bits: number, m: bigint): bigint {
    const top = 2n ** BigInt(bits - 1) + 2n ** BigInt(bits - 2);
    for (;;) {
      const k = top / m + (random(8) % (2n ** BigInt(bits - 2) / m));
      const candidate = k * m + power(65_537n, random(20), m);
      if (isPrime(candidate)) return candidate;
    }
  }

  it('is found in a key made as the flawed library made it', async () => {
    const m = first(126);
    const modulus = flawedPrime(1_024, m) * flawedPrime(1_024, m);
    expect(bitsOf(modulus)).toBe(2_048);
    expect(findModulusWeakness(modulus)).toEqual({ kind: 'roca' });
    await expectCode(() => readPublicKey(spki(modulus), 'test'), X509Error, 'KEY_ROCA');
  });

  it('is not found when one of the two primes is a good one', () => {
    expect(findModulusWeakness(flawedPrime(1_024, first(126)) * prime(1_024))).toBeUndefined();
  });
});

describe('close primes', () => {
  const [p] = primePair(2_048);
  it('are found when the second prime is the next one', async () => {
    const modulus = p * nextPrime(p + 2n);
    expect(findModulusWeakness(modulus)).toEqual({ kind: 'close-primes' });
    await expectCode(() => readPublicKey(spki(modulus), 'test'), X509Error, 'KEY_CLOSE_PRIMES');
  });

  it('are found when the modulus is a square', () => {
    expect(findModulusWeakness(p * p)).toEqual({ kind: 'close-primes' });
  });

  it.each([
    ['within a hundred rounds', 13n, { kind: 'close-primes' }],
    ['beyond', 40n, undefined],
  ] as const)('%s of Fermat’s method', (_, distance, weakness) => {
    // (q - p)² / (8 √n) rounds: between d²/8 and d²/4 for a distance of d · 2^512.
    const q = nextPrime(p + distance * 2n ** 512n);
    expect(findModulusWeakness(p * q)).toEqual(weakness);
  });
});

it('a small factor is told with the key it is in', async () => {
  const modulus = 3n * prime(2_046);
  expect(bitsOf(modulus)).toBe(2_048);
  const error = await expectCode(() => readPublicKey(spki(modulus), 'test'), X509Error, 'KEY_SMALL_FACTOR');
  expect(error.params).toEqual({ what: 'test', factor: 3 });
});
