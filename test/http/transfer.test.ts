/**
 * Synchronisation over a real HTTPS connection through a line that fails.
 *
 *   node ── registryCarrier ── TLS ──► FaultyLine ──► registry server ── one database each
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRegistryServer, listen, registryCarrier, type Listening } from '../../src/http';
import { readJournal } from '../../src/ledger';
import { createLogger } from '../../src/logger';
import { Issuer, NodeError, synchronise, type Carrier, type SyncOutcome } from '../../src/node';
import { Portion, type Patience } from '../../src/node/patience';
import { MAX_SUBMISSION_SIZE, SUBMISSION_MEDIA_TYPE } from '../../src/sync';
import { FaultyLine } from '../support/faultyLine';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { SoftRegistry } from '../support/softRegistry';

const directory = mkdtempSync(join(tmpdir(), 'transfer-'));
let tls: { key: Buffer; cert: Buffer };
let soft: SoftNode;
let root: SoftRegistry;
let server: Listening;
let line: FaultyLine;
let issuer: Issuer;

beforeAll(() => {
  const at = (name: string): string => join(directory, name);
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', at('key.pem'), '-out', at('cert.pem')],
    ],
    { stdio: 'ignore' },
  );
  tls = { key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) };
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  soft = await SoftNode.activated();
  root = await SoftRegistry.of(soft);
  const app = await createRegistryServer({ logger: createLogger('silent'), tls, registry: root.registry });
  server = await listen(app, '127.0.0.1', 0);
  line = await FaultyLine.to(server.port);
  issuer = await Issuer.open(soft.node, soft.journal);
});

afterEach(async () => {
  await line.close();
  await server.close();
  jest.restoreAllMocks();
  await root.remove();
  await soft.remove();
});

function carrier(port = line.port, signal?: AbortSignal): Carrier {
  return registryCarrier({
    url: `https://127.0.0.1:${String(port)}`,
    rootCertificate: tls.cert.toString('utf8'),
    ...(signal && { signal }),
  });
}

const send = (carry = carrier(), patience?: Patience): Promise<SyncOutcome> =>
  synchronise(soft.node, soft.journal, carry, { software: 'test', ...(patience && { patience }) });

/** Letters alone, as in a person's name. */
const nameOf = (octets: Buffer): string =>
  [...octets].map((octet) => String.fromCharCode(0x41 + (octet % 26))).join('');

async function issue(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const subject = [
      { type: 'CN', value: `Nguyễn Thị Ánh ${nameOf(randomBytes(6))}` },
      { type: 'E', value: 'anh@lamdong.gov.vn' },
    ] as const;
    await issuer.issue(
      issuer.plan('individual', { service: 'issue', request: await soft.request(), subject }),
    );
  }
}

/** Both ends hold the same journal, and nothing is held against the node. */
async function expectAgreement(): Promise<number> {
  const origin = root.originOf(1);
  const [own, held] = [await readJournal(soft.node.read, origin), await readJournal(root.root.read, origin)];
  expect(held).toMatchObject({ state: { size: own.state.size }, rootHash: own.rootHash });
  expect(await root.held()).toEqual([]);
  return own.state.size;
}

test('what goes over the line is smaller than the certificates it carries', async () => {
  await issue(30);
  const rows = await soft.node.read.selectFrom('certificates').select('serialNumber').execute();
  await send();
  await expectAgreement();
  const octets = rows.length * 1000;
  expect(line.sent).toBeLessThan(octets);
});

test('cut at every kilobyte, it always goes on where it ended', async () => {
  await issue(10);
  let failed = 0;
  for (let cut = 512; ; cut += 1024) {
    // What is new is less than what the line bears more.
    if (failed % 4 === 0) await issue(1);
    line.cutAfter = cut;
    try {
      await send();
      break;
    } catch (error) {
      expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', category: 'unavailable' });
      failed += 1;
    }
  }
  expect(failed).toBeGreaterThan(5);
  line.cutAfter = Number.POSITIVE_INFINITY;
  expect((await send()).receipts).toMatchObject([{ size: await expectAgreement(), findings: 0 }]);
});

