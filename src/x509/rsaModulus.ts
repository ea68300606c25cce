/**
 * RSA moduli that anybody can factor: with a small prime in them, made by the ROCA generator, or of two primes that lie
 * close together. Cheap enough (about 40 µs for 3,072 bits) to be asked of every key that is read.
 */

/** Why a modulus must not be certified. */
export type ModulusWeakness =
  | { readonly kind: 'small-factor'; readonly factor: number }
  /** CVE-2017-15361. */
  | { readonly kind: 'roca' }
  /** CVE-2022-26320, and every other generator that looks for the second prime beside the first. */
  | { readonly kind: 'close-primes' };

/** NIST SP 800-89, section 5.3.3, and the CA/Browser Forum's Baseline Requirements, section 6.1.6: none below 752. */
const FACTOR_BOUND = 752;
/** The generator of CVE-2017-15361 takes its primes from powers of 65537 modulo the product of the primes up to here. */
const ROCA_BOUND = 167;
const ROCA_GENERATOR = 65_537;
/** Rounds of Fermat's method; a good key of 2,048 bits would need more than 2^400. */
const FERMAT_ROUNDS = 100;

const ODD_PRIMES = oddPrimesBelow(FACTOR_BOUND);

/** Primes whose product a double can still hold exactly, so that one long division serves several. */
const CHUNKS = chunksOf(ODD_PRIMES);
/** One division of the modulus; all others are of its short remainder. */
const PRIMORIAL = product(ODD_PRIMES);

/** By prime: which remainders a modulus of the generator may leave, the powers of 65537. */
const ROCA_REMAINDERS = ODD_PRIMES.filter((prime) => prime <= ROCA_BOUND).map((prime) => ({
  prime,
  powers: powersOf(ROCA_GENERATOR, prime),
}));

/** What a square leaves modulo each of these is one of few; together they let through one number in 3,000 or so. */
const SIEVE = [64, 63, 65, 11, 17, 19, 23, 31].map((modulus) => ({ modulus, squares: squaresOf(modulus) }));
const SIEVE_PRODUCT = product(SIEVE.map(({ modulus }) => modulus));

/** @param modulus positive and odd */
export function findModulusWeakness(modulus: bigint): ModulusWeakness | undefined {
  const remainders = smallRemainders(modulus);
  for (const [prime, remainder] of remainders) {
    if (remainder === 0) return { kind: 'small-factor', factor: prime };
  }
  // M. Nemec et al., "The Return of Coppersmith's Attack" (CCS 2017), section 5.1: the fingerprint.
  if (ROCA_REMAINDERS.every(({ prime, powers }) => powers.has(remainders.get(prime) ?? 0)))
    return { kind: 'roca' };
  return hasClosePrimes(modulus) ? { kind: 'close-primes' } : undefined;
}

/** What the modulus leaves when it is divided by each small prime. */
function smallRemainders(modulus: bigint): ReadonlyMap<number, number> {
  const short = modulus % PRIMORIAL;
  const remainders = new Map<number, number>();
  for (const { primes, product: divisor } of CHUNKS) {
    const rest = Number(short % divisor);
    for (const prime of primes) remainders.set(prime, rest % prime);
  }
  return remainders;
}

/**
 * Fermat's method: n = a² − b² with a from √n upwards. Only the remainders of a² − n modulo the sieve's numbers are
 * carried from round to round; the square root is taken of the few candidates that pass all of them.
 */
function hasClosePrimes(modulus: bigint): boolean {
  const floor = squareRoot(modulus);
  const start = floor * floor === modulus ? floor : floor + 1n;
  const [a, n] = [Number(start % SIEVE_PRODUCT), Number(modulus % SIEVE_PRODUCT)];
  const sieve = SIEVE.map(({ modulus: m, squares }) => ({ m, squares, a: a % m, n: n % m }));
  for (let round = 0; round < FERMAT_ROUNDS; round += 1) {
    const passes = sieve.every((one) => {
      const at = (one.a + round) % one.m;
      return one.squares.has((at * at + one.m - one.n) % one.m);
    });
    if (!passes) continue;
    const candidate = start + BigInt(round);
    const square = candidate * candidate - modulus;
    if (squareRoot(square) ** 2n === square) return true;
  }
  return false;
}

/** The greatest integer whose square is not above the given one: Newton's method, from a little above. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  // A double's square root of the leading 97 to 100 bits is right to less than 1; half of the digits are left to find.
  const half = BigInt(Math.max(0, value.toString(16).length * 2 - 50));
  let root = BigInt(Math.floor(Math.sqrt(Number(value >> (2n * half)))) + 2) << half;
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function oddPrimesBelow(bound: number): readonly number[] {
  const primes: number[] = [];
  for (let odd = 3; odd < bound; odd += 2) {
    if (primes.every((prime) => odd % prime !== 0)) primes.push(odd);
  }
  return primes;
}

interface Chunk {
  readonly primes: readonly number[];
  readonly product: bigint;
}

function chunksOf(primes: readonly number[]): readonly Chunk[] {
  const chunks: number[][] = [[]];
  let held = 1;
  for (const prime of primes) {
    if (held * prime > Number.MAX_SAFE_INTEGER) {
      chunks.push([]);
      held = 1;
    }
    chunks.at(-1)?.push(prime);
    held *= prime;
  }
  return chunks.map((some) => ({ primes: some, product: product(some) }));
}

function product(numbers: readonly number[]): bigint {
  return numbers.reduce((all, one) => all * BigInt(one), 1n);
}

function powersOf(generator: number, modulus: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * generator) % modulus) powers.add(power);
  return powers;
}

function squaresOf(modulus: number): ReadonlySet<number> {
  return new Set(Array.from({ length: modulus }, (_, root) => (root * root) % modulus));
}
