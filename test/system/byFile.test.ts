/**
 * Synchronisation by files carried by hand: the same bytes as over the network, and nothing that happens to a file on
 * its way does more than have it refused.
 *
 *   subca sync export ─► a.submission ─(stick)─► rootca import
 *   subca sync import ◄─ a.reply      ◄─(stick)─ ┘
 */
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { sealEnvelope } from '../../src/envelope';
import { originOf, parseCheckpoint, parseOrigin, signCheckpoint, type Checkpoint } from '../../src/journal';
import { decodeSubmission, encodeSubmission, STATUS_PAYLOAD_TYPE, type Submission } from '../../src/sync';
import { holdings } from '../support/holdings';
import { nodeHoldings } from '../support/refusal';
import { softSigner } from '../support/softSigner';
import { World, type Ran } from '../support/world';

/** Bytes altered one at a time; every one is in `test/sync`, without a process for each. */
const SUBMISSION_SAMPLES = 12;
const REPLY_SAMPLES = 6;
/** Commands at the same time. */
const ASIDE = 3;
const REFUSALS: readonly (number | null)[] = [2, 3, 5];

let world: World;

beforeAll(async () => {
  world = await World.activated();
  await issue('SỞ NỘI VỤ');
  await world.subcaOk('revoke', await issue('SỞ TÀI CHÍNH'), '--reason', 'superseded', '--yes');
});

afterAll(() => {
  world.remove();
});

