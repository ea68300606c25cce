/**
 * The issuing process is killed again and again, and the very same command is given again each time.
 *
 *   issue --batch ─ KILL ─ issue --batch ─ KILL ─ … ─ issue --batch, done ─ verify ─ sync ─ rootca verify
 *
 * One batch bears only some kills before it is through, so there are as many batches as fifty kills need.
 */
import { X509Certificate, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { killIssuing, openIntents } from '../support/killing';
import { randomNumbers } from '../support/random';
import { RawDatabase } from '../support/rawDatabase';
import { World } from '../support/world';

const KILLS = 50;
const ROWS = 200;
/** `SIGKILL_SEED=… jest` repeats the moments of an earlier run, as far as the machine lets it. */
const SEED = Number(process.env['SIGKILL_SEED'] ?? randomInt(1, 2 ** 31));

interface CertificateJson {
  readonly serialNumber: string;
  readonly subject: string;
  readonly status: string;
  readonly intentIndex: number;
  readonly issuedIndex: number | null;
}

interface Kill {
  /** Rows without a file when it fell. */
  readonly unfinished: number;
  /** Intents it left without an outcome. */
  readonly orphans: number;
}

let world: World;
let database: RawDatabase;

beforeAll(async () => {
  world = await World.applied({ apply: ['--per-year', '40000'] });
  // Each kill may leave a whole batch of intents, and all of it is counted in one day.
  const template = world.read('root', 'grant-template.yaml').toString();
  writeFileSync(world.path('root', 'grant-template.yaml'), template.replace(/perDay: \d+/, 'perDay: 40000'));
  await world.approved();
  await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
  database = await RawDatabase.open(world.path('node', 'subca.db'));
});

afterAll(async () => {
  world.remove();
  await database.close();
});

test('after fifty kills each row has one certificate, nothing is lost, and the root agrees', async () => {
  const random = randomNumbers(SEED);
  const batches: number[] = [];
  const kills: Kill[] = [];
  while (kills.length < KILLS) {
    const batch = batches.push(await writeBatch(batches.length)) - 1;
    for (let unfinished = ROWS; kills.length < KILLS;) {
      // Each row gives two entries; rather early than late, or nothing is left to kill. The milliseconds lead into
      // what lies between two transactions.
      const moment = { entries: 1 + random(1 + random(2 * unfinished)), ms: random(120) };
      if (!(await killIssuing(world, database, moment, ...batchCommand(batch)))) break;
      unfinished = ROWS - filesOf(batch).length;
      const orphans = await openIntents(database);
      if (unfinished > 0) kills.push({ unfinished, orphans });
    }
    await issueBatch(batch);
  }
  expect(await issueBatch(0)).toMatchObject({ issued: 0, existing: ROWS });
  const withOrphans = kills.filter(({ orphans }) => orphans > 0).length;
  process.stdout.write(
    `SIGKILL_SEED=${String(SEED)}: ${String(KILLS)} kills in ${String(batches.length)} batches, ` +
      `${String(withOrphans)} of them left intents open: ${kills.map(({ orphans }) => orphans).join(' ')}\n`,
  );
  // A kill that left nothing half done proves little.
  expect(withOrphans).toBeGreaterThan(KILLS / 2);

  const verified = await world.subcaOk('verify');
  expect(verified).toMatchObject({ pending: 0, abandoned: kills.reduce((sum, one) => sum + one.orphans, 0) });
  const records = (await world.subcaOk('certificate', 'list', '--limit', '1000000'))[
    'certificates'
  ] as readonly CertificateJson[];

  // No serial number twice; each intent has one, and is counted.
  const intents = await entriesOfType('intent');
  expect(new Set(records.map(({ serialNumber }) => serialNumber)).size).toBe(intents.length);
  expect(await world.subcaOk('status')).toMatchObject({ quota: { total: intents.length } });

  // Every intent without a certificate is on the CRL, and nothing else is.
  const abandoned = records.filter(({ status }) => status === 'abandoned');
  expect([...publishedSerials()].sort()).toEqual(abandoned.map(({ serialNumber }) => serialNumber).sort());

  // Each row has exactly one certificate in force, and its file is the journalled one.
  const entries = await journalEntries();
  for (const [batch] of batches.entries()) {
    expect(filesOf(batch)).toHaveLength(ROWS);
    for (let row = 0; row < ROWS; row += 1) {
      const ofRow = records.filter(({ subject }) => subject.endsWith(`CN=${subjectOf(batch, row)}`));
      const [record, ...others] = ofRow.filter(({ status }) => status === 'issued');
      expect(others).toEqual([]);
      expectJournalled(certificateIn(`${fileOf(batch, row)}.crt`), record, entries);
    }
  }

  await world.serve('rootca');
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0, size: verified['entries'] });
  expect(await world.rootcaOk('findings')).toMatchObject({ findings: [] });
  expect(await world.rootcaOk('verify')).toMatchObject({
    nodes: [{ entries: verified['entries'], rootHash: verified['rootHash'] }],
  });
});

