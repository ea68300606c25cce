/** Trust statements: who may sign them, their form, their sequence and their end. */
import { createPrivateKey, sign } from 'node:crypto';
import {
  DelegationError,
  GRANT_PAYLOAD_TYPE,
  openTrustStatement,
  operatorKeys,
  TRUST_PAYLOAD_TYPE,
  type SignedDocument,
  type TrustStatement,
} from '../../src/delegation';
import { EnvelopeError, sealEnvelope } from '../../src/envelope';
import { sha256Hex } from '../../src/signer';
import { DAY, makeWorld, NOW, sealTrust, trustOf, type World } from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { softRoot } from '../support/softCa';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});

function open(
  envelope: Buffer,
  now = NOW,
  current?: SignedDocument<TrustStatement>,
): SignedDocument<TrustStatement> {
  return openTrustStatement(envelope, world.root.certificate, now, current);
}

async function openChanged(changes: object): Promise<SignedDocument<TrustStatement>> {
  return open(await sealTrust(world, { ...trustOf(world), ...changes }));
}

test('opens what the root signed, and keeps its bytes', async () => {
  const envelope = await sealTrust(world, trustOf(world));
  const opened = open(envelope);
  expect(opened.value).toEqual(trustOf(world));
  expect(opened.payload.toString()).toBe(JSON.stringify(trustOf(world)));
  expect(opened.sha256).toBe(sha256Hex(opened.payload));
  expect(opened.envelope.equals(envelope)).toBe(true);
  expect(operatorKeys(opened.value)).toEqual([
    { name: 'an', spki: world.operators.an.spki },
    { name: 'binh', spki: world.operators.binh.spki },
  ]);
});

describe('who signs', () => {
  test('a root that signed its certificate with RSASSA-PSS signs its statements so, and no other way', async () => {
    const pss = await makeWorld({ pss: true });
    const { certificate, signer } = pss.root;
    expect(pss.trust.value).toEqual(trustOf(pss));
    const key = createPrivateKey(signer.privateKeyPem);
    const pkcs1 = {
      ...signer,
      algorithm: 'rsa-sha256' as const,
      sign: async (message: Uint8Array) => sign('sha256', message, key),
    };
    const envelope = await sealTrust(pss, trustOf(pss), [pkcs1]);
    await expectCode(
      () => openTrustStatement(envelope, certificate, NOW),
      EnvelopeError,
      'SIGNATURE_INVALID',
    );
  });

  test('another root is refused', async () => {
    const other = await softRoot('p-256');
    await expectCode(
      async () => open(await sealTrust(world, trustOf(world), [other.signer])),
      EnvelopeError,
      'SIGNER_UNKNOWN',
    );
  });

  test('operators cannot sign it, nor stand beside the root', async () => {
    const { an } = world.operators;
    for (const signers of [[an], [world.root.signer, an]]) {
      await expectCode(
        async () => open(await sealTrust(world, trustOf(world), signers)),
        EnvelopeError,
        'SIGNER_UNKNOWN',
      );
    }
  });

  test('a statement for another certificate of the same root key is refused', async () => {
    await expectCode(
      openChanged({ rootCertificateSha256: '0'.repeat(64) }),
      DelegationError,
      'CERTIFICATE_NOT_TRUSTED',
    );
  });

  test('a document of another type under the root’s signature is refused', async () => {
    const payload = Buffer.from(JSON.stringify(trustOf(world)));
    await expectCode(
      async () => open(await sealEnvelope(GRANT_PAYLOAD_TYPE, payload, [world.root.signer])),
      EnvelopeError,
      'ENVELOPE_TYPE',
    );
  });
});

