/**
 * A synchronisation for which one of the two has no room on its disk, or cannot have its database: it ends with 4 and
 * says so, the registry goes on serving, and the next one brings both to the same.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawDatabase } from '../support/rawDatabase';
import { World, type Ran } from '../support/world';

const BIN = join(__dirname, '..', '..', 'bin');
/** No file grows beyond so many kilobytes (RLIMIT_FSIZE). */
const within = (kilobytes: number, program: string, ...args: readonly string[]): readonly string[] => [
  ...['-c', `ulimit -f ${String(kilobytes)}; exec "$@"`, 'bash'],
  ...[join(BIN, program), ...args, '--json'],
];

let world: World;
let registry: ChildProcess;

beforeAll(async () => {
  world = await World.activated();
  registry = await world.serve('rootca');
});

beforeEach(async () => {
  await world.subcaOk('crl', 'publish');
});

afterAll(() => {
  world.remove();
});

function ended({ code, json }: Pick<Ran, 'code' | 'json'>): unknown {
  return [code, json.error?.category];
}

/** One more exchange, and both ends hold the same. */
async function converges(): Promise<void> {
  await world.subcaOk('sync');
  const { entries, rootHash } = await world.subcaOk('verify');
  expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ entries, rootHash }] });
}

async function stopRegistry(one: ChildProcess): Promise<void> {
  one.kill('SIGTERM');
  await once(one, 'exit');
}

test('no room at the node', async () => {
  const codes: (number | null)[] = [];
  for (let kilobytes = 0; codes.at(-1) !== 0; kilobytes += 12) {
    const ran = spawnSync('bash', within(kilobytes, 'subca', 'sync'), {
      cwd: world.directory,
      env: world.env,
      encoding: 'utf8',
    });
    codes.push(ran.status);
    if (ran.status !== 0)
      expect(ended({ code: ran.status, json: JSON.parse(ran.stdout) as Ran['json'] })).toEqual([
        4,
        'unavailable',
      ]);
  }
  expect(codes.length).toBeGreaterThan(3);
  await converges();
});

test('no room at the root', async () => {
  // More than one page of the database.
  const rows = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, row) => `organisation,${await world.newCsr()},THUÊ BAO ${String(row)}`,
    ),
  );
  writeFileSync(world.path('batch.csv'), ['profile,csr,CN', ...rows, ''].join('\n'));
  await world.subcaOk('issue', '--batch', 'batch.csv', '--out-dir', 'out');
  await stopRegistry(registry);
  let served = 0;
  for (let kilobytes = 0; ; kilobytes += 24) {
    const child = spawn('bash', within(kilobytes, 'rootca', 'serve'), {
      cwd: world.directory,
      env: world.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gone = once(child, 'exit');
    const isReady = await new Promise<boolean>((resolve) => {
      child.stderr.on('data', (part: Buffer) => {
        if (part.toString('utf8').includes('http://')) resolve(true);
      });
      child.once('exit', () => {
        resolve(false);
      });
    });
    if (!isReady) {
      expect(await gone).toEqual([4, null]);
      continue;
    }
    const ran = world.subca('sync');
    // It has survived what it could not store.
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
    if (ran.code === 0) break;
    expect(ended(ran)).toEqual([4, 'unavailable']);
    served += 1;
  }
  expect(served).toBeGreaterThan(0);
  registry = await world.serve('rootca');
  await converges();
});

test.each(['node/subca.db', 'root/rootca.db'])('another process writes %s for a long time', async (file) => {
  const other = await RawDatabase.open(world.path(file));
  await other.rows('BEGIN IMMEDIATE');
  try {
    expect(ended(world.subca('sync'))).toEqual([4, 'unavailable']);
  } finally {
    await other.rows('ROLLBACK');
    await other.close();
  }
  await converges();
});
