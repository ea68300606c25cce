/** What the root gives back to a node that was put back to an old copy: taken whole and as it was signed, or not at all. */
import { decodeEntry } from '../../src/journal';
import { readEntries, readJournal } from '../../src/ledger';
import {
  NodeError,
  publishCrl,
  publishDueCrls,
  readRecord,
  recoverJournals,
  revoke,
  synchronise,
  verifyNode,
  type Carrier,
} from '../../src/node';
import { listFindings, verifyRoot } from '../../src/root';
import { decodeReply, encodeReply, type PulledEntries } from '../../src/sync';
import { DAY, ORIGIN } from '../support/delegationFixture';
import { ENGINES, keepCopy } from '../support/engines';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

describe.each(ENGINES)('on %s', (engine) => {
  let soft: SoftNode;
  let side: GrantingRoot;

  const carry: Carrier = (submission) => side.registry.receive(submission);

  beforeEach(async () => {
    soft = await SoftNode.activated({}, {}, { maxOfflineDays: 7, graceDays: 23 }, undefined, engine);
    side = await GrantingRoot.of(soft, engine);
    await sync();
  });

  afterEach(async () => {
    await side.remove();
    await soft.remove();
  });

  async function sync(days = 0): Promise<void> {
    soft.now = new Date(soft.now.getTime() + days * DAY + 1000);
    await synchronise(soft.node, soft.journal, carry, { software: '0.1.0' });
  }

  const issue = (): Promise<unknown> => soft.issue();

  /** The node forgets what it did meanwhile, which the root has. */
  async function loses(work: () => Promise<void>): Promise<void> {
    const { config, paths } = soft.node;
    await soft.node.close();
    const putBack = await keepCopy(config.database, paths.database);
    Object.assign(soft, await soft.open());
    await work();
    await soft.node.close();
    await putBack();
    Object.assign(soft, await soft.open());
  }

  /** A line that changes what comes back. */
  const changing =
    (change: (pulled: PulledEntries) => PulledEntries): Carrier =>
    async (submission, origin) => {
      const reply = decodeReply(await carry(submission, origin));
      return encodeReply({ ...reply, ...(reply.pulled && { pulled: change(reply.pulled) }) });
    };

  const recover = (by: Carrier): Promise<unknown> => recoverJournals(soft.node, by, '0.1.0');

  async function bothEndsHold(): Promise<void> {
    expect(await listFindings(side.root)).toEqual([]);
    await verifyNode(soft.node);
    await verifyRoot(side.root);
  }

  test('an altered entry spoils that attempt only, also when it came in an earlier part', async () => {
    await loses(async () => {
      await issue();
      await issue();
      await sync();
    });
    let parts = 0;
    const inParts = changing(({ from, entries: [first, ...others] }) => {
      parts += 1;
      const bytes = Buffer.from(first?.bytes ?? '');
      if (parts === 1) bytes[bytes.length - 3]! ^= 1;
      const altered = { bytes, leaf: null };
      return { from, entries: parts < 3 ? [altered] : [altered, ...others] };
    });
    await expectCode(recover(inParts), NodeError, 'PULL_DIFFERS');
    expect(parts).toBe(3);
    expect(await soft.node.store.read.selectFrom('pulledEntries').selectAll().execute()).toEqual([]);
    await recover(carry);
    await bothEndsHold();
  });

  test('that a key was exposed is known again', async () => {
    const { serialNumber } = await soft.issue();
    const by = { kind: 'local', request: '9' } as const;
    await revoke(soft.journal, { serialNumber, reason: 'superseded', by });
    await publishCrl(soft.node, soft.journal);
    const toldAt = soft.now.toISOString();
    await loses(async () => {
      await revoke(soft.journal, { serialNumber, reason: 'keyCompromise', by });
      await publishCrl(soft.node, soft.journal);
      await sync();
    });
    expect(await readRecord(soft.node, serialNumber)).toMatchObject({ exposureTime: null });
    await recover(carry);
    expect(await readRecord(soft.node, serialNumber)).toMatchObject({ exposureTime: toldAt });
    await publishDueCrls(soft.node, soft.journal);
    await bothEndsHold();
  });

  test('receipts that it had journalled hold again', async () => {
    await loses(async () => {
      await issue();
      await sync(1);
      await issue();
      await sync(1);
      // A receipt is journalled after the exchange that brought it.
      await sync();
    });
    await recover(carry);
    const journal = await readJournal(soft.node.read, ORIGIN);
    const entries = await readEntries(soft.node.read, journal, 0, journal.state.size);
    expect(
      entries.map(({ bytes }) => decodeEntry(bytes).type).filter((type) => type === 'lease'),
    ).toHaveLength(2);
    await bothEndsHold();
  });
});
