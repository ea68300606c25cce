/** The used part of a grant's numbers as lines of a report; of the profiles, those that are used or have a number of their own. */
import type { Lang } from '../i18n';
import { standingTexts as texts } from '../i18n/messages/standing';
import type { QuotaStatus } from '../ledger';

export function quotaLines(quota: QuotaStatus, lang: Lang): readonly (readonly [string, string])[] {
  const told = quota.profiles.filter(({ used, limit }) => used > 0 || limit !== null);
  return [
    [texts.quota[lang]({}), texts.quotaLine[lang](quota)],
    ...told.map((one) => [texts.quotaOf[lang](one), texts.usedOf[lang](one)] as const),
  ];
}
