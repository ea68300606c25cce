/**
 * The root's orders to a node, carried by hand, and the end of a delegation:
 *
 *   rootca  directive revoke ── suspend, resume ── grant withdraw run-out ── directive withdraw revoke-all
 *   subca   ─ revoked ────────── exit 3, issues ── exit 3, OCSP good ──────── killed, done again, OCSP revoked
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { RawDatabase } from '../support/rawDatabase';
import { World, type Ran } from '../support/world';

const NODE = '15-1';
const BECAUSE = ['--because', 'Theo kết luận kiểm tra'] as const;
const NAMES = ['exposed', 'one', 'two', 'three'] as const;

let world: World;
const serials = new Map<string, string>();
const serialOf = (name: (typeof NAMES)[number]): string => serials.get(name) ?? '';

beforeAll(async () => {
  world = await World.activated();
  for (const name of NAMES) serials.set(name, (await issue(name)).json['serialNumber'] as string);
  await exchange();
});

afterAll(() => {
  world.remove();
});

async function issue(name: string): Promise<Ran> {
  const csr = await world.newCsr();
  return world.subca(
    ...['issue', '--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`],
    ...['--out', `${name}.crt`],
  );
}

/** To the root and back by file. */
async function exchange(): Promise<Ran['json']> {
  await world.subcaOk('sync', 'export', 'a.submission');
  await world.rootcaOk('import', 'a.submission', '--out', 'a.reply');
  return world.subcaOk('sync', 'import', 'a.reply');
}

/** Both operators sign an order. */
async function order(...words: readonly string[]): Promise<Ran['json']> {
  const as = (name: string): readonly string[] => [
    ...['--operator', name, '--pin-file', world.path('pins', name), '--yes'],
  ];
  const drafted = await world.rootcaOk(...words, ...BECAUSE, ...as('an'));
  expect(drafted).toMatchObject({ state: 'signing', signedBy: ['an'] });
  return world.rootcaOk('directive', 'approve', NODE, ...as('binh'));
}

const published = (file: string): string => world.path('node', 'published', file);
const crlText = (): string => world.openssl('crl', '-in', published('subca.crl.pem'), '-noout', '-text');
const onCrl = (name: (typeof NAMES)[number]): boolean => crlText().includes(serialOf(name).toUpperCase());

/** What the node's service answers, as OpenSSL reads and checks it. */
async function ocspStatuses(): Promise<readonly string[]> {
  const service = await world.serve('subca');
  try {
    const [, port = ''] = /public:[^]*?port: (\d+)/.exec(world.read('node', 'config.yaml').toString()) ?? [];
    return NAMES.map((name) => {
      const said = world.openssl(
        ...['ocsp', '-issuer', published('subca.pem'), '-cert', `${name}.crt`],
        ...['-url', `http://127.0.0.1:${port}/ocsp`, '-CAfile', published('root.pem')],
        ...['-verify_other', published('subca.pem')],
      );
      return /: (good|revoked|unknown)/.exec(said)?.[1] ?? said;
    });
  } finally {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
}

test('an order to revoke: signed by two, carried out, acknowledged; the CRL tells it', async () => {
  const revoke = ['directive', 'revoke', NODE, serialOf('exposed'), '--reason', 'keyCompromise'];
  expect(await order(...revoke)).toMatchObject({ state: 'ready', signedBy: ['an', 'binh'] });
  await exchange();
  expect(onCrl('exposed')).toBe(true);
  expect(onCrl('one')).toBe(false);
  expect(await world.rootcaOk('directive', 'show', NODE, '1')).toMatchObject({ state: 'delivered' });
});

test('issuing is suspended and resumed, and people are told why', async () => {
  await order('directive', 'suspend-issuance', NODE);
  const reason = 'Theo kết luận kiểm tra';
  expect(await exchange()).toMatchObject({
    directives: [
      { sequence: 2, order: { kind: 'suspend-issuance' }, reason: expect.stringContaining(reason) as string },
    ],
  });
  expect(await exchange()).toMatchObject({ directives: [] });
  expect(await world.rootcaOk('directive', 'show', NODE, '1')).toMatchObject({
    state: 'applied',
    acknowledged: { outcome: 'applied' },
    outstanding: 0,
  });
  const refused = await issue('never');
  expect([refused.code, refused.json.error?.code]).toEqual([3, 'ISSUANCE_SUSPENDED']);
  const told = world.told('subca', { LANG: 'vi_VN.UTF-8' }, 'status');
  expect(told.stdout).toMatch(/đang tạm dừng cấp chứng thư từ .* theo chỉ thị số 2: Theo kết luận kiểm tra/);
  await order('directive', 'resume-issuance', NODE);
  await exchange();
  expect((await issue('again')).code).toBe(0);
});

test('a withdrawal that lets certificates run out: nothing is issued, CRL and OCSP go on', async () => {
  await order('grant', 'withdraw', NODE, '--mode', 'run-out');
  await exchange();
  const refused = await issue('never');
  expect([refused.code, refused.json.error?.code]).toEqual([3, 'ISSUANCE_WITHDRAWN']);
  expect(await world.subcaOk('status')).toMatchObject({ directives: { issuance: { state: 'withdrawn' } } });
  await world.subcaOk('crl', 'publish');
  expect(await ocspStatuses()).toEqual(['revoked', 'good', 'good', 'good']);
});

test('a withdrawal that revokes everything, killed as soon as it is journalled and done again', async () => {
  await order('directive', 'withdraw', NODE, '--mode', 'revoke-all');
  await world.subcaOk('sync', 'export', 'b.submission');
  await world.rootcaOk('import', 'b.submission', '--out', 'b.reply');
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  const child = world.start('subca', 'sync', 'import', 'b.reply');
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  while (child.exitCode === null && (await database.value('SELECT lastDirective FROM journals')) !== 5)
    await sleep(1);
  child.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
  await database.close();
  await world.subcaOk('verify');
  await world.subcaOk('sync', 'import', 'b.reply');
  for (const name of NAMES) expect(onCrl(name)).toBe(true);
  expect(crlText().match(/Cessation Of Operation/g)).toHaveLength(4);
  expect(await ocspStatuses()).toEqual(['revoked', 'revoked', 'revoked', 'revoked']);
  expect(await world.subcaOk('status')).toMatchObject({
    directives: { last: 5, issuance: { state: 'withdrawn', directive: 5 } },
  });
  await world.subcaOk('verify');
});

test('the root has it all from the journal, and holds nothing against the node', async () => {
  await exchange();
  const { directives } = await world.rootcaOk('directive', 'list');
  const states = (directives as readonly { state: string; outstanding: number }[]).map(
    ({ state, outstanding }) => `${state} ${outstanding}`,
  );
  expect(states).toEqual(Array.from({ length: 5 }, () => 'applied 0'));
  expect(await world.rootcaOk('node', 'show', NODE)).toMatchObject({
    findings: 0,
    directives: { issuance: 'withdrawn', acknowledged: 5, outstanding: 0 },
  });
  await world.rootcaOk('verify');
  const pointless = ['directive', 'resume-issuance', NODE, ...BECAUSE, '--operator', 'an', '--yes'];
  const refused = world.rootca(...pointless);
  expect([refused.code, refused.json.error?.code]).toEqual([3, 'DIRECTIVE_POINTLESS']);
});
