/**
 * Bytes changed behind the programs' backs, one at a time: `verify` finds every one of them, at the node and at the root.
 *
 *   a node with entries of every type ─ sync ─ root        copies of both ─ change a byte ─ verify ─ change it back
 */
import { once } from 'node:events';
import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { isCodedError } from '../../src/errors';
import { createLogger } from '../../src/logger';
import { SubCaNode, verifyNode } from '../../src/node';
import { RootCa, verifyRoot } from '../../src/root';
import { killIssuing, openIntents } from '../support/killing';
import { randomNumbers } from '../support/random';
import { RawDatabase, type Value } from '../support/rawDatabase';
import { World } from '../support/world';

/** `INTEGRITY_SEED=… jest` changes the same bytes again. */
const SEED = Number(process.env['INTEGRITY_SEED'] ?? randomInt(1, 2 ** 31));
const random = randomNumbers(SEED);

const ENTRY_TYPES = [
  'open',
  'grant',
  'intent',
  'issued',
  'abandoned',
  'revoked',
  'suspended',
  'resumed',
  'crl',
];

/** What is changed: which columns of which rows, and at how many places of a value that has more bytes. */
interface Target {
  readonly table: string;
  readonly columns: readonly string[];
  readonly where?: string;
  readonly places: number;
}

const COMMON: readonly Target[] = [
  { table: 'treeNodes', columns: ['hash'], places: 2 },
  { table: 'treeNodes', columns: ['level', 'idx'], where: 'idx < 3', places: 1 },
  { table: 'entries', columns: ['idx'], where: 'idx % 5 = 0', places: 1 },
  { table: 'quota', columns: ['key', 'used'], places: 3 },
  {
    table: 'journals',
    columns: ['origin', 'size', 'frontier', 'rootHash', 'lastTime', 'grantVersion', 'crlNumber'],
    places: 8,
  },
  {
    table: 'certificates',
    columns: [
      ...['serialNumber', 'intentIndex', 'issuedIndex', 'service', 'predecessor', 'renewals'],
      ...['profile', 'request', 'subject'],
      ...[
        'spkiSha256',
        'notBefore',
        'notAfter',
        'status',
        'statusTime',
        'reason',
        'invalidityDate',
        'heldSince',
        'exposureTime',
      ],
    ],
    places: 1,
  },
  { table: 'documents', columns: ['bytes'], places: 10 },
  { table: 'documents', columns: ['kind', 'version', 'sha256'], places: 2 },
];
const NODE: readonly Target[] = [
  ...COMMON,
  { table: 'crls', columns: ['number', 'bytes'], places: 12 },
  { table: 'receipts', columns: ['size', 'time', 'envelope'], places: 12 },
];
const ROOT: readonly Target[] = [
  ...COMMON,
  { table: 'applications', columns: ['id', 'nodeId', 'status', 'draft', 'envelope'], places: 6 },
  { table: 'nodes', columns: ['nodeId', 'status', 'checkpoint'], places: 12 },
  { table: 'rootCertificates', columns: ['serialNumber', 'tbs', 'der'], places: 6 },
];

let world: World;
let node: SubCaNode;
let root: RootCa;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  world = await World.activated();
  await fill(world);
  for (const party of ['node', 'root'])
    cpSync(world.path(party), world.path(`${party}-copy`), { recursive: true });
  const surroundings = { clock: () => new Date(), logger: createLogger('silent'), random: randomBytes };
  node = await SubCaNode.open(world.path('node-copy'), surroundings);
  root = await RootCa.open(world.path('root-copy'), surroundings);
  opened.push(node, root);
});

afterAll(async () => {
  for (const party of opened) await party.close();
  world.remove();
});

