/** Names: round trips, the string types chosen, what is refused, and when two names are the same. */
import fc from 'fast-check';
import { der, OID, readDer } from '../../src/asn1';
import {
  ATTRIBUTE_TYPES,
  decodeName,
  encodeName,
  foreignStrings,
  X509Error,
  type Name,
} from '../../src/x509';
import { expectCode } from '../support/matchers';

const read = (bytes: Buffer): Name => decodeName(readDer(bytes, { what: 'name' }), 'name');
const attribute = (oid: string, value: Buffer): Buffer => der.sequence(der.oid(oid), value);

const vietnamese: Name = [
  { type: 'C', value: 'VN' },
  { type: 'L', value: 'Hà Nội' },
  { type: 'O', value: 'BỘ TÀI CHÍNH' },
  { type: 'OU', value: 'CỤC THUẾ' },
  { type: 'OU', value: 'Phòng Đăng ký thuế' },
  { type: 'CN', value: 'Nguyễn Thị Ngọc Ánh' },
  { type: 'E', value: 'ngocanh@thue.gov.vn' },
];

/** Any name the encoder can hold. */
const names = fc.array(
  fc.constantFrom(...ATTRIBUTE_TYPES).chain((type) =>
    fc.record({
      type: fc.constant(type),
      value:
        type === 'C' || type === 'serialNumber'
          ? fc.stringMatching(/^[A-Za-z0-9 '()+,\-./:=?]{1,20}$/)
          : type === 'E'
            ? fc.string({ unit: 'binary-ascii', minLength: 1 })
            : fc.string({ unit: 'binary', minLength: 1 }).map((text) => text.normalize('NFC')),
    }),
  ),
  { maxLength: 8 },
);

describe('encodeName and decodeName', () => {
  it('give back what was put in', () => {
    expect(read(encodeName(vietnamese))).toEqual(vietnamese);
    fc.assert(
      fc.property(names, (name) => {
        expect(read(encodeName(name))).toEqual(name);
      }),
    );
  });

  it('writes each attribute in the string type of RFC 5280', () => {
    const tags = new Map(
      readDer(
        encodeName([
          { type: 'C', value: 'VN' },
          { type: 'serialNumber', value: '001' },
          { type: 'E', value: 'a@b.vn' },
          { type: 'CN', value: 'A' },
        ]),
        { what: 'name' },
      ).children.map((rdn) => {
        const [type, value] = rdn.children[0]?.children ?? [];
        return [type?.content.toString('hex'), value?.tag];
      }),
    );
    expect([...tags.values()]).toEqual([19, 19, 22, 12]);
  });

  it('composes letters, so that one name has one encoding', () => {
    const decomposed: Name = [{ type: 'L', value: 'Hà Nội'.normalize('NFD') }];
    expect(encodeName(decomposed)).toEqual(encodeName([{ type: 'L', value: 'Hà Nội' }]));
  });

  it.each([
    ['C', 'VN₫'],
    ['serialNumber', '00*1'],
    ['E', 'hộp@thư.vn'],
    ['CN', 'half \ud800'],
    ['O', ''],
  ] as const)('refuses to encode %s=%j', async (type, value) => {
    await expectCode(() => encodeName([{ type, value }]), X509Error, 'NAME_VALUE_NOT_ENCODABLE');
  });

  it('refuses an attribute it does not know, naming it', async () => {
    const dc = '0.9.2342.19200300.100.1.25';
    const name = der.sequence(der.setOf(attribute(dc, der.ia5String('vn'))));
    const error = await expectCode(() => read(name), X509Error, 'NAME_ATTRIBUTE_UNKNOWN');
    expect(error.params).toMatchObject({ attribute: dc });
  });

  const older = (tag: number, content: Buffer): Buffer =>
    der.sequence(
      der.setOf(attribute(OID.commonName, Buffer.concat([Buffer.of(tag, content.length), content]))),
    );
  it.each([
    [20, 'TeletexString'],
    [28, 'UniversalString'],
    [30, 'BMPString'],
  ])('names the string type of tag %d', async (tag, type) => {
    const error = await expectCode(() => read(older(tag, Buffer.alloc(4))), X509Error, 'NAME_MALFORMED');
    expect(error.message).toContain(type);
  });

  const cn = attribute(OID.commonName, der.utf8String('a'));
  it.each([
    ['two attributes at one place', der.sequence(der.setOf(cn, attribute(OID.title, der.utf8String('b'))))],
    ['an empty place', der.sequence(der.setOf())],
    ['a sequence instead of a set', der.sequence(der.sequence(cn))],
    ['an empty value', der.sequence(der.setOf(attribute(OID.commonName, der.utf8String(''))))],
    ['a TeletexString', older(20, Buffer.from('Ha Noi'))],
    ['a BMPString', older(30, Buffer.from('\0H\0a'))],
    ['a UniversalString', older(28, Buffer.from('\0\0\0H'))],
    ['a number as value', der.sequence(der.setOf(attribute(OID.commonName, der.integer(1))))],
    [
      'a third part',
      der.sequence(der.setOf(der.sequence(der.oid(OID.title), der.utf8String('a'), der.nullValue()))),
    ],
    ['broken UTF-8', der.sequence(der.setOf(attribute(OID.title, Buffer.from('0c01ff', 'hex'))))],
    ['no sequence at all', der.integer(1)],
    ['65 attributes', der.sequence(...Array.from({ length: 65 }, () => der.setOf(cn)))],
  ])('refuses %s', async (_, bytes) => {
    await expectCode(() => read(bytes), X509Error, 'NAME_MALFORMED');
  });

  it('reads 64 attributes and none', () => {
    expect(read(der.sequence(...Array.from({ length: 64 }, () => der.setOf(cn))))).toHaveLength(64);
    expect(read(der.sequence())).toEqual([]);
  });
});

describe('foreignStrings', () => {
  it('finds nothing in what encodeName writes, and each attribute of another type', () => {
    const strange = (bytes: Buffer) => foreignStrings(readDer(bytes, { what: 'name' }), read(bytes));
    expect(strange(encodeName(vietnamese))).toEqual([]);
    const name = der.sequence(
      der.setOf(attribute(OID.countryName, der.utf8String('VN'))),
      der.setOf(attribute(OID.localityName, der.utf8String('Hà Nội'))),
      der.setOf(attribute(OID.commonName, der.printableString('Le Loi'))),
      der.setOf(attribute(OID.emailAddress, der.utf8String('a@b.vn'))),
    );
    expect(strange(name)).toEqual([
      { type: 'C', found: 'UTF8String', allowed: 'PrintableString' },
      { type: 'CN', found: 'PrintableString', allowed: 'UTF8String' },
      { type: 'E', found: 'UTF8String', allowed: 'IA5String' },
    ]);
  });
});
