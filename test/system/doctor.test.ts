/**
 * `doctor` and `doctor --hsm` as the built command, on SoftHSM2: before and after `init`, the report on a device, exit
 * codes, what a killed probe leaves, and services that go on meanwhile.
 *
 *   subca doctor --hsm --module … ─ init … activate ─ serve ┬ doctor --hsm
 *                                                           └ OCSP, OCSP, OCSP …
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { deviceReportSchema } from '../../src/hsm';
import { sha256Hex } from '../../src/signer';
import { softHsmModule, World } from '../support/world';

/** One quick key type; `test/hsm/probe` tries them all. */
const QUICK = ['--key-type', 'p-256'] as const;

interface Told {
  readonly file: string;
  readonly sha256: string;
  readonly verdict: string;
  readonly token: { readonly label: string; readonly serial: string };
  readonly checks: readonly { readonly id: string; readonly result: string; readonly found: string }[];
}

const toldBy = (json: Readonly<Record<string, unknown>>): readonly Told[] => json['hsm'] as readonly Told[];
const found = (report: Told | undefined, id: string): string | undefined =>
  report?.checks.find((check) => check.id === id)?.found;

interface Examined {
  readonly checks: readonly { readonly id: string; readonly result: string; readonly found: string }[];
  readonly measured: {
    readonly device: object | null;
    readonly clock: { readonly offsetSeconds: number; readonly authenticated: boolean } | null;
  };
}

const examinedBy = (json: Readonly<Record<string, unknown>>): Examined => json as unknown as Examined;

