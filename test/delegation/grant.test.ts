/** Grants: who must sign them, their form, their sequence and their end. */
import {
  checkGrantIsNext,
  DelegationError,
  GRANT_PAYLOAD_TYPE,
  openGrant,
  parseGrant,
  payloadOf,
  TRUST_PAYLOAD_TYPE,
  type Grant,
  type ProfileScope,
  type SignedDocument,
} from '../../src/delegation';
import { EnvelopeError, sealEnvelope } from '../../src/envelope';
import {
  DAY,
  documentOf,
  grantOf,
  INDIVIDUAL,
  makeWorld,
  NOW,
  sealGrant,
  trustOf,
  type World,
} from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { softSigner, type SoftSigner } from '../support/softSigner';

let world: World;
let an: SoftSigner;
let binh: SoftSigner;
beforeAll(async () => {
  world = await makeWorld();
  ({ an, binh } = world.operators);
});

function open(envelope: Buffer): SignedDocument<Grant> {
  return openGrant(envelope, world.trust.value);
}

test('opens what two operators signed, in any order, and keeps its bytes', async () => {
  for (const signers of [
    [an, binh],
    [binh, an],
  ]) {
    const envelope = await sealGrant(world, grantOf(world), signers);
    const opened = open(envelope);
    expect(opened.value).toEqual(grantOf(world));
    expect(opened.payload.equals(payloadOf(grantOf(world)))).toBe(true);
    expect(opened.sha256).toBe(documentOf(grantOf(world)).sha256);
    expect(opened.envelope.equals(envelope)).toBe(true);
    expect(parseGrant(opened.payload)).toEqual(opened.value);
  }
});

describe('who signs', () => {
  test('one operator of two is not enough', async () => {
    for (const signer of [an, binh]) {
      const error = await expectCode(
        async () => open(await sealGrant(world, grantOf(world), [signer])),
        EnvelopeError,
        'THRESHOLD_NOT_MET',
      );
      expect(error.params).toEqual({ what: 'grant', got: 1, needed: 2 });
    }
  });

  test('one operator who signs twice is not enough', async () => {
    interface Json {
      signatures: unknown[];
    }
    const [first, second] = await Promise.all(
      [1, 2].map(async () => JSON.parse((await sealGrant(world, grantOf(world), [an])).toString()) as Json),
    );
    const signatures = [first, second].flatMap((json) => json?.signatures ?? []);
    const twice = Buffer.from(JSON.stringify({ ...first, signatures }));
    expect(signatures).toHaveLength(2);
    await expectCode(() => open(twice), EnvelopeError, 'THRESHOLD_NOT_MET');
  });

  test.each<[string, () => SoftSigner]>([
    ['a stranger', () => softSigner('p-256')],
    ['the root CA', () => world.root.signer],
    ['the registry', () => world.registry],
    ['the node', () => world.journal],
  ])('%s cannot sign, not even beside both operators', async (_, signer) => {
    for (const signers of [
      [an, signer()],
      [an, binh, signer()],
    ]) {
      await expectCode(
        async () => open(await sealGrant(world, grantOf(world), signers)),
        EnvelopeError,
        'SIGNER_UNKNOWN',
      );
    }
  });

  test('an operator of an earlier statement cannot sign', async () => {
    const { operators } = trustOf(world);
    const trust = trustOf(world, { operators: operators.slice(0, 1), threshold: 1 });
    const envelope = await sealGrant(world, grantOf(world), [an, binh]);
    await expectCode(() => openGrant(envelope, trust), EnvelopeError, 'SIGNER_UNKNOWN');
    expect(openGrant(await sealGrant(world, grantOf(world), [an]), trust).value.version).toBe(1);
  });

  test('a document of another type under both signatures is no grant', async () => {
    const envelope = await sealEnvelope(TRUST_PAYLOAD_TYPE, payloadOf(grantOf(world)), [an, binh]);
    await expectCode(() => open(envelope), EnvelopeError, 'ENVELOPE_TYPE');
  });
});

const profiles = (...changes: readonly object[]): object => ({
  scope: { profiles: changes.map((change) => ({ ...INDIVIDUAL, ...change })) },
});
const [firstPlace] = INDIVIDUAL.subject;
const blocks = (...excluded: readonly string[]): object =>
  profiles({ ip: { permitted: ['10.0.0.0/8'], excluded } });
const domains = (...permitted: readonly string[]): object => profiles({ dns: { permitted, excluded: [] } });
const quota = (changes: object): ((grant: Grant) => object) => {
  return ({ limits }) => ({ limits: { ...limits, quota: { ...limits.quota, ...changes } } });
};

