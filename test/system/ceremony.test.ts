/**
 * A key ceremony on SoftHSM2, led through a real terminal: broken off, resumed, killed while it makes a key, sealed; its
 * record checked by OpenSSL and by the program; and the node that works with its keys from then on.
 *
 *   subca init --ceremony ─ ceremony plan ─ run … run ─ seal ─ check ─ apply ─ activate ─ sync ─ verify
 *                           ceremony for the next CA key alone ─ rollover apply ─ activate ─ issue ─ sync ─ verify
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { breakOff, conduct, note, type People } from '../support/conductor';
import { RawDatabase } from '../support/rawDatabase';
import { CTRL_C, ENTER, Terminal } from '../support/terminal';
import { World } from '../support/world';

const PROGRAM = join(__dirname, '..', '..', 'bin', 'subca');
const PEOPLE: People = { pin: 'bình-2026', tokenPin: 'pin-cuong' };

const PLAN = `title: Lễ sinh khóa thử nghiệm
party: node
name: 15-1
place: Phòng máy chủ
date: 2026-12-01
people:
  - { id: an, name: Nguyễn Văn An, role: master-of-ceremonies }
  - { id: binh, name: Trần Thị Bình, role: key-custodian }
  - { id: cuong, name: Lê Hoàng Cường, role: key-custodian, token: { label: cuong } }
  - { id: dung, name: Phạm Thùy Dung, role: witness }
tokens:
  - { label: node }
keys:
  - { role: ca, algorithm: rsa-2048, token: node, label: 15-1-ca-e1 }
  - { role: journal, algorithm: p-256, token: node, label: 15-1-journal-e1 }
  - { role: ocsp, algorithm: p-256, token: node, label: 15-1-ocsp-e1 }
policy: { certifiedHsm: recorded }
`;

interface Step {
  readonly number: number;
  readonly act: { readonly kind: string; readonly role?: string };
}

let world: World;
let recordSha256: unknown;

const terminal = (...args: readonly string[]): Terminal =>
  new Terminal([PROGRAM, ...args].join(' '), { cwd: world.directory, env: world.env });
const run = (people: Partial<People> = {}): Promise<number | null> =>
  conduct(terminal('ceremony', 'run', 'ceremony'), { ...PEOPLE, ...people });
const logged = (type: string): readonly Record<string, unknown>[] =>
  readFileSync(world.path('ceremony', 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: Record<string, unknown> }).event)
    .filter((event) => event['type'] === type);

/** @returns exit code, and what was on the screen */
async function heldIn(
  command: 'run' | 'seal',
  folder: string,
  people: Partial<People> = {},
): Promise<readonly [number | null, string]> {
  const at = terminal('ceremony', command, folder);
  return [await conduct(at, { ...PEOPLE, ...people }), at.screen];
}

async function planned(folders: Readonly<Record<string, string>>): Promise<void> {
  for (const [folder, plan] of Object.entries(folders))
    await world.subcaOk('ceremony', 'plan', plan, '--out', folder);
}

