/** Which characters the value of a naming attribute may have: sets by name, so that no profile brings its own pattern. */
import { isEmailAddress, isHostName } from './addresses';

/** What a set contains, for the error text, and whether a whole value lies in it. Each test runs in linear time. */
interface CharacterSet {
  readonly allowed: string;
  readonly holds: (value: string) => boolean;
}

const SETS = {
  /** A person's name: letters of the Latin script, so those of Vietnamese and of the minorities' languages (H'Hen Niê). */
  'vietnamese-name': matching(/^[\p{Script=Latin}\p{M} '’.-]+$/u, "a-z đ ă â ê ô ơ ư … ' ’ . -"),
  /** Names of bodies, units, posts and places: letters of the Latin script, digits and usual punctuation. */
  'vietnamese-text': matching(
    /^[\p{Script=Latin}\p{M}0-9 '’"“”.,:;&()/+–-]+$/u,
    'a-z đ … 0-9 \' " . , : ; & ( ) / + – -',
  ),
  digits: matching(/^[0-9]+$/, '0-9'),
  /** Codes of bodies, persons and files, e.g. `H15.1.2`, `000.00.15.H15`: parts with single separators between. */
  'official-code': matching(/^[A-Z0-9]+(?:[.\-/:][A-Z0-9]+)*$/, 'A-Z 0-9, . - / :'),
  'host-name': { allowed: 'a host name', holds: isHostName },
  'e-mail': { allowed: 'name@domain', holds: isEmailAddress },
} as const satisfies Readonly<Record<string, CharacterSet>>;

export type CharacterSetName = keyof typeof SETS;

export const CHARACTER_SETS = Object.keys(SETS) as readonly CharacterSetName[] as readonly [
  CharacterSetName,
  ...CharacterSetName[],
];

function matching(pattern: RegExp, allowed: string): CharacterSet {
  return { allowed, holds: (value) => pattern.test(value) };
}

/** @returns what would be allowed, if the value does not lie in the set */
export function outsideCharacterSet(name: CharacterSetName, value: string): string | undefined {
  const { allowed, holds }: CharacterSet = SETS[name];
  return holds(value) ? undefined : `${name}: ${allowed}`;
}
