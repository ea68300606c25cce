/** The lint in issuance: what it refuses at planning spends nothing, and nothing is signed but what it let pass. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { der } from '../../src/asn1';
import { issueBatch, Issuer, NodeError, planBatch, verifyNode } from '../../src/node';
import { IssuanceLint } from '../../src/node/lint';
import {
  decodePemOrDer,
  encodePem,
  lint,
  lintIssuerOf,
  readCertificate,
  withSerialNumber,
  type TbsCertificate,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { Tbs } from '../x509/lint/certificates';

const SUBJECT = [
  { type: 'CN', value: 'Nguyễn An' },
  { type: 'E', value: 'anh@lamdong.gov.vn' },
] as const;

let soft: SoftNode;
let folder: string;

beforeEach(async () => {
  soft = await SoftNode.activated();
  folder = mkdtempSync(join(tmpdir(), 'lint-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
  rmSync(folder, { recursive: true });
});

/** Signatures the CA key makes. */
function countSignatures(): () => number {
  let made = 0;
  const { ca } = soft.signers;
  soft.signers.ca = {
    ...ca,
    sign: (message) => {
      made += 1;
      return ca.sign(message);
    },
  };
  return () => made;
}

async function asked() {
  return { service: 'issue', request: await soft.request(), subject: SUBJECT } as const;
}

/** Puts a linter into the node's configuration and opens the node again with it. */
async function withLinter(text: string): Promise<Issuer> {
  const program = join(folder, 'linter');
  writeFileSync(program, `#!/bin/sh\n${text}\n`);
  chmodSync(program, 0o755);
  return withCommand(program);
}

async function withCommand(program: string): Promise<Issuer> {
  const file = join(soft.directory, 'config.yaml');
  const config = readFileSync(file, 'utf8');
  writeFileSync(file, `${config}\nlint: { external: { command: ["${program}"], timeoutSeconds: 1 } }\n`);
  const { node, journal } = await soft.open();
  return Issuer.open(node, journal);
}

test('what is issued passes, and warns of nothing', async () => {
  const warn = jest.spyOn(soft.node.surroundings.logger, 'warn');
  const issuer = await Issuer.open(soft.node, soft.journal);
  const issued = await issuer.issue(issuer.plan('individual', await asked()));
  const ca = soft.world.subCa.certificate.der;
  expect(lint(issued.der, 'Certificate', lintIssuerOf(ca))).toEqual([]);
  expect(warn).not.toHaveBeenCalled();
});

test('a profile that breaks a rule is refused when it is planned: nothing is spent, the rules are named', async () => {
  // Within the grant, and yet a client cannot log in with a key that only signs documents.
  const file = join(soft.directory, 'profiles', 'individual.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace('keyUsage: [digitalSignature, nonRepudiation]', 'keyUsage: [nonRepudiation]'),
  );
  const signatures = countSignatures();
  const before = await verifyNode(soft.node);
  const issuer = await Issuer.open(soft.node, soft.journal);
  const request = await asked();
  const error = await expectCode(() => issuer.plan('individual', request), NodeError, 'LINT_FAILED');
  expect(error.category).toBe('refused');
  expect(error.problems).toEqual([
    expect.objectContaining({ code: 'LINT', where: 'extensions.extKeyUsage [purpose-fits-usage]' }),
  ]);
  expect(signatures()).toBe(0);
  expect(await verifyNode(soft.node)).toEqual(before);
});

test('a warning is logged, once for a profile, and stops nothing', async () => {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const tbs = new Tbs(issuer.plan('individual', await asked()).tbs.der);
  tbs.set(1, der.integer(4_711));
  const { config, surroundings } = soft.node;
  const warn = jest.spyOn(surroundings.logger, 'warn').mockImplementation();
  const linter = await IssuanceLint.open(
    config.lint?.external,
    soft.world.subCa.certificate,
    surroundings.logger,
  );
  linter.check(tbs.bytes, 'individual');
  linter.check(tbs.bytes, 'individual');
  expect(warn.mock.calls).toEqual([[expect.objectContaining({ check: 'serial-number-entropy' }), 'lint']]);
});

/** One bit of the subject is lost, as a fault of memory would lose it; no lint would see that. */
function loseBit(octets: Buffer): void {
  const at = octets.indexOf('anh@lamdong') + 2;
  octets[at] = (octets[at] ?? 0) ^ 1;
}

test('octets that changed after planning are not journalled, and nothing is spent', async () => {
  const before = await verifyNode(soft.node);
  const issuer = await Issuer.open(soft.node, soft.journal);
  const plan = issuer.plan('individual', await asked());
  loseBit(plan.tbs.der);
  await expectCode(issuer.issue(plan), NodeError, 'TBS_CHANGED');
  expect(await verifyNode(soft.node)).toEqual(before);
});

