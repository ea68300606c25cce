/** The word somebody may have meant. */
import { nearest } from '../../src/cli/suggest';

const COMMANDS = ['issue', 'revoke', 'sync', 'status', 'serve'];

test.each([
  ['isue', 'issue'],
  ['isseu', 'issue'],
  ['revok', 'revoke'],
  ['snyc', 'sync'],
  ['statsu', 'status'],
  ['zzz', ''],
  ['', ''],
  ['certificate', ''],
])('%j → %j', (word, meant) => {
  expect(nearest(word, COMMANDS)).toBe(meant);
});

test('options are compared without their dashes making them alike', () => {
  expect(nearest('--crs', ['--csr', '--dir'])).toBe('--csr');
  expect(nearest('--x', ['--csr', '--dir'])).toBe('');
});
