/**
 * One node, many processes at a time: what each of them counts on must hold for all of them together.
 *
 *   issue --batch ×3 ┐
 *   revoke, crl      ├─ one node ─ sync, sync, … ─ rootca serve
 *   serve            ┘
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { World, type Ran } from '../support/world';

interface IssuedJson {
  readonly certificates: readonly { readonly serialNumber: string; readonly file: string }[];
}

const worlds: World[] = [];

async function newWorld(...args: Parameters<typeof World.activated>): Promise<World> {
  const world = await World.activated(...args);
  worlds.push(world);
  return world;
}

afterAll(() => {
  for (const world of worlds) world.remove();
});

/** @returns the arguments that issue it into a folder of its own */
async function writeBatch(world: World, name: string, rows: number): Promise<readonly string[]> {
  const lines = await Promise.all(
    Array.from({ length: rows }, async (_, row) => {
      return `organisation,${await world.newCsr()},row-${String(row)},${name} ${String(row)}`;
    }),
  );
  writeFileSync(world.path(`${name}.csv`), ['profile,csr,name,CN', ...lines, ''].join('\n'));
  return ['issue', '--batch', `${name}.csv`, '--out-dir', name];
}

/** As a job does: what ended with 4 is repeated. The files of SoftHSM are busy when many processes log in at once. */
async function persistently(world: World, ...args: readonly string[]): Promise<Ran> {
  for (let attempt = 1; ; attempt += 1) {
    const ran = await world.runAside('subca', ...args);
    if (ran.code !== 4 || attempt === 5) return ran;
    await sleep(100 * attempt);
  }
}

function issuedBy({ json }: Ran): IssuedJson['certificates'] {
  return (json as unknown as IssuedJson).certificates;
}

describe('a node at work', () => {
  const ROWS = 60;
  let world: World;

  beforeAll(async () => {
    world = await newWorld({ apply: ['--per-year', '1000'] });
    await world.serve('rootca');
    await world.serve('subca');
  });

  test('three processes issue while others revoke, publish and synchronise: nothing is lost or made twice', async () => {
    const { certificates } = (await world.subcaOk(
      ...(await writeBatch(world, 'before', 4)),
    )) as unknown as IssuedJson;
    const commands = await Promise.all(['one', 'two', 'three'].map((name) => writeBatch(world, name, ROWS)));
    const issuing = commands.map((command) => persistently(world, ...command));
    const work = { done: false };
    const allIssued = Promise.all(issuing).finally(() => (work.done = true));
    const changing = Promise.all(
      certificates.map(async ({ serialNumber }) => {
        const ran = await world.runAside('subca', 'revoke', serialNumber, '--reason', 'superseded', '--yes');
        // Without the token, a revocation is made all the same; its CRL is to follow.
        const published = ran.code === 4 ? await persistently(world, 'crl', 'publish') : ran;
        expect(published).toMatchObject({ code: 0 });
      }),
    );
    const syncing = (async () => {
      let count = 0;
      for (; !work.done || count === 0; count += 1) {
        expect(await persistently(world, 'sync')).toMatchObject({ code: 0, json: { findings: 0 } });
      }
      return count;
    })();
    const batches = await allIssued;
    await Promise.all([changing, syncing]);

    for (const { code, json } of batches) expect({ code, json }).toMatchObject({ code: 0 });
    const serials = [...certificates, ...batches.flatMap(issuedBy)].map(({ serialNumber }) => serialNumber);
    expect(new Set(serials).size).toBe(3 * ROWS + certificates.length);

    // One more: the OCSP responder's.
    const issued = serials.length + 1;
    const verified = await world.subcaOk('verify');
    expect(verified).toMatchObject({
      issued: issued - certificates.length,
      revoked: certificates.length,
      pending: 0,
    });
    const counted = verified['certificates'];
    expect(await world.subcaOk('status')).toMatchObject({ quota: { total: counted } });
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0, size: verified['entries'] });
    expect(await world.rootcaOk('verify')).toMatchObject({
      nodes: [{ entries: verified['entries'], rootHash: verified['rootHash'], certificates: counted }],
    });
  });

  test('of two synchronisations at once, the second is told to come back or finds the work done', async () => {
    await world.subcaOk(...(await writeBatch(world, 'more', 20)));
    const both = await Promise.all([
      world.runAside('subca', 'sync'),
      world.runAside('subca', 'sync'),
    ] as const);
    const { entries, rootHash } = await world.subcaOk('verify');
    const [first, second] = both.sort((a, b) => Number(a.code) - Number(b.code));
    expect(first).toMatchObject({ code: 0, json: { size: entries, rootHash } });
    if (second.code === 0) expect(second.json).toMatchObject({ size: entries, rootHash });
    else expect(second).toMatchObject({ code: 4, json: { error: { code: 'SYNC_RUNNING' } } });
    expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ entries, rootHash }] });
  });
});

test('processes race for the last of the quota: exactly what is left of it is issued', async () => {
  const perDay = 8;
  const world = await newWorld({ apply: ['--per-year', String(perDay)] });
  // The OCSP responder's certificate is counted already.
  const left = perDay - 1;
  const ran = await Promise.all(
    Array.from({ length: 16 }, async (_, number) => {
      const csr = await world.newCsr();
      const subject = `CN=THUÊ BAO ${String(number)}`;
      const issue = ['issue', '--profile', 'organisation', '--csr', csr, '--subject', subject];
      return persistently(world, ...issue);
    }),
  );
  const refused = ran.filter(({ code }) => code !== 0);
  for (const { code, json } of refused) {
    expect({ code, json }).toMatchObject({ code: 3, json: { error: { code: 'OUTSIDE_GRANT' } } });
  }
  expect(ran.length - refused.length).toBe(left);
  expect(await world.subcaOk('status')).toMatchObject({ quota: { today: perDay } });
  expect(await world.subcaOk('verify')).toMatchObject({ issued: perDay, abandoned: 0, pending: 0 });
});
