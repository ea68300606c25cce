/** What a certified name may contain: real Vietnamese names pass, lookalikes and hidden characters do not. */
import fc from 'fast-check';
import { checkNameValue, isEmailAddress, isHostName, type AttributeType } from '../../src/x509';

const check = (type: AttributeType, value: string): readonly string[] =>
  checkNameValue(type, value, `subject.${type}`).map(({ code, where }) => `${code} ${where}`);

describe('checkNameValue', () => {
  it.each([
    ['O', 'ỦY BAN NHÂN DÂN TỈNH ĐẮK LẮK'],
    ['O', 'Ủy ban nhân dân xã Ia Ơ'],
    ['O', 'Ban Cơ yếu Chính phủ'],
    ['OU', "Phòng Dân tộc huyện Cư M'gar"],
    ['OU', 'Sở Văn hóa, Thể thao và Du lịch'],
    ['OU', 'Văn phòng HĐND & UBND – Thừa Thiên Huế'],
    ['OU', 'Trung tâm Công nghệ thông tin (VNPT/IT-3)'],
    ['O', 'Công ty TNHH MTV “Sông Đà” số 9'],
    ['CN', "H'Hen Niê"],
    ['CN', 'Nguyễn Thị Ngọc Ánh'],
    ['CN', 'RootCA chuyên dùng Chính phủ G2'],
    ['CN', 'Y Ƀlin Êban'],
    ['CN', 'Siu Bê̆'.normalize('NFC')],
    ['CN', 'Søren Łukasz Čapek'],
    ['CN', '阮文英'],
    ['CN', 'ꪣꪱꪒ ꪼꪕ'],
    ['O', 'សាលាខេត្ត'],
    ['CN', 'Công ty Россия'],
    ['CN', 'Σωκράτης'],
    ['CN', 'Юрий Гагарин'],
    ['L', 'Bà Rịa – Vũng Tàu'],
    ['T', 'Phó Chủ tịch'],
    ['C', 'VN'],
    ['serialNumber', 'CCCD:001099012345'],
    ['E', 'nguyen.van-a+ky@daklak.gov.vn'],
    ['organizationIdentifier', 'GOVVN-000.00.13.H15'],
  ] as const)('lets %s=%s through', (type, value) => {
    expect(check(type, value)).toEqual([]);
  });

  it.each([
    ['an empty value', 'CN', '', 'MISSING'],
    ['a country in small letters', 'C', 'vn', 'BAD_VALUE'],
    ['a country of one letter', 'C', 'V', 'BAD_VALUE'],
    ['decomposed letters', 'L', 'Hà Nội'.normalize('NFD'), 'BAD_VALUE'],
    ['a blank at the start', 'L', ' Hà Nội', 'BAD_VALUE'],
    ['a blank at the end', 'L', 'Hà Nội ', 'BAD_VALUE'],
    ['two blanks', 'L', 'Hà  Nội', 'BAD_VALUE'],
    ['a no-break space', 'L', 'Hà\u00a0Nội', 'BAD_VALUE'],
    ['a tab', 'L', 'Hà\tNội', 'BAD_VALUE'],
    ['NUL', 'CN', 'a\0b', 'BAD_VALUE'],
    ['a direction mark', 'CN', 'a\u202eb', 'BAD_VALUE'],
    ['a zero-width space', 'CN', 'a\u200bb', 'BAD_VALUE'],
    ['a byte order mark', 'CN', '\ufeffa', 'BAD_VALUE'],
    ['a soft hyphen', 'CN', 'a\u00adb', 'BAD_VALUE'],
    ['a Hangul filler', 'CN', 'a\u3164b', 'BAD_VALUE'],
    ['a line separator', 'CN', 'a\u2028b', 'BAD_VALUE'],
    ['half of a surrogate pair', 'CN', 'a\ud800', 'BAD_VALUE'],
    ['a replacement character', 'CN', 'a\ufffd', 'BAD_VALUE'],
    ['Cyrillic among Latin letters', 'O', 'BỘ TÀI СHÍNH', 'BAD_VALUE'],
    ['Greek among Latin letters', 'O', 'BỘ ΤÀI CHÍNH', 'BAD_VALUE'],
    ['Cyrillic behind a hyphen', 'O', 'Hà-\u0430', 'BAD_VALUE'],
    ['Cyrillic behind an apostrophe', 'CN', 'H\u2019\u0421', 'BAD_VALUE'],
    ['Cyrillic around a digit', 'CN', 'A1\u0410', 'BAD_VALUE'],
    ['a Cyrillic word that reads as a Latin one', 'CN', '\u0421\u0410 tỉnh', 'BAD_VALUE'],
    ['a Greek word that reads as a Latin one', 'CN', '\u0392\u039f', 'BAD_VALUE'],
    ['full-width letters', 'O', '\uff22Ộ', 'BAD_VALUE'],
    ['a full-width digit', 'OU', 'Phòng \uff11', 'BAD_VALUE'],
    ['mathematical letters', 'CN', '\u{1d400}', 'BAD_VALUE'],
    ['a ligature', 'CN', '\ufb01', 'BAD_VALUE'],
    ['a superscript', 'CN', 'm\u00b2', 'BAD_VALUE'],
    ['a Roman numeral of one character', 'OU', 'Khu \u2163', 'BAD_VALUE'],
    ['Eth for Đ', 'L', '\u00d0ắk Lắk', 'BAD_VALUE'],
    ['African D for Đ', 'L', '\u0189ắk Lắk', 'BAD_VALUE'],
    ['a click that looks like !', 'CN', 'a\u01c3', 'BAD_VALUE'],
    ['a letter of phonetics', 'CN', '\u0251', 'BAD_VALUE'],
    ['Arabic letters, which run the other way', 'CN', '\u0645\u062d', 'BAD_VALUE'],
    ['Hebrew letters', 'CN', '\u05d0', 'BAD_VALUE'],
    ['Arabic digits', 'CN', '\u0661', 'BAD_VALUE'],
    ['a picture', 'CN', '\u{1f600}', 'BAD_VALUE'],
    ['a slash that is none', 'OU', 'a\u2215b', 'BAD_VALUE'],
    ['an en space', 'CN', 'a\u2002b', 'BAD_VALUE'],
    ['a thin space', 'CN', 'a\u2009b', 'BAD_VALUE'],
    ['an ideographic space', 'CN', 'a\u3000b', 'BAD_VALUE'],
    ['a variation selector', 'CN', 'a\ufe0f', 'BAD_VALUE'],
    ['a supplementary variation selector', 'CN', 'a\u{e0100}', 'BAD_VALUE'],
    ['a tag character', 'CN', 'a\u{e0041}', 'BAD_VALUE'],
    ['a private character', 'CN', 'a\ue000', 'BAD_VALUE'],
    ['an unassigned character', 'CN', 'a\u0378', 'BAD_VALUE'],
    ['a noncharacter', 'CN', 'a\ufdd0', 'BAD_VALUE'],
    ['a noncharacter at the end of a plane', 'CN', 'a\u{1ffff}', 'BAD_VALUE'],
    ['a mark at the start', 'CN', '\u0303a', 'BAD_VALUE'],
    ['a mark after a blank', 'CN', 'a \u0306b', 'BAD_VALUE'],
    ['a mark after a digit', 'CN', '1\u0301', 'BAD_VALUE'],
    ['a mark that strikes a letter through', 'L', 'D\u0335ắk', 'BAD_VALUE'],
    ['a mark twice', 'CN', 'x\u0303\u0303', 'BAD_VALUE'],
    ['an enclosing mark', 'CN', 'a\u20dd', 'BAD_VALUE'],
    ['an e-mail address without a domain', 'E', 'nguyenvana', 'BAD_VALUE'],
    ['an e-mail address with a blank', 'E', 'a b@c.vn', 'BAD_VALUE'],
    ['a serial number that is not printable', 'serialNumber', 'số 1', 'BAD_VALUE'],
  ] as const)('catches %s', (_, type, value, code) => {
    expect(check(type, value)).toEqual([`${code} subject.${type}`]);
  });

  it.each([
    ['ST', 128],
    ['L', 128],
    ['O', 64],
    ['OU', 64],
    ['CN', 64],
    ['T', 64],
    ['serialNumber', 64],
    ['SN', 64],
    ['GN', 64],
    ['organizationIdentifier', 256],
  ] as const)('counts characters of %s up to %d', (type, limit) => {
    // Outside the Basic Multilingual Plane, so that units of UTF-16 are not taken for characters.
    const letter = type === 'serialNumber' ? 'a' : '𠀋';
    expect(check(type, letter.repeat(limit))).toEqual([]);
    expect(check(type, letter.repeat(limit + 1))).toEqual([`BAD_VALUE subject.${type}`]);
  });

  it('names hidden characters by their number, so that they are seen', () => {
    expect(checkNameValue('CN', 'a\u202eb\u200bc', 'x')[0]?.found).toBe('#2 U+202E, #4 U+200B');
  });

  it.each([
    ['H\u0430 Nội', '#2 U+0430', 'Latin'],
    ['Nội H\u0430\u0430', '#6 U+0430, #7 U+0430', 'Cyrillic'],
    ['𠀋 H\u0430', '#4 U+0430', 'Latin'],
    ['\u00d0à Nẵng', '#1 U+00D0', 'Đ (U+0110)'],
    ['Khu \u2163', '#5 U+2163', 'IV (U+0049 U+0056)'],
  ])('names the characters in %j and their places', (value, found, allowed) => {
    const expected = allowed === 'Cyrillic' ? ['#5 U+0048', allowed] : [found, allowed];
    expect(checkNameValue('CN', value, 'x').map((one) => [one.found, one.allowed])).toEqual([expected]);
  });

  it('bears no more marks than a letter has', () => {
    const marks = ['\u0323', '\u0300', '\u0306'];
    expect(check('CN', `x${marks.slice(0, 2).join('')}`)).toEqual([]);
    expect(check('CN', `x${marks.join('')}`)).toEqual(['BAD_VALUE subject.CN']);
  });

  it('takes no value that another form of Unicode would change', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), (value) => {
        if (check('CN', value).length === 0) expect(value.normalize('NFKC')).toBe(value);
      }),
      { numRuns: 20_000 },
    );
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      if (check('CN', character).length > 0) continue;
      expect(character.normalize('NFKC')).toBe(character);
      expect(character).not.toMatch(/[\p{C}\p{Z}\p{DI}\p{M}]/u);
    }
  });

  it('does not look far into a value that is far too long', () => {
    expect(check('CN', '\u0303'.repeat(60_000))).toEqual(['BAD_VALUE subject.CN']);
  });

  it('tells all that is wrong', () => {
    expect(check('O', `BỘ  СHÍNH ${'a'.repeat(64)}`)).toHaveLength(3);
  });
});

