/** Readers of the values that options and arguments share. */
import type { z } from 'zod';
import { domainSchema, publicHostSchema } from '../delegation';
import { nameSchema } from '../encoding';
import type { ValueReader } from './command';

/** What a schema takes, read in small letters where only those are written. */
function named(schema: z.ZodType<string>, allowed: string): ValueReader<string> {
  return { allowed, read: (word) => schema.safeParse(word.toLowerCase()).data };
}

export const publicHost = named(publicHostSchema, 'ca.laocai.gov.vn, 10.1.2.3:8080');
export const domain = named(domainSchema, 'laocai.gov.vn, .laocai.gov.vn');
export const nodeName = named(nameSchema, 'a-z, 0-9 and -, at most 40');

/** An address of the root's registry. */
export const registryUrl: ValueReader<string> = {
  allowed: 'https://registry.example.gov.vn:8443',
  read: (word) => (/^https:\/\/[^\s/?#@]+\/?$/.test(word) && URL.canParse(word) ? word : undefined),
};

/** A whole number between two bounds, both allowed, in decimal digits. */
export function wholeNumber(least: number, most: number): ValueReader<number> {
  return {
    allowed: `${least}–${most}`,
    read: (word) => {
      const value = /^(0|-?[1-9]\d{0,15})$/.test(word) ? Number(word) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

/** `name=value`: everything before the first equals sign, and everything after it. */
export const namedValue: ValueReader<readonly [name: string, value: string]> = {
  allowed: 'name=value',
  read: (word) => {
    const at = word.indexOf('=');
    return at < 1 ? undefined : [word.slice(0, at).trim(), word.slice(at + 1).trim()];
  },
};

/** A SHA-256 fingerprint, with or without colons; as lower-case hex. */
export const fingerprint: ValueReader<string> = {
  allowed: '64 × 0-9 a-f',
  read: (word) => {
    const digits = word.replaceAll(':', '').toLowerCase();
    return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
  },
};

/** A certificate's serial number as people copy it: capitals, colons and blanks are no part of it. */
export const serialNumber: ValueReader<string> = {
  allowed: '32 × 0-9 a-f',
  read: (word) => {
    const digits = word.replace(/[\s:]/g, '').toLowerCase();
    return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
  },
};

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/;

/** A day (its start in Vietnam, +07:00) or a time with its zone, as in ISO 8601. */
export const instant: ValueReader<Date> = {
  allowed: '2026-11-23, 2026-11-23T08:30+07:00',
  read: (word) => {
    if (!INSTANT.test(word)) return undefined;
    const day = new Date(`${word.slice(0, 10)}T00:00:00Z`);
    // Date.parse turns 30 February into 2 March; a day that does not exist is no day.
    if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(word.slice(0, 10))) return undefined;
    const time = new Date(word.includes('T') ? word : `${word}T00:00:00+07:00`);
    return Number.isNaN(time.getTime()) ? undefined : time;
  },
};

/** Why something is done, in a person's words: not empty, and short enough to be kept for good. */
export const reason: ValueReader<string> = {
  allowed: '1–500 characters',
  read: (word) => {
    const text = word.trim();
    return text.length >= 1 && text.length <= 500 ? text : undefined;
  },
};
