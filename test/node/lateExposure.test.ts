/**
 * A certificate is revoked, and its key turns out to have been exposed: what others are told of it, what becomes of its
 * key, what cannot be changed so, and what the root says of it.
 *
 *   issue ─ suspend ─ revoke (superseded) ─ key certified again ─ revoke (keyCompromise) ─ key refused ─ root agrees
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateText } from '../../src/cli/subca/certificateText';
import { REVOCATION_CAUSES, type Entry } from '../../src/journal';
import { readRecords, readJournal } from '../../src/ledger';
import {
  crlIsDue,
  Issuer,
  NodeError,
  OcspResponder,
  publishDueCrl,
  PUBLISHED,
  readRecord,
  resume,
  revoke,
  suspend,
  synchronise,
  verifyNode,
  viewCertificate,
  type IssuedCertificate,
} from '../../src/node';
import { buildRequest, readRequest } from '../../src/x509';
import { NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { ocspRequestFor } from '../support/ocspRequest';
import { OpenSsl } from '../support/openssl';
import { SoftNode } from '../support/softNode';
import { SoftRegistry } from '../support/softRegistry';
import { softSigner, type SoftSigner } from '../support/softSigner';

const BY = { kind: 'local', request: '7/CV' } as const;
const OTHERS = REVOCATION_CAUSES.filter((reason) => reason !== 'keyCompromise');
const HOUR = 3_600_000;
const hours = (count: number): Date => new Date(NOW.getTime() + count * HOUR);

let soft: SoftNode;
let root: SoftRegistry;
let key: SoftSigner;
let serialNumber: string;
const openssl = new OpenSsl();

beforeEach(async () => {
  soft = await SoftNode.activated();
  root = await SoftRegistry.of(soft);
  key = softSigner('p-256');
  ({ serialNumber } = await certify());
});

afterEach(async () => {
  jest.restoreAllMocks();
  await root.remove();
  await soft.remove();
});

afterAll(() => {
  openssl.remove();
});

/** The key is certified for the one person it belongs to; each request is another. */
async function certify(): Promise<IssuedCertificate> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const subject = [
    { type: 'CN', value: 'Nguyễn Thị Ánh' },
    { type: 'E', value: 'anh@lamdong.gov.vn' },
  ] as const;
  const request = readRequest(await buildRequest([subject[0]], key));
  return issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
}

const expose = (invalidityDate?: Date): Promise<unknown> =>
  revoke(soft.journal, {
    ...{ serialNumber, reason: 'keyCompromise', by: BY },
    ...(invalidityDate && { invalidityDate }),
  });
const publish = async (): Promise<void> => {
  await publishDueCrl(soft.node, soft.journal, await soft.node.delegation());
};
const sync = async (): Promise<void> => {
  await synchronise(soft.node, soft.journal, (bytes) => root.registry.receive(bytes), { software: 'test' });
};

/** As OpenSSL reads what is published. */
function crlText(): string {
  const crl = readFileSync(join(soft.directory, 'published', PUBLISHED.crl));
  openssl.write('crl.der', crl);
  return openssl.run('crl', '-inform', 'DER', '-in', 'crl.der', '-noout', '-text').output;
}

/** What OpenSSL reads from the answer to a status check, whose signature it has verified. */
async function ocspText(): Promise<string> {
  const { caCertificate, root: trusted } = await soft.node.delegation();
  const responder = await OcspResponder.open(soft.node, soft.journal);
  const { certificate } = await viewCertificate(soft.node, serialNumber);
  openssl.writePem('root.pem', 'CERTIFICATE', trusted.der);
  openssl.writePem('ca.pem', 'CERTIFICATE', caCertificate.der);
  openssl.writePem('leaf.pem', 'CERTIFICATE', certificate?.der ?? Buffer.alloc(0));
  openssl.write('answer.der', (await responder.respond(ocspRequestFor(caCertificate, serialNumber))).der);
  const { output } = openssl.run(
    ...['ocsp', '-respin', 'answer.der', '-issuer', 'ca.pem', '-cert', 'leaf.pem'],
    ...['-CAfile', 'root.pem', '-verify_other', 'ca.pem', '-no_nonce'],
    ...['-attime', String(Math.floor(soft.now.getTime() / 1000)), '-validity_period', '2000000000'],
  );
  expect(output).toContain('Response verify OK');
  return output;
}

