/** The root's own journal: each act has its entry, and what is changed or taken away behind the program's back is found. */
import { join } from 'node:path';
import { isCodedError } from '../../src/errors';
import { commonTables } from '../../src/db';
import { registryKey } from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import { decodeFrontier, decodeRootEntry, rootHash, signCheckpoint, type RootEntry } from '../../src/journal';
import { readJournal } from '../../src/ledger';
import {
  acknowledgeFinding,
  approveApplication,
  checkSignedHead,
  issueGrant,
  listEntries,
  rejectApplication,
  rekeyRegistry,
  removeOperator,
  revokeCaCertificate,
  RootError,
  signHead,
  verifyRoot,
} from '../../src/root';
import { keepHeadFinding } from '../../src/root/findings';
import { journalise, journalledRootCrls } from '../../src/root/rootJournal';
import { NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { randomNumbers } from '../support/random';
import { RawDatabase, type Value } from '../support/rawDatabase';
import { SoftRoot } from '../support/softRoot';
import { softSigner } from '../support/softSigner';

const OWN = "journal = (SELECT id FROM journals WHERE origin = 'registry.test/root')";
const SEED = Number(process.env['INTEGRITY_SEED'] ?? Date.now() % 2 ** 31);
const random = randomNumbers(SEED);

let soft: SoftRoot;
let database: RawDatabase;

/** Every kind of entry: a root that has granted, rejected, removed an operator and replaced the registry key. */
beforeAll(async () => {
  soft = await SoftRoot.ready();
  database = await RawDatabase.open(join(soft.directory, 'rootca.db'));
  await database.rows('PRAGMA synchronous = OFF');
  const granted = await soft.applied('15-1');
  for (const operator of ['an', 'binh'])
    await approveApplication(soft.root, granted, { operator, pin: undefined });
  await issueGrant(soft.root, granted);
  await rejectApplication(
    soft.root,
    await soft.applied('15-2'),
    { operator: 'an', pin: undefined },
    {
      reason: 'thiếu hồ sơ',
      criteria: [],
    },
  );
  await approveApplication(soft.root, await soft.applied('15-3'), { operator: 'binh', pin: undefined });
  await soft.root.store.transaction(async (tx) => {
    const journal = await readJournal(commonTables(tx), 'registry.test/15-1/e1');
    const problem = { code: 'BAD_VALUE', where: 'head of 3 entries', found: 'a', allowed: 'b' } as const;
    await keepHeadFinding(tx, journal, { code: 'FORK', problem, note: 'a signed head' }, NOW);
  });
  await acknowledgeFinding(soft.root, 1, { operator: 'binh', reason: 'đã làm rõ', pin: undefined });
  await revokeCaCertificate(soft.root, '15-1', { reason: 'cessationOfOperation' });
  await removeOperator(soft.root, 'binh', 'nghỉ hưu');
  await soft.addOperator('chi');
  await rekeyRegistry(soft.root, 'thay HSM', undefined);
  await soft.signTrust();
});

afterAll(async () => {
  await database.close();
  await soft.remove();
});

async function entries(): Promise<readonly RootEntry[]> {
  const { entries: listed } = await listEntries(soft.root, { from: 0, count: 1000 });
  return listed.map(({ bytes }) => decodeRootEntry(bytes));
}

const verified = (): Promise<string> =>
  verifyRoot(soft.root).then(
    () => 'nothing was found',
    (error: unknown) => (isCodedError(error) ? error.category : String(error)),
  );

test('tells of every act, in order', async () => {
  const told = (await entries()).map((entry) => {
    switch (entry.type) {
      case 'document':
        return entry.kind;
      case 'key':
      case 'key-retired':
        return `${entry.type} ${entry.role}`;
      case 'approved':
      case 'rejected':
        return `${entry.type} ${entry.operator}`;
      case 'intent':
        return `intent ${entry.purpose}`;
      case 'acknowledged':
        return `acknowledged ${entry.operator}`;
      case 'certificate':
      case 'certificate-revoked':
      case 'removal':
        return entry.type;
    }
  });
  expect(told).toEqual([
    ...['key root', 'key registry', 'intent root', 'certificate', 'root-certificate', 'root-crl'],
    ...['intent registry-tls', 'certificate', 'key operator-an', 'key operator-binh', 'trust-statement'],
    ...[
      'application',
      'approved an',
      'answer',
      'approved binh',
      'answer',
      'intent 15-1',
      'certificate',
      'root-crl',
    ],
    ...['ca-certificate', 'grant', 'application', 'rejected an', 'answer', 'application', 'approved binh'],
    ...['answer', 'acknowledged binh', 'certificate-revoked', 'root-crl', 'key-retired operator-binh'],
    ...['key operator-chi', 'key registry/2', 'trust-statement'],
  ]);
  const { journal } = await verifyRoot(soft.root);
  expect(journal).toMatchObject({ origin: 'registry.test/root', entries: told.length });
});

test('gives the reasons', async () => {
  expect(await entries()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'key-retired', reason: 'nghỉ hưu' }),
      expect.objectContaining({ type: 'key', role: 'registry/2', reason: 'thay HSM' }),
      expect.objectContaining({ type: 'rejected', reason: 'thiếu hồ sơ' }),
    ]),
  );
});

