/** From declared commands to a command line that understands them, and from a typed line to what it asks for. */
import { Argument, Option } from 'commander';
import type { Lang } from '../i18n';
import { cliTexts } from '../i18n/messages/cli';
import type { Command, Group, OptionDeclaration, Program } from './command';
import { commonOptions } from './common';
import type { Words } from './input';
import { Line, Stop, type Instead, type Look, type Shown } from './line';

/** What a command line asks for. */
export type Request =
  | Instead
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly words: Words;
      readonly common: Words;
      /** The line that shows this command's help. */
      readonly help: string;
    };

/**
 * Understands one command line.
 * @throws {CliError} on unknown commands and options, too many arguments, an option without its value
 */
export function parseCommandLine(program: Program, argv: readonly string[], look: Look): Request {
  const { root, chosen } = buildLines(program, look);
  try {
    root.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof Stop) return error.instead;
    throw error;
  }
  const { line, command } = chosen();
  const names = command.arguments.map((argument, index) => [argument.name, line.args[index]] as const);
  return {
    kind: 'command',
    command,
    words: { arguments: Object.fromEntries(names), options: wordsOf(line, command.options) },
    common: { arguments: {}, options: wordsOf(root, commonOptions(program)) },
    help: line.helpLine(),
  };
}

interface Lines {
  readonly root: Line;
  /** The command whose line was typed; only after parsing. */
  readonly chosen: () => { readonly line: Line; readonly command: Command };
}

function buildLines(program: Program, look: Look): Lines {
  const { lang } = look;
  let chosen: { line: Line; command: Command } | undefined;
  const root = new Line(program.name, look, groupShown(lang));
  root.description(program.summary[lang]({}));
  addOptions(root, commonOptions(program), lang);
  root.version('', '--version', cliTexts.versionOption[lang]({}));

  const lines = new Map([['', root]]);
  for (const entry of program.entries) {
    const line = lineOf(entry, look);
    const words = entry.path.split(' ');
    const parent = lines.get(words.slice(0, -1).join(' '));
    if (parent === undefined) throw new Error(`"${entry.path}" is declared before the group it belongs to`);
    if (lines.has(entry.path)) throw new Error(`"${entry.path}" is declared twice`);
    lines.set(entry.path, line);
    parent.addCommand(line);
    const hidden = line.options.find((option) => root.options.some((common) => common.long === option.long));
    if (hidden !== undefined)
      throw new Error(`"${entry.path}" declares ${hidden.flags}, which every command has`);
    if (entry.kind === 'command') {
      line.action(() => {
        chosen = { line, command: entry };
      });
    }
  }
  return {
    root,
    chosen: () => {
      if (chosen === undefined) throw new Error('the line was parsed, and no command was chosen');
      return chosen;
    },
  };
}

function groupShown(lang: Lang): Shown {
  const usage = `${cliTexts.usageCommand[lang]({})} ${cliTexts.usageOptions[lang]({})}`;
  return { usage, placeholders: '', isCommand: false, example: [] };
}

function lineOf(entry: Command | Group, look: Look): Line {
  const { lang } = look;
  const name = entry.path.split(' ').at(-1) ?? '';
  const summary = entry.summary[lang]({});
  if (entry.kind === 'group') {
    return new Line(name, look, groupShown(lang)).summary(summary).description(summary);
  }
  const placeholders = entry.arguments
    .map((argument) => (argument.required === true ? `<${argument.name}>` : `[${argument.name}]`))
    .join(' ');
  const usage = `${placeholders} ${cliTexts.usageOptions[lang]({})}`.trimStart();
  const line = new Line(name, look, { usage, placeholders, isCommand: true, example: entry.example });
  line.summary(summary);
  line.description(
    entry.description === undefined ? summary : `${summary}\n\n${entry.description[lang]({})}`,
  );
  for (const argument of entry.arguments) {
    // Optional for commander: what is missing is found later, together with everything else that is wrong.
    line.addArgument(new Argument(`[${argument.name}]`, described(argument, lang)));
  }
  addOptions(line, entry.options, lang);
  return line;
}

function addOptions(line: Line, options: Readonly<Record<string, OptionDeclaration>>, lang: Lang): void {
  for (const declaration of Object.values(options)) {
    const option = commanderOption(declaration, described(declaration, lang));
    if (option.required) {
      // Every word is kept, so that an option given twice can be refused and not silently be the last one.
      option.argParser<readonly string[]>((word, previous) => [
        ...((previous as readonly string[] | undefined) ?? []),
        word,
      ]);
    }
    line.addOption(option);
  }
}

function commanderOption(declaration: OptionDeclaration, description = ''): Option {
  const { flag, repeatable } = declaration;
  return new Option(repeatable === true ? flag.replace(/>$/, '...>') : flag, description);
}

function wordsOf(line: Line, options: Readonly<Record<string, OptionDeclaration>>): Words['options'] {
  return Object.fromEntries(
    Object.entries(options).map(([name, declaration]) => {
      const key = commanderOption(declaration).attributeName();
      return [name, line.getOptionValue(key) as readonly string[] | boolean | undefined] as const;
    }),
  );
}

/** The summary, and in brackets what holds for the value. */
function described(
  declaration: Partial<OptionDeclaration> & Pick<OptionDeclaration, 'summary'>,
  lang: Lang,
): string {
  const flag = declaration.flag ?? '';
  const notes = [
    declaration.required === true ? cliTexts.required[lang]({}) : '',
    declaration.repeatable === true ? cliTexts.repeatable[lang]({}) : '',
    declaration.choices === undefined || flag.includes(declaration.choices.join('|'))
      ? ''
      : cliTexts.choices[lang]({ choices: declaration.choices.join(', ') }),
    declaration.default === undefined ? '' : cliTexts.defaultValue[lang]({ value: declaration.default }),
  ].filter((note) => note !== '');
  const summary = declaration.summary[lang]({});
  return notes.length === 0 ? summary : `${summary} (${notes.join('; ')})`;
}
