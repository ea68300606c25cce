/** Proofs as node and root make them: for a certificate of each CA key, against the head that the root has confirmed. */
import { listRecords, NodeError, proveCertificate } from '../../src/node';
import { caRole } from '../../src/node/node';
import { openProof } from '../../src/proof';
import { inspectCertificate, proveInspected } from '../../src/root';
import { readCertificate, verifyIssuedBy, type Certificate } from '../../src/x509';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { twinOf } from '../support/twin';
import { verifyProof } from '../support/verifyProof';

let soft: SoftNode;
let root: GrantingRoot;
let fingerprint: string;

beforeAll(async () => {
  soft = await SoftNode.activated();
  root = await GrantingRoot.of(soft);
  fingerprint = soft.world.root.certificate.sha256;
});

afterAll(async () => {
  await root.remove();
  await soft.remove();
});

const issue = async (): Promise<Certificate> => readCertificate((await soft.issue()).der, 'issued');

/** Both parties' proofs of it, checked by the program and by the script. */
async function expectProven(certificate: Certificate, size: number, epoch: number): Promise<void> {
  const { bytes } = await proveCertificate(soft.node, certificate.tbs.serialNumber);
  const statements = await root.root.trustStatements();
  const expected = { fingerprint, statements, certificate };
  const proven = openProof(bytes, expected);
  expect(proven).toMatchObject({ size, origin: `registry.ca.gov.vn/lam-dong/e${epoch}` });
  expect(verifyProof(bytes, fingerprint)).toMatchObject({ status: 0 });
  const inspection = await inspectCertificate(root.root, certificate);
  expect(inspection).toMatchObject({ verdict: 'recorded', index: proven.index });
  const made = await proveInspected(root.root, inspection.proof!);
  const own = openProof(made, expected);
  expect(own).toMatchObject({ index: proven.index, origin: proven.origin, size: inspection.proof!.size });
  expect(verifyProof(made, fingerprint)).toMatchObject({ status: 0 });
}

test('a certificate is proved once the root has confirmed it, also under a CA key that was succeeded', async () => {
  const first = await issue();
  const { serialNumber } = first.tbs;
  const refusal = await expectCode(proveCertificate(soft.node, serialNumber), NodeError, 'NOT_CONFIRMED');
  expect(refusal).toMatchObject({ category: 'unavailable', params: { serialNumber } });
  expect(await inspectCertificate(root.root, first)).toMatchObject({ verdict: 'not-synced' });
  const { receipts } = await root.sync();
  await issue();
  await expectProven(first, receipts[0]!.size, 1);
  await root.sync();
  // The first head that covers it says best since when the root has known.
  await expectProven(first, receipts[0]!.size, 1);

  soft.now = new Date(soft.now.getTime() + 3_600_000);
  await soft.rollOver();
  await root.meet();
  const second = await issue();
  const after = await root.sync();
  await expectProven(first, receipts[0]!.size, 1);
  await expectProven(second, after.receipts[1]!.size, 2);
});

test('a node is not accused for a twin of an ECDSA signature, which anybody can make', async () => {
  const certificate = await issue();
  await root.sync();
  const twin = twinOf(certificate);
  const { caCertificate } = await soft.node.delegation();
  expect([twin.der.equals(certificate.der), verifyIssuedBy(twin, caCertificate)]).toEqual([false, true]);
  const inspection = await inspectCertificate(root.root, twin);
  expect(inspection).toMatchObject({ verdict: 'recorded', status: 'issued' });
  const proof = await proveInspected(root.root, inspection.proof!);
  const statements = await root.root.trustStatements();
  const proven = openProof(proof, { fingerprint, statements, certificate: twin });
  expect(proven.certificate.der.equals(certificate.der)).toBe(true);
  expect(verifyProof(proof, fingerprint)).toMatchObject({ status: 0 });

  const ca = twinOf(caCertificate);
  expect(await inspectCertificate(root.root, ca)).toEqual(await inspectCertificate(root.root, caCertificate));
});

test('what was never signed, or never here, has no proof', async () => {
  const { world, signers } = soft;
  const role = caRole((await soft.node.delegation()).epoch);
  signers[role] = { ...soft.signerOf(role), sign: (message) => world.subscriber.sign(message) };
  await expectCode(issue(), NodeError, 'SIGNATURE_WRONG');
  const [abandoned] = await listRecords(soft.node, { status: 'abandoned', limit: 1 });
  const { serialNumber } = abandoned!;
  await expectCode(proveCertificate(soft.node, serialNumber), NodeError, 'NEVER_ISSUED');
  const unknown = serialNumber.replace(/^../, '07');
  await expectCode(proveCertificate(soft.node, unknown), NodeError, 'CERTIFICATE_UNKNOWN');
});
