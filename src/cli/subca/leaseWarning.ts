/** The word to a person whose node has not heard from the root for half of what it may. */
import type { Lang } from '../../i18n';
import { leaseTexts, standingTexts } from '../../i18n/messages/standing';
import type { LeaseStatus } from '../../node';

/** What the commands that issue add to their answer; nothing while the lease runs. */
export function leaseWarning(lease: LeaseStatus | undefined): {
  readonly json: { readonly lease?: LeaseStatus };
  readonly lines: (lang: Lang) => readonly string[];
} {
  if (lease === undefined || lease.state === 'running') return { json: {}, lines: () => [] };
  return {
    json: { lease },
    lines: (lang) => [`${standingTexts.lease[lang]({})}: ${leaseTexts[lease.state][lang](lease)}`],
  };
}
