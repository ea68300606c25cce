/**
 * The life of a certificate: issued, renewed, changed, its device recovered; each step judged at the node and again at
 * the root.
 *
 *   first ─ renew ─► second ─ change ─► third ─ recover-device ─► fourth        node ─ sync ─► root: no finding
 *     └──── renew ─► refused
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { TRUST_PAYLOAD_TYPE, type TrustStatement } from '../../src/delegation';
import { readUnverified } from '../../src/envelope';
import { leafHash, verifyInclusion } from '../../src/journal';
import { openReceipt } from '../../src/sync';
import { RogueNode } from '../support/rogue';
import { World, type Ran } from '../support/world';

let world: World;
let first: string;
let second: string;
let third: string;

beforeAll(async () => {
  world = await World.activated({
    apply: ['--service', 'issue', 'renew', 'change-information', 'recover-device'],
  });
  world.csr('one', '/OU=VĂN PHÒNG/CN=Nguyễn Văn An/emailAddress=an@laocai.gov.vn');
  world.csr('two', '/CN=whatever the request says');
  const issued = await world.subcaOk(
    'issue',
    '--profile',
    'individual',
    '--csr',
    'one.csr',
    '--out',
    'one.crt',
  );
  first = issued['serialNumber'] as string;
});

afterAll(() => {
  world.remove();
});

const refused = ({ code, json }: Ran): unknown => [code, (json['error'] as { code: string }).code];
const reasons = ({ json }: Ran): unknown =>
  (json['error'] as { problems: readonly { where: string }[] }).problems.map(({ where }) => where);
const field = (file: string, name: string): string => world.openssl('x509', '-in', file, '-noout', name);
const key = (file: string): string => field(file, '-pubkey');
const subject = (file: string): string =>
  world.openssl('x509', '-in', file, '-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus,-esc_msb');
const accepted = (file: string): string =>
  world.openssl(
    ...['verify', '-x509_strict', '-CAfile', world.path('root', 'published', 'root.pem')],
    ...['-untrusted', world.path('node', 'published', 'subca.pem'), '-crl_check'],
    ...['-CRLfile', world.path('node', 'published', 'subca.crl.pem'), file],
  );

/** Checks, from what `certificate show --json` prints and the trust statement, that the root has signed its place. */
async function checkEvidence(): Promise<void> {
  const shown = await world.subcaOk('certificate', 'show', third);
  const { journal, successors, predecessor } = shown as unknown as Shown;
  expect([predecessor, successors.length]).toEqual([second, 1]);
  const bundle = JSON.parse(world.read('grant.bundle').toString()) as { trustStatement: string };
  const { payload } = readUnverified(
    Buffer.from(bundle.trustStatement, 'base64'),
    TRUST_PAYLOAD_TYPE,
    'trust',
  );
  const { registry } = JSON.parse(payload.toString()) as TrustStatement;
  const key = { name: registry.name, spki: Buffer.from(registry.spki, 'base64') };
  const receipt = openReceipt(Buffer.from(journal.receipt.envelope), key);
  expect(receipt).toMatchObject({
    origin: journal.origin,
    size: journal.treeSize,
    rootHash: journal.rootHash,
  });
  expect(journal.entries).toHaveLength(2);
  for (const { index, entry, auditPath } of journal.entries) {
    const claim = {
      index,
      size: receipt.size,
      leafHash: leafHash(Buffer.from(entry)),
      proof: auditPath.map((hash) => Buffer.from(hash, 'hex')),
      root: Buffer.from(receipt.rootHash, 'hex'),
    };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, leafHash: leafHash(Buffer.from(`${entry} `)) })).toBe(false);
  }
}

interface Shown {
  readonly predecessor: string;
  readonly successors: readonly unknown[];
  readonly journal: {
    readonly origin: string;
    readonly treeSize: number;
    readonly rootHash: string;
    readonly receipt: { readonly envelope: string };
    readonly entries: readonly { index: number; entry: string; auditPath: readonly string[] }[];
  };
}

