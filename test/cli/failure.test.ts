/** Errors as people and programs see them. */
import { CliError } from '../../src/cli/errors';
import { asCoded, failureJson, failureText, stacks } from '../../src/cli/failure';
import type { Problem } from '../../src/errors';

const problem = (index: number): Problem => ({
  code: 'BAD_VALUE',
  where: `line ${index}`,
  found: 'x',
  allowed: 'y',
});

test('a long list of problems is cut, and its length told', () => {
  const error = (count: number) =>
    new CliError(
      'BAD_COMMAND_LINE',
      { help: 'h' },
      { problems: Array.from({ length: count }, (_, i) => problem(i)) },
    );
  expect(failureText(error(50), 'en').split('\n')).toHaveLength(51);
  const lines = failureText(error(73), 'en').split('\n');
  expect(lines).toHaveLength(52);
  expect(lines[1]).toBe('  line 0: value not allowed — found: x; allowed: y');
  expect(lines[51]).toBe('  … and 23 more');
  expect(failureText(error(73), 'vi')).toContain('… và 23 lỗi nữa');
  expect(failureJson(error(73))).toHaveProperty('error.problems.length', 73);
});

test('a problem shows only what it knows, on one line and of bearable length', () => {
  const problems: Problem[] = [
    { code: 'MISSING', where: 'csr', found: '', allowed: '' },
    { code: 'UNKNOWN_KEY', where: 'a\u001b', found: 'b\n'.repeat(300), allowed: '' },
  ];
  const lines = failureText(new CliError('BAD_COMMAND_LINE', { help: 'h' }, { problems }), 'en').split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toBe('  csr: missing');
  expect(lines[2]).toMatch(/^ {2}a\\u\{001b\}: unknown key — found: b/);
  expect(lines[2]?.length).toBeLessThan(250);
});

test('a sentence that was found is told whole, in the language of the rest', () => {
  const [found, foundVi] = ['w'.repeat(500), 'v'.repeat(500)];
  const problems: Problem[] = [{ code: 'BAD_VALUE', where: 'row 2, csr', found, foundVi, allowed: '' }];
  const error = new CliError('BAD_COMMAND_LINE', { help: 'h' }, { problems });
  expect(failureText(error, 'en')).toContain(found);
  expect(failureText(error, 'vi')).toContain(foundVi);
  expect(failureText(error, 'vi')).not.toContain('w'.repeat(10));
});

test('coded causes are told, others are not', () => {
  const inner = new CliError('CANCELLED', {}, { cause: new Error('pin 1234') });
  const outer = new CliError('INTERRUPTED', { signal: 'SIGINT' }, { cause: inner });
  const text = failureText(outer, 'en');
  expect(text.split('\n')[1]).toMatch(/^ {2}Cause: .*\[CANCELLED\]$/);
  expect(text).not.toContain('1234');
  expect(stacks(outer)).toContain('1234');
});

test('what system calls say of a path is input; what they say of anything else is not', () => {
  const system = (properties: object) => Object.assign(new Error('system'), properties);
  expect(asCoded(system({ code: 'EACCES', path: '/x' }))).toMatchObject({ code: 'FILE', category: 'input' });
  expect(asCoded(system({ code: 'ENOSPC', path: '/x' }))).toMatchObject({ code: 'UNEXPECTED' });
  expect(asCoded(system({ code: 'ENOENT' }))).toMatchObject({ code: 'UNEXPECTED' });
  expect(asCoded(undefined)).toMatchObject({ code: 'UNEXPECTED', params: { name: 'undefined' } });
});
