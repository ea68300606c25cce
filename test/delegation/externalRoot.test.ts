/** External roots: a bundle whose CA certificate one of them issued, and each way in which it may not be taken. */
import {
  checkExternalRoot,
  DelegationError,
  externalRootsOf,
  issuerOf,
  openBundle,
  openTrustStatement,
  type BundleParts,
  type OpenedBundle,
} from '../../src/delegation';
import {
  basicConstraints,
  keyUsage,
  ocspNoCheck,
  X509Error,
  type Certificate,
  type CrlEntry,
} from '../../src/x509';
import {
  bundleOf,
  DAY,
  identityOf,
  makeWorld,
  NOW,
  rootCrlOf,
  sealTrust,
  trustOf,
  type World,
} from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { issueSoft, NOT_AFTER, NOT_BEFORE, SUB_CA_NAME } from '../support/softCa';
import { softSigner, type SoftSigner } from '../support/softSigner';

const OTHER_ROOT = [
  { type: 'C', value: 'VN' },
  { type: 'CN', value: 'CA gốc ở hệ thống khác' },
] as const;
const CA_OF_ANY_LENGTH = basicConstraints({ ca: true });
const CA_USAGE = keyUsage(['keyCertSign', 'cRLSign']);

let world: World;
let signer: SoftSigner;
let external: Certificate;
let caCertificate: Certificate;
beforeAll(async () => {
  world = await makeWorld();
  signer = softSigner('p-384');
  external = await selfIssued([CA_OF_ANY_LENGTH, CA_USAGE]);
  caCertificate = await issueSoft({
    issuer: OTHER_ROOT,
    signer,
    subject: SUB_CA_NAME,
    spki: world.subCa.signer.spki,
    extensions: [basicConstraints({ ca: true, pathLength: 0 }), CA_USAGE],
  });
});

function selfIssued(extensions: readonly Buffer[], by = signer): Promise<Certificate> {
  return issueSoft({ issuer: OTHER_ROOT, signer: by, subject: OTHER_ROOT, spki: signer.spki, extensions });
}

const crlOf = (entries: readonly CrlEntry[] = [], by = signer): Promise<Buffer> =>
  rootCrlOf(world, { entries, issuer: OTHER_ROOT, signer: by });

const naming = (...roots: readonly Certificate[]): Promise<Buffer> =>
  sealTrust(world, trustOf(world, { externalRoots: roots.map(({ der }) => der.toString('base64')) }));

async function open(parts: Partial<BundleParts> = {}, now = NOW): Promise<OpenedBundle> {
  const bundle = await bundleOf(world, {
    trustStatement: await naming(external),
    caCertificate: caCertificate.der,
    externalRootCrl: await crlOf(),
    ...parts,
  });
  return openBundle(bundle, world.root.certificate.sha256, identityOf(world), now);
}

