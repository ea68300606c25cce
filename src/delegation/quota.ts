/** The numbers of a grant: under which counters a certificate is counted, and whether they leave room for one more. */
import type { Problem } from '../errors';
import type { Grant } from './grant';

/** The counters a certificate is counted under; a day is a calendar day in Việt Nam (UTC+7). */
export function quotaKeys(grantId: string, profile: string, time: Date) {
  const day = new Date(time.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);
  return {
    total: `${grantId}/total`,
    day: `${grantId}/day/${day}`,
    profile: `${grantId}/profile/${profile}`,
  };
}

/** Certificates already counted under the grant, before the candidate. */
export interface QuotaUse {
  readonly total: number;
  readonly day: number;
  readonly profile: number;
}

/** Whether the grant's numbers leave room for one more certificate of the profile. */
export function checkQuota(grant: Grant, profile: string, used: QuotaUse): readonly Problem[] {
  const { total, perDay, perProfile } = grant.limits.quota;
  const counted: readonly (readonly [string, number, number | undefined])[] = [
    ['quota.total', used.total, total],
    ['quota.perDay', used.day, perDay],
    [`quota.perProfile.${profile}`, used.profile, perProfile[profile]],
  ];
  return counted
    .filter(([, count, limit]) => limit !== undefined && count >= limit)
    .map(([where, count, limit]) => ({
      code: 'OUTSIDE_GRANT',
      where,
      found: String(count + 1),
      allowed: `≤ ${String(limit)}`,
    }));
}
