/**
 * How much of a stored tree its head and proofs read: in a tree of equal leaves every node of a level has one hash, so
 * that trees of any size stand ready and each read is counted.
 */
import {
  appendLeaves,
  consistencyProof,
  frontierNodes,
  inclusionProof,
  leafHash,
  nodeHash,
  rootHash,
  verifyConsistency,
  verifyInclusion,
  type NodeAddress,
  type TreeHead,
} from '../../src/journal';

const LEAF = leafHash(Buffer.from('entry'));
const LEVELS = Array.from({ length: 40 }).reduce<Buffer[]>(
  (levels) => [...levels, nodeHash(levels.at(-1) ?? LEAF, levels.at(-1) ?? LEAF)],
  [LEAF],
);
const SIZES = [1000, 2 ** 20, 2 ** 20 + 1, 10_000_000, 2 ** 24 - 1, 2 ** 40 - 1];

let reads = 0;

async function read(addresses: readonly NodeAddress[]): Promise<readonly Buffer[]> {
  reads += addresses.length;
  return addresses.map(({ level }) => LEVELS[level] ?? Buffer.alloc(0));
}

async function headOf(size: number): Promise<TreeHead> {
  return { size, frontier: [...(await read(frontierNodes(size)))] };
}

async function readsOf<T>(work: () => Promise<T>): Promise<[T, number]> {
  reads = 0;
  return [await work(), reads];
}

describe.each(SIZES)('of %d entries', (size) => {
  const log = Math.log2(size);

  test('the head, and what an entry adds to it', async () => {
    const [head, count] = await readsOf(() => headOf(size));
    expect(count).toBeLessThanOrEqual(log + 1);
    if (size === 2 ** 40 - 1) return;
    const { nodes, head: next } = appendLeaves(head, [LEAF]);
    expect(nodes.length).toBeLessThanOrEqual(log + 2);
    expect(rootHash(next)).toEqual(rootHash(await headOf(size + 1)));
  });

  const places = [0, 1, 2, 3].map((part) => Math.floor(((size - 1) * part) / 3));

  test.each(places)('a proof of entry %d', async (index) => {
    const root = rootHash(await headOf(size));
    const [proof, count] = await readsOf(() => inclusionProof(index, size, read));
    expect(count).toBeLessThanOrEqual(3 * log);
    expect(verifyInclusion({ index, size, leafHash: LEAF, proof, root })).toBe(true);
  });

  test.each([1, ...places.slice(1)])('a proof that it began with %d', async (oldSize) => {
    const [oldRoot, newRoot] = [rootHash(await headOf(oldSize)), rootHash(await headOf(size))];
    const [proof, count] = await readsOf(() => consistencyProof(oldSize, size, read));
    expect(count).toBeLessThanOrEqual(3 * log);
    expect(verifyConsistency({ oldSize, newSize: size, oldRoot, newRoot, proof })).toBe(true);
  });
});
