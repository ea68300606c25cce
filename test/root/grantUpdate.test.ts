/** Drafting an update: what may be edited, how each change is told, and which changes take something away. */
import type { Grant } from '../../src/delegation';
import { ConfigError } from '../../src/config';
import { beyondCertificate } from '../../src/root/grantEffect';
import { differencesOf, termsOf } from '../../src/root/grantDifference';
import { editedTerms, grantYaml, type GrantEdit } from '../../src/root/grantEdit';
import { grantOf, INDIVIDUAL, makeWorld, type World } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';

let world: World;
let grant: Grant;

beforeAll(async () => {
  world = await makeWorld();
  grant = grantOf(world);
});

const edited = (...set: readonly (readonly [string, string])[]) => editedTerms(grant, { set });
const told = async (edit: GrantEdit): Promise<unknown> => {
  const { problems } = await expectCode(() => editedTerms(grant, edit), ConfigError, 'CONFIG_INVALID');
  return problems.map(({ code, where }) => [code, where]);
};

describe('a change', () => {
  // What is set, where the difference is told, and whether it narrows.
  test.each<[set: string, value: string, where: string, narrows: boolean]>([
    ['services', '[issue, renew, revoke]', 'services', true],
    ['services', '[suspend, issue, renew, revoke, change-information]', 'services', false],
    ['limits.quota.total', '9', 'limits.quota.total', true],
    ['limits.quota.total', '11', 'limits.quota.total', false],
    ['limits.quota.perProfile', '{ device: 2, individual: 5 }', 'limits.quota.perProfile.individual', true],
    ['limits.quota.perProfile', '{}', 'limits.quota.perProfile.device', false],
    ['limits.notAfter', '2026-12-31T00:00:00.000Z', 'limits.notAfter', true],
    ['limits.notAfter', '2029-12-31T00:00:00.000Z', 'limits.notAfter', false],
    ['limits.notBefore', '2026-02-28T00:00:00.000Z', 'limits.notBefore', true],
    ['limits.lease.graceDays', '364', 'limits.lease.graceDays', true],
    ['organisation.name', 'Ủy ban nhân dân tỉnh Lâm Đồng (mới)', 'organisation.name', false],
    ['publication.crl.hoursValid', '48', 'publication.crl.hoursValid', false],
    ['urls.crl', '["http://mirror.gov.vn/lamdong.crl"]', 'urls.crl', true],
    ['scope.profiles.individual.maxValidityDays', '1000', 'scope.profiles[individual].maxValidityDays', true],
    ['scope.profiles.individual.maxRenewedDays', '1096', 'scope.profiles[individual].maxRenewedDays', false],
    ['scope.profiles.individual.keyStorage', 'software', 'scope.profiles[individual].keyStorage', true],
    ['scope.profiles.individual.keyAlgorithms', '[p-256]', 'scope.profiles[individual].keyAlgorithms', true],
    [
      'scope.profiles.individual.email.excluded',
      '[test.dalat.gov.vn, x.dalat.gov.vn]',
      'scope.profiles[individual].email.excluded',
      true,
    ],
    ['scope.profiles.individual.email.excluded', '[]', 'scope.profiles[individual].email.excluded', false],
    ['scope.profiles.individual.subject.OU.max', '1', 'scope.profiles[individual].subject[OU].max', true],
    ['scope.profiles.individual.subject.OU.max', '3', 'scope.profiles[individual].subject[OU].max', false],
    ['scope.profiles.individual.subject.E.min', '1', 'scope.profiles[individual].subject[E].min', true],
    [
      'scope.profiles.individual.subject.CN.values',
      '[An]',
      'scope.profiles[individual].subject[CN].values',
      true,
    ],
    [
      'scope.profiles.individual.subject.CN.maxLength',
      '50',
      'scope.profiles[individual].subject[CN].maxLength',
      true,
    ],
  ])('of %s to %s', (path, value, where, narrows) => {
    const differences = differencesOf(grant, edited([path, value]));
    expect(differences.map((one) => [one.where, one.narrows])).toEqual([[where, narrows]]);
  });

  test('of a whole profile: taken out narrows, put in does not', () => {
    const [first, ...others] = grant.scope.profiles;
    const fewer = { ...grant, scope: { profiles: others } };
    expect(differencesOf(grant, fewer)).toMatchObject([
      { where: `scope.profiles[${first?.id ?? ''}]`, after: '—', narrows: true },
    ]);
    expect(differencesOf(fewer, grant)).toMatchObject([{ before: '—', narrows: false }]);
  });

  test('of the order of a subject narrows: it is part of what is allowed', () => {
    const subject = INDIVIDUAL.subject.toReversed();
    const scope = { profiles: [{ ...INDIVIDUAL, subject }, ...grant.scope.profiles.slice(1)] };
    expect(differencesOf(grant, { ...grant, scope }).map(({ narrows }) => narrows)).toEqual([true]);
  });

  test('of nothing is none', () => {
    expect(differencesOf(grant, termsOf(grant))).toEqual([]);
  });
});

