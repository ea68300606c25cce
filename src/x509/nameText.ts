/** Distinguished names as one line of text: escaping as in RFC 4514, order as encoded (`C=VN, L=Hà Nội, O=…`). */
import { X509Error } from './errors';
import { ATTRIBUTE_TYPES, type Name, type NameAttribute } from './names';

/** Characters that would act on the line they are shown in: control, direction, zero-width, line ends. */
const INVISIBLE = /[\p{C}\p{DI}\p{Zl}\p{Zp}]/gu;
/** Nothing to escape, told at a glance: most values of most names. */
const PLAIN =
  /^[A-Za-z0-9\u00c0-\u024f\u1ea0-\u1ef9](?:[A-Za-z0-9 '()\-./:=?@_\u00c0-\u024f\u1ea0-\u1ef9]*(?<! ))?$/;
const MAX_TEXT = 65_536;

/**
 * A name for people, logs and configuration. Characters a terminal would act on come out as escaped UTF-8 octets, so
 * a hostile name cannot rearrange the line it is shown in.
 */
export function formatName(name: Name): string {
  return name.map(({ type, value }) => `${type}=${escapeValue(value)}`).join(', ');
}

/** RFC 4514, section 2.4. */
function escapeValue(value: string): string {
  if (PLAIN.test(value)) return value;
  return value
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/^[ #]| $/g, '\\$&')
    .replace(INVISIBLE, (character) => Buffer.from(character, 'utf8').toString('hex').replace(/../g, '\\$&'));
}

/**
 * Reads what `formatName` writes, or a person types in the same form: types in any case, values come out composed
 * (NFC).
 * @throws X509Error `NAME_MALFORMED`, `NAME_ATTRIBUTE_UNKNOWN`, `INPUT_TOO_LARGE`
 */
export function parseName(text: string): Name {
  if (text.length > MAX_TEXT) {
    throw new X509Error('INPUT_TOO_LARGE', { what: 'name', size: text.length, limit: MAX_TEXT });
  }
  if (/\p{Cs}/u.test(text)) throw malformed(text, 'half of a surrogate pair');
  const name: NameAttribute[] = [];
  if (/^ *$/.test(text)) return name;

  const typePattern = / *([A-Za-z0-9.]+) *= */uy;
  const valuePattern = /(?:\\[0-9A-Fa-f]{2}|\\["+,;<>\\ #=]|[^"+,;<>\\])*/uy;
  for (let at = 0; ; at += 1) {
    typePattern.lastIndex = at;
    const typeText = typePattern.exec(text)?.[1];
    if (typeText === undefined) throw malformed(text, `no TYPE=value at character ${at + 1}`);
    valuePattern.lastIndex = typePattern.lastIndex;
    const escaped = valuePattern.exec(text)?.[0] ?? '';
    at = valuePattern.lastIndex;
    if (at < text.length && text[at] !== ',') {
      throw malformed(text, `${text.slice(at, at + 1)} at character ${at + 1} needs a backslash before it`);
    }
    const type = ATTRIBUTE_TYPES.find((known) => known.toLowerCase() === typeText.toLowerCase());
    if (type === undefined) {
      throw new X509Error('NAME_ATTRIBUTE_UNKNOWN', {
        what: text,
        attribute: typeText,
        allowed: ATTRIBUTE_TYPES.join(', '),
      });
    }
    const value = unescapeValue(escaped, text);
    if (value === '') throw malformed(text, `an empty ${type}`);
    name.push({ type, value: value.normalize('NFC') });
    if (at >= text.length) return name;
  }
}

function unescapeValue(escaped: string, text: string): string {
  if (escaped.startsWith('#')) throw malformed(text, 'a value written as # and hexadecimal digits');
  const pieces = escaped.match(/\\[0-9A-Fa-f]{2}|\\.|[^\\]/gsu) ?? [];
  // Blanks at the end belong to the value only if escaped.
  const end = pieces.findLastIndex((piece) => piece !== ' ') + 1;
  const octets = pieces
    .slice(0, end)
    .map((piece) =>
      piece.length === 3 && piece.startsWith('\\')
        ? Buffer.from(piece.slice(1), 'hex')
        : Buffer.from(piece.replace(/^\\/, ''), 'utf8'),
    );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(octets));
  } catch (cause) {
    throw malformed(text, 'escaped octets that are not UTF-8', cause);
  }
}

function malformed(text: string, reason: string, cause?: unknown): X509Error {
  return new X509Error('NAME_MALFORMED', { what: text, reason }, { cause });
}
