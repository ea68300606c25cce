/** The grant bundle: from a typed fingerprint to everything a node needs, and each way in which a part may not fit. */
import {
  checkCaCertificate,
  checkGrantIsFor,
  DelegationError,
  openBundle,
  type BundleParts,
  type Grant,
  type NodeIdentity,
  type OpenedBundle,
  type TrustStatement,
} from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import { basicConstraints, keyUsage, X509Error, type Certificate, type KeyUsage } from '../../src/x509';
import {
  bundleOf,
  DAY,
  grantOf,
  identityOf,
  INDIVIDUAL,
  makeWorld,
  NOW,
  rootCrlOf,
  sealGrant,
  sealTrust,
  trustOf,
  type World,
} from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { issueSoft, NOT_AFTER, NOT_BEFORE, ROOT_NAME, softRoot, SUB_CA_NAME } from '../support/softCa';
import { softSigner, type SoftSigner } from '../support/softSigner';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});

function open(bundle: Buffer, node: Partial<NodeIdentity> = {}, now = NOW): OpenedBundle {
  return openBundle(bundle, world.root.certificate.sha256, { ...identityOf(world), ...node }, now);
}

async function openWith(parts: Partial<BundleParts>, now = NOW): Promise<OpenedBundle> {
  return open(await bundleOf(world, parts), {}, now);
}

const grant = (changes: Partial<Grant>, signers?: readonly SoftSigner[]): Promise<Buffer> =>
  sealGrant(world, grantOf(world, changes), signers);
const trust = (changes: Partial<TrustStatement>): Promise<Buffer> =>
  sealTrust(world, trustOf(world, changes));

interface CaChanges {
  readonly usages?: readonly KeyUsage[];
  readonly constraints?: Buffer;
  readonly issuer?: SoftSigner;
  readonly spki?: Buffer;
  readonly issuerName?: typeof ROOT_NAME;
}

/** A certificate for the sub-CA's key, as the root would not make it. */
function caCertificate({
  usages = ['keyCertSign', 'cRLSign'],
  constraints = basicConstraints({ ca: true, pathLength: 0 }),
  issuer = world.root.signer,
  spki = world.subCa.signer.spki,
  issuerName = ROOT_NAME,
}: CaChanges = {}): Promise<Certificate> {
  return issueSoft({
    issuer: issuerName,
    signer: issuer,
    subject: SUB_CA_NAME,
    spki,
    extensions: [constraints, ...(usages.length > 0 ? [keyUsage(usages)] : [])],
  });
}

test('opens from a fingerprint alone', async () => {
  const opened = open(await bundleOf(world));
  expect(opened.root.der.equals(world.root.certificate.der)).toBe(true);
  expect(opened.trust).toEqual(world.trust);
  expect(opened.grant.value).toEqual(grantOf(world));
  expect(opened.caCertificate.der.equals(world.subCa.certificate.der)).toBe(true);
  expect(opened.rootCrl.crlNumber).toBe(7n);
});

describe('root certificate', () => {
  test('another fingerprint', async () => {
    const other = '0'.repeat(64);
    const bundle = await bundleOf(world);
    const error = await expectCode(
      () => openBundle(bundle, other, identityOf(world), NOW),
      DelegationError,
      'FINGERPRINT_MISMATCH',
    );
    expect(error.params).toEqual({ found: world.root.certificate.sha256, expected: other });
    expect(error.category).toBe('refused');
  });

  test('a whole bundle of another root', async () => {
    const foreign = await makeWorld();
    await expectCode(async () => open(await bundleOf(foreign)), DelegationError, 'FINGERPRINT_MISMATCH');
  });

  test('another root’s certificate before our parts', async () => {
    const { certificate } = await softRoot('p-256');
    await expectCode(openWith({ rootCertificate: certificate.der }), DelegationError, 'FINGERPRINT_MISMATCH');
  });

  test('no certificate', async () => {
    await expectCode(openWith({ rootCertificate: Buffer.of(0) }), X509Error, 'CERTIFICATE_MALFORMED');
  });
});

