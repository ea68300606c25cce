/** What a certified name may contain: real Vietnamese names pass, lookalikes and hidden characters do not. */
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
    expect(checkNameValue('CN', 'a\u202eb\u200bc', 'x')[0]?.found).toBe('U+202E U+200B');
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
