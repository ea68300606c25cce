/** Certificates that follow another, at the node: what is delegated, what two at once do, and what a failing token leaves. */
import { DelegationError } from '../../src/delegation';
import {
  Issuer,
  NodeError,
  planSuccession,
  readRecord,
  revoke,
  verifyNode,
  type SuccessionRequest,
} from '../../src/node';
import { readCertificate } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

const BY = { kind: 'local', request: '7/CV' } as const;
const SUBJECT = [
  { type: 'CN', value: 'Nguyễn Thị Ánh' },
  { type: 'E', value: 'anh@lamdong.gov.vn' },
] as const;

let soft: SoftNode;
let issuer: Issuer;
let first: string;

beforeEach(async () => {
  soft = await SoftNode.activated();
  issuer = await Issuer.open(soft.node, soft.journal);
  const request = await soft.request();
  first = (await issuer.issue(issuer.plan('individual', { service: 'issue', request, subject: SUBJECT })))
    .serialNumber;
});

afterEach(async () => {
  await soft.remove();
});

const planned = (service: SuccessionRequest['service'], more: Partial<SuccessionRequest> = {}) =>
  planSuccession(soft.node, issuer, { service, predecessor: first, by: BY, ...more });

async function planOf(
  service: SuccessionRequest['service'],
  more: Partial<SuccessionRequest> = {},
): Promise<Parameters<Issuer['issue']>[0]> {
  const { plan } = await planned(service, more);
  if (plan === undefined) throw new Error('it was issued before');
  return plan;
}

test('what is not delegated is refused, and leaves nothing behind', async () => {
  const { entries } = await verifyNode(soft.node);
  for (const service of ['change-information', 'recover-device'] as const) {
    const refusal = await expectCode(
      planned(service, { csr: await soft.request() }),
      DelegationError,
      'OUTSIDE_GRANT',
    );
    expect(refusal.category).toBe('refused');
    expect(refusal.problems.map(({ where, found }) => [where, found])).toEqual([['service', service]]);
  }
  expect((await verifyNode(soft.node)).entries).toBe(entries);
});

test('an unknown predecessor is told', async () => {
  const unknown = '01'.padEnd(32, '0');
  await expectCode(planned('renew', { predecessor: unknown }), NodeError, 'CERTIFICATE_UNKNOWN');
});

test('two renewals at once: one is issued, the other refused by the journal itself', async () => {
  const [one, other] = await Promise.all([planOf('renew'), planOf('renew', { csr: await soft.request() })]);
  const outcomes = await Promise.allSettled([issuer.issue(one), issuer.issue(other)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const lost = outcomes.find((outcome) => outcome.status === 'rejected');
  await expectCode(Promise.reject(lost?.reason as Error), DelegationError, 'OUTSIDE_GRANT');
  expect(await verifyNode(soft.node)).toMatchObject({ issued: 2, abandoned: 0 });
});

test('a renewal that the token failed may be tried again', async () => {
  const failure = new Error('the token is gone');
  const plan = await planOf('renew');
  const sign = jest.spyOn(soft.signers.ca, 'sign').mockRejectedValueOnce(failure);
  await expect(issuer.issue(plan)).rejects.toBe(failure);
  sign.mockRestore();
  await issuer.issue(await planOf('renew'));
  expect(await verifyNode(soft.node)).toMatchObject({ issued: 2, abandoned: 1 });
});

test('what was issued is handed out again, also after its predecessor was revoked', async () => {
  const { serialNumber, der } = await issuer.issue(await planOf('renew'));
  await revoke(soft.journal, { serialNumber: first, reason: 'superseded', by: BY });
  expect((await planned('renew')).existing).toEqual({ serialNumber, der, existing: true });
});

test('names, key and serial number of the predecessor are taken from its certificate', async () => {
  const csr = await soft.request();
  const { serialNumber, der } = await issuer.issue(await planOf('renew', { csr }));
  const { tbs } = readCertificate(der, 'renewed');
  expect(tbs.publicKey.spkiSha256).toBe(csr.publicKey.spkiSha256);
  expect(tbs.extensions.subjectAltName).toEqual([{ kind: 'email', value: 'anh@lamdong.gov.vn' }]);
  const record = await readRecord(soft.node, serialNumber);
  expect(record).toMatchObject({ service: 'renew', predecessor: first, renewals: 1 });
  expect(record.subject).toBe((await readRecord(soft.node, first)).subject);
});
