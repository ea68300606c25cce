/** Times as a person in Vietnam reads them. */
import type { Lang } from './text';

const OFFSET_MILLISECONDS = 7 * 60 * 60 * 1000;

/**
 * A time to the second in Vietnam's zone, which is UTC+7 all year round. The day comes first in Vietnamese; English
 * readers differ on the order of day and month, so for them the year comes first.
 * @throws {RangeError} on an invalid date
 */
export function formatDate(date: Date, lang: Lang): string {
  const [day = '', time = ''] = new Date(date.getTime() + OFFSET_MILLISECONDS).toISOString().split('T');
  const shown = lang === 'vi' ? day.split('-').reverse().join('/') : day;
  return `${shown} ${time.slice(0, 8)} +07:00`;
}
