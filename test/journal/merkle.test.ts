/** The Merkle tree against the published test roots and against RFC 6962's recursive definitions. */
import fc from 'fast-check';
import { JournalError } from '../../src/journal/errors';
import {
  appendLeaves,
  consistencyProof,
  decodeFrontier,
  EMPTY_TREE,
  emptyRoot,
  encodeFrontier,
  frontierNodes,
  inclusionProof,
  leafHash,
  MAX_TREE_SIZE,
  nodeHash,
  rootHash,
  verifyConsistency,
  verifyInclusion,
  type NodeReader,
  type TreeNode,
} from '../../src/journal/merkle';
import { expectCode } from '../support/matchers';
import { addressOf, entriesOf, grow, mth, path, subproof, tampered } from './referenceTree';

/** The leaf inputs and roots of the certificate-transparency reference tests. */
const VECTOR_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const VECTOR_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const SIZE = 300;
const entries = entriesOf(SIZE);
const tree = grow(entries);

describe('the root hash', () => {
  test('is that of the published vectors at every size', () => {
    expect(grow(VECTOR_LEAVES).roots.map((root) => root.toString('hex'))).toEqual(VECTOR_ROOTS);
    expect(emptyRoot().toString('hex')).toBe(VECTOR_ROOTS[0]);
  });

  test('is that of the recursive definition for sizes 0 to 300', () => {
    tree.roots.forEach((root, size) => {
      expect(root.equals(mth(entries.slice(0, size)))).toBe(true);
    });
  });

  test('is the same however the leaves were divided into batches', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 7 }), (batches) => {
        let head = EMPTY_TREE;
        const nodes: TreeNode[] = [];
        for (const count of batches) {
          const leaves = entries.slice(head.size, head.size + count).map(leafHash);
          const grown = appendLeaves(head, leaves);
          head = grown.head;
          nodes.push(...grown.nodes);
        }
        expect(head).toEqual(tree.heads[head.size]);
        expect(nodes.length).toBeLessThanOrEqual(2 * head.size);
        expect(nodes.every((node) => tree.nodes.get(addressOf(node))?.equals(node.hash))).toBe(true);
      }),
    );
  });
});

describe('growing', () => {
  test('completes each perfect subtree once, with its root', () => {
    expect(tree.nodes.size).toBe(
      [...Array(9).keys()].reduce((sum, level) => sum + Math.floor(SIZE / 2 ** level), 0),
    );
    for (const [address, hash] of tree.nodes) {
      const [level, index] = address.split('/').map(Number) as [number, number];
      expect(hash).toEqual(mth(entries.slice(index * 2 ** level, (index + 1) * 2 ** level)));
    }
  });

  test('leaves the given head as it was', () => {
    const head = tree.heads[7]!;
    const before = [...head.frontier];
    appendLeaves(head, [leafHash(Buffer.from('x'))]);
    expect(head.frontier).toEqual(before);
  });

  test('stops at 2^40 leaves', async () => {
    const hash = leafHash(Buffer.from('x'));
    const nearlyFull = { size: MAX_TREE_SIZE - 1, frontier: Array.from({ length: 40 }, () => hash) };
    const full = appendLeaves(nearlyFull, [hash]);
    expect(full.head.size).toBe(2 ** 40);
    expect(full.head.frontier).toHaveLength(1);
    expect(full.nodes.at(-1)).toMatchObject({ level: 40, index: 0 });
    expect(full.nodes[0]).toMatchObject({ level: 0, index: 2 ** 40 - 1 });
    await expectCode(() => appendLeaves(full.head, [hash]), JournalError, 'TREE_SIZE_INVALID');
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses the size %d', async (size) => {
    await expectCode(() => rootHash({ size, frontier: [] }), JournalError, 'TREE_SIZE_INVALID');
    await expectCode(() => frontierNodes(size), JournalError, 'TREE_SIZE_INVALID');
    await expectCode(inclusionProof(0, size, tree.read), JournalError, 'TREE_SIZE_INVALID');
  });

  test('refuses a head whose frontier does not fit its size', async () => {
    const { size, frontier } = tree.heads[7]!;
    const short = frontier.map((hash, i) => (i === 0 ? hash.subarray(1) : hash));
    for (const damaged of [
      { size: size + 1, frontier },
      { size, frontier: frontier.slice(1) },
      { size, frontier: short },
    ]) {
      await expectCode(() => appendLeaves(damaged, []), JournalError, 'FRONTIER_MALFORMED');
      await expectCode(() => rootHash(damaged), JournalError, 'FRONTIER_MALFORMED');
    }
  });
});