test('renewal keeps name and key, for at most three years, and happens once', async () => {
  // It gives up what is left of five years: that is asked about first.
  expect(refused(world.subca('renew', first))).toEqual([2, 'CONFIRMATION_NEEDED']);
  const renewed = await world.subcaOk('renew', first, '--yes', '--out', 'renewed.crt');
  second = renewed['serialNumber'] as string;
  expect(renewed).toMatchObject({ existing: false, predecessor: { serialNumber: first, status: 'issued' } });
  expect(subject('renewed.crt')).toBe(subject('one.crt'));
  expect(key('renewed.crt')).toBe(key('one.crt'));
  expect(accepted('renewed.crt')).toBe('renewed.crt: OK\n');
  const years = (Date.parse(renewed['notAfter'] as string) - Date.now()) / (365.25 * 86_400_000);
  expect(years).toBeGreaterThan(2.99);
  expect(years).toBeLessThanOrEqual(3);

  // The same command again is the same certificate; any other renewal is one too many.
  expect(await world.subcaOk('renew', first)).toMatchObject({ serialNumber: second, existing: true });
  const again = world.subca('renew', second);
  expect(refused(again)).toEqual([3, 'OUTSIDE_GRANT']);
  expect(reasons(again)).toEqual(['predecessor.renewals']);
  const other = world.subca('renew', first, '--csr', 'two.csr');
  expect(refused(other)).toEqual([3, 'OUTSIDE_GRANT']);
  expect(reasons(other)).toEqual(['predecessor.successor']);
});

test('a change of information keeps the end, takes the new name and revokes the old certificate', async () => {
  expect(refused(world.subca('change', second, '--yes'))).toEqual([2, 'CHANGE_POINTLESS']);
  const changed = await world.subcaOk(
    ...['change', second, '--subject', 'OU=SỞ TÀI CHÍNH', 'CN=Nguyễn Văn Ân', '--request', '7/CV', '--out'],
    ...['changed.crt', '--yes'],
  );
  third = changed['serialNumber'] as string;
  expect(changed).toMatchObject({
    predecessor: { serialNumber: second, status: 'revoked' },
    crl: expect.any(Number) as number,
  });
  expect(subject('changed.crt')).toContain('OU=SỞ TÀI CHÍNH,CN=Nguyễn Văn Ân,emailAddress=an@laocai.gov.vn');
  expect(key('changed.crt')).toBe(key('renewed.crt'));
  expect(field('changed.crt', '-enddate')).toBe(field('renewed.crt', '-enddate'));
  expect(accepted('changed.crt')).toBe('changed.crt: OK\n');
  expect(() => accepted('renewed.crt')).toThrow(/certificate revoked/);
  expect(await world.subcaOk('certificate', 'show', second)).toMatchObject({ reason: 'affiliationChanged' });

  const stale = world.subca('change', second, '--subject', 'CN=Nguyễn Văn Ấn', '--yes');
  expect(refused(stale)).toEqual([3, 'OUTSIDE_GRANT']);
});

test('a recovered device has a new key under the old name', async () => {
  const same = world.subca('recover-device', third, '--csr', 'one.csr', '--yes');
  expect([refused(same), reasons(same)]).toEqual([[3, 'OUTSIDE_GRANT'], ['publicKey']]);

  const recovered = await world.subcaOk(
    ...[
      'recover-device',
      third,
      '--csr',
      'two.csr',
      '--reason',
      'keyCompromise',
      '--out',
      'recovered.crt',
      '--yes',
    ],
  );
  expect(recovered).toMatchObject({
    predecessor: { serialNumber: third, status: 'revoked' },
    crl: expect.any(Number) as number,
  });
  expect(subject('recovered.crt')).toBe(subject('changed.crt'));
  expect(key('recovered.crt')).toBe(world.openssl('req', '-in', 'two.csr', '-noout', '-pubkey'));
  expect(field('recovered.crt', '-enddate')).toBe(field('changed.crt', '-enddate'));
  expect(accepted('recovered.crt')).toBe('recovered.crt: OK\n');
  expect(await world.subcaOk('certificate', 'show', third)).toMatchObject({ reason: 'keyCompromise' });
});