describe('form', () => {
  const [an, binh] = [{ name: 'an' }, { name: 'binh' }];
  test.each<[string, (trust: TrustStatement) => object]>([
    ['an unknown member', () => ({ extra: 1 })],
    ['a missing member', () => ({ threshold: undefined })],
    ['version 0', () => ({ version: 0 })],
    ['version 1.5', () => ({ version: 1.5 })],
    ['a first version that names one before', () => ({ previous: '0'.repeat(64) })],
    ['a later version that names none', () => ({ version: 2 })],
    ['a threshold of nobody', () => ({ threshold: 0 })],
    ['a threshold above the number of operators', () => ({ threshold: 3 })],
    ['no operators', () => ({ operators: [], threshold: 1 })],
    ['one name twice', (t) => ({ operators: t.operators.map((one) => ({ ...one, ...an })) })],
    ['one key twice', (t) => ({ operators: [an, binh].map((one) => ({ ...t.operators[0], ...one })) })],
    [
      'a name in capitals',
      (t) => ({ operators: t.operators.map((one) => ({ ...one, name: 'AN' })), threshold: 1 }),
    ],
    ['a time without milliseconds', () => ({ validUntil: '2027-03-02T03:00:00Z' })],
    ['a time in another zone', () => ({ validUntil: '2027-03-02T03:00:00.000+07:00' })],
    ['a year of five digits', () => ({ validUntil: '+010000-01-01T00:00:00.000Z' })],
    ['a registry name with a slash', (t) => ({ registry: { ...t.registry, name: 'a/b' } })],
    [
      'a key in another spelling of base64',
      (t) => ({ registry: { ...t.registry, spki: `${t.registry.spki}\n` } }),
    ],
  ])('%s is refused', async (_, change) => {
    await expectCode(openChanged(change(trustOf(world))), DelegationError, 'DOCUMENT_MALFORMED');
  });

  test('white space is refused though the root signed it', async () => {
    const payload = Buffer.from(`${JSON.stringify(trustOf(world))}\n`);
    await expectCode(
      async () => open(await sealEnvelope(TRUST_PAYLOAD_TYPE, payload, [world.root.signer])),
      DelegationError,
      'DOCUMENT_MALFORMED',
    );
  });
});

describe('end', () => {
  const validUntil = NOW.toISOString();
  test('a statement is good until the moment it names, and not in it', async () => {
    const envelope = await sealTrust(world, trustOf(world, { validUntil }));
    expect(open(envelope, new Date(NOW.getTime() - 1)).value.validUntil).toBe(validUntil);
    const error = await expectCode(() => open(envelope, NOW), DelegationError, 'TRUST_EXPIRED');
    expect(error.params).toEqual({ version: 1, validUntil });
    expect(error.category).toBe('refused');
  });
});

describe('sequence', () => {
  const next = (changes: Partial<TrustStatement> = {}): TrustStatement =>
    trustOf(world, { version: 2, previous: world.trust.sha256, threshold: 1, ...changes });

  test('the next version that names the one in force follows', async () => {
    const second = open(await sealTrust(world, next()), NOW, world.trust);
    const third = next({ version: 3, previous: second.sha256 });
    expect(open(await sealTrust(world, third), NOW, second).value).toEqual(third);
  });

  test.each<[string, () => TrustStatement, number]>([
    ['the same version again', () => world.trust.value, 1],
    ['another first version', () => trustOf(world, { threshold: 1 }), 1],
    ['a version left out', () => next({ version: 3 }), 3],
    ['the next version of another statement', () => next({ previous: '0'.repeat(64) }), 2],
  ])('%s does not', async (_, statement, found) => {
    const envelope = await sealTrust(world, statement());
    const error = await expectCode(() => open(envelope, NOW, world.trust), DelegationError, 'TRUST_SEQUENCE');
    expect(error.params).toEqual({ found, expected: 2 });
  });

  test('an older version does not come back', async () => {
    const second = open(await sealTrust(world, next()), NOW, world.trust);
    await expectCode(() => open(world.trust.envelope, NOW, second), DelegationError, 'TRUST_SEQUENCE');
  });

  test('without one in force, any version may be the first to be seen', async () => {
    expect(open(await sealTrust(world, next({ version: 9 }))).value.version).toBe(9);
  });

  test('a next version past its end is refused', async () => {
    const envelope = await sealTrust(
      world,
      next({ validUntil: new Date(NOW.getTime() - DAY).toISOString() }),
    );
    await expectCode(() => open(envelope, NOW, world.trust), DelegationError, 'TRUST_EXPIRED');
  });
});

test('no octet of a statement can change unnoticed', () => {
  expect(unnoticedFlips(world.trust.envelope, (changed) => open(changed))).toEqual([]);
});
