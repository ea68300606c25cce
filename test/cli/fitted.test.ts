/** Lines on a terminal that is narrower than they are. */
import fc from 'fast-check';
import { displayWidth } from '../../src/cli/display';
import { fitted, shownOn } from '../../src/cli/fitted';
import type { OutputStream } from '../../src/cli/surroundings';
import { fields, table } from '../../src/cli/table';

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => !/^─*$/.test(word));

test('what fits stays as it is, and so does what goes to a file', () => {
  const text = table([{ title: 'nút' }, { title: 'mục' }], [['15-1', '12']]);
  expect(fitted(text, 80)).toBe(text);
  const long = 'chứng thư '.repeat(20);
  expect(shownOn({ columns: 40 } as OutputStream, long)).toBe(long);
  expect(shownOn({ isTTY: true, columns: 40 } as OutputStream, long)).not.toBe(long);
});

test('a sentence is broken between words, a value below its beginning', () => {
  expect(fitted('Lỗi: Không có token "nodee" trong máy.', 24)).toBe(
    'Lỗi: Không có token\n"nodee" trong máy.',
  );
  const text = fields([
    ['nút', '15-1'],
    ['đề nghị', 'cấp mới, gia hạn, thu hồi'],
  ]);
  expect(fitted(text, 28)).toBe('nút:      15-1\nđề nghị:  cấp mới, gia hạn,\n          thu hồi');
});

test('the last column of a table goes below its beginning, or below the row', () => {
  const columns = [{ title: 'số' }, { title: 'chủ thể' }];
  expect(fitted(table(columns, [['0100', 'CN=SỞ NỘI VỤ TỈNH']]), 20)).toBe(
    ['số    chủ thể', '────  ──────────────', '0100  CN=SỞ NỘI VỤ', '      TỈNH'].join('\n'),
  );
  expect(fitted(table(columns, [['010000000000', 'CN=SỞ NỘI VỤ']]), 20)).toBe(
    ['số', '    chủ thể', '────────────  ──────', '010000000000', '    CN=SỞ NỘI VỤ'].join('\n'),
  );
});

test('nothing is lost, and no line is wider than the terminal but for a word that is', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', 'ộ', 'ộ', '漢', ':', ','),
    minLength: 1,
    maxLength: 12,
  });
  const line = fc.array(word, { maxLength: 12 }).map((all) => all.join(' '));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.integer({ min: 30, max: 60 }), (lines, columns) => {
      const shown = fitted(lines.join('\n'), columns);
      expect(words(shown)).toEqual(words(lines.join('\n')));
      for (const one of shown.split('\n')) expect(displayWidth(one)).toBeLessThanOrEqual(columns);
    }),
  );
});
