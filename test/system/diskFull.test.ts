/**
 * No more room to write while a batch is issued: files cannot grow beyond a limit set on the process (RLIMIT_FSIZE).
 *
 *   issue --batch, with more and more room ─ verify after each ─ issue --batch without a limit ─ verify
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { World } from '../support/world';

const SUBCA = join(__dirname, '..', '..', 'bin', 'subca');
const ROWS = 200;
/** Kilobytes: too few to open the database, to reserve, to sign, to finish. */
const LIMITS = [0, 100, 200, 400, 600, 800];

let world: World;

beforeAll(async () => {
  world = await World.activated();
  const rows = await Promise.all(
    Array.from({ length: ROWS }, async (_, row) => {
      return `organisation,${await world.newCsr()},THUÊ BAO ${String(row)}`;
    }),
  );
  writeFileSync(world.path('batch.csv'), ['profile,csr,CN', ...rows, ''].join('\n'));
});

afterAll(() => {
  world.remove();
});

const BATCH = ['issue', '--batch', 'batch.csv', '--out-dir', 'out', '--json'];

function issueWithin(kilobytes: number): { readonly code: number | null; readonly json: unknown } {
  const limited = ['-c', `ulimit -f ${String(kilobytes)}; exec "$@"`, 'bash', SUBCA, ...BATCH];
  const ran = spawnSync('bash', limited, { cwd: world.directory, env: world.env, encoding: 'utf8' });
  return { code: ran.status, json: JSON.parse(ran.stdout) };
}

test('each time the command says that the database cannot be written, nothing is lost, and work goes on with more room', async () => {
  const issued: number[] = [];
  for (const kilobytes of LIMITS) {
    expect(issueWithin(kilobytes)).toMatchObject({ code: 4, json: { error: { category: 'unavailable' } } });
    issued.push(Number((await world.subcaOk('verify'))['issued']));
  }
  // What was recorded before the room ran out is kept; the OCSP responder's certificate was there already.
  expect(issued).toEqual([...issued].sort((a, b) => a - b));
  expect(issued.at(-1)).toBeGreaterThan(1);

  const finished = await world.subcaOk(...BATCH);
  const before = Number(issued.at(-1)) - 1;
  expect(finished).toMatchObject({ issued: ROWS - before, existing: before });
  expect(await world.subcaOk('verify')).toMatchObject({ issued: ROWS + 1, pending: 0 });
  const files = readdirSync(world.path('out')).filter((name) => !name.startsWith('.'));
  expect(files).toHaveLength(ROWS);
  for (const name of files) new X509Certificate(world.read('out', name));
});