async function holdCeremony(made: World): Promise<void> {
  world = made;
  world.token('cuong');
  writeFileSync(world.path('plan.yaml'), PLAN);
  expect(world.subca('apply', '--out', 'early.dsse')).toMatchObject({
    code: 3,
    json: { error: { code: 'CEREMONY_NOT_SEALED' } },
  });

  await world.subcaOk('ceremony', 'plan', 'plan.yaml', '--out', 'ceremony');
  const { steps } = JSON.parse(world.read('ceremony', 'script.json').toString()) as { steps: Step[] };
  const stepOf = (kind: string, role?: string): number =>
    steps.find(({ act }) => act.kind === kind && (role === undefined || act.role === role))?.number ?? 0;
  expect(world.subca('ceremony', 'run', 'ceremony')).toMatchObject({
    code: 2,
    json: { error: { code: 'NOT_A_TERMINAL' } },
  });

  // Broken off with Ctrl-C after two steps and a deviation.
  expect(await run({ at: { 2: note('Ông Dũng đến muộn 5 phút'), 3: breakOff } })).toBe(4);
  expect(logged('done').map(({ step }) => step)).toEqual([1, 2]);
  // On, to a custodian who breaks off at the question for the PIN: no try, and no failure.
  expect(await run({ tokenPin: CTRL_C })).toBe(4);
  expect(logged('failed')).toEqual([]);
  // Then to one who mistypes the PIN of the token.
  expect(await run({ tokenPin: '0000' })).toBe(3);
  expect(logged('failed')).toEqual([
    { type: 'failed', step: stepOf('custodians'), code: 'PIN_INCORRECT', person: 'cuong' },
  ]);
  // Both are there, and the machine goes dark while the first key is made.
  const making = stepOf('generate', 'ca');
  const dark = terminal('ceremony', 'run', 'ceremony');
  const killed = conduct(dark, {
    ...PEOPLE,
    before: {
      [making]: async () => {
        dark.type(ENTER);
        await dark.see(/◆ {2}[^\n]*your PIN of this ceremony/);
        dark.type(`${PEOPLE.pin}${ENTER}`);
        await dark.see(/Present: Lê Hoàng Cường/);
        await dark.kill();
      },
    },
  });
  await killed;
  expect(logged('acted').filter(({ step }) => step === making)).toEqual([]);
  // The other custodian is wrong this time; then to the end.
  expect(await run({ pin: 'không nhớ' })).toBe(3);
  expect(await run()).toBe(0);
  expect(logged('generating')).toHaveLength(3);

  const sealing = terminal('ceremony', 'seal', 'ceremony');
  expect(await conduct(sealing, PEOPLE)).toBe(0);
  expect(sealing.screen).toContain('The digest goes into the journal when the node is activated.');
  expect(sealing.screen).not.toContain(PEOPLE.pin);
}

beforeAll(async () => {
  world = await World.granted({ ceremony: holdCeremony });
});

afterAll(() => {
  world.remove();
});

test('the record is that of the ceremony as it was held', async () => {
  const checked = await world.subcaOk(
    'ceremony',
    'check',
    'ceremony/record.dsse',
    '--script',
    'ceremony/script.json',
  );
  expect(checked).toMatchObject({
    party: 'node',
    name: '15-1',
    signedBy: ['ca', 'journal'],
    certified: false,
    deviations: 1,
    failures: 2,
    pinned: false,
  });
  recordSha256 = checked['sha256'];
  expect(world.rootca('ceremony', 'check', 'ceremony/record.dsse').code).toBe(0);
  execFileSync('sha256sum', ['--check', '--quiet', world.path('ceremony', 'software.sha256')], {
    cwd: join(__dirname, '..', '..'),
  });
});