describe('before init', () => {
  let world: World;
  const probe = (...args: readonly string[]): readonly string[] => [
    ...['doctor', '--hsm', '--module', softHsmModule(), '--token', 'new', '--out', world.path('reports')],
    ...['--pin-file', world.path('pins', 'new'), ...QUICK, ...args],
  ];

  beforeAll(() => {
    world = new World();
    world.token('new');
  });

  afterAll(() => {
    world.remove();
  });

  test('without a configuration, the machine is examined as far as it stands', () => {
    const { code, json } = world.subca('doctor');
    expect(code).toBe(3);
    const { checks } = examinedBy(json);
    expect(checks.find(({ id }) => id === 'configuration')).toMatchObject({ result: 'fail', found: '—' });
    expect(checks.find(({ id }) => id === 'operating-system')?.found).toMatch(/Linux \d/);
  });

  test('the report is written as JSON and to read, and named by its hash', () => {
    const { code, json } = world.subca(...probe());
    expect(code).toBe(0);
    const [told] = toldBy(json);
    const bytes = readFileSync(told?.file ?? '');
    expect(told).toMatchObject({ verdict: 'pass', token: { label: 'new' }, sha256: sha256Hex(bytes) });
    expect(execFileSync('sha256sum', [told?.file ?? ''], { encoding: 'utf8' })).toContain(told?.sha256);
    const report = deviceReportSchema.parse(JSON.parse(bytes.toString('utf8')));
    expect(report.checks).toEqual(told?.checks);
    expect(report.module.sha256).toBe(sha256Hex(readFileSync(softHsmModule())));
    const serial = told?.token.serial ?? '';
    expect(
      readdirSync(world.path('reports')).map((name) => name.replace(/-\d{4}-\d\d-.*Z/, '-time')),
    ).toEqual([
      `device-report-${serial}-time.en.md`,
      `device-report-${serial}-time.json`,
      `device-report-${serial}-time.vi.md`,
    ]);
    const base = (told?.file ?? '').replace(/\.json$/, '');
    expect(readFileSync(`${base}.vi.md`, 'utf8')).toContain('CHƯA ĐƯỢC CHỨNG NHẬN: phần mềm');
    expect(readFileSync(`${base}.en.md`, 'utf8')).toContain('NOT CERTIFIED: software');
  });

  test('software is refused where a certified device is demanded, and a person told so in their language', () => {
    const { code, stdout } = world.told('subca', { LANG: 'vi_VN.UTF-8' }, ...probe('--require-certified'));
    expect(code).toBe(3);
    expect(stdout).toMatch(/KHÔNG ĐẠT +Chứng nhận thiết bị +not certified: software/);
    expect(stdout).toContain('KHÔNG ĐẠT YÊU CẦU: 1 mục không đạt.');
    const file = /Báo cáo: (.*)/.exec(stdout)?.[1] ?? '';
    expect(readFileSync(file, 'utf8')).toContain('not certified: software');
  });

  test('a plan says which device is certified, and which keys must work', () => {
    const template = readFileSync(join(__dirname, '../../config-templates/ceremony-subca.yaml'), 'utf8');
    const plan = template
      .replaceAll(/(label|token): laocai/g, '$1: new')
      .replace('algorithm: rsa-3072, token', 'algorithm: p-384, token')
      .replace(
        'label: new\n',
        'label: new\n    certified: { scheme: S, number: "1", manufacturer: M, model: X }\n',
      )
      .replace('certifiedHsm: recorded', 'certifiedHsm: required');
    writeFileSync(world.path('plan.yaml'), plan);
    const planned = world.subca(...probe('--plan', 'plan.yaml'));
    expect(planned.code).toBe(3);
    expect(toldBy(planned.json)[0]).toMatchObject({
      certification: { required: true },
      demands: { keys: ['p-256', 'p-384'] },
    });
  });

  test.each<[string, number, string, readonly string[]]>([
    ['no token named', 2, 'BAD_COMMAND_LINE', ['--module', softHsmModule(), '--out', 'reports']],
    ['nothing named, and no configuration', 2, 'BAD_COMMAND_LINE', []],
    [
      'a token that is not there',
      4,
      'TOKEN_ABSENT',
      ['--module', softHsmModule(), '--token', 'x', '--out', 'r'],
    ],
    [
      'a module that is not there',
      4,
      'MODULE_UNAVAILABLE',
      ['--module', '/no.so', '--token', 'x', '--out', 'r'],
    ],
  ])('%s: exit code %i', (_, exit, code, args) => {
    const ran = world.subca('doctor', '--hsm', ...args);
    expect(ran.code).toBe(exit);
    expect(ran.json.error?.code).toBe(code);
  });

  test('a wrong PIN is sent once, also by the next run', () => {
    writeFileSync(world.path('wrong'), 'no-such-pin\n', { mode: 0o600 });
    const args = probe().with(probe().indexOf('--pin-file') + 1, world.path('wrong'));
    for (const code of ['PIN_INCORRECT', 'PIN_REFUSED_BEFORE']) {
      const ran = world.subca(...args);
      expect(ran.code).toBe(3);
      expect(ran.json.error?.code).toBe(code);
    }
  });

  test('keys that a killed probe left are removed by the next', async () => {
    // Killed while the one key is there that stays on the token; those of a session end with the process.
    const child = world.start('subca', ...probe());
    const objects = (): readonly string[] =>
      readdirSync(world.path('tokens'), { recursive: true, encoding: 'utf8' }).filter(
        (name) => name.endsWith('.object') && !name.endsWith('token.object'),
      );
    expect(objects()).toEqual([]);
    // SoftHSM writes an object's file several times over; what is cut off in between is no object to anybody.
    const sizes = (): readonly number[] =>
      objects().map((name) => statSync(world.path('tokens', name), { throwIfNoEntry: false })?.size ?? 0);
    const whole = (seen: readonly number[]): boolean => seen.length === 2 && seen.every((size) => size > 0);
    for (let [before, same] = ['', 0]; same < 4;) {
      await after(10);
      if (child.exitCode !== null) throw new Error('it ended before it could be killed');
      const seen = sizes();
      same = whole(seen) && seen.join() === before ? same + 1 : 0;
      before = seen.join();
    }
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const { code, json } = world.subca(...probe());
    expect(code).toBe(0);
    expect(found(toldBy(json)[0], 'leftovers')).toMatch(/^removed [12], left 0, of running probes 0$/);
    expect(sizes().filter((size) => size > 0)).toEqual([]);
  });
});

