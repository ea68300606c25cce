/** `subca prune`. */
import { filled } from '../../i18n';
import { retentionTexts as texts } from '../../i18n/messages/retention';
import { prune as pruneNode } from '../../node';
import { defineCommand } from '../command';
import { withNode } from './session';

export const prune = defineCommand({
  path: 'prune',
  summary: texts.prune,
  description: texts.nodeDescription,
  example: ['subca prune', 'subca prune --yes --json'],
  handler: (context) =>
    withNode(context, {}, async ({ node, journal }) => {
      await context.confirm(filled(texts.question, {}));
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
