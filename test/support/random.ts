/** Numbers that look random and come again with the same seed. */

/** @returns what gives whole numbers from 0 up to but not including its argument (a 32-bit generator of Marsaglia's) */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(1, Math.floor(below));
  };
}