describe('verify', () => {
  /** What the journal itself is made of, and each table it answers for. */
  const ROWS: readonly (readonly [table: string, columns: readonly string[]])[] = [
    ['entries', ['idx', 'bytes']],
    ['treeNodes', ['level', 'idx', 'hash']],
    ['journals', ['origin', 'size', 'frontier', 'rootHash', 'lastTime']],
    ['documents', ['kind', 'subject', 'version', 'sha256', 'bytes']],
    ['applications', ['id', 'nodeId', 'status', 'draft', 'envelope']],
    ['rootCertificates', ['serialNumber', 'purpose', 'tbs', 'der', 'revokedAt', 'revocationReason']],
    ['findings', ['acknowledgement']],
    ['keys', ['role', 'tokenSerial', 'spki', 'retiredAt']],
    ['nodes', ['nodeId', 'epoch']],
  ];

  test.each(ROWS)('finds a byte changed in a row of %s', async (table, columns) => {
    const missed: string[] = [];
    const where = ['entries', 'treeNodes'].includes(table) ? OWN : 'TRUE';
    const rows = await database.rows<Record<string, Value> & { at: number }>(
      `SELECT rowid AS at, ${columns.join(', ')} FROM ${table} WHERE ${where}`,
    );
    for (const { at, ...values } of rows)
      for (const [column, value] of Object.entries(values)) {
        if (value === null) continue;
        const set = `UPDATE ${table} SET ${column} = ? WHERE rowid = ?`;
        try {
          await database.rows(set, changed(value), at);
        } catch {
          // The same key as another row: the database itself refuses it.
          continue;
        }
        const found = await verified();
        await database.rows(set, value, at);
        if (found !== 'integrity') missed.push(`${column} of row ${String(at)}: ${found}`);
      }
    expect({ seed: SEED, missed }).toEqual({ seed: SEED, missed: [] });
    expect(await verified()).toBe('nothing was found');
  });

  test.each(ROWS)('finds a row of %s that is gone', async (table) => {
    const missed: number[] = [];
    const where = ['entries', 'treeNodes'].includes(table) ? OWN : 'TRUE';
    const rows = await database.rows<{ at: number }>(`SELECT rowid AS at FROM ${table} WHERE ${where}`);
    await database.rows('PRAGMA foreign_keys = OFF');
    await database.rows(`CREATE TEMP TABLE kept AS SELECT rowid AS at, * FROM ${table} LIMIT 0`);
    for (const { at } of rows) {
      await database.rows(`INSERT INTO kept SELECT rowid, * FROM ${table} WHERE rowid = ?`, at);
      await database.rows(`DELETE FROM ${table} WHERE rowid = ?`, at);
      const found = await verified();
      const columns = (await database.rows<{ name: string }>(`PRAGMA table_info(${table})`)).map(
        ({ name }) => name,
      );
      const list = columns.join(', ');
      await database.rows(`INSERT INTO ${table} (rowid, ${list}) SELECT at, ${list} FROM kept`);
      await database.rows('DELETE FROM kept');
      if (found !== 'integrity') missed.push(at);
    }
    await database.rows('DROP TABLE kept');
    expect(missed).toEqual([]);
    expect(await verified()).toBe('nothing was found');
  });

  test('finds a document that was put beside the journal', async () => {
    await database.rows(
      `INSERT INTO documents SELECT kind, 'other', version, sha256, bytes, time FROM documents WHERE kind = 'application' LIMIT 1`,
    );
    expect(await verified()).toBe('integrity');
    await database.rows(`DELETE FROM documents WHERE subject = 'other'`);
    expect(await verified()).toBe('nothing was found');
  });
});

