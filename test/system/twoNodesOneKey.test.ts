/**
 * A node is set up twice over the same keys, and both copies issue: the second to sync meets its own signature.
 *
 *   node ──┬── issue ── sync ──► root
 *          └── copy ── issue ── sync ──► FORK: both heads kept, the copy quarantined, its certificate hidden
 */
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { World, type Ran } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
});

afterAll(() => {
  world.remove();
});

async function issue(name: string, ...on: readonly string[]): Promise<Ran> {
  const csr = await world.newCsr();
  const how = ['--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`];
  return world.subca('issue', ...how, '--out', `${name}.crt`, ...on);
}

test('the second is found out, stops, and what it issued is recorded nowhere', async () => {
  cpSync(world.path('node'), world.path('copy'), { recursive: true });
  const copy = ['--dir', world.path('copy')];
  expect(await issue('ours')).toMatchObject({ code: 0 });
  expect(await issue('theirs', ...copy)).toMatchObject({ code: 0 });
  expect(await issue('theirs-too', ...copy)).toMatchObject({ code: 0 });

  const registry = await world.serve('rootca');
  expect(world.subca('sync')).toMatchObject({ code: 0, json: { findings: 0 } });
  for (let again = 0; again < 2; again += 1)
    expect(world.subca('sync', ...copy)).toMatchObject({ code: 5, json: { error: { code: 'ROOT_FORK' } } });
  expect(await issue('more', ...copy)).toMatchObject({ code: 5, json: { error: { code: 'QUARANTINED' } } });
  // The first is not stopped, and is told that the root holds something against the node.
  expect(await issue('ours-too')).toMatchObject({ code: 0 });
  expect(world.subca('sync')).toMatchObject({ code: 5, json: { findings: 1 } });
  registry.kill('SIGTERM');
  await once(registry, 'exit');

  const { findings } = await world.rootcaOk('findings');
  expect(findings).toMatchObject([{ code: 'FORK', severity: 'critical', state: 'open' }]);
  for (const [name, verdict] of [
    ['ours', 'recorded'],
    ['ours-too', 'recorded'],
    ['theirs', 'hidden'],
  ] as const)
    expect(world.rootca('inspect', `${name}.crt`).json).toMatchObject({ verdict });
});
