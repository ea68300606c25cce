/** Names: round trips, the string types chosen, what is refused, and when two names are the same. */
import fc from 'fast-check';
import { der, OID, readDer } from '../../src/asn1';
import {
  ATTRIBUTE_TYPES,
  comparableValue,
  decodeName,
  encodeName,
  namesEqual,
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

  const cn = attribute(OID.commonName, der.utf8String('a'));
  it.each([
    ['two attributes at one place', der.sequence(der.setOf(cn, attribute(OID.title, der.utf8String('b'))))],
    ['an empty place', der.sequence(der.setOf())],
    ['a sequence instead of a set', der.sequence(der.sequence(cn))],
    ['an empty value', der.sequence(der.setOf(attribute(OID.commonName, der.utf8String(''))))],
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

describe('namesEqual', () => {
  const same = (a: string, b: string): boolean =>
    namesEqual([{ type: 'O', value: a }], [{ type: 'O', value: b }]);

  it.each([
    ['BỘ TÀI CHÍNH', 'Bộ Tài chính'],
    ['Đắk Lắk', 'ĐẮK LẮK'],
    ['Hà Nội', ' Hà   Nội '],
    ['Hà Nội', 'Hà\u00a0Nội'],
    ['Hà Nội', 'Hà Nội'.normalize('NFD')],
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
  ])('takes %j and %j for the same', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ['Hà Nội', 'Ha Noi'],
    ['Hà Nội', 'HàNội'],
    ['Đ', 'Ð'], // D with stroke, and Eth
    ['A', 'А'], // Latin, and Cyrillic
  ])('tells %j from %j', (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('looks at types, order and number', () => {
    const [first, second, ...rest] = vietnamese;
    expect(namesEqual(vietnamese, [...vietnamese])).toBe(true);
    expect(namesEqual(vietnamese, vietnamese.slice(1))).toBe(false);
    expect(namesEqual(vietnamese.slice(1), vietnamese)).toBe(false);
    expect(namesEqual(vietnamese, [second!, first!, ...rest])).toBe(false);
    expect(namesEqual([{ type: 'O', value: 'a' }], [{ type: 'OU', value: 'a' }])).toBe(false);
  });

  it('compares by a form that does not change when taken again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = comparableValue(text);
        expect(comparableValue(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });
});
