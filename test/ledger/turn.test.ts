/** A turn at a journal: however the entries are cut into turns, the journal and all that follows from it is the same. */
import fc from 'fast-check';
import { commonTables } from '../../src/db';
import { rootHash } from '../../src/journal';
import { headAt, LedgerError, readEntries, readJournal, Turn, verifyJournal, whole } from '../../src/ledger';
import { sha256Hex } from '../../src/signer';
import { mth } from '../journal/referenceTree';
import { expectCode } from '../support/matchers';
import {
  append,
  inPieces,
  makeJournalWorld,
  newStore,
  ORIGIN,
  removeStores,
  rowsOf,
  soundJournal,
  type JournalWorld,
} from './journals';

const NONE = { serialNumbers: [], intents: [], predecessors: [], quotaKeys: [], spkiSha256s: [] };
const SIZE = 120;

let journals: JournalWorld;
let entries: readonly Buffer[];

beforeAll(async () => {
  journals = await makeJournalWorld();
  entries = await soundJournal(journals, SIZE, 5);
});

afterEach(removeStores);

test('one turn, a turn for each entry, and turns of any size leave the same rows, and all of them verify', async () => {
  const whole = await newStore();
  expect(await append(whole, journals.authority, entries)).toEqual([]);
  const expected = await rowsOf(whole);
  expect(expected['certificates']?.length).toBeGreaterThan(10);

  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
  const property = fc.asyncProperty(sizes, async (lengths) => {
    const store = await newStore();
    for (const piece of inPieces(entries, lengths)) {
      expect(await append(store, journals.authority, piece)).toEqual([]);
    }
    expect(await rowsOf(store)).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 8, examples: [[entries.map(() => 1)]] });

  const verified = await verifyJournal(commonTables(whole.read), ORIGIN, journals.authority);
  expect(verified.rootHash).toEqual(mth(entries));
});

test('the head at every earlier size is the tree over the first entries', async () => {
  const store = await newStore();
  for (const piece of inPieces(entries, [1, 2, 30, 7])) await append(store, journals.authority, piece);
  const db = commonTables(store.read);
  const journal = await readJournal(db, ORIGIN);
  for (let size = 0; size <= entries.length; size += 1) {
    expect(rootHash(await headAt(db, journal, size))).toEqual(mth(entries.slice(0, size)));
  }
});

test('entries come back as they were written, and a missing one is told', async () => {
  const store = await newStore();
  await append(store, journals.authority, entries);
  const db = commonTables(store.read);
  const journal = await readJournal(db, ORIGIN);
  expect(await readEntries(db, journal, 3, 9)).toEqual(whole(entries.slice(3, 9)));
  const error = await expectCode(readEntries(db, journal, SIZE - 1, SIZE + 1), LedgerError, 'ENTRY_MISSING');
  expect(error.params).toMatchObject({ index: SIZE });
});

test('a journal nobody opened', async () => {
  const store = await newStore();
  await expectCode(readJournal(commonTables(store.read), 'other/node/e1'), LedgerError, 'JOURNAL_UNKNOWN');
});

test('a turn that took nothing writes nothing; one that fails leaves nothing', async () => {
  const store = await newStore();
  await append(store, journals.authority, entries.slice(0, 5));
  const before = await rowsOf(store);
  await store.transaction(async (tx) => {
    const db = commonTables(tx);
    const turn = await Turn.begin(db, await readJournal(db, ORIGIN), journals.authority, NONE);
    await turn.commit();
  });
  expect(await rowsOf(store)).toEqual(before);

  const failing = store.transaction(async (tx) => {
    const db = commonTables(tx);
    const turn = await Turn.begin(db, await readJournal(db, ORIGIN), journals.authority, NONE);
    turn.take(Buffer.from('{}'), { findings: [], quotaKeys: [], state: { ...turn.state, size: 6 } });
    await turn.commit();
    throw new Error('power cut');
  });
  await expect(failing).rejects.toThrow('power cut');
  expect(await rowsOf(store)).toEqual(before);
});

test('a counter that was not loaded never reads as zero', async () => {
  const store = await newStore();
  await store.transaction(async (tx) => {
    const db = commonTables(tx);
    const needs = { ...NONE, quotaKeys: ['g-1/total'] };
    const turn = await Turn.begin(db, await readJournal(db, ORIGIN), journals.authority, needs);
    expect(turn.quotaUsed('g-1/total')).toBe(0);
    expect(() => turn.quotaUsed('g-1/profile/individual')).toThrow('was not loaded');
  });
});

test('a key that was not looked up never passes for a new one', async () => {
  const store = await newStore();
  await append(store, journals.authority, entries);
  const key = sha256Hex(journals.world.subscriber.spki);
  await store.transaction(async (tx) => {
    const db = commonTables(tx);
    const needs = { ...NONE, spkiSha256s: [key, 'ab'.repeat(32)] };
    const turn = await Turn.begin(db, await readJournal(db, ORIGIN), journals.authority, needs);
    expect(turn.byKey(key).holders).toHaveLength(1);
    expect(turn.byKey('ab'.repeat(32)).holders).toEqual([]);
    expect(() => turn.byKey('cd'.repeat(32))).toThrow('was not loaded');
  });
});
