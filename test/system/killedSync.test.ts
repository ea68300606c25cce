/**
 * A synchronisation of real programs in which one of the two is killed before each of its steps in turn. The next one
 * finds nothing lost and nothing twice.
 *
 *   crl publish ─ sync, KILL before step n ─ sync ─ both ends equal ─ n + 1 …
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { requiring } from '../support/quickStart';
import { RawDatabase } from '../support/rawDatabase';
import { World } from '../support/world';

const KILL_AT = join(__dirname, '..', 'support', 'killAt.cjs');

let world: World;
let node: RawDatabase;
let root: RawDatabase;

beforeAll(async () => {
  world = await World.activated();
  node = await RawDatabase.open(world.path('node', 'subca.db'));
  root = await RawDatabase.open(world.path('root', 'rootca.db'));
});

afterAll(async () => {
  world.remove();
  await node.close();
  await root.close();
});

/** Programs started during the work die at the given step. */
async function killing<T>(step: string, work: () => Promise<T> | T): Promise<T> {
  const { NODE_OPTIONS } = world.env;
  Object.assign(world.env, { NODE_OPTIONS: requiring(KILL_AT, world.env), KILL_AT: step });
  try {
    return await work();
  } finally {
    Object.assign(world.env, { NODE_OPTIONS });
    delete world.env['KILL_AT'];
  }
}

/** Something new for the root. */
async function publish(): Promise<void> {
  await world.subcaOk('crl', 'publish');
}

/** The node's entries, as that party has them. */
function entriesOf(database: RawDatabase): Promise<readonly object[]> {
  return database.rows(
    `SELECT origin, idx, hex(bytes) AS bytes FROM entries JOIN journals ON journals.id = journal
     WHERE origin LIKE '%/e1' ORDER BY origin, idx`,
  );
}

/** One more exchange, and both ends hold the same. */
async function converges(): Promise<void> {
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  const own = await entriesOf(node);
  expect(own.length).toBeGreaterThan(3);
  expect(await entriesOf(root)).toEqual(own);
}

async function bothVerify(): Promise<void> {
  const { entries, rootHash } = await world.subcaOk('verify');
  expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ entries, rootHash }] });
}

test('the node, before each change of its database, and when it has the answer', async () => {
  const registry = await world.serve('rootca');
  const steps: string[] = [];
  for (let step = 0; ; step += 1) {
    await publish();
    const ran = await killing(step === 0 ? 'sent' : `write:${String(step)}`, () => world.subca('sync'));
    await converges();
    if (ran.code === 0) break;
    steps.push(/killed before: (.*)/.exec(ran.stderr)?.[1] ?? ran.stderr);
  }
  expect(steps[0]).toBe('keeping the answer');
  expect(steps.filter((one) => /^commit/i.test(one)).length).toBeGreaterThan(0);
  registry.kill('SIGTERM');
  await once(registry, 'exit');
  await bothVerify();
});

test('the registry, before each change of its database, and before it answers', async () => {
  const steps: string[] = [];
  for (let step = 0; ; step += 1) {
    await publish();
    const registry = await killing(step === 0 ? 'taken' : `write:${String(step)}`, () =>
      world.serve('rootca'),
    );
    const ended = once(registry, 'exit');
    let said = '';
    registry.stderr?.on('data', (part: Buffer) => (said += part.toString('utf8')));
    const ran = world.subca('sync');
    if (ran.code === 0) {
      registry.kill('SIGTERM');
      await ended;
      break;
    }
    expect([ran.code, ran.json.error?.category]).toEqual([4, 'unavailable']);
    await ended;
    steps.push(/killed before: (.*)/.exec(said)?.[1] ?? said);
  }
  expect(steps[0]).toBe('answering');
  expect(steps.filter((one) => /^commit/i.test(one)).length).toBeGreaterThan(0);
  await world.withRegistry(converges);
  await bothVerify();
});
