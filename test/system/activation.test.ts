/**
 * From an application to a node that may issue: only what enough trusted operators signed, for this very node, under
 * the root whose fingerprint was typed, opens the door; and not a byte of it may be altered.
 *
 *   operators: an, binh (trusted, 2 of 2), cuong (added, not in the trust statement)
 *   root ◄── application ─── node 15-1 ◄── grant.bundle and many that look like it
 *        ◄── application ─── node 15-2
 *   another root, of one operator
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeBundle, type BundleParts } from '../../src/delegation';
import { addSignature } from '../../src/envelope';
import { holdings } from '../support/holdings';
import { RawDatabase } from '../support/rawDatabase';
import { expectRefusal, nodeHoldings } from '../support/refusal';
import { softSigner } from '../support/softSigner';
import { freePorts, softHsmModule, World, type Ran } from '../support/world';

/** Bytes altered one at a time; every one is in `test/delegation`, without a process for each. */
const BUNDLE_SAMPLES = 10;
const APPLICATION_SAMPLES = 4;
/** Commands at the same time. */
const ASIDE = 3;

let world: World;
/** The grant with the signature of one operator only. */
let halfSigned: Buffer;

beforeAll(async () => {
  world = await World.applied();
  world.token('cuong');
  const pinFile = world.path('pins', 'cuong');
  await world.rootcaOk('operator', 'add', 'cuong', '--token', 'cuong', '--pin-file', pinFile);
});

afterAll(() => {
  world.remove();
});

function decide(verb: 'approve' | 'reject', application: string, operator: string): Ran {
  const how = verb === 'reject' ? ['--reason', 'thiếu nhân sự'] : ['--yes'];
  const pin = ['--pin-file', world.path('pins', operator)];
  return world.rootca('application', verb, application, '--operator', operator, ...pin, ...how);
}

/** The command must be refused, and the root hold what it held. */
async function rootRefuses(run: () => Ran, exit: number, code: string): Promise<void> {
  const before = await holdings(world.path('root'), 'rootca.db');
  const { code: ended, json } = run();
  expect([ended, json.error?.code]).toEqual([exit, code]);
  expect(await holdings(world.path('root'), 'rootca.db')).toEqual(before);
}

function activate(bundle: string, fingerprint = world.fingerprint): readonly string[] {
  return ['activate', bundle, '--root-fingerprint', fingerprint];
}

function partsOf(bundle: string): BundleParts {
  const parts = JSON.parse(readFileSync(world.path(bundle), 'utf8')) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(parts).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
  ) as unknown as BundleParts;
}

function writeBundle(name: string, parts: Partial<BundleParts>): string {
  writeFileSync(world.path(name), encodeBundle({ ...partsOf('grant.bundle'), ...parts }));
  return name;
}

/** One copy of the file per sampled position, each with another byte there; all that the command says to them. */
async function saidToAltered(
  file: string,
  samples: number,
  say: (altered: string) => Promise<Ran>,
): Promise<readonly Ran[]> {
  const bytes = world.read(file);
  const positions = Array.from({ length: samples }, (_, at) =>
    Math.floor((at * bytes.length) / samples),
  ).values();
  const said: Ran[] = [];
  const worker = async (): Promise<void> => {
    for (const position of positions) {
      const altered = Buffer.from(bytes);
      // Another letter of the same kind: mostly still base64, so that it is not the alphabet that gives it away.
      altered[position] = (altered[position] ?? 0) ^ (position % 2 === 0 ? 0x01 : 0x20);
      const name = `altered-${String(position)}`;
      writeFileSync(world.path(name), altered);
      said.push(await say(name));
    }
  };
  await Promise.all(Array.from({ length: ASIDE }, worker));
  return said;
}

const endings = (said: readonly Ran[]): ReadonlySet<number | null> => new Set(said.map(({ code }) => code));
const REFUSALS: readonly (number | null)[] = [2, 3, 5];

