/**
 * Forty clients at a quota of a hundred, through four openings of the node, of which one is cut off: never one certificate too many. What
 * was reserved stays counted, since it may have been signed; the root counts the same.
 *
 *   4 × (10 clients × 5 requests) ──► 100 reserved ──► the rest refused ──► sync ──► the root's count
 *        └─ one cut off on the way ──► its intents abandoned, and counted
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { quotaKeys } from '../../src/delegation';
import {
  abandonOrphans,
  Issuer,
  JournalWriter,
  nodeStatus,
  verifyNode,
  type SubCaNode,
} from '../../src/node';
import { findJournal, readQuota } from '../../src/ledger';
import { listFindings, listNodes, verifyRoot } from '../../src/root';
import { runScript } from '../support/childScript';
import { NOW } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { SoftNode, type OpenNode } from '../support/softNode';

const QUOTA = 100;
const PROCESSES = 4;
const CLIENTS = 10;
const REQUESTS = 5;

let soft: SoftNode;
let root: GrantingRoot;

beforeEach(async () => {
  soft = await SoftNode.activated({ total: QUOTA });
  root = await GrantingRoot.of(soft);
});

afterEach(async () => {
  await root.remove();
  await soft.remove();
  jest.restoreAllMocks();
});

type Outcome = 'issued' | 'refused' | 'cut off';

/** One client: asks again and again. @param signs whether the token still answers it */
async function client({ node, journal }: OpenNode, signs: () => boolean): Promise<readonly Outcome[]> {
  const issuer = await Issuer.open(node, journal);
  const outcomes: Outcome[] = [];
  for (let time = 0; time < REQUESTS; time += 1) {
    const request = await soft.request();
    const subject = [
      { type: 'OU', value: 'Sở Tài chính' },
      { type: 'E', value: 'anhnt@lamdong.gov.vn' },
    ] as const;
    try {
      await issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
      outcomes.push('issued');
    } catch (error) {
      const code = (error as { readonly code?: string }).code;
      if (code !== 'OUTSIDE_GRANT' && signs()) throw error;
      outcomes.push(code === 'OUTSIDE_GRANT' ? 'refused' : 'cut off');
    }
  }
  return outcomes;
}

async function counted(node: SubCaNode): Promise<number> {
  const { origin, grant } = await node.delegation();
  const key = quotaKeys(grant.value.grantId, '', NOW).total;
  const journal = await findJournal(node.read, origin);
  return (await readQuota(node.read, journal?.id ?? 0, [key])).get(key) ?? 0;
}

test('exactly as many as are left are reserved, however many ask, and a process that dies gives none back', async () => {
  const opened = await Promise.all(Array.from({ length: PROCESSES }, () => soft.open()));
  const [dying, ...living] = opened;
  if (dying === undefined) throw new Error('no process');
  // It dies with its token in hand: what it has reserved by then gets no outcome.
  let signed = 0;
  const isAlive = (): boolean => signed < 3;
  jest.spyOn(dying.node, 'signer').mockImplementation((role) => {
    const signer = soft.signerOf(role);
    const sign = async (message: Uint8Array): Promise<Buffer> => {
      if (!isAlive()) return new Promise<never>(() => undefined);
      signed += 1;
      return signer.sign(message);
    };
    return Promise.resolve({ ...signer, sign });
  });
  const dead = Promise.all(Array.from({ length: CLIENTS }, () => client(dying, isAlive)));
  void dead;
  const open = (): Promise<unknown[]> =>
    soft.node.store.read.selectFrom('reservations').select('intentIndex').execute();
  while ((await open()).length < CLIENTS) await sleep(10);
  const outcomes = (
    await Promise.all(
      living.flatMap((process) => Array.from({ length: CLIENTS }, () => client(process, () => true))),
    )
  ).flat();

  // As a SIGKILL leaves it (test/system/sigkill.test.ts): its lock is gone, its intents stand open.
  await (await dying.node.life()).release();
  const { node } = await soft.open();
  const before = await counted(node);
  const abandoned = await abandonOrphans(node, new JournalWriter(node));
  expect(abandoned).toBe(CLIENTS);
  const issued = outcomes.filter((outcome) => outcome === 'issued').length;
  expect(outcomes.filter((outcome) => outcome === 'refused').length).toBe(outcomes.length - issued);
  expect(issued + signed + abandoned).toBe(QUOTA);
  expect([before, await counted(node)]).toEqual([QUOTA, QUOTA]);

  // Nothing more, after the restart either.
  expect(await client({ node, journal: new JournalWriter(node) }, () => true)).toEqual(
    Array(REQUESTS).fill('refused'),
  );
  expect(await verifyNode(node)).toMatchObject({ issued: issued + signed, abandoned, pending: 0 });
  await root.sync({ node, journal: new JournalWriter(node) });
  expect(await listFindings(root.root)).toEqual([]);
  await verifyRoot(root.root);
  const [told] = await listNodes(root.root);
  expect(told?.quota).toMatchObject({ total: QUOTA, totalLimit: QUOTA });
  expect((await nodeStatus(node)).quota).toEqual(told?.quota);
});

test('what a process had reserved when it was killed is counted, and the rest is not', async () => {
  const killed = await runScript(require.resolve('./quotaChild.ts'), [
    soft.directory,
    soft.now.toISOString(),
    '30',
  ]);
  expect(killed).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  const { node } = await soft.open();
  const journal = new JournalWriter(node);
  expect(await abandonOrphans(node, journal)).toBe(30);
  expect(await counted(node)).toBe(30);
  const clients = Array.from({ length: 40 }, () => client({ node, journal }, () => true));
  const outcomes = (await Promise.all(clients)).flat();
  expect(outcomes.filter((outcome) => outcome === 'issued')).toHaveLength(QUOTA - 30);
  await root.sync({ node, journal });
  expect(await listFindings(root.root)).toEqual([]);
  const [told] = await listNodes(root.root);
  expect(told?.quota).toMatchObject({ total: QUOTA, totalLimit: QUOTA });
});
