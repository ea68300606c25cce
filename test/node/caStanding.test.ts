/**
 * A sub-CA certificate that its root revokes: the CRL that says so is kept and published, nothing more is issued, and
 * revocation goes on. What is revoked, or of an issuer that is not trusted any more, is not taken in the first place.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DelegationError, payloadOf, type BundleParts } from '../../src/delegation';
import {
  activate,
  ensureResponderCertificate,
  Issuer,
  NodeError,
  nodeStatus,
  OcspResponder,
  publishCrls,
  republish,
  revoke,
  verifyNode,
} from '../../src/node';
import { acceptDocuments, acceptTrustStatements } from '../../src/node/activation';
import { readCertificate, type CrlEntry, type Name } from '../../src/x509';
import { NOW, rootCrlOf, sealTrust, trustOf } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { ocspRequestFor } from '../support/ocspRequest';
import { softRootNamed, type SoftCa } from '../support/softCa';
import { SoftNode, type NextBundle } from '../support/softNode';

let soft: SoftNode;

beforeEach(async () => {
  soft = await SoftNode.activated();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

const OTHER_ROOT: Name = [{ type: 'CN', value: 'CA gốc ở hệ thống khác' }];
const LATER = new Date(NOW.getTime() + 1000);

/** Of the CA certificate in use. */
async function listed(): Promise<readonly CrlEntry[]> {
  const { caCertificate } = await soft.node.delegation();
  return [{ serialNumber: caCertificate.tbs.serialNumber, revocationDate: NOW }];
}

async function issue(): Promise<string> {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const subject = [{ type: 'E', value: 'anh@lamdong.gov.vn' }] as const;
  const plan = issuer.plan('individual', { service: 'issue', request: await soft.request(), subject });
  return (await issuer.issue(plan)).serialNumber;
}

const take = async ({ bundle, fingerprint }: NextBundle): Promise<void> => {
  await activate(soft.node, soft.journal, bundle, fingerprint);
};

/** The same bundle with other parts. */
function withParts({ bundle, fingerprint }: NextBundle, parts: Partial<BundleParts>): NextBundle {
  const texts = Object.entries(parts).map(([part, bytes]) => [part, Buffer.from(bytes).toString('base64')]);
  const whole = {
    ...(JSON.parse(bundle.toString('utf8')) as object),
    ...Object.fromEntries(texts),
  } as object;
  return { bundle: payloadOf(whole), fingerprint };
}

/** Nothing more is issued; what stands is revoked, and told of. */
async function expectStopped(serialNumber: string, published: string, crl: Buffer): Promise<void> {
  expect(readFileSync(join(soft.directory, 'published', published))).toEqual(crl);
  await expectCode(issue(), NodeError, 'CA_CERTIFICATE_REVOKED');
  expect(await nodeStatus(soft.node)).toMatchObject({ caCertificate: { revokedAt: NOW.toISOString() } });
  await revoke(soft.journal, { serialNumber, reason: 'superseded', by: { kind: 'local', request: 'r' } });
  expect((await publishCrls(soft.node, soft.journal)).at(-1)).toMatchObject({ entries: 1 });
  await ensureResponderCertificate(soft.node, soft.journal, await soft.node.delegation());
  const responder = await OcspResponder.open(soft.node, soft.journal);
  const { caCertificate } = await soft.node.delegation();
  expect((await responder.respond(ocspRequestFor(caCertificate, serialNumber))).der.length).toBeGreaterThan(
    100,
  );
  await republish(soft.node);
  await verifyNode(soft.node);
}

test('by the root, in the CRL of a reply', async () => {
  const serialNumber = await issue();
  expect(await nodeStatus(soft.node)).toMatchObject({ caCertificate: { revokedAt: null } });
  const rootCrl = await rootCrlOf(soft.world, { entries: await listed(), crlNumber: 8 });
  await acceptDocuments(soft.node, soft.journal, { grants: [], rootCrl });
  await expectStopped(serialNumber, 'root.crl', rootCrl);
});

describe('under an external root', () => {
  let external: SoftCa;
  let next: NextBundle;

  const crlOf = (entries: readonly CrlEntry[] = [], thisUpdate = NOW): Promise<Buffer> =>
    rootCrlOf(soft.world, { issuer: OTHER_ROOT, signer: external.signer, entries, thisUpdate });

  const naming = (version: number, previous: string, ...roots: readonly SoftCa[]): Promise<Buffer> => {
    const externalRoots = roots.map(({ certificate }) => certificate.der.toString('base64'));
    return sealTrust(soft.world, trustOf(soft.world, { version, previous, externalRoots }));
  };

  beforeEach(async () => {
    external = await softRootNamed(OTHER_ROOT, 'p-256');
    const trustStatement = await naming(2, soft.world.trust.sha256, external);
    const parts = { trustStatement, externalRootCrl: await crlOf() };
    next = await soft.nextBundle({ root: external, parts });
  });

  test('which revokes it, in the bundle that comes again', async () => {
    await take(next);
    const serialNumber = await issue();
    soft.now = LATER;
    const externalRootCrl = await crlOf(await listed(), LATER);
    await take(withParts(next, { externalRootCrl }));
    await expectStopped(serialNumber, 'issuer-e2.crl', externalRootCrl);
    // What was said before does not come back.
    await take(next);
    await expectCode(issue(), NodeError, 'CA_CERTIFICATE_REVOKED');
  });

  test('it is not taken when it is revoked, in the bundle or in a newer CRL that is held', async () => {
    const own = await soft.nextBundle();
    const { caCertificate } = JSON.parse(own.bundle.toString('utf8')) as { caCertificate: string };
    const { serialNumber } = readCertificate(Buffer.from(caCertificate, 'base64'), 'CA').tbs;
    const entries = [{ serialNumber, revocationDate: NOW }];
    const rootCrl = await rootCrlOf(soft.world, { entries, crlNumber: 8 });
    await expectCode(take(withParts(own, { rootCrl })), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
    await acceptDocuments(soft.node, soft.journal, { grants: [], rootCrl });
    await expectCode(take(own), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
    expect((await soft.node.delegation()).epoch).toBe(1);
  });

  test('it is not taken when a newer trust statement, which is held, names that root no more', async () => {
    const named = await naming(2, soft.world.trust.sha256, external);
    const accept = (trustStatement: Buffer): Promise<void> =>
      acceptTrustStatements(soft.node, [trustStatement]);
    await accept(named);
    await accept(await naming(3, (await soft.node.delegation()).trust.sha256));
    await expectCode(take(next), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
    expect((await soft.node.delegation()).epoch).toBe(1);
  });
});
