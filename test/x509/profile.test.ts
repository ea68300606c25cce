/** Profiles: the templates that come with the product, and the rules between a profile's parts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, readYaml } from '../../src/config';
import {
  EXTENDED_KEY_USAGES,
  extendedKeyUsageOf,
  extendedKeyUsageOid,
  matchSubject,
  parseProfile,
  profileSchema,
  X509Error,
  type Profile,
  type ProfileKind,
} from '../../src/x509';
import { expectCode } from '../support/matchers';

const FOLDER = join(__dirname, '../../config-templates/profiles');
const template = (id: string): Profile =>
  readYaml(readFileSync(join(FOLDER, `${id}.yaml`), 'utf8'), profileSchema, `${id}.yaml`);

const SUBSCRIBER_PROFILES = [
  'organisation',
  'individual',
  'device',
  'title-holder',
  'officer',
  'tls-server',
  'timestamping',
] as const;

const organisation = {
  id: 'organisation',
  kind: 'organisation',
  title: { vi: 'Cơ quan', en: 'Organisation' },
  subject: [{ type: 'C', value: 'VN' }, { type: 'CN' }],
  keyAlgorithms: ['p-256'],
  keyUsage: ['digitalSignature'],
  validity: { newDays: 365 },
} as const;
const ofKind = (kind: ProfileKind): Record<string, unknown> => ({
  ...organisation,
  kind,
  keyUsage: kind === 'root' || kind === 'sub-ca' ? ['keyCertSign', 'cRLSign'] : ['digitalSignature'],
  extendedKeyUsage: kind === 'ocsp-responder' ? ['ocspSigning'] : [],
});

async function problemsOf(value: unknown): Promise<readonly string[]> {
  const error = await expectCode(() => parseProfile(value), X509Error, 'PROFILE_INVALID');
  return error.problems.map(({ code, where }) => `${code} ${where}`);
}

describe('the profiles that come with the product', () => {
  it.each(readdirSync(FOLDER))('%s is valid, under its own name', (file) => {
    expect(`${template(file.replace(/\.yaml$/, '')).id}.yaml`).toBe(file);
  });

  it('fit the names of the national certificates', () => {
    expect(
      matchSubject(template('root').subject, [
        { type: 'C', value: 'VN' },
        { type: 'O', value: 'Ban Cơ yếu Chính phủ' },
        { type: 'CN', value: 'RootCA chuyên dùng Chính phủ G2' },
      ]),
    ).toEqual([]);
    expect(
      matchSubject(template('organisation').subject, [
        { type: 'C', value: 'VN' },
        { type: 'L', value: 'Hà Nội' },
        { type: 'O', value: 'BỘ TÀI CHÍNH' },
        { type: 'CN', value: 'CỤC THUẾ' },
      ]),
    ).toEqual([]);
    expect(
      matchSubject(template('individual').subject, [
        { type: 'C', value: 'VN' },
        { type: 'L', value: 'Đắk Lắk' },
        { type: 'O', value: 'ỦY BAN NHÂN DÂN TỈNH ĐẮK LẮK' },
        { type: 'OU', value: 'Ủy ban nhân dân xã Ia Rvê' },
        { type: 'OU', value: 'Văn phòng' },
        { type: 'CN', value: "H'Hen Niê" },
        { type: 'E', value: 'hhenie@daklak.gov.vn' },
      ]),
    ).toEqual([]);
  });

  it('let the sub-CA hold every purpose of the subscribers below it', () => {
    const { extendedKeyUsage } = template('sub-ca');
    for (const id of SUBSCRIBER_PROFILES) {
      expect(extendedKeyUsage).toEqual(expect.arrayContaining([...template(id).extendedKeyUsage]));
    }
  });
});

describe('parseProfile', () => {
  it('fills in what is not written', () => {
    expect(parseProfile(organisation)).toEqual({
      ...organisation,
      subject: [
        { type: 'C', values: ['VN'], min: 1, max: 1 },
        { type: 'CN', min: 1, max: 1 },
      ],
      subjectAltName: { email: 'none', dns: 'none', ip: 'none' },
      extendedKeyUsage: [],
      policies: [],
      keyStorage: 'token',
    });
  });

  it('reads back what it gave', () => {
    for (const file of readdirSync(FOLDER)) {
      const profile = template(file.replace(/\.yaml$/, ''));
      expect(parseProfile(JSON.parse(JSON.stringify(profile)))).toEqual(profile);
    }
  });

  it.each([
    ['individual', 1_827],
    ['organisation', 1_827],
    ['device', 1_827],
    ['authority', 1_827],
    ['officer', 1_096],
    ['ocsp-responder', 400],
    ['sub-ca', 7_305],
    ['root', 10_958],
  ] as const)('limits the validity of %s to %d days', async (kind, days) => {
    const within = { ...ofKind(kind), validity: { newDays: days } };
    expect(parseProfile(within).validity.newDays).toBe(days);
    const beyond = { ...ofKind(kind), validity: { newDays: days + 1 } };
    expect(await problemsOf(beyond)).toEqual(['BAD_VALUE validity.newDays']);
  });

  it.each(['individual', 'organisation', 'device', 'authority', 'officer'] as const)(
    'limits a renewal of %s to three years',
    async (kind) => {
      const renewed = (renewedDays: number): unknown => ({
        ...ofKind(kind),
        validity: { newDays: 30, renewedDays },
      });
      expect(parseProfile(renewed(1_096)).validity.renewedDays).toBe(1_096);
      expect(await problemsOf(renewed(1_097))).toEqual(['BAD_VALUE validity.renewedDays']);
    },
  );

  it.each(['ocsp-responder', 'sub-ca', 'root'] as const)('renews no certificate of %s', async (kind) => {
    const renewed = { ...ofKind(kind), validity: { newDays: 30, renewedDays: 1 } };
    expect(await problemsOf(renewed)).toEqual(['BAD_VALUE validity.renewedDays']);
  });

  it.each([
    ['a CA that may not sign certificates', { ...ofKind('sub-ca'), keyUsage: ['cRLSign'] }, 'keyUsage'],
    ['a CA that may not sign CRLs', { ...ofKind('root'), keyUsage: ['keyCertSign'] }, 'keyUsage'],
    [
      'a subscriber that may sign certificates',
      { ...organisation, keyUsage: ['digitalSignature', 'keyCertSign'] },
      'keyUsage',
    ],
    ['a subscriber that may sign CRLs', { ...organisation, keyUsage: ['cRLSign'] }, 'keyUsage'],
    ['encipherOnly alone', { ...organisation, keyUsage: ['encipherOnly'] }, 'keyUsage'],
    [
      'a key usage twice',
      { ...organisation, keyUsage: ['digitalSignature', 'digitalSignature'] },
      'keyUsage',
    ],
    [
      'a responder without its purpose',
      { ...ofKind('ocsp-responder'), extendedKeyUsage: [] },
      'extendedKeyUsage',
    ],
    [
      'a responder with more',
      { ...ofKind('ocsp-responder'), extendedKeyUsage: ['ocspSigning', 'clientAuth'] },
      'extendedKeyUsage',
    ],
    [
      'a subscriber that answers OCSP',
      { ...organisation, extendedKeyUsage: ['ocspSigning'] },
      'extendedKeyUsage',
    ],
    ['a path length below a subscriber', { ...organisation, pathLength: 0 }, 'pathLength'],
    ['nocheck for a subscriber', { ...organisation, ocspNoCheck: true }, 'ocspNoCheck'],
    ['no key algorithm', { ...organisation, keyAlgorithms: [] }, 'keyAlgorithms'],
    ['a weak key', { ...organisation, keyAlgorithms: ['rsa-1024'] }, 'keyAlgorithms[0]'],
    ['an id with capitals', { ...organisation, id: 'Organisation' }, 'id'],
    ['an id of 41 characters', { ...organisation, id: 'a'.repeat(41) }, 'id'],
    ['a policy that is no OID', { ...organisation, policies: [{ oid: '2.16.704.' }] }, 'policies[0].oid'],
    [
      'a policy that no OID can encode',
      { ...organisation, policies: [{ oid: '1.40.1' }] },
      'policies[0].oid',
    ],
    [
      'a statement that is no address',
      { ...organisation, policies: [{ oid: '2.16.704.1', cps: 'ca.gov.vn' }] },
      'policies[0].cps',
    ],
    ['half a day', { ...organisation, validity: { newDays: 0.5 } }, 'validity.newDays'],
    [
      'a policy twice',
      { ...organisation, policies: [{ oid: '2.16.704.1' }, { oid: '2.16.704.1', notice: 'x' }] },
      'policies',
    ],
    [
      'a notice of 201 characters',
      { ...organisation, policies: [{ oid: '2.16.704.1', notice: 'đ'.repeat(201) }] },
      'policies[0].notice',
    ],
    [
      'a notice of two lines',
      { ...organisation, policies: [{ oid: '2.16.704.1', notice: 'một\nhai' }] },
      'policies[0].notice',
    ],
    [
      'timestamps beside another purpose',
      { ...organisation, extendedKeyUsage: ['timeStamping', 'clientAuth'] },
      'extendedKeyUsage',
    ],
    ['a CA key in software', { ...ofKind('sub-ca'), keyStorage: 'software' }, 'keyStorage'],
    ['a responder’s key in software', { ...ofKind('ocsp-responder'), keyStorage: 'software' }, 'keyStorage'],
    ['a key nowhere', { ...organisation, keyStorage: 'paper' }, 'keyStorage'],
    ['an unknown presence', { ...organisation, subjectAltName: { email: 'yes' } }, 'subjectAltName.email'],
  ])('refuses %s', async (_, value, where) => {
    expect(await problemsOf(value)).toEqual([`BAD_VALUE ${where}`]);
  });

  it('tells all problems of the shape at once', async () => {
    const value = {
      ...organisation,
      kind: 'person',
      title: { vi: 'x' },
      colour: 'red',
      subject: [{ typ: 'C' }],
    };
    expect((await problemsOf(value)).toSorted()).toEqual([
      'BAD_VALUE kind',
      'MISSING subject[0].type',
      'MISSING title.en',
      'UNKNOWN_KEY colour',
      'UNKNOWN_KEY subject[0].typ',
    ]);
    expect(await problemsOf(null)).toEqual(['BAD_VALUE ']);
  });

  it('tells each problem of a file with its line', async () => {
    const lines = readFileSync(join(FOLDER, 'individual.yaml'), 'utf8').split('\n');
    const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
    const changed = lines
      .join('\n')
      .replace(
        'type: CN, required: true, maxLength: 64, characters: vietnamese-name',
        'type: CN, characters: any',
      )
      .replace('type: L, required: true', 'type: L, minLength: 0')
      .replace('{ oid: 2.16.704.1.1.1.1.1,', '{ oid: 2.16.704.1.1.1.1.1, remark: x,')
      .replace('{ newDays: 1825,', '{ days: 1825,')
      .replace('keyStorage: token', 'keyStorage: paper');
    const error = await expectCode(
      () => readYaml(changed, profileSchema, 'individual.yaml'),
      ConfigError,
      'CONFIG_INVALID',
    );
    expect(error.problems.map(({ code, where }) => `${code} ${where}`).toSorted()).toEqual(
      [
        `BAD_VALUE individual.yaml:${lineOf('type: L,')} subject[1].minLength`,
        `BAD_VALUE individual.yaml:${lineOf('type: CN,')} subject[4].characters`,
        `UNKNOWN_KEY individual.yaml:${lineOf('2.16.704')} policies[0].remark`,
        `MISSING individual.yaml:${lineOf('validity:')} validity.newDays`,
        `UNKNOWN_KEY individual.yaml:${lineOf('validity:')} validity.days`,
        `BAD_VALUE individual.yaml:${lineOf('keyStorage:')} keyStorage`,
      ].toSorted(),
    );
  });

  it('allows what belongs together', () => {
    const notice = 'đ'.repeat(200);
    expect(parseProfile({ ...organisation, policies: [{ oid: '2.16.704.1', notice }] }).policies).toEqual([
      { oid: '2.16.704.1', notice },
    ]);
    expect(parseProfile({ ...organisation, extendedKeyUsage: ['timeStamping'] }).extendedKeyUsage).toEqual([
      'timeStamping',
    ]);
    const purposes = ['timeStamping', 'clientAuth'];
    expect(parseProfile({ ...ofKind('sub-ca'), extendedKeyUsage: purposes }).extendedKeyUsage).toEqual(
      purposes,
    );
    expect(parseProfile({ ...organisation, keyStorage: 'software' }).keyStorage).toBe('software');
    expect(parseProfile({ ...ofKind('sub-ca'), pathLength: 0 }).pathLength).toBe(0);
    expect(parseProfile({ ...ofKind('ocsp-responder'), ocspNoCheck: true }).ocspNoCheck).toBe(true);
    const usages = ['keyAgreement', 'encipherOnly'];
    expect(parseProfile({ ...organisation, keyUsage: usages }).keyUsage).toEqual(usages);
  });
});

describe('extended key usages', () => {
  it('are found by their identifiers', () => {
    for (const usage of EXTENDED_KEY_USAGES)
      expect(extendedKeyUsageOf(extendedKeyUsageOid(usage))).toBe(usage);
    expect(extendedKeyUsageOid('msSmartcardLogon')).toBe('1.3.6.1.4.1.311.20.2.2');
    expect(extendedKeyUsageOf('2.5.29.37.0')).toBeUndefined();
  });
});
