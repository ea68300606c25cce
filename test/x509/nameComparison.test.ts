/** When two names are the same: every spelling RFC 5280 takes for one, and nothing more. */
import fc from 'fast-check';
import { comparableValue, namesEqual, type Name } from '../../src/x509';

const same = (a: string, b: string): boolean =>
  namesEqual([{ type: 'O', value: a }], [{ type: 'O', value: b }]);

describe('namesEqual', () => {
  it.each([
    ['case', 'BỘ TÀI CHÍNH', 'Bộ Tài chính'],
    ['case of letters with a stroke', 'Đắk Lắk', 'ĐẮK LẮK'],
    ['case that changes the length', 'Straße', 'STRASSE'],
    ['case that changes the length, the other way', 'STRAẞE', 'strasse'],
    ['final sigma', 'ΟΔΟΣ', 'οδος'],
    ['blanks at the ends and in a row', 'Hà Nội', ' Hà   Nội '],
    ['a no-break space', 'Hà Nội', 'Hà\u00a0Nội'],
    ['an ideographic space', 'Hà Nội', 'Hà\u3000Nội'],
    ['a tab and a line end', 'Hà Nội', 'Hà\t\r\nNội'],
    ['a line separator', 'Hà Nội', 'Hà\u2028Nội'],
    ['letters and marks apart', 'Hà Nội', 'Hà Nội'.normalize('NFD')],
    ['marks in another order', 'Ộ', 'O\u0323\u0302'],
    ['full-width letters', 'CA', '\uff23\uff21'],
    ['a ligature', 'office', 'o\ufb03ce'],
    ['mathematical letters', 'CA', '\u{1d402}\u{1d400}'],
    ['a zero-width space', 'Hà Nội', 'Hà N\u200bội'],
    ['a soft hyphen', 'Hà Nội', 'Hà N\u00adội'],
    ['a direction mark', 'Hà Nội', '\u202aHà Nội\u202c'],
    ['a variation selector', 'Hà Nội', 'Hà\ufe0f Nội'],
    ['a tag character', 'Hà Nội', 'Hà\u{e0041} Nội'],
    ['a NUL', 'Hà Nội', 'Hà\0 Nội'],
    ['a mark and what is not drawn between', 'Hà', 'Ha\u200d\u0300'],
  ])('sees through %s', (_, a, b) => {
    expect(same(a, b)).toBe(true);
    expect(same(b, a)).toBe(true);
  });

  it.each([
    ['Hà Nội', 'Ha Noi'],
    ['Hà Nội', 'HàNội'],
    ['Hà Nội', 'Hà Nội 2'],
    ['Đ', '\u00d0'], // D with stroke, and Eth
    ['A', '\u0410'], // Latin, and Cyrillic
  ])('tells %j from %j', (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('looks at types, order and number', () => {
    const [first, second, third] = [
      { type: 'C', value: 'VN' },
      { type: 'O', value: 'BỘ TÀI CHÍNH' },
      { type: 'CN', value: 'CỤC THUẾ' },
    ] as const;
    const name: Name = [first, second, third];
    expect(namesEqual(name, [...name])).toBe(true);
    expect(namesEqual(name, name.slice(1))).toBe(false);
    expect(namesEqual(name.slice(1), name)).toBe(false);
    expect(namesEqual(name, [second, first, third])).toBe(false);
    expect(namesEqual([{ type: 'O', value: 'a' }], [{ type: 'OU', value: 'a' }])).toBe(false);
  });

  it('compares by a form that does not change when taken again', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('ß', 'ẞ', 'Σ', 'ς', '\u0345', '\u200d', '\u0301', 'ͺ', 'ŉ', 'İ', ' ', '\u00a0'),
      }),
    );
    fc.assert(
      fc.property(text, (value) => {
        const once = comparableValue(value);
        expect(comparableValue(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is indifferent to normalization', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(comparableValue(value.normalize('NFD'))).toBe(comparableValue(value.normalize('NFKC')));
      }),
    );
  });
});
