/** A device report in words: what both the terminal and the written report say of it. */
import { formatDate, type Lang } from '../../i18n';
import {
  deviceCheckTexts,
  deviceReportTexts as texts,
  type DeviceCheckId,
} from '../../i18n/messages/deviceProbe';
import { countResults, type DeviceCheck, type DeviceReport } from './report';

export type Row = readonly [label: string, value: string];

/** What the check looks at; one of a later version is known by its id alone. */
export function checkTitle({ id, subject }: DeviceCheck, lang: Lang): string {
  const title = isKnown(id) ? deviceCheckTexts[id].title[lang]({}) : id;
  return subject === '' ? title : `${title}: ${subject}`;
}

/** What to do where it did not pass. */
export function checkAdvice({ id }: DeviceCheck, lang: Lang): string {
  return isKnown(id) ? deviceCheckTexts[id].advice[lang]({}) : '';
}

function isKnown(id: string): id is DeviceCheckId {
  return Object.hasOwn(deviceCheckTexts, id);
}

function verdictLine({ verdict, checks, certification }: DeviceReport, lang: Lang): string {
  const { fail } = countResults(checks);
  if (verdict === 'fail') return texts.fail[lang]({ count: fail });
  return texts[certification.software ? 'passForTrials' : 'pass'][lang]({});
}

/** What the device is, and how the probe ended. */
export function reportFacts(report: DeviceReport, lang: Lang): readonly Row[] {
  const { token, module, certification, startedAt, endedAt, software, checks } = report;
  const { 'not-supported': notSupported, ...counts } = countResults(checks);
  const flags = Object.keys(token.flags).filter((name) => token.flags[name] === true);
  const at = (time: string): string => formatDate(new Date(time), lang);
  return [
    [texts.device[lang]({}), texts.deviceLine[lang](token)],
    [texts.token[lang]({}), token.label],
    [texts.certification[lang]({}), certificationLine(certification, lang)],
    [
      texts.module[lang]({}),
      `${module.path}: ${module.description} ${module.version}, PKCS#11 ${module.cryptoki}`,
    ],
    ['SHA-256', module.sha256],
    [texts.flags[lang]({}), flags.join(', ') || '–'],
    [texts.program[lang]({}), `${software.name} ${software.version}`],
    [texts.time[lang]({}), `${at(startedAt)} – ${at(endedAt)}`],
    [
      texts.verdict[lang]({}),
      `${verdictLine(report, lang)} ${texts.counts[lang]({ ...counts, notSupported })}`,
    ],
  ];
}

function certificationLine({ software, certified }: DeviceReport['certification'], lang: Lang): string {
  if (certified !== null) return texts.certified[lang](certified);
  return texts[software ? 'software' : 'notCertified'][lang]({});
}
