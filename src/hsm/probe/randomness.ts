/** The device's random generator: that it answers, and that what it gives is not plainly broken. No test proves more. */
import type { Session } from 'graphene-pk11';
import type { Bench } from './bench';
import type { Outcome } from './checkList';

const DRAW_BYTES = 32;
const SAMPLE_BYTES = 16 * 1024;
const DRAW_AT_ONCE = 1024;

/** Of full entropy, one in so many windows or samples is refused by chance: 2^-40. */
const FALSE_ALARM = 2 ** -40;
/** Bits of entropy in a byte of what a generator gives that fits for keys. */
const ENTROPY = 8;
/** NIST SP 800-90B, section 4.4.2, for samples that are not binary. */
const WINDOW = 512;

export async function checkRandomness({ list, token }: Bench, session: Session): Promise<void> {
  const draw = (bytes: number): Buffer => session.lib.C_GenerateRandom(session.handle, Buffer.alloc(bytes));
  if (!token.facts.flags.randomGenerator) {
    list.add('random-generator', '', 'CKF_RNG', ['not-supported', '!CKF_RNG']);
    return;
  }
  const result = await list.make('random-generator', '', '1 ≠ 2', (): Outcome => {
    const [first, second] = [draw(DRAW_BYTES), draw(DRAW_BYTES)];
    const untouched = [first, second].some((drawn) => drawn.every((octet) => octet === 0));
    return first.equals(second) || untouched ? ['fail', '1 = 2'] : ['pass', '1 ≠ 2'];
  });
  if (result !== 'pass') return;
  const cutoffs = `repetitions < ${String(REPETITIONS)}, in ${String(WINDOW)} < ${String(PROPORTION)}`;
  await list.make('random-health', '', cutoffs, (): Outcome => {
    const samples = Buffer.concat(
      Array.from({ length: SAMPLE_BYTES / DRAW_AT_ONCE }, () => Buffer.from(draw(DRAW_AT_ONCE))),
    );
    const [run, share] = [longestRun(samples), largestShare(samples)];
    const found = `${String(SAMPLE_BYTES)} B: repetitions ${String(run)}, in ${String(WINDOW)} ${String(share)}`;
    return [run < REPETITIONS && share < PROPORTION ? 'pass' : 'fail', found];
  });
}

/** Repetition count (SP 800-90B, section 4.4.1): the longest run of one value. */
export function longestRun(samples: Uint8Array): number {
  let [longest, run] = [0, 0];
  let last: number | undefined;
  for (const sample of samples) {
    run = sample === last ? run + 1 : 1;
    last = sample;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Adaptive proportion (section 4.4.2): how often a window's first value occurs in it, at most. */
export function largestShare(samples: Uint8Array): number {
  let largest = 0;
  for (let start = 0; start + WINDOW <= samples.length; start += WINDOW) {
    const window = samples.subarray(start, start + WINDOW);
    largest = Math.max(largest, window.filter((sample) => sample === window[0]).length);
  }
  return largest;
}

const REPETITIONS = 1 + Math.ceil(-Math.log2(FALSE_ALARM) / ENTROPY);
const PROPORTION = 1 + criticalBinomial(WINDOW, 2 ** -ENTROPY, 1 - FALSE_ALARM);

/** The least number of successes in so many trials that is not exceeded with this probability (CRITBINOM). */
function criticalBinomial(trials: number, chance: number, probability: number): number {
  let term = (1 - chance) ** trials;
  let sum = term;
  let successes = 0;
  while (sum < probability && successes < trials) {
    term *= ((trials - successes) / (successes + 1)) * (chance / (1 - chance));
    successes += 1;
    sum += term;
  }
  return successes;
}
