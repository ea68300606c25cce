/** Issuance: each step durable before the next, each plan good for one certificate, and the quota exact. */
import { DelegationError } from '../../src/delegation';
import { Issuer, NodeError, verifyNode } from '../../src/node';
import { verifyIssuedBy, readCertificate, type NameAttribute } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { SoftNode, type OpenNode } from '../support/softNode';

let soft: SoftNode;

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

const PROFILE = 'individual';

function subject(name: string): readonly NameAttribute[] {
  return [
    { type: 'CN', value: name },
    { type: 'E', value: 'anh@lamdong.gov.vn' },
  ];
}

async function openIssuer({ node, journal }: OpenNode): Promise<Issuer> {
  return Issuer.open(node, journal);
}

async function reservations(): Promise<number> {
  return (await soft.node.store.read.selectFrom('reservations').selectAll().execute()).length;
}

describe('with room in the quota', () => {
  beforeEach(async () => {
    soft = await SoftNode.activated();
  });

  test('a certificate is the CA’s, stands in the journal, and leaves no reservation', async () => {
    const issuer = await openIssuer(soft);
    const plan = issuer.plan(PROFILE, {
      service: 'issue',
      request: await soft.request(),
      subject: subject('A'),
    });
    const issued = await issuer.issue(plan);
    const certificate = readCertificate(issued.der, 'issued');
    expect(verifyIssuedBy(certificate, soft.world.subCa.certificate)).toBe(true);
    expect(certificate.tbs.serialNumber).toBe(issued.serialNumber);
    expect(await reservations()).toBe(0);
    expect((await issuer.findEarlier([plan])).get(plan.request)).toEqual({ ...issued, existing: true });
    soft.now = certificate.tbs.notAfter;
    expect((await issuer.findEarlier([plan])).size).toBe(0);
    expect(await verifyNode(soft.node)).toMatchObject({ issued: 1, pending: 0 });
  });

  test('a plan is good for one certificate, also when it is used twice at once', async () => {
    const issuer = await openIssuer(soft);
    const plan = issuer.plan(PROFILE, {
      service: 'issue',
      request: await soft.request(),
      subject: subject('A'),
    });
    const [one, other] = await Promise.allSettled([issuer.issue(plan), issuer.issue(plan)]);
    expect(one.status).toBe('fulfilled');
    expect(other).toMatchObject({ reason: new Error('an issuance plan is good for one certificate') });
    await expect(issuer.issue(plan)).rejects.toThrow('good for one certificate');
    expect(await verifyNode(soft.node)).toMatchObject({ certificates: 1 });
  });

  test('when the token fails, the intent is abandoned and the token’s error is told', async () => {
    const failure = new Error('device removed');
    const { ca } = soft.signers;
    soft.signers.ca = { ...ca, sign: () => Promise.reject(failure) };
    const issuer = await openIssuer(soft);
    soft.signers.ca = ca;
    const asked = { service: 'issue', request: await soft.request(), subject: subject('A') } as const;
    await expect(issuer.issue(issuer.plan(PROFILE, asked))).rejects.toBe(failure);
    expect(await verifyNode(soft.node)).toMatchObject({ certificates: 1, abandoned: 1, pending: 0 });
  });

  test('a signature that is not the CA’s never leaves the node', async () => {
    const { ca } = soft.signers;
    soft.signers.ca = { ...ca, sign: (message) => soft.world.subscriber.sign(message) };
    const issuer = await openIssuer(soft);
    soft.signers.ca = ca;
    const asked = { service: 'issue', request: await soft.request(), subject: subject('A') } as const;
    await expectCode(issuer.issue(issuer.plan(PROFILE, asked)), NodeError, 'SIGNATURE_WRONG');
    expect(await verifyNode(soft.node)).toMatchObject({ issued: 0, abandoned: 1 });
  });
});

test('forty requests in two processes at once: exactly what the day’s quota allows is issued', async () => {
  soft = await SoftNode.activated({ perDay: 17 });
  const issuers = [await openIssuer(soft), await openIssuer(await soft.open())];
  const requests = await Promise.all(Array.from({ length: 41 }, () => soft.request()));
  // All of them are planned while there is room for each.
  const [last, ...others] = requests.map((request, at) => {
    const issuer = issuers[at % 2]!;
    const asked = { service: 'issue', request, subject: subject('A'.repeat(at + 1)) } as const;
    return { issuer, plan: () => issuer.plan(PROFILE, asked) };
  });
  const plans = others.map(({ issuer, plan }) => ({ issuer, plan: plan() }));
  const outcomes = await Promise.allSettled(plans.map(({ issuer, plan }) => issuer.issue(plan)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(outcomes.length - refused.length).toBe(17);
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(DelegationError);
    expect(reason).toMatchObject({ code: 'OUTSIDE_GRANT' });
  }
  expect(await issuers[0]!.quotaUse(PROFILE)).toEqual({ total: 17, day: 17, profile: 17 });
  expect(await verifyNode(soft.node)).toMatchObject({ certificates: 17, issued: 17, pending: 0 });

  // The next day begins at midnight in Việt Nam, 17:00 UTC.
  soft.now = new Date('2026-03-02T17:00:00.000Z');
  await last!.issuer.issue(last!.plan());
});