describe('the bundle', () => {
  test('opens from the fingerprint of the root', async () => {
    const { root, issuer, issuerCrl } = await open();
    expect([root.sha256, issuer.sha256]).toEqual([world.root.certificate.sha256, external.sha256]);
    expect(issuerCrl?.crlNumber).toBe(7n);
  });

  test('of the root itself has no other issuer', async () => {
    const bundle = await bundleOf(world, { trustStatement: await naming(external) });
    const opened = openBundle(bundle, world.root.certificate.sha256, identityOf(world), NOW);
    expect([opened.issuer, opened.issuerCrl]).toEqual([opened.root, undefined]);
  });

  test('with an external root that the statement does not name', async () => {
    await expectCode(open({ trustStatement: await naming() }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
    const twin = await issueSoft({
      issuer: OTHER_ROOT,
      signer: softSigner('p-384'),
      subject: SUB_CA_NAME,
      spki: world.subCa.signer.spki,
      extensions: [basicConstraints({ ca: true, pathLength: 0 }), CA_USAGE],
    });
    await expectCode(open({ caCertificate: twin.der }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
  });

  test('without its CRL, or with one where no external root is the issuer', async () => {
    const bundle = await bundleOf(world, {
      trustStatement: await naming(external),
      caCertificate: caCertificate.der,
    });
    const fingerprint = world.root.certificate.sha256;
    await expectCode(
      () => openBundle(bundle, fingerprint, identityOf(world), NOW),
      DelegationError,
      'DOCUMENT_MALFORMED',
    );
    const own = open({ caCertificate: world.subCa.certificate.der });
    await expectCode(own, DelegationError, 'DOCUMENT_MALFORMED');
    await expectCode(open({ externalRootCrl: Buffer.of(0) }), X509Error, 'CRL_MALFORMED');
  });

  test.each<[what: string, where: string, parts: () => Promise<Partial<BundleParts>>]>([
    [
      'a CRL by another key',
      'crl.signature',
      async () => ({ externalRootCrl: await crlOf([], softSigner('p-384')) }),
    ],
    ['the CRL of the root', 'crl.signature', async () => ({ externalRootCrl: await rootCrlOf(world) })],
    [
      'a CRL that lists it',
      'crl.revokedCertificates',
      async () => ({
        externalRootCrl: await crlOf([{ serialNumber: caCertificate.tbs.serialNumber, revocationDate: NOW }]),
      }),
    ],
  ])('with %s', async (_, where, parts) => {
    expect(await placesTold(open(await parts()))).toEqual([where]);
  });

  test('with a CRL that is not of now', async () => {
    expect(await placesTold(open({}, new Date(NOW.getTime() + 30 * DAY)))).toEqual(['crl.nextUpdate']);
    expect(await placesTold(open({}, new Date(NOW.getTime() - 1)))).toEqual(['crl.thisUpdate']);
  });

  async function placesTold(opening: Promise<OpenedBundle>): Promise<readonly string[]> {
    const { problems } = await expectCode(opening, DelegationError, 'CERTIFICATE_NOT_TRUSTED');
    return problems.map(({ where }) => where);
  }
});

describe('an external root', () => {
  const placesOf = async (extensions: readonly Buffer[], by?: SoftSigner): Promise<readonly string[]> =>
    checkExternalRoot(await selfIssued(extensions, by), NOW).map(({ where }) => where);

  test('is a CA that signs certificates and CRLs', async () => {
    expect(await placesOf([CA_OF_ANY_LENGTH, CA_USAGE])).toEqual([]);
    expect(await placesOf([basicConstraints({ ca: true, pathLength: 1 }), CA_USAGE])).toEqual([]);
    expect(await placesOf([basicConstraints({ ca: true, pathLength: 0 }), CA_USAGE])).toEqual([
      'basicConstraints',
    ]);
    expect(await placesOf([CA_USAGE])).toEqual(['basicConstraints']);
    expect(await placesOf([CA_OF_ANY_LENGTH, keyUsage(['keyCertSign'])])).toEqual(['keyUsage']);
    expect(await placesOf([CA_OF_ANY_LENGTH])).toEqual(['keyUsage']);
    expect(await placesOf([CA_OF_ANY_LENGTH, CA_USAGE], softSigner('p-384'))).toEqual(['issuer']);
  });

  test('is valid, and self-issued', () => {
    expect(checkExternalRoot(external, new Date(NOT_BEFORE.getTime() - 1))).toHaveLength(1);
    expect(checkExternalRoot(external, NOT_AFTER)).toHaveLength(1);
    const places = checkExternalRoot(caCertificate, NOW).map(({ where }) => where);
    expect(places).toEqual(['issuer', 'basicConstraints']);
  });

  test('demands nothing that is not understood', async () => {
    const unknown = Buffer.from('300d06042a0304050101ff04020500', 'hex');
    expect(await placesOf([CA_OF_ANY_LENGTH, CA_USAGE, unknown])).toEqual(['extensions']);
    expect(await placesOf([CA_OF_ANY_LENGTH, CA_USAGE, ocspNoCheck()])).toEqual([]);
  });
});

describe('the trust statement', () => {
  test('names each once, and is found again by what it issued', async () => {
    const { value } = openTrustStatement(await naming(external), world.root.certificate, NOW);
    expect(externalRootsOf(value).map(({ sha256 }) => sha256)).toEqual([external.sha256]);
    expect(issuerOf(caCertificate, world.root.certificate, [value])?.sha256).toBe(external.sha256);
    expect(issuerOf(caCertificate, world.root.certificate, [])).toBeUndefined();
    const twice = await naming(external, external);
    await expectCode(
      () => openTrustStatement(twice, world.root.certificate, NOW),
      DelegationError,
      'DOCUMENT_MALFORMED',
    );
  });
});
