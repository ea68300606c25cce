/** What of a grant's numbers is used, as the counters of a journal say: the same at the node and at the root. */
import { quotaKeys, type Grant } from '../delegation';
import { readQuota, type LedgerDatabase } from './rows';

/** Certificates counted, and how many may be; a day is a calendar day in Việt Nam. */
export interface QuotaStatus {
  readonly total: number;
  readonly totalLimit: number;
  readonly today: number;
  readonly perDayLimit: number;
  readonly profiles: readonly {
    readonly profile: string;
    readonly used: number;
    /** Null where only the numbers of the whole grant count. */
    readonly limit: number | null;
  }[];
}

/** @param journal id of the journal that issues, which goes on from the counters of those before */
export async function readQuotaStatus(
  db: LedgerDatabase,
  journal: number,
  { grantId, limits, scope }: Grant,
  now: Date,
): Promise<QuotaStatus> {
  const { total, perDay, perProfile } = limits.quota;
  const ids = scope.profiles.map(({ id }) => id);
  const keysOf = (profile: string): ReturnType<typeof quotaKeys> => quotaKeys(grantId, profile, now);
  const whole = keysOf('');
  const wanted = [whole.total, whole.day, ...ids.map((id) => keysOf(id).profile)];
  const used = await readQuota(db, journal, wanted);
  const count = (key: string): number => used.get(key) ?? 0;
  return {
    total: count(whole.total),
    totalLimit: total,
    today: count(whole.day),
    perDayLimit: perDay,
    profiles: ids.map((id) => ({
      profile: id,
      used: count(keysOf(id).profile),
      limit: Object.hasOwn(perProfile, id) ? (perProfile[id] ?? null) : null,
    })),
  };
}
