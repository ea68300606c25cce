/** `subca sync`, `sync export`, `sync import`. */
import { createHash } from 'node:crypto';
import { readFileBounded, writeFileDurably } from '../../config';
import { registryCarrier } from '../../http';
import { subcaServiceTexts as texts } from '../../i18n/messages/subcaService';
import {
  abandonOrphans,
  acceptReply,
  exportSubmissions,
  NodeError,
  publishCrl,
  synchronise,
  type SyncOutcome,
} from '../../node';
import { decodeReply, type Receipt } from '../../sync';
import { encodePem } from '../../x509';
import { defineCommand, type Result } from '../command';
import { EXIT } from '../exit';
import { pinOptions } from '../pin';
import { software, withNode } from './session';

const MAX_REPLY = 16 * 1024 * 1024;

export const sync = defineCommand({
  path: 'sync',
  summary: texts.sync,
  example: ['subca sync', 'subca sync --json'],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async ({ node, journal }) => {
      const { registry } = node.config;
      if (registry === undefined) throw new NodeError('REGISTRY_NOT_CONFIGURED', {});
      const { root } = await node.delegation();
      const rootCertificate = encodePem('CERTIFICATE', root.der);
      const carry = registryCarrier({ url: registry.url, rootCertificate, signal: context.signal });
      let shown = 0;
      const bar = context.progress.start(texts.syncing);
      const send = (): Promise<SyncOutcome> =>
        synchronise(node, journal, carry, {
          software: software().version,
          progress: (taken) => {
            bar.advance(taken - shown);
            shown = taken;
          },
        });
      let { sent, receipt } = await send();
      // Only a journal that the root agrees with may grow: what died here is closed after the first exchange.
      if ((await abandonOrphans(node, journal)) > 0) {
        await publishCrl(node, journal);
        const after = await send();
        sent += after.sent;
        receipt = after.receipt;
      }
      bar.stop();
      return outcome(sent, receipt);
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
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return {
        json: { file: input.file, entries, sha256 },
        text: (lang) => texts.exportDone[lang]({ file: input.file, entries, sha256 }),
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
      const reply = decodeReply(await readFileBounded(input.file, MAX_REPLY));
      const receipt = await acceptReply(node, journal, reply);
      return confirmed(receipt);
    }),
});

/** Findings mean that the root holds something against this node: a job must not take that for a success. */
function outcome(sent: number, receipt: Receipt): Result {
  const { json, exit } = confirmed(receipt);
  const { size, findings } = receipt;
  return {
    json: { sent, ...json },
    text: (lang) => texts.syncDone[lang]({ sent, size, findings }),
    ...(exit && { exit }),
  };
}

function confirmed({ size, rootHash, time, findings }: Receipt): Result {
  return {
    json: { size, rootHash, time, findings },
    text: (lang) => texts.replyTaken[lang]({ size, findings }),
    exit: findings > 0 ? EXIT.integrity : EXIT.done,
  };
}
