/** The registry with a long journal of a node: what it takes costs what is new, and is found by an index. */
import { fillJournal, readsOf } from '../support/longJournal';
import { SoftRegistry } from '../support/softRegistry';
import { grantOf, makeWorld } from '../support/delegationFixture';
import { softSigner } from '../support/softSigner';

const ENTRIES = 20_000;

let soft: SoftRegistry;

beforeAll(async () => {
  const { limits } = grantOf(await makeWorld());
  const quota = { total: 1_000_000, perDay: 1_000_000, perProfile: {} };
  soft = await SoftRegistry.open({ limits: { ...limits, quota } });
  await soft.send(1, ...soft.opening(1));
  soft.taken[1].push(...(await fillJournal(soft.root.store, soft.originOf(1), ENTRIES)));
});

afterAll(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

test('a submission costs what is new in it', async () => {
  const [intent, issued] = await soft.certificate(1, {}, { spki: softSigner('p-256').spki });
  const reads = await readsOf(soft.root.paths.database, async () => {
    expect(await soft.send(1, intent, issued)).toMatchObject({ size: ENTRIES + 4, findings: 0 });
  });
  expect(reads.scans).toEqual([]);
  expect(reads.rows).toBeLessThan(200);
});

test('revocations in the journal of an earlier CA key are held against a long later one by an index', async () => {
  const serialNumbers: string[] = [];
  for (let made = 0; made < 2; made += 1) {
    serialNumbers.push(soft.serialAt(1, soft.taken[1].length));
    await soft.send(1, ...(await soft.certificate(1, {}, { spki: softSigner('p-256').spki })));
  }
  await soft.send(2, ...soft.opening(2, soft.seal(1)));
  await fillJournal(soft.root.store, soft.originOf(2), ENTRIES);
  const time = soft.now.toISOString();
  const by = { kind: 'local', request: 'r-1' } as const;
  const revoked = serialNumbers.map(
    (serialNumber) => ({ type: 'revoked', time, serialNumber, reason: 'superseded', by }) as const,
  );
  const reads = await readsOf(soft.root.paths.database, async () => {
    expect(await soft.send(1, ...revoked)).toMatchObject({ findings: 0 });
  });
  expect(reads.scans).toEqual([]);
  expect(reads.rows).toBeLessThan(200);
});
