/** Text on a terminal. */
import fc from 'fast-check';
import { clipped, displayWidth, oneLine, pad, printable, wrapped } from '../../src/cli/display';
import { fields, table } from '../../src/cli/table';

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['Nguyễn Văn Đức', 14],
    ['Nguyễn Văn Đức'.normalize('NFD'), 14],
    ['漢字', 4],
    ['ｆｕｌｌ', 8],
    ['a\u200bb', 2],
  ])('%j', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('padding fills up to the width, on either side', () => {
    expect(pad('Lỗi'.normalize('NFD'), 5)).toBe(`${'Lỗi'.normalize('NFD')}  `);
    expect(pad('7', 3, 'right')).toBe('  7');
    expect(pad('too long', 3)).toBe('too long');
  });
});

describe('values from outside', () => {
  test('cannot break the line or steer the terminal', () => {
    expect(oneLine('a\nb\u001b[31m\u009b\u202e\u2028')).toBe(
      'a\\u{000a}b\\u{001b}[31m\\u{009b}\\u{202e}\\u{2028}',
    );
    expect(printable('a\n\tb\u0007')).toBe('a\n\tb\\u{0007}');
  });

  test('are left alone otherwise', () => {
    for (const text of ['Ủy ban nhân dân tỉnh', 'Ủy ban'.normalize('NFD'), '漢字 — “x”']) {
      expect(oneLine(text)).toBe(text);
    }
  });

  test('are cut between letters', () => {
    expect(clipped('abc', 3)).toBe('abc');
    expect(clipped('abcd', 3)).toBe('ab…');
    const decomposed = 'ễễễễ'.normalize('NFD');
    expect(clipped(decomposed, 4)).toBe(decomposed);
    expect(clipped(decomposed, 3)).toBe(`${'ễễ'.normalize('NFD')}…`);
  });

  test('never hold a control character afterwards', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });
});

describe('table', () => {
  test('aligns by what the terminal shows', () => {
    const shown = table(
      [{ title: 'Tên' }, { title: 'Số', align: 'right' }],
      [
        ['Đỗ Thị Hiền'.normalize('NFD'), '7'],
        ['An', '1024'],
      ],
    );
    expect(shown.normalize('NFC')).toBe(
      ['Tên            Số', '───────────  ────', 'Đỗ Thị Hiền     7', 'An           1024'].join('\n'),
    );
  });

  test('a row can be shorter than the titles, and a cell cannot make a second row', () => {
    expect(table([{ title: 'a' }, { title: 'b' }], [['x'], ['y\nz', '1']])).toBe(
      ['a           b', '──────────  ─', 'x', 'y\\u{000a}z  1'].join('\n'),
    );
  });

  test('fields stand below each other', () => {
    expect(
      fields([
        ['Số hiệu', '4f0a'],
        ['Chủ thể', 'CN=An'],
        ['Hết', ''],
      ]),
    ).toBe(['Số hiệu:  4f0a', 'Chủ thể:  CN=An', 'Hết:'].join('\n'));
    expect(fields([])).toBe('');
  });

  test('fields go on below themselves where the columns end, and under no label below the last', () => {
    const pairs = [
      ['Tên', 'ỦY BAN NHÂN DÂN TỈNH'],
      ['', 'abcdefghijklmnopqrst'],
    ] as const;
    expect(fields(pairs, 16).split('\n')).toEqual([
      'Tên:  ỦY BAN',
      '      NHÂN DÂN',
      '      TỈNH',
      '      abcdefghijklmnopqrst',
    ]);
    expect(fields(pairs).split('\n')).toHaveLength(2);
  });

  test('lines are broken at blanks only, and lose nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme-ascii' })),
        fc.nat(20),
        (words, columns) => {
          const line = words.map((word) => word.replace(/ /g, '_')).join(' ');
          const lines = wrapped(line, columns);
          expect(lines.join(' ')).toBe(line);
          for (const one of lines) expect(one.includes(' ') && displayWidth(one) > columns).toBe(false);
        },
      ),
    );
  });
});
