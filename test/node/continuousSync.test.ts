/** The service sends by itself: soon after an entry, one submission at a time, and on after failures. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../../src/ledger';
import { NodeError, publishCrl, synchroniseContinuously, type Carrier } from '../../src/node';
import { SoftNode } from '../support/softNode';
import { SoftRegistry } from '../support/softRegistry';

let soft: SoftNode;
let root: SoftRegistry;

beforeEach(async () => {
  soft = await SoftNode.activated();
  root = await SoftRegistry.of(soft);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await root.remove();
  await soft.remove();
});

async function heldAtRoot(): Promise<number> {
  return (await readJournal(root.root.read, root.originOf(1))).state.size;
}

async function reaches(size: number): Promise<void> {
  for (let tries = 0; tries < 100 && (await heldAtRoot()) < size; tries += 1) await sleep(100);
  expect(await heldAtRoot()).toBe(size);
}

const ownSize = async (): Promise<number> => (await readJournal(soft.node.read, root.originOf(1))).state.size;

test('what is new reaches the root within seconds, never twice at once, and a root that was away gets it later', async () => {
  let [open, most, calls] = [0, 0, 0];
  let isAway = false;
  const carry: Carrier = async (submission) => {
    calls += 1;
    if (isAway) throw new NodeError('REGISTRY_UNREACHABLE', { url: 'test', reason: 'away' });
    open += 1;
    most = Math.max(most, open);
    try {
      return await root.registry.receive(submission);
    } finally {
      open -= 1;
    }
  };
  const ends = new AbortController();
  const options = { software: 'test', signal: ends.signal };
  const sending = synchroniseContinuously(soft.node, soft.journal, carry, options);
  await reaches(await ownSize());
  await publishCrl(soft.node, soft.journal);
  await reaches(await ownSize());
  // Nothing new: the root is left alone.
  const before = calls;
  await sleep(2500);
  expect(calls - before).toBeLessThanOrEqual(1);

  isAway = true;
  await publishCrl(soft.node, soft.journal);
  await sleep(2500);
  isAway = false;
  await reaches(await ownSize());
  expect(most).toBe(1);
  ends.abort();
  await sending;
  expect(await root.held()).toEqual([]);
});