test('a batch follows many certificates at once, and may be run again', async () => {
  const serials: string[] = [];
  for (const name of ['SỞ Y TẾ', 'SỞ XÂY DỰNG']) {
    world.csr('body', `/CN=${name}`);
    const issued = await world.subcaOk('issue', '--profile', 'organisation', '--csr', 'body.csr');
    serials.push(issued['serialNumber'] as string);
  }
  const [health, building] = serials;
  const rows = [
    `,,a,change-information,${String(health)},9/CV,SỞ Y TẾ VÀ DÂN SỐ`,
    `,,b,change-information,${String(building)},9/CV,SỞ XÂY DỰNG VÀ GIAO THÔNG`,
  ];
  const write = (...lines: readonly string[]): void => {
    writeFileSync(
      world.path('rows.csv'),
      ['profile,csr,name,service,predecessor,request,CN', ...lines].join('\n'),
    );
  };
  write(
    ...rows,
    `,,c,renew,${String(health)},9/CV,`,
    ',,d,copy,,,',
    `individual,two.csr,e,renew,${first},,X`,
  );
  const bad = world.subca('issue', '--batch', 'rows.csv', '--out-dir', 'out');
  expect(refused(bad)).toEqual([2, 'BATCH_INVALID']);
  expect(reasons(bad)).toEqual(['row 4, predecessor', 'row 5, service', 'row 6, CN']);

  write(...rows);
  expect(await world.subcaOk('issue', '--batch', 'rows.csv', '--out-dir', 'out')).toMatchObject({
    issued: 2,
  });
  expect(await world.subcaOk('issue', '--batch', 'rows.csv', '--out-dir', 'out')).toMatchObject({
    issued: 0,
    existing: 2,
  });
  expect(subject('out/b.crt')).toContain('CN=SỞ XÂY DỰNG VÀ GIAO THÔNG');
  for (const serial of serials) {
    expect(await world.subcaOk('certificate', 'show', serial)).toMatchObject({ status: 'revoked' });
  }
});

test('a certificate is shown to people, and written for other programs', async () => {
  const vi = world.told('subca', {}, 'certificate', 'show', second, '--lang', 'vi').stdout;
  for (const told of ['thông tin thay đổi (affiliationChanged)', `tiếp nối:           ${first}`, 'gia hạn']) {
    expect(vi).toContain(told);
  }
  const lines = vi.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);

  const show = (...args: readonly string[]): Promise<Ran['json']> =>
    world.subcaOk('certificate', 'show', second, ...args);
  await show('--format', 'p7', '--out', 'chain.p7b');
  await show('--format', 'der', '--out', 'leaf.der');
  await show('--format', 'pem', '--chain', '--out', 'chain.pem');
  const printed = world.openssl('pkcs7', '-inform', 'DER', '-in', 'chain.p7b', '-print_certs');
  const blocks = (text: string): readonly string[] =>
    text.match(/-----BEGIN [^]*?-----END [^-]*-----/g) ?? [];
  expect(blocks(printed)).toHaveLength(3);
  expect(blocks(world.read('chain.pem').toString())).toEqual(blocks(printed));
  expect(world.openssl('x509', '-inform', 'DER', '-in', 'leaf.der')).toBe(
    world.read('renewed.crt').toString(),
  );
  const onScreen = world.told('subca', {}, 'certificate', 'show', second, '--format', 'p7').stdout;
  expect(onScreen).toMatch(/^-----BEGIN PKCS7-----\n/);

  for (const args of [['--format', 'der'], ['--chain'], ['--format', 'p7', '--chain']]) {
    expect(refused(world.subca('certificate', 'show', second, ...args))).toEqual([2, 'BAD_COMMAND_LINE']);
  }
  const list = async (...args: readonly string[]): Promise<unknown> =>
    ((await world.subcaOk('certificate', 'list', ...args))['certificates'] as readonly { subject: string }[])
      .length;
  expect(await list('--profile', 'organisation', '--status', 'issued')).toBe(2);
  expect(await list('--subject', 'Văn Ân', '--expiring', '1096')).toBe(1);
  expect(await list('--expiring', '300')).toBe(0);
});

test('the root agrees with all of it, and tells a renewal that no rule allows', async () => {
  const registry = await world.serve('rootca');
  try {
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
    expect(await world.rootcaOk('findings')).toMatchObject({ findings: [] });
    await world.subcaOk('verify');
    await world.rootcaOk('verify');
    await checkEvidence();

    world.csr('org', '/CN=SỞ NỘI VỤ');
    const { intent } = await RogueNode.work(world, 'org.csr', (rogue) =>
      rogue.issue({ service: 'renew', predecessor: first }),
    );
    expect(world.subca('sync').code).toBe(5);
    const { findings } = await world.rootcaOk('findings');
    expect(findings).toEqual([
      expect.objectContaining({
        entryIndex: intent,
        code: 'OUT_OF_SCOPE',
        problems: ['predecessor.successor', 'profile', 'subject', 'validity'].map((where): unknown =>
          expect.objectContaining({ where }),
        ),
      }),
    ]);
  } finally {
    registry.kill();
    await once(registry, 'exit');
  }
});
