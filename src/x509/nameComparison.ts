/**
 * When two distinguished names are the same. Two questions are asked of names, and they need different answers:
 *
 * - "Is this the name of somebody else?" (the CA's own name, another holder of a key) is asked with `namesEqual`, which
 *   takes every spelling for the same that RFC 5280, section 7.1 does, so that no spelling slips past.
 * - "Is this exactly the permitted name?" (a template's fixed values) is asked letter for letter, of the encoded value:
 *   other programs compare more strictly than this one, and would see another name.
 */
import type { Name } from './names';

/** Control and format characters and what is never drawn (RFC 4518, section 2.2); white space among them counts as such. */
const MAPPED_TO_NOTHING = /(?![\t-\r\u0085])[\p{Cc}\p{Cf}\p{DI}\ufffc]/gu;
const WHITE_SPACE = /[\s\u0085\p{Z}]+/gu;
/** Folding case and composing may each undo what the other did; no text known needs more than two rounds. */
const MAX_ROUNDS = 8;

/**
 * The form in which two attribute values are compared (RFC 4518, section 2, as RFC 5280, section 7.1 has it): without
 * what is not drawn, in Normalization Form KC, without case, runs of white space as one blank, none at the ends.
 */
export function comparableValue(value: string): string {
  let form = value;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = foldOnce(form);
    if (next === form) break;
    form = next;
  }
  return form;
}

function foldOnce(value: string): string {
  // By way of capital letters, so that ß, ẞ and ss, or the forms of σ, come out alike.
  const folded = value
    .replace(MAPPED_TO_NOTHING, '')
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase();
  return folded.normalize('NFKC').replace(WHITE_SPACE, ' ').trim();
}

/** Whether two values are spellings of the same one. */
export function valuesEqual(a: string, b: string): boolean {
  return a === b || comparableValue(a) === comparableValue(b);
}

/** Whether two names are spellings of the same one: the same types in the same order, with equal values. */
export function namesEqual(a: Name, b: Name): boolean {
  return (
    a.length === b.length &&
    a.every(({ type, value }, index) => {
      const other = b[index];
      return other?.type === type && valuesEqual(value, other.value);
    })
  );
}
