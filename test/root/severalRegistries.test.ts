/**
 * Several registries on one database, as processes of several machines have it:
 *
 *   node lam-dong ──┬──> registry ──┐
 *                   ├──> registry ──┼── database
 *   node dong-nai ──┴──> registry ──┘
 *
 * Each takes the same submissions of both nodes at the same time, in any order, and any of them may be killed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeEntry } from '../../src/journal';
import { readEntries, readJournal, whole } from '../../src/ledger';
import { verifyRoot, watchNodes } from '../../src/root';
import { encodeSubmission, type Receipt, type Submission } from '../../src/sync';
import { runScript } from '../support/childScript';
import { ENGINES } from '../support/engines';
import { SoftRegistry } from '../support/softRegistry';
import type { Task } from './registryChild';

/** A subscriber has no more of one profile. */
const CERTIFICATES = 5;
const REGISTRIES = 3;
const MOST_TURNS = 100;
/** Statements of a process that write, before which it is killed; the last lives. */
const KILL_BEFORE = [2, 9, 14, 0];

/** The entries of a node's journal, which are still to be sent. */
async function entriesOf(node: SoftRegistry): Promise<readonly Buffer[]> {
  const entries = [...node.opening(1)];
  for (let more = 0; more < CERTIFICATES; more += 1)
    entries.push(...(await node.certificate(1, {}, {}, entries.length)));
  return entries.map(encodeEntry);
}

/** They overlap: each begins a little before the one before it ends. */
async function submissionsOf(node: SoftRegistry, entries: readonly Buffer[]): Promise<readonly Submission[]> {
  const submissions: Submission[] = [];
  for (let from = 0; from < entries.length; from += 3)
    submissions.push(await node.submission(1, entries.slice(from, from + 5), entries.slice(0, from)));
  return submissions;
}

describe.each(ENGINES)('on %s', (engine) => {
  let soft: SoftRegistry;
  let nodes: readonly SoftRegistry[];
  let registries: readonly Pick<SoftRegistry, 'root' | 'registry'>[];
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'registries-'));
    soft = await SoftRegistry.open({}, engine);
    nodes = [soft, await soft.beside('dong-nai')];
    const others = Array.from({ length: REGISTRIES - 1 }, () => soft.another());
    registries = [soft, ...(await Promise.all(others))];
  });

  afterEach(async () => {
    await soft.remove();
    rmSync(folder, { recursive: true });
  });

  const sizeOf = async (node: SoftRegistry): Promise<number> =>
    (await readJournal(soft.root.read, node.originOf(1))).state.size;

  /** The journal holds the first of the entries, once each, under the head that they give. */
  async function expectHeld(node: SoftRegistry, entries: readonly Buffer[]): Promise<number> {
    const journal = await readJournal(soft.root.read, node.originOf(1));
    const { size } = journal.state;
    expect(await readEntries(soft.root.read, journal, 0, size)).toEqual(whole(entries.slice(0, size)));
    node.taken[1] = entries.slice(0, size);
    expect(journal.rootHash.toString('hex')).toBe(node.seal(1).rootHash);
    const rows = await soft.root.store.read
      .selectFrom('entries')
      .select('idx')
      .where('journal', '=', journal.id)
      .execute();
    expect(rows).toHaveLength(size);
    return size;
  }

  test('what comes to all of them at once is kept once, and each receipt tells what was committed', async () => {
    const told: [SoftRegistry, Receipt][] = [];
    const sending = nodes.flatMap(async (node) => {
      const entries = await entriesOf(node);
      const submissions = await submissionsOf(node, entries);
      await Promise.all(
        registries.map(async ({ registry }, which) => {
          // Each begins elsewhere: what comes too early is asked for again.
          for (let turn = which; turn < MOST_TURNS && (await sizeOf(node)) < entries.length; turn += 1) {
            const submission = submissions[turn % submissions.length];
            if (submission === undefined) throw new Error('nothing to send');
            const { receipt } = await registry.take(submission);
            expect(['gap', undefined]).toContain(receipt.problem?.code);
            expect(await sizeOf(node)).toBeGreaterThanOrEqual(receipt.size);
            told.push([node, receipt]);
          }
        }),
      );
      expect(await expectHeld(node, entries)).toBe(entries.length);
    });
    await Promise.all(sending);
    for (const [node, { size, rootHash }] of told) expect(node.seal(1, size).rootHash).toBe(rootHash);
    await verifyRoot(soft.root);
    expect(await soft.held()).toEqual([]);
  });

  test('a watch in each of them opens each condition once', async () => {
    for (const node of nodes) await node.send(1, ...node.opening(1));
    soft.now = new Date(soft.now.getTime() + 30 * 86_400_000);
    await Promise.all(registries.map(({ root }) => watchNodes(root)));
    const rows = await soft.root.store.read.selectFrom('conditions').select(['nodeId', 'code']).execute();
    expect(rows.length).toBeGreaterThanOrEqual(nodes.length);
    expect(new Set(rows.map(({ nodeId, code }) => `${nodeId} ${code}`)).size).toBe(rows.length);
  });

  test('one that is killed leaves whole submissions or nothing, and the others go on', async () => {
    const [killed, other] = nodes as [SoftRegistry, SoftRegistry];
    const entries = await entriesOf(killed);
    const submissions = await submissionsOf(killed, entries);
    const others = await submissionsOf(other, await entriesOf(other));
    const ends = [0, ...submissions.map(({ entries: { length } }, at) => at * 3 + length)];
    const file = join(folder, 'task');
    let kills = 0;
    for (const killBefore of KILL_BEFORE) {
      const task: Task = {
        directory: soft.directory,
        key: soft.world.registry.privateKeyPem,
        now: soft.now.toISOString(),
        submissions: submissions.map((submission) => encodeSubmission(submission).toString('base64')),
        killBefore,
      };
      writeFileSync(file, JSON.stringify(task));
      const child = runScript(require.resolve('./registryChild.ts'), [file]);
      const beside = others[kills % others.length];
      if (beside !== undefined) await soft.registry.take(beside);
      const { signal, code, stderr } = await child;
      expect(ends).toContain(await expectHeld(killed, entries));
      expect([code, signal, stderr]).toEqual(killBefore === 0 ? [0, null, ''] : [null, 'SIGKILL', '']);
      kills += 1;
    }
    expect(await sizeOf(killed)).toBe(entries.length);
    await verifyRoot(soft.root);
    expect(await soft.held()).toEqual([]);
  });
});
