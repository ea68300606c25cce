/** `rootca prune`. */
import { filled } from '../../i18n';
import { retentionTexts as texts } from '../../i18n/messages/retention';
import { pruneCopies } from '../../root';
import { defineCommand } from '../command';
import { withRoot } from './session';

export const prune = defineCommand({
  path: 'prune',
  summary: texts.prune,
  description: texts.rootDescription,
  example: ['rootca prune', 'rootca prune --yes --json'],
  handler: (context) =>
    withRoot(context, async (root) => {
      await context.confirm(filled(texts.question, {}));
      const bar = context.progress.start(texts.pruning);
      const journals = await pruneCopies(root, (entries) => {
        bar.advance(entries);
      });
      bar.stop();
      return {
        json: { journals },
        text: (lang) =>
          journals.length === 0
            ? texts.rootNothing[lang]({})
            : journals.map((one) => texts.rootDone[lang](one)).join('\n'),
      };
    }),
});