describe('form', () => {
  test.each<[string, (grant: Grant) => object]>([
    ['a block of one address', () => blocks('10.0.0.1/32')],
    ['a block of every address', () => blocks('0.0.0.0/0', '::/0')],
    ['a host, a domain, a name in punycode', () => domains('a.vn', '.a.vn', 'xn--d1acufc.a.vn')],
    ['a quota of nothing', quota({ total: 0, perDay: 0, perProfile: {} })],
    ['a later version that names the one before', () => ({ version: 2, previous: '0'.repeat(64) })],
    ['no services', () => ({ services: [] })],
  ])('%s is taken', async (_, change) => {
    const grant = { ...grantOf(world), ...change(grantOf(world)) };
    expect(open(await sealGrant(world, grant)).value).toEqual(grant);
  });

  test.each<[string, (grant: Grant) => object]>([
    ['an unknown member', () => ({ extra: 1 })],
    ['an unknown member of a profile', () => profiles({ ca: true })],
    ['a missing member', () => ({ urls: undefined })],
    ['version 0', () => ({ version: 0, previous: '0'.repeat(64) })],
    ['a first version that names one before', () => ({ previous: '0'.repeat(64) })],
    ['a later version that names none', () => ({ version: 2 })],
    ['an unknown service', () => ({ services: ['issue', 'everything'] })],
    ['no profile', () => profiles()],
    ['a profile twice, of which only one could be meant', () => profiles({}, { maxValidityDays: 1 })],
    ['an unknown attribute', () => profiles({ subject: [{ ...firstPlace, type: 'DC' }] })],
    ['an attribute at two places', () => profiles({ subject: [firstPlace, firstPlace] })],
    ['more at least than at most', () => profiles({ subject: [{ ...firstPlace, min: 2, max: 1 }] })],
    ['a list of no values', () => profiles({ subject: [{ ...firstPlace, values: [] }] })],
    ['no key usage', () => profiles({ keyUsage: [] })],
    ['no key algorithm', () => profiles({ keyAlgorithms: [] })],
    ['an unknown key algorithm', () => profiles({ keyAlgorithms: ['rsa-1024'] })],
    ['an unknown extended key usage', () => profiles({ extendedKeyUsage: ['codeSigning'] })],
    ['a policy that is no OID', () => profiles({ policies: ['any'] })],
    ['more than five years', () => profiles({ maxValidityDays: 1828 })],
    ['a block longer than an address, which would exclude nothing', () => blocks('10.0.0.0/33')],
    ['a block that is no address', () => blocks('999.0.0.0/8')],
    ['an address without a length', () => blocks('10.0.0.1')],
    ['a domain in capitals', () => domains('A.vn')],
    ['a domain with a wildcard', () => domains('*.a.vn')],
    ['a domain with a dot at its end', () => domains('a.vn.')],
    ['a top-level domain', () => domains('vn')],
    ['every domain', () => domains('.')],
    ['a quota below nothing', quota({ total: -1 })],
    ['half a certificate a day', quota({ perDay: 0.5 })],
    ['a number of the profile __proto__', quota(JSON.parse('{"perProfile":{"__proto__":5}}') as object)],
    ['a URL of another scheme', ({ urls }) => ({ urls: { ...urls, crl: ['ldap://a.vn/crl'] } })],
    ['a URL over two lines', ({ urls }) => ({ urls: { ...urls, crl: ['http://a.vn/\ncrl'] } })],
    ['a URL with blanks around it', ({ urls }) => ({ urls: { ...urls, crl: [' http://a.vn/crl '] } })],
    ['a URL that is none', ({ urls }) => ({ urls: { ...urls, crl: ['http://[a]/crl'] } })],
    ['a URL in Vietnamese', ({ urls }) => ({ urls: { ...urls, crl: ['http://a.vn/thu-hồi'] } })],
    ['epoch 0', ({ keys }) => ({ keys: { ...keys, epoch: 0 } })],
    ['epoch 128', ({ keys }) => ({ keys: { ...keys, epoch: 128 } })],
    [
      'an unknown signature algorithm',
      ({ keys }) => ({ keys: { ...keys, caSignature: 'rsa-sha1' as 'rsa-sha256' } }),
    ],
    ['a digest in capitals', ({ keys }) => ({ keys: { ...keys, caSpkiSha256: 'A'.repeat(64) } })],
    ['half a letter', ({ organisation }) => ({ organisation: { ...organisation, name: '\ud800' } })],
    [
      'a year of five digits',
      ({ limits }) => ({ limits: { ...limits, notAfter: '+010000-01-01T00:00:00.000Z' } }),
    ],
  ])('%s is refused', async (_, change) => {
    const grant = { ...grantOf(world), ...change(grantOf(world)) };
    await expectCode(async () => open(await sealGrant(world, grant)), DelegationError, 'DOCUMENT_MALFORMED');
    await expectCode(() => parseGrant(payloadOf(grant)), DelegationError, 'DOCUMENT_MALFORMED');
  });

  test('a second spelling is refused though both operators signed it', async () => {
    const text = JSON.stringify(grantOf(world));
    const spellings = [
      ` ${text}`,
      `${text}\n`,
      text.replace('"version":1', '"version":1.0'),
      text.replace('"version":1', '"version":2,"version":1'),
      text.replace('"version"', '"\\u0076ersion"'),
      `\ufeff${text}`,
    ];
    for (const spelling of spellings) {
      expect(spelling).not.toBe(text);
      const envelope = await sealEnvelope(GRANT_PAYLOAD_TYPE, Buffer.from(spelling), [an, binh]);
      await expectCode(() => open(envelope), DelegationError, 'DOCUMENT_MALFORMED');
    }
  });
});

