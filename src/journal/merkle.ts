/**
 * The Merkle tree of RFC 6962, section 2.1, over SHA-256: growing it from a compact frontier, and planning, making and
 * checking proofs. Sizes go to 2^40, past what JavaScript's bit operators hold, so indexes are divided, never shifted.
 */
import { hash as digest } from 'node:crypto';
import { JournalError } from './errors';

/** Most leaves a tree may have: an index takes five octets of a serial number. */
export const MAX_TREE_SIZE = 2 ** 40;

const HASH_BYTES = 32;
const [LEAF, NODE] = [Buffer.of(0x00), Buffer.of(0x01)];

/** A tree's whole state: the roots of its perfect subtrees from left to right, one for each set bit of its size. */
export interface TreeHead {
  readonly size: number;
  readonly frontier: readonly Buffer[];
}

/** The perfect subtree over the leaves `index * 2^level` up to but not including `(index + 1) * 2^level`. */
export interface NodeAddress {
  readonly level: number;
  readonly index: number;
}

export interface TreeNode extends NodeAddress {
  readonly hash: Buffer;
}

/** Fetches the hashes of stored nodes, in the order asked for. */
export type NodeReader = (nodes: readonly NodeAddress[]) => Promise<readonly Buffer[]>;

/** The tree before its first leaf. */
export const EMPTY_TREE: TreeHead = { size: 0, frontier: [] };

/** Hash of one entry's bytes as a leaf: the prefix 0x00 keeps leaves and nodes apart. */
export function leafHash(entry: Uint8Array): Buffer {
  return digest('sha256', Buffer.concat([LEAF, entry]), 'buffer');
}

/** Hash of two subtrees as one. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return digest('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}

/** Root of the tree without leaves: the hash of nothing. */
export function emptyRoot(): Buffer {
  return digest('sha256', '', 'buffer');
}

/**
 * Grows a tree.
 * @returns the new state, and every perfect subtree completed on the way, leaves (level 0) included: fewer than two per leaf
 * @throws JournalError `FRONTIER_MALFORMED`, `TREE_SIZE_INVALID`
 */
export function appendLeaves(
  head: TreeHead,
  leafHashes: readonly Buffer[],
): { readonly head: TreeHead; readonly nodes: readonly TreeNode[] } {
  requireHead(head);
  requireSize(head.size + leafHashes.length);
  const frontier = [...head.frontier];
  const nodes: TreeNode[] = [];
  let size = head.size;
  for (const leaf of leafHashes) {
    let node: TreeNode = { level: 0, index: size, hash: leaf };
    nodes.push(node);
    while (isOdd(node.index)) {
      // There is one: each set bit of the index is a subtree on the frontier, as requireHead has seen.
      const left = frontier.pop() as Buffer;
      node = { level: node.level + 1, index: half(node.index), hash: nodeHash(left, node.hash) };
      nodes.push(node);
    }
    frontier.push(node.hash);
    size += 1;
  }
  return { head: { size, frontier }, nodes };
}

/** The tree's root hash. @throws JournalError `FRONTIER_MALFORMED`, `TREE_SIZE_INVALID` */
export function rootHash(head: TreeHead): Buffer {
  requireHead(head);
  return foldSubtrees(head.frontier);
}

/** The frontier as bytes for storage: its hashes one after another. */
export function encodeFrontier(frontier: readonly Buffer[]): Buffer {
  return Buffer.concat(frontier);
}

/** Reads `encodeFrontier`'s bytes for a tree of the given size. @throws JournalError `FRONTIER_MALFORMED`, `TREE_SIZE_INVALID` */
export function decodeFrontier(size: number, bytes: Uint8Array): TreeHead {
  const frontier: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    frontier.push(Buffer.from(bytes.subarray(at, at + HASH_BYTES)));
  }
  const head = { size, frontier };
  requireHead(head);
  return head;
}

/** The stored nodes that are the frontier of the tree's first `size` leaves. @throws JournalError `TREE_SIZE_INVALID` */
export function frontierNodes(size: number): readonly NodeAddress[] {
  requireSize(size);
  return perfectSubtrees({ start: 0, end: size });
}

/**
 * The audit path of a leaf (RFC 6962, section 2.1.1), from the leaf upwards; at most 2 log2(size) nodes are read.
 * @throws JournalError `TREE_SIZE_INVALID`, `INDEX_OUTSIDE_TREE`, `NODE_MISSING`
 */
export async function inclusionProof(index: number, size: number, read: NodeReader): Promise<Buffer[]> {
  return readProof(pathTo(index, size), read);
}

/**
 * The proof that the tree of `oldSize` leaves is a prefix of that of `newSize` (RFC 6962, section 2.1.2); empty if the
 * old tree is empty or the sizes are equal. At most 2 log2(newSize) nodes are read.
 * @throws JournalError `TREE_SIZE_INVALID`, `SIZES_OUT_OF_ORDER`, `NODE_MISSING`
 */
export async function consistencyProof(
  oldSize: number,
  newSize: number,
  read: NodeReader,
): Promise<Buffer[]> {
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize > newSize) throw new JournalError('SIZES_OUT_OF_ORDER', { oldSize, newSize });
  if (oldSize === 0) return [];
  const { last, path } = descend(oldSize - 1, newSize, ({ end }) => end === oldSize);
  // A subtree that begins the tree is the old tree itself, whose root the verifier has.
  return readProof(last.start === 0 ? path : [last, ...path], read);
}

