/** One word of a command's path in commander's terms: its help page and its refusals, in the person's language. */
import { Command as Commander, type ErrorOptions, type Help } from 'commander';
import type { Lang } from '../i18n';
import { cliTexts } from '../i18n/messages/cli';
import { CliError } from './errors';
import { HELP_FLAGS, HelpPage } from './help';
import { nearest } from './suggest';

/** Letters of a list of subcommands that still leave room beside it. */
const LONGEST_LIST = 24;

export interface Look {
  readonly lang: Lang;
  /** Columns of a help page. */
  readonly columns: number;
}

/** What a command line can ask for instead of running a command. */
export type Instead =
  | { readonly kind: 'help'; readonly page: string }
  | { readonly kind: 'version' }
  /** Only the first word of several commands was typed. */
  | { readonly kind: 'incomplete'; readonly page: string; readonly error: CliError };

/** Ends the parsing with something else than a command to run. */
export class Stop extends Error {
  constructor(readonly instead: Instead) {
    super(instead.kind);
  }
}

/** What a line's help page shows of its declaration. */
export interface Shown {
  readonly usage: string;
  readonly placeholders: string;
  /** False for what only groups others. */
  readonly isCommand: boolean;
  readonly example: readonly string[];
}

/** One word of a command's path, as commander knows it. */
export class Line extends Commander {
  readonly #look: Look;
  readonly #shown: Shown;

  constructor(name: string, look: Look, shown: Shown) {
    super(name);
    this.#look = look;
    this.#shown = shown;
    this.usage(shown.usage);
    this.helpOption(HELP_FLAGS, cliTexts.helpOption[look.lang]({}));
    this.helpCommand(false);
    // Help and errors stop below; what is left for commander to exit on is the version.
    this.configureOutput({ writeOut: () => undefined });
    this.exitOverride(() => {
      throw new Stop({ kind: 'version' });
    });
  }

  /** The words that call this line: `subca sync export`. */
  fullName(): string {
    return this.parent instanceof Line ? `${this.parent.fullName()} ${this.name()}` : this.name();
  }

  helpLine(): string {
    return `${this.fullName()} --help`;
  }

  /** As the list of its group shows it: with its arguments, or with what it groups itself. */
  term(): string {
    const { placeholders, isCommand } = this.#shown;
    const names = this.#subcommands().join('|');
    const below = names.length > LONGEST_LIST ? '…' : isCommand && names !== '' ? `[${names}]` : names;
    return `${this.name()} ${placeholders === '' ? below : placeholders}`.trimEnd();
  }

  override createHelp(): Help {
    const program = this.fullName();
    const page = new HelpPage(this.#look.lang, {
      example: this.#shown.example,
      footer: this.commands.length > 0 ? cliTexts.helpOfCommand[this.#look.lang]({ program }) : '',
      term: (command) => (command instanceof Line ? command.term() : command.name()),
    });
    page.helpWidth = this.#look.columns;
    return page;
  }

  override outputHelp(): never {
    throw new Stop({ kind: 'help', page: this.helpInformation() });
  }

  /** Called when a line that only groups others is typed alone. */
  override help(): never {
    const available = this.#subcommands().join(', ');
    const error = new CliError('COMMAND_MISSING', {
      program: this.fullName(),
      available,
      help: this.helpLine(),
    });
    throw new Stop({ kind: 'incomplete', page: this.helpInformation(), error });
  }

  /** Called with commander's own English sentence, of which only the quoted word is of use. */
  override error(message: string, options: ErrorOptions = {}): never {
    const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
    const help = this.helpLine();
    const code = options.code ?? '';
    if (code === 'commander.unknownCommand') throw this.#unknownCommand(quoted);
    if (code === 'commander.unknownOption') {
      const suggestion = nearest(quoted, this.#longFlags());
      throw new CliError('UNKNOWN_OPTION', { option: quoted, suggestion, help });
    }
    if (code === 'commander.optionMissingArgument') {
      throw new CliError('OPTION_VALUE_MISSING', { option: quoted, help });
    }
    if (code === 'commander.excessArguments') {
      const allowed = this.registeredArguments.length;
      const unexpected = this.args[allowed] ?? '';
      const groups = !this.#shown.isCommand || (this.commands.length > 0 && allowed === 0);
      if (groups) throw this.#unknownCommand(unexpected);
      throw new CliError('TOO_MANY_ARGUMENTS', { unexpected, allowed, help });
    }
    throw new Error(`commander refused the line in an unforeseen way: ${message}`);
  }

  #unknownCommand(command: string): CliError {
    const suggestion = nearest(command, this.#subcommands());
    return new CliError('UNKNOWN_COMMAND', { command, suggestion, help: this.helpLine() });
  }

  #subcommands(): readonly string[] {
    return this.commands.map((command) => command.name());
  }

  #longFlags(): readonly string[] {
    const above = this.parent instanceof Line ? this.parent.#longFlags() : [];
    return [...this.options.flatMap((option) => option.long ?? []), '--help', ...above];
  }
}