describe('trust statement', () => {
  test('by another root', async () => {
    const other = await softRoot('p-256');
    const trustStatement = await sealTrust(world, trustOf(world), [other.signer]);
    await expectCode(openWith({ trustStatement }), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test('for another root certificate', async () => {
    const trustStatement = await trust({ rootCertificateSha256: '0'.repeat(64) });
    await expectCode(openWith({ trustStatement }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
  });

  test('past its end', async () => {
    const trustStatement = await trust({ validUntil: NOW.toISOString() });
    await expectCode(openWith({ trustStatement }), DelegationError, 'TRUST_EXPIRED');
  });

  test('of other operators than those who signed the grant', async () => {
    const operators = ['p-256', 'p-256'] as const;
    const trustStatement = await trust({
      operators: operators.map((key, at) => ({
        name: `other-${at}`,
        spki: softSigner(key).spki.toString('base64'),
      })),
    });
    await expectCode(openWith({ trustStatement }), EnvelopeError, 'SIGNER_UNKNOWN');
  });
});

describe('grant', () => {
  test('with one operator’s signature of two', async () => {
    const one = await grant({}, [world.operators.binh]);
    await expectCode(openWith({ grant: one }), EnvelopeError, 'THRESHOLD_NOT_MET');
  });

  test('past its end', async () => {
    const { limits } = grantOf(world);
    const ended = await grant({ limits: { ...limits, notAfter: NOW.toISOString() } });
    await expectCode(openWith({ grant: ended }), DelegationError, 'GRANT_EXPIRED');
  });

  test('not begun yet: it may be taken, and allows nothing before', async () => {
    const { limits } = grantOf(world);
    const later = new Date(NOW.getTime() + DAY).toISOString();
    const early = await grant({ limits: { ...limits, notBefore: later } });
    expect((await openWith({ grant: early })).grant.value.limits.notBefore).toBe(later);
  });

  test('a later version than the first', async () => {
    const later = await grant({ version: 3, previous: '0'.repeat(64) });
    expect((await openWith({ grant: later })).grant.value.version).toBe(3);
  });

  const keys = (): Grant['keys'] => grantOf(world).keys;
  const otherKey = softSigner('p-256').spki;
  test.each<[what: string, part: string, () => Partial<Grant>]>([
    ['another node', 'node', () => ({ nodeId: 'lao-cai' })],
    ['another organisation', 'organisation', () => ({ organisation: { code: 'H01', name: 'x' } })],
    ['another epoch', 'epoch', () => ({ keys: { ...keys(), epoch: 2 } })],
    ['another CA key', 'CA key', () => ({ keys: { ...keys(), caSpkiSha256: '0'.repeat(64) } })],
    [
      'another algorithm of the CA key',
      'CA signature',
      () => ({ keys: { ...keys(), caSignature: 'ecdsa-sha384' } }),
    ],
    [
      'another journal key',
      'journal key',
      () => ({ keys: { ...keys(), journalSpki: otherKey.toString('base64') } }),
    ],
  ])('for %s', async (_, what, changes) => {
    const error = await expectCode(
      openWith({ grant: await grant(changes()) }),
      DelegationError,
      'GRANT_FOR_OTHER_KEY',
    );
    expect(error.params).toMatchObject({ what });
  });

  test('read by another node', async () => {
    const bundle = await bundleOf(world);
    const others: readonly Partial<NodeIdentity>[] = [
      { nodeId: 'lao-cai' },
      { organisationCode: 'H01' },
      { epoch: 2 },
      { caSpkiSha256: '0'.repeat(64) },
      { caSignature: 'ecdsa-sha384' },
      { journalSpki: otherKey },
    ];
    for (const other of others) {
      await expectCode(() => open(bundle, other), DelegationError, 'GRANT_FOR_OTHER_KEY');
      await expectCode(
        () => {
          checkGrantIsFor(grantOf(world), { ...identityOf(world), ...other });
        },
        DelegationError,
        'GRANT_FOR_OTHER_KEY',
      );
    }
  });
});

describe('sub-CA certificate', () => {
  test('made anew for the same key is taken', async () => {
    const certificate = await caCertificate();
    expect((await openWith({ caCertificate: certificate.der })).caCertificate.sha256).toBe(
      certificate.sha256,
    );
  });

  test('for another key', async () => {
    const { der } = await caCertificate({ spki: softSigner('p-256').spki });
    await expectCode(openWith({ caCertificate: der }), DelegationError, 'GRANT_FOR_OTHER_KEY');
  });

  test.each<[string, () => CaChanges]>([
    ['not by the root', () => ({ issuer: softSigner('p-256') })],
    ['by itself', () => ({ issuer: world.subCa.signer, issuerName: SUB_CA_NAME })],
    ['by the root’s key under another name', () => ({ issuerName: SUB_CA_NAME })],
    ['path length 1', () => ({ constraints: basicConstraints({ ca: true, pathLength: 1 }) })],
    ['no path length', () => ({ constraints: basicConstraints({ ca: true }) })],
    ['no CA', () => ({ constraints: basicConstraints({ ca: false }) })],
    ['no key usage', () => ({ usages: [] })],
    ['certificates alone', () => ({ usages: ['keyCertSign'] })],
    ['CRLs alone', () => ({ usages: ['cRLSign', 'digitalSignature'] })],
  ])('%s', async (_, changes) => {
    const certificate = await caCertificate(changes());
    await expectCode(
      openWith({ caCertificate: certificate.der }),
      DelegationError,
      'CERTIFICATE_NOT_TRUSTED',
    );
  });

  test('valid from its first moment until its last', async () => {
    const check = (now: Date): void => {
      checkCaCertificate(world.subCa.certificate, world.root.certificate, grantOf(world), now);
    };
    expect(() => {
      check(NOT_BEFORE);
      check(new Date(NOT_AFTER.getTime() - 1));
    }).not.toThrow();
    for (const now of [new Date(NOT_BEFORE.getTime() - 1), NOT_AFTER]) {
      await expectCode(
        () => {
          check(now);
        },
        DelegationError,
        'CERTIFICATE_NOT_TRUSTED',
      );
    }
  });

  test('revoked by the root', async () => {
    const { serialNumber } = world.subCa.certificate.tbs;
    const entry = { serialNumber, revocationDate: NOW };
    const rootCrl = await rootCrlOf(world, { entries: [entry] });
    await expectCode(openWith({ rootCrl }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
    const other = { ...entry, serialNumber: `01${'ab'.repeat(15)}` };
    expect(
      (await openWith({ rootCrl: await rootCrlOf(world, { entries: [other] }) })).rootCrl.entries,
    ).toEqual([other]);
  });
});

describe('root CRL', () => {
  test('by another key', async () => {
    const rootCrl = await rootCrlOf(world, { signer: softSigner('p-256') });
    await expectCode(openWith({ rootCrl }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
  });

  test('in another name', async () => {
    const rootCrl = await rootCrlOf(world, { issuer: SUB_CA_NAME });
    await expectCode(openWith({ rootCrl }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
  });

  test('no CRL', async () => {
    await expectCode(openWith({ rootCrl: world.root.certificate.der }), X509Error, 'CRL_MALFORMED');
  });
});

describe('form', () => {
  test('one spelling alone is read', async () => {
    const text = (await bundleOf(world)).toString('utf8');
    const spellings = [
      '',
      '[]',
      'null',
      `${text}\n`,
      `\ufeff${text}`,
      text.replace('subca-grant-bundle', 'subca-reply'),
      text.replace('{', '{"extra":1,'),
      text.replace('"rootCrl":"', '"rootCrl":" '),
      text.replace(/,"grant":"[^"]*"/, ''),
    ];
    for (const spelling of spellings) {
      expect(spelling).not.toBe(text);
      await expectCode(() => open(Buffer.from(spelling)), DelegationError, 'DOCUMENT_MALFORMED');
    }
  });

  test('parts in each other’s places', async () => {
    await expectCode(openWith({ grant: world.trust.envelope }), EnvelopeError, 'ENVELOPE_TYPE');
    await expectCode(
      openWith({ caCertificate: world.root.certificate.der }),
      DelegationError,
      'GRANT_FOR_OTHER_KEY',
    );
  });

  test('no octet can change unnoticed', async () => {
    const small = await grant({ scope: { profiles: [INDIVIDUAL] } });
    const bundle = await bundleOf(world, { grant: small });
    expect(unnoticedFlips(bundle, (changed) => open(changed), 5)).toEqual([]);
  });
});
