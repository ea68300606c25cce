/** What a translated text is: one function per language over the same parameters. */

export type Lang = 'vi' | 'en';

/** One sentence in both languages; the compiler holds both to the same parameters. */
export interface Text<P> {
  readonly en: (params: P) => string;
  readonly vi: (params: P) => string;
}

/** What a caller can do about an error; decides the exit code of a command (see `src/cli/exit.ts`). */
export type Category = 'fault' | 'input' | 'refused' | 'unavailable' | 'integrity';

/** The text of one error code, with the category that decides the exit code. */
export interface ErrorText<P> extends Text<P> {
  readonly category: Category;
}

/** The parameters of a text that has none. */
export type NoParams = Readonly<Record<string, never>>;

/** Declares one error code: its category, and its sentence in English and Vietnamese side by side. */
export function errorText<P = NoParams>(
  category: Category,
  en: (params: P) => string,
  vi: (params: P) => string,
): ErrorText<P> {
  return { category, en, vi };
}

/** Declares one sentence in English and Vietnamese side by side. */
export function text<P = NoParams>(en: (params: P) => string, vi: (params: P) => string): Text<P> {
  return { en, vi };
}

/** The parameter type of a text or error text. */
export type ParamsOf<T> = T extends Text<infer P> ? P : never;