/** A moment as OpenSSL prints it, without the zone. */
function printed(date: Date): string {
  const [, day = '', month = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${month} ${day.replace(/^0/, ' ')} ${time} ${year}`;
}

test('it stays revoked since the first time, for the new reason, at whoever asks', async () => {
  soft.now = hours(1);
  await suspend(soft.journal, { serialNumber, by: BY });
  soft.now = hours(2);
  await revoke(soft.journal, { serialNumber, reason: 'superseded', by: BY });
  await publish();
  expect(crlText()).toMatch(/Superseded/);
  expect(await ocspText()).toContain('Reason: superseded');

  soft.now = hours(5);
  const since = hours(-24);
  expect(await expose(since)).toMatchObject({ status: 'revoked', statusTime: hours(2).toISOString() });
  expect(await crlIsDue(soft.node)).toBe(true);
  await publish();
  const crl = crlText();
  expect(crl.match(/Revocation Date: (.*) GMT/)?.[1]).toBe(printed(hours(1)));
  expect(crl).toMatch(/Reason Code: *\n *Key Compromise/);
  expect(crl).toMatch(new RegExp(`Invalidity Date: *\\n *${printed(since)} GMT`));
  expect(crl.match(/Serial Number: /g)).toHaveLength(1);
  const answer = await ocspText();
  expect(answer).toMatch(/Reason: keyCompromise/);
  expect(answer).toMatch(new RegExp(`Revocation Time: ${printed(hours(1))} GMT`));

  await verifyNode(soft.node);
});

test('both revocations are shown, each with its request, its entry, and since when the root knows it', async () => {
  const requests = { first: '7/CV', exposed: '9/CV' } as const;
  const by = (request: string) => ({ kind: 'local', request }) as const;
  await revoke(soft.journal, { serialNumber, reason: 'superseded', by: by(requests.first) });
  const { state } = await readJournal(soft.node.read, (await soft.node.delegation()).origin);
  await sync();
  root.now = soft.now = hours(3);
  await revoke(soft.journal, { serialNumber, reason: 'keyCompromise', by: by(requests.exposed) });
  const view = await viewCertificate(soft.node, serialNumber);
  expect(view.journal.changes).toMatchObject([
    {
      ...{ index: state.size - 1, entry: { reason: 'superseded', time: NOW.toISOString() } },
      ...{ proof: { index: state.size - 1 }, knownToRoot: { time: NOW.toISOString() } },
    },
    { entry: { reason: 'keyCompromise', time: hours(3).toISOString() }, knownToRoot: undefined },
  ]);
  const lines = certificateText(view, 'vi', soft.now).replace(/: +/g, ': ').split('\n');
  const told = lines.map((line) => line.trim());
  const at = told.indexOf('lý do: khóa bí mật bị lộ (keyCompromise)');
  expect(told.slice(at + 1, at + 5)).toEqual([
    expect.stringMatching(/^ghi nhận lộ khóa: \d/),
    'văn bản làm căn cứ: 9/CV',
    'lý do ban đầu: được thay thế (superseded)',
    'căn cứ ban đầu: 7/CV',
  ]);
  const places = told.filter((line) => /^(thu hồi|ghi nhận lộ khóa): mục/.test(line));
  expect(places.map((line) => line.split(',')[0])).toEqual([
    `thu hồi: mục ${String(state.size - 1)}`,
    `ghi nhận lộ khóa: mục ${String(view.journal.changes[1]?.index)}`,
  ]);
});

test('of one moment, both are told apart', async () => {
  await revoke(soft.journal, { serialNumber, reason: 'superseded', by: BY });
  await expose();
  const { changes } = (await viewCertificate(soft.node, serialNumber)).journal;
  expect(changes.map(({ entry }) => entry)).toMatchObject([
    { type: 'revoked', reason: 'superseded', time: NOW.toISOString() },
    { type: 'revoked', reason: 'keyCompromise', time: NOW.toISOString() },
  ]);
});

test('its key is good until then, nobody’s from then on, and the root finds the same when it judges again', async () => {
  root.now = soft.now = hours(1);
  await revoke(soft.journal, { serialNumber, reason: 'cessationOfOperation', by: BY });
  await sync();
  root.now = soft.now = hours(2);
  const between = await certify();
  root.now = soft.now = hours(3);
  await expose();
  const error = await expectCode(certify(), NodeError, 'KEY_COMPROMISED');
  expect(error.category).toBe('refused');
  await publish();
  await sync();
  expect(await root.held()).toEqual([]);
  const { id } = await readJournal(root.root.read, root.originOf(1));
  const records = await readRecords(root.root.read, id, 'serialNumber', [serialNumber, between.serialNumber]);
  expect(records).toMatchObject([
    await readRecord(soft.node, serialNumber),
    await readRecord(soft.node, between.serialNumber),
  ]);
  expect(records).toMatchObject([
    {
      reason: 'cessationOfOperation',
      statusTime: hours(1).toISOString(),
      exposureTime: hours(3).toISOString(),
    },
    { status: 'issued', exposureTime: null },
  ]);
  await verifyNode(soft.node);
});

test('nothing else of a revoked certificate can be changed, and that only once', async () => {
  await revoke(soft.journal, { serialNumber, reason: 'superseded', by: BY });
  const refused = async (...reasons: readonly (typeof REVOCATION_CAUSES)[number][]): Promise<void> => {
    for (const reason of reasons) {
      const again = revoke(soft.journal, { serialNumber, reason, by: BY });
      const error = await expectCode(again, NodeError, 'STATUS_CHANGE_REFUSED');
      expect(error.message).toContain('--reason keyCompromise');
      expect(error.inLang('vi')).toContain('chỉ còn có thể ghi nhận thêm, một lần,');
    }
    for (const change of [suspend, resume])
      await expectCode(change(soft.journal, { serialNumber, by: BY }), NodeError, 'STATUS_CHANGE_REFUSED');
  };
  await refused(...OTHERS);
  await expectCode(expose(new Date(soft.now.getTime() + 1)), NodeError, 'INVALIDITY_DATE_AHEAD');
  await expose();
  await refused(...REVOCATION_CAUSES);
  await verifyNode(soft.node);
});

test('a node that changes more finds its entries held against it', async () => {
  const registry = await SoftRegistry.open();
  try {
    const [first, second] = [registry.serialAt(1, 2), registry.serialAt(1, 4)];
    const revoked = (serial: string, reason: (typeof REVOCATION_CAUSES)[number]): Entry => ({
      ...{ type: 'revoked', time: NOW.toISOString(), serialNumber: serial, reason, by: BY },
    });
    await registry.send(1, ...registry.opening(1));
    for (const spki of [softSigner('p-256').spki, softSigner('p-256').spki])
      await registry.send(1, ...(await registry.certificate(1, {}, { spki })));
    await registry.send(1, revoked(first, 'superseded'), revoked(first, 'keyCompromise'));
    await registry.send(1, revoked(second, 'keyCompromise'));
    expect(await registry.held()).toEqual([]);
    const size = registry.taken[1].length;
    await registry.send(
      1,
      revoked(second, 'keyCompromise'),
      revoked(second, 'superseded'),
      revoked(first, 'unspecified'),
    );
    const found = [0, 1, 2].map((at) => `e1 ${String(size + at)} STATUS_IMPOSSIBLE`);
    expect(await registry.held()).toEqual(found.sort());
  } finally {
    await registry.remove();
  }
});
