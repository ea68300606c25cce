/** A node's backup: made while it issues, restored into quarantine, and back at work when mirror and root agree. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecipient, restoreBackup, writeBackup, type MadeBackup } from '../../src/backup';
import { readJournal } from '../../src/ledger';
import {
  abandonOrphans,
  acceptReply,
  exportSubmissions,
  importPulled,
  NODE_KIND,
  NodeError,
  nodeParty,
  nodeStatus,
  publishCrl,
  quarantineRestored,
  readRecord,
  recoverJournals,
  republish,
  verifyNode,
  type Carrier,
} from '../../src/node';
import { verifyRoot } from '../../src/root';
import { decodeReplies } from '../../src/sync';
import { DAY, ORIGIN } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

let key: KeyObject;
let place: string;
let soft: SoftNode;
let side: GrantingRoot;

beforeEach(async () => {
  key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  place = mkdtempSync(join(tmpdir(), 'backup-'));
  writeFileSync(join(place, 'safe.key'), key.export({ type: 'pkcs8', format: 'pem' }));
});

afterEach(async () => {
  await side.remove();
  await soft.remove();
  rmSync(place, { recursive: true });
});

async function begin(mirrored: boolean): Promise<void> {
  const mirror = join(place, 'second-disk');
  mkdirSync(mirror);
  soft = await SoftNode.activated(
    {},
    {},
    { maxOfflineDays: 7, graceDays: 23 },
    mirrored ? mirror : undefined,
  );
  side = await GrantingRoot.of(soft);
  await sync();
}

async function sync(): Promise<void> {
  soft.now = new Date(soft.now.getTime() + DAY);
  await side.sync();
}

const issue = async (): Promise<string> => (await soft.issue()).serialNumber;

async function backUp(): Promise<MadeBackup> {
  const publicKey = join(place, 'safe.pub');
  writeFileSync(publicKey, createPublicKey(key).export({ type: 'spki', format: 'pem' }));
  const { party } = await nodeParty(soft.directory);
  return writeBackup(party, join(place, 'node.backup'), {
    recipients: [await readRecipient(publicKey)],
    software: { name: 'subca-kit', version: '0.1.0' },
    now: soft.now,
  });
}

/** The node's machine burns; what is left is the backup, and the second disk. */
async function restore(): Promise<void> {
  await soft.node.close();
  rmSync(soft.directory, { recursive: true });
  await restoreBackup(NODE_KIND, join(place, 'node.backup'), soft.directory, {
    key,
    keyName: 'safe.key',
    prepare: (stage, manifest) => quarantineRestored(stage, manifest, soft.now),
  });
  Object.assign(soft, await soft.open());
}

async function recover(): Promise<void> {
  soft.now = new Date(soft.now.getTime() + DAY);
  const carry: Carrier = (submission) => side.registry.receive(submission);
  await recoverJournals(soft.node, carry, '0.1.0');
  await abandonOrphans(soft.node, soft.journal);
  await republish(soft.node);
  await publishCrl(soft.node, soft.journal);
}

test('made while certificates are issued, it is the node as it was at one moment', async () => {
  await begin(false);
  const stop = new AbortController();
  const issuing = (async () => {
    const issued: string[] = [];
    while (!stop.signal.aborted) issued.push(await issue());
    return issued;
  })();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const made = await backUp();
  stop.abort();
  const issued = await issuing;
  const { size } = (await readJournal(soft.node.read, ORIGIN)).state;
  expect(made.journals[0]?.size).toBeLessThanOrEqual(size);
  expect(issued.length).toBeGreaterThan(1);
  expect(await nodeStatus(soft.node)).toMatchObject({ backup: { sha256: made.sha256, file: made.file } });
  await restore();
  expect((await readJournal(soft.node.read, ORIGIN)).state.size).toBe(made.journals[0]?.size);
  await abandonOrphans(soft.node, soft.journal);
  await republish(soft.node);
  await verifyNode(soft.node);
  expect(await nodeStatus(soft.node)).toMatchObject({ backup: null, quarantine: [{ code: 'RESTORED' }] });
});

test('with a mirror nothing is lost: quarantine, recovery, and the same key issues', async () => {
  await begin(true);
  await issue();
  await backUp();
  const sent = await issue();
  await sync();
  const unsent = await issue();
  await restore();
  await expectCode(issue(), NodeError, 'QUARANTINED');
  // CRLs go on meanwhile.
  await publishCrl(soft.node, soft.journal);
  await recover();
  for (const serialNumber of [sent, unsent])
    expect(await readRecord(soft.node, serialNumber)).toMatchObject({ status: 'issued' });
  await issue();
  await sync();
  await verifyNode(soft.node);
  await verifyRoot(side.root);
});

test('without one, what the root knows comes back, and the key issues nothing more', async () => {
  await begin(false);
  await backUp();
  const sent = await issue();
  await sync();
  await restore();
  await expectCode(issue(), NodeError, 'QUARANTINED');
  await recover();
  expect(await readRecord(soft.node, sent)).toMatchObject({ status: 'issued' });
  await expectCode(issue(), NodeError, 'HISTORY_LOST');
  await verifyNode(soft.node);
});

test('where the root has nothing newer, it issues again after it has said so', async () => {
  await begin(false);
  await issue();
  await sync();
  await backUp();
  await restore();
  await expectCode(issue(), NodeError, 'QUARANTINED');
  await recover();
  await issue();
  await verifyNode(soft.node);
});

test('an answer of the root from before the restore does not end the quarantine', async () => {
  await begin(false);
  await issue();
  await sync();
  await backUp();
  // A reply that was carried as a file, and kept: the root had as many entries then as the backup has.
  soft.now = new Date(soft.now.getTime() + DAY);
  const submissions = await exportSubmissions(soft.node, '0.1.0');
  const old = decodeReplies(await side.registry.receive(submissions.bytes));
  await issue();
  await sync();
  await restore();
  for (const reply of old) await acceptReply(soft.node, soft.journal, reply);
  await importPulled(soft.node, old);
  const refusal = await expectCode(issue(), NodeError, 'QUARANTINED');
  expect(refusal.inLang('vi')).toContain('được khôi phục từ bản sao lưu');
  await recover();
  await expectCode(issue(), NodeError, 'HISTORY_LOST');
  expect(await nodeStatus(soft.node)).toMatchObject({ quarantine: [], historyLost: { unrecorded: [] } });
});

test('PINs are never in it', async () => {
  await begin(false);
  const config = join(soft.directory, 'config.yaml');
  const pins = readFileSync(config, 'utf8').replace(
    /tokens: \[\]/,
    'tokens: [{ label: node, pin: { file: profiles/secret } }]',
  );
  writeFileSync(config, pins);
  writeFileSync(join(soft.directory, 'profiles', 'secret'), '123456');
  writeFileSync(join(soft.directory, 'refused-pins.json'), '{}');
  const { leftOut } = await backUp();
  expect(leftOut).toEqual(expect.arrayContaining(['profiles/secret', 'refused-pins.json', 'receipts.json']));
  await restore();
  expect(existsSync(join(soft.directory, 'profiles', 'secret'))).toBe(false);
});
