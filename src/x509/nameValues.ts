/** What a certified name may contain: lengths of RFC 5280 (appendix A.1), and no text that looks like another. */
import type { Problem } from '../errors';
import { isEmailAddress } from './addresses';
import type { AttributeType } from './names';

/** Most characters of each attribute: the ub- values of RFC 5280, and the CA/Browser Forum's where it has none of use. */
const MAX_CHARACTERS: Readonly<Record<AttributeType, number>> = {
  C: 2,
  ST: 128,
  L: 128,
  O: 64,
  OU: 64,
  CN: 64,
  E: 255,
  T: 64,
  serialNumber: 64,
  SN: 64,
  GN: 64,
  organizationIdentifier: 256,
};

/** Control, direction, zero-width and filler characters, blanks other than U+0020, unassigned and damaged ones. */
const FORBIDDEN = /[\p{C}\p{DI}\p{Zl}\p{Zp}\u2800\ufffd]|(?! )\p{Zs}/gu;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const LOOKALIKE_SCRIPTS = [
  { name: 'Latin', letters: /\p{Script=Latin}/u },
  { name: 'Cyrillic', letters: /\p{Script=Cyrillic}/u },
  { name: 'Greek', letters: /\p{Script=Greek}/u },
] as const;

/**
 * Everything that is wrong with one attribute's value as it would stand in a certificate.
 * @param where the place to name in each problem, e.g. `subject.O`
 */
export function checkNameValue(type: AttributeType, value: string, where: string): readonly Problem[] {
  const problems: Problem[] = [];
  const bad = (found: string, allowed: string): void => {
    problems.push({ code: 'BAD_VALUE', where, found, allowed });
  };

  const limit = MAX_CHARACTERS[type];
  const length = Array.from(value).length;
  if (value === '') return [{ code: 'MISSING', where, found: '', allowed: `1–${limit}` }];
  if (length > limit) bad(String(length), `1–${limit}`);
  const forbidden = new Set(value.match(FORBIDDEN));
  if (forbidden.size > 0) {
    bad([...forbidden].slice(0, 8).map(codePoint).join(' '), '\\p{L} \\p{M} \\p{N} \\p{P} \\p{S} U+0020');
    return problems;
  }
  if (value !== value.normalize('NFC')) bad('≠ NFC', 'NFC');
  if (/^ | $| {2}/.test(value)) bad(JSON.stringify(value), JSON.stringify(value.replace(/ +/g, ' ').trim()));
  for (const word of value.match(WORD) ?? []) {
    const scripts = LOOKALIKE_SCRIPTS.filter(({ letters }) => letters.test(word)).map(({ name }) => name);
    if (scripts.length > 1) bad(`${word} (${scripts.join(' + ')})`, scripts.join(' | '));
  }
  if (type === 'C' && !/^[A-Z]{2}$/.test(value)) bad(value, 'ISO 3166-1 alpha-2: VN');
  if (type === 'serialNumber' && !/^[A-Za-z0-9 '()+,\-./:=?]+$/.test(value)) bad(value, 'PrintableString');
  if (type === 'E' && !isEmailAddress(value)) bad(value, 'name@domain');
  return problems;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
