/**
 * A node put back to an old copy of itself gets back what it lost, and goes on under the next CA key.
 *
 *   node   issue ─ sync ─ COPY ─ issue ─ revoke ─ sync ─┐        ┌─ recover ─ CRL (a new number) ─ rollover ─ issue ─ sync
 *                          └──────── put back ──────────┴─ grow ─┘
 *   root                                holds what was lost ── pulled ──┘                                └─ verify
 */
import { writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { RawDatabase } from '../support/rawDatabase';
import { World, type Ran } from '../support/world';

let world: World;
/** Issued and revoked after the copy was made. */
let lost: string;
let lostAndRevoked: string;
/** Entries the root holds. */
let held: number;
/** Number of the newest CRL before the loss. */
let crlNumber: number;

beforeAll(async () => {
  world = await World.activated();
  await issue('SỞ NỘI VỤ');
  await world.withRegistry(async () => {
    await world.subcaOk('sync');
    world.copy('node', 'node.backup');
    lost = await issue('SỞ Y TẾ');
    lostAndRevoked = await issue('SỞ TÀI CHÍNH');
    await world.subcaOk('revoke', lostAndRevoked, '--reason', 'keyCompromise', '--yes');
    held = (await world.subcaOk('sync'))['size'] as number;
  });
  crlNumber = ((await world.subcaOk('status'))['crl'] as { number: number }).number;
  world.copy('root', 'root.saved');
});

beforeEach(() => {
  world.copy('node.backup', 'node');
  world.copy('root.saved', 'root');
});

afterAll(() => {
  world.remove();
});

async function issue(name: string): Promise<string> {
  const csr = await world.newCsr();
  const issued = await world.subcaOk(
    'issue',
    '--profile',
    'organisation',
    '--csr',
    csr,
    '--subject',
    `CN=${name}`,
  );
  return issued['serialNumber'] as string;
}

async function tryToIssue(): Promise<Ran> {
  const csr = await world.newCsr();
  return world.subca('issue', '--profile', 'organisation', '--csr', csr, '--subject', 'CN=SỞ CÔNG THƯƠNG');
}

const ended = ({ code, json }: Ran): readonly unknown[] => [code, json.error?.code];

function crlText(): string {
  return execFileSync(
    'openssl',
    ['crl', '-noout', '-text', '-in', world.path('node/published/subca.crl.pem')],
    {
      encoding: 'utf8',
    },
  ).toLowerCase();
}

async function takeNextKey(): Promise<void> {
  await world.subcaOk('rollover', 'begin');
  await world.subcaOk('rollover', 'apply', '--out', 'next.dsse');
  for (const operator of ['an', 'binh'])
    await world.rootcaOk(
      ...['application', 'approve', 'next.dsse', '--yes'],
      ...['--operator', operator, '--pin-file', world.path('pins', operator)],
    );
  await world.rootcaOk('grant', 'issue', 'next.dsse', '--out', 'next.bundle');
  await world.subcaOk('rollover', 'activate', 'next.bundle');
}

test('what was lost comes back, and the next CA key issues', async () => {
  await world.withRegistry(async () => {
    expect(ended(world.subca('sync'))).toEqual([5, 'ROOT_AHEAD']);
    expect(ended(await tryToIssue())).toEqual([5, 'QUARANTINED']);
    const recovered = await world.subcaOk('recover', '--yes');
    expect(recovered).toMatchObject({
      journals: [{ size: held, setAside: 0, unrecorded: [] }],
      crls: [{ epoch: 1, number: expect.any(Number) as number }],
      issuing: false,
    });
    const [crl] = recovered['crls'] as readonly { number: number }[];
    // Beyond every number that was given out and lost.
    expect(crl?.number).toBeGreaterThan(crlNumber);
    expect(await world.subcaOk('certificate', 'show', lost)).toMatchObject({ status: 'issued' });
    expect(crlText()).toContain(lostAndRevoked);
    await world.subcaOk('verify');
    expect(ended(await tryToIssue())).toEqual([3, 'HISTORY_LOST']);
    // A second time there is nothing to do.
    expect(await world.subcaOk('recover', '--yes')).toMatchObject({ crls: [], issuing: false });
    expect((await world.subcaOk('crl', 'publish'))['number']).toBeGreaterThan(crl?.number ?? 0);
    await world.subcaOk('revoke', lost, '--reason', 'superseded', '--yes');
    expect(crlText()).toContain(lost);

    await takeNextKey();
    expect(await issue('SỞ XÂY DỰNG')).toMatch(/^02/);
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  });
  await world.subcaOk('verify');
  await world.rootcaOk('verify');
});

test('what was written in the place of the lost is set aside, and told', async () => {
  const unrecorded = await issue('SỞ CÔNG THƯƠNG');
  await world.subcaOk('crl', 'publish');
  await world.withRegistry(async () => {
    expect(ended(world.subca('sync'))).toEqual([5, 'ROOT_AHEAD']);
    const ran = await world.subcaOk('recover', '--yes');
    expect(ran).toMatchObject({ journals: [{ size: held, setAside: 3, unrecorded: [unrecorded] }] });
    await world.subcaOk('verify');
    // The root keeps the two heads: a person looks at what was issued.
    expect(world.subca('sync')).toMatchObject({ code: 5, json: { findings: 1 } });
    expect(world.rootca('verify').code).toBe(5);
    const [fork] = (await world.rootcaOk('findings'))['findings'] as readonly { id: number }[];
    expect(fork).toMatchObject({ code: 'FORK', severity: 'critical', state: 'open' });
    const acknowledge = [
      'findings',
      'acknowledge',
      String(fork?.id),
      '--reason',
      'put back from a backup',
      '--yes',
    ];
    expect(ended(world.rootca(...acknowledge, '--operator', 'nobody'))).toEqual([3, 'OPERATOR_NOT_TRUSTED']);
    const asAn = ['--operator', 'an', '--pin-file', world.path('pins', 'an')];
    expect(await world.rootcaOk(...acknowledge, ...asAn)).toMatchObject({ state: 'acknowledged' });
    expect(ended(world.rootca(...acknowledge, ...asAn))).toEqual([3, 'FINDING_ACKNOWLEDGED']);
    expect(await world.rootcaOk('findings')).toMatchObject({ findings: [], others: 1 });
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
    await world.rootcaOk('verify');
  });
  expect(ended(world.subca('certificate', 'show', unrecorded))).toEqual([2, 'CERTIFICATE_UNKNOWN']);
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  try {
    expect(await database.rows('SELECT count(*) AS n FROM setAsideEntries')).toEqual([{ n: 3 }]);
  } finally {
    await database.close();
  }
});

test('by file: the same', async () => {
  await world.subcaOk('recover', 'export', 'pull.submission');
  await world.rootcaOk('import', 'pull.submission', '--out', 'pull.reply');
  expect(await world.subcaOk('recover', 'import', 'pull.reply', '--yes')).toMatchObject({
    journals: [{ size: held, setAside: 0 }],
  });
  await world.subcaOk('verify');
  expect(await world.subcaOk('certificate', 'show', lostAndRevoked)).toMatchObject({ status: 'revoked' });
});

test('the last resort: the root revokes the CA certificate', async () => {
  expect(
    ended(world.rootca('node', 'revoke', '15-1', '--epoch', '2', '--reason', 'caCompromise', '--yes')),
  ).toEqual([2, 'EPOCH_UNKNOWN']);
  const { serialNumber } = await world.rootcaOk(
    'node',
    'revoke',
    '15-1',
    '--reason',
    'caCompromise',
    '--yes',
  );
  const crl = execFileSync(
    'openssl',
    ['crl', '-inform', 'DER', '-noout', '-text', '-in', world.path('root/published/root.crl')],
    { encoding: 'utf8' },
  ).toLowerCase();
  expect(crl).toMatch(new RegExp(`${String(serialNumber)}[^]*ca compromise`));
  await world.rootcaOk('verify');
});

test('entries that are not those the root has signed change nothing', async () => {
  await world.subcaOk('recover', 'export', 'pull.submission');
  await world.rootcaOk('import', 'pull.submission', '--out', 'pull.reply');
  const reply = JSON.parse(world.read('pull.reply').toString('utf8')) as { pulled: { entries: string[] } };
  const last = Buffer.from(reply.pulled.entries.at(-1) ?? '', 'base64');
  last.writeUInt8(last.readUInt8(last.length - 10) ^ 1, last.length - 10);
  reply.pulled.entries[reply.pulled.entries.length - 1] = last.toString('base64');
  writeFileSync(world.path('altered.reply'), `${JSON.stringify(reply)}\n`);
  expect(ended(world.subca('recover', 'import', 'altered.reply', '--yes'))).toEqual([5, 'PULL_DIFFERS']);
  await world.subcaOk('verify');
  expect(await world.subcaOk('recover', 'import', 'pull.reply', '--yes')).toMatchObject({ issuing: false });
});
