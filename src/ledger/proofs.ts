/** Reading a stored tree: the head it had at any size, proofs, and whether its end is sound; a few rows for each. */
import {
  appendLeaves,
  consistencyProof,
  frontierNodes,
  inclusionProof,
  rootHash,
  verifyConsistency,
  verifyInclusion,
  type NodeAddress,
  type NodeReader,
  type TreeHead,
} from '../journal';
import type { ProvenEntry } from '../proof';
import type { Certificate } from '../x509';
import { entryWith } from './decoding';
import { LedgerError } from './errors';
import {
  leafOf,
  readEntriesAt,
  readOrigin,
  type LedgerDatabase,
  type StoredEntry,
  type StoredJournal,
} from './rows';

/** Reads tree nodes for proofs, all in two queries at most. Its reader throws LedgerError `ENTRY_MISSING` for a leaf that is gone. */
function treeNodeReader(db: LedgerDatabase, journal: number): NodeReader {
  return async (addresses) => {
    const leaves = addresses.flatMap(({ level, index }) => (level === 0 ? [index] : []));
    const entries = await readEntriesAt(db, journal, leaves);
    const inner = await readTreeNodes(
      db,
      journal,
      addresses.filter(({ level }) => level > 0),
    );
    const gone = leaves.find((index) => !entries.has(index));
    if (gone !== undefined)
      throw new LedgerError('ENTRY_MISSING', { origin: await readOrigin(db, journal), index: gone });
    return addresses.map(({ level, index }) => {
      const entry = level === 0 ? entries.get(index) : undefined;
      const hash = entry === undefined ? inner.get(`${level} ${index}`) : leafOf(entry);
      return hash ?? Buffer.alloc(0);
    });
  };
}

/** @returns by level and index */
async function readTreeNodes(
  db: LedgerDatabase,
  journal: number,
  addresses: readonly NodeAddress[],
): Promise<ReadonlyMap<string, Buffer>> {
  if (addresses.length === 0) return new Map();
  const rows = await db
    .selectFrom('treeNodes')
    .select(['level', 'idx', 'hash'])
    // The whole key in each part: otherwise SQLite reads every node of the journal.
    .where((row) =>
      row.or(
        addresses.map(({ level, index }) =>
          row.and([row('journal', '=', journal), row('level', '=', level), row('idx', '=', index)]),
        ),
      ),
    )
    .execute();
  return new Map(rows.map(({ level, idx, hash }) => [`${level} ${idx}`, hash]));
}

/** What a journal's row says of its tree. */
type StoredTree = Pick<StoredJournal, 'id' | 'origin' | 'head' | 'rootHash'>;

/**
 * The tree as it was at an earlier size, from the stored nodes, shown to be a prefix of the tree whose root hash is
 * stored: a head is signed, and others are accused by it, so that a damaged entry must not make another one.
 * @throws LedgerError `TREE_DAMAGED`, `ENTRY_MISSING`; JournalError
 */
export async function headAt(
  db: LedgerDatabase,
  { id, origin, head, rootHash: root }: StoredTree,
  size: number,
): Promise<TreeHead> {
  const read = treeNodeReader(db, id);
  const earlier = size === head.size ? head : { size, frontier: await read(frontierNodes(size)) };
  const [oldRoot, proof] = [rootHash(earlier), await consistencyProof(size, head.size, read)];
  if (!verifyConsistency({ oldSize: size, newSize: head.size, oldRoot, newRoot: root, proof })) {
    const [found, expected] = [oldRoot.toString('hex'), root.toString('hex')];
    throw new LedgerError('TREE_DAMAGED', { origin, what: `the head of ${size} entries`, found, expected });
  }
  return earlier;
}

/**
 * The root hash, hex, of a journal when it had so many entries.
 * @param more entries that follow those stored, and may count
 * @returns `undefined` if there are not so many
 */
export async function rootAt(
  db: LedgerDatabase,
  tree: StoredTree,
  more: readonly StoredEntry[],
  size: number,
): Promise<string | undefined> {
  const { head } = tree;
  if (size > head.size + more.length) return undefined;
  const leaves = more.slice(0, Math.max(0, size - head.size)).map(leafOf);
  const then = size > head.size ? appendLeaves(head, leaves).head : await headAt(db, tree, size);
  return rootHash(then).toString('hex');
}

/** The root hash, hex, of the tree as it was at an earlier size. */
export async function rootHashAt(db: LedgerDatabase, tree: StoredTree, size: number): Promise<string> {
  return rootHash(await headAt(db, tree, size)).toString('hex');
}

/**
 * An entry with its audit path, from the stored nodes.
 * @param size of the tree as it was: the entry must be among its leaves
 * @param copy of the certificate in it, which may have been removed here
 * @throws LedgerError `ENTRY_MISSING`, `CERTIFICATE_REMOVED`; JournalError
 */
export async function proveEntry(
  db: LedgerDatabase,
  { id, origin }: Pick<StoredJournal, 'id' | 'origin'>,
  index: number,
  size: number,
  copy?: Certificate,
): Promise<ProvenEntry> {
  const stored = (await readEntriesAt(db, id, [index])).get(index);
  if (stored === undefined) throw new LedgerError('ENTRY_MISSING', { origin, index });
  const bytes = copy === undefined && stored.leaf === null ? stored.bytes : copy && entryWith(stored, copy);
  if (bytes === undefined) throw new LedgerError('CERTIFICATE_REMOVED', { origin, index });
  return { index, bytes, auditPath: await inclusionProof(index, size, treeNodeReader(db, id)) };
}

/**
 * Holds the end of a stored journal to itself, as cheaply as it is appended to: the last entry must be in the tree whose
 * root is stored, no entry may follow it, and the frontier must give that root.
 * @throws LedgerError `TREE_DAMAGED`, `ENTRY_MISSING`
 */
export async function checkEnd(
  db: LedgerDatabase,
  { id, origin, head, rootHash: root }: StoredJournal,
): Promise<void> {
  const { size } = head;
  if (!rootHash(head).equals(root)) {
    const [found, expected] = [rootHash(head).toString('hex'), root.toString('hex')];
    throw new LedgerError('TREE_DAMAGED', { origin, what: 'the root hash', found, expected });
  }
  const last = await db
    .selectFrom('entries')
    .select(['idx', 'bytes', 'leaf'])
    .where('journal', '=', id)
    .orderBy('idx', 'desc')
    .limit(1)
    .executeTakeFirst();
  if ((last?.idx ?? -1) < size - 1) throw new LedgerError('ENTRY_MISSING', { origin, index: size - 1 });
  if (last === undefined) return;
  const proof = last.idx >= size ? undefined : await inclusionProof(last.idx, size, treeNodeReader(db, id));
  const claim = { index: last.idx, size, leafHash: leafOf(last), root };
  if (proof === undefined || !verifyInclusion({ ...claim, proof })) {
    const what = `entry ${last.idx}`;
    const found = claim.leafHash.toString('hex');
    throw new LedgerError('TREE_DAMAGED', { origin, what, found, expected: root.toString('hex') });
  }
}
