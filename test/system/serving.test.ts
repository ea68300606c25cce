/**
 * The services as strangers meet them: published files and status checks over HTTP, the registry over HTTPS, both
 * beside a command line that works on the same database.
 *
 *   openssl, browsers ── HTTP ──► subca serve ─┐
 *                                              ├─ subca.db
 *                 subca issue, revoke, sync ───┘
 *                                    │ HTTPS
 *                                    └──► rootca serve ─ rootca.db
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, request as httpsRequest, type ServerOptions } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { parse } from 'yaml';
import { World } from '../support/world';

let world: World;
let services: readonly [subca: ChildProcess, rootca: ChildProcess];
let site: string;
let registry: string;
const serials = new Map<string, string>();

interface Configured {
  readonly public: { readonly port: number; readonly listen: { readonly port: number } };
  readonly registry: { readonly url: string };
}

beforeAll(async () => {
  world = await World.activated();
  for (const name of ['one', 'two', 'three']) await issue(name);
  await world.subcaOk('revoke', serialOf('two'), '--reason', 'keyCompromise', '--yes');
  const config = parse(world.read('node', 'config.yaml').toString('utf8')) as Configured;
  site = `http://127.0.0.1:${String(config.public.port)}`;
  registry = config.registry.url;
  services = [await world.serve('subca'), await world.serve('rootca')];
});

afterAll(() => {
  world.remove();
});

async function issue(name: string): Promise<void> {
  const csr = await world.newCsr();
  const how = ['--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`];
  const issued = await world.subcaOk('issue', ...how, '--out', `${name}.crt`);
  serials.set(name, issued['serialNumber'] as string);
}

function serialOf(name: string): string {
  return serials.get(name) ?? '';
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly type?: string;
  readonly body?: Buffer;
  /** Octets announced, of which no more than `body` is sent. */
  readonly announced?: number;
  /** PEM of the authority to trust. */
  readonly ca?: Buffer;
}

function ask(url: string, { method = 'GET', type, body, announced, ca }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      // Only the registry looks at it.
      'subca-origin': 'registry.test/15-1/e1',
      ...(type !== undefined && { 'content-type': type }),
      ...(announced !== undefined && { 'content-length': announced }),
    };
    const make = url.startsWith('https') ? httpsRequest : httpRequest;
    const outgoing = make(url, { method, headers, agent: false, ...(ca && { ca }) }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const { statusCode = 0, headers: found } = incoming;
        resolve({ status: statusCode, type: found['content-type'], body: Buffer.concat(parts) });
        outgoing.destroy();
      });
    });
    outgoing.on('error', reject);
    if (announced === undefined) outgoing.end(body);
    else outgoing.write(body);
  });
}

const trust = (): readonly string[] => [
  ...['-CAfile', world.path('root', 'published', 'root.pem')],
  ...['-verify_other', world.path('node', 'published', 'subca.pem')],
];
const issuer = (): readonly string[] => ['-issuer', world.path('node', 'published', 'subca.pem')];

/** What OpenSSL understands of the status, asked by POST. */
function statusOf(name: string): string {
  const said = world.openssl('ocsp', ...issuer(), '-cert', `${name}.crt`, '-url', `${site}/ocsp`, ...trust());
  return /: (good|revoked|unknown)\b/.exec(said)?.[1] ?? said;
}

/** What OpenSSL understands of a stored response. */
function read(response: Buffer, ...more: readonly string[]): string {
  writeFileSync(world.path('response.der'), response);
  return world.openssl('ocsp', '-respin', 'response.der', '-resp_text', ...more);
}

