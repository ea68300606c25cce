/** Holding what is stored of a journal's tree to its entries: nodes, root hash, size. The same for every kind of entry. */
import { INITIAL_STATE, type JudgeState } from '../delegation';
import { appendLeaves, EMPTY_TREE, rootHash, type TreeHead, type TreeNode } from '../journal';
import { LedgerError } from './errors';
import { leafOf, readEntries, type LedgerDatabase, type StoredJournal } from './rows';

/** How many entries are read at a time. */
export const CHUNK = 1000;

/**
 * Re-hashes a whole journal.
 * @param db a snapshot: nothing may be appended while it is read
 * @param read takes each entry, and says what the journal's state is when all are read
 * @throws LedgerError at the first thing that is not as it must be; what `read` throws
 */
export async function verifyTree(
  db: LedgerDatabase,
  journal: StoredJournal,
  read: (entry: Buffer, index: number) => JudgeState,
): Promise<void> {
  let head = EMPTY_TREE;
  let state = INITIAL_STATE;
  while (head.size < journal.state.size) {
    const start = head.size;
    const entries = await readEntries(db, journal, start, Math.min(start + CHUNK, journal.state.size));
    const appended = appendLeaves(head, entries.map(leafOf));
    await compareTreeNodes(db, journal, appended.nodes);
    for (const [at, { bytes }] of entries.entries()) state = read(bytes, start + at);
    head = appended.head;
  }
  await compareHead(db, journal, head, state);
}

/** Nodes of one level completed by neighbouring entries are neighbours: one range a level. */
export async function compareTreeNodes(
  db: LedgerDatabase,
  { id, origin }: StoredJournal,
  nodes: readonly TreeNode[],
): Promise<void> {
  const levels = new Set(nodes.flatMap(({ level }) => (level > 0 ? [level] : [])));
  for (const level of levels) {
    const expected = nodes.filter((node) => node.level === level);
    const from = expected[0]?.index ?? 0;
    const rows = await db
      .selectFrom('treeNodes')
      .select(['idx', 'hash'])
      .where('journal', '=', id)
      .where('level', '=', level)
      .where('idx', '>=', from)
      .where('idx', '<', from + expected.length)
      .orderBy('idx')
      .execute();
    expected.forEach(({ index, hash }, at) => {
      const row = rows[at];
      if (row?.idx === index && row.hash.equals(hash)) return;
      const found = row?.hash.toString('hex') ?? '—';
      const what = `node ${index} of level ${level}`;
      throw new LedgerError('TREE_DAMAGED', { origin, what, found, expected: hash.toString('hex') });
    });
  }
}

/** @param head of the tree that the entries give, with the state after the last of them */
export async function compareHead(
  db: LedgerDatabase,
  journal: StoredJournal,
  head: TreeHead,
  state: JudgeState,
): Promise<void> {
  const { id, origin } = journal;
  const expectedRoot = rootHash(head).toString('hex');
  const foundRoot = journal.rootHash.toString('hex');
  if (foundRoot !== expectedRoot || rootHash(journal.head).toString('hex') !== expectedRoot) {
    throw new LedgerError('TREE_DAMAGED', {
      origin,
      what: 'the root hash',
      found: foundRoot,
      expected: expectedRoot,
    });
  }
  same(origin, 'the journal’s head', journal.state, state);
  const { entries } = await db
    .selectFrom('entries')
    .select((row) => row.fn.countAll<number>().as('entries'))
    .where('journal', '=', id)
    .executeTakeFirstOrThrow();
  same(origin, 'the number of entries', entries, head.size);
}

/** @throws LedgerError `RECORD_DIFFERS` */
export function same(origin: string, what: string, found: unknown, expected: unknown): void {
  const [foundText, expectedText] = [text(found), text(expected)];
  if (foundText !== expectedText) {
    throw new LedgerError('RECORD_DIFFERS', { origin, what, found: foundText, expected: expectedText });
  }
}

/** One text for equal values: keys sorted, since rows and records name them in different orders. */
function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === undefined ? '—' : JSON.stringify(value);
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}
