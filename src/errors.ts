/** The one shape of every expected error: a code, its parameters, and its sentence in two languages. */
import type { Category, ErrorText, Lang, ParamsOf } from './i18n/text';
import type { ProblemCode } from './i18n/errors/problems';

/**
 * One thing that is wrong with an input: where it stands (a field path, `line 7`, `row 3, column csr`), what was
 * found there and what would be allowed. `found` and `allowed` are data, not sentences, so they need no translation.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly where: string;
  readonly found: string;
  /** The Vietnamese of `found`, where that is a sentence after all: what an error said of this place. */
  readonly foundVi?: string;
  readonly allowed: string;
}

export interface CodedErrorOptions {
  readonly cause?: unknown;
  readonly problems?: readonly Problem[];
}

/** The table of a room's error codes; `any` because each code has parameters of its own type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ErrorTable = Readonly<Record<string, ErrorText<any>>>;

/**
 * Base of each room's error class. A room declares its codes in `src/i18n/errors/<room>.ts` and derives one class:
 * `class HsmError<C extends HsmCode = HsmCode> extends CodedError<typeof hsmErrors, C> { … }`.
 * `message` is the English sentence: logs and machines read it; people get `inLang`.
 */
export abstract class CodedError<
  T extends ErrorTable = ErrorTable,
  C extends keyof T & string = keyof T & string,
> extends Error {
  readonly code: C;
  readonly category: Category;
  readonly params: ParamsOf<T[C]>;
  readonly problems: readonly Problem[];
  readonly #text: ErrorText<ParamsOf<T[C]>>;

  protected constructor(table: T, code: C, params: ParamsOf<T[C]>, options: CodedErrorOptions = {}) {
    const entry = table[code] as ErrorText<ParamsOf<T[C]>>;
    super(entry.en(params), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.category = entry.category;
    this.params = params;
    this.problems = options.problems ?? [];
    this.#text = entry;
  }

  /** The sentence for a person, in the given language. */
  inLang(lang: Lang): string {
    return this.#text[lang](this.params);
  }
}

/** Whether something thrown is an expected error; `instanceof` alone would lose the types of its fields. */
export function isCodedError(error: unknown): error is CodedError {
  return error instanceof CodedError;
}