describe('published files', () => {
  test.each([
    ['subca.crl', 'application/pkix-crl'],
    ['subca.crt', 'application/pkix-cert'],
    ['root.crt', 'application/pkix-cert'],
    ['root.crl', 'application/pkix-crl'],
    ['subca.pem', 'application/x-pem-file'],
  ])('%s is served as %s', async (name, type) => {
    const { status, type: found, body } = await ask(`${site}/${name}`);
    expect([status, found]).toEqual([200, type]);
    expect(body.equals(world.read('node', 'published', name))).toBe(true);
  });

  test('OpenSSL reads and checks what it fetched', async () => {
    for (const name of ['subca.crl', 'subca.crt', 'root.crl']) {
      writeFileSync(world.path(name), (await ask(`${site}/${name}`)).body);
    }
    const listed = world.openssl('crl', '-inform', 'DER', '-in', 'subca.crl', '-noout', '-text');
    expect(listed).toContain(serialOf('two').toUpperCase());
    expect(listed).toContain('Key Compromise');
    expect(listed).not.toContain(serialOf('one').toUpperCase());
    const root = world.path('root', 'published', 'root.pem');
    world.openssl('x509', '-inform', 'DER', '-in', 'subca.crt', '-out', 'subca.pem');
    expect(world.openssl('verify', '-CAfile', root, 'subca.pem')).toBe('subca.pem: OK\n');
    world.openssl('crl', '-inform', 'DER', '-in', 'root.crl', '-CAfile', root, '-noout', '-verify');
  });

  test.each(['/', '/subca.db', '/config.yaml', '/../subca.db', '/%2e%2e/subca.db', '/published/', '/ocspx'])(
    'nothing else is: %s',
    async (path) => {
      expect(await ask(`${site}${path}`)).toMatchObject({ status: 404 });
    },
  );

  test('the root’s own, beside the registry', async () => {
    const config = parse(world.read('root', 'config.yaml').toString('utf8')) as Configured;
    const rootSite = `http://127.0.0.1:${String(config.public.listen.port)}`;
    expect(await ask(`${rootSite}/root.crl`)).toMatchObject({ status: 200, type: 'application/pkix-crl' });
    expect(await ask(`${rootSite}/root.crt`)).toMatchObject({ status: 200, type: 'application/pkix-cert' });
    expect(await ask(`${rootSite}/ocsp`, { method: 'POST' })).toMatchObject({ status: 404 });
  });
});

describe('status checks', () => {
  test('by POST: good, revoked with its reason, unknown', () => {
    expect(statusOf('one')).toBe('good');
    const said = world.openssl(
      ...['ocsp', ...issuer(), '-cert', 'two.crt', '-url', `${site}/ocsp`, '-resp_text', ...trust()],
    );
    expect(said).toMatch(/two\.crt: revoked/);
    expect(said).toContain('Reason: keyCompromise');
    const never = ['-serial', '0x01000000000100000000000000000000'];
    expect(world.openssl('ocsp', ...issuer(), ...never, '-url', `${site}/ocsp`, ...trust())).toContain(
      ': unknown',
    );
  });

  test('by GET, with the request in the path', async () => {
    world.openssl('ocsp', ...issuer(), '-cert', 'two.crt', '-reqout', 'request.der', '-no_nonce');
    const path = encodeURIComponent(world.read('request.der').toString('base64'));
    const { status, type, body } = await ask(`${site}/ocsp/${path}`);
    expect([status, type]).toEqual([200, 'application/ocsp-response']);
    const said = read(body, ...issuer(), '-cert', 'two.crt', ...trust());
    expect(said).toMatch(/two\.crt: revoked/);
  });

  test('about a certificate of another CA, nothing is known', async () => {
    const root = ['-issuer', world.path('root', 'published', 'root.pem')];
    const subCa = ['-cert', world.path('node', 'published', 'subca.pem')];
    world.openssl('ocsp', ...root, ...subCa, '-reqout', 'request.der', '-no_nonce');
    const asked = { method: 'POST', type: 'application/ocsp-request', body: world.read('request.der') };
    expect(read((await ask(`${site}/ocsp`, asked)).body, '-noverify')).toContain('Cert Status: unknown');
  });

  test.each<[string, () => Promise<Answer>]>([
    ['garbage', () => post(Buffer.from('garbage'))],
    ['an empty body', () => post(Buffer.alloc(0))],
    ['a request cut off', () => post(world.read('request.der').subarray(0, -1))],
    ['no base64 in the path', () => ask(`${site}/ocsp/~~~~`)],
    ['nothing in the path', () => ask(`${site}/ocsp/`)],
  ])('%s is answered as malformed', async (_, send) => {
    const { status, type, body } = await send();
    expect([status, type]).toEqual([200, 'application/ocsp-response']);
    // OCSPResponse { malformedRequest (1) }
    expect(body.toString('hex')).toBe('30030a0101');
  });

  test('a body too large, a media type of something else, a path without end', async () => {
    expect(await post(Buffer.alloc(20_000))).toMatchObject({ status: 413 });
    const wrong = { method: 'POST', type: 'application/json', body: Buffer.from('{}') };
    expect(await ask(`${site}/ocsp`, wrong)).toMatchObject({ status: 415 });
    expect(await ask(`${site}/ocsp/${'A'.repeat(20_000)}`)).toMatchObject({ status: 431 });
    expect(statusOf('one')).toBe('good');
  });

  function post(body: Buffer): Promise<Answer> {
    return ask(`${site}/ocsp`, { method: 'POST', type: 'application/ocsp-request', body });
  }
});

