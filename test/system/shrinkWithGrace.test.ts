/**
 * A grant that becomes narrower, with a grace both sides know: seen before it is signed, signed by two, in the node's
 * journal at once, in force on the day. Both ends are real but for their keys and clocks.
 *
 *   v1 ───────────────── in force ─────────────┬── v2 in force ───┬── v3 in force
 *   draft ─ an ─ binh ─ sync: v2 arrives       day 30             by file, at once
 */
import { DelegationError } from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import { readJournal } from '../../src/ledger';
import {
  acceptBundle,
  ensureResponderCertificate,
  Issuer,
  nodeStatus,
  planSuccession,
  verifyNode,
  type IssuedCertificate,
} from '../../src/node';
import {
  discardUpdate,
  draftUpdate,
  listFindings,
  listNodes,
  RootError,
  signUpdate,
  verifyRoot,
  viewUpdate,
  type WantedEffect,
} from '../../src/root';
import { DAY, NODE_ID, NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { GrantingRoot } from '../support/grantingRoot';

let soft: SoftNode;
let root: GrantingRoot;

beforeEach(async () => {
  const services = ['issue', 'renew', 'change-information', 'recover-device', 'revoke', 'suspend'] as const;
  soft = await SoftNode.activated({}, { services: [...services] });
  root = await GrantingRoot.of(soft);
});

afterEach(async () => {
  await root.remove();
  await soft.remove();
  jest.restoreAllMocks();
});

const goTo = (days: number): void => {
  soft.now = new Date(NOW.getTime() + days * DAY);
};
const onDay = (days: number): WantedEffect => ({ from: new Date(NOW.getTime() + days * DAY) });

async function issue(email: string): Promise<IssuedCertificate> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const subject = [
    { type: 'OU', value: 'Sở Tài chính' },
    { type: 'E', value: email },
  ] as const;
  const request = await soft.request();
  return issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
}

const draft = (set: readonly (readonly [string, string])[], wanted?: WantedEffect) =>
  draftUpdate(root.root, NODE_ID, { set }, wanted);

async function sign(): Promise<Buffer> {
  const { draft: shown } = await viewUpdate(root.root, NODE_ID);
  await signUpdate(root.root, NODE_ID, 'an', undefined, shown);
  const other = { ...shown, limits: { ...shown.limits, notAfter: shown.effectiveFrom } };
  const changed = signUpdate(root.root, NODE_ID, 'binh', undefined, other);
  await expectCode(changed, RootError, 'GRANT_DRAFT_CHANGED');
  const { issued } = await signUpdate(root.root, NODE_ID, 'binh', undefined, shown);
  return issued?.bundle ?? Buffer.alloc(0);
}

async function bothEndsHold(): Promise<void> {
  expect(await listFindings(root.root)).toEqual([]);
  await verifyNode(soft.node);
  await verifyRoot(root.root);
}

const WITHOUT_DALAT = [['scope.profiles.individual.email.permitted', '[lamdong.gov.vn]']] as const;

test('what would fall outside is seen before anybody signs, and a narrower version needs a day', async () => {
  await issue('mot@lamdong.gov.vn');
  await issue('hai@p1.dalat.gov.vn');
  const { serialNumber } = await issue('ba@p2.dalat.gov.vn');
  await root.sync();

  const refusal = await expectCode(draft(WITHOUT_DALAT), RootError, 'GRANT_NARROWS');
  expect(refusal.problems).toEqual([
    {
      code: 'OUTSIDE_GRANT',
      where: 'scope.profiles[individual].email.permitted',
      found: 'lamdong.gov.vn',
      allowed: 'lamdong.gov.vn, .dalat.gov.vn',
    },
  ]);
  await expectCode(viewUpdate(root.root, NODE_ID), RootError, 'GRANT_NO_DRAFT');

  const { effect, draft: drafted } = await draft(WITHOUT_DALAT, onDay(30));
  expect(drafted).toMatchObject({
    version: 2,
    effectiveFrom: new Date(NOW.getTime() + 30 * DAY).toISOString(),
  });
  expect(effect).toMatchObject({ narrows: true, against: 1, running: 3, usedUp: [] });
  expect(effect.quota.total).toBe(3);
  expect(effect.outside.map((one) => one.profile)).toEqual(['individual', 'individual']);
  expect(effect.outside[1]).toMatchObject({ serialNumber });
  expect(effect.rules).toEqual([
    { profile: 'individual', rule: 'subject.E', count: 2 },
    { profile: 'individual', rule: 'subjectAltName.email', count: 2 },
  ]);

  // Its numbers too: three are used already.
  await discardUpdate(root.root, NODE_ID);
  const fewer = await draft([['limits.quota.total', '3']], onDay(1));
  expect(fewer.effect).toMatchObject({ narrows: true, outside: [], usedUp: ['quota.total'] });
});

