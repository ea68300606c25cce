/** A device report on a terminal: each kind of check on a line, what needs attention in words, the verdict last. */
import {
  checkAdvice,
  checkTitle,
  reportFacts,
  type DeviceCheck,
  type DeviceReport,
  type WrittenReport,
} from '../hsm';
import type { Lang } from '../i18n';
import { deviceReportTexts, deviceResultTexts } from '../i18n/messages/deviceProbe';
import { doctorTexts as texts } from '../i18n/messages/doctor';
import { fields, table } from './table';

export function reportText(report: DeviceReport, { file, sha256 }: WrittenReport, lang: Lang): string {
  const { checks } = report;
  const word = (key: 'result' | 'check' | 'found' | 'expected' | 'advice'): string =>
    deviceReportTexts[key][lang]({});
  const attention = checks.filter(({ result }) => result === 'warning' || result === 'fail');
  return [
    table(
      [{ title: word('result') }, { title: word('check') }, { title: word('found') }],
      checkRows(checks, lang),
    ),
    ...(report.throughput.length === 0 ? [] : [throughputTable(report, lang)]),
    ...(attention.length === 0 ? [] : [`${texts.attention[lang]({})}:`]),
    ...attention.map((check) =>
      [
        `• ${deviceResultTexts[check.result][lang]({})} – ${checkTitle(check, lang)} (${check.id})`,
        fields([
          [`  ${word('found')}`, check.found],
          [`  ${word('expected')}`, check.expected],
          [`  ${word('advice')}`, checkAdvice(check, lang)],
        ]),
      ].join('\n'),
    ),
    fields(reportFacts(report, lang)),
    texts.written[lang]({ file, sha256 }),
  ].join('\n\n');
}

/** What passed for every key type or mechanism is one row; the written report has them all. */
function checkRows(checks: readonly DeviceCheck[], lang: Lang): readonly (readonly string[])[] {
  const ids = [...new Set(checks.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const alike = checks.filter((check) => check.id === id);
    const passed = alike.filter(({ result }) => result === 'pass');
    const shown = passed.length > 1 ? alike.filter(({ result }) => result !== 'pass') : alike;
    const [first] = passed;
    const together =
      passed.length > 1 && first !== undefined
        ? [
            [
              deviceResultTexts.pass[lang]({}),
              checkTitle({ ...first, subject: '' }, lang),
              `${String(passed.length)}/${String(alike.length)}`,
            ],
          ]
        : [];
    const single = shown.map((check) => [
      deviceResultTexts[check.result][lang]({}),
      checkTitle(check, lang),
      check.found,
    ]);
    return [...together, ...single];
  });
}

function throughputTable({ throughput }: DeviceReport, lang: Lang): string {
  const word = (key: 'keyType' | 'sessions' | 'throughput'): string => deviceReportTexts[key][lang]({});
  return table(
    [
      { title: word('keyType') },
      { title: word('sessions'), align: 'right' },
      { title: word('throughput'), align: 'right' },
    ],
    throughput.map(({ algorithm, sessions, perSecond }) => [algorithm, String(sessions), String(perSecond)]),
  );
}
