/** Lines of certificates and histories of keys that go over from one CA key to the next, at the node. */
import { DelegationError } from '../../src/delegation';
import {
  Issuer,
  NodeError,
  planSuccession,
  publishCrls,
  readRecord,
  republish,
  resume,
  revoke,
  suspend,
  verifyNode,
  viewCertificate,
  type IssuedCertificate,
  type SuccessionRequest,
} from '../../src/node';
import { readCrl, type CertificationRequest } from '../../src/x509';
import { holdings } from '../support/holdings';
import { expectCode } from '../support/matchers';
import { SoftNode, type OpenNode } from '../support/softNode';

const BY = { kind: 'local', request: '7/CV' } as const;
const ALL = ['issue', 'renew', 'change-information', 'recover-device', 'revoke', 'suspend'] as const;

let soft: SoftNode;
/** A certificate of the first CA key. */
let first: string;
let key: CertificationRequest;

async function start(services: readonly (typeof ALL)[number][] = ALL): Promise<void> {
  soft = await SoftNode.activated({}, { services: [...services] });
  key = await soft.request();
  first = await issue('Nguyễn Thị Ánh', key);
  await soft.rollOver();
}

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

async function issue(name: string, request: CertificationRequest): Promise<string> {
  const subject = [
    { type: 'CN', value: name },
    { type: 'E', value: 'anh@lamdong.gov.vn' },
  ] as const;
  const issuer = await Issuer.open(soft.node, soft.journal);
  const plan = issuer.plan('individual', { service: 'issue', request, subject });
  return (await issuer.issue(plan)).serialNumber;
}

async function planned(wanted: Partial<SuccessionRequest> = {}, { node, journal }: OpenNode = soft) {
  const issuer = await Issuer.open(node, journal);
  const all = { service: 'renew', predecessor: first, by: BY, ...wanted } as const;
  const { plan, existing } = await planSuccession(node, issuer, all);
  return { issue: async (): Promise<IssuedCertificate> => existing ?? issuer.issue(plan) };
}

const follow = async (wanted: Partial<SuccessionRequest> = {}): Promise<string> =>
  (await (await planned(wanted)).issue()).serialNumber;

async function expectRefused(work: Promise<unknown>, ...places: readonly string[]): Promise<void> {
  const { problems } = await expectCode(work, DelegationError, 'OUTSIDE_GRANT');
  expect(problems.map(({ where }) => where)).toEqual(places);
}

const revokeFirst = (reason: 'keyCompromise' | 'superseded') =>
  revoke(soft.journal, { serialNumber: first, reason, by: BY });

/** All is as it must be, for whoever reads the journals alone. */
async function verified(): Promise<Awaited<ReturnType<typeof verifyNode>>> {
  await publishCrls(soft.node, soft.journal);
  await republish(soft.node);
  return verifyNode(soft.node);
}

