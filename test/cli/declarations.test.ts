/** Declarations that contradict each other are found when the program starts, not when somebody types them. */
import { defineCommand, defineGroup, type Program } from '../../src/cli/command';
import { parseCommandLine } from '../../src/cli/program';

const phrase = { en: () => 'word', vi: () => 'từ' };

const command = (path: string, options = {}) =>
  defineCommand({
    path,
    summary: phrase,
    example: [],
    options,
    handler: async () => ({ json: {}, text: () => '' }),
  });

function start(...entries: Program['entries']): () => unknown {
  const program: Program = { name: 'subca', summary: phrase, directoryVariable: 'SUBCA_DIR', entries };
  return () => parseCommandLine(program, ['--version'], { lang: 'en', columns: 80 });
}

test('groups come before what they group', () => {
  expect(start(defineGroup('a', phrase), command('a b'))).not.toThrow();
  expect(start(command('a'), command('a b'))).not.toThrow();
  expect(start(command('a b'), defineGroup('a', phrase))).toThrow(/declared before the group/);
  expect(start(command('a b'))).toThrow(/declared before the group/);
});

test('a path is declared once', () => {
  expect(start(command('a'), command('b'))).not.toThrow();
  expect(start(command('a'), command('a'))).toThrow(/declared twice/);
});

test('an option of every command is not declared again', () => {
  expect(start(command('a', { out: { flag: '--out <file>', summary: phrase } }))).not.toThrow();
  expect(start(command('a', { dir: { flag: '--dir <dir>', summary: phrase } }))).toThrow(/every command has/);
  expect(start(command('a', { help: { flag: '--json', summary: phrase } }))).toThrow(/every command has/);
});