describe('an edited file', () => {
  test('is what `grant show` prints, as YAML and as JSON', () => {
    for (const text of [grantYaml(grant), JSON.stringify(grant, null, 2)])
      expect(editedTerms(grant, { file: 'g.yaml', text })).toEqual(termsOf(grant));
  });

  test('tells everything that is wrong at once, with its lines', async () => {
    const lines = grantYaml(grant).split('\n');
    const line = (start: string): number => lines.findIndex((one) => one.trimStart().startsWith(start)) + 1;
    const text = lines
      .map((one) => one.replace('nodeId: lam-dong', 'nodeId: lao-cai').replace('version: 1', 'version: 2'))
      .map((one) => one.replace('total: 10', 'total: many').replace('code: "68"', 'code: H01'))
      .map((one) => one.replace('graceDays', 'gracedays'))
      .join('\n');
    expect(await told({ file: 'g.yaml', text })).toEqual([
      ['BAD_VALUE', `g.yaml:${line('version')} version`],
      ['BAD_VALUE', `g.yaml:${line('nodeId')} nodeId`],
      ['BAD_VALUE', `g.yaml:${line('code')} organisation.code`],
      ['BAD_VALUE', `g.yaml:${line('total')} limits.quota.total`],
      ['MISSING', `g.yaml:${line('lease')} limits.lease.graceDays`],
      ['UNKNOWN_KEY', `g.yaml:${line('graceDays')} limits.lease.gracedays`],
    ]);
  });
});

describe('what may not be edited', () => {
  test.each<[string, string]>([
    ['version', '2'],
    ['grantId', 'g-2'],
    ['keys', '{ epoch: 2 }'],
    ['organisation.code', 'H01'],
    ['effectiveFrom', '2030-01-01T00:00:00.000Z'],
  ])('%s', async (path, value) => {
    expect(JSON.stringify(await told({ set: [[path, value]] }))).toContain(path);
  });

  test('paths that lead nowhere, and values of another kind', async () => {
    const set = [
      ['limits.quoto.total', '5'],
      ['scope.profiles.nobody.maxValidityDays', '5'],
    ] as const;
    expect(await told({ set })).toEqual([
      ['UNKNOWN_KEY', 'limits.quoto.total'],
      ['UNKNOWN_KEY', 'scope.profiles.nobody.maxValidityDays'],
    ]);
    expect(await told({ set: [['limits.quota.total', 'five']] })).toEqual([
      ['BAD_VALUE', 'limits.quota.total'],
    ]);
    expect(await told({ set: [['__proto__.x', '1']] })).toEqual([['UNKNOWN_KEY', '__proto__.x']]);
    expect(await told({ set: [['services', '[issue']] })).toHaveLength(1);
  });

  test('a CRL that ends before the next one is due', async () => {
    expect(await told({ set: [['publication.crl.hoursValid', '12']] })).toEqual([
      ['BAD_VALUE', 'publication.crl.hoursValid'],
    ]);
    expect(editedTerms(grant, { set: [['publication.crl.hoursValid', '13']] })).toMatchObject({
      publication: { crl: { hoursBetween: 12, hoursValid: 13 } },
    });
  });

  test('a limit for a profile that is not there', async () => {
    expect(await told({ set: [['limits.quota.perProfile', '{ devise: 1 }']] })).toEqual([
      ['BAD_VALUE', 'limits.quota.perProfile.devise'],
    ]);
  });
});

test('what the certificate does not carry is told, each by its place', () => {
  const { certificate } = world.subCa;
  const others = { permitted: ['x.lamdong.gov.vn', 'lamdong.gov.vn', 'other.vn'], excluded: [] };
  const wide = {
    ...grant,
    limits: { ...grant.limits, notAfter: '2099-01-01T00:00:00.000Z' },
    scope: {
      profiles: [
        {
          ...INDIVIDUAL,
          email: others,
          dns: others,
          ip: { permitted: ['10.0.0.0/8'], excluded: [] },
          subject: INDIVIDUAL.subject.map((one) =>
            one.type === 'O' ? { ...one, values: ['Tỉnh khác'] } : one,
          ),
        },
      ],
    },
  };
  expect(beyondCertificate(wide, certificate).map(({ where, found }) => [where, found])).toEqual([
    ['limits.notAfter', '2099-01-01T00:00:00.000Z'],
    ['scope.profiles[individual].email.permitted', 'x.lamdong.gov.vn'],
    ['scope.profiles[individual].email.permitted', 'other.vn'],
    ...others.permitted.map((base) => ['scope.profiles[individual].dns.permitted', base]),
    ['scope.profiles[individual].ip.permitted', '10.0.0.0/8'],
    ['scope.profiles[individual].subject[O].values', 'Tỉnh khác'],
  ]);
});
