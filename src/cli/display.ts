/** Text on a terminal: how wide it is, and that nothing in it can steer the terminal. */

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian Wide and Fullwidth (Unicode Annex 11), by the scripts and blocks they make up. */
const DOUBLE_WIDTH =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

/** Controls, and the characters that turn the reading direction: a name must not rewrite the line it stands in. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const UNSAFE_EXCEPT_LINES = new RegExp(`(?![\\n\\t])${UNSAFE.source}`, 'gu');

const escaped = (character: string) =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;

/** How many columns a terminal gives to the text: combining marks none, wide letters two. */
export function displayWidth(line: string): number {
  let width = 0;
  for (const character of line) {
    if (ZERO_WIDTH.test(character)) continue;
    width += DOUBLE_WIDTH.test(character) ? 2 : 1;
  }
  return width;
}

/** Fills up with spaces to the given number of columns. */
export function pad(line: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(line)));
  return align === 'left' ? line + space : space + line;
}

/** A value that came from outside, on one line: line breaks and control characters are written as escapes. */
export function oneLine(value: string): string {
  return value.replace(UNSAFE, escaped);
}

/** A text of several lines with every other control character written as an escape. */
export function printable(block: string): string {
  return block.replace(UNSAFE_EXCEPT_LINES, escaped);
}

/** Lines of at most so many columns, broken at blanks; a word that is wider stands alone. */
export function wrapped(line: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && displayWidth(longer) > columns) {
      lines.push(current);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...lines, current];
}

/** Made when it is first needed: that takes 15 ms, and few commands show anything so long. */
let letters: Intl.Segmenter | undefined;

/** At most `length` letters of a value, with a sign that there was more. */
export function clipped(value: string, length: number): string {
  // No letter takes less than one unit, so most values need no closer look.
  if (value.length <= length) return value;
  const shown: string[] = [];
  for (const { segment } of (letters ??= new Intl.Segmenter()).segment(value)) {
    shown.push(segment);
    if (shown.length > length) return `${shown.slice(0, length - 1).join('')}…`;
  }
  return value;
}
