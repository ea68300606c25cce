/** Decisions in the root's journal are what operators have signed as answers, also where the whole journal is written anew. */
import { commonTables } from '../../src/db';
import {
  appendLeaves,
  decodeRootEntry,
  EMPTY_TREE,
  encodeFrontier,
  encodeRootEntry,
  leafHash,
  rootHash,
  type RootEntry,
} from '../../src/journal';
import { readEntries, readJournal } from '../../src/ledger';
import { approveApplication, rejectApplication, RootError, verifyRoot } from '../../src/root';
import { rootOrigin } from '../../src/root/rootJournal';
import { expectCode } from '../support/matchers';
import { SoftRoot } from '../support/softRoot';

type Decision = Extract<RootEntry, { type: 'approved' | 'rejected' }>;

let soft: SoftRoot;
let answers: Readonly<Record<'rejected' | 'approved', string>>;

const by = (operator: string) => ({ operator, pin: undefined });

beforeAll(async () => {
  soft = await SoftRoot.ready();
  const [first, second] = [await soft.applied('15-1'), await soft.applied('15-2')];
  const rejection = { reason: 'Thiếu hồ sơ nhân sự', criteria: [] };
  const { sha256 } = await rejectApplication(soft.root, first, by('an'), rejection);
  await approveApplication(soft.root, second, by('an'));
  const decisions = await journalled();
  answers = { rejected: sha256, approved: decisions.find(({ type }) => type === 'approved')!.answer };
});

afterAll(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

async function read(): Promise<readonly Buffer[]> {
  const journal = await readJournal(soft.root.read, rootOrigin(soft.root));
  const entries = await readEntries(soft.root.read, journal, 0, journal.state.size);
  return entries.map(({ bytes }) => bytes);
}

async function journalled(): Promise<readonly Decision[]> {
  const decided = (entry: RootEntry): entry is Decision => ['approved', 'rejected'].includes(entry.type);
  return (await read()).map(decodeRootEntry).filter(decided);
}

/** Puts other entries into the journal, with the tree that they give, as who can write the whole database would. */
async function rewrite(entries: readonly Buffer[]): Promise<void> {
  const { head, nodes } = appendLeaves(EMPTY_TREE, entries.map(leafHash));
  await soft.root.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const { id } = await readJournal(db, rootOrigin(soft.root));
    for (const [idx, bytes] of entries.entries())
      await db
        .updateTable('entries')
        .set({ bytes })
        .where('journal', '=', id)
        .where('idx', '=', idx)
        .execute();
    for (const { level, index, hash } of nodes)
      await db
        .updateTable('treeNodes')
        .set({ hash })
        .where('journal', '=', id)
        .where('level', '=', level)
        .where('idx', '=', index)
        .execute();
    const frontier = encodeFrontier(head.frontier);
    await db
      .updateTable('journals')
      .set({ frontier, rootHash: rootHash(head) })
      .where('id', '=', id)
      .execute();
  });
}

test('each names its answer, and holds', async () => {
  expect(await journalled()).toMatchObject([
    { type: 'rejected', operator: 'an', answer: answers.rejected },
    { type: 'approved', operator: 'an', answer: answers.approved },
  ]);
  await verifyRoot(soft.root);
});

const lies: readonly (readonly [string, Decision['type'], () => Partial<Decision>])[] = [
  ['another reason', 'rejected', () => ({ reason: 'Không có nhu cầu' })],
  ['another operator', 'rejected', () => ({ operator: 'binh' })],
  ['the answer of another decision', 'rejected', () => ({ answer: answers.approved })],
  ['an answer that nobody gave', 'rejected', () => ({ answer: 'ab'.repeat(32) })],
  ['an answer that nobody gave', 'approved', () => ({ answer: 'ab'.repeat(32) })],
  ['the answer of another decision', 'approved', () => ({ answer: answers.rejected })],
];

test.each(lies)('%s in the entry %s is found', async (_, type, lie) => {
  const entries = await read();
  const lying = entries.map((bytes) => {
    const entry = decodeRootEntry(bytes);
    return entry.type === type ? encodeRootEntry({ ...entry, ...lie() } as RootEntry) : bytes;
  });
  expect(lying).not.toEqual(entries);
  await rewrite(lying);
  await expectCode(verifyRoot(soft.root), RootError, 'STORED_DIFFERS');
  await rewrite(entries);
  await verifyRoot(soft.root);
});