describe('a signed head', () => {
  test('is one that the journal goes on from, under either registry key', async () => {
    const { note, size } = await signHead(soft.root);
    await rekeyRegistry(soft.root, 'again', undefined);
    await soft.signTrust();
    expect(await checkSignedHead(soft.root, Buffer.from(note))).toBe(size);
  });

  test('finds a journal that was written anew', async () => {
    const { note, size } = await signHead(soft.root);
    const [kept] = await database.rows<{ frontier: Buffer; rootHash: Buffer }>(
      `SELECT frontier, rootHash FROM journals WHERE origin = 'registry.test/root'`,
    );
    const write = (row: NonNullable<typeof kept>): Promise<unknown> =>
      database.rows(
        `UPDATE journals SET frontier = ?, rootHash = ? WHERE origin = 'registry.test/root'`,
        row.frontier,
        row.rootHash,
      );
    const frontier = Buffer.from(kept!.frontier).fill(0, 0, 32);
    await write({ frontier, rootHash: rootHash(decodeFrontier(size, frontier)) });
    const error = await expectCode(
      checkSignedHead(soft.root, Buffer.from(note)),
      RootError,
      'HEAD_CONTRADICTED',
    );
    expect(error.category).toBe('integrity');
    await write(kept!);
    expect(await checkSignedHead(soft.root, Buffer.from(note))).toBe(size);
  });

  test('finds a journal that was set back, and takes nobody else’s word', async () => {
    const { origin, size, rootHash } = await signHead(soft.root);
    const ahead = { origin, size: size + 1, rootHash };
    const signer = await soft.root.signerOf(registryKey((await soft.root.trust()).value));
    const note = await signCheckpoint(ahead, { name: origin, signer });
    await expectCode(checkSignedHead(soft.root, Buffer.from(note)), RootError, 'HEAD_CONTRADICTED');
    const forged = await signCheckpoint(ahead, { name: origin, signer: softSigner('p-256') });
    await expectCode(checkSignedHead(soft.root, Buffer.from(forged)), EnvelopeError, 'SIGNER_UNKNOWN');
  });
});

test('what cannot be journalled is not done', async () => {
  const before = (await entries()).length;
  soft.now = new Date(NOW.getTime() - 3000);
  const error = await expectCode(soft.addOperator('dung'), RootError, 'CLOCK_BEHIND');
  expect(error.category).toBe('unavailable');
  await expectCode(soft.applied('15-4'), RootError, 'CLOCK_BEHIND');
  soft.now = NOW;
  expect((await entries()).length).toBe(before);
  expect(await verifyRoot(soft.root)).toMatchObject({ applications: 3 });
  // The key that was announced is finished.
  await soft.addOperator('dung');
  await verifyRoot(soft.root);
});

test('a crash at the entry leaves nothing of what it tells', async () => {
  await database.rows(
    "CREATE TRIGGER crash BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'killed'); END",
  );
  await expect(soft.applied('15-5')).rejects.toThrow();
  await expect(soft.signTrust()).rejects.toThrow();
  await database.rows('DROP TRIGGER crash');
  await verifyRoot(soft.root);
});

test('root CRLs are found however far back they are told of, and nothing else is taken for one', async () => {
  const documents = (await entries()).filter((entry) => entry.type === 'document');
  const crls = documents.filter(({ kind }) => kind === 'root-crl').map(({ sha256 }) => sha256);
  expect(new Set(crls).size).toBe(3);
  const other = documents.find(({ kind }) => kind === 'trust-statement')!.sha256;
  const filler = Array.from({ length: 2100 }, (_, number) => {
    const serialNumber = `01${number.toString(16).padStart(30, '0')}`;
    return { type: 'certificate-revoked', serialNumber, reason: 'superseded' } as const;
  });
  await soft.root.store.transaction((tx) => journalise(soft.root, tx, ...filler));
  const told = await journalledRootCrls(soft.root, [...crls, other, 'ab'.repeat(32)]);
  expect([...told].sort()).toEqual([...crls].sort());
});

/** Another byte at one place. */
function changed(value: Exclude<Value, null>): Value {
  if (typeof value === 'number') return value ^ (1 + random(255));
  if (value.length === 0) return typeof value === 'string' ? 'x' : Buffer.from('x');
  const bytes = Buffer.from(value as string);
  const at = random(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 + random(127));
  return typeof value === 'string' ? bytes.toString('latin1') : bytes;
}
