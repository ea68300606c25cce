/** What `ceremony check` tells people of a record that holds. */
import { inUseFacts, mainKey, wordLines, type CheckedRecord } from '../ceremony';
import { formatDate, type Lang } from '../i18n';
import { ceremonyTexts as texts } from '../i18n/messages/ceremony';
import { paperSentences, paperTexts } from '../i18n/messages/ceremonyPaper';
import { fields } from './table';

export function checkText(
  { record, sha256, signedBy }: CheckedRecord,
  { file, pinned }: { readonly file: string; readonly pinned: boolean },
  lang: Lang,
): string {
  const { plan, devices, deviations, failures, startedAt, endedAt, keys } = record;
  const word = (key: keyof typeof paperTexts): string => paperTexts[key][lang]({});
  const certified = devices.map(({ label, certified: paper, software }) => {
    const none = word(software ? 'notCertifiedSoftware' : 'notCertified');
    return `${label}: ${paper === null ? none : `${paper.scheme}, ${paper.number}`}`;
  });
  const lines: readonly (readonly [string, string])[] = [
    [word('party'), paperSentences[plan.party][lang]({ name: plan.name })],
    [word('place'), plan.place],
    [word('begun'), formatDate(new Date(startedAt), lang)],
    [word('ended'), formatDate(new Date(endedAt), lang)],
    [word('devices'), certified.join('; ')],
    ...record.deviceReports.map(
      ({ token, verdict, report }) =>
        [
          `${word('deviceReport')} ${token}`,
          `${word(verdict === 'pass' ? 'fit' : 'unfit')}, SHA-256 ${report.sha256}`,
        ] as const,
    ),
    [word('deviations'), String(deviations.length)],
    [word('failures'), String(failures.length)],
    [word('scriptHash'), record.script.sha256],
    [word('recordHash'), sha256],
    ...inUseFacts(record, lang),
    ...keys.map(({ role, spkiSha256 }) => [`${word('key')} ${role}`, spkiSha256] as const),
  ];
  return [
    texts.checkDone[lang]({ file, signers: signedBy.join(', ') }),
    fields(lines),
    ...(pinned ? [] : [texts.unpinned[lang]({}), ...wordLines(mainKey(record)?.spkiSha256 ?? '', lang)]),
  ].join('\n');
}
