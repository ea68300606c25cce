/** Re-reading a stored journal: it holds as it was written, and no change to what is stored goes unnoticed. */
import { commonTables, type RootSchema, type Store } from '../../src/db';
import { isCodedError } from '../../src/errors';
import { LedgerError, readJournal, Turn, verifyJournal } from '../../src/ledger';
import { mth } from '../journal/referenceTree';
import { expectCode } from '../support/matchers';
import { randomNumbers } from '../support/random';
import {
  append,
  makeJournalWorld,
  newStore,
  ORIGIN,
  removeStores,
  soundJournal,
  type JournalWorld,
} from './journals';

const SIZE = 40;

let journals: JournalWorld;
let entries: readonly Buffer[];
let store: Store<RootSchema>;

beforeAll(async () => {
  journals = await makeJournalWorld();
  entries = await soundJournal(journals, SIZE, 14);
});

beforeEach(async () => {
  store = await newStore();
  await append(store, journals.authority, entries);
});

afterEach(removeStores);

const verify = (): ReturnType<typeof verifyJournal> =>
  verifyJournal(commonTables(store.read), ORIGIN, journals.authority);

function setEntry(idx: number, bytes: Buffer): Promise<unknown> {
  return store.transaction((tx) => tx.updateTable('entries').set({ bytes }).where('idx', '=', idx).execute());
}

test('a sound journal: head, records, CRLs, and what stood on a CRL at any time', async () => {
  let advanced = 0;
  const verified = await verifyJournal(commonTables(store.read), ORIGIN, journals.authority, {
    advance: (more) => (advanced += more),
  });
  expect(advanced).toBe(SIZE);
  expect(verified.rootHash).toEqual(mth(entries));
  type Parsed = { readonly type: string; readonly reason?: string };
  const parsed = entries.map((bytes) => JSON.parse(bytes.toString('utf8')) as Parsed);
  // Of what is revoked already, nothing more comes on a CRL.
  const exposed = parsed.filter(({ reason }) => reason === 'keyCompromise').length;
  expect(exposed).toBeGreaterThan(0);
  const of = (type: string): number => parsed.filter((entry) => entry.type === type).length;
  expect(verified.records.size).toBe(of('intent'));
  expect(verified.crls).toHaveLength(of('crl'));
  expect(verified.revokedBefore(0).size).toBe(0);
  expect(verified.revokedBefore(SIZE).size).toBe(
    of('abandoned') + of('revoked') - exposed + of('suspended') - of('resumed'),
  );
});

test('a byte anywhere in an entry of each type', async () => {
  const random = randomNumbers(5);
  const missed: string[] = [];
  const seen = new Set<string>();
  for (const [index, bytes] of entries.entries()) {
    const { type } = JSON.parse(bytes.toString('utf8')) as { type: string };
    if (seen.has(type)) continue;
    seen.add(type);
    // All of an entry lies under the same hash, of which a TBS and a receipt are long stretches.
    const step = type === 'intent' || type === 'lease' ? 17 : 3;
    for (let at = 0; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ (1 + random(255));
      await setEntry(index, changed);
      const outcome: unknown = await verify().catch((error: unknown) => error);
      if (!isCodedError(outcome) || outcome.category !== 'integrity') missed.push(`${type} at ${String(at)}`);
    }
    await setEntry(index, bytes);
  }
  expect(missed).toEqual([]);
  expect([...seen].sort()).toEqual([
    'abandoned',
    'crl',
    'grant',
    'intent',
    'issued',
    'lease',
    'open',
    'resumed',
    'revoked',
    'suspended',
  ]);
  await verify();
});