describe('operators', () => {
  test('an application altered by one byte is none', async () => {
    const before = await holdings(world.path('root'), 'rootca.db');
    const said = await saidToAltered('application.dsse', APPLICATION_SAMPLES, (altered) =>
      world.runAside('rootca', 'application', 'show', altered),
    );
    expect(said).toHaveLength(APPLICATION_SAMPLES);
    expect([...endings(said)].filter((code) => !REFUSALS.includes(code))).toEqual([]);
    expect(await holdings(world.path('root'), 'rootca.db')).toEqual(before);
  });

  test('no grant before the threshold, however often the same person approves, or strangers do', async () => {
    await world.rootcaOk('application', 'show', 'application.dsse');
    const grant = (): Ran => world.rootca('grant', 'issue', 'application.dsse', '--out', 'grant.bundle');
    await rootRefuses(grant, 3, 'APPLICATION_STATE');

    expect(decide('approve', 'application.dsse', 'an').json).toMatchObject({
      approvedBy: ['an'],
      threshold: 2,
    });
    halfSigned = await storedGrant();
    await rootRefuses(grant, 3, 'APPLICATION_STATE');
    await rootRefuses(() => decide('approve', 'application.dsse', 'an'), 3, 'ALREADY_SIGNED');
    await rootRefuses(() => decide('approve', 'application.dsse', 'cuong'), 3, 'OPERATOR_NOT_TRUSTED');
    await rootRefuses(() => decide('approve', 'application.dsse', 'nobody'), 3, 'OPERATOR_NOT_TRUSTED');
    await rootRefuses(() => decide('reject', 'application.dsse', 'nobody'), 3, 'OPERATOR_NOT_TRUSTED');
    await rootRefuses(grant, 3, 'APPLICATION_STATE');

    expect(decide('approve', 'application.dsse', 'binh').json).toMatchObject({ approvedBy: ['an', 'binh'] });
    await world.rootcaOk('grant', 'issue', 'application.dsse', '--out', 'grant.bundle');
    // The same again gives the same again; a decision once carried out stays.
    await world.rootcaOk('grant', 'issue', 'application.dsse', '--out', 'again.bundle');
    expect(world.read('again.bundle').equals(world.read('grant.bundle'))).toBe(true);
    await rootRefuses(() => decide('reject', 'application.dsse', 'an'), 3, 'APPLICATION_STATE');
  });

  test('what one has rejected, nobody approves any more', async () => {
    await apply('rejected.dsse', 'first');
    await world.rootcaOk('application', 'show', 'rejected.dsse');
    expect(decide('approve', 'rejected.dsse', 'an').code).toBe(0);
    expect(decide('reject', 'rejected.dsse', 'binh').json).toMatchObject({ status: 'rejected' });
    for (const operator of ['an', 'binh']) {
      await rootRefuses(() => decide('approve', 'rejected.dsse', operator), 3, 'APPLICATION_STATE');
      await rootRefuses(() => decide('reject', 'rejected.dsse', operator), 3, 'APPLICATION_STATE');
    }
    await rootRefuses(
      () => world.rootca('grant', 'issue', 'rejected.dsse', '--out', 'rejected.bundle'),
      3,
      'APPLICATION_STATE',
    );
    // A new application of the same node is another one.
    await apply('second.dsse', 'again');
    for (const operator of ['an', 'binh']) expect(decide('approve', 'second.dsse', operator).code).toBe(0);
    await world.rootcaOk('grant', 'issue', 'second.dsse', '--out', 'second.bundle');
  });
});

