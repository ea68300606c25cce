/** The scope check of names: places and spellings in the subject, e-mail addresses, hosts and addresses. */
import { der, OID, readDer } from '../../src/asn1';
import {
  extendedKeyUsage,
  readTbsCertificate,
  subjectAltName,
  type GeneralName,
  type Name,
  type TbsCertificate,
} from '../../src/x509';
import { leafTbs, PERSON, type LeafChanges } from '../support/delegationFixture';
import { PROVINCE, SUB_CA_NAME } from '../support/softCa';
import { bounded, extension, rule, useWorld, type Case, type Row, type Violation } from './scopeRows';

useWorld();

const [country, place, organisation] = PROVINCE.map(({ value }) => value) as [string, string, string];
const CN = { type: 'CN', value: 'Nguyễn Thị Ánh' } as const;
const named = (...rest: Name): Case => ({ leaf: { subject: [...PROVINCE, ...rest] } });
const unit = (value: string): Name[number] => ({ type: 'OU', value });
const inO = (value: string): Case => ({
  leaf: { subject: PERSON.map((one) => (one.type === 'O' ? { ...one, value } : one)) },
});
const ORDER = 'C, L, O, OU, CN, E';
const CHARACTERS = '\\p{L} \\p{M} \\p{N} \\p{P} \\p{S} U+0020';

rule('subject: places and order', [
  ['the least there must be', named(CN)],
  ['everything there may be', named(unit('Sở'), unit('Phòng'), CN, { type: 'E', value: 'a@lamdong.gov.vn' })],
  ['one unit too many', named(unit('a'), unit('b'), unit('c'), CN), ['subject.OU', '3 ×', '0–2 ×']],
  ['no common name', named(), ['subject.CN', '0 ×', '1 ×']],
  ['two common names', named(CN, CN), ['subject.CN', '2 ×', '1 ×']],
  [
    'two organisations, one of them right',
    { leaf: { subject: [...PROVINCE, { type: 'O', value: 'BỘ TÀI CHÍNH' }, CN] } },
    ['subject.O', '2 ×', `1 × | ${organisation}`],
    ['subject.O', 'BỘ TÀI CHÍNH', organisation],
  ],
  ['an attribute without a place', named(CN, { type: 'ST', value: 'x' }), ['subject.ST', 'x', ORDER]],
  ['another order', { leaf: { subject: [...PROVINCE.toReversed(), CN] } }, ['subject', 'O, L, C, CN', ORDER]],
  ['the common name before the unit', named(CN, unit('Sở Tài chính')), ['subject', 'C, L, O, CN, OU', ORDER]],
  [
    'no name at all',
    { leaf: { subject: [] } },
    ['subject.C', '0 ×', `1 × | ${country}`],
    ['subject.L', '0 ×', `1 × | ${place}`],
    ['subject.O', '0 ×', `1 × | ${organisation}`],
    ['subject.CN', '0 ×', '1 ×'],
  ],
]);

