/** Names as text: escaping, reading back, and what is refused. */
import fc from 'fast-check';
import { ATTRIBUTE_TYPES, formatName, parseName, X509Error, type Name } from '../../src/x509';
import { expectCode } from '../support/matchers';

const anyName = fc.array(
  fc.record({
    type: fc.constantFrom(...ATTRIBUTE_TYPES),
    value: fc
      .oneof(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({
          unit: fc.constantFrom(' ', '\\', ',', '#', '+', '"', '=', 'a', 'ộ', '\u202e'),
          minLength: 1,
        }),
      )
      .map((text) => text.normalize('NFC')),
  }),
  { maxLength: 5 },
);

describe('formatName', () => {
  it('writes a name in its encoded order', () => {
    const name: Name = [
      { type: 'C', value: 'VN' },
      { type: 'L', value: 'Hà Nội' },
      { type: 'O', value: 'Sở Văn hóa, Thể thao' },
    ];
    expect(formatName(name)).toBe('C=VN, L=Hà Nội, O=Sở Văn hóa\\, Thể thao');
  });

  it.each([
    ['# first', '\\# first'],
    [' ', '\\ '],
    ['  two ', '\\  two\\ '],
    ['a+b;c<d>e"f\\g', 'a\\+b\\;c\\<d\\>e\\"f\\\\g'],
    ['line\nend', 'line\\0aend'],
    ['turn\u202eed', 'turn\\e2\\80\\aeed'],
    ['zero\u200bwidth', 'zero\\e2\\80\\8bwidth'],
  ])('escapes %j', (value, escaped) => {
    expect(formatName([{ type: 'CN', value }])).toBe(`CN=${escaped}`);
  });
});

describe('parseName', () => {
  it('reads back every name that was formatted', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseName(formatName(name))).toEqual(name);
      }),
      { numRuns: 500 },
    );
  });

  it('takes what people type', () => {
    expect(parseName(' c = VN ,cn= Lê\\20Lợi ,  E=a@b.vn')).toEqual([
      { type: 'C', value: 'VN' },
      { type: 'CN', value: 'Lê Lợi' },
      { type: 'E', value: 'a@b.vn' },
    ]);
    expect(parseName('CN=' + 'Lê'.normalize('NFD'))).toEqual([{ type: 'CN', value: 'Lê' }]);
    expect(parseName('CN=a=b')).toEqual([{ type: 'CN', value: 'a=b' }]);
    expect(parseName('  ')).toEqual([]);
  });

  it.each([
    'VN',
    'C=VN,',
    'C=VN,,L=x',
    'CN=',
    'CN= ',
    'CN=a+OU=b',
    'CN="a"',
    'CN=a;b',
    'CN=a\\',
    'CN=a\\q',
    'CN=#0c0161',
    'CN=a\\ff',
    'CN=\ud800',
    '=x',
  ])('refuses %j', async (text) => {
    await expectCode(() => parseName(text), X509Error, 'NAME_MALFORMED');
  });

  it('refuses a type it does not know, and a text too long to be a name', async () => {
    await expectCode(() => parseName('DC=vn'), X509Error, 'NAME_ATTRIBUTE_UNKNOWN');
    await expectCode(() => parseName('2.5.4.3=vn'), X509Error, 'NAME_ATTRIBUTE_UNKNOWN');
    expect(parseName(`CN=${'a'.repeat(65_533)}`)).toHaveLength(1);
    await expectCode(() => parseName(`CN=${'a'.repeat(65_534)}`), X509Error, 'INPUT_TOO_LARGE');
  });
});
