/**
 * The characters of a certified name, told one by one: nothing hidden, nothing that looks like something else, and the
 * letters of one script in a word. What is not known here is refused.
 */

/** A character that may not stand where it stands. */
export interface BadCharacter {
  /** Counted in characters (code points) from 1. */
  readonly at: number;
  readonly character: string;
  /** What could stand in its place, in no language: characters, or the name of a script. */
  readonly allowed: string;
}

/**
 * Not drawn, or not as itself: control, direction, zero-width and filler characters, variation selectors, tags, blanks
 * other than U+0020, private, unassigned and damaged ones.
 */
const HIDDEN = /[\p{C}\p{DI}\p{Zl}\p{Zp}\u2800\ufffd]|(?! )\p{Zs}/u;

/** What is told to be allowed where something hidden stands. */
const VISIBLE = '\\p{L} \\p{M} \\p{N} \\p{P} \\p{S} U+0020';

/** Digits, and the punctuation and signs of Vietnamese documents: they go with the letters of any script. */
const NEUTRAL = /[\u0021-\u0040\u005b-\u0060\u007b-\u007e§©«®°±·»×\u2010\u2013\u2014‘’“”•€₫]/u;

/** The letters of the Vietnamese alphabet, of Việt Nam's other languages in Latin letters, and of Europe's: no others. */
const LATIN_LETTER =
  /[A-Za-z\u00c0-\u00cf\u00d1-\u00d6\u00d8-\u00ef\u00f1-\u00f6\u00f8-\u0131\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u017e\u0180\u01a0\u01a1\u01af\u01b0\u01cd-\u01dc\u01e6-\u01ed\u01f4\u01f5\u01f8-\u021b\u0226-\u0233\u0243\u1e00-\u1e99\u1e9e\u1ea0-\u1ef9]/u;
/** Marks that stand over or under a Latin letter; those that strike it through would make another letter of it. */
const LATIN_MARK = /[\u0300-\u0304\u0306-\u030c\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331]/u;
/** Letters that look like one of the Vietnamese alphabet and are not: old fonts and keyboards write them. */
const FOR_VIETNAMESE: Readonly<Record<string, string>> = {
  '\u00d0': 'Đ',
  '\u0189': 'Đ',
  '\u00f0': 'đ',
  '\u0256': 'đ',
};

/** The longest run of marks on one letter: ê̆ of the Ê Đê has one, after composition. */
const MAX_MARKS = 2;
/** In other scripts vowels and tones are marks too. */
const MAX_MARKS_OTHER = 4;

/**
 * The other scripts a word may be written in: those of Việt Nam's minorities, and UAX #31's recommended ones (table 5)
 * that run from left to right. One that runs the other way would turn round what stands beside it.
 */
const OTHER_SCRIPTS = [
  'Cham',
  'Tai_Viet',
  'Khmer',
  'Han',
  'Hangul',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Lao',
  'Thai',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Georgian',
  'Bengali',
  'Devanagari',
  'Ethiopic',
  'Gujarati',
  'Gurmukhi',
  'Kannada',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Tibetan',
].map((name) => ({ name, members: new RegExp(`\\p{Script_Extensions=${name}}`, 'u') }));

/** Letters of other scripts that nobody tells from a Latin one: a word of these alone is a Latin word in disguise. */
const DRAWN_LIKE_LATIN = new RegExp(
  `^[${[
    '\\u0401\\u0405-\\u0408\\u0410\\u0412\\u0415\\u041a\\u041c-\\u041e\\u0420-\\u0423\\u0425\\u04ae\\u04ba\\u04c0\\u050c\\u051a\\u051c',
    '\\u0430\\u0435\\u043e\\u0440\\u0441\\u0443\\u0445\\u0451\\u0455-\\u0458\\u04af\\u04bb\\u04cf\\u0501\\u051b\\u051d',
    '\\u037f\\u0391\\u0392\\u0395-\\u0397\\u0399\\u039a\\u039c\\u039d\\u039f\\u03a1\\u03a4\\u03a5\\u03a7',
    '\\u03b1\\u03b9\\u03ba\\u03bd\\u03bf\\u03c1\\u03c5\\u03f3',
  ].join('')}]+$`,
  'u',
);

const LETTER = /\p{L}/u;
const MARK = /\p{M}/u;

/** Everything in nearly every name here, so that nearly none is looked at letter by letter. */
const ORDINARY = new RegExp(`^(?:${NEUTRAL.source}| |${LATIN_LETTER.source}${LATIN_MARK.source}?)*$`, 'u');

/**
 * The characters of a value that may not stand in a certified name.
 * @param value in Normalization Form C
 */
export function badCharacters(value: string): readonly BadCharacter[] {
  if (ORDINARY.test(value)) return [];
  const characters = Array.from(value, (character, index) => ({ at: index + 1, character }));
  const hidden = characters.filter(({ character }) => HIDDEN.test(character));
  if (hidden.length > 0) return hidden.map((one) => ({ ...one, allowed: VISIBLE }));
  const variants = characters.flatMap((one) => {
    const plain = FOR_VIETNAMESE[one.character] ?? one.character.normalize('NFKC');
    return plain === one.character ? [] : [{ ...one, allowed: `${plain} (${codePoints(plain)})` }];
  });
  return variants.length > 0 ? variants : [...misplacedMarks(characters), ...ofOtherScripts(characters)];
}

/** Characters by their numbers, so that hidden ones are seen and twins told apart: `U+0041`. */
export function codePoints(text: string): string {
  const number = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return Array.from(text, (character) => `U+${number(character).padStart(4, '0')}`).join(' ');
}

type Placed = Omit<BadCharacter, 'allowed'>;

/** Marks without a letter under them, the same mark twice, and more of them than any letter has. */
function misplacedMarks(characters: readonly Placed[]): readonly BadCharacter[] {
  let room = 0;
  return characters.flatMap((one, index) => {
    const { character } = one;
    if (!MARK.test(character)) {
      room = LATIN_LETTER.test(character) ? MAX_MARKS : LETTER.test(character) ? MAX_MARKS_OTHER : 0;
      return [];
    }
    room -= 1;
    const again = characters[index - 1]?.character === character;
    return room < 0 || again ? [{ ...one, allowed: '\\p{L}\\p{M}?' }] : [];
  });
}

/** Word by word: what is not of the script that most of the word's letters are of, Latin where that is undecided. */
function ofOtherScripts(characters: readonly Placed[]): readonly BadCharacter[] {
  return wordsOf(characters).flatMap((word) => {
    const strangers = (isMember: (character: string) => boolean): readonly Placed[] =>
      word.filter(({ character }) => !NEUTRAL.test(character) && !isMember(character));
    let script = 'Latin';
    let bad = strangers((character) => LATIN_LETTER.test(character) || LATIN_MARK.test(character));
    if (bad.length === 0) return [];
    for (const { name, members } of OTHER_SCRIPTS) {
      const left = strangers((character) => members.test(character));
      if (left.length < bad.length) [script, bad] = [name, left];
    }
    const letters = word.filter(({ character }) => LETTER.test(character));
    const disguised = DRAWN_LIKE_LATIN.test(letters.map(({ character }) => character).join(''));
    if (disguised) [script, bad] = ['Latin', letters];
    return bad.map((one) => ({ ...one, allowed: script }));
  });
}

function wordsOf(characters: readonly Placed[]): readonly (readonly Placed[])[] {
  const words: Placed[][] = [[]];
  for (const one of characters) {
    if (one.character === ' ') words.push([]);
    else words.at(-1)?.push(one);
  }
  return words;
}