describe('a certificate of the first CA key', () => {
  beforeEach(() => start());

  test('is renewed under the second, once, whichever certificate of the line is named', async () => {
    const second = await follow();
    expect(second).toMatch(/^02/);
    expect(await readRecord(soft.node, second)).toMatchObject({ predecessor: first, renewals: 1 });
    expect(await readRecord(soft.node, first)).toMatchObject({ status: 'issued' });
    expect((await viewCertificate(soft.node, first)).successors).toMatchObject([{ serialNumber: second }]);
    // Asked again, it is the same request.
    expect(await follow()).toBe(second);
    await expectRefused(follow({ csr: await soft.request() }), 'predecessor.successor');
    await expectRefused(follow({ predecessor: second }), 'predecessor.renewals');
    expect(await verified()).toMatchObject({ issued: 2 });
  });

  test.each(['change-information', 'recover-device'] as const)(
    '%s revokes it in its own journal, in the transaction that records the new one',
    async (service) => {
      const csr = await soft.request();
      const plan = await planned({ service, csr });
      const { store } = soft.node;
      const transaction = store.transaction.bind(store);
      const before: object[] = [];
      const cut = jest.spyOn(store, 'transaction').mockImplementation(async (work) => {
        before.push(await holdings(soft.directory, 'subca.db'));
        return transaction(async (tx) => {
          const result = await work(tx);
          if (before.length === 2) throw new Error('power cut');
          return result;
        });
      });
      await expect(plan.issue()).rejects.toThrow('power cut');
      cut.mockRestore();
      expect(await holdings(soft.directory, 'subca.db')).toEqual(before[1]);
      expect(await readRecord(soft.node, first)).toMatchObject({ status: 'issued' });
    },
  );

  test('that is replaced appears on the first key’s CRL', async () => {
    const second = await follow({ service: 'recover-device', csr: await soft.request() });
    const [record, successor] = [await readRecord(soft.node, first), await readRecord(soft.node, second)];
    expect(record).toMatchObject({ status: 'revoked', reason: 'superseded' });
    // Its revocation is told to be later, though the clock stood still.
    expect(record.statusTime > successor.statusTime).toBe(true);
    const [old, current] = await publishCrls(soft.node, soft.journal);
    expect(readCrl(old!.der, 'CRL').entries).toMatchObject([{ serialNumber: first, reason: 'superseded' }]);
    expect(current?.entries).toBe(0);
    expect(await verified()).toMatchObject({ revoked: 1, issued: 1 });
  });

  test('that is revoked, or on hold, since it was planned is not followed', async () => {
    const [held, gone] = [await planned(), await planned({ csr: await soft.request() })];
    await suspend(soft.journal, { serialNumber: first, by: BY });
    await expectRefused(planned(), 'predecessor.status');
    await expectRefused(held.issue(), 'predecessor.status');
    await resume(soft.journal, { serialNumber: first, by: BY });
    await revokeFirst('superseded');
    await expectRefused(gone.issue(), 'predecessor.status');
    expect(await verified()).toMatchObject({ certificates: 1 });
  });

  test('of two processes that renew it at once, one does', async () => {
    const plans = [await planned(), await planned({ csr: await soft.request() }, await soft.open())];
    const outcomes = await Promise.allSettled(plans.map((plan) => plan.issue()));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await verified()).toMatchObject({ issued: 2, abandoned: 0 });
  });

  test('goes on under the third', async () => {
    const second = await follow();
    const other = await issue('Trần Văn Bình', await soft.request());
    await soft.rollOver('CA tỉnh Lâm Đồng G3');
    await expectRefused(follow({ csr: await soft.request() }), 'predecessor.successor');
    await expectRefused(follow({ predecessor: second, csr: await soft.request() }), 'predecessor.renewals');
    expect(await follow({ predecessor: other })).toMatch(/^03/);
    expect(
      await follow({ service: 'recover-device', predecessor: second, csr: await soft.request() }),
    ).toMatch(/^03/);
    expect(await verified()).toMatchObject({ issued: 4, revoked: 1 });
  });
});

test('it is not replaced where its revocation is not delegated, before anything is spent', async () => {
  await start(['issue', 'change-information', 'recover-device']);
  const before = await holdings(soft.directory, 'subca.db');
  const wanted = { service: 'recover-device', csr: await soft.request() } as const;
  await expectRefused(planned(wanted), 'service');
  expect(await holdings(soft.directory, 'subca.db')).toEqual(before);
  expect(await follow({ ...wanted, keep: true })).toMatch(/^02/);
  expect(await verified()).toMatchObject({ issued: 2 });
});

describe('a key of the first generation', () => {
  beforeEach(() => start());

  test('is its subscriber’s under the second', async () => {
    await expectCode(issue('Trần Văn Bình', key), NodeError, 'KEY_REUSED');
    expect(await issue('Nguyễn Thị Ánh', await soft.request())).toMatch(/^02/);
    expect(await verified()).toMatchObject({ certificates: 2 });
  });

  test('that is exposed is refused from then on, and what was certified before is in order', async () => {
    const changed = { type: 'OU', value: 'SỞ NỘI VỤ' } as const;
    const second = await follow({ service: 'change-information', subject: [changed], keep: true });
    await revokeFirst('keyCompromise');
    expect(await verified()).toMatchObject({ issued: 1, revoked: 1 });
    await expectCode(issue('Nguyễn Thị Ánh', key), NodeError, 'KEY_COMPROMISED');
    await expectCode(follow({ predecessor: second }), NodeError, 'KEY_COMPROMISED');
    expect(await follow({ predecessor: second, csr: await soft.request() })).toMatch(/^02/);
    expect(await verified()).toMatchObject({ issued: 2, revoked: 1 });
  });
});
