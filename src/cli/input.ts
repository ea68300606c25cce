/** From the words on a command line to the values a handler works with; all that is wrong is found at once. */
import { hasPassword } from '../config';
import type { Problem } from '../errors';
import { clipped } from './display';
import type { ArgumentDeclaration, Command, OptionDeclaration } from './command';

/** The words as they were typed: those of an argument or option in their order, or that a switch is on. */
export interface Words {
  readonly arguments: Readonly<Record<string, string | undefined>>;
  readonly options: Readonly<Record<string, readonly string[] | boolean | undefined>>;
}

interface Reading {
  readonly input: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

type ValueDeclaration = Pick<ArgumentDeclaration, 'choices' | 'parse'>;

const LONGEST_SHOWN = 100;

/** Reads every value a command declares. When there are problems, `input` is not to be used. */
export function readInput(command: Pick<Command, 'arguments' | 'options'>, words: Words): Reading {
  const problems: Problem[] = [];
  const input: Record<string, unknown> = {};
  for (const argument of command.arguments) {
    const word = words.arguments[argument.name];
    const where = `<${argument.name}>`;
    if (word === undefined || word === '') {
      if (argument.required === true) problems.push(missing(argument, where));
    } else {
      input[argument.name] = readValue(argument, where, word, problems);
    }
  }
  for (const [name, option] of Object.entries(command.options)) {
    input[name] = readOption(option, words.options[name], problems);
  }
  return { input, problems };
}

function readOption(
  option: OptionDeclaration,
  given: readonly string[] | boolean | undefined,
  problems: Problem[],
): unknown {
  if (!option.flag.includes('<')) return given === true;
  const typed = Array.isArray(given) ? (given as readonly string[]) : [];
  const words = typed.length === 0 && option.default !== undefined ? [option.default] : typed;
  const where = option.flag;
  // An empty word is what an unset shell variable leaves behind.
  if (words.includes('') || (words.length === 0 && option.required === true)) {
    problems.push(missing(option, where));
    return undefined;
  }
  if (option.repeatable === true) return words.map((word) => readValue(option, where, word, problems));
  if (words.length > 1) {
    problems.push({
      code: 'DUPLICATE',
      where,
      found: clipped(words.join(', '), LONGEST_SHOWN),
      allowed: '1',
    });
    return undefined;
  }
  return words[0] === undefined ? undefined : readValue(option, where, words[0], problems);
}

function readValue(declaration: ValueDeclaration, where: string, word: string, problems: Problem[]): unknown {
  const { choices, parse } = declaration;
  const value = parse === undefined ? word : parse.read(word);
  if (value !== undefined && (choices === undefined || choices.includes(word))) return value;
  problems.push({
    code: 'BAD_VALUE',
    where,
    found: hasPassword(word) ? '…' : clipped(word, LONGEST_SHOWN),
    allowed: allowedOf(declaration),
  });
  return undefined;
}

function missing(declaration: ValueDeclaration, where: string): Problem {
  return { code: 'MISSING', where, found: '', allowed: allowedOf(declaration) };
}

function allowedOf({ choices, parse }: ValueDeclaration): string {
  return choices?.join(', ') ?? parse?.allowed ?? '';
}