test('a revocation whose process is killed before it has published reaches the CRL with the next command', async () => {
  const random = randomNumbers(SEED);
  const rows = await database.rows<{ serialNumber: string }>(
    "SELECT serialNumber FROM certificates WHERE status = 'issued' LIMIT 8",
  );
  let unpublished = 0;
  for (const { serialNumber } of rows) {
    const child = world.start('subca', 'revoke', serialNumber, '--reason', 'superseded', '--yes');
    const ended = once(child, 'exit');
    const status = 'SELECT status FROM certificates WHERE serialNumber = ?';
    while ((await database.value(status, serialNumber)) !== 'revoked') await sleep(2);
    await sleep(random(60));
    child.kill('SIGKILL');
    await ended;
    if (!publishedSerials().includes(serialNumber)) unpublished += 1;
    await world.subcaOk('issue', '--profile', 'organisation', '--csr', await world.newCsr());
    expect(publishedSerials()).toContain(serialNumber);
  }
  process.stdout.write(
    `${String(unpublished)} of ${String(rows.length)} revocations had not been published\n`,
  );
  expect(unpublished).toBeGreaterThan(0);
  await world.subcaOk('verify');
});

/** The serial numbers on the published CRL, as OpenSSL reads it. */
function publishedSerials(): readonly string[] {
  const file = world.path('node', 'published', 'subca.crl');
  const text = world.openssl('crl', '-inform', 'DER', '-in', file, '-text');
  return [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => String(serial).toLowerCase());
}

function subjectOf(batch: number, row: number): string {
  return `LÔ ${String(batch)} DÒNG ${String(row)}`;
}

function fileOf(batch: number, row: number): string {
  return `batch-${String(batch)}-row-${String(row)}`;
}

/** The certificates handed out so far. */
function filesOf(batch: number): readonly string[] {
  return readdirSync(world.path('out')).filter((name) => name.startsWith(`batch-${String(batch)}-`));
}

/** @returns its number, again */
async function writeBatch(batch: number): Promise<number> {
  const rows = await Promise.all(
    Array.from({ length: ROWS }, async (_, row) => [
      'organisation',
      await world.newCsr(),
      fileOf(batch, row),
      subjectOf(batch, row),
    ]),
  );
  const lines = [['profile', 'csr', 'name', 'CN'], ...rows].map((row) => row.join(','));
  writeFileSync(world.path(`batch-${String(batch)}.csv`), `${lines.join('\n')}\n`);
  return batch;
}

function batchCommand(batch: number): readonly string[] {
  return ['issue', '--batch', `batch-${String(batch)}.csv`, '--out-dir', 'out'];
}

function issueBatch(batch: number): ReturnType<World['subcaOk']> {
  return world.subcaOk(...batchCommand(batch));
}

type JournalEntry = Readonly<Record<string, unknown>>;

async function journalEntries(): Promise<readonly JournalEntry[]> {
  const rows = await database.rows<{ bytes: Buffer }>('SELECT bytes FROM entries ORDER BY idx');
  return rows.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as JournalEntry);
}

async function entriesOfType(type: string): Promise<readonly JournalEntry[]> {
  return (await journalEntries()).filter((entry) => entry['type'] === type);
}

function certificateIn(file: string): X509Certificate {
  const pem = readFileSync(world.path('out', file), 'utf8');
  const certificate = new X509Certificate(pem);
  // Not a byte missing, and none too many.
  expect(pem).toBe(certificate.toString());
  return certificate;
}

/** The certificate must be the intent's TBS and the issued entry's signature, and nothing else. */
function expectJournalled(
  { raw, serialNumber }: X509Certificate,
  record: CertificateJson | undefined,
  entries: readonly JournalEntry[],
): void {
  expect(serialNumber.toLowerCase()).toBe(record?.serialNumber);
  const intent = entries[record?.intentIndex ?? -1];
  const issued = entries[record?.issuedIndex ?? -1];
  const tbs = Buffer.from(String(intent?.['tbs']), 'base64');
  const signature = Buffer.from(String(issued?.['signature']), 'base64');
  expect(issued?.['intent']).toBe(record?.intentIndex);
  expect(raw.indexOf(tbs)).toBe(4);
  expect(raw.subarray(-signature.length).equals(signature)).toBe(true);
}
