/** The two health tests of SP 800-90B, on sequences whose outcome can be counted by hand. */
import { randomBytes } from 'node:crypto';
import { largestShare, longestRun } from '../../../src/hsm/probe/randomness';

test.each([
  [[], 0],
  [[7], 1],
  [[1, 2, 2, 2, 3, 3], 3],
  [[5, 5, 5, 5], 4],
  [[1, 2, 1, 2], 1],
])('the longest run in %j is %i', (samples, longest) => {
  expect(longestRun(Uint8Array.from(samples))).toBe(longest);
});

test('the share of a window’s first value, in whole windows only', () => {
  const window = Uint8Array.from({ length: 512 }, (_, at) => (at % 4 === 0 ? 9 : at % 251));
  const others = window.filter((sample, at) => sample === 9 && at % 4 !== 0).length;
  expect(largestShare(window)).toBe(128 + others);
  expect(largestShare(window.subarray(0, 511))).toBe(0);
  expect(largestShare(Buffer.concat([Buffer.from(window.map((_, at) => at % 256)), window]))).toBe(
    128 + others,
  );
});

test('random numbers stay far from where they are refused', () => {
  const samples = randomBytes(16 * 1024);
  expect(longestRun(samples)).toBeLessThan(6);
  expect(largestShare(samples)).toBeLessThan(19);
});
