/** The choice of language, and the form of dates in each. */
import { filled, formatDate, langFrom, langOfEnvironment, text } from '../../src/i18n';

test.each([
  [{}, 'vi'],
  [{ LANG: 'C.UTF-8' }, 'vi'],
  [{ LANG: 'vi_VN.UTF-8' }, 'vi'],
  [{ LANG: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'en' }, 'en'],
  [{ LANG: 'eng' }, 'vi'],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'vi_VN.UTF-8' }, 'vi'],
  [{ LANG: 'vi_VN.UTF-8', LC_MESSAGES: 'en_GB' }, 'en'],
  [{ LANG: 'vi_VN.UTF-8', LC_MESSAGES: 'en_GB', LC_ALL: '' }, 'en'],
])('the language of %j is %s', (env, lang) => {
  expect(langOfEnvironment(env)).toBe(lang);
});

test('only the two languages have a name', () => {
  expect([langFrom('vi'), langFrom('en'), langFrom('fr'), langFrom(undefined)]).toEqual([
    'vi',
    'en',
    undefined,
    undefined,
  ]);
});

test('dates are told in Vietnam’s time', () => {
  const date = new Date('2026-11-23T17:05:22.999Z');
  expect(formatDate(date, 'vi')).toBe('24/11/2026 00:05:22 +07:00');
  expect(formatDate(date, 'en')).toBe('2026-11-24 00:05:22 +07:00');
  expect(() => formatDate(new Date(NaN), 'vi')).toThrow(RangeError);
});

test('a filled text keeps its parameters in both languages', () => {
  const greeting = text<{ name: string }>(
    (p) => `Hello ${p.name}`,
    (p) => `Chào ${p.name}`,
  );
  const phrase = filled(greeting, { name: 'An' });
  expect([phrase.en({}), phrase.vi({})]).toEqual(['Hello An', 'Chào An']);
});
