/**
 * Rehearsals, which leave nothing behind that could be taken for the real thing; and the root's own ceremony.
 *
 *   ceremony rehearse ─ check (refused)          rootca init --ceremony ─ ceremony plan, run, seal ─ rootca init
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEXT_KEY_PLAN, NODE_PLAN, ROOT_PLAN } from '../ceremony/plans';
import { conduct, note } from '../support/conductor';
import { Terminal } from '../support/terminal';
import { softHsmModule, World } from '../support/world';

const BIN = join(__dirname, '..', '..', 'bin');
const PEOPLE = { pin: 'riêng-tôi', tokenPin: '123456' };

let world: World;

beforeAll(() => {
  world = new World();
  mkdirSync(world.path('tmp'));
  world.env['TMPDIR'] = world.path('tmp');
  writeFileSync(world.path('node.yaml'), NODE_PLAN);
  writeFileSync(world.path('root.yaml'), ROOT_PLAN);
});

afterAll(() => {
  world.remove();
});

const terminal = (program: string, ...args: readonly string[]): Terminal =>
  new Terminal([join(BIN, program), ...args].join(' '), { cwd: world.directory, env: world.env });

describe('a rehearsal', () => {
  test('needs nobody, no data directory and no token, and leaves no key', async () => {
    const tokens = readdirSync(world.path('tokens'));
    const { json, code } = world.subca('ceremony', 'rehearse', 'node.yaml', '--out', 'tried', '--unattended');
    expect([code, json['rehearsal']]).toEqual([0, true]);
    expect(readdirSync(world.path('tokens'))).toEqual(tokens);
    expect(readdirSync(world.path('tmp')).filter((name) => name.startsWith('ceremony-'))).toEqual([]);
  });

  test('of a next CA key needs no node that works', () => {
    writeFileSync(world.path('next.yaml'), NEXT_KEY_PLAN);
    expect(
      world.subca('ceremony', 'rehearse', 'next.yaml', '--out', 'next-tried', '--unattended'),
    ).toMatchObject({ code: 0, json: { rehearsal: true } });
    const record = world.read('next-tried', 'record.vi.md').toString();
    expect(record).toMatch(/khóa CA đang dùng, thế hệ 1: [0-9a-f]{64}/);
    expect(record).toContain('ký bằng các khóa ca-e2, journal');
  });

  test('is practised at a terminal as the real one is held', async () => {
    const practice = terminal('subca', 'ceremony', 'rehearse', 'node.yaml', '--out', 'practised');
    // The tokens' PINs are the rehearsal's; the keys' own token is asked for, too.
    expect(await conduct(practice, { ...PEOPLE, at: { 2: note('đọc sai tên') } })).toBe(0);
    expect(practice.screen).toContain('The PIN of every token is 123456');
    expect(world.read('practised', 'record.vi.md').toString()).toContain('đọc sai tên');
    expect(world.read('practised', 'record.vi.md').toString()).toContain('DIỄN TẬP');
  });

  test('is never taken for a real ceremony, whatever is edited in its record', () => {
    const check = (name: string): unknown => world.subca('ceremony', 'check', name);
    expect(check('tried/record.dsse')).toMatchObject({
      code: 3,
      json: { error: { code: 'RECORD_OF_REHEARSAL' } },
    });
    const envelope = JSON.parse(world.read('tried', 'record.dsse').toString()) as {
      payload: string;
      payloadType: string;
    };
    const payload = Buffer.from(envelope.payload, 'base64').toString();
    expect(payload).toContain('"rehearsal":true');
    const real = Buffer.from(payload.replace('"rehearsal":true', '"rehearsal":false')).toString('base64');
    const payloadType = envelope.payloadType.replace('-rehearsal', '');
    expect(payloadType).not.toBe(envelope.payloadType);
    for (const edit of [{ payloadType }, { payload: real }, { payloadType, payload: real }]) {
      writeFileSync(world.path('edited.dsse'), JSON.stringify({ ...envelope, ...edit }));
      expect(check('edited.dsse')).toMatchObject({ code: 5, json: { error: { code: 'RECORD_ALTERED' } } });
    }
  });

  test('its script is another one than the real ceremony’s, and is not run', async () => {
    const { sha256 } = await world.subcaOk('ceremony', 'plan', 'node.yaml', '--out', 'planned');
    expect(world.read('tried', 'script.vi.md').toString()).not.toContain(String(sha256));
    const run = terminal('subca', 'ceremony', 'run', 'tried');
    expect(await conduct(run, PEOPLE)).toBe(3);
    expect(run.screen).toContain('SCRIPT_NOT_FOR_HERE');
  });

  test('says what is missing', () => {
    expect(
      world.subca(
        ...['ceremony', 'rehearse', 'node.yaml', '--out', 'other', '--unattended'],
        ...['--module', world.path('no-such.so')],
      ),
    ).toMatchObject({ code: 4, json: { error: { code: 'SOFTHSM_MISSING' } } });
  });
});

test('a plan with several mistakes is refused with all of them and their lines', () => {
  const plan = NODE_PLAN.replace('role: witness', 'role: key-custodian')
    .replace('id: binh', 'id: an')
    .replace('place:', 'palce:');
  writeFileSync(world.path('wrong.yaml'), plan);
  const { code, json } = world.subca('ceremony', 'plan', 'wrong.yaml', '--out', 'wrong');
  expect(code).toBe(2);
  expect(json.error?.problems.map(({ where }) => where)).toEqual([
    'wrong.yaml:1 place',
    'wrong.yaml:4 palce',
    'wrong.yaml:6 people',
    'wrong.yaml:8 people[1].id',
  ]);
  expect(world.rootca('ceremony', 'plan', 'node.yaml', '--out', 'wrong')).toMatchObject({
    code: 3,
    json: { error: { code: 'SCRIPT_NOT_FOR_HERE' } },
  });
});

describe('the root’s ceremony', () => {
  const init = (...more: readonly string[]): ReturnType<World['rootca']> =>
    world.rootca(
      ...[
        'init',
        '--name',
        'registry.test',
        '--subject',
        'C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA thử nghiệm',
      ],
      ...['--host', '127.0.0.1', '--port', '8443', '--public-port', '8081', '--module', softHsmModule()],
      ...['--root-token', 'root', '--root-pin-file', world.path('pins', 'root')],
      ...['--registry-token', 'registry', '--registry-pin-file', world.path('pins', 'registry'), ...more],
    );

  test('is rehearsed', () => {
    expect(
      world.rootca('ceremony', 'rehearse', 'root.yaml', '--out', 'root-tried', '--unattended').code,
    ).toBe(0);
  });

  test('makes the keys and the certificate the root begins with', async () => {
    for (const label of ['root', 'registry', 'an']) world.token(label);
    expect(init('--ceremony')).toMatchObject({ code: 0, json: { name: 'registry.test' } });
    // Not without the ceremony's record.
    expect(init().json).not.toHaveProperty('fingerprint');
    await world.rootcaOk('ceremony', 'plan', 'root.yaml', '--out', 'root-ceremony');
    const run = terminal('rootca', 'ceremony', 'run', 'root-ceremony');
    // Two custodians without tokens must not choose the same PIN.
    expect(await conduct(run, PEOPLE)).toBe(2);
    expect(run.screen).toContain('PIN_UNFIT');
    const pinOf = (question: string): string => (question.includes('Bình') ? PEOPLE.pin : 'pin của Cường');
    const again = terminal('rootca', 'ceremony', 'run', 'root-ceremony');
    expect(await conduct(again, { ...PEOPLE, pinOf })).toBe(0);
    expect(init().json).not.toHaveProperty('fingerprint');
    const sealing = terminal('rootca', 'ceremony', 'seal', 'root-ceremony');
    expect(await conduct(sealing, { ...PEOPLE, pinOf })).toBe(0);

    const { fingerprint } = init().json;
    expect(world.fingerprint.replaceAll(':', '').toLowerCase()).toBe(fingerprint);
    const checked = await world.rootcaOk(
      ...['ceremony', 'check', 'root-ceremony/record.dsse', '--script', 'root-ceremony/script.json'],
      ...['--certificate', 'root/published/root.pem'],
    );
    expect(checked).toMatchObject({ party: 'root', signedBy: ['root', 'registry'], pinned: true });
    expect(world.read('root-ceremony', 'record.en.md').toString()).toContain(String(fingerprint));
    await world.rootcaOk('operator', 'add', 'an', '--token', 'an', '--pin-file', world.path('pins', 'an'));
    await world.rootcaOk('trust', 'sign', '--yes', '--threshold', '1');
    await world.rootcaOk('verify');
  });
});
