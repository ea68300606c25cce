/** The help page of a command, in the person's language. */
import { Help, type Command, type Option } from 'commander';
import type { Lang } from '../i18n';
import { cliTexts } from '../i18n/messages/cli';
import { displayWidth } from './display';

/** What a help page shows beside what commander knows of a command. */
export interface HelpExtras {
  readonly example: readonly string[];
  /** How a command appears in the list of its group. */
  readonly term: (command: Command) => string;
  /** Said below everything else. */
  readonly footer: string;
}

export const HELP_FLAGS = '-h, --help';

type Heading = 'commands' | 'arguments' | 'options' | 'commonOptions' | 'example';

export class HelpPage extends Help {
  readonly #lang: Lang;
  readonly #extras: HelpExtras;

  constructor(lang: Lang, extras: HelpExtras) {
    super();
    this.#lang = lang;
    this.#extras = extras;
    this.showGlobalOptions = true;
  }

  /** Vietnamese letters may be made of several characters. */
  override displayWidth(line: string): number {
    return displayWidth(line);
  }

  override subcommandTerm(command: Command): string {
    return this.#extras.term(command);
  }

  override formatHelp(command: Command, helper: Help): string {
    const width = this.padWidth(command, helper);
    const section = (heading: Heading, terms: readonly (readonly [term: string, description: string])[]) =>
      terms.length === 0
        ? ''
        : [
            `${cliTexts[heading][this.#lang]({})}:`,
            ...terms.map(([term, description]) => this.formatItem(term, width, description, helper)),
          ].join('\n');
    const items = (options: readonly Option[]) =>
      options.map((option) => [this.optionTerm(option), option.description] as const);

    const isRoot = command.parent === null;
    const help = [HELP_FLAGS, cliTexts.helpOption[this.#lang]({})] as const;
    return [
      `${cliTexts.usage[this.#lang]({})}: ${this.commandUsage(command)}`,
      this.boxWrap(capitalised(command.description()), this.helpWidth ?? 80),
      section(
        'commands',
        command.commands.map((sub) => [this.subcommandTerm(sub), sub.summary()]),
      ),
      section(
        'arguments',
        command.registeredArguments.map((argument) => [argument.name(), argument.description]),
      ),
      section('options', isRoot ? [] : items(command.options)),
      section('commonOptions', [
        ...items(isRoot ? command.options : this.visibleGlobalOptions(command)),
        help,
      ]),
      section(
        'example',
        this.#extras.example.map((line) => [line, '']),
      ),
      this.#extras.footer,
    ]
      .filter((block) => block !== '')
      .join('\n\n');
  }
}

function capitalised(sentence: string): string {
  return sentence.charAt(0).toLocaleUpperCase('vi') + sentence.slice(1);
}
