/** What a node tells of itself: its certificates found by their subjects, and every CA key that still publishes. */
import {
  Issuer,
  listRecords,
  NodeError,
  nodeStatus,
  prepareApplication,
  publishCrl,
  rolloverStatus,
} from '../../src/node';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

let soft: SoftNode;

beforeAll(async () => {
  soft = await SoftNode.activated();
  const issuer = await Issuer.open(soft.node, soft.journal);
  for (const name of ['Nguyễn Thị Ánh', 'ĐẶNG VĂN ÂN']) {
    const request = await soft.request();
    const subject = [
      { type: 'CN', value: name },
      { type: 'E', value: 'anh@lamdong.gov.vn' },
    ] as const;
    await issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
  }
});

afterAll(async () => {
  await soft.remove();
});

test.each([
  ['nguyễn thị ánh', 1],
  ['NGUYỄN THỊ ÁNH'.normalize('NFD'), 1],
  ['đặng%ân', 1],
  ['@%đặng', 0],
  ['anh@LAMDONG', 2],
  ['Nguyen', 0],
])('certificates whose subject contains %s', async (subject, count) => {
  expect(await listRecords(soft.node, { subject, limit: 10 })).toHaveLength(count);
  expect(await listRecords(soft.node, { subject, limit: 1 })).toHaveLength(Math.min(count, 1));
});

test('a second first application is refused', async () => {
  const options = {
    emailDomains: [],
    dnsDomains: [],
    readiness: { checks: [], measured: { device: null, backup: null, clock: null } },
    software: { name: 'x', version: '1' },
  };
  const refusal = await expectCode(prepareApplication(soft.node, options), NodeError, 'ALREADY_ACTIVATED');
  expect(refusal.params).toEqual({ node: 'lam-dong', version: 1 });
});

test('after a roll-over the CRL that is due first is told, and the entries of both journals', async () => {
  soft.now = new Date(soft.now.getTime() + 3_600_000);
  await soft.rollOver();
  await publishCrl(soft.node, soft.journal, 2);
  const [old, next] = (await rolloverStatus(soft.node)).generations;
  const { crl, journal } = await nodeStatus(soft.node);
  expect(journal?.size).toBe((old?.entries ?? 0) + (next?.entries ?? 0));
  expect(Date.parse(next?.crl?.nextUpdate ?? '')).toBeGreaterThan(Date.parse(old?.crl?.nextUpdate ?? ''));
  expect(crl).toEqual(old?.crl);
});