/** How many hashes the audit path of a leaf has in a tree of that size. @throws JournalError as `inclusionProof` */
export function auditPathLength(index: number, size: number): number {
  return pathTo(index, size).length;
}

interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/**
 * Whether the proof shows the leaf at its index in the tree (RFC 9162, section 2.1.3.2). Bad numbers or lengths: false.
 * Size and root must come from one checkpoint: a proof can fit the same root under another size of the same shape.
 */
export function verifyInclusion({ index, size, leafHash: leaf, proof, root }: InclusionClaim): boolean {
  if (!isTreeSize(size) || !isCount(index) || index >= size) return false;
  if (![leaf, root, ...proof].every(isHash)) return false;
  let position = index;
  let last = size - 1;
  let hash: Uint8Array = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      hash = nodeHash(sibling, hash);
      for (; !isOdd(position) && position !== 0; position = half(position)) last = half(last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && sameHash(hash, root);
}

interface ConsistencyClaim {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Whether the proof shows the old tree to be a prefix of the new one (RFC 9162, section 2.1.4.2). The empty tree is a
 * prefix of every tree and proves it by an empty proof. Bad numbers or lengths: false.
 */
export function verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof }: ConsistencyClaim): boolean {
  if (!isTreeSize(oldSize) || !isTreeSize(newSize) || oldSize > newSize) return false;
  if (![oldRoot, newRoot, ...proof].every(isHash)) return false;
  if (oldSize === newSize) return proof.length === 0 && sameHash(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && sameHash(oldRoot, emptyRoot());
  let position = oldSize - 1;
  let last = newSize - 1;
  for (; isOdd(position); position = half(position)) last = half(last);
  // The old tree is one perfect subtree: the proof leaves out its root, which is the old root.
  const [first, ...rest] = position === 0 ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      for (; !isOdd(position) && position !== 0; position = half(position)) last = half(last);
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && sameHash(oldHash, oldRoot) && sameHash(newHash, newRoot);
}

/** The subtree over the leaves `start` up to but not including `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Goes down from the root towards a leaf, splitting as RFC 6962 does, until a subtree satisfies `stop`.
 * @returns that subtree, and the siblings passed on the way, lowest first
 */
function descend(
  index: number,
  size: number,
  stop: (range: Range) => boolean,
): { last: Range; path: Range[] } {
  let last: Range = { start: 0, end: size };
  const path: Range[] = [];
  while (!stop(last)) {
    const middle = last.start + largestPowerBelow(last.end - last.start);
    const left = { start: last.start, end: middle };
    const right = { start: middle, end: last.end };
    path.unshift(index < middle ? right : left);
    last = index < middle ? left : right;
  }
  return { last, path };
}

/** The siblings on the way to a leaf, lowest first. */
function pathTo(index: number, size: number): readonly Range[] {
  requireSize(size);
  if (!isCount(index) || index >= size) throw new JournalError('INDEX_OUTSIDE_TREE', { index, size });
  return descend(index, size, isLeaf).path;
}

function isLeaf({ start, end }: Range): boolean {
  return end - start === 1;
}

/** Reads in one go what the subtrees are made of, and gives the root of each. */
async function readProof(ranges: readonly Range[], read: NodeReader): Promise<Buffer[]> {
  const parts = ranges.map(perfectSubtrees);
  const addresses = parts.flat();
  if (addresses.length === 0) return [];
  const hashes = await read(addresses);
  addresses.forEach(({ level, index }, at) => {
    if (!isHash(hashes[at])) throw new JournalError('NODE_MISSING', { level, index });
  });
  const roots: Buffer[] = [];
  let at = 0;
  for (const { length } of parts) {
    roots.push(foldSubtrees(hashes.slice(at, at + length)));
    at += length;
  }
  return roots;
}

/** The perfect subtrees a range consists of, largest (leftmost) first; `start` is where a subtree of its size may begin. */
function perfectSubtrees({ start, end }: Range): NodeAddress[] {
  const addresses: NodeAddress[] = [];
  let width = 1;
  let level = 0;
  for (; width * 2 <= end - start; width *= 2) level += 1;
  for (let at = start; at < end; width /= 2, level -= 1) {
    if (at + width > end) continue;
    addresses.push({ level, index: at / width });
    at += width;
  }
  return addresses;
}

/** The root over neighbouring perfect subtrees: the smaller ones on the right are joined first. */
function foldSubtrees(hashes: readonly Buffer[]): Buffer {
  const [last, ...others] = hashes.toReversed();
  return last === undefined ? emptyRoot() : others.reduce((right, left) => nodeHash(left, right), last);
}

/** The largest power of two below n, for n of 2 and more. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function requireHead({ size, frontier }: TreeHead): void {
  requireSize(size);
  const found = frontier.reduce((sum, hash) => sum + hash.length, 0);
  const expected = perfectSubtrees({ start: 0, end: size }).length * HASH_BYTES;
  if (found !== expected || !frontier.every(isHash)) {
    throw new JournalError('FRONTIER_MALFORMED', { size, found, expected });
  }
}

function requireSize(size: number): void {
  if (!isTreeSize(size)) throw new JournalError('TREE_SIZE_INVALID', { size });
}

function isTreeSize(size: number): boolean {
  return isCount(size) && size <= MAX_TREE_SIZE;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function isHash(hash: Uint8Array | undefined): boolean {
  return hash?.length === HASH_BYTES;
}

function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}
