/** One line of the examination. */
import type { ReadinessCheck, ReadinessResult } from '../delegation';
import type { ReadinessCheckId } from '../i18n/messages/readiness';

/** The report's schema allows so many. */
const LONGEST = 300;

/** @param found and `expected` are data: names, numbers, dates, codes */
export function check(
  id: ReadinessCheckId,
  result: ReadinessResult,
  found: string,
  expected: string,
  subject = '',
): ReadinessCheck {
  const clipped = (text: string): string => text.slice(0, LONGEST);
  return { id, subject: clipped(subject), result, found: clipped(found), expected: clipped(expected) };
}

/** What a system call or a connection failed with. */
export function reasonOf(cause: unknown): string {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'string') return code;
  return typeof message === 'string' ? message : 'unreadable';
}