describe('sequence', () => {
  const first = (): SignedDocument<Grant> => documentOf(grantOf(world));
  const next = (changes: Partial<Grant> = {}): SignedDocument<Grant> =>
    documentOf(grantOf(world, { version: 2, previous: first().sha256, services: [], ...changes }));

  test('the next version that names the one in force follows', () => {
    expect(() => {
      checkGrantIsNext(next(), NOW, first());
      checkGrantIsNext(next({ version: 3, previous: next().sha256 }), NOW, next());
    }).not.toThrow();
  });

  test('where the CA key changes, versions of keys that were given up are left out', async () => {
    const keys = { ...first().value.keys, epoch: 3 };
    expect(() => {
      checkGrantIsNext(next({ version: 3, keys }), NOW, first());
    }).not.toThrow();
    const others = [next({ version: 3, keys, previous: next().sha256 }), next({ version: 1, keys })];
    for (const other of others)
      await expectCode(
        () => {
          checkGrantIsNext(other, NOW, first());
        },
        DelegationError,
        'GRANT_SEQUENCE',
      );
  });

  test('without one in force, any version may be the first to be seen', () => {
    expect(() => {
      checkGrantIsNext(first(), NOW, undefined);
      checkGrantIsNext(next({ version: 9 }), NOW, undefined);
    }).not.toThrow();
  });

  test.each<[string, () => SignedDocument<Grant>, () => SignedDocument<Grant>, number, number]>([
    ['the same version again', first, first, 1, 2],
    ['another first version', () => documentOf(grantOf(world, { services: [] })), first, 1, 2],
    ['an older version', first, next, 1, 3],
    ['a version left out', () => next({ version: 3 }), first, 3, 2],
    ['the next version of another text', () => next({ previous: '0'.repeat(64) }), first, 2, 2],
    ['the next version of another grant', () => next({ grantId: 'g-2' }), first, 2, 2],
  ])('%s does not', async (_, candidate, current, found, expected) => {
    const error = await expectCode(
      () => {
        checkGrantIsNext(candidate(), NOW, current());
      },
      DelegationError,
      'GRANT_SEQUENCE',
    );
    expect(error.params).toEqual({ found, expected });
  });
});

describe('end', () => {
  const ending = (notAfter: Date): SignedDocument<Grant> => {
    const { limits } = grantOf(world);
    return documentOf(grantOf(world, { limits: { ...limits, notAfter: notAfter.toISOString() } }));
  };

  test('a grant may be taken until the moment it ends, and not in it', async () => {
    expect(() => {
      checkGrantIsNext(ending(new Date(NOW.getTime() + 1)), NOW, undefined);
    }).not.toThrow();
    for (const notAfter of [NOW, new Date(NOW.getTime() - DAY)]) {
      const error = await expectCode(
        () => {
          checkGrantIsNext(ending(notAfter), NOW, undefined);
        },
        DelegationError,
        'GRANT_EXPIRED',
      );
      expect(error.params).toEqual({ version: 1, notAfter: notAfter.toISOString() });
    }
  });
});

test('no octet of a grant can change unnoticed', async () => {
  const scope: { profiles: ProfileScope[] } = { profiles: [INDIVIDUAL] };
  const envelope = await sealGrant(world, grantOf(world, { scope }));
  expect(unnoticedFlips(envelope, open, 5)).toEqual([]);
});
