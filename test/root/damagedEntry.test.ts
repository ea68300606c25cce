/**
 * An entry that was damaged in a database: whoever has it signs no other head than before, and accuses nobody of one.
 *
 *   sizes 0 … n: at an odd one, the last leaf stands in the frontier itself
 */
import { join } from 'node:path';
import { LedgerError, readJournal } from '../../src/ledger';
import { exportSubmissions, publishCrl, synchronise, type Carrier } from '../../src/node';
import { listFindings } from '../../src/root';
import { decodeSubmissions } from '../../src/sync';
import { ORIGIN } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { RawDatabase } from '../support/rawDatabase';
import { SoftNode } from '../support/softNode';

let soft: SoftNode;
let side: GrantingRoot;

const carry: Carrier = (submission) => side.registry.receive(submission);

beforeEach(async () => {
  soft = await SoftNode.activated();
  side = await GrantingRoot.of(soft);
});

afterEach(async () => {
  await side.remove();
  await soft.remove();
});

async function sync(): Promise<void> {
  soft.now = new Date(soft.now.getTime() + 1000);
  await synchronise(soft.node, soft.journal, carry, { software: '0.1.0' });
}

/** The journal has an odd number of entries, so that its last leaf is part of every later head's frontier. */
async function oddSize(): Promise<number> {
  for (;;) {
    await publishCrl(soft.node, soft.journal);
    const { size } = (await readJournal(soft.node.read, ORIGIN)).state;
    if (size % 2 === 1) return size;
  }
}

async function damage(directory: string, file: string, index: number): Promise<void> {
  const database = await RawDatabase.open(join(directory, file));
  await database.rows(
    `UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '"time":"2', '"time":"1') AS BLOB)
     WHERE idx = ? AND journal = (SELECT id FROM journals WHERE origin = ?)`,
    index,
    ORIGIN,
  );
  await database.close();
}

const lastHead = async (): Promise<string | undefined> =>
  [...decodeSubmissions((await exportSubmissions(soft.node, '0.1.0')).bytes)].at(-1)?.checkpoint;

test('at the node, the last one: the head it signs is the one it had', async () => {
  const size = await oddSize();
  const before = await lastHead();
  await damage(soft.directory, 'subca.db', size - 1);
  // A note ends with its signature; what is signed is before it.
  const signed = (note = ''): readonly string[] => note.split('\n').slice(0, 3);
  expect(signed(await lastHead())).toEqual(signed(before));
  await expect(sync()).rejects.toMatchObject({ code: 'SUBMISSION_ALTERED' });
  expect(await listFindings(side.root)).toEqual([]);
});

test('at the node, one that is sent already: it signs nothing over it any more', async () => {
  const size = await oddSize();
  await sync();
  await publishCrl(soft.node, soft.journal);
  await damage(soft.directory, 'subca.db', size - 1);
  await expectCode(sync(), LedgerError, 'TREE_DAMAGED');
  expect(await listFindings(side.root)).toEqual([]);
});

test('at the root: it says so, and takes the node for no liar', async () => {
  const size = await oddSize();
  await sync();
  await publishCrl(soft.node, soft.journal);
  await sync();
  await damage(side.directory, 'rootca.db', size - 1);
  // A submission that begins there again, as after a lost receipt.
  await soft.node.store.transaction((tx) => tx.deleteFrom('receipts').where('size', '>', size).execute());
  await expectCode(sync(), LedgerError, 'TREE_DAMAGED');
  expect(await listFindings(side.root)).toEqual([]);
});
