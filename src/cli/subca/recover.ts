/** `subca recover`, `recover export`, `recover import`: getting back from mirror and root what this node has lost. */
import { readFileBounded, writeFileDurably } from '../../config';
import type { Phrase } from '../../i18n';
import { subcaRecoverTexts as texts } from '../../i18n/messages/subcaRecover';
import { subcaServiceTexts as serviceTexts } from '../../i18n/messages/subcaService';
import {
  abandonOrphans,
  exportPulls,
  importPulled,
  lossOf,
  openRegained,
  quarantinesOf,
  publishDueCrls,
  recoverFromMirror,
  recoverJournals,
  republish,
  synchronise,
  type CorrectedJournal,
  type PublishedCrl,
  type SubCaNode,
} from '../../node';
import { decodeReplies } from '../../sync';
import { carriedFile } from '../carriedFile';
import { defineCommand, type Result } from '../command';
import { pinOptions } from '../pin';
import { carrierOf } from './carrier';
import { software, withNode, type Session } from './session';

const MAX_REPLY = 64 * 1024 * 1024;

export const recover = defineCommand({
  path: 'recover',
  summary: texts.recover,
  description: texts.description,
  example: ['subca recover', 'subca recover --yes --json', 'subca recover --from-mirror'],
  options: { fromMirror: { flag: '--from-mirror', summary: texts.fromMirror }, ...pinOptions },
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      const { node, journal } = session;
      if (input.fromMirror) {
        await context.confirm(texts.question);
        const recovered = await recoverFromMirror(node);
        return outcome(node, recovered, await resumePublishing(session), [texts.askRoot]);
      }
      const carry = await carrierOf(node, context.signal);
      await context.confirm(texts.question);
      const bar = context.progress.start(texts.fetching);
      const recovered = await recoverJournals(node, carry, software().version, (entries) => {
        bar.advance(entries);
      });
      bar.stop();
      const crls = await resumePublishing(session);
      await synchronise(node, journal, carry, { software: software().version });
      return outcome(node, recovered, crls);
    }),
});

export const recoverExport = defineCommand({
  path: 'recover export',
  summary: texts.recoverExport,
  example: ['subca recover export /media/usb/15-1.pull'],
  arguments: [{ name: 'file', summary: serviceTexts.submissionFile, required: true }],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      const bytes = await exportPulls(node, software().version);
      await writeFileDurably(input.file, bytes);
      const { json, text } = carriedFile(input.file, bytes);
      return { json, text: (lang) => [texts.exported[lang](input), text(lang)].join('\n') };
    }),
});

export const recoverImport = defineCommand({
  path: 'recover import',
  summary: texts.recoverImport,
  example: ['subca recover import /media/usb/15-1.reply'],
  arguments: [{ name: 'file', summary: serviceTexts.replyFile, required: true }],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      const bytes = await readFileBounded(input.file, MAX_REPLY);
      const { text } = carriedFile(input.file, bytes);
      context.announce({ en: () => text('en'), vi: () => text('vi') });
      const replies = decodeReplies(bytes);
      await context.confirm(texts.question);
      const recovered = await importPulled(session.node, replies);
      return outcome(session.node, recovered, await resumePublishing(session));
    }),
});

/** What was open when it was lost is closed, and the status of every certificate is told anew, if it is not told yet. */
async function resumePublishing({ node, journal }: Session): Promise<readonly PublishedCrl[]> {
  if ((await quarantinesOf(node)).length === 0) await openRegained(node);
  await abandonOrphans(node, journal);
  await republish(node);
  return publishDueCrls(node, journal);
}

/** A run that was cut off has told nobody: what earlier ones found is told again. */
async function outcome(
  node: SubCaNode,
  recovered: readonly CorrectedJournal[],
  crls: readonly PublishedCrl[],
  next: readonly Phrase[] = [],
): Promise<Result> {
  const changed = recovered.filter(({ from, size }) => from < size);
  const { origin, generations } = await node.delegation();
  const isLost = (await lossOf(node, origin)) !== undefined;
  const isQuarantined = (await quarantinesOf(node)).length > 0;
  const losses = await Promise.all(generations.map((one) => lossOf(node, one.origin)));
  const unrecorded = losses.flatMap((loss) => loss?.unrecorded ?? []);
  return {
    json: {
      journals: recovered,
      crls: crls.map(({ epoch, number }) => ({ epoch, number })),
      unrecorded,
      issuing: !isLost && !isQuarantined,
    },
    text: (lang) =>
      [
        ...(changed.length === 0 && !isLost ? [texts.nothingLost[lang]({})] : []),
        ...changed.map((one) => texts.recovered[lang](one)),
        ...(unrecorded.length > 0 ? [texts.unrecorded[lang]({ unrecorded })] : []),
        ...(changed.length > 0 && !isLost ? [texts.complete[lang]({})] : []),
        ...(isQuarantined ? [texts.stillQuarantined[lang]({})] : []),
        ...(isLost ? [texts.nextKey[lang]({})] : []),
        ...next.map((one) => one[lang]({})),
      ].join('\n'),
  };
}
