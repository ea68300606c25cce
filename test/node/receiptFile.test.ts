/** The newest receipt outside the database: an old copy knows at its start that it is one. */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Issuer, NodeError, publishCrl, recoverJournals, type Carrier } from '../../src/node';
import { DAY, ORIGIN } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

let disk: string;
let soft: SoftNode;
let side: GrantingRoot;

async function begin(mirrored: boolean): Promise<void> {
  disk = mkdtempSync(join(tmpdir(), 'second-disk-'));
  mkdirSync(join(disk, 'subca'));
  const mirror = mirrored ? join(disk, 'subca') : undefined;
  soft = await SoftNode.activated({}, {}, { maxOfflineDays: 7, graceDays: 23 }, mirror);
  side = await GrantingRoot.of(soft);
  await sync();
}

afterEach(async () => {
  await side.remove();
  await soft.remove();
  rmSync(disk, { recursive: true });
});

async function sync(): Promise<void> {
  soft.now = new Date(soft.now.getTime() + DAY);
  await side.sync();
}

/** Closes the node, does the work on its directory, and opens it again. */
async function meanwhile(work: () => void): Promise<void> {
  await soft.node.close();
  work();
  Object.assign(soft, await soft.open());
}

const codes = async (): Promise<readonly string[]> => {
  const rows = await soft.node.store.read.selectFrom('quarantine').select('code').orderBy('code').execute();
  return rows.map(({ code }) => code);
};

const database = (): string => join(soft.directory, 'subca.db');
const receipts = (): string => join(soft.directory, 'receipts.json');

/** Puts the database back to before the last CRL, which the root has. */
async function loseDatabase(): Promise<void> {
  await meanwhile(() => {
    cpSync(database(), `${database()}.old`);
  });
  await publishCrl(soft.node, soft.journal);
  await sync();
  expect(await codes()).toEqual([]);
  await meanwhile(() => {
    copyFileSync(`${database()}.old`, database());
  });
}

test('a database behind it is quarantined at its start, and recovers', async () => {
  await begin(false);
  await loseDatabase();
  expect(await codes()).toEqual(['RECEIPT_AHEAD']);
  await expectCode(Issuer.open(soft.node, soft.journal), NodeError, 'QUARANTINED');
  const carry: Carrier = (submission) => side.registry.receive(submission);
  soft.now = new Date(soft.now.getTime() + DAY);
  await recoverJournals(soft.node, carry, '0.1.0');
  expect(await codes()).toEqual([]);
  await meanwhile(() => undefined);
  expect(await codes()).toEqual([]);
});

test('where the whole directory was put back, the receipt beside the mirror tells it', async () => {
  await begin(true);
  cpSync(receipts(), `${receipts()}.old`);
  await loseDatabase();
  // Without the mirror itself, of which the same could be told.
  await meanwhile(() => {
    copyFileSync(`${receipts()}.old`, receipts());
    copyFileSync(`${database()}.old`, database());
    rmSync(soft.node.mirror?.path(ORIGIN) ?? '');
  });
  expect(await codes()).toContain('RECEIPT_AHEAD');
});

test('one that cannot be read proves nothing, and the next sync replaces it', async () => {
  await begin(false);
  for (const content of ['', '{"registry', '[]', '{"a":1}']) {
    await meanwhile(() => {
      writeFileSync(receipts(), content);
    });
    expect(await codes()).toEqual([]);
  }
  await sync();
  await loseDatabase();
  expect(await codes()).toEqual(['RECEIPT_AHEAD']);
});
