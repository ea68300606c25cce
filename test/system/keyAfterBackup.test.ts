/**
 * A CA key was taken into use after the backup from which a lost node comes back.
 *
 *   node   e1 issue ─ sync ─ COPY ─ rollover to e2 ─ issue ─ sync ─ issue ─ LOST ─ put back ─ regain e2 ─ recover ─ CRL
 *   disk                      └───────────────── mirror ────────────────┘                           └─ everything; e2 issues
 *   root                                              holds some ──────┘                            └─ without: e2 issues no more
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { World, type Ran } from '../support/world';

let world: World;
/** Under the second key: what the root has, and what only the mirror has. */
let sent: string;
let unsent: string;

beforeAll(async () => {
  world = await World.activated();
  mkdirSync(world.path('disk'));
  const config = world.path('node', 'config.yaml');
  writeFileSync(config, `${readFileSync(config, 'utf8')}\njournal: { mirror: ${world.path('disk')} }\n`);
  await issue('SỞ NỘI VỤ');
  await world.withRegistry(async () => {
    await world.subcaOk('sync');
    world.copy('node', 'node.backup');
    await world.subcaOk('rollover', 'begin');
    await world.subcaOk('rollover', 'apply', '--out', 'next.dsse');
    for (const operator of ['an', 'binh'])
      await world.rootcaOk(
        ...['application', 'approve', 'next.dsse', '--yes'],
        ...['--operator', operator, '--pin-file', world.path('pins', operator)],
      );
    await world.rootcaOk('grant', 'issue', 'next.dsse', '--out', 'next.bundle');
    world.copy('root', 'root.unsent');
    await world.subcaOk('rollover', 'activate', 'next.bundle');
    sent = await issue('SỞ Y TẾ');
    await world.subcaOk('sync');
  });
  unsent = await issue('SỞ TÀI CHÍNH');
  world.copy('root', 'root.saved');
  world.copy('disk', 'disk.saved');
});

beforeEach(() => {
  for (const name of ['node', 'root', 'disk'])
    world.copy(name === 'node' ? 'node.backup' : `${name}.saved`, name);
});

afterAll(() => {
  world.remove();
});

async function tryToIssue(name: string): Promise<Ran> {
  const how = ['--profile', 'organisation', '--csr', await world.newCsr(), '--subject', `CN=${name}`];
  return world.subca('issue', ...how);
}

async function issue(name: string): Promise<string> {
  const { code, json } = await tryToIssue(name);
  expect([code, json]).toEqual([0, expect.anything()]);
  return (json as unknown as { serialNumber: string }).serialNumber;
}

const ended = ({ code, json }: Ran): readonly unknown[] => [code, json.error?.code];

/** The second disk is not there any more. */
function withoutMirror(): void {
  rmSync(world.path('disk'), { recursive: true });
  const config = world.path('node', 'config.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^journal: .*$/m, ''));
}

test('with the mirror everything comes back, and the second key issues on', async () => {
  await world.withRegistry(async () => {
    expect(ended(world.subca('recover', '--yes'))).toEqual([5, 'KEY_FORGOTTEN']);
    expect(ended(await tryToIssue('SỞ NGOẠI VỤ'))).toEqual([5, 'QUARANTINED']);
    expect(await world.subcaOk('rollover', 'regain', 'next.bundle')).toMatchObject({ epoch: 2 });
    expect(ended(world.subca('rollover', 'regain', 'next.bundle'))).toEqual([3, 'KEY_KNOWN']);
    expect(ended(await tryToIssue('SỞ CÔNG THƯƠNG'))).toEqual([5, 'QUARANTINED']);
    expect(await world.subcaOk('recover', '--yes')).toMatchObject({ issuing: true });
    for (const serialNumber of [sent, unsent])
      expect(await world.subcaOk('certificate', 'show', serialNumber)).toMatchObject({ status: 'issued' });
    expect(await issue('SỞ CÔNG THƯƠNG')).toMatch(/^02/);
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  });
  await world.subcaOk('verify');
  await world.rootcaOk('verify');
});

test('without it, what the root has comes back, and the second key signs CRLs alone', async () => {
  withoutMirror();
  expect(ended(world.subca('rollover', 'begin'))).toEqual([3, 'KEY_EXISTS']);
  await world.withRegistry(async () => {
    expect(ended(world.subca('recover', '--yes'))).toEqual([5, 'KEY_FORGOTTEN']);
    expect(ended(await tryToIssue('SỞ NGOẠI VỤ'))).toEqual([5, 'QUARANTINED']);
    await world.subcaOk('rollover', 'regain', 'next.bundle');
    expect(await world.subcaOk('recover', '--yes')).toMatchObject({
      crls: expect.arrayContaining([expect.objectContaining({ epoch: 2 })]) as unknown,
      issuing: false,
    });
    expect(await world.subcaOk('certificate', 'show', sent)).toMatchObject({ status: 'issued' });
    await world.subcaOk('revoke', sent, '--reason', 'superseded', '--yes');
    expect(ended(await tryToIssue('SỞ CÔNG THƯƠNG'))).toEqual([3, 'HISTORY_LOST']);
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  });
  await world.subcaOk('verify');
  await world.rootcaOk('verify');
});

test('where the root has nothing of it either, its journal is opened anew', async () => {
  withoutMirror();
  world.copy('root.unsent', 'root');
  await world.withRegistry(async () => {
    await world.subcaOk('recover', '--yes');
    await world.subcaOk('rollover', 'regain', 'next.bundle');
    expect(await world.subcaOk('recover', '--yes')).toMatchObject({ issuing: true });
    expect(await issue('SỞ CÔNG THƯƠNG')).toMatch(/^02/);
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  });
  await world.subcaOk('verify');
  await world.rootcaOk('verify');
});
