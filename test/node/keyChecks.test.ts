/** Keys at the node: one subscriber's alone, also when two ask at once; never the node's own; never a known weak one. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Issuer, NodeError, revoke, verifyNode } from '../../src/node';
import { buildRequest, readRequest, type CertificationRequest, type NameAttribute } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';
import { SoftNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

let soft: SoftNode;

beforeEach(async () => {
  soft = await SoftNode.activated();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

const subject = (name: string): readonly NameAttribute[] => [
  { type: 'CN', value: name },
  { type: 'E', value: 'anh@lamdong.gov.vn' },
];
const asked = (request: CertificationRequest, name: string) =>
  ({ service: 'issue', request, subject: subject(name) }) as const;

test('of two subscribers with one key, at once and in two processes, one gets a certificate', async () => {
  const other = await soft.open();
  const issuers = [await Issuer.open(soft.node, soft.journal), await Issuer.open(other.node, other.journal)];
  const request = await soft.request();
  const plans = ['An', 'Bình'].map((name, at) => ({
    issuer: issuers[at]!,
    plan: issuers[at]!.plan('individual', asked(request, name)),
  }));
  const outcomes = await Promise.allSettled(plans.map(({ issuer, plan }) => issuer.issue(plan)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toMatchObject([{ reason: { code: 'KEY_REUSED', category: 'refused' } }]);
  expect(await verifyNode(soft.node)).toMatchObject({ certificates: 1, issued: 1, pending: 0 });
});

test('in one turn too', async () => {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const request = await soft.request();
  const plans = ['An', 'Bình', 'Chi'].map((name) => issuer.plan('individual', asked(request, name)));
  const outcomes = await Promise.allSettled(plans.map((plan) => issuer.issue(plan)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await verifyNode(soft.node)).toMatchObject({ certificates: 1 });
});

test('the same subscriber gets another certificate for the key, until it is exposed', async () => {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const request = await soft.request();
  const issue = () => issuer.issue(issuer.plan('individual', asked(request, 'An')));
  const { serialNumber } = await issue();
  await issue();
  await revoke(soft.journal, {
    serialNumber,
    reason: 'keyCompromise',
    by: { kind: 'local', request: 'r-1' },
  });
  const error = await expectCode(issue(), NodeError, 'KEY_COMPROMISED');
  expect(error.problems).toMatchObject([
    { where: 'publicKey', found: `${serialNumber}: revoked (keyCompromise)` },
  ]);
  expect(await verifyNode(soft.node)).toMatchObject({ certificates: 2 });
});

test.each(['ca', 'journal', 'ocsp'] as const)(
  'the node’s own %s key is refused before anything else',
  async (role) => {
    const issuer = await Issuer.open(soft.node, soft.journal);
    const request = readRequest(await buildRequest([], soft.signers[role]));
    const error = await expectCode(
      () => issuer.plan('individual', asked(request, 'An')),
      NodeError,
      'KEY_OF_NODE',
    );
    expect(error.params).toEqual({ role });
  },
);

describe('lists of known weak keys', () => {
  const weak = softSigner('rsa-3072');
  /** The last 80 bits of the SHA-1 of what `openssl rsa -modulus` prints. */
  function fingerprint(): string {
    const openssl = new OpenSsl();
    try {
      openssl.write('key', weak.publicKeyPem);
      const { output } = openssl.run('rsa', '-pubin', '-in', 'key', '-noout', '-modulus');
      expect(output).toMatch(/^Modulus=[0-9A-F]{768}\n$/);
      return createHash('sha1').update(output).digest('hex').slice(20);
    } finally {
      openssl.remove();
    }
  }
  async function configured(...lists: readonly string[]): Promise<Issuer> {
    const config = join(soft.directory, 'config.yaml');
    writeFileSync(
      config,
      `${readFileSync(config, 'utf8')}\nkeyChecks: { weakKeys: [${lists.join(', ')}] }\n`,
    );
    const { node, journal } = await soft.open();
    return Issuer.open(node, journal);
  }
  const plan = async (issuer: Issuer, signer = weak) => {
    const request = readRequest(await buildRequest([], signer));
    return issuer.plan('individual', asked(request, 'An'));
  };
  const put = (name: string, content: string): string => {
    mkdirSync(join(soft.directory, 'weak'), { recursive: true });
    writeFileSync(join(soft.directory, 'weak', name), content);
    return `weak/${name}`;
  };
  const HEAD = '# as of openssl-blacklist 0.5\n0000000000000000000f\n';

  test('a key on one of them is refused, naming the list; others pass', async () => {
    const issuer = await configured(put('a', HEAD), put('b', `${HEAD}${fingerprint()}\n`));
    const error = await expectCode(plan(issuer), NodeError, 'KEY_KNOWN_WEAK');
    expect(error.params).toEqual({ list: join(soft.directory, 'weak', 'b') });
    await plan(issuer, softSigner('rsa-3072'));
    await plan(issuer, softSigner('p-256'));
  });

  test('without the list the same key passes', async () => {
    await plan(await configured(put('a', HEAD)));
    await plan(await Issuer.open(soft.node, soft.journal));
  });

  test.each([
    ['absent', undefined],
    ['with a line that is no fingerprint', `${HEAD}${'0'.repeat(40)}\n`],
    ['with a line in capitals', '0000000000000000000F\n'],
  ])('a list that was asked for and is %s stops RSA keys, and only those', async (_, content) => {
    if (content !== undefined) put('a', content);
    const issuer = await configured('weak/a');
    await expectCode(plan(issuer), NodeError, 'WEAK_KEYS_UNREADABLE');
    await plan(issuer, softSigner('p-256'));
  });
});
