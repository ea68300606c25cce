/** RFC 6962's recursive definitions, slow and plain, and a tree grown by the product to hold against them. */
import { createHash } from 'node:crypto';
import {
  appendLeaves,
  EMPTY_TREE,
  leafHash,
  rootHash,
  type NodeAddress,
  type NodeReader,
  type TreeHead,
} from '../../src/journal/merkle';

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

function splitOf(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** MTH of section 2.1, over leaf inputs. */
export function mth(d: readonly Buffer[]): Buffer {
  if (d.length === 0) return sha256();
  if (d.length === 1) return sha256(Buffer.of(0), d[0]!);
  const k = splitOf(d.length);
  return sha256(Buffer.of(1), mth(d.slice(0, k)), mth(d.slice(k)));
}

/** PATH of section 2.1.1. */
export function path(m: number, d: readonly Buffer[]): Buffer[] {
  if (d.length === 1) return [];
  const k = splitOf(d.length);
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}

/** SUBPROOF of section 2.1.2. */
export function subproof(m: number, d: readonly Buffer[], complete: boolean): Buffer[] {
  if (m === d.length) return complete ? [] : [mth(d)];
  const k = splitOf(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), complete), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}

export const entriesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => Buffer.from(`entry ${i}`));

interface Grown {
  readonly heads: readonly TreeHead[];
  readonly roots: readonly Buffer[];
  readonly nodes: ReadonlyMap<string, Buffer>;
  readonly read: NodeReader;
}

export const addressOf = ({ level, index }: NodeAddress): string => `${level}/${index}`;

/** Grows a tree leaf by leaf, keeping every state it went through. */
export function grow(entries: readonly Buffer[]): Grown {
  const heads: TreeHead[] = [EMPTY_TREE];
  const nodes = new Map<string, Buffer>();
  for (const entry of entries) {
    const grown = appendLeaves(heads.at(-1)!, [leafHash(entry)]);
    heads.push(grown.head);
    for (const node of grown.nodes) nodes.set(addressOf(node), node.hash);
  }
  const read: NodeReader = async (addresses) => addresses.map((address) => nodes.get(addressOf(address))!);
  return { heads, roots: heads.map(rootHash), nodes, read };
}

/** The list with one bit of one byte changed, at each byte in turn; then with a hash too many, too few, too short. */
export function* tampered(hashes: readonly Buffer[]): Generator<Buffer[]> {
  for (const [i, hash] of hashes.entries()) {
    for (let at = 0; at < hash.length; at += 1) {
      const changed = Buffer.from(hash);
      changed[at] = changed[at]! ^ (1 << (at % 8));
      yield hashes.with(i, changed);
    }
    yield hashes.with(i, hash.subarray(1));
  }
  if (hashes.length > 1) {
    yield hashes.slice(1);
    yield hashes.slice(0, -1);
    yield hashes.toReversed();
    yield [...hashes, hashes[0]!];
    yield [hashes[0]!, ...hashes];
  }
}
