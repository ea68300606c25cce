/**
 * A node whose keys are on two tokens, and what is left of it when one is away or another of its label is there:
 *
 *   token "node"   CA key           certificates, CRLs
 *   token "cheap"  journal, OCSP    sync, answers to status checks
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawDatabase } from '../support/rawDatabase';
import { World } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated({
    tokens: ['cheap'],
    init: (made) => [
      ...['--journal-token', 'cheap', '--journal-pin-file', made.path('pins', 'cheap')],
      ...['--ocsp-token', 'cheap', '--ocsp-pin-file', made.path('pins', 'cheap')],
    ],
  });
  mkdirSync(world.path('away'));
});

afterAll(() => {
  world.remove();
});

async function issue(name: string, ...options: readonly string[]): Promise<string> {
  world.csr(name, '/CN=SỞ NỘI VỤ');
  const files = ['--csr', `${name}.csr`, '--out', `${name}.crt`];
  const { serialNumber } = await world.subcaOk('issue', '--profile', 'organisation', ...files, ...options);
  return String(serialNumber);
}

/** SoftHSM keeps each token in a folder of its own, with its label in one of the files. */
function foldersOf(label: string): readonly string[] {
  const holds = (folder: string): boolean =>
    readFileSync(world.path('tokens', folder, 'token.object')).includes(label.padEnd(32));
  return readdirSync(world.path('tokens')).filter(holds);
}

function takeAway(label: string): void {
  for (const folder of foldersOf(label)) renameSync(world.path('tokens', folder), world.path('away', folder));
}

function putBack(): void {
  for (const folder of readdirSync(world.path('away'))) {
    renameSync(world.path('away', folder), world.path('tokens', folder));
  }
}

const caFile = (): string => world.path('node', 'published', 'subca.pem');
const crlNumber = (): string =>
  world.openssl('crl', '-in', world.path('node', 'published', 'subca.crl.pem'), '-noout', '-crlnumber');

/** The HTTP status of an answer to a question about a certificate, and what OpenSSL makes of it. */
async function askOcsp(name: string): Promise<{ readonly status: number; readonly said: string }> {
  const asked = ['-no_nonce', '-issuer', caFile(), '-cert', `${name}.crt`];
  world.openssl('ocsp', ...asked, '-reqout', 'question.der');
  const url = world.openssl('x509', '-in', `${name}.crt`, '-noout', '-ocsp_uri').trim();
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request' },
    body: readFileSync(world.path('question.der')),
  });
  const { status } = answer;
  if (status !== 200) return { status, said: '' };
  writeFileSync(world.path('answer.der'), Buffer.from(await answer.arrayBuffer()));
  const trust = ['-CAfile', world.path('root', 'published', 'root.pem'), '-verify_other', caFile()];
  return { status, said: world.openssl('ocsp', ...asked, '-respin', 'answer.der', ...trust) };
}

test('everything works with the keys where they were placed', async () => {
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  const placed = await database.rows('select role, tokenLabel from keys order by role');
  await database.close();
  expect(placed).toEqual([
    { role: 'ca', tokenLabel: 'node' },
    { role: 'journal', tokenLabel: 'cheap' },
    { role: 'ocsp', tokenLabel: 'cheap' },
  ]);
  await issue('good');
  await world.subcaOk('revoke', await issue('bad'), '--reason', 'superseded', '--yes');
  await world.serve('rootca');
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  const service = await world.serve('subca');
  expect((await askOcsp('good')).said).toContain('good.crt: good');
  expect((await askOcsp('bad')).said).toContain('bad.crt: revoked');
  service.kill('SIGKILL');
  expect(await world.subcaOk('verify')).toMatchObject({ issued: 2, revoked: 1 });
});

test('a PIN given for the CA key’s token is tried on no other', async () => {
  const pin = ['--pin-file', world.path('pins', 'node')];
  await issue('with-pin', ...pin);
  expect(await world.subcaOk('sync', ...pin)).toMatchObject({ findings: 0 });
  expect(readdirSync(world.path('node'))).not.toContain('refused-pins.json');
});

describe('while the second token is away', () => {
  beforeAll(() => {
    takeAway('cheap');
  });
  afterAll(putBack);

  test('certificates are issued and revoked, CRLs published and served', async () => {
    const before = crlNumber();
    await world.subcaOk('revoke', await issue('meanwhile'), '--reason', 'superseded', '--yes');
    await world.subcaOk('crl', 'publish');
    expect(crlNumber()).not.toBe(before);
    const service = await world.serve('subca');
    const { host } = new URL(world.openssl('x509', '-in', 'good.crt', '-noout', '-ocsp_uri').trim());
    const served = Buffer.from(await (await fetch(`http://${host}/subca.crl`)).arrayBuffer());
    expect(served).toEqual(world.read('node', 'published', 'subca.crl'));
    expect(await askOcsp('good')).toEqual({ status: 503, said: '' });
    expect((await fetch(`http://${host}/readyz`)).status).toBe(503);
    service.kill('SIGKILL');
    expect(await world.subcaOk('status')).toMatchObject({ hsm: { state: 'down', cause: 'TOKEN_ABSENT' } });
  });

  test('what needs it says which token is missing, and may be repeated later', () => {
    const { code, json } = world.subca('sync');
    expect([code, json.error?.code, json.error?.params['label']]).toEqual([4, 'TOKEN_ABSENT', 'cheap']);
  });

  test('another token of its label is not taken for it', () => {
    world.token('cheap');
    const { code, json } = world.subca('sync');
    expect([code, json.error?.code]).toEqual([4, 'TOKEN_ABSENT']);
    expect(json.error?.params).toMatchObject({
      label: 'cheap',
      serial: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      found: expect.stringContaining('cheap (') as string,
    });
    for (const folder of foldersOf('cheap')) rmSync(join(world.path('tokens'), folder), { recursive: true });
  });
});

test('when it is back, what was left is made up for', async () => {
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  expect(await world.rootcaOk('node', 'list')).toMatchObject({ nodes: [{ revoked: 2, findings: 0 }] });
});

test('a PIN file for a token that is not named is a slip of the pen', () => {
  const { code, json } = world.subca(
    ...['init', '--dir', 'other', '--organisation', '15', '--host', 'a.vn', '--module', '/nowhere.so'],
    ...['--token', 'node', '--ocsp-pin-file', 'pin'],
  );
  expect([code, json.error?.code]).toEqual([2, 'BAD_COMMAND_LINE']);
  expect(json.error?.problems).toMatchObject([{ where: '--ocsp-token' }]);
});