describe('the stored frontier', () => {
  test('comes back for every size', () => {
    for (const head of tree.heads) {
      expect(decodeFrontier(head.size, encodeFrontier(head.frontier))).toEqual(head);
    }
  });

  test('is refused when it does not fit the size', async () => {
    const bytes = encodeFrontier(tree.heads[7]!.frontier);
    const cases: [number, Buffer][] = [
      [8, bytes],
      [7, bytes.subarray(1)],
      [7, Buffer.concat([bytes, bytes])],
      [0, bytes],
    ];
    for (const [size, damaged] of cases) {
      await expectCode(() => decodeFrontier(size, damaged), JournalError, 'FRONTIER_MALFORMED');
    }
  });

  test('is what the named nodes hold', async () => {
    for (const { size, frontier } of tree.heads) {
      expect(await tree.read(frontierNodes(size))).toEqual(frontier);
    }
  });
});

describe('inclusion', () => {
  test('every proof up to size 40 is that of the recursive definition and verifies for its own leaf and place only', async () => {
    for (let size = 1; size <= 40; size += 1) {
      const root = tree.roots[size]!;
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(index, size, tree.read);
        expect(proof).toEqual(path(index, entries.slice(0, size)));
        const claim = { index, size, leafHash: leafHash(entries[index]!), proof, root };
        const others = [...Array(size).keys()];
        expect(others.filter((other) => verifyInclusion({ ...claim, index: other }))).toEqual([index]);
        const leaves = others.map((other) => leafHash(entries[other]!));
        expect(leaves.filter((leaf) => verifyInclusion({ ...claim, leafHash: leaf }))).toEqual([
          claim.leafHash,
        ]);
      }
    }
  });

  test('and so for any leaf of sizes to 300, by few reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: SIZE }), fc.nat(), async (size, n) => {
        const index = n % size;
        let reads = 0;
        const proof = await inclusionProof(index, size, async (nodes) => {
          reads += nodes.length;
          return tree.read(nodes);
        });
        expect(proof).toEqual(path(index, entries.slice(0, size)));
        expect(reads).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(size)));
        const claim = { index, size, leafHash: leafHash(entries[index]!), proof, root: tree.roots[size]! };
        expect(verifyInclusion(claim)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('fails when any byte of leaf, proof or root is changed, or a hash is added, left out or cut', async () => {
    const [index, size] = [77, 203];
    const good = {
      index,
      size,
      leafHash: leafHash(entries[index]!),
      proof: await inclusionProof(index, size, tree.read),
      root: tree.roots[size]!,
    };
    expect(verifyInclusion(good)).toBe(true);
    for (const proof of tampered(good.proof)) expect(verifyInclusion({ ...good, proof })).toBe(false);
    for (const [root] of tampered([good.root])) expect(verifyInclusion({ ...good, root: root! })).toBe(false);
    for (const [leaf] of tampered([good.leafHash])) {
      expect(verifyInclusion({ ...good, leafHash: leaf! })).toBe(false);
    }
    for (const wrong of [-1, 0, 76, 78, 202, 203, 77.5, Number.NaN]) {
      expect(verifyInclusion({ ...good, index: wrong })).toBe(false);
    }
    for (const wrong of [0, 77, 78, 128, 300, -1, Number.NaN, 2 ** 41]) {
      expect(verifyInclusion({ ...good, size: wrong })).toBe(false);
    }
  });

  test('the only leaf needs no proof', async () => {
    expect(await inclusionProof(0, 1, tree.read)).toEqual([]);
    const leaf = leafHash(entries[0]!);
    expect(verifyInclusion({ index: 0, size: 1, leafHash: leaf, proof: [], root: leaf })).toBe(true);
    expect(verifyInclusion({ index: 0, size: 0, leafHash: leaf, proof: [], root: leaf })).toBe(false);
  });

  test('of a leaf outside the tree is refused', async () => {
    for (const index of [5, -1, 0.5]) {
      await expectCode(inclusionProof(index, 5, tree.read), JournalError, 'INDEX_OUTSIDE_TREE');
    }
  });
});