/** Entries of every type, documents in several versions, receipts and CRLs. */
async function fill(made: World): Promise<void> {
  const issue = async (name: string): Promise<string> => {
    const csr = await made.newCsr();
    const request = ['--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`];
    return String((await made.subcaOk('issue', ...request))['serialNumber']);
  };
  const revoked = await issue('MỘT');
  const suspended = await issue('HAI');
  await made.subcaOk(
    ...['revoke', revoked, '--reason', 'keyCompromise', '--since', '2026-01-01T00:00:00Z', '--yes'],
  );
  await made.subcaOk('suspend', suspended, '--yes');
  await made.subcaOk('resume', suspended, '--yes');
  await made.subcaOk('renew', suspended, '--yes');
  const registry = await made.serve('rootca');
  await made.subcaOk('sync');
  await made.rootcaOk('trust', 'sign', '--yes', '--threshold', '2');
  const rows = await Promise.all(
    Array.from({ length: 12 }, async (_, row) => `organisation,${await made.newCsr()},BỎ DỞ ${String(row)}`),
  );
  writeFileSync(made.path('batch.csv'), ['profile,csr,CN', ...rows, ''].join('\n'));
  const database = await RawDatabase.open(made.path('node', 'subca.db'));
  while ((await openIntents(database)) === 0) {
    const moment = { entries: 1, ms: 0 };
    await killIssuing(made, database, moment, 'issue', '--batch', 'batch.csv', '--out-dir', 'out');
  }
  await database.close();
  await made.subcaOk('crl', 'publish');
  await made.subcaOk('sync');
  registry.kill('SIGTERM');
  await once(registry, 'exit');
}

describe('at the node', () => {
  test('bytes of an entry of each type', async () => {
    await expectEveryChangeCaught('subca.db', await entryTargets('subca.db', 3));
  });

  test('every row and document', async () => {
    await expectEveryChangeCaught('subca.db', NODE);
  });

  test.each(['subca.crl', 'subca.crl.pem', 'subca.crt', 'root.crl'])(
    'the published file %s',
    async (name) => {
      const file = world.path('node-copy', 'published', name);
      const content = readFileSync(file);
      writeFileSync(file, changed(content, random(content.length)));
      await expect(verifyNode(node)).rejects.toMatchObject({
        code: 'PUBLISHED_DIFFERS',
        category: 'integrity',
      });
      writeFileSync(file, content);
      await verifyNode(node);
    },
  );
});

describe('at the root', () => {
  test('bytes of an entry of each type', async () => {
    await expectEveryChangeCaught('rootca.db', await entryTargets('rootca.db', 24));
  });

  test('every row and document', async () => {
    await expectEveryChangeCaught('rootca.db', ROOT);
  });
});

describe('the commands end with 5', () => {
  test.each([
    ['subca.db', 'entries', 'bytes', 'verify'],
    ['subca.db', 'treeNodes', 'hash', 'verify'],
    ['subca.db', 'quota', 'used', 'verify'],
    ['subca.db', 'receipts', 'envelope', 'verify'],
    ['subca.db', 'documents', 'bytes', 'verify'],
    ['subca.db', 'documents', 'bytes', 'status'],
    ['rootca.db', 'entries', 'bytes', 'verify'],
    ['rootca.db', 'certificates', 'subject', 'verify'],
    ['rootca.db', 'documents', 'bytes', 'verify'],
  ] as const)('%s, a byte of %s.%s, %s', async (file, table, column, command) => {
    const side = sideOf(file);
    const database = await RawDatabase.open(world.path(side.copy, file));
    const where = table === 'documents' ? "WHERE kind = 'trust-statement'" : '';
    const [row] = await database.rows<{ rowid: number; value: Value }>(
      `SELECT rowid, ${column} AS value FROM ${table} ${where} LIMIT 1`,
    );
    if (row === undefined) throw new Error(`${table} is empty`);
    const run = (): ReturnType<World['subca']> =>
      side.program === 'subca'
        ? world.subca(command, '--dir', world.path(side.copy))
        : world.rootca(command, '--dir', world.path(side.copy));
    await write(database, table, column, row.rowid, changedValue(row.value, 0));
    expect(run()).toMatchObject({ code: 5, json: { error: { category: 'integrity' } } });
    await write(database, table, column, row.rowid, row.value);
    await database.close();
    expect(run()).toMatchObject({ code: 0 });
  });
});

interface Side {
  readonly program: 'subca' | 'rootca';
  readonly copy: string;
  readonly verify: () => Promise<unknown>;
}

function sideOf(file: 'subca.db' | 'rootca.db'): Side {
  return file === 'subca.db'
    ? { program: 'subca', copy: 'node-copy', verify: () => verifyNode(node) }
    : { program: 'rootca', copy: 'root-copy', verify: () => verifyRoot(root) };
}

/** One entry of each type, at every so many places. */
async function entryTargets(file: 'subca.db' | 'rootca.db', every: number): Promise<readonly Target[]> {
  const database = await RawDatabase.open(world.path(sideOf(file).copy, file));
  const rows = await database.rows<{ idx: number; bytes: Buffer }>(
    'SELECT idx, bytes FROM entries ORDER BY idx',
  );
  await database.close();
  const entries = rows.map(({ idx, bytes }) => ({
    idx,
    length: bytes.length,
    type: (JSON.parse(bytes.toString('utf8')) as { type: string }).type,
  }));
  const types = [...new Set(entries.map(({ type }) => type))];
  expect(types).toEqual(expect.arrayContaining(ENTRY_TYPES));
  return types.map((type) => {
    const { idx, length } = entries.find((entry) => entry.type === type)!;
    return {
      table: 'entries',
      columns: ['bytes'],
      where: `idx = ${String(idx)}`,
      places: Math.ceil(length / every),
    };
  });
}

/** Changes what the targets name, one byte at a time; each change must be reported as damage, and only while it lasts. */
async function expectEveryChangeCaught(
  file: 'subca.db' | 'rootca.db',
  targets: readonly Target[],
): Promise<void> {
  const { copy, verify } = sideOf(file);
  const database = await RawDatabase.open(world.path(copy, file));
  await database.rows('PRAGMA synchronous = OFF');
  const missed: string[] = [];
  let changes = 0;
  for (const { table, columns, where = 'TRUE', places } of targets) {
    const rows = await database.rows<Record<string, Value> & { at: number }>(
      `SELECT rowid AS at, ${columns.join(', ')} FROM ${table} WHERE ${where}`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { at: rowid, ...values } of rows) {
      for (const [column, value] of Object.entries(values)) {
        for (const place of placesOf(value, places)) {
          const found = await whileChanged(database, { table, column, rowid, value, place }, verify);
          changes += 1;
          if (found !== 'integrity')
            missed.push(`${table}.${column} of row ${String(rowid)} at ${String(place)}: ${found}`);
        }
      }
    }
  }
  await database.close();
  await verify();
  expect({ seed: SEED, missed }).toEqual({ seed: SEED, missed: [] });
  expect(changes).toBeGreaterThan(100);
}

interface Change {
  readonly table: string;
  readonly column: string;
  readonly rowid: number;
  readonly value: Value;
  readonly place: number;
}

/** @returns the category of the error, or what else came of it */
async function whileChanged(
  database: RawDatabase,
  { table, column, rowid, value, place }: Change,
  verify: () => Promise<unknown>,
): Promise<string> {
  const next = changedValue(value, place);
  try {
    await write(database, table, column, rowid, next);
  } catch (error) {
    // The same key as another row: the database itself refuses it.
    if (String(error).includes('UNIQUE constraint failed')) return 'integrity';
    throw error;
  }
  try {
    await verify();
    return 'nothing was found';
  } catch (error) {
    return isCodedError(error) ? error.category : String(error);
  } finally {
    await write(database, table, column, rowid, value);
  }
}

function placesOf(value: Value, count: number): readonly number[] {
  if (value === null || typeof value === 'number') return [0];
  const length = Buffer.byteLength(value);
  return Array.from({ length: Math.min(count, length) }, () => random(length));
}

/** Text stays text, so that what is found is the change and not the type. */
function changedValue(value: Value, place: number): Value {
  if (value === null) return 'x';
  if (typeof value === 'number') return value ^ (1 + random(255));
  return typeof value === 'string'
    ? changed(Buffer.from(value), place).toString('latin1')
    : changed(value, place);
}

/** Another byte at the place: any other but the same one. */
function changed(content: Buffer, place: number): Buffer {
  const copy = Buffer.from(content);
  copy[place] = copy[place]! ^ (1 + random(255));
  return copy;
}

async function write(
  database: RawDatabase,
  table: string,
  column: string,
  rowid: number,
  value: Value,
): Promise<void> {
  await database.rows(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, value, rowid);
}
