/** Which language a person is spoken to in. */
import type { Lang } from './text';

export const LANGS: readonly Lang[] = ['vi', 'en'];

/** Reads a language name; `undefined` for any other word. */
export function langFrom(word: string | undefined): Lang | undefined {
  return LANGS.find((lang) => lang === word);
}

/**
 * The language of an environment: English when the locale says so, Vietnamese otherwise.
 * Precedence as in POSIX (XBD, section 8.2): LC_ALL, LC_MESSAGES, LANG; an empty variable counts as unset.
 */
export function langOfEnvironment(env: Readonly<Record<string, string | undefined>>): Lang {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return /^en([_.@-]|$)/i.test(locale ?? '') ? 'en' : 'vi';
}
