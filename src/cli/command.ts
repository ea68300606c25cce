/** What a command is: declared as data, with a short handler; the framework does everything around it. */
import type { Clock } from '../clock';
import type { Lang, Phrase } from '../i18n';
import type { Logger } from '../logger';
import type { ExitCode } from './exit';
import type { Progress } from './progress';

/** How a value that was typed becomes one the handler works with. */
export interface ValueReader<T> {
  /** What may be typed, as data (`1–365`, `2026-11-23`); shown when `read` refuses. */
  readonly allowed: string;
  /** The value, or `undefined` when the word is not one. */
  readonly read: (word: string) => T | undefined;
}

export interface ArgumentDeclaration {
  readonly name: string;
  readonly summary: Phrase;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  readonly parse?: ValueReader<unknown>;
}

export interface OptionDeclaration {
  /** `--csr <file>`; without a `<value>` it is a switch, false unless given. */
  readonly flag: `--${string}`;
  readonly summary: Phrase;
  readonly required?: boolean;
  /** May be given several times, or with several values; the handler gets a list. */
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
  /** The word that counts as typed when the option is absent. */
  readonly default?: string;
  readonly parse?: ValueReader<unknown>;
}

type Arguments = readonly ArgumentDeclaration[];
type Options = Readonly<Record<string, OptionDeclaration>>;

type ValueOf<D> = D extends { readonly parse: ValueReader<infer T> }
  ? T
  : D extends { readonly choices: readonly (infer C)[] }
    ? C
    : string;

type ArgumentValue<D> = D extends { readonly required: true } ? ValueOf<D> : ValueOf<D> | undefined;

type OptionValue<D extends OptionDeclaration> = D['flag'] extends `${string}<${string}`
  ? D extends { readonly repeatable: true }
    ? readonly ValueOf<D>[]
    : D extends { readonly required: true } | { readonly default: string }
      ? ValueOf<D>
      : ValueOf<D> | undefined
  : boolean;

/** What a handler receives: the values of its arguments and options, by name. */
export type Input<A extends Arguments, O extends Options> = {
  readonly [D in A[number] as D['name']]: ArgumentValue<D>;
} & { readonly [K in keyof O]: OptionValue<O[K]> };

/** What surrounds a handler. */
export interface Context<Directory = string> {
  /** The party's data directory as an absolute path; whether it exists is the handler's question. */
  readonly directory: Directory;
  readonly lang: Lang;
  readonly json: boolean;
  /** Whether there is a person at a terminal to ask. */
  readonly interactive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly progress: Progress;
  /** Aborted at SIGINT or SIGTERM, with a `CliError` INTERRUPTED as its reason. */
  readonly signal: AbortSignal;
  /** Says on standard error, while the command runs, that something stands ready. */
  announce(message: Phrase): void;
  /**
   * Returns when the person, or `--yes`, agrees.
   * @throws {CliError} CONFIRMATION_NEEDED without a terminal, CANCELLED when the answer is no
   */
  confirm(question: Phrase): Promise<void>;
  /**
   * The person's answer; with `secret`, it does not appear on the screen.
   * @param options `option`: the one that would have answered, named where nobody can be asked
   * @throws {CliError} NOT_A_TERMINAL without a terminal, CANCELLED when the person breaks off
   */
  ask(question: Phrase, options?: { readonly secret?: boolean; readonly option?: string }): Promise<string>;
}

/** What a command has to say when it ends without an error. */
export interface Result {
  /** The object of `--json`. */
  readonly json: object;
  /** The same for people. */
  readonly text: (lang: Lang) => string;
  /** For an outcome that is no error and yet not `done`, such as findings of a check. */
  readonly exit?: ExitCode;
}

interface Declaration<A extends Arguments, O extends Options, D extends boolean> {
  /** The words that call it: `issue`, `sync export`. */
  readonly path: string;
  readonly summary: Phrase;
  /** More than the summary, for its own help page. */
  readonly description?: Phrase;
  /** Whole command lines to copy. */
  readonly example: readonly string[];
  /** False for a command that can do without a data directory. */
  readonly needsDirectory?: D;
  readonly arguments?: A;
  readonly options?: O;
  readonly handler: (
    context: Context<D extends false ? string | undefined : string>,
    input: Input<A, O>,
  ) => Promise<Result>;
}

/** A declared command, as the framework sees it. */
export interface Command {
  readonly kind: 'command';
  readonly path: string;
  readonly summary: Phrase;
  readonly description: Phrase | undefined;
  readonly example: readonly string[];
  readonly needsDirectory: boolean;
  readonly arguments: Arguments;
  readonly options: Options;
  /** `input` holds what `readInput` made of these declarations. */
  readonly run: (
    context: Context<string | undefined>,
    input: Readonly<Record<string, unknown>>,
  ) => Promise<Result>;
}

/** The first word of several commands that is no command itself, such as `certificate`. */
export interface Group {
  readonly kind: 'group';
  readonly path: string;
  readonly summary: Phrase;
}

/** One of the two programs. */
export interface Program {
  readonly name: string;
  readonly summary: Phrase;
  /** The environment variable that stands in for `--dir`. */
  readonly directoryVariable: string;
  /** In the order of the help page. */
  readonly entries: readonly (Command | Group)[];
}

// A command without options is an object without keys, and nothing else fits as its type.
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type
type NoOptions = Readonly<Record<never, OptionDeclaration>>;

/** Declares a command; the types of the handler's input follow from its arguments and options. */
export function defineCommand<
  const A extends Arguments = readonly [],
  const O extends Options = NoOptions,
  const D extends boolean = true,
>(declaration: Declaration<A, O, D>): Command {
  return {
    kind: 'command',
    path: declaration.path,
    summary: declaration.summary,
    description: declaration.description,
    example: declaration.example,
    needsDirectory: declaration.needsDirectory ?? true,
    arguments: declaration.arguments ?? [],
    options: declaration.options ?? {},
    run: (context, input) =>
      declaration.handler(
        context as Context<D extends false ? string | undefined : string>,
        input as Input<A, O>,
      ),
  };
}

/** Declares the first word of several commands. */
export function defineGroup(path: string, summary: Phrase): Group {
  return { kind: 'group', path, summary };
}