describe('beside the command line', () => {
  test('a change of status is answered at once, and stands in the CRL at once', async () => {
    await world.subcaOk('suspend', serialOf('three'));
    expect(statusOf('three')).toBe('revoked');
    await world.subcaOk('resume', serialOf('three'));
    expect(statusOf('three')).toBe('good');
    await world.subcaOk('revoke', serialOf('three'), '--reason', 'superseded', '--yes');
    expect(statusOf('three')).toBe('revoked');
    writeFileSync(world.path('subca.crl'), (await ask(`${site}/subca.crl`)).body);
    const listed = world.openssl('crl', '-inform', 'DER', '-in', 'subca.crl', '-noout', '-text');
    expect(listed).toContain(serialOf('three').toUpperCase());
  });

  test('issuing, revoking and answering at the same time, on one database', async () => {
    const rows = await Promise.all(
      Array.from({ length: 60 }, async (_, at) => {
        return `organisation,${await world.newCsr()},batch-${String(at)},XÃ ${String(at)}`;
      }),
    );
    writeFileSync(world.path('batch.csv'), ['profile,csr,name,CN', ...rows, ''].join('\n'));
    const batch = world.runAside('subca', 'issue', '--batch', 'batch.csv', '--out-dir', '.');
    await issue('four');
    const revoking = world.runAside('subca', 'revoke', serialOf('four'), '--reason', 'superseded', '--yes');
    expect(['good', 'revoked']).toContain(statusOf('four'));
    expect(await batch).toMatchObject({ code: 0, json: { issued: 60 } });
    expect(await revoking).toMatchObject({ code: 0 });
    expect(statusOf('four')).toBe('revoked');
    expect(statusOf('batch-59')).toBe('good');
    await world.subcaOk('verify');
  });

  test('a second service on the same port is told so, and the first goes on', () => {
    for (const program of ['subca', 'rootca'] as const) {
      const { code, json } = world[program]('serve');
      expect([code, json.error?.code]).toEqual([4, 'CANNOT_LISTEN']);
      expect(json.error?.params).toMatchObject({ reason: 'EADDRINUSE' });
    }
    expect(statusOf('one')).toBe('good');
  });
});

