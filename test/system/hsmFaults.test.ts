/**
 * What happens to an HSM in years: its sessions are closed, it logs out, it is pulled out and put back, its library is
 * replaced by a broken one. Signing goes on by itself, and whoever waits in vain is told in time.
 */
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { systemClock } from '../../src/clock';
import { Pin, Token } from '../../src/hsm';
import type { Outcome } from '../hsm/faultsChild';
import { makeFailingModule } from '../hsm/failingModule';
import { readCrl } from '../../src/x509';
import { runScript } from '../support/childScript';
import { makeSoftHsm } from '../support/softhsm';
import { World } from '../support/world';

describe('2,000 signatures under load', () => {
  const COUNT = 2000;
  const WAIT_MS = 3000;
  const softHsm = makeSoftHsm();
  const module = join(softHsm.directory, 'module.so');

  afterAll(() => {
    softHsm.remove();
  });

  beforeAll(async () => {
    const { label, pin } = softHsm.createToken('ca');
    writeFileSync(join(softHsm.directory, 'pin'), pin, { mode: 0o600 });
    copyFileSync(softHsm.module, module);
    makeFailingModule(join(softHsm.directory, 'failing.so'));
    const token = await Token.open({ module: softHsm.module, label }, new Pin(pin), {
      refusedPins: join(softHsm.directory, 'refused.json'),
      clock: systemClock,
    });
    await token.generateKeyPair({ label: 'rsa', algorithm: 'rsa-2048' });
    await token.generateKeyPair({ label: 'ec', algorithm: 'p-256' });
    await token.close();
  });

  test('each is good or ends in a coded error in time, and the process lives on', async () => {
    const args = [softHsm.directory, module, 'ca', String(COUNT), String(WAIT_MS)];
    const env = { ...softHsm.env, UV_THREADPOOL_SIZE: '8' };
    const { code, signal, stdout, stderr } = await runScript(
      require.resolve('../hsm/faultsChild.ts'),
      args,
      env,
    );
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const { signed, wrong, errors, categories, longestMs, struck, memory, states } = JSON.parse(
      stdout,
    ) as Outcome;
    expect(struck).toEqual([
      'sessions closed',
      'logged out',
      'token away for a moment',
      'file replaced',
      'sessions closed again',
      'module ended',
      'token away for long',
      'logged out again',
      'token away once more',
    ]);
    expect(wrong).toBe(0);
    const refused = Object.values(errors).reduce((sum, count) => sum + count, 0);
    expect(signed + refused).toBe(COUNT);
    // Only those that waited while the token was away for longer than anyone waits.
    expect(Object.keys(errors)).toEqual(['TOKEN_NOT_BACK']);
    expect(categories).toEqual(['unavailable']);
    expect(refused).toBeLessThanOrEqual(64);
    expect(longestMs).toBeLessThan(WAIT_MS + 5000);
    expect(states).toEqual(expect.arrayContaining(['ready', 'down TOKEN_ABSENT']));
    expect(states.at(-1)).toBe('ready');
    const [first = 0, ...later] = memory;
    expect(later).toHaveLength(4);
    for (const megabytes of later) expect(megabytes).toBeLessThan(first + 40);
  });
});

describe('a node whose token is away', () => {
  let world: World;
  let url: string;
  let serialNumber: string;

  beforeAll(async () => {
    world = await World.activated();
    const config = world.path('node', 'config.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace(/waitSeconds: \d+/, 'waitSeconds: 2'));
    const port = /port: (\d+)/.exec(readFileSync(config, 'utf8'))?.[1] ?? '';
    url = `http://127.0.0.1:${port}`;
    world.csr('device', '/CN=thiết bị');
    const asked = ['--profile', 'organisation', '--csr', await world.newCsr(), '--subject', 'CN=SỞ NỘI VỤ'];
    serialNumber = (await world.subcaOk('issue', ...asked))['serialNumber'] as string;
  });

  afterAll(() => {
    world.remove();
  });

  const hsm = async () => (await world.subcaOk('status'))['hsm'] as Record<string, unknown>;

  async function readiness(): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** The status of the answer to a question about the node's own certificates. */
  async function askOcsp(): Promise<number> {
    const request = world.path('question.der');
    const own = world.path('node', 'published', 'subca.pem');
    const issuer = world.path('root', 'published', 'root.pem');
    world.openssl('ocsp', '-issuer', issuer, '-cert', own, '-reqout', request);
    const answer = await fetch(`${url}/ocsp`, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request' },
      body: readFileSync(request),
    });
    return answer.status;
  }

  test('tells so to whoever asks, and goes on by itself when it is back', async () => {
    expect(await hsm()).toMatchObject({ state: 'ready', cause: null, seenBy: 'command' });
    await world.serve('subca');
    expect(await readiness()).toMatchObject({ status: 200, body: { state: 'ready', cause: null } });
    expect(await hsm()).toMatchObject({ state: 'ready', seenBy: 'service' });
    expect(await askOcsp()).toBe(200);

    renameSync(world.path('tokens'), world.path('tokens.away'));
    const began = Date.now();
    expect(await askOcsp()).toBe(503);
    expect(Date.now() - began).toBeLessThan(10_000);
    const { status, body } = await readiness();
    expect(status).toBe(503);
    expect(Object.keys(body)).toEqual(['state', 'cause', 'since']);
    expect(body).toMatchObject({
      state: 'down',
      cause: /^(TOKEN_ABSENT|MODULE_UNAVAILABLE)$/.exec(String(body['cause']))?.[0],
    });
    expect(new Date(body['since'] as string).getTime()).toBeGreaterThanOrEqual(began - 1000);
    expect(await hsm()).toEqual({ ...body, seenBy: 'service' });
    const refused = world.subca('issue', '--profile', 'organisation', '--csr', 'device.csr');
    expect(refused.code).toBe(4);
    // A revocation holds without the token; what is missing is the CRL, and the person is told just that.
    const untold = world.subca('revoke', serialNumber, '--reason', 'keyCompromise', '--yes');
    expect([untold.code, untold.json.error?.code]).toEqual([4, 'CRL_NOT_PUBLISHED']);
    expect(untold.json.error?.params).toMatchObject({ serialNumber, status: 'revoked' });

    renameSync(world.path('tokens.away'), world.path('tokens'));
    while ((await readiness()).status !== 200) await after(100);
    expect(await askOcsp()).toBe(200);
    expect(await hsm()).toMatchObject({ state: 'ready', cause: null, seenBy: 'service' });
    await world.subcaOk('crl', 'publish');
    const crl = readCrl(world.read('node', 'published', 'subca.crl'), 'CRL');
    expect(crl.entries).toMatchObject([{ serialNumber, reason: 'keyCompromise' }]);
  });
});
