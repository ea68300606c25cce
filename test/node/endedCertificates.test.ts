/** A certificate that was revoked or suspended: what is shown of it, and what comes of giving its request again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateText } from '../../src/cli/subca/certificateText';
import { readJournal } from '../../src/ledger';
import {
  issueBatch,
  Issuer,
  NodeError,
  planBatch,
  planSuccession,
  resume,
  revoke,
  suspend,
  verifyNode,
  viewCertificate,
  type BatchRow,
} from '../../src/node';
import { encodePem } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

const BY = { kind: 'local', request: '7/CV' } as const;
const NAMES = ['A', 'B', 'C'];

let soft: SoftNode;
let issuer: Issuer;
let serials: readonly string[];

/** The batch, as often as it is run. */
const planned = (): Promise<readonly BatchRow[]> =>
  planBatch(soft.node, issuer, join(soft.directory, 'batch.csv'));

async function run(): Promise<readonly string[]> {
  const found = new Map<number, string>();
  await issueBatch(issuer, await planned(), ({ row }, { serialNumber }) => {
    found.set(row, serialNumber);
    return Promise.resolve();
  });
  return NAMES.map((_, at) => found.get(at + 2) ?? '');
}

beforeEach(async () => {
  soft = await SoftNode.activated();
  issuer = await Issuer.open(soft.node, soft.journal);
  for (const name of NAMES) {
    const csr = encodePem('CERTIFICATE REQUEST', (await soft.request()).der);
    writeFileSync(join(soft.directory, `${name}.csr`), csr);
  }
  const rows = NAMES.map((name) => `individual,${name}.csr,${name},anh@lamdong.gov.vn`);
  writeFileSync(join(soft.directory, 'batch.csv'), ['profile,csr,CN,E', ...rows].join('\n'));
  serials = await run();
});

afterEach(async () => {
  await soft.remove();
});

test('a batch is refused as a whole, naming each serial number in both languages', async () => {
  const [first = '', second = ''] = serials;
  expect(await run()).toEqual(serials);
  await revoke(soft.journal, { serialNumber: first, reason: 'affiliationChanged', by: BY });
  await suspend(soft.journal, { serialNumber: second, by: BY });
  const { problems } = await expectCode(planned(), NodeError, 'BATCH_INVALID');
  expect(problems.map(({ where }) => where)).toEqual(['row 2, csr', 'row 3, csr']);
  for (const [at, serial] of [first, second].entries()) {
    expect(problems[at]?.found).toContain(serial);
    expect(problems[at]?.found).toContain('[CERTIFICATE_ENDED]');
    expect(problems[at]?.foundVi).toContain(`đã được cấp chứng thư ${serial}`);
  }
  expect(await verifyNode(soft.node)).toMatchObject({ certificates: NAMES.length });
});

test('after the end of a suspension the certificate is handed out again', async () => {
  const [serialNumber = ''] = serials;
  await suspend(soft.journal, { serialNumber, by: BY });
  await expectCode(planned(), NodeError, 'BATCH_INVALID');
  await resume(soft.journal, { serialNumber, by: BY });
  expect(await run()).toEqual(serials);
});

test('a renewal that was revoked is not made again by the same command', async () => {
  const [predecessor = ''] = serials;
  const renewal = () => planSuccession(soft.node, issuer, { service: 'renew', predecessor, by: BY });
  const { plan } = await renewal();
  if (plan === undefined) throw new Error('it was issued before');
  const { serialNumber } = await issuer.issue(plan);
  await revoke(soft.journal, { serialNumber, reason: 'superseded', by: BY });
  const refusal = await expectCode(renewal(), NodeError, 'CERTIFICATE_ENDED');
  expect(refusal.params).toMatchObject({ serialNumber, status: 'revoked' });
});

test('the key of a certificate cannot be exposed from a day on that is still to come', async () => {
  const [serialNumber = ''] = serials;
  const wanted = { serialNumber, reason: 'keyCompromise', by: BY } as const;
  const invalidityDate = new Date(soft.now.getTime() + 1000);
  await expectCode(revoke(soft.journal, { ...wanted, invalidityDate }), NodeError, 'INVALIDITY_DATE_AHEAD');
  expect(await revoke(soft.journal, { ...wanted, invalidityDate: soft.now })).toMatchObject({
    status: 'revoked',
    invalidityDate: soft.now.toISOString(),
  });
});

test('what is shown of it names the entry of the last change, the request, and what the root knows of it', async () => {
  const [serialNumber = '', other = ''] = serials;
  const view = () => viewCertificate(soft.node, serialNumber);
  expect((await view()).journal.changes).toEqual([]);
  await suspend(soft.journal, { serialNumber, by: BY });
  soft.now = new Date(soft.now.getTime() + 1000);
  await resume(soft.journal, { serialNumber, by: BY });
  // Of the same time, and of another certificate.
  await suspend(soft.journal, { serialNumber: other, by: BY });
  const { size } = (await readJournal(soft.node.read, (await soft.node.delegation()).origin)).state;
  const { changes, treeSize } = (await view()).journal;
  expect(changes).toMatchObject([
    { index: size - 2, entry: { type: 'resumed', by: BY }, knownToRoot: undefined },
  ]);
  expect([treeSize, changes[0]?.proof?.index]).toEqual([size, size - 2]);
  expect(certificateText(await view(), 'vi', soft.now)).toMatch(/khôi phục hiệu lực: +mục \d+/);
});
