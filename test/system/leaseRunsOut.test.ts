/**
 * A node that the root does not hear of: warned, restricted, stopped, and back at work with the next receipt. Both ends
 * are real but for their keys and clocks.
 *
 *   day 0        3.5           7                    30
 *   ├─ running ──┼── ending ───┼──── restricted ────┼── stopped ──► sync ─ running
 *                              renew, change, recover    revoke, CRL, OCSP: always
 */
import { createLogger } from '../../src/logger';
import { decodeEntry } from '../../src/journal';
import { readEntries, readJournal } from '../../src/ledger';
import {
  ensureResponderCertificate,
  Issuer,
  NodeError,
  nodeStatus,
  planSuccession,
  publishCrl,
  revoke,
  verifyNode,
  type IssuedCertificate,
} from '../../src/node';
import { listFindings, listNodes, verifyRoot } from '../../src/root';
import { DAY, NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { GrantingRoot } from '../support/grantingRoot';

let soft: SoftNode;
let root: GrantingRoot;

beforeEach(async () => {
  const services = ['issue', 'renew', 'change-information', 'recover-device', 'revoke', 'suspend'] as const;
  soft = await SoftNode.activated({}, { services: [...services] }, { maxOfflineDays: 7, graceDays: 23 });
  root = await GrantingRoot.of(soft);
});

afterEach(async () => {
  await root.remove();
  await soft.remove();
  jest.restoreAllMocks();
});

function goTo(days: number): void {
  soft.now = new Date(NOW.getTime() + days * DAY);
}

async function issue(): Promise<IssuedCertificate> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const request = await soft.request();
  const subject = [
    { type: 'OU', value: 'Sở Tài chính' },
    { type: 'E', value: 'anhnt@lamdong.gov.vn' },
  ] as const;
  return issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
}

async function renew(predecessor: string): Promise<IssuedCertificate> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const by = { kind: 'local', request: '1' } as const;
  const planned = await planSuccession(soft.node, issuer, { service: 'renew', predecessor, by });
  return planned.existing ?? issuer.issue(planned.plan);
}

async function leaseEntries(): Promise<number> {
  const journal = await readJournal(soft.node.read, (await soft.node.delegation()).origin);
  const entries = await readEntries(soft.node.read, journal, 0, journal.state.size);
  return entries.filter(({ bytes }) => decodeEntry(bytes).type === 'lease').length;
}

const state = async (): Promise<string | undefined> => (await nodeStatus(soft.node)).lease?.state;

async function bothEndsHold(): Promise<void> {
  expect(await listFindings(root.root)).toEqual([]);
  await verifyNode(soft.node);
  await verifyRoot(root.root);
}

test('without a receipt it is warned, then replaces only, then stops; with the next one it is back', async () => {
  const serials = [await issue(), await issue(), await issue()].map(({ serialNumber }) => serialNumber);
  const [first = '', second = '', third = ''] = serials;
  expect(await state()).toBe('running');

  goTo(4);
  expect(await state()).toBe('ending');
  await issue();

  goTo(8);
  expect(await state()).toBe('restricted');
  const refusal = await expectCode(issue(), NodeError, 'LEASE_OVER');
  expect(refusal.category).toBe('refused');
  expect(refusal.problems).toMatchObject([
    { where: 'lease', allowed: expect.stringContaining('renew') as string },
  ]);
  await renew(first);

  goTo(31);
  expect(await state()).toBe('stopped');
  await expectCode(issue(), NodeError, 'LEASE_OVER');
  await expectCode(renew(second), NodeError, 'LEASE_OVER');
  // What tells the world of revocations never stops.
  await revoke(soft.journal, {
    serialNumber: third,
    reason: 'keyCompromise',
    by: { kind: 'local', request: '2' },
  });
  await publishCrl(soft.node, soft.journal);
  goTo(300);
  await ensureResponderCertificate(soft.node, soft.journal, await soft.node.delegation());
  await publishCrl(soft.node, soft.journal);

  expect((await root.sync()).receipts[0]?.findings).toBe(0);
  expect([await state(), await leaseEntries()]).toEqual(['running', 1]);
  await issue();
  await renew(second);
  await root.sync();
  await bothEndsHold();
  const [told] = await listNodes(root.root);
  expect(told?.lease).toMatchObject({ state: 'running', from: soft.now.toISOString() });
});

test('the journal does not grow with every exchange: a receipt is kept about once a day', async () => {
  for (const hours of [1, 2, 19, 21, 22, 44, 45, 60]) {
    soft.now = new Date(NOW.getTime() + hours * 3_600_000);
    await root.sync();
  }
  // After 21 and 44 hours; those of hours 45 and 60 come too soon after.
  expect(await leaseEntries()).toBe(2);
  await bothEndsHold();
});

test('a clock set back does not stretch the lease: nothing is written before what stands there', async () => {
  goTo(7.5);
  await publishCrl(soft.node, soft.journal);
  expect(await state()).toBe('restricted');
  // The status says what the clock says; what counts is the time an entry would bear.
  goTo(1);
  await expectCode(issue(), NodeError, 'CLOCK_BEHIND');
});

test('a clock that is ahead gains nothing: the root’s own time counts', async () => {
  goTo(400);
  await expectCode(issue(), NodeError, 'LEASE_OVER');
  // The root's clock is right: day 1.
  jest.spyOn(root.root, 'now').mockReturnValue(new Date(NOW.getTime() + DAY));
  await root.sync();
  expect(await leaseEntries()).toBe(1);
  expect(await state()).toBe('stopped');
  await expectCode(issue(), NodeError, 'LEASE_OVER');
  await root.sync();
  expect(await listFindings(root.root)).toEqual([]);
});

test('a clock far behind the root’s keeps no receipt, and says so in the log', async () => {
  const logger = createLogger('silent');
  const warn = jest.spyOn(logger, 'warn');
  jest.replaceProperty(soft.node.surroundings, 'logger', logger);
  jest.spyOn(root.root, 'now').mockReturnValue(new Date(NOW.getTime() + DAY));
  // Ten minutes slow.
  soft.now = new Date(NOW.getTime() + DAY - 600_000);
  await root.sync();
  expect(await leaseEntries()).toBe(0);
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ root: expect.any(String) as string }),
    expect.any(String),
  );
  soft.now = new Date(NOW.getTime() + DAY - 60_000);
  await root.sync();
  expect(await leaseEntries()).toBe(1);
  await root.sync();
  await bothEndsHold();
});

test('a new CA key begins with its grant, and its own receipts count from there on', async () => {
  goTo(6);
  await soft.rollOver();
  expect((await nodeStatus(soft.node)).lease).toMatchObject({
    state: 'running',
    from: soft.now.toISOString(),
  });
  goTo(14);
  expect(await state()).toBe('restricted');
  await expectCode(issue(), NodeError, 'LEASE_OVER');
});
