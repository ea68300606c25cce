/** `subca verify` and `subca status`. */
import type { Lang } from '../../i18n';
import { backupTexts } from '../../i18n/messages/backup';
import { databaseTexts } from '../../i18n/messages/database';
import { statusTexts } from '../../i18n/messages/subca';
import { leaseTexts, standingTexts } from '../../i18n/messages/standing';
import { subcaRolloverTexts as rolloverTexts } from '../../i18n/messages/subcaRollover';
import { subcaServiceTexts as texts } from '../../i18n/messages/subcaService';
import { CERTIFICATE_STATUSES } from '../../delegation';
import { askReadiness } from '../../http';
import {
  nodeStatus,
  tokenStatus,
  verifyNode,
  type StatusReport,
  type SubCaNode,
  type TokenStatus,
} from '../../node';
import { defineCommand } from '../command';
import { reading, resumeOption } from '../reading';
import { quotaLines } from '../standing';
import { fields } from '../table';
import { generationLine } from './rollover';
import { withNode } from './session';

export const verify = defineCommand({
  path: 'verify',
  summary: texts.verify,
  example: ['subca verify', 'subca verify --json', 'subca verify --resume'],
  options: resumeOption,
  handler: (context, { resume }) =>
    withNode(context, {}, async ({ node }) => {
      const bar = context.progress.start(texts.verifying);
      const verified = await verifyNode(node, await reading(node.paths.verifyProgress, resume, bar));
      bar.stop();
      return { json: verified, text: (lang) => texts.verifyDone[lang](verified) };
    }),
});

export const status = defineCommand({
  path: 'status',
  summary: texts.statusCommand,
  example: ['subca status', 'subca status --json'],
  handler: (context) =>
    withNode(context, {}, async ({ node }) => {
      const report = await nodeStatus(node);
      const hsm = await hsmStatus(node);
      const { name: database } = node.store;
      const lines = (lang: Lang) => [
        ...statusLines(report, lang),
        ...integrityLines(report, node, lang),
        backupLine(report, lang),
        hsmLine(hsm, lang),
        [databaseTexts.database[lang]({}), database] as const,
      ];
      return { json: { ...report, hsm, database }, text: (lang) => fields(lines(lang)) };
    }),
});

/** Who says how the token is: the service, which is logged in to it, or this command, which looks from outside. */
interface HsmStatus extends TokenStatus {
  readonly seenBy: 'service' | 'command';
}

async function hsmStatus(node: SubCaNode): Promise<HsmStatus> {
  const { address, port } = node.config.public;
  const told = await askReadiness(address, port);
  return told === undefined ? { ...tokenStatus(node), seenBy: 'command' } : { ...told, seenBy: 'service' };
}

function hsmLine(hsm: HsmStatus, lang: Lang): readonly [string, string] {
  return [texts.hsm[lang]({}), texts.hsmLine[lang](hsm)];
}

function integrityLines(
  { mirror, quarantine = [], historyLost = null }: StatusReport,
  { mirrorFailure }: SubCaNode,
  lang: Lang,
): readonly (readonly [string, string])[] {
  return [
    ...(mirror === undefined
      ? []
      : ([[texts.mirror[lang]({}), mirrorFailure?.inLang(lang) ?? texts.mirrorLine[lang](mirror)]] as const)),
    ...quarantine.map((one) => [texts.quarantine[lang]({}), texts.quarantineLine[lang](one)] as const),
    ...(historyLost === null ? [] : ([[texts.lost[lang]({}), texts.lostLine[lang](historyLost)]] as const)),
  ];
}

function backupLine({ backup }: StatusReport, lang: Lang): readonly [string, string] {
  const line = backup === null ? backupTexts.never[lang]({}) : backupTexts.statusLine[lang](backup);
  return [backupTexts.statusLabel[lang]({}), line];
}

function statusLines(report: StatusReport, lang: Lang): readonly (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [
    [texts.nodeName[lang]({}), report.node],
    [texts.organisation[lang]({}), report.organisation],
    [
      texts.grant[lang]({}),
      report.grant === undefined ? texts.notActivated[lang]({}) : texts.grantLine[lang](report.grant),
    ],
  ];
  const { grant, caCertificate, quota, lease, journal, certificates } = report;
  for (const next of grant?.toCome ?? [])
    lines.push([standingTexts.nextVersion[lang]({}), standingTexts.nextVersionLine[lang](next)]);
  const since = caCertificate?.revokedAt ?? null;
  if (since !== null) lines.push([texts.caCertificate[lang]({}), texts.caRevoked[lang]({ since })]);
  if (quota !== undefined) lines.push(...quotaLines(quota, lang));
  if (lease !== undefined) lines.push([standingTexts.lease[lang]({}), leaseTexts[lease.state][lang](lease)]);
  if (journal !== undefined) lines.push([texts.journal[lang]({}), texts.journalLine[lang](journal)]);
  if (certificates !== undefined) {
    const counts = CERTIFICATE_STATUSES.filter((each) => (certificates[each] ?? 0) > 0);
    const told = counts.map((each) => `${statusTexts[each][lang]({})} ${String(certificates[each])}`);
    lines.push([texts.certificates[lang]({}), told.join(', ') || '0']);
  }
  const { directives } = report;
  if (directives !== undefined && directives.last > 0)
    lines.push([texts.directives[lang]({}), texts.directivesLine[lang](directives)]);
  const { generations = [], pending = null } = report.rollover ?? {};
  const several = generations.length > 1;
  // One key in use and none in the making needs no word.
  if (several || pending !== null) {
    lines.push(
      ...generations.map((one) => [rolloverTexts.caKey[lang]({}), generationLine(one, lang)] as const),
    );
  }
  for (const { epoch, state, crl } of generations) {
    if (crl === null || state === 'silent') continue;
    const label = several ? texts.crlOf[lang]({ epoch }) : texts.crl[lang]({});
    lines.push([label, texts.crlLine[lang](crl)]);
  }
  if (pending !== null) lines.push([rolloverTexts.next[lang]({}), rolloverTexts.nextPending[lang](pending)]);
  return lines;
}
