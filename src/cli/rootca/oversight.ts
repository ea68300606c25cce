/** `rootca node list`, `verify`. */
import { readFileBounded } from '../../config';
import { formatDate, type Lang } from '../../i18n';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaDirectiveTexts as directiveTexts } from '../../i18n/messages/rootcaDirectives';
import { rootcaJournalTexts as journalTexts } from '../../i18n/messages/rootcaJournal';
import { rootcaOversightTexts as texts } from '../../i18n/messages/rootcaOversight';
import { checkSignedHead, listNodes, verifyRoot, type NodeSummary } from '../../root';
import { defineCommand } from '../command';
import { EXIT } from '../exit';
import { reading, resumeOption } from '../reading';
import { table } from '../table';
import { withRoot } from './session';

const MAX_HEAD = 64 * 1024;

export const nodeList = defineCommand({
  path: 'node list',
  summary: texts.nodeList,
  example: ['rootca node list'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const nodes = await listNodes(root);
      return {
        json: { nodes },
        text: (lang) =>
          nodes.length === 0
            ? texts.noNodes[lang]({})
            : table(
                [
                  { title: rootcaTexts.node[lang]({}) },
                  { title: rootcaTexts.organisation[lang]({}) },
                  { title: texts.certificates[lang]({}), align: 'right' },
                  { title: texts.revoked[lang]({}), align: 'right' },
                  { title: texts.entries[lang]({}), align: 'right' },
                  { title: texts.findings[lang]({}), align: 'right' },
                  { title: directiveTexts.directive[lang]({}) },
                  { title: texts.lastContact[lang]({}) },
                ],
                nodes.map((node) => [
                  node.node,
                  node.organisation,
                  String(node.certificates),
                  String(node.revoked),
                  String(node.entries),
                  String(node.findings),
                  node.directives.signed === 0 ? '—' : directiveTexts.summary[lang](node.directives),
                  contact(node, lang),
                ]),
              ),
      };
    }),
});

/** When a node was last in touch. */
export function contact({ lastContact }: NodeSummary, lang: Lang): string {
  return lastContact === null ? texts.never[lang]({}) : formatDate(new Date(lastContact), lang);
}

export const verify = defineCommand({
  path: 'verify',
  summary: texts.verify,
  example: [
    'rootca verify',
    'rootca verify --json',
    'rootca verify --head root-journal.head',
    'rootca verify --resume',
  ],
  options: { head: { flag: '--head <file>', summary: journalTexts.headOption }, ...resumeOption },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const bar = context.progress.start(texts.verifying);
      const verified = await verifyRoot(root, await reading(root.paths.verifyProgress, input.resume, bar));
      bar.stop();
      const goesOnFrom =
        input.head === undefined
          ? undefined
          : await checkSignedHead(root, await readFileBounded(input.head, MAX_HEAD));
      const entries = verified.nodes.reduce((sum, node) => sum + node.entries, 0);
      const held = verified.nodes.reduce((sum, node) => sum + node.findings, 0);
      return {
        json: { ...verified, ...(goesOnFrom !== undefined && { goesOnFrom }) },
        text: (lang) =>
          [
            texts.verifyDone[lang]({
              nodes: verified.nodes.length,
              entries,
              findings: held,
              own: verified.journal.entries,
            }),
            ...(goesOnFrom === undefined ? [] : [journalTexts.goesOn[lang]({ size: goesOnFrom })]),
          ].join('\n'),
        // What is stored is what was sent; but what was sent breaks rules, and a job must not take that for all well.
        exit: held > 0 ? EXIT.integrity : EXIT.done,
      };
    }),
});
