/**
 * The life of a certificate: issued, renewed, changed, its device recovered; each step judged at the node and again at
 * the root.
 *
 *   first ─ renew ─► second ─ change ─► third ─ recover-device ─► fourth        node ─ sync ─► root: no finding
 *     └──── renew ─► refused
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
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
}, 60_000);

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

test('renewal keeps name and key, for at most three years, and happens once', async () => {
  const renewed = await world.subcaOk('renew', first, '--out', 'renewed.crt');
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
  const changed = await world.subcaOk(
    ...['change', second, '--subject', 'OU=SỞ TÀI CHÍNH', 'CN=Nguyễn Văn Ân', '--request', '7/CV', '--out'],
    ...['changed.crt', '--yes'],
  );
  third = changed['serialNumber'] as string;
  expect(changed).toMatchObject({ predecessor: { serialNumber: second, status: 'revoked' }, crl: 2 });
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
  expect(recovered).toMatchObject({ predecessor: { serialNumber: third, status: 'revoked' } });
  expect(subject('recovered.crt')).toBe(subject('changed.crt'));
  expect(key('recovered.crt')).toBe(world.openssl('req', '-in', 'two.csr', '-noout', '-pubkey'));
  expect(field('recovered.crt', '-enddate')).toBe(field('changed.crt', '-enddate'));
  expect(accepted('recovered.crt')).toBe('recovered.crt: OK\n');
  expect(await world.subcaOk('certificate', 'show', third)).toMatchObject({ reason: 'keyCompromise' });
});

test('a batch follows many certificates at once, and may be run again', async () => {
  const serials: string[] = [];
  for (const name of ['SỞ Y TẾ', 'SỞ XÂY DỰNG']) {
    const issued = await world.subcaOk(
      'issue',
      '--profile',
      'organisation',
      '--csr',
      'two.csr',
      '--subject',
      `CN=${name}`,
    );
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

test('the root agrees with all of it, and tells a renewal that no rule allows', async () => {
  const registry = await world.serve('rootca');
  try {
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
    expect(await world.rootcaOk('findings')).toEqual({ findings: [] });
    await world.subcaOk('verify');
    await world.rootcaOk('verify');

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
        problems: expect.arrayContaining(
          ['predecessor.successor', 'profile', 'subject', 'validity'].map((where) =>
            expect.objectContaining({ where }),
          ),
        ) as unknown,
      }),
    ]);
  } finally {
    registry.kill();
    await once(registry, 'exit');
  }
});
