/** What a certified name may contain: lengths of RFC 5280 (appendix A.1), and no text that looks like another. */
import type { Problem } from '../errors';
import { isEmailAddress } from './addresses';
import { badCharacters, codePoints } from './nameCharacters';
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

/** Characters of a value that is far too long anyway are not looked at one by one. */
const MAX_EXAMINED = 1_000;
/** As many bad characters of a kind are told. */
const MAX_TOLD = 8;

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
  if (length > MAX_EXAMINED) return problems;
  const composed = value.normalize('NFC');
  if (value !== composed) bad('≠ NFC', 'NFC');
  const characters = badCharacters(composed);
  for (const allowed of new Set(characters.map((one) => one.allowed))) {
    const some = characters.filter((one) => one.allowed === allowed).slice(0, MAX_TOLD);
    bad(some.map(({ at, character }) => `#${at} ${codePoints(character)}`).join(', '), allowed);
  }
  if (/^ | $| {2}/.test(value)) bad(JSON.stringify(value), JSON.stringify(value.replace(/ +/g, ' ').trim()));
  if (type === 'C' && !/^[A-Z]{2}$/.test(value)) bad(value, 'ISO 3166-1 alpha-2: VN');
  if (type === 'serialNumber' && !/^[A-Za-z0-9 '()+,\-./:=?]+$/.test(value)) bad(value, 'PrintableString');
  if (type === 'E' && !isEmailAddress(value)) bad(value, 'name@domain');
  return problems;
}
