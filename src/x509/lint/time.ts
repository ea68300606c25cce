/** The two types of time in a certificate, each in its one allowed form (RFC 5280, section 4.1.2.5). */
import { TAG, type DerNode } from './der';

/** Milliseconds since 1970; `undefined` for what is no moment in the one form allowed. */
export function readTime(value: DerNode): number | undefined {
  const text = value.latin1;
  const digits = value.is(TAG.utcTime) ? centuryOf(text) + text : text;
  if (!/^\d{14}Z$/.test(digits)) return undefined;
  const part = (from: number, to: number): number => Number(digits.slice(from, to));
  const [year, month, day, hour, minute, second] = [
    part(0, 4),
    part(4, 6),
    part(6, 8),
    part(8, 10),
    part(10, 12),
    part(12, 14),
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // The 31st of a month of 30 days would be told as the 1st of the next.
  return new Date(time).getUTCDate() === day && year >= 1900 ? time : undefined;
}

/** RFC 5280, section 4.1.2.5.1: YY from 50 on is 19YY. */
function centuryOf(utcTime: string): '19' | '20' {
  return utcTime >= '50' ? '19' : '20';
}