describe('beside a service', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.activated();
  });

  afterAll(() => {
    world.remove();
  });

  test('the service answers all the while, and is as well as before', async () => {
    const config = readFileSync(world.path('node', 'config.yaml'), 'utf8');
    const url = `http://127.0.0.1:${/port: (\d+)/.exec(config)?.[1] ?? ''}`;
    const service = await world.serve('subca');
    let log = '';
    service.stderr?.on('data', (part: Buffer) => (log += part.toString('utf8')));
    const own = world.path('node', 'published', 'subca.pem');
    const issuer = world.path('root', 'published', 'root.pem');
    world.openssl('ocsp', '-issuer', issuer, '-cert', own, '-reqout', world.path('question.der'));
    const body = readFileSync(world.path('question.der'));

    let [running, asked] = [true, 0];
    const statuses = new Set<number>();
    const asking = (async () => {
      while (running) {
        const headers = { 'content-type': 'application/ocsp-request' };
        statuses.add((await fetch(`${url}/ocsp`, { method: 'POST', headers, body })).status);
        statuses.add((await fetch(`${url}/readyz`)).status);
        asked += 1;
        await after(20);
      }
    })();
    const [probed, root] = await Promise.all([
      world.runAside('subca', 'doctor', '--hsm', ...QUICK),
      world.runAside('rootca', 'doctor', '--hsm', ...QUICK),
    ]);
    running = false;
    await asking;

    expect(probed.code).toBe(0);
    expect(toldBy(probed.json)).toMatchObject([{ verdict: 'pass', token: { label: 'node' } }]);
    expect(toldBy(probed.json)[0]?.file).toMatch(new RegExp(`^${world.path('node')}/device-report-`));
    expect(toldBy(root.json).map(({ token }) => token.label)).toEqual(['root', 'registry']);
    expect(asked).toBeGreaterThan(20);
    expect([...statuses]).toEqual([200]);
    expect(log).not.toMatch(/token (degraded|down)/);
    expect((await world.subcaOk('status'))['hsm']).toMatchObject({ state: 'ready', seenBy: 'service' });
    await world.subcaOk('verify');
  });

  test('the machine: its service, the registry and its clock, the newest device report', async () => {
    await world.serve('rootca');
    const { checks, measured } = examinedBy(world.subca('doctor').json);
    const results = Object.fromEntries(
      checks.map(({ id, result, found: told }) => [id, `${result}: ${told}`]),
    );
    expect(results).toMatchObject({
      port: 'pass: ours',
      registry: 'pass: TLS: root',
      database: 'pass: wal, FULL, ok',
      configuration: 'pass: config.yaml',
      'pin-source': 'pass: file',
    });
    expect(results['hsm']).toMatch(/^warn: pass, software, 20/);
    expect(measured.device).toMatchObject({
      token: 'node',
      software: true,
      verdict: 'pass',
      certified: null,
    });
    expect(measured.clock?.authenticated).toBe(true);
    expect(Math.abs(measured.clock?.offsetSeconds ?? 99)).toBeLessThan(5);
  });

  test('a configuration that was broken is told by its line; everything else is looked at all the same', () => {
    const config = world.path('node', 'config.yaml');
    appendFileSync(config, '\npersonnel:\n  - { id: an, name: An, roles: [boss], training: [] }\n');
    const line = readFileSync(config, 'utf8').split('\n').length - 1;
    const { code, json } = world.subca('doctor');
    expect(code).toBe(3);
    const { checks } = examinedBy(json);
    expect(checks.find(({ id }) => id === 'configuration')?.found).toContain(
      `config.yaml:${String(line)} personnel[0].roles[0]: "boss" → administrator | officer`,
    );
    expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['database', 'disk-space']));
  });
});