const doubled = organisation.replace(' ', '  ');
const hidden = organisation.replace(' ', ' \u200b');
const hard = organisation.replace(' ', '\u00a0');
const lookalike = organisation.replace('BAN', 'B\u0410N');
rule('subject: fixed values and their spellings', [
  ['the fixed value', inO(organisation)],
  [
    'in small letters: the same name here, another one to programs that compare octets',
    inO(organisation.toLowerCase()),
    ['subject.O', organisation.toLowerCase(), organisation],
  ],
  [
    'in decomposed letters: the same name, badly encoded',
    inO(organisation.normalize('NFD')),
    ['subject.O', '≠ NFC', 'NFC'],
  ],
  [
    'with two blanks: the same name, badly spelled',
    inO(doubled),
    ['subject.O', JSON.stringify(doubled), JSON.stringify(organisation)],
  ],
  [
    'with a blank at the end',
    inO(`${organisation} `),
    ['subject.O', JSON.stringify(`${organisation} `), JSON.stringify(organisation)],
  ],
  [
    'another word',
    inO('ỦY BAN NHÂN DÂN TỈNH LÂM ĐÔNG'),
    ['subject.O', 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐÔNG', organisation],
  ],
  [
    'without its marks',
    inO('UY BAN NHAN DAN TINH LAM DONG'),
    ['subject.O', 'UY BAN NHAN DAN TINH LAM DONG', organisation],
  ],
  ['one word more', inO(`${organisation} 2`), ['subject.O', `${organisation} 2`, organisation]],
  ['its beginning', inO('ỦY BAN NHÂN DÂN'), ['subject.O', 'ỦY BAN NHÂN DÂN', organisation]],
  ['with a zero-width space', inO(hidden), ['subject.O', '#4 U+200B', CHARACTERS]],
  ['with a no-break space', inO(hard), ['subject.O', '#3 U+00A0', CHARACTERS]],
  [
    'with a Cyrillic letter',
    inO(lookalike),
    ['subject.O', '#5 U+0410', 'Latin'],
    ['subject.O', lookalike, organisation],
  ],
  [
    'a reversed common name',
    named({ type: 'CN', value: 'Ánh\u202e' }),
    ['subject.CN', '#4 U+202E', CHARACTERS],
  ],
]);

const asCa = (spell: (value: string) => string): Case => ({
  leaf: {
    subject: [
      ...PROVINCE,
      { type: 'CN', value: spell(SUB_CA_NAME.find(({ type }) => type === 'CN')?.value ?? '') },
    ],
  },
});
const isTheCa = (subject: string): Violation => ['subject', subject, 'another name than the sub-CA’s'];
const asShown = (cn: string): string => `C=VN, L=${place}, O=${organisation}, CN=${cn}`;
rule('subject: the name of the sub-CA, in any spelling', [
  ['another one', asCa((value) => `${value} 2`)],
  ['its own', asCa((value) => value), isTheCa(asShown('CA tỉnh Lâm Đồng'))],
  ['in small letters', asCa((value) => value.toLowerCase()), isTheCa(asShown('ca tỉnh lâm đồng'))],
  ['in capitals', asCa((value) => value.toUpperCase()), isTheCa(asShown('CA TỈNH LÂM ĐỒNG'))],
  [
    'in letters and marks apart',
    asCa((value) => value.normalize('NFD')),
    isTheCa(asShown('CA tỉnh Lâm Đồng'.normalize('NFD'))),
    ['subject.CN', '≠ NFC', 'NFC'],
  ],
  [
    'with two blanks',
    asCa((value) => value.replace(' ', '  ')),
    isTheCa(asShown('CA  tỉnh Lâm Đồng')),
    ['subject.CN', '"CA  tỉnh Lâm Đồng"', '"CA tỉnh Lâm Đồng"'],
  ],
  [
    'with a no-break space',
    asCa((value) => value.replace(' ', '\u00a0')),
    isTheCa(asShown('CA\u00a0tỉnh Lâm Đồng')),
    ['subject.CN', '#3 U+00A0', CHARACTERS],
  ],
  [
    'with a zero-width space',
    asCa((value) => value.replace('CA', 'C\u200bA')),
    isTheCa(asShown('C\\e2\\80\\8bA tỉnh Lâm Đồng')),
    ['subject.CN', '#2 U+200B', CHARACTERS],
  ],
  [
    'in full-width letters',
    asCa((value) => value.replace('CA', '\uff23\uff21')),
    isTheCa(asShown('\uff23\uff21 tỉnh Lâm Đồng')),
    ['subject.CN', '#1 U+FF23', 'C (U+0043)'],
    ['subject.CN', '#2 U+FF21', 'A (U+0041)'],
  ],
  [
    'in Cyrillic letters that look the same',
    asCa((value) => value.replace('CA', '\u0421\u0410')),
    ['subject.CN', '#1 U+0421, #2 U+0410', 'Latin'],
  ],
]);

/** The same contents with another subject, as its bytes are. */
function withSubject(tbs: TbsCertificate, subject: Buffer): TbsCertificate {
  const { children } = readDer(tbs.der, { what: 'tbs' });
  const parts = children.map((part) => (part.der.equals(tbs.subjectDer) ? subject : part.der));
  return readTbsCertificate(der.sequence(...parts), 'tbs');
}
const nameOf = (...values: readonly (readonly [oid: string, value: Buffer])[]): Buffer =>
  der.sequence(...values.map(([oid, value]) => der.setOf(der.sequence(der.oid(oid), value))));
rule('subject: string types', [
  [
    'PrintableString and UTF8String, each in the other’s place',
    (world) => ({
      candidate: {
        tbs: withSubject(
          leafTbs(world),
          nameOf(
            [OID.countryName, der.utf8String('VN')],
            [OID.localityName, der.utf8String(place)],
            [OID.organizationName, der.utf8String(organisation)],
            [OID.commonName, der.printableString('Le Loi')],
          ),
        ),
      },
    }),
    ['subject.C', 'UTF8String', 'PrintableString'],
    ['subject.CN', 'PrintableString', 'UTF8String'],
  ],
]);

const asDevice = (extensions: LeafChanges['extensions'] = {}): Case => ({
  candidate: { profile: 'device' },
  leaf: {
    subject: [...PROVINCE, { type: 'CN', value: 'Cổng dịch vụ công' }],
    extensions: {
      extendedKeyUsage: extendedKeyUsage(['serverAuth']),
      subjectAltName: undefined,
      ...extensions,
    },
  },
});

const withNames = (...names: readonly GeneralName[]): Case =>
  extension('subjectAltName', subjectAltName(names));
const deviceNames = (...names: readonly GeneralName[]): Case =>
  asDevice({ subjectAltName: subjectAltName(names) });

const PERMITTED = 'lamdong.gov.vn, .dalat.gov.vn, ≠ test.dalat.gov.vn';
const mail = (value: string): GeneralName => ({ kind: 'email', value });
const badMail = (value: string): Violation => ['subjectAltName.email', value, PERMITTED];
const refusedMail = (what: string, value: string): Row => [what, withNames(mail(value)), badMail(value)];
rule('e-mail addresses', [
  ['at the permitted host', withNames(mail('a@lamdong.gov.vn'))],
  ['at the permitted host in capitals', withNames(mail('a@LAMDONG.gov.VN'))],
  ['at a host below the permitted domain', withNames(mail('a@so.dalat.gov.vn'))],
  ['two levels below it', withNames(mail('a@phong.so.dalat.gov.vn'))],
  ['none', extension('subjectAltName', undefined)],
  refusedMail('below the permitted host', 'a@so.lamdong.gov.vn'),
  refusedMail('at the domain whose hosts are permitted', 'a@dalat.gov.vn'),
  refusedMail('at the excluded host', 'a@test.dalat.gov.vn'),
  refusedMail('at the excluded host in capitals', 'a@TEST.dalat.gov.vn'),
  ['below the excluded host', withNames(mail('a@x.test.dalat.gov.vn'))],
  refusedMail('elsewhere', 'a@gmail.com'),
  refusedMail('at a host that ends in the permitted one', 'a@xlamdong.gov.vn'),
  refusedMail('at a host that begins with the permitted one', 'a@lamdong.gov.vn.evil.com'),
  refusedMail('with a dot at the end', 'a@lamdong.gov.vn.'),
  refusedMail('the host alone', 'lamdong.gov.vn'),
  refusedMail('nobody at the host', '@lamdong.gov.vn'),
  refusedMail('with two at signs', 'a@evil.com@lamdong.gov.vn'),
  refusedMail('a quoted address', '"a@evil.com"@lamdong.gov.vn'),
  refusedMail('two addresses in one', 'a@evil.com, b@lamdong.gov.vn'),
  ['one good, one bad', withNames(mail('a@lamdong.gov.vn'), mail('b@evil.com')), badMail('b@evil.com')],
  [
    'none permitted by the grant',
    { grant: bounded({ email: { permitted: [], excluded: [] } }) },
    ['subjectAltName.email', 'anhnt@lamdong.gov.vn', '—'],
  ],
  [
    'an address in the subject, outside',
    named(CN, { type: 'E', value: 'a@evil.com' }),
    ['subject.E', 'a@evil.com', PERMITTED],
  ],
]);

const HOSTS = 'lamdong.gov.vn, .dalat.gov.vn, ≠ secret.lamdong.gov.vn';
const dns = (value: string): GeneralName => ({ kind: 'dns', value });
const refusedHost = (what: string, value: string): Row => [
  what,
  deviceNames(dns(value)),
  ['subjectAltName.dns', value, HOSTS],
];
rule('DNS names', [
  ['the permitted host', deviceNames(dns('lamdong.gov.vn'))],
  ['below it', deviceNames(dns('a.b.lamdong.gov.vn'))],
  ['in capitals', deviceNames(dns('WWW.LamDong.gov.vn'))],
  ['below a domain', deviceNames(dns('a.dalat.gov.vn'))],
  refusedHost('the domain itself', 'dalat.gov.vn'),
  refusedHost('the excluded host', 'secret.lamdong.gov.vn'),
  refusedHost('the excluded host in capitals', 'SECRET.lamdong.gov.vn'),
  refusedHost('below the excluded host', 'a.secret.lamdong.gov.vn'),
  ['beside the excluded host', deviceNames(dns('xsecret.lamdong.gov.vn'))],
  refusedHost('a wildcard, which covers the excluded host', '*.lamdong.gov.vn'),
  refusedHost('a name that ends in the permitted one', 'xlamdong.gov.vn'),
  refusedHost('a dot at the end', 'lamdong.gov.vn.'),
  refusedHost('a dot at the beginning', '.lamdong.gov.vn'),
  refusedHost('a blank in it', 'evil.com .lamdong.gov.vn'),
  refusedHost('elsewhere', 'gov.vn'),
  [
    'none permitted by the profile',
    withNames(dns('lamdong.gov.vn')),
    ['subjectAltName.dns', 'lamdong.gov.vn', '—'],
  ],
]);

const ip = (...octets: readonly number[]): GeneralName => ({ kind: 'ip', value: Buffer.from(octets) });
const ip6 = (hex: string): GeneralName => ({ kind: 'ip', value: Buffer.from(hex, 'hex') });
const BLOCKS = '10.20.0.0/14, 2001:db8::/33, 192.0.2.7/32, ≠ 10.21.0.0/16';
const refusedAddress = (what: string, name: GeneralName, hex: string): Row => [
  what,
  deviceNames(name),
  ['subjectAltName.ip', hex, BLOCKS],
];
rule('IP addresses', [
  ['the first of the block', deviceNames(ip(10, 20, 0, 0))],
  ['the last of the block', deviceNames(ip(10, 23, 255, 255))],
  refusedAddress('one before the block', ip(10, 19, 255, 255), '0a13ffff'),
  refusedAddress('one after the block', ip(10, 24, 0, 0), '0a180000'),
  ['the last before the excluded block', deviceNames(ip(10, 20, 255, 255))],
  refusedAddress('the first of the excluded block', ip(10, 21, 0, 0), '0a150000'),
  refusedAddress('the last of the excluded block', ip(10, 21, 255, 255), '0a15ffff'),
  ['the first after the excluded block', deviceNames(ip(10, 22, 0, 0))],
  ['the one address of a whole block', deviceNames(ip(192, 0, 2, 7))],
  refusedAddress('its neighbour', ip(192, 0, 2, 6), 'c0000206'),
  ['the last of the IPv6 block', deviceNames(ip6('20010db87fffffffffffffffffffffff'))],
  refusedAddress('one after it', ip6('20010db8800000000000000000000000'), '20010db8800000000000000000000000'),
  refusedAddress(
    'IPv4 dressed as IPv6',
    ip6('00000000000000000000ffff0a140001'),
    '00000000000000000000ffff0a140001',
  ),
]);

rule('other names', [
  [
    'a URI',
    withNames({ kind: 'uri', value: 'http://lamdong.gov.vn' }),
    ['subjectAltName', 'uri', 'email, dns, ip'],
  ],
  [
    'a directory name',
    withNames({ kind: 'directory', name: PROVINCE }),
    ['subjectAltName', 'directory', 'email, dns, ip'],
  ],
  [
    'a logon name',
    withNames({
      kind: 'other',
      der: der.implicitConstructed(
        0,
        der.oid('1.3.6.1.4.1.311.20.2.3'),
        der.explicit(0, der.utf8String('admin')),
      ),
    }),
    ['subjectAltName', 'other', 'email, dns, ip'],
  ],
]);
