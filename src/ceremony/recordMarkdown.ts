/** The record as people read it. What counts is the signed one. */
import { formatDate, type Lang } from '../i18n';
import { paperSentences as sentences, paperTexts as texts } from '../i18n/messages/ceremonyPaper';
import { escaped, markdownTable } from '../markdown';
import { sha256Hex } from '../signer';
import type { CheckedRecord } from './check';
import { authentication, keyText, partyName, roleName } from './paper';
import type { CeremonyRecord } from './record';
import { wordLines } from './words';

export function recordMarkdown({ record, sha256, signedBy }: CheckedRecord, lang: Lang): string {
  const { plan, software, startedAt, endedAt, rehearsal, script, certificate } = record;
  const word = (key: keyof typeof texts): string => texts[key][lang]({});
  const at = (time: string): string => formatDate(new Date(time), lang);
  const facts: readonly (readonly [label: string, value: string])[] = [
    [word('party'), partyName(plan, lang)],
    [word('place'), plan.place],
    [word('begun'), at(startedAt)],
    [word('ended'), at(endedAt)],
    [word('software'), `${software.name} ${software.version}`],
    [word('installedFiles'), software.filesSha256],
    [word('module'), `${software.module.sha256} (${software.module.path})`],
    [word('policy'), word(plan.policy.certifiedHsm)],
    [word('scriptHash'), script.sha256],
    [word('recordHash'), sha256],
    ...inUseFacts(record, lang),
    ...(certificate === null
      ? []
      : [[word('certificate'), `${certificate.sha256} (${certificate.subject})`] as const]),
  ];
  return `${[
    `# ${escaped(plan.title)}`,
    ...(rehearsal ? [`**${word('rehearsal')}**`] : []),
    `**${word('record')}**`,
    facts.map(([label, value]) => `- ${label}: ${escaped(value)}`).join('\n'),
    markdownTable({
      heading: word('people'),
      columns: [word('name'), word('position'), word('role'), word('authentication'), word('signature')],
      rows: plan.people.map((person) => [
        person.name,
        person.position ?? '',
        roleName(person.role, lang),
        authenticationOf(person, record, lang),
        '',
      ]),
    }),
    markdownTable({
      heading: word('devices'),
      columns: [word('token'), word('device'), word('certified')],
      rows: record.devices.map((device) => [
        device.label,
        [device.manufacturer, device.model, device.serial, device.firmware].join(', '),
        certificationOf(device, lang),
      ]),
    }),
    ...(record.deviceReports.length === 0 ? [] : [deviceReports(record, lang)]),
    `## ${word('keys')}`,
    ...record.keys.map((key) => keyBlock(key, plan, lang)),
    section(
      word('deviations'),
      record.deviations.map(({ step, time, text }) => `${String(step)} · ${at(time)} · ${text}`),
      lang,
    ),
    section(
      word('failures'),
      record.failures.map(({ step, time, code, person }) =>
        [String(step), at(time), code, nameOf(person, record)].filter((part) => part !== '').join(' · '),
      ),
      lang,
    ),
    section(word('interruptions'), record.resumedAt.map(at), lang),
    markdownTable({
      heading: word('steps'),
      columns: [word('step'), word('begun'), word('ended')],
      rows: record.steps.map(({ step, startedAt: from, doneAt }) => [String(step), at(from), at(doneAt)]),
    }),
    sentences.signedBy[lang]({ roles: signedBy.join(', ') }),
  ].join('\n\n')}\n`;
}

/** Of a ceremony for the next CA key: what the node worked with meanwhile. */
export function inUseFacts({ inUse }: CeremonyRecord, lang: Lang): readonly (readonly [string, string])[] {
  if (inUse === undefined) return [];
  const { epoch, spkiSha256, journalSpki, replaces } = inUse;
  return [
    ...(replaces ? [[sentences.replaces[lang](replaces), replaces.spkiSha256] as const] : []),
    [sentences.inUse[lang]({ epoch }), spkiSha256],
    [texts.journalKey[lang]({}), sha256Hex(Buffer.from(journalSpki, 'base64'))],
  ];
}

function deviceReports({ deviceReports: reports }: CeremonyRecord, lang: Lang): string {
  const word = (key: keyof typeof texts): string => texts[key][lang]({});
  return markdownTable({
    heading: word('deviceReports'),
    columns: [word('token'), word('verdict'), word('warnings'), word('deviceReport'), 'SHA-256'],
    rows: reports.map(({ token, verdict, failed, warnings, report }) => [
      token,
      [word(verdict === 'pass' ? 'fit' : 'unfit'), ...failed].join(', '),
      warnings.join(', '),
      report.file,
      report.sha256,
    ]),
  });
}

function section(heading: string, items: readonly string[], lang: Lang): string {
  const lines = items.length === 0 ? [texts.none[lang]({})] : items.map((item) => `- ${escaped(item)}`);
  return [`## ${heading}`, '', ...lines].join('\n');
}

function keyBlock(
  { role, label, spkiSha256 }: CeremonyRecord['keys'][number],
  { keys }: CeremonyRecord['plan'],
  lang: Lang,
): string {
  const planned = keys.find((key) => key.role === role);
  const lines = [
    `### ${escaped(role)} – ${escaped(label)} – ${planned === undefined ? '' : keyText(planned)}`,
    '',
    `SHA-256: \`${spkiSha256}\``,
    '',
    `${texts.words[lang]({})}:`,
    '',
    ...wordLines(spkiSha256, lang).map((line) => `    ${line}`),
  ];
  return lines.join('\n');
}

function certificationOf({ certified, software }: CeremonyRecord['devices'][number], lang: Lang): string {
  if (certified !== null) return `${certified.scheme}, ${certified.number}`;
  return texts[software ? 'notCertifiedSoftware' : 'notCertified'][lang]({});
}

function authenticationOf(
  person: CeremonyRecord['plan']['people'][number],
  { custodians }: CeremonyRecord,
  lang: Lang,
): string {
  const token = custodians.find(({ id }) => id === person.id)?.token;
  const means = authentication(person, lang);
  return token === undefined || token === null ? means : `${means} (${token.serial})`;
}

function nameOf(id: string | null, { plan }: CeremonyRecord): string {
  return plan.people.find((person) => person.id === id)?.name ?? '';
}