test('an answer that is lost costs nothing: the same is sent again, and nothing is there twice', async () => {
  await issue(3);
  const carry = carrier();
  const lossy: Carrier = async (submission, origin) => {
    await carry(submission, origin);
    throw new NodeError('REGISTRY_UNREACHABLE', { url: 'test', reason: 'lost' });
  };
  await expect(send(lossy)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  const size = await expectAgreement();
  expect(await send()).toMatchObject({ receipts: [{ size }] });
  expect(await expectAgreement()).toBe(size);
});

test('with patience it tries again until the root is back, and ends when the time is over', async () => {
  await issue(3);
  const carry = carrier();
  let failures = 2;
  const weak: Carrier = (submission, origin) => {
    failures -= 1;
    if (failures >= 0) throw new NodeError('REGISTRY_UNREACHABLE', { url: 'test', reason: 'away' });
    return carry(submission, origin);
  };
  const patient = (milliseconds: number): Patience => ({
    until: performance.now() + milliseconds,
    random: (octets) => Buffer.alloc(octets),
    signal: new AbortController().signal,
  });
  await send(weak, patient(60_000));
  await expectAgreement();
  failures = 1000;
  const began = performance.now();
  await expect(send(weak, patient(2000))).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  expect(performance.now() - began).toBeLessThan(10_000);
});

/** A journal of megabytes, in small. */
class SmallPortion extends Portion {
  // 136 KiB of it are not for entries.
  override octets = 160 * 1024;

  override succeeded(): void {
    this.failures = 0;
  }

  override failed(): void {
    this.failures += 1;
  }
}

/** As the nightly run does it: within its time, whatever the line does. */
async function nightly(milliseconds: number): Promise<SyncOutcome> {
  const signal = AbortSignal.timeout(milliseconds);
  const patience = { until: performance.now() + milliseconds, random: randomBytes, signal };
  const portion = new SmallPortion();
  return synchronise(soft.node, soft.journal, carrier(line.port, signal), {
    software: 'test',
    patience,
    portion,
  });
}

test('slow, and breaking again and again, it is through within the time', async () => {
  await issue(60);
  line.delay = 40;
  let connections = 0;
  line.onConnection = () => {
    connections += 1;
    line.cutAfter = connections % 2 === 1 ? 3000 * connections : Number.POSITIVE_INFINITY;
  };
  const { sent } = await nightly(60_000);
  expect(connections).toBeGreaterThan(2);
  expect(sent).toBe(await expectAgreement());
});

test('when the line falls silent in the midst, it ends in time and tells what is done; next night the rest', async () => {
  await issue(60);
  line.silentAfter = 25_000;
  const began = performance.now();
  const ended = await expectCode(nightly(4000), NodeError, 'SYNC_INCOMPLETE');
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(ended.category).toBe('unavailable');
  const { state } = await readJournal(root.root.read, root.originOf(1));
  const sent = (ended.params as { readonly sent: number }).sent;
  expect(sent).toBeGreaterThan(0);
  // The last portion may be there, and its answer not.
  expect(state.size).toBeGreaterThanOrEqual(sent);
  line.silentAfter = Number.POSITIVE_INFINITY;
  const size = (await readJournal(soft.node.read, root.originOf(1))).state.size;
  expect(await nightly(30_000)).toMatchObject({ sent: size - sent });
  expect(await expectAgreement()).toBe(size);
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

function post(headers: RequestOptions['headers'], body: Buffer, ends = true): Promise<Answer> {
  const options = { host: '127.0.0.1', port: server.port, path: '/v1/submissions', ca: tls.cert };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...options, method: 'POST', headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
      incoming.on('end', () => {
        const { error } = JSON.parse(text) as { error?: { code: string } };
        resolve({ status: incoming.statusCode ?? 0, code: error?.code });
        outgoing.destroy();
      });
    });
    outgoing.on('error', reject);
    outgoing.write(body);
    if (ends) outgoing.end();
  });
}

const headers = (origin: string): Readonly<Record<string, string>> => ({
  'content-type': SUBMISSION_MEDIA_TYPE,
  'subca-origin': origin,
});

test('of an unknown journal not even the body is read', async () => {
  for (const origin of ['registry.ca.gov.vn/other/e1', '', 'x'.repeat(1000)]) {
    const claimed = { ...headers(origin), 'content-length': MAX_SUBMISSION_SIZE };
    // The rest of the body never comes.
    const refused = await post(claimed, Buffer.from('{'), false);
    expect(refused).toEqual({ status: 403, code: 'ORIGIN_UNKNOWN' });
  }
});

test('four requests about a journal at a time; others do not wait for them', async () => {
  const origin = root.originOf(1);
  // Its body stays away.
  const options = { host: '127.0.0.1', port: server.port, path: '/v1/submissions', ca: tls.cert };
  const slow = Array.from({ length: 4 }, () =>
    request({ ...options, method: 'POST', headers: { ...headers(origin), 'content-length': 100 } }),
  );
  for (const one of slow) one.on('error', () => undefined).flushHeaders();
  try {
    const fifth = (): Promise<Answer> => post(headers(origin), Buffer.from('{}\n'));
    let answer = await fifth();
    for (let tries = 0; answer.code !== 'TOO_MANY_REQUESTS' && tries < 50; tries += 1) answer = await fifth();
    expect(answer).toEqual({ status: 503, code: 'TOO_MANY_REQUESTS' });
    const other = await post(headers(root.originOf(2)), Buffer.from('{}\n'));
    expect(other).toEqual({ status: 409, code: 'SUBMISSION_MALFORMED' });
  } finally {
    for (const one of slow) one.destroy();
  }
});

test('a body that unpacks to more than a submission is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(MAX_SUBMISSION_SIZE + 1));
  const packed = { ...headers(root.originOf(1)), 'content-encoding': 'gzip' };
  expect(await post(packed, bomb)).toEqual({ status: 400, code: 'BODY_NOT_READ' });
  expect(await post(packed, Buffer.from('no gzip'))).toEqual({ status: 400, code: 'BODY_NOT_READ' });
  const other = { ...packed, 'content-encoding': 'br' };
  expect(await post(other, bomb)).toEqual({ status: 400, code: 'BODY_NOT_READ' });
});