describe('consistency', () => {
  test('every proof up to size 40 is that of the recursive definition and verifies', async () => {
    for (let newSize = 1; newSize <= 40; newSize += 1) {
      const newRoot = tree.roots[newSize]!;
      for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
        const proof = await consistencyProof(oldSize, newSize, tree.read);
        expect(proof).toEqual(subproof(oldSize, entries.slice(0, newSize), true));
        const claim = { oldSize, newSize, oldRoot: tree.roots[oldSize]!, newRoot, proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: tree.roots[oldSize - 1]! })).toBe(false);
        expect(verifyConsistency({ ...claim, newRoot: tree.roots[newSize + 1]! })).toBe(false);
      }
    }
  });

  test('and so for any sizes to 300, by few reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: SIZE }), fc.nat(), async (newSize, n) => {
        const oldSize = 1 + (n % newSize);
        let reads = 0;
        const proof = await consistencyProof(oldSize, newSize, async (nodes) => {
          reads += nodes.length;
          return tree.read(nodes);
        });
        expect(proof).toEqual(subproof(oldSize, entries.slice(0, newSize), true));
        expect(reads).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(newSize)));
        const [oldRoot, newRoot] = [tree.roots[oldSize]!, tree.roots[newSize]!];
        expect(verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof })).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    [77, 203],
    [64, 203],
    [202, 203],
  ])(
    'from %d to %d fails when any byte is changed, or a hash is added, left out or cut',
    async (oldSize, newSize) => {
      const good = {
        oldSize,
        newSize,
        oldRoot: tree.roots[oldSize]!,
        newRoot: tree.roots[newSize]!,
        proof: await consistencyProof(oldSize, newSize, tree.read),
      };
      expect(verifyConsistency(good)).toBe(true);
      for (const proof of tampered(good.proof)) expect(verifyConsistency({ ...good, proof })).toBe(false);
      for (const [hash] of tampered([good.oldRoot])) {
        expect(verifyConsistency({ ...good, oldRoot: hash! })).toBe(false);
      }
      for (const [hash] of tampered([good.newRoot])) {
        expect(verifyConsistency({ ...good, newRoot: hash! })).toBe(false);
      }
      for (const wrong of [-1, 0, oldSize - 1, oldSize + 1, newSize + 1, 0.5, Number.NaN]) {
        expect(verifyConsistency({ ...good, oldSize: wrong })).toBe(false);
      }
      for (const wrong of [oldSize, 128, 300, Number.NaN, 2 ** 41]) {
        expect(verifyConsistency({ ...good, newSize: wrong })).toBe(false);
      }
    },
  );

  test('a rewritten history does not verify', async () => {
    const forged = grow(entries.map((entry, i) => (i === 20 ? Buffer.from('another') : entry)));
    const proof = await consistencyProof(50, 100, forged.read);
    const claim = { oldSize: 50, newSize: 100, newRoot: forged.roots[100]!, proof };
    expect(verifyConsistency({ ...claim, oldRoot: forged.roots[50]! })).toBe(true);
    expect(verifyConsistency({ ...claim, oldRoot: tree.roots[50]! })).toBe(false);
  });

  test('with the empty tree and with itself is proved by nothing', async () => {
    const root = tree.roots[9]!;
    expect(await consistencyProof(0, 9, tree.read)).toEqual([]);
    expect(await consistencyProof(9, 9, tree.read)).toEqual([]);
    const fromEmpty = { oldSize: 0, newSize: 9, oldRoot: emptyRoot(), newRoot: root, proof: [] };
    expect(verifyConsistency(fromEmpty)).toBe(true);
    expect(verifyConsistency({ ...fromEmpty, oldRoot: root })).toBe(false);
    expect(verifyConsistency({ ...fromEmpty, proof: [root] })).toBe(false);
    const same = { oldSize: 9, newSize: 9, oldRoot: root, newRoot: root, proof: [] };
    expect(verifyConsistency(same)).toBe(true);
    expect(verifyConsistency({ ...same, oldRoot: tree.roots[8]! })).toBe(false);
    expect(verifyConsistency({ ...same, proof: [root] })).toBe(false);
  });

  test('of a tree that shrank is refused', async () => {
    await expectCode(consistencyProof(9, 8, tree.read), JournalError, 'SIZES_OUT_OF_ORDER');
  });
});

describe('large trees and damaged stores', () => {
  /** A tree of equal leaves: all subtrees of one level have one hash, so any size can be read without building it. */
  const levels = [leafHash(Buffer.from('x'))];
  for (let level = 1; level <= 40; level += 1) levels.push(nodeHash(levels[level - 1]!, levels[level - 1]!));
  const read: NodeReader = async (nodes) => nodes.map(({ level }) => levels[level]!);
  const rootAt = async (size: number): Promise<Buffer> =>
    rootHash({ size, frontier: await read(frontierNodes(size)) });

  test('proofs hold for sizes up to 2^40', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2 ** 32, max: MAX_TREE_SIZE }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (size, part) => {
          const index = Math.floor(size * part);
          const oldSize = index + 1;
          const root = await rootAt(size);
          const inclusion = await inclusionProof(index, size, read);
          expect(verifyInclusion({ index, size, leafHash: levels[0]!, proof: inclusion, root })).toBe(true);
          const proof = await consistencyProof(oldSize, size, read);
          const roots = { oldRoot: await rootAt(oldSize), newRoot: root };
          expect(verifyConsistency({ oldSize, newSize: size, ...roots, proof })).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a full tree has one frontier node', () => {
    expect(frontierNodes(MAX_TREE_SIZE)).toEqual([{ level: 40, index: 0 }]);
    expect(frontierNodes(2 ** 35 + 5)).toEqual([
      { level: 35, index: 0 },
      { level: 2, index: 2 ** 33 },
      { level: 0, index: 2 ** 35 + 4 },
    ]);
  });

  test('a node that is missing or has a wrong length is named', async () => {
    const missing: NodeReader = async (nodes) => (await tree.read(nodes)).slice(0, -1);
    const cut: NodeReader = async (nodes) => (await tree.read(nodes)).map((hash) => hash.subarray(1));
    const error = await expectCode(inclusionProof(0, 4, missing), JournalError, 'NODE_MISSING');
    expect(error.params).toEqual({ level: 1, index: 1 });
    await expectCode(consistencyProof(3, 4, cut), JournalError, 'NODE_MISSING');
  });
});