describe('the node', () => {
  test.each<[string, (fingerprint: string) => string]>([
    ['another digit', (right) => right.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['half of it', (right) => right.slice(0, 47)],
    ['none at all', () => 'của CA gốc'],
  ])('with a fingerprint of %s, nothing is taken', async (_, wrong) => {
    await expectRefusal(world, activate('grant.bundle', wrong(world.fingerprint)), {
      exit: 3,
      code: 'FINGERPRINT_MISMATCH',
      params: { found: world.fingerprint.replaceAll(':', '').toLowerCase() },
    });
  });

  test('with any byte of the bundle altered, nothing is taken', async () => {
    const before = await nodeHoldings(world);
    const said = await saidToAltered('grant.bundle', BUNDLE_SAMPLES, (altered) =>
      world.runAside('subca', ...activate(altered)),
    );
    expect(said).toHaveLength(BUNDLE_SAMPLES);
    expect([...endings(said)].filter((code) => !REFUSALS.includes(code))).toEqual([]);
    expect(await nodeHoldings(world)).toEqual(before);
  });

  test('a grant signed by one operator of two, or by one of them twice', async () => {
    writeBundle('half.bundle', { grant: halfSigned });
    await expectRefusal(world, activate('half.bundle'), {
      exit: 3,
      code: 'THRESHOLD_NOT_MET',
      params: { got: 1, needed: 2 },
    });
    const envelope = JSON.parse(halfSigned.toString('utf8')) as { signatures: unknown[] };
    const twice = { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };
    writeBundle('twice.bundle', { grant: Buffer.from(JSON.stringify(twice)) });
    await expectRefusal(world, activate('twice.bundle'), { exit: 3, code: 'THRESHOLD_NOT_MET' });
  });

  test('a grant signed by one operator and somebody else', async () => {
    writeBundle('stranger.bundle', { grant: await addSignature(halfSigned, softSigner('p-256')) });
    await expectRefusal(world, activate('stranger.bundle'), { exit: 3, code: 'SIGNER_UNKNOWN' });
  });

  test('a grant for another node, whole or in part', async () => {
    await expectRefusal(world, activate('second.bundle'), {
      exit: 3,
      code: 'GRANT_FOR_OTHER_KEY',
      params: { what: 'node', found: '15-2', expected: '15-1' },
    });
    writeBundle('mixed.bundle', { caCertificate: partsOf('second.bundle').caCertificate });
    await expectRefusal(world, activate('mixed.bundle'), {
      exit: 3,
      code: 'GRANT_FOR_OTHER_KEY',
      params: { what: 'CA key' },
    });
  });

  test('an application instead of a grant, an empty file, 10 MB of zeros', async () => {
    writeFileSync(world.path('empty.bundle'), '');
    writeFileSync(world.path('zeros.bundle'), Buffer.alloc(10_000_000));
    await expectRefusal(world, activate('application.dsse'), { exit: 2, code: 'DOCUMENT_MALFORMED' });
    await expectRefusal(world, activate('empty.bundle'), { exit: 2, code: 'DOCUMENT_MALFORMED' });
    await expectRefusal(world, activate('zeros.bundle'), { exit: 2, code: 'FILE_TOO_LARGE' });
  });

  test('the right one is taken, by a fingerprint typed in any way, and taking it twice does no harm', async () => {
    const plain = world.fingerprint.replaceAll(':', '').toLowerCase();
    expect(await world.subcaOk(...activate('grant.bundle', plain))).toMatchObject({ version: 1 });
    const issued = (await world.subcaOk('certificate', 'list'))['certificates'];
    expect(await world.subcaOk(...activate('grant.bundle'))).toMatchObject({ version: 1 });
    expect((await world.subcaOk('certificate', 'list'))['certificates']).toEqual(issued);
    const db = await RawDatabase.open(world.path('node', 'subca.db'));
    expect(await db.value('SELECT count(*) FROM entries WHERE bytes LIKE \'%"type":"grant"%\'')).toBe(1);
    await db.close();
    await world.subcaOk('verify');
  });

  test('once pinned, the root stays: the bundle of another root is refused with its own fingerprint', async () => {
    const fingerprint = await anotherRoot();
    await expectRefusal(world, activate('other.bundle', fingerprint), {
      exit: 3,
      code: 'FINGERPRINT_MISMATCH',
      params: { found: fingerprint.replaceAll(':', '').toLowerCase() },
    });
    await world.subcaOk('verify');
  });
});

/** The node 15-2 in a directory and on a token of its own. */
async function apply(file: string, which: 'first' | 'again'): Promise<void> {
  const dir = world.path('node-2');
  if (which === 'first') {
    world.token('node-2');
    await world.subcaOk(
      ...['init', '--dir', dir, '--organisation', '15', '--node', '15-2', '--host', 'ca2.laocai.gov.vn'],
      ...['--module', softHsmModule(), '--token', 'node-2', '--pin-file', world.path('pins', 'node-2')],
      ...['--ca-key', 'p-256'],
    );
  }
  await world.subcaOk('apply', '--dir', dir, '--out', file, '--email-domain', 'laocai.gov.vn');
}

/** A root that anybody can make; it grants the node's application in `other.bundle`. @returns its fingerprint */
async function anotherRoot(): Promise<string> {
  const dir = world.path('root-2');
  const rootca = (...words: readonly string[]): Promise<Ran['json']> =>
    world.rootcaOk(...words, '--dir', dir);
  for (const label of ['root-2', 'registry-2', 'dung']) world.token(label);
  const pin = (label: string): string => world.path('pins', label);
  const [port = 0, publicPort = 0] = await freePorts(2);
  const { fingerprint } = await rootca(
    ...['init', '--name', 'registry.test', '--subject', 'C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA thử nghiệm'],
    ...['--host', '127.0.0.1', '--port', String(port), '--public-port', String(publicPort)],
    ...['--module', softHsmModule(), '--root-token', 'root-2', '--root-pin-file', pin('root-2')],
    ...['--registry-token', 'registry-2', '--registry-pin-file', pin('registry-2'), '--root-key', 'p-256'],
  );
  await rootca('operator', 'add', 'dung', '--token', 'dung', '--pin-file', pin('dung'));
  await rootca('trust', 'sign', '--yes', '--threshold', '1');
  await rootca(
    'application',
    'approve',
    'application.dsse',
    '--operator',
    'dung',
    '--pin-file',
    pin('dung'),
    '--yes',
  );
  await rootca('grant', 'issue', 'application.dsse', '--out', 'other.bundle');
  return String(fingerprint);
}

/** The grant with the signatures gathered so far. */
async function storedGrant(): Promise<Buffer> {
  const db = await RawDatabase.open(world.path('root', 'rootca.db'));
  try {
    return (await db.value('SELECT envelope FROM applications')) as Buffer;
  } finally {
    await db.close();
  }
}
