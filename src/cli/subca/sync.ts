/** `subca sync`, `sync export`, `sync import`. */
import { readFileBounded, writeFileDurably } from '../../config';
import { isBundle } from '../../delegation';
import { subcaServiceTexts as texts } from '../../i18n/messages/subcaService';
import {
  abandonOrphans,
  acceptBundle,
  acceptReply,
  exportSubmissions,
  publishCrls,
  requireCaInForce,
  synchronise,
  type Delegation,
  type SyncOutcome,
} from '../../node';
import { decodeReplies, type Receipt } from '../../sync';
import { carriedFile } from '../carriedFile';
import { defineCommand, type Result } from '../command';
import { EXIT } from '../exit';
import { orderText } from '../orders';
import { pinOptions } from '../pin';
import { wholeNumber } from '../values';
import { carrierOf } from './carrier';
import { software, withNode } from './session';

const MINUTE = 60_000;
const MAX_REPLY = 16 * 1024 * 1024;

export const sync = defineCommand({
  path: 'sync',
  summary: texts.sync,
  example: ['subca sync', 'subca sync --max-time 30 --json'],
  options: {
    maxTime: { flag: '--max-time <minutes>', summary: texts.maxTime, parse: wholeNumber(1, 1440) },
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async ({ node, journal }) => {
      const { maxTime } = input;
      const limit = maxTime === undefined ? undefined : maxTime * MINUTE;
      const signal =
        limit === undefined ? context.signal : AbortSignal.any([context.signal, AbortSignal.timeout(limit)]);
      const carry = await carrierOf(node, signal);
      const before = await node.delegation();
      let shown = 0;
      const bar = context.progress.start(texts.syncing);
      const send = (): Promise<SyncOutcome> =>
        synchronise(node, journal, carry, {
          software: software().version,
          ...(limit !== undefined && {
            patience: { until: performance.now() + limit, random: node.surroundings.random, signal },
          }),
          progress: (taken) => {
            bar.advance(taken - shown);
            shown = taken;
          },
        });
      let { sent, receipts } = await send();
      // Only a journal that the root agrees with may grow: what died here is closed after the first exchange.
      if ((await abandonOrphans(node, journal)) > 0) {
        await publishCrls(node, journal);
        const after = await send();
        sent += after.sent;
        receipts = after.receipts;
      }
      bar.stop();
      // All is sent and taken by then; what the root's CRL said is published.
      await requireCaInForce(node);
      return withOrders(outcome(sent, receipts), before, await node.delegation());
    }),
});

export const syncExport = defineCommand({
  path: 'sync export',
  summary: texts.syncExport,
  example: ['subca sync export /media/usb/15-1.submission'],
  arguments: [{ name: 'file', summary: texts.submissionFile, required: true }],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      const { bytes, entries } = await exportSubmissions(node, software().version);
      await writeFileDurably(input.file, bytes);
      const { json, text } = carriedFile(input.file, bytes);
      return {
        json: { ...json, entries },
        text: (lang) => [texts.exportDone[lang]({ file: input.file, entries }), text(lang)].join('\n'),
      };
    }),
});

export const syncImport = defineCommand({
  path: 'sync import',
  summary: texts.syncImport,
  example: ['subca sync import /media/usb/15-1.reply'],
  arguments: [{ name: 'file', summary: texts.replyFile, required: true }],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async ({ node, journal }) => {
      const bytes = await readFileBounded(input.file, MAX_REPLY);
      const { text } = carriedFile(input.file, bytes);
      context.announce({ en: () => text('en'), vi: () => text('vi') });
      if (isBundle(bytes)) return taken(await acceptBundle(node, journal, bytes));
      const before = await node.delegation();
      const receipts: Receipt[] = [];
      for (const reply of decodeReplies(bytes)) receipts.push(await acceptReply(node, journal, reply));
      await requireCaInForce(node);
      return withOrders(confirmed(receipts), before, await node.delegation());
    }),
});

/** A new version of the grant came by itself, without an answer to anything. */
function taken({ grant }: Delegation): Result {
  const { grantId, version, effectiveFrom } = grant.value;
  return {
    json: { grant: { id: grantId, version, effectiveFrom } },
    text: (lang) => texts.grantTaken[lang]({ version, effectiveFrom }),
  };
}

/** Tells what the root has ordered meanwhile: it is carried out by then. */
function withOrders({ json, text, ...rest }: Result, before: Delegation, { directives }: Delegation): Result {
  const orders = directives.documents
    .map(({ value }) => value)
    .filter(({ sequence }) => sequence > before.directives.last);
  return {
    ...rest,
    json: { ...json, directives: orders.map(({ sequence, order, reason }) => ({ sequence, order, reason })) },
    text: (lang) =>
      [
        text(lang),
        ...orders.map(({ sequence, order, reason }) =>
          texts.orderTaken[lang]({ sequence, order: orderText(order, lang), reason }),
        ),
      ].join('\n'),
  };
}

/** Findings mean that the root holds something against this node: a job must not take that for a success. */
function outcome(sent: number, receipts: readonly Receipt[]): Result {
  const { size, findings, ...confirmation } = confirmed(receipts);
  return {
    ...confirmation,
    json: { sent, ...confirmation.json },
    text: (lang) => texts.syncDone[lang]({ sent, size, findings }),
  };
}

/** What the root confirms of the journals of all CA keys together; hash and time are those of the last. */
function confirmed(
  receipts: readonly Receipt[],
): Result & { readonly size: number; readonly findings: number } {
  const size = receipts.reduce((sum, receipt) => sum + receipt.size, 0);
  const findings = receipts.reduce((sum, receipt) => sum + receipt.findings, 0);
  const last = receipts.at(-1);
  const journals = receipts.map((receipt) => {
    return { origin: receipt.origin, size: receipt.size, findings: receipt.findings };
  });
  return {
    size,
    findings,
    json: { size, rootHash: last?.rootHash, time: last?.time, findings, journals },
    text: (lang) => texts.replyTaken[lang]({ size, findings }),
    exit: findings > 0 ? EXIT.integrity : EXIT.done,
  };
}