test('it arrives with the next exchange and takes effect on its day, at both ends', async () => {
  await draft(WITHOUT_DALAT, onDay(30));
  await sign();
  goTo(1);
  await root.sync();
  // It has arrived, which the root sees with the next exchange; what it says holds later.
  await root.sync();
  expect(await nodeStatus(soft.node)).toMatchObject({ grant: { version: 1, toCome: [{ version: 2 }] } });
  expect(await listNodes(root.root)).toMatchObject([{ inForce: 1, grantVersion: 2, newestGrant: 2 }]);

  soft.now = new Date(NOW.getTime() + 30 * DAY - 1);
  await issue('mot@p1.dalat.gov.vn');
  goTo(30);
  const refusal = await expectCode(issue('hai@p1.dalat.gov.vn'), DelegationError, 'OUTSIDE_GRANT');
  expect(refusal.category).toBe('refused');
  expect(new Set(refusal.problems.map(({ where }) => where))).toEqual(
    new Set(['subject.E', 'subjectAltName.email']),
  );
  await issue('ba@lamdong.gov.vn');
  expect(await nodeStatus(soft.node)).toMatchObject({ grant: { version: 2, toCome: [] } });
  await root.sync();
  expect(await listNodes(root.root)).toMatchObject([{ inForce: 2 }]);
  await bothEndsHold();
});

test('a wider version works from its arrival, also by file, and overtakes a narrower one that still waits', async () => {
  await draft(WITHOUT_DALAT, onDay(30));
  const second = await sign();
  await acceptBundle(soft.node, soft.journal, second);
  goTo(1);
  // Drafted from the newest, it would take the domain now: against what is in force that is narrower.
  await expectCode(draft([['limits.quota.total', '2000']]), RootError, 'GRANT_NARROWS');
  const { effect } = await draft([
    ['scope.profiles.individual.email.permitted', '[lamdong.gov.vn, .dalat.gov.vn]'],
    ['limits.quota.total', '2000'],
  ]);
  expect(effect).toMatchObject({ narrows: false, against: 1 });
  const third = await sign();
  const limit = async (): Promise<number | undefined> => (await nodeStatus(soft.node)).quota?.totalLimit;
  expect(await limit()).toBe(1000);
  for (let time = 0; time < 2; time += 1) await acceptBundle(soft.node, soft.journal, third);
  expect([await limit(), (await nodeStatus(soft.node)).grant]).toMatchObject([
    2000,
    { version: 3, toCome: [] },
  ]);
  goTo(31);
  await issue('hai@p1.dalat.gov.vn');
  await root.sync();
  await bothEndsHold();
});