describe('the registry', () => {
  const rootPem = (): Buffer => world.read('root', 'published', 'root.pem');

  test('is known by its certificate from the root, to OpenSSL and to Node', async () => {
    const address = registry.replace('https://', '');
    const verified = ['-CAfile', world.path('root', 'published', 'root.pem'), '-verify_ip', '127.0.0.1'];
    const said = world.openssl(
      's_client',
      '-connect',
      address,
      '-verify_return_error',
      ...verified,
      '-brief',
    );
    expect(said).toBe('');
    expect(() =>
      world.openssl(
        's_client',
        '-connect',
        address,
        '-verify_return_error',
        ...verified.slice(0, 3),
        '127.0.0.2',
      ),
    ).toThrow(/IP address mismatch/);
    expect(await ask(`${registry}/healthz`, { ca: rootPem() })).toMatchObject({ status: 200 });
    await expect(ask(`${registry}/healthz`)).rejects.toThrow(/self.signed|unable to verify/);
  });

  test.each<[string, Asked, number, string]>([
    ['another media type', { type: 'application/json', body: Buffer.from('{}') }, 415, 'BAD_REQUEST'],
    ['too large a body', { body: Buffer.alloc(1), announced: 17 * 1024 * 1024 }, 413, 'BAD_REQUEST'],
    ['an empty body', { body: Buffer.alloc(0) }, 409, 'SUBMISSION_MALFORMED'],
    ['garbage', { body: Buffer.from('garbage\n') }, 409, 'SUBMISSION_MALFORMED'],
    ['another method', { method: 'GET' }, 404, 'NOT_FOUND'],
  ])('refuses %s', async (_, asked, status, code) => {
    const how = { method: 'POST', type: 'application/vnd.subca.submission.v1', ca: rootPem(), ...asked };
    const answer = await ask(`${registry}/v1/submissions`, how);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString('utf8'))).toMatchObject({ error: { code } });
    await world.subcaOk('sync');
  });

  test('goes away in good order, and the node says that it is away', async () => {
    await stop(services[1]);
    const { code, json } = world.subca('sync');
    expect([code, json.error?.code]).toEqual([4, 'REGISTRY_UNREACHABLE']);
    expect(json.error?.params).toMatchObject({ url: registry, reason: 'ECONNREFUSED' });
  });

  test('an impostor with a certificate of its own gets nothing', async () => {
    const own = ['-keyout', 'impostor.key', '-out', 'impostor.crt', '-addext', 'subjectAltName=IP:127.0.0.1'];
    world.openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=x',
      ...own,
    );
    const heard = await withRegistry(
      { key: world.read('impostor.key'), cert: world.read('impostor.crt') },
      Buffer.alloc(0),
    );
    expect(heard).toMatchObject({ exit: 4, code: 'REGISTRY_UNREACHABLE', requests: 0 });
  });

  test('an answer that is none is not believed', async () => {
    const tls = { key: world.read('root', 'tls.key'), cert: world.read('root', 'tls.crt') };
    expect(await withRegistry(tls, Buffer.from('yes\n'))).toMatchObject({ exit: 5, code: 'REPLY_MALFORMED' });
  });

  /** Stands in for the registry, gives one answer to everything, and lets the node sync with it. */
  async function withRegistry(
    tls: ServerOptions,
    answer: Buffer,
  ): Promise<{ readonly exit: number | null; readonly code: string | undefined; readonly requests: number }> {
    let requests = 0;
    const server = createServer(tls, (request, response) => {
      requests += 1;
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/vnd.subca.reply.v1' }).end(answer);
      });
    });
    server.listen(Number(new URL(registry).port), '127.0.0.1');
    await once(server, 'listening');
    const { code, json } = await world.runAside('subca', 'sync');
    server.close();
    return { exit: code, code: json.error?.code, requests };
  }
});

test('the service ends with 0 when it is told to, even while somebody holds a line open', async () => {
  const line = connect(Number(new URL(site).port), '127.0.0.1');
  await once(line, 'connect');
  line.write('GET /subca.crt HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(line, 'data');
  line.on('error', () => undefined);
  await stop(services[0]);
  line.destroy();
  await expect(ask(`${site}/subca.crl`)).rejects.toThrow('ECONNREFUSED');
  await world.subcaOk('verify');
});

/** Ends a service as systemd does; it must end well, and soon. */
async function stop(service: ChildProcess): Promise<void> {
  const exit = once(service, 'exit');
  service.kill('SIGTERM');
  const outcome: unknown = await Promise.race([exit, sleep(10_000, 'still running', { ref: false })]);
  expect(outcome).toEqual([0, null]);
}