describe('isEmailAddress', () => {
  it.each(['a@b.vn', "o'hara.x+y@mail.gov.vn", `${'a'.repeat(64)}@b.vn`])('accepts %s', (text) => {
    expect(isEmailAddress(text)).toBe(true);
  });
  it.each([
    '@b.vn',
    'a@',
    'a@b',
    'a@b..vn',
    'a@-b.vn',
    'a..b@c.vn',
    '.a@c.vn',
    'a@b@c.vn',
    'á@b.vn',
    'a@b.vn\n',
    'a@1.2.3.4',
    `${'a'.repeat(65)}@b.vn`,
    `a@${'b.'.repeat(130)}vn`,
    '"a b"@c.vn',
  ])('refuses %j', (text) => {
    expect(isEmailAddress(text)).toBe(false);
  });
});

describe('isHostName', () => {
  it.each(['ca.gov.vn', 'localhost', 'xn--h-ioa.vn', '9h.vn', `${'a'.repeat(63)}.vn`])(
    'accepts %s',
    (text) => {
      expect(isHostName(text)).toBe(true);
    },
  );
  it.each([
    '',
    '.',
    'a..vn',
    'a.vn.',
    '*.a.vn',
    'a_b.vn',
    '10.0.0.1',
    `${'a'.repeat(64)}.vn`,
    'a.'.repeat(127) + 'a',
    'a b',
  ])('refuses %j', (text) => {
    expect(isHostName(text)).toBe(false);
  });
});
