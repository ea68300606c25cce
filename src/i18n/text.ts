/** What a translated text is: one function per language over the same parameters. */
import { inVietnamese } from './quoted';

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

/** Parameters that may quote an English phrase. */
const QUOTING = ['what', 'reason', 'found', 'expected', 'allowed'];

/**
 * Declares one error code: its category, and its sentence in English and Vietnamese side by side. What the code below
 * says in a parameter is put into Vietnamese for the Vietnamese sentence.
 */
export function errorText<P = NoParams>(
  category: Category,
  en: (params: P) => string,
  vi: (params: P) => string,
): ErrorText<P> {
  return { category, en, vi: (params) => vi(translated(params)) };
}

function translated<P>(params: P): P {
  const entries = Object.entries(params as object).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' && QUOTING.includes(name) ? inVietnamese(value) : value,
  ]);
  return Object.fromEntries(entries) as P;
}

/** Declares one sentence in English and Vietnamese side by side. */
export function text<P = NoParams>(en: (params: P) => string, vi: (params: P) => string): Text<P> {
  return { en, vi };
}

/** The parameter type of a text or error text. */
export type ParamsOf<T> = T extends Text<infer P> ? P : never;

/** A phrase of the program's own as it is said in a language. */
export function quotedIn(lang: Lang, phrase: string): string {
  return lang === 'vi' ? inVietnamese(phrase) : phrase;
}
