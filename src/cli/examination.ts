/** An examination on the screen: each check on a line, then what needs attention in words, then the verdict. */
import type { ReadinessCheck } from '../delegation';
import type { Examined } from '../doctor';
import type { Lang } from '../i18n';
import {
  readinessCheckTexts,
  readinessTexts as texts,
  type ReadinessCheckId,
} from '../i18n/messages/readiness';
import { fields, table } from './table';

export function isReady({ checks }: Examined): boolean {
  return checks.every(({ result }) => result !== 'fail');
}

export function examinationText(examined: Examined, lang: Lang): string {
  const { checks } = examined;
  const word = (key: 'result' | 'check' | 'found' | 'expected' | 'advice'): string => texts[key][lang]({});
  const attention = checks.filter(({ result }) => result !== 'pass');
  const count = (result: ReadinessCheck['result']): number =>
    checks.filter((check) => check.result === result).length;
  return [
    table(
      [{ title: word('result') }, { title: word('check') }, { title: word('found') }],
      checks.map((check) => [texts.results[check.result][lang]({}), titleOf(check, lang), check.found]),
    ),
    ...attention.map((check) =>
      [
        `• ${texts.results[check.result][lang]({})} – ${titleOf(check, lang)} (${check.id})`,
        fields([
          [`  ${word('found')}`, check.found],
          [`  ${word('expected')}`, check.expected],
          [`  ${word('advice')}`, isKnown(check.id) ? readinessCheckTexts[check.id].advice[lang]({}) : ''],
        ]),
      ].join('\n'),
    ),
    isReady(examined)
      ? texts.ready[lang]({ warnings: count('warn') })
      : texts.notReady[lang]({ failures: count('fail') }),
  ].join('\n\n');
}

/** A check of a later version is known by its id alone. */
function titleOf({ id, subject }: ReadinessCheck, lang: Lang): string {
  const title = isKnown(id) ? readinessCheckTexts[id].title[lang]({}) : id;
  return subject === '' ? title : `${title}: ${subject}`;
}

function isKnown(id: string): id is ReadinessCheckId {
  return Object.hasOwn(readinessCheckTexts, id);
}