test('OpenSSL verifies both signatures over the bytes of the record', () => {
  const { payload, payloadType, signatures } = JSON.parse(
    world.read('ceremony', 'record.dsse').toString(),
  ) as {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
  // Put together here, from DSSE's own rule, and not taken from what lies beside the record.
  const body = Buffer.from(payload, 'base64');
  const head = `DSSEv1 ${String(payloadType.length)} ${payloadType} ${String(body.length)} `;
  writeFileSync(world.path('signed'), Buffer.concat([Buffer.from(head), body]));
  expect(world.read('ceremony', 'openssl', 'signed-bytes')).toEqual(world.read('signed'));
  const { keys } = JSON.parse(body.toString()) as {
    readonly keys: readonly { readonly role: string; readonly spki: string }[];
  };
  for (const [index, role] of ['ca', 'journal'].entries()) {
    writeFileSync(world.path(`${role}.sig`), Buffer.from(signatures[index]?.sig ?? '', 'base64'));
    writeFileSync(
      world.path(`${role}.spki`),
      Buffer.from(keys.find((key) => key.role === role)?.spki ?? '', 'base64'),
    );
    const verify = (): string =>
      world.openssl(
        ...['dgst', '-sha256', '-keyform', 'DER', '-verify', `${role}.spki`],
        ...['-signature', `${role}.sig`, 'signed'],
      );
    expect(verify()).toBe('Verified OK\n');
  }
});

test.each([0, 40, 400, 4000, -10])('a changed byte at %i is refused', (at) => {
  const bytes = Buffer.from(world.read('ceremony', 'record.dsse'));
  const place = (at + bytes.length) % bytes.length;
  bytes[place] = (bytes[place] ?? 0) ^ 0x01;
  writeFileSync(world.path('changed.dsse'), bytes);
  expect(world.subca('ceremony', 'check', 'changed.dsse')).toMatchObject({
    code: 5,
    json: { error: { code: 'RECORD_ALTERED' } },
  });
});

test('another script, and another key, are told apart', async () => {
  writeFileSync(world.path('other.yaml'), PLAN.replace('Phòng máy chủ', 'Phòng họp'));
  await world.subcaOk('ceremony', 'plan', 'other.yaml', '--out', 'other');
  const check = (...args: readonly string[]): unknown =>
    world.subca('ceremony', 'check', 'ceremony/record.dsse', ...args);
  expect(check('--script', 'other/script.json')).toMatchObject({
    code: 5,
    json: { error: { code: 'RECORD_DIFFERS' } },
  });
  expect(check('--certificate', 'root/published/root.pem')).toMatchObject({
    code: 5,
    json: { error: { code: 'RECORD_DIFFERS' } },
  });
});

test('a sealed ceremony is not gone on with, and its script stays', async () => {
  expect(await run()).toBe(3);
  expect(world.subca('ceremony', 'plan', 'plan.yaml', '--out', 'ceremony')).toMatchObject({
    code: 3,
    json: { error: { code: 'CEREMONY_BEGUN' } },
  });
});

test('the node works with the keys of the ceremony, and its journal names the record', async () => {
  await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  const entries = await database.rows<{ bytes: Buffer }>('SELECT bytes FROM entries ORDER BY idx LIMIT 3');
  await database.close();
  const [, , ceremony] = entries.map(({ bytes }) => JSON.parse(bytes.toString()) as Record<string, unknown>);
  expect(ceremony).toMatchObject({ type: 'ceremony', sha256: recordSha256 });

  const checked = await world.subcaOk(
    ...['ceremony', 'check', 'ceremony/record.dsse', '--certificate', 'node/published/subca.pem'],
  );
  expect(checked).toMatchObject({ pinned: true, sha256: recordSha256 });
  await world.serve('rootca');
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  await world.subcaOk('verify');
  await world.rootcaOk('verify');
});

test('a record that is sealed again is kept once', async () => {
  const again = terminal('ceremony', 'seal', 'ceremony');
  expect(await conduct(again, PEOPLE)).toBe(0);
  expect(again.screen).toContain(String(recordSha256));
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  expect(await database.value("SELECT count(*) FROM documents WHERE kind = 'ceremony'")).toBe(1);
  await database.close();
});

describe('the next CA key', () => {
  const NEXT = PLAN.replace('role: ca, algorithm: rsa-2048', 'role: ca-e2, algorithm: p-256')
    .replace('15-1-ca-e1', '15-1-ca-e2')
    .replace(/ {2}- \{ role: (journal|ocsp),.*\n/g, '');
  const held = (folder: string, people: Partial<People> = {}): Promise<readonly [number | null, string]> =>
    heldIn('run', folder, people);

  test('comes out of a ceremony, and of none that does not fit this node', async () => {
    expect(world.subca('rollover', 'begin')).toMatchObject({
      code: 3,
      json: { error: { code: 'ROLLOVER_BY_CEREMONY', params: { epoch: 2, role: 'ca-e2' } } },
    });
    writeFileSync(world.path('next.yaml'), NEXT);
    writeFileSync(world.path('after-next.yaml'), NEXT.replaceAll('ca-e2', 'ca-e3'));
    await planned({ second: 'plan.yaml', 'after-next': 'after-next.yaml', next: 'next.yaml' });
    for (const folder of ['second', 'after-next']) {
      const [code, screen] = await held(folder);
      expect([code, /SCRIPT_NOT_FOR_HERE/.test(screen)]).toEqual([3, true]);
      expect(screen).toMatch(/keys\[0\]\.role.*ca-e2/);
    }
  });

  test('interrupted it is made once, and nothing is asked for it before the record is sealed', async () => {
    const at = JSON.parse(world.read('next', 'script.json').toString()) as { steps: Step[] };
    const made = at.steps.find(({ act }) => act.kind === 'attributes')?.number ?? 0;
    expect((await held('next', { at: { [made]: breakOff } }))[0]).toBe(4);
    const { pending } = await world.subcaOk('rollover', 'status');
    expect(pending).toMatchObject({ epoch: 2, label: '15-1-ca-e2' });
    await planned({ again: 'next.yaml' });
    const [code, screen] = await held('again');
    expect([code, /ROLLOVER_PENDING/.test(screen)]).toEqual([3, true]);

    expect((await held('next'))[0]).toBe(0);
    expect(world.subca('rollover', 'apply', '--out', 'rollover.dsse')).toMatchObject({
      code: 3,
      json: { error: { code: 'CEREMONY_NOT_SEALED' } },
    });
    const [sealing, told] = await heldIn('seal', 'next');
    expect([sealing, told]).toEqual([0, expect.stringContaining('The digest stands in the journal.')]);
    expect((await heldIn('seal', 'next'))[0]).toBe(0);
    const checked = await world.subcaOk('ceremony', 'check', 'next/record.dsse');
    expect(checked).toMatchObject({
      signedBy: ['ca-e2', 'journal'],
      inUse: { epoch: 1 },
      keys: [{ role: 'ca-e2', spkiSha256: (pending as { spkiSha256: string }).spkiSha256 }],
    });
    const database = await RawDatabase.open(world.path('node', 'subca.db'));
    const entries = await database.rows<{ bytes: Buffer }>('SELECT bytes FROM entries');
    await database.close();
    expect(entries.filter(({ bytes }) => bytes.includes(String(checked['sha256'])))).toHaveLength(1);
  });

  test('it is certified, taken into use, and issues', async () => {
    await world.subcaOk('rollover', 'apply', '--out', 'rollover.dsse');
    await world.rootcaOk('application', 'show', 'rollover.dsse');
    for (const operator of ['an', 'binh']) {
      const pin = ['--pin-file', world.path('pins', operator), '--yes'];
      await world.rootcaOk('application', 'approve', 'rollover.dsse', '--operator', operator, ...pin);
    }
    await world.rootcaOk('grant', 'issue', 'rollover.dsse', '--out', 'rollover.bundle');
    await world.subcaOk('sync');
    await world.subcaOk('rollover', 'activate', 'rollover.bundle');
    world.csr('leaf', '/CN=SỞ TƯ PHÁP');
    await world.subcaOk('issue', '--profile', 'organisation', '--csr', 'leaf.csr', '--out', 'leaf.crt');
    const chain = ['-CAfile', 'root/published/root.pem', '-untrusted', 'node/published/subca-e2.pem'];
    expect(world.openssl('verify', '-x509_strict', ...chain, 'leaf.crt')).toBe('leaf.crt: OK\n');
    const certificate = ['--certificate', 'node/published/subca-e2.pem'];
    expect(await world.subcaOk('ceremony', 'check', 'next/record.dsse', ...certificate)).toMatchObject({
      pinned: true,
    });
    expect(world.subca('ceremony', 'check', 'ceremony/record.dsse', ...certificate)).toMatchObject({
      code: 5,
      json: { error: { code: 'RECORD_DIFFERS' } },
    });
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
    await world.subcaOk('verify');
    await world.rootcaOk('verify');
  });
});
