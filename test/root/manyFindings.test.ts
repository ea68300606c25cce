/** A journal that breaks rules without end: what the root keeps of it is bounded, and is what it finds again. */
import { subjectAltName } from '../../src/x509';
import { ACKNOWLEDGEMENT_PAYLOAD_TYPE, payloadOf, type Acknowledgement } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import { listFindings, pageFindings, RootError, verifyRoot } from '../../src/root';
import { grantOf, makeWorld, NODE_ID, NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftRegistry } from '../support/softRegistry';

let soft: SoftRegistry;

beforeEach(async () => {
  const { limits } = grantOf(await makeWorld());
  const quota = { total: 5000, perDay: 5000, perProfile: {} };
  soft = await SoftRegistry.open({ limits: { ...limits, quota } });
  await soft.send(1, ...soft.opening(1));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

const garbage = (count: number): readonly Buffer[] => Array.from({ length: count }, () => Buffer.from('{}'));

test('of each rule, the first hundred in a submission are told one by one, the others together', async () => {
  const bad = await Promise.all(
    Array.from({ length: 120 }, (_, at) => soft.certificate(1, { service: 'recover-device' }, {}, 250 + at)),
  );
  const entries = [...garbage(250), ...bad.map(([intent]) => intent)];
  expect(await soft.send(1, ...entries)).toMatchObject({ size: 372, findings: 202 });
  // One more submission is told anew.
  expect(await soft.send(1, ...garbage(101))).toMatchObject({ findings: 303 });
  const held = await soft.held();
  expect(held.filter((one) => one.startsWith('e1 —'))).toEqual([
    'e1 — ENTRY_MALFORMED',
    'e1 — ENTRY_MALFORMED',
    'e1 — OUT_OF_SCOPE',
  ]);
  const [together] = (await listFindings(soft.root)).filter(({ entryIndex }) => entryIndex === null);
  expect(together).toMatchObject({
    evidence: { from: 102, to: 251, findings: 150 },
    problems: [{ where: 'entries 102 – 251', found: '150' }],
  });
});

test('findings are told in pages, of one node, and those that are acknowledged are counted', async () => {
  await soft.send(1, ...garbage(250));
  const numbers = (await listFindings(soft.root)).map(({ id }) => id);
  expect(numbers).toHaveLength(101);
  const said: Acknowledgement = {
    subject: soft.originOf(1),
    code: 'ENTRY_MALFORMED',
    entryIndex: 4,
    evidenceSha256: 'ab'.repeat(32),
    operator: 'an',
    reason: 'Đã kiểm tra',
    time: NOW.toISOString(),
  };
  const signers = [soft.world.operators.an];
  const acknowledgement = await sealEnvelope(ACKNOWLEDGEMENT_PAYLOAD_TYPE, payloadOf(said), signers);
  await soft.root.store.transaction((tx) =>
    tx.updateTable('findings').set({ acknowledgement }).where('id', '=', numbers[2]!).execute(),
  );

  const told: number[] = [];
  const rest: number[] = [];
  for (let after: number | undefined; rest.at(-1) !== 0; after = told.at(-1)) {
    const page = await pageFindings(soft.root, { all: false, limit: 40, node: NODE_ID, after });
    expect(page.others).toBe(1);
    told.push(...page.findings.map(({ id }) => id));
    rest.push(page.more);
  }
  expect(rest).toEqual([60, 20, 0]);
  expect(told).toEqual(numbers.filter((id) => id !== numbers[2]));
  const all = await pageFindings(soft.root, { all: true, limit: 3 });
  expect(all).toMatchObject({ more: 98, others: 0, findings: [{}, {}, { state: 'acknowledged' }] });
  const unknown = pageFindings(soft.root, { all: true, limit: 3, node: 'nobody' });
  await expectCode(unknown, RootError, 'NODE_UNKNOWN');
});

test('one that is gone, and one that nothing gives, are found', async () => {
  await soft.send(1, ...garbage(150));
  await soft.held();
  const { store } = soft.root;
  const differs = (): Promise<unknown> => expectCode(verifyRoot(soft.root), RootError, 'STORED_DIFFERS');
  const [first, ...others] = await store.read.selectFrom('findings').selectAll().orderBy('id').execute();
  await store.transaction((tx) => tx.deleteFrom('findings').where('id', '=', first!.id).execute());
  await differs();
  await store.transaction((tx) => tx.insertInto('findings').values(first!).execute());
  await soft.held();
  await store.transaction((tx) =>
    tx.updateTable('findings').set({ code: 'FORK' }).where('id', '=', others.at(-1)!.id).execute(),
  );
  await differs();
});

test('of one entry, some problems are told, and no long text', async () => {
  const names = Array.from({ length: 200 }, (_, at) => `${'a'.repeat(60)}${String(at)}@elsewhere.vn`);
  const extensions = {
    subjectAltName: subjectAltName(names.map((value) => ({ kind: 'email' as const, value }))),
  };
  const [intent] = await soft.certificate(1, { profile: 'p'.repeat(40) }, { extensions });
  const [other] = await soft.certificate(1, {}, { extensions }, 1);
  await soft.send(1, intent, other);
  const [, found] = await listFindings(soft.root);
  expect(found?.problems).toHaveLength(16);
  await soft.held();
});

test('many certificates for one key and predecessor are judged by few of them, under the next key too', async () => {
  const first = await soft.certificate(1);
  await soft.send(1, ...first);
  const predecessor = soft.serialAt(1, 2);
  const following = (epoch: 1 | 2, count: number): Promise<readonly object[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const [intent] = await soft.certificate(epoch, { service: 'renew', predecessor }, {}, at);
        return intent;
      }),
    );
  for (let again = 0; again < 2; again += 1) await soft.send(1, ...((await following(1, 5)) as []));
  await soft.send(2, ...soft.opening(2, soft.seal(1)));
  await soft.send(2, ...((await following(2, 5)) as []));
  expect((await soft.held()).filter((one) => one.startsWith('e1'))).toHaveLength(9);
});
