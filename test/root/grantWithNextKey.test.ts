/**
 * Terms and addresses on their way to the next CA key, to the end: drafted, applied for, approved by two, issued, taken
 * by the node, and used. Both ends are real but for their keys and clocks.
 *
 *   e1 ── draft with next key ── apply ─ an ─ binh ─ issue ─ activate ── e2 ── new addresses ── apply ─ … ── e3
 */
import { DelegationError } from '../../src/delegation';
import { activate, Issuer, republish, verifyNode } from '../../src/node';
import {
  draftUpdate,
  issueGrant,
  listFindings,
  receiveApplication,
  RootError,
  signUpdate,
  verifyRoot,
  viewApplication,
  viewUpdate,
  type WantedEffect,
} from '../../src/root';
import { readCertificate, type Certificate } from '../../src/x509';
import { NODE_ID, URLS } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

let soft: SoftNode;
let root: GrantingRoot;

beforeEach(async () => {
  soft = await SoftNode.activated();
  root = await GrantingRoot.of(soft);
  await root.sync();
});

afterEach(async () => {
  await root.remove();
  await soft.remove();
  jest.restoreAllMocks();
});

const draft = (set: readonly (readonly [string, string])[], wanted: WantedEffect) =>
  draftUpdate(root.root, NODE_ID, { set }, wanted);

async function rollOver(): Promise<void> {
  soft.now = new Date(soft.now.getTime() + 3_600_000);
  const application = await soft.applyWithNextKey();
  const { grant } = await viewApplication(root.root, await receiveApplication(root.root, application));
  const id = await root.approve(application);
  const issued = await issueGrant(root.root, id);
  // What was shown is what was signed, but for its moment.
  expect({ ...issued.grant, issuedAt: grant.issuedAt, effectiveFrom: grant.effectiveFrom }).toEqual(grant);
  await activate(soft.node, soft.journal, issued.bundle, soft.world.root.certificate.sha256);
  await republish(soft.node);
}

async function issue(email: string): Promise<Certificate> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const subject = [
    { type: 'CN', value: 'Nguyễn Thị Ánh' },
    { type: 'E', value: email },
  ] as const;
  const request = await soft.request();
  const { der } = await issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
  return readCertificate(der, 'issued');
}

async function bothEndsHold(): Promise<void> {
  await root.sync();
  expect(await listFindings(root.root)).toEqual([]);
  await verifyNode(soft.node);
  await verifyRoot(root.root);
}

test('what is drafted with the next key is what its grant says, its addresses too', async () => {
  await expectCode(issue('anh@baoloc.gov.vn'), DelegationError, 'OUTSIDE_GRANT');
  const crl = ['http://pki.lamdong.gov.vn/subca.crl', 'http://mirror.gov.vn/lamdong.crl'];
  const { draft: drafted } = await draft(
    [
      ['scope.profiles.individual.email.permitted', '[lamdong.gov.vn, .dalat.gov.vn, baoloc.gov.vn]'],
      ['limits.quota.total', '900'],
      ['urls.crl', JSON.stringify(crl)],
      ['urls.ocsp', '["http://pki.lamdong.gov.vn/ocsp"]'],
    ],
    { withNextKey: true },
  );
  await rollOver();

  const { grant, epoch } = await soft.node.delegation();
  expect(epoch).toBe(2);
  const { organisation, services, scope, limits, publication } = drafted;
  expect(grant.value).toMatchObject({ organisation, services, scope, limits, publication, version: 2 });
  const moved = ['http://pki.lamdong.gov.vn/subca-e2.crl', 'http://mirror.gov.vn/lamdong-e2.crl'];
  const [caIssuers, ocsp] = [['http://ca.lamdong.gov.vn/subca-e2.crt'], ['http://pki.lamdong.gov.vn/ocsp']];
  expect(grant.value.urls).toEqual({ crl: moved, ocsp, caIssuers });
  // The draft is used up, and the first key's own terms are what they were.
  await expectCode(viewUpdate(root.root, NODE_ID), RootError, 'GRANT_NO_DRAFT');
  const { generations } = await soft.node.delegation();
  expect(generations[0]?.grant.value.urls).toEqual(URLS);

  const { extensions } = (await issue('anh@baoloc.gov.vn')).tbs;
  expect(extensions).toMatchObject({ crlDistributionPoints: moved, ocsp, caIssuers });
  await bothEndsHold();
});

test('addresses that changed under a later key go over to the next one', async () => {
  await rollOver();
  const [crl, ocsp] = [['http://pki.lamdong.gov.vn/subca-e2.crl'], ['http://pki.lamdong.gov.vn/ocsp']];
  await draft(
    [
      ['urls.crl', JSON.stringify(crl)],
      ['urls.ocsp', JSON.stringify(ocsp)],
    ],
    { atOnce: true },
  );
  for (const operator of ['an', 'binh']) await signUpdate(root.root, NODE_ID, operator, undefined);
  await root.sync();
  await rollOver();
  const { grant, epoch } = await soft.node.delegation();
  expect(epoch).toBe(3);
  const moved = ['http://pki.lamdong.gov.vn/subca-e3.crl'];
  const caIssuers = ['http://ca.lamdong.gov.vn/subca-e3.crt'];
  expect(grant.value.urls).toEqual({ crl: moved, ocsp, caIssuers });
  const { extensions } = (await issue('anh@lamdong.gov.vn')).tbs;
  expect(extensions).toMatchObject({ crlDistributionPoints: moved, ocsp, caIssuers });
  await bothEndsHold();
});
