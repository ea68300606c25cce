/** Hashes as words: every byte has one word in each language, and no two words can be taken for each other. */
import { wordLines } from '../../src/ceremony';
import { wordsOf } from '../../src/ceremony/words';

const ALL = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex');
const vietnamese = wordsOf(ALL, 'vi');
const english = wordsOf(ALL, 'en');

/** How many letters must be changed to make one text of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const above = row;
    row = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (above[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      row.push(Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed));
    }
  }
  return row.at(-1) ?? 0;
}

/** Without tones and marks, and with the sounds that one region or another does not tell apart made one. */
function heard(word: string): string {
  return word
    .split(' ')
    .map((syllable) =>
      syllable
        .replaceAll('đ', 'D')
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .replace(/^(gi(?=.)|d|r|v)/, 'z')
        .replace(/^(tr|ch)/, 'C')
        .replace(/^x/, 's')
        .replace(/^n(?![gh])/, 'l')
        .replace(/ng$/, 'n')
        .replace(/[ct]$/, 't'),
    )
    .join(' ');
}

const pairs = <T>(items: readonly T[]): readonly (readonly [T, T])[] =>
  items.flatMap((one, index) => items.slice(0, index).map((other) => [one, other] as const));

test('256 words in each language, composed letters only', () => {
  for (const words of [vietnamese, english]) {
    expect(new Set(words).size).toBe(256);
    expect(words.every((word) => word === word.normalize('NFC') && word.length <= 12)).toBe(true);
  }
});

test('Vietnamese words differ by two letters or more, even misheard and without marks', () => {
  const close = pairs(vietnamese).filter(([one, other]) => distance(heard(one), heard(other)) < 2);
  expect(close).toEqual([]);
});

test('English words are known by their first three letters, and differ by two or more', () => {
  expect(new Set(english.map((word) => word.slice(0, 3))).size).toBe(256);
  expect(pairs(english).filter(([one, other]) => distance(one, other) < 2)).toEqual([]);
});

test('the words of a hash never change: records and the notes of witnesses hold them', () => {
  const hash = '000102030405060708090a0b0c0d0e0ff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';
  expect(wordLines(hash, 'vi').slice(0, 2)).toEqual([
    '1. 00010203  ánh nắng · áo mưa · bác sĩ · bậc thềm',
    '2. 04050607  bàn chân · bàn ghế · bảng đen · bánh chưng',
  ]);
  expect(wordLines(hash, 'en').slice(-1)).toEqual(['8. fcfdfeff  yellow · yogurt · zebra · zigzag']);
  expect(wordsOf(hash.toUpperCase(), 'en')).toEqual(wordsOf(hash, 'en'));
});