describe('an entry', () => {
  test('deleted', async () => {
    await store.transaction((tx) => tx.deleteFrom('entries').where('idx', '=', 17).execute());
    const error = await expectCode(verify(), LedgerError, 'ENTRY_MISSING');
    expect(error.params).toMatchObject({ index: 17 });
  });

  test('deleted, and those after it moved up', async () => {
    await store.transaction(async (tx) => {
      await tx.deleteFrom('entries').where('idx', '=', 17).execute();
      for (let idx = 18; idx < SIZE; idx += 1) {
        await tx
          .updateTable('entries')
          .set({ idx: idx - 1 })
          .where('idx', '=', idx)
          .execute();
      }
      await tx
        .updateTable('journals')
        .set({ size: SIZE - 1 })
        .execute();
    });
    await expect(verify()).rejects.toMatchObject({ category: 'integrity' });
  });

  test('added at the end', async () => {
    await store.transaction((tx) =>
      tx
        .insertInto('entries')
        .values({ journal: 1, idx: SIZE, bytes: entries[SIZE - 1]! })
        .execute(),
    );
    await expectCode(verify(), LedgerError, 'RECORD_DIFFERS');
  });

  test.each([
    ['the first two', 0, 1],
    ['two that follow each other', 20, 21],
    ['the last two', SIZE - 2, SIZE - 1],
    ['two far apart', 5, 33],
  ])('exchanged: %s', async (_, one, other) => {
    await setEntry(one, entries[other]!);
    await setEntry(other, entries[one]!);
    await expect(verify()).rejects.toMatchObject({ category: 'integrity' });
  });

  test('that is none', async () => {
    await setEntry(12, Buffer.from('{"type":"nothing"}'));
    const error = await expectCode(verify(), LedgerError, 'ENTRY_DAMAGED');
    expect(error.params).toMatchObject({ index: 12 });
  });

  test('of a certificate whose signature is another’s', async () => {
    const at = entries.findIndex((bytes) => bytes.includes('"type":"issued"'));
    const entry = JSON.parse(entries[at]!.toString('utf8')) as { signature: string };
    const signature = (await journals.world.subscriber.sign(Buffer.from('x'))).toString('base64');
    await setEntry(at, Buffer.from(JSON.stringify({ ...entry, signature })));
    const error = await expectCode(verify(), LedgerError, 'RULE_BROKEN');
    expect(error.params).toMatchObject({ index: at });
  });
});

test('a foreign journal is kept with what is none: the root finds it again, the node does not put up with it', async () => {
  await store.transaction(async (tx) => {
    const db = commonTables(tx);
    const needs = { serialNumbers: [], intents: [], predecessors: [], quotaKeys: [], spkiSha256s: [] };
    const turn = await Turn.begin(db, await readJournal(db, ORIGIN), journals.authority, needs);
    turn.take(Buffer.from('no entry'), {
      findings: [],
      quotaKeys: [],
      state: { ...turn.state, size: SIZE + 1 },
    });
    await turn.commit();
  });
  await expectCode(verify(), LedgerError, 'ENTRY_DAMAGED');
  const found: string[] = [];
  await verifyJournal(commonTables(store.read), ORIGIN, journals.authority, {
    keepFinding: (index, code) => found.push(`${String(index)} ${code}`),
  });
  expect(found).toEqual([`${String(SIZE)} ENTRY_MALFORMED`]);
});

describe('what follows from the entries', () => {
  test('a tree node', async () => {
    await store.transaction((tx) =>
      tx
        .updateTable('treeNodes')
        .set({ hash: Buffer.alloc(32) })
        .where('level', '=', 2)
        .where('idx', '=', 3)
        .execute(),
    );
    await expectCode(verify(), LedgerError, 'TREE_DAMAGED');
  });

  test('a tree node gone', async () => {
    await store.transaction((tx) =>
      // One that the head of no receipt is proven with: that would be missed before.
      tx.deleteFrom('treeNodes').where('level', '=', 1).where('idx', '=', 9).execute(),
    );
    await expectCode(verify(), LedgerError, 'TREE_DAMAGED');
  });

  test('the frontier alone', async () => {
    const { frontier } = await store.read.selectFrom('journals').select('frontier').executeTakeFirstOrThrow();
    const changed = Buffer.from(frontier);
    changed[40] = changed[40]! ^ 1;
    await store.transaction((tx) => tx.updateTable('journals').set({ frontier: changed }).execute());
    await expectCode(verify(), LedgerError, 'TREE_DAMAGED');
  });

  test.each(['revoked', 'lost'])('a certificate’s status: %s', async (status) => {
    await store.transaction(async (tx) => {
      const row = await tx
        .selectFrom('certificates')
        .select('serialNumber')
        .where('status', '!=', status)
        .executeTakeFirstOrThrow();
      await tx
        .updateTable('certificates')
        .set({ status })
        .where('serialNumber', '=', row.serialNumber)
        .execute();
    });
    await expectCode(verify(), LedgerError, 'RECORD_DIFFERS');
  });

  test('a certificate gone', async () => {
    await store.transaction(async (tx) => {
      const row = await tx.selectFrom('certificates').select('serialNumber').executeTakeFirstOrThrow();
      await tx.deleteFrom('certificates').where('serialNumber', '=', row.serialNumber).execute();
    });
    await expectCode(verify(), LedgerError, 'RECORD_DIFFERS');
  });

  test('a counter', async () => {
    await store.transaction((tx) =>
      tx.updateTable('quota').set({ used: 1 }).where('key', '=', 'g-1/total').execute(),
    );
    await expectCode(verify(), LedgerError, 'RECORD_DIFFERS');
  });

  test('a counter gone', async () => {
    await store.transaction((tx) => tx.deleteFrom('quota').where('key', '=', 'g-1/total').execute());
    await expectCode(verify(), LedgerError, 'RECORD_DIFFERS');
  });
});