test('services end one by one: a node that may only change and recover does that, and refuses the rest', async () => {
  const first = await issue('mot@lamdong.gov.vn');
  const { origin } = await soft.node.delegation();
  await draft([['services', '[change-information, recover-device]']], { atOnce: true });
  await sign();
  await root.sync();
  expect((await readJournal(soft.node.read, origin)).state.grantVersion).toBe(2);
  for (const refused of [issue('hai@lamdong.gov.vn'), follow(first.serialNumber, 'renew')]) {
    const { category } = await expectCode(refused, DelegationError, 'OUTSIDE_GRANT');
    expect(category).toBe('refused');
  }
  const changed = await follow(first.serialNumber, 'change-information');
  await follow(changed.serialNumber, 'recover-device');
  // Its own responder needs no service.
  await ensureResponderCertificate(soft.node, soft.journal, await soft.node.delegation());
  await root.sync();
  await bothEndsHold();
});

async function follow(
  predecessor: string,
  service: 'renew' | 'change-information' | 'recover-device',
): Promise<IssuedCertificate> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const csr = service === 'recover-device' ? await soft.request() : undefined;
  const by = { kind: 'local', request: '1' } as const;
  const subject = service === 'change-information' ? [{ type: 'CN', value: 'Nguyễn Thị Ân' } as const] : [];
  const planned = await planSuccession(soft.node, issuer, { service, predecessor, csr, subject, by });
  return planned.existing ?? issuer.issue(planned.plan);
}

test('the grant is renewed before its end, and issuing goes on', async () => {
  const notAfter = new Date(NOW.getTime() + 500 * DAY).toISOString();
  const { effect } = await draft([['limits.notAfter', notAfter]]);
  expect(effect).toMatchObject({
    narrows: false,
    differences: [{ where: 'limits.notAfter', after: notAfter }],
  });
  await sign();
  goTo(300);
  await root.sync();
  goTo(366);
  await issue('mot@lamdong.gov.vn');
  await root.sync();
  await bothEndsHold();
});

test('what the CA certificate does not carry waits for the next one', async () => {
  const wider = [
    ['scope.profiles.individual.email.permitted', '[lamdong.gov.vn, .dalat.gov.vn, baoloc.gov.vn]'],
  ] as const;
  const refusal = await expectCode(draft(wider), RootError, 'GRANT_BEYOND_CERTIFICATE');
  expect(refusal.problems).toMatchObject([
    {
      where: 'scope.profiles[individual].email.permitted',
      found: 'baoloc.gov.vn',
      allowed: 'lamdong.gov.vn',
    },
  ]);
  expect(await draft(wider, { withNextKey: true })).toMatchObject({
    withNextKey: true,
    effect: { narrows: false },
  });
  await expectCode(signUpdate(root.root, NODE_ID, 'an', undefined), RootError, 'GRANT_DRAFT_WITH_NEXT_KEY');
});

test('a draft is signed as it stands: once signed it is not replaced, and its grace must not run out meanwhile', async () => {
  await expectCode(signUpdate(root.root, NODE_ID, 'an', undefined), RootError, 'GRANT_NO_DRAFT');
  await draft(WITHOUT_DALAT, onDay(2));
  // Not signed yet: another draft takes its place.
  await draft(WITHOUT_DALAT, onDay(3));
  await signUpdate(root.root, NODE_ID, 'an', undefined);
  await expectCode(signUpdate(root.root, NODE_ID, 'an', undefined), EnvelopeError, 'ALREADY_SIGNED');
  await expectCode(signUpdate(root.root, NODE_ID, 'chi', undefined), RootError, 'OPERATOR_NOT_TRUSTED');
  await expectCode(draft(WITHOUT_DALAT, onDay(4)), RootError, 'GRANT_DRAFT_SIGNED');
  expect(await viewUpdate(root.root, NODE_ID)).toMatchObject({ signedBy: ['an'], threshold: 2 });
  await verifyRoot(root.root);
  goTo(3);
  await expectCode(signUpdate(root.root, NODE_ID, 'binh', undefined), RootError, 'GRANT_DRAFT_LATE');
  await discardUpdate(root.root, NODE_ID);
  await expectCode(draft(WITHOUT_DALAT, onDay(3 - 1 / 86_400)), RootError, 'GRANT_EFFECT_PAST');
  expect((await listNodes(root.root))[0]?.newestGrant).toBe(1);
});