test('octets that changed after reserving are not signed: the intent is abandoned', async () => {
  const signatures = countSignatures();
  const issuer = await Issuer.open(soft.node, soft.journal);
  const plan = issuer.plan('individual', await asked());
  const submit = soft.journal.submit.bind(soft.journal) as (proposal: unknown) => Promise<unknown>;
  jest.spyOn(soft.journal, 'submit').mockImplementationOnce(async (proposal) => {
    const reservation = await submit(proposal);
    loseBit((reservation as { readonly tbs: TbsCertificate }).tbs.der);
    return reservation;
  });
  await expectCode(issuer.issue(plan), NodeError, 'TBS_CHANGED');
  expect(signatures()).toBe(0);
  expect(await verifyNode(soft.node)).toMatchObject({ certificates: 1, issued: 0, abandoned: 1, pending: 0 });
});

describe('with a linter of the administrator’s own', () => {
  test('it gets the certificate that is then issued, but for serial number and signature', async () => {
    const seen = join(folder, 'seen.pem');
    const issuer = await withLinter(`cat > "${seen}"`);
    const issued = readCertificate(
      (await issuer.issue(issuer.plan('individual', await asked()))).der,
      'issued',
    );
    const judged = readCertificate(decodePemOrDer(readFileSync(seen), 'CERTIFICATE', 'seen'), 'judged');
    const { serialNumber } = issued.tbs;
    expect(withSerialNumber(judged.tbs, serialNumber).der).toEqual(issued.tbs.der);
    expect(judged.signature).not.toEqual(issued.signature);
  });

  test('what it refuses is not reserved, and not signed', async () => {
    const signatures = countSignatures();
    const issuer = await withLinter('cat > /dev/null; echo "bad name"; exit 1');
    const before = await verifyNode(soft.node);
    await expectCode(issuer.issue(issuer.plan('individual', await asked())), NodeError, 'LINTER_REFUSED');
    expect(signatures()).toBe(0);
    expect(await verifyNode(soft.node)).toEqual(before);
  });

  test('one that is not there stops issuance before it begins, but not for the node’s own keys', async () => {
    await expectCode(withCommand(join(folder, 'nowhere')), NodeError, 'LINTER_UNUSABLE');
    const { node, journal } = await soft.open();
    await Issuer.open(node, journal, 'own');
  });

  test('a batch asks it for every row before the first is issued, and once only', async () => {
    const asks = join(folder, 'asks');
    const issuer = await withLinter(
      `openssl x509 -noout -subject -nameopt utf8 > "${folder}/$$" && echo . >> "${asks}" && ! grep -q "CN *= *B" "${folder}/$$"`,
    );
    const rows = ['A', 'B', 'C'];
    const csv = (names: readonly string[]): string =>
      ['profile,csr,CN,E', ...names.map((name) => `individual,${name}.csr,${name},anh@lamdong.gov.vn`)].join(
        '\n',
      );
    for (const name of rows) {
      writeFileSync(
        join(folder, `${name}.csr`),
        encodePem('CERTIFICATE REQUEST', (await soft.request()).der),
      );
    }
    const file = join(folder, 'rows.csv');
    writeFileSync(file, csv(rows));
    const error = await expectCode(planBatch(soft.node, issuer, file), NodeError, 'BATCH_INVALID');
    expect(error.problems).toEqual([expect.objectContaining({ where: 'row 3, csr' })]);
    expect(await verifyNode(soft.node)).toMatchObject({ certificates: 0 });

    writeFileSync(asks, '');
    writeFileSync(file, csv(['A', 'C']));
    const planned = await planBatch(soft.node, issuer, file);
    await issueBatch(issuer, planned, () => Promise.resolve());
    expect(await verifyNode(soft.node)).toMatchObject({ issued: 2 });
    expect(readFileSync(asks, 'utf8')).toBe('.\n.\n');
  });

  test('when it hangs, a batch ends at the first time limit and not after each', async () => {
    const issuer = await withLinter('sleep 60');
    const rows = Array.from({ length: 12 }, (_, at) => `individual,${String(at)}.csr,A,anh@lamdong.gov.vn`);
    for (const at of rows.keys()) {
      const csr = encodePem('CERTIFICATE REQUEST', (await soft.request()).der);
      writeFileSync(join(folder, `${String(at)}.csr`), csr);
    }
    const file = join(folder, 'rows.csv');
    writeFileSync(file, ['profile,csr,CN,E', ...rows].join('\n'));
    const began = performance.now();
    await expectCode(planBatch(soft.node, issuer, file), NodeError, 'LINTER_TIMED_OUT');
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
