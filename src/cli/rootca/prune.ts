/** `rootca prune`. */
import { filled } from '../../i18n';
import { retentionTexts as texts } from '../../i18n/messages/retention';
import { previewPruneCopies, pruneCopies } from '../../root';
import { defineCommand } from '../command';
import { withRoot } from './session';

export const prune = defineCommand({
  path: 'prune',
  summary: texts.prune,
  description: texts.rootDescription,
  example: ['rootca prune --dry-run', 'rootca prune', 'rootca prune --yes --json'],
  options: { dryRun: { flag: '--dry-run', summary: texts.dryRun } },
  handler: (context, { dryRun }) =>
    withRoot(context, async (root) => {
      const found = await previewPruneCopies(root);
      if (dryRun)
        return {
          json: { journals: found },
          text: (lang) =>
            found.length === 0
              ? texts.rootNothing[lang]({})
              : found.map((one) => texts.rootFound[lang](one)).join('\n'),
        };
      const removable = found.reduce((sum, one) => sum + one.removable, 0);
      await context.confirm(filled(texts.rootQuestion, { removable }));
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
