/** `subca prune`. */
import { filled } from '../../i18n';
import { retentionTexts as texts } from '../../i18n/messages/retention';
import { previewPrune, prune as pruneNode } from '../../node';
import { defineCommand } from '../command';
import { withNode } from './session';

export const prune = defineCommand({
  path: 'prune',
  summary: texts.prune,
  description: texts.nodeDescription,
  example: ['subca prune --dry-run', 'subca prune', 'subca prune --yes --json'],
  options: { dryRun: { flag: '--dry-run', summary: texts.dryRun } },
  handler: (context, { dryRun }) =>
    withNode(context, {}, async ({ node, journal }) => {
      const found = await previewPrune(node);
      if (dryRun)
        return {
          json: { journals: found },
          text: (lang) => found.map((one) => texts.nodeFound[lang](one)).join('\n'),
        };
      const total = { removable: 0, announceable: 0 };
      for (const { removable, announceable } of found) {
        total.removable += removable;
        total.announceable += announceable;
      }
      await context.confirm(filled(texts.nodeQuestion, total));
      const bar = context.progress.start(texts.pruning);
      const journals = await pruneNode(node, journal, (entries) => {
        bar.advance(entries);
      });
      bar.stop();
      return {
        json: { journals },
        text: (lang) => journals.map((one) => texts.nodeDone[lang](one)).join('\n'),
      };
    }),
});
