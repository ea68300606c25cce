/** Readers of typed values. */
import { instant, namedValue, wholeNumber } from '../../src/cli/values';

test.each([
  ['1', 1],
  ['365', 365],
  ['0', undefined],
  ['366', undefined],
  ['01', undefined],
  ['1e2', undefined],
  ['1.5', undefined],
  ['', undefined],
  ['-3', undefined],
])('a whole number between 1 and 365: %j', (word, value) => {
  expect(wholeNumber(1, 365).read(word)).toBe(value);
});

test.each([
  ['CN=Nguyễn Văn An', ['CN', 'Nguyễn Văn An']],
  ['O= a=b ', ['O', 'a=b']],
  ['O=', ['O', '']],
  ['=x', undefined],
  ['CN', undefined],
])('a named value: %j', (word, value) => {
  expect(namedValue.read(word)).toEqual(value);
});

test.each([
  ['2026-11-23', '2026-11-22T17:00:00.000Z'],
  ['2026-11-23T08:30+07:00', '2026-11-23T01:30:00.000Z'],
  ['2026-11-23T08:30:15Z', '2026-11-23T08:30:15.000Z'],
  ['2028-02-29', '2028-02-28T17:00:00.000Z'],
  ['2026-02-29', undefined],
  ['2026-13-01', undefined],
  ['2026-11-23T25:00Z', undefined],
  ['2026-11-23T08:30', undefined],
  ['23/11/2026', undefined],
])('a day or a time: %j', (word, value) => {
  expect(instant.read(word)?.toISOString()).toBe(value);
});
