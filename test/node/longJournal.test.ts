/**
 * A node with a long journal: what its service does at its start, at an issuance and at an exchange is found by an index,
 * and a few rows are all that is read; the end of the journal is held to what was stored and signed.
 *
 *     100,000 entries: intents and their outcomes with records, in bulk, by the code that appends   (not signed)
 */
import { SqliteConnection } from '../../src/db/sqlite';
import { payloadOf } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import { originOf } from '../../src/journal';
import { LedgerError, proveEntry, readJournal, rootHashAt } from '../../src/ledger';
import {
  abandonOrphans,
  carryOutDirectives,
  checkJournalEnds,
  crlIsDue,
  exportSubmissions,
  Issuer,
  leaseStatus,
  NodeError,
  OcspResponder,
  publishDueCrls,
  republish,
} from '../../src/node';
import { RECEIPT_PAYLOAD_TYPE, type Receipt } from '../../src/sync';
import { NODE_ID, NOW, REGISTRY_NAME } from '../support/delegationFixture';
import { fillJournal, readsOf } from '../support/longJournal';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

const ENTRIES = 100_000;
const ORIGIN = originOf({ registry: REGISTRY_NAME, node: NODE_ID, epoch: 1 });

let soft: SoftNode;

beforeAll(async () => {
  soft = await SoftNode.activated({ total: 1_000_000, perDay: 1_000_000 });
  await fillJournal(soft.node.store, ORIGIN, ENTRIES);
  await keepReceipt(await sizeNow());
});

afterEach(() => {
  soft.now = NOW;
});

afterAll(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

async function sizeNow(): Promise<number> {
  return (await readJournal(soft.node.read, ORIGIN)).state.size;
}

/** A receipt of the registry for the journal at a size, stored as if it had come. */
async function keepReceipt(size: number, changes: Partial<Receipt> = {}): Promise<void> {
  const journal = await readJournal(soft.node.read, ORIGIN);
  const rootHash = changes.rootHash ?? (await rootHashAt(soft.node.read, journal, size));
  const time = soft.now.toISOString();
  const receipt = { origin: ORIGIN, size, rootHash, time, findings: 0, ...changes };
  const envelope = await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), [soft.world.registry]);
  await soft.node.store.transaction((tx) =>
    tx.insertInto('receipts').values({ journal: journal.id, size: receipt.size, time, envelope }).execute(),
  );
}

const ROWS = 300;

test('the start of the service reads a few rows, by an index', async () => {
  const { node, journal } = soft;
  const reads = await readsOf(soft.node.paths.database, async () => {
    await checkJournalEnds(node);
    await abandonOrphans(node, journal);
    await republish(node);
    await carryOutDirectives(node, journal);
    await publishDueCrls(node, journal);
    await leaseStatus(node, await node.delegation());
    await OcspResponder.open(node, journal);
  });
  expect(reads.scans).toEqual([]);
  expect(reads.rows).toBeLessThan(ROWS);
});

test('so does an issuance', async () => {
  const { node, journal } = soft;
  const request = await soft.request();
  const reads = await readsOf(soft.node.paths.database, async () => {
    expect(await crlIsDue(node)).toBe(false);
    const issuer = await Issuer.open(node, journal);
    const subject = [
      { type: 'CN', value: 'Nguyễn Thị Ánh' },
      { type: 'E', value: 'anh@lamdong.gov.vn' },
    ] as const;
    const plan = issuer.plan('individual', { service: 'issue', request, subject });
    await issuer.findEarlier([plan]);
    await issuer.keyHistories([plan]);
    await issuer.issue(plan);
  });
  expect(reads.scans).toEqual([]);
  expect(reads.rows).toBeLessThan(ROWS);
});

test('so does an exchange, which carries what the root does not have and nothing else', async () => {
  let entries = 0;
  const reads = await readsOf(soft.node.paths.database, async () => {
    ({ entries } = await exportSubmissions(soft.node, 'test'));
  });
  expect(entries).toBeGreaterThan(0);
  expect(entries).toBeLessThan(10);
  expect(reads.scans).toEqual([]);
  expect(reads.rows).toBeLessThan(ROWS);
});

test('an earlier head and a proof need at most 3 log₂ of the size each, leaves and stored nodes together', async () => {
  const journal = await readJournal(soft.node.read, ORIGIN);
  const { size } = journal.state;
  const read = async (work: () => Promise<unknown>): Promise<number> =>
    (await readsOf(soft.node.paths.database, work)).rows;
  for (const index of [0, 1, 65_535, 65_536, size - 1]) {
    const head = await read(() => rootHashAt(soft.node.read, journal, index));
    const proof = await read(() => proveEntry(soft.node.read, journal, index, size));
    expect(Math.max(head, proof)).toBeLessThanOrEqual(3 * Math.log2(size));
  }
});

describe('an end that is not what was stored or signed stops the start', () => {
  const LAST = '(SELECT max(idx) FROM entries)';
  test.each([
    [
      'the last entry altered',
      `CREATE TEMP TABLE kept AS SELECT * FROM entries WHERE idx = ${LAST};
       UPDATE entries SET bytes = zeroblob(9) WHERE idx = ${LAST}`,
      `UPDATE entries SET bytes = (SELECT bytes FROM kept) WHERE idx = ${LAST}`,
    ],
    [
      'an entry more',
      `INSERT INTO entries (journal, idx, bytes) SELECT journal, idx + 1, bytes FROM entries WHERE idx = ${LAST}`,
      `DELETE FROM entries WHERE idx = ${LAST}`,
    ],
    [
      'another root hash',
      `CREATE TEMP TABLE kept AS SELECT * FROM journals;
       UPDATE journals SET rootHash = zeroblob(32)`,
      'UPDATE journals SET rootHash = (SELECT rootHash FROM kept)',
    ],
  ])('%s', async (_what, change, undo) => {
    await checkJournalEnds(soft.node);
    const connection = await SqliteConnection.open(soft.node.paths.database, 1000);
    try {
      await connection.script(change);
      await expectCode(checkJournalEnds(soft.node), LedgerError, 'TREE_DAMAGED');
    } finally {
      await connection.script(undo);
      await connection.close();
    }
    await checkJournalEnds(soft.node);
  });

  test('the last entry gone', async () => {
    const connection = await SqliteConnection.open(soft.node.paths.database, 1000);
    await connection.script(`CREATE TEMP TABLE kept AS SELECT * FROM entries WHERE idx = ${LAST}`);
    await connection.script(`DELETE FROM entries WHERE idx = ${LAST}`);
    await expectCode(checkJournalEnds(soft.node), LedgerError, 'ENTRY_MISSING');
    await connection.script('INSERT INTO entries SELECT * FROM kept');
    await connection.close();
    await checkJournalEnds(soft.node);
  });

  test.each([
    ['ROOT_FORK', 0, { rootHash: 'ab'.repeat(32) }],
    ['ROOT_AHEAD', 1, { rootHash: 'ab'.repeat(32) }],
  ] as const)('a receipt of the root that tells otherwise: %s', async (code, more, changes) => {
    const size = (await sizeNow()) - 1;
    soft.now = new Date(NOW.getTime() + 1000);
    await keepReceipt(more === 0 ? size : size + 2, changes);
    await expectCode(checkJournalEnds(soft.node), NodeError, code);
    await soft.node.store.transaction((tx) =>
      tx.deleteFrom('receipts').where('time', '=', soft.now.toISOString()).execute(),
    );
    await checkJournalEnds(soft.node);
  });
});
