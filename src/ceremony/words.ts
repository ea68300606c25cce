/** A hash as words: what two people can read to each other and compare without losing their place. */
import type { Lang } from '../i18n';
import { ENGLISH_WORDS } from './wordsEnglish';
import { VIETNAMESE_WORDS } from './wordsVietnamese';

const LISTS: Readonly<Record<Lang, readonly string[]>> = { vi: VIETNAMESE_WORDS, en: ENGLISH_WORDS };

const WORDS_ON_A_LINE = 4;

/** One word per byte, in order: 32 for SHA-256. @param hex lower- or upper-case */
export function wordsOf(hex: string, lang: Lang): readonly string[] {
  const words = LISTS[lang];
  return Array.from(Buffer.from(hex, 'hex'), (byte) => words[byte] ?? '');
}

/** The words in numbered lines of four, and beside each line the four bytes it stands for. */
export function wordLines(hex: string, lang: Lang): readonly string[] {
  const words = wordsOf(hex, lang);
  return Array.from({ length: Math.ceil(words.length / WORDS_ON_A_LINE) }, (_, line) => {
    const from = line * WORDS_ON_A_LINE;
    const spoken = words.slice(from, from + WORDS_ON_A_LINE).join(' · ');
    return `${line + 1}. ${hex.slice(2 * from, 2 * (from + WORDS_ON_A_LINE))}  ${spoken}`;
  });
}
