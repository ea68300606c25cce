/** `rootca node show`. */
import type { Lang } from '../../i18n';
import { certificateTexts } from '../../i18n/messages/certificate';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaDirectiveTexts as directiveTexts } from '../../i18n/messages/rootcaDirectives';
import { rootcaNodeTexts as nodeTexts } from '../../i18n/messages/rootcaNode';
import { rootcaOversightTexts as texts } from '../../i18n/messages/rootcaOversight';
import { leaseTexts, standingTexts } from '../../i18n/messages/standing';
import { viewNode, type NodeView } from '../../root';
import { defineCommand } from '../command';
import { quotaLines } from '../standing';
import { fields, table } from '../table';
import { contact } from './oversight';
import { withRoot } from './session';

export const nodeShow = defineCommand({
  path: 'node show',
  summary: texts.nodeShow,
  description: nodeTexts.description,
  example: ['rootca node show 15-1', 'rootca node show 15-1 --json'],
  arguments: [{ name: 'node', summary: rootcaTexts.nodeArgument, required: true }],
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const node = await viewNode(root, input.node);
      return { json: node, text: (lang) => [standing(node, lang), ...profiles(node, lang)].join('\n\n') };
    }),
});

function standing(node: NodeView, lang: Lang): string {
  return fields([
    [rootcaTexts.node[lang]({}), node.node],
    [rootcaTexts.organisation[lang]({}), node.organisation],
    [directiveTexts.directive[lang]({}), directiveTexts.summary[lang](node.directives)],
    [rootcaTexts.grantGroup[lang]({}), texts.grantVersions[lang](node)],
    ...quotaLines(node.quota, lang),
    [
      standingTexts.lease[lang]({}),
      node.lease === null ? '—' : leaseTexts[node.lease.state][lang](node.lease),
    ],
    [texts.entries[lang]({}), String(node.entries)],
    [texts.certificates[lang]({}), String(node.certificates)],
    [texts.revoked[lang]({}), String(node.revoked)],
    ...node.generations.map(
      (one) =>
        [
          texts.caKey[lang]({ epoch: one.epoch }),
          one.replaced ? texts.replacedLine[lang]({}) : texts.generationLine[lang](one),
        ] as const,
    ),
    ...node.crls.map((crl) => [nodeTexts.crl[lang](crl), nodeTexts.crlLine[lang](crl)] as const),
    [texts.findings[lang]({}), String(node.findings)],
    [texts.lastContact[lang]({}), contact(node, lang)],
    [nodeTexts.sync[lang]({}), nodeTexts.syncLine[lang](node.sync)],
  ]);
}

function profiles({ profiles: counts }: NodeView, lang: Lang): readonly string[] {
  if (counts.length === 0) return [];
  const titles = [nodeTexts.issued, nodeTexts.inForce, nodeTexts.suspended, texts.revoked, nodeTexts.expired];
  return [
    table(
      [
        { title: certificateTexts.profile[lang]({}) },
        ...titles.map((title) => ({ title: title[lang]({}), align: 'right' as const })),
      ],
      counts.map(({ profile, issued, inForce, suspended, revoked, expired }) => [
        profile,
        ...[issued, inForce, suspended, revoked, expired].map(String),
      ]),
    ),
  ];
}