async function issue(name: string): Promise<string> {
  const csr = await world.newCsr();
  const how = ['--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`];
  return (await world.subcaOk('issue', ...how))['serialNumber'] as string;
}

const rootHoldings = (): Promise<Readonly<Record<string, string>>> =>
  holdings(world.path('root'), 'rootca.db');
const submitted = (file: string): Submission => decodeSubmission(world.read(file));
const textOf = (note: string): string => note.slice(0, note.indexOf('\n\n'));
const headOf = (note: string): Checkpoint => parseCheckpoint(`${textOf(note)}\n`);
const startOf = ({ base }: Submission): number => headOf(base).size;

function importFile(file: string, reply = 'a.reply'): Ran {
  return world.rootca('import', file, '--out', reply);
}

/** The whole way by file. */
async function carry(name: string): Promise<Ran['json']> {
  await world.subcaOk('sync', 'export', `${name}.submission`);
  await world.rootcaOk('import', `${name}.submission`, '--out', `${name}.reply`);
  return world.subcaOk('sync', 'import', `${name}.reply`);
}

/** The command must be refused, and the root hold what it held. */
async function rootRefuses(file: string, exit: number, code: string): Promise<void> {
  const before = await rootHoldings();
  const ran = importFile(file, 'never.reply');
  expect([ran.code, ran.json.error?.code]).toEqual([exit, code]);
  expect(await rootHoldings()).toEqual(before);
}

/** What is said to one copy of the file per sampled position, each with one bit flipped there. */
async function saidToAltered(
  file: string,
  samples: number,
  say: (altered: string) => Promise<Ran>,
): Promise<readonly Ran[]> {
  const bytes = world.read(file);
  const positions = Array.from({ length: samples }, (_, at) => Math.floor((at * bytes.length) / samples));
  const left = positions.values();
  const said: Ran[] = [];
  const worker = async (): Promise<void> => {
    for (const position of left) {
      const altered = Buffer.from(bytes);
      altered[position] = (altered[position] ?? 0) ^ (1 << (position % 7));
      writeFileSync(world.path(`altered-${String(position)}`), altered);
      said.push(await say(`altered-${String(position)}`));
    }
  };
  await Promise.all(Array.from({ length: ASIDE }, worker));
  return said;
}

/** Listens where the node expects the registry, under the registry's own certificate, and is always out of service. */
async function overheard(): Promise<Buffer> {
  const key = world.read('root', 'tls.key');
  const cert = world.read('root', 'tls.crt');
  const port = Number(
    /url: "?https:\/\/127\.0\.0\.1:(\d+)/.exec(world.read('node', 'config.yaml').toString())?.[1],
  );
  const heard: Buffer[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    request.on('data', (part: Buffer) => heard.push(part));
    request.on('end', () => response.writeHead(503).end());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { code, json } = await world.runAside('subca', 'sync');
  server.close();
  expect([code, json.error?.code]).toEqual([4, 'REGISTRY_UNREACHABLE']);
  return gunzipSync(Buffer.concat(heard));
}

test('a file holds what the network would carry', async () => {
  const sent = decodeSubmission(await overheard());
  await world.subcaOk('sync', 'export', 'first.submission');
  const written = submitted('first.submission');
  expect(startOf(written)).toBe(0);
  expect(written.entries.length).toBeGreaterThan(8);
  expect(sent.entries).toEqual(written.entries);
  // What is signed is the same; ECDSA signatures never are, and the status bears the time.
  expect(textOf(sent.base)).toBe(textOf(written.base));
  expect(textOf(sent.checkpoint)).toBe(textOf(written.checkpoint));
  const [statusSent, statusWritten] = [sent, written].map(({ status }): Record<string, unknown> => {
    const { payload } = JSON.parse(status.toString()) as { payload: string };
    return JSON.parse(Buffer.from(payload, 'base64').toString()) as Record<string, unknown>;
  });
  expect({ ...statusSent, clock: '' }).toEqual({ ...statusWritten, clock: '' });
});

describe('what happens to a file on its way', () => {
  test('cut off anywhere', async () => {
    const bytes = world.read('first.submission');
    for (const end of [1, 100, Math.floor(bytes.length / 2), bytes.length - 1]) {
      writeFileSync(world.path('cut.submission'), bytes.subarray(0, end));
      await rootRefuses('cut.submission', 5, 'SUBMISSION_MALFORMED');
    }
  });

  test('one bit flipped anywhere', async () => {
    const before = await rootHoldings();
    const said = await saidToAltered('first.submission', SUBMISSION_SAMPLES, (altered) =>
      world.runAside('rootca', 'import', altered, '--out', 'never.reply'),
    );
    expect(said).toHaveLength(SUBMISSION_SAMPLES);
    expect(said.filter(({ code }) => !REFUSALS.includes(code))).toEqual([]);
    expect(await rootHoldings()).toEqual(before);
  });

  test('two entries in each other’s place, one left out, one twice', async () => {
    const { entries, ...rest } = submitted('first.submission');
    const [first, second, ...others] = entries as [Buffer, Buffer, ...Buffer[]];
    const write = (...order: readonly Buffer[]): void => {
      writeFileSync(world.path('other.submission'), encodeSubmission({ ...rest, entries: order }));
    };
    write(second, first, ...others);
    await rootRefuses('other.submission', 5, 'SUBMISSION_ALTERED');
    write(first, ...others);
    await rootRefuses('other.submission', 3, 'SUBMISSION_REFUSED');
    write(first, second, second, ...others);
    await rootRefuses('other.submission', 3, 'SUBMISSION_REFUSED');
  });

  test('nothing in it, 10 MB of zeros, or something else', async () => {
    writeFileSync(world.path('empty.submission'), '');
    writeFileSync(world.path('zeros.submission'), Buffer.alloc(10_000_000));
    await rootRefuses('empty.submission', 3, 'SUBMISSION_REFUSED');
    await rootRefuses('zeros.submission', 5, 'SUBMISSION_MALFORMED');
    await rootRefuses('grant.bundle', 5, 'SUBMISSION_MALFORMED');
    await rootRefuses('nowhere.submission', 2, 'FILE_NOT_READ');
  });

  test('the file of a node that nobody granted anything, of another registry, or with another key', async () => {
    const genuine = submitted('first.submission');
    const { origin } = headOf(genuine.checkpoint);
    const place = parseOrigin(origin);
    const signer = softSigner('p-256');
    const forge = async (name: string): Promise<void> => {
      const sign = (note: string): Promise<string> =>
        signCheckpoint({ ...headOf(note), origin: name }, { name, signer });
      const [base, checkpoint] = [await sign(genuine.base), await sign(genuine.checkpoint)];
      const { payload } = JSON.parse(genuine.status.toString()) as { payload: string };
      const status = await sealEnvelope(STATUS_PAYLOAD_TYPE, Buffer.from(payload, 'base64'), [signer]);
      writeFileSync(
        world.path('foreign.submission'),
        encodeSubmission({ ...genuine, base, checkpoint, status }),
      );
    };
    await forge(originOf({ ...place, node: '99-1' }));
    await rootRefuses('foreign.submission', 2, 'NODE_UNKNOWN');
    await forge(originOf({ ...place, registry: 'registry.example' }));
    await rootRefuses('foreign.submission', 3, 'SUBMISSION_REFUSED');
    await forge(originOf({ ...place, epoch: 2 }));
    await rootRefuses('foreign.submission', 3, 'SUBMISSION_REFUSED');
    await forge(origin);
    await rootRefuses('foreign.submission', 3, 'SIGNER_UNKNOWN');
  });
});

describe('to the root and back', () => {
  test('the root takes the entries, the node its receipt', async () => {
    const { entries } = submitted('first.submission');
    expect(importFile('first.submission').json).toMatchObject({
      submissions: 1,
      entries: entries.length,
      size: entries.length,
      findings: 0,
    });
    expect(await world.subcaOk('sync', 'import', 'a.reply')).toMatchObject({
      size: entries.length,
      findings: 0,
    });
    expect(await world.subcaOk('status')).toMatchObject({ journal: { confirmed: entries.length } });
    expect(await world.subcaOk('verify')).toMatchObject({ receipts: 1 });
    await world.rootcaOk('verify');
  });

  test('the same file again changes nothing and says so', async () => {
    const before = await rootHoldings();
    expect(importFile('first.submission')).toMatchObject({ code: 0, json: { entries: 0, findings: 0 } });
    expect(await rootHoldings()).toEqual(before);
    const told = world.told('rootca', {}, 'import', 'first.submission', '--out', 'a.reply');
    expect(told.stdout).toMatch(/^Nothing in the file was new/);
  });

  test('the same reply again changes nothing', async () => {
    await world.rootcaOk('import', 'first.submission', '--out', 'a.reply');
    await world.subcaOk('sync', 'import', 'a.reply');
    const before = await nodeHoldings(world);
    await world.subcaOk('sync', 'import', 'a.reply');
    expect(await nodeHoldings(world)).toEqual(before);
  });

  test('an old file after a newer one has no effect, nor has its reply', async () => {
    await issue('SỞ XÂY DỰNG');
    await world.subcaOk('sync', 'export', 'old.submission');
    await issue('SỞ CÔNG THƯƠNG');
    const { size } = await carry('new');
    const before = await rootHoldings();
    expect(importFile('old.submission', 'old.reply').json).toMatchObject({ entries: 0, size, findings: 0 });
    expect(await rootHoldings()).toEqual(before);
    // Still the reply to the first file.
    await world.subcaOk('sync', 'import', 'a.reply');
    expect(await world.subcaOk('status')).toMatchObject({ journal: { confirmed: size } });
  });

  test('several submissions in one file: in their order they are taken, in another nothing is', async () => {
    await issue('SỞ TƯ PHÁP');
    await world.subcaOk('sync', 'export', 'one.submission');
    const [one, before] = [submitted('one.submission'), await rootHoldings()];
    cpSync(world.path('root'), world.path('root.before'), { recursive: true });
    await world.rootcaOk('import', 'one.submission', '--out', 'one.reply');
    await world.subcaOk('sync', 'import', 'one.reply');
    await issue('SỞ NGOẠI VỤ');
    await world.subcaOk('sync', 'export', 'two.submission');
    const two = submitted('two.submission');
    expect(startOf(two)).toBe(startOf(one) + one.entries.length);

    rmSync(world.path('root'), { recursive: true });
    cpSync(world.path('root.before'), world.path('root'), { recursive: true });
    const join = (...files: readonly string[]): void => {
      writeFileSync(world.path('both.submission'), Buffer.concat(files.map((file) => world.read(file))));
    };
    join('two.submission', 'one.submission');
    expect(importFile('both.submission')).toMatchObject({
      code: 5,
      json: { entries: 0, submissions: 1, problem: { code: 'gap' } },
    });
    expect(await rootHoldings()).toEqual(before);
    join('one.submission', 'two.submission');
    expect(importFile('both.submission').json).toMatchObject({
      submissions: 2,
      entries: one.entries.length + two.entries.length,
      findings: 0,
    });
    await world.subcaOk('sync', 'import', 'a.reply');
    await world.rootcaOk('verify');
  });

  test('a root restored from a backup asks for what it lost, and gets it', async () => {
    cpSync(world.path('root'), world.path('root.backup'), { recursive: true });
    const held = (await world.subcaOk('status'))['journal'] as { readonly confirmed: number };
    await issue('SỞ Y TẾ');
    await carry('lost');
    rmSync(world.path('root'), { recursive: true });
    cpSync(world.path('root.backup'), world.path('root'), { recursive: true });

    await world.subcaOk('sync', 'export', 'gap.submission');
    expect(importFile('gap.submission')).toMatchObject({
      code: 5,
      json: { entries: 0, problem: { code: 'gap' } },
    });
    await world.subcaOk('sync', 'import', 'a.reply');
    await world.subcaOk('sync', 'export', 'gap.submission');
    expect(startOf(submitted('gap.submission'))).toBe(held.confirmed);
    expect(await carry('healed')).toMatchObject({ findings: 0 });
    expect(await world.rootcaOk('findings')).toMatchObject({ findings: [] });
    await world.subcaOk('verify');
    await world.rootcaOk('verify');
  });
});

describe('a reply', () => {
  test('altered in one bit, cut off, or something else is refused', async () => {
    await issue('SỞ GIÁO DỤC VÀ ĐÀO TẠO');
    await world.subcaOk('sync', 'export', 'last.submission');
    await world.rootcaOk('import', 'last.submission', '--out', 'last.reply');
    const before = await nodeHoldings(world);
    const said = await saidToAltered('last.reply', REPLY_SAMPLES, (altered) =>
      world.runAside('subca', 'sync', 'import', altered),
    );
    expect(said).toHaveLength(REPLY_SAMPLES);
    expect(said.filter(({ code }) => !REFUSALS.includes(code))).toEqual([]);
    writeFileSync(world.path('cut.reply'), readFileSync(world.path('last.reply')).subarray(0, -1));
    for (const file of ['cut.reply', 'last.submission', 'empty.submission']) {
      const { code, json } = world.subca('sync', 'import', file);
      expect([code, json.error?.code]).toEqual([5, 'REPLY_MALFORMED']);
    }
    expect(await nodeHoldings(world)).toEqual(before);
    await world.subcaOk('sync', 'import', 'last.reply');
  });
});

test('both ends can read the same words to each other', async () => {
  const english = { LANG: 'en_US.UTF-8' };
  const spoken = (said: string): readonly string[] => said.match(/^\d\. [0-9a-f]{8}  .*$/gm) ?? [];
  const exported = world.told('subca', english, 'sync', 'export', 'spoken.submission');
  const imported = world.told('rootca', english, 'import', 'spoken.submission', '--out', 'spoken.reply');
  const taken = world.told('subca', english, 'sync', 'import', 'spoken.reply');
  expect([exported.code, imported.code, taken.code]).toEqual([0, 0, 0]);
  const digest = createHash('sha256').update(world.read('spoken.submission')).digest('hex');
  expect(
    spoken(exported.stdout)
      .map((line) => line.slice(3, 11))
      .join(''),
  ).toBe(digest);
  expect(spoken(imported.stderr)).toEqual(spoken(exported.stdout));
  expect(spoken(imported.stdout)).toHaveLength(8);
  expect(spoken(taken.stderr)).toEqual(spoken(imported.stdout));
});
