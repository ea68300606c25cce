/** `rootca findings`, `findings acknowledge`: what is wrong with nodes, and what an operator says to it. */
import { MAX_REASON } from '../../delegation';
import type { Problem } from '../../errors';
import { filled, formatDate, quotedIn, type Lang } from '../../i18n';
import { toldFinding } from '../../i18n/messages/findingCodes';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaOversightTexts as texts } from '../../i18n/messages/rootcaOversight';
import {
  conditionTexts,
  deadlineTexts,
  findingStateTexts,
  rootcaFindingsTexts,
  severityTexts,
} from '../../i18n/messages/rootcaFindings';
import {
  acknowledgeFinding,
  ownDeadlines,
  pageFindings,
  watchNodes,
  type StoredCondition,
  type StoredFinding,
} from '../../root';
import { defineCommand, type ValueReader } from '../command';
import { pinOptions, pinSource } from '../pin';
import { fields, table } from '../table';
import { wholeNumber } from '../values';
import { withRoot } from './session';

const number: ValueReader<number> = {
  allowed: '1, 2, …',
  read: (word) => (/^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined),
};

export const findings = defineCommand({
  path: 'findings',
  summary: texts.findingsCommand,
  description: rootcaFindingsTexts.description,
  example: [
    'rootca findings',
    'rootca findings --node 15-1 --limit 20 --after 240',
    'rootca findings --all --json',
  ],
  options: {
    all: { flag: '--all', summary: rootcaFindingsTexts.allOption },
    node: { flag: '--node <node>', summary: rootcaFindingsTexts.nodeOption },
    limit: {
      flag: '--limit <number>',
      summary: rootcaFindingsTexts.limitOption,
      default: '100',
      parse: wholeNumber(1, 100_000),
    },
    after: { flag: '--after <number>', summary: rootcaFindingsTexts.afterOption, parse: number },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const page = await pageFindings(root, input);
      const { findings: shown, more, others } = page;
      const watched = await watchNodes(root);
      const conditions = watched.filter(({ node }) => input.node === undefined || node === input.node);
      const deadlines = await ownDeadlines(root);
      const last = shown.at(-1)?.id ?? 0;
      return {
        json: { ...page, conditions, deadlines },
        text: (lang) =>
          [
            shown.length === 0 ? texts.noFindings[lang]({}) : findingsText(shown, lang),
            ...(more > 0 ? [rootcaFindingsTexts.more[lang]({ count: more, last })] : []),
            ...(others > 0 ? [rootcaFindingsTexts.others[lang]({ count: others })] : []),
            ...(conditions.length > 0 ? ['', conditionTable(conditions, lang)] : []),
            ...(deadlines.length > 0 ? [''] : []),
            ...deadlines.map(({ code, end }) => deadlineTexts[code][lang]({ end })),
          ].join('\n'),
      };
    }),
});

/** A finding each: too much is told of one for a row of a table. The code is what `docs/protocol.md` calls it. */
function findingsText(found: readonly StoredFinding[], lang: Lang): string {
  return found.map((one) => findingText(one, lang)).join('\n\n');
}

function findingText(one: StoredFinding, lang: Lang): string {
  const { id, severity, origin, entryIndex, code, openedAt, state, problems, acknowledgement } = one;
  const entry = entryIndex === null ? '' : `, ${texts.entry[lang]({})} ${String(entryIndex)}`;
  const label = (name: string): string => `  ${name}`;
  return [
    `#${String(id)} ${severityTexts[severity][lang]({})}: ${toldFinding(code, lang)}`,
    fields([
      [label(rootcaFindingsTexts.journal[lang]({})), `${origin}${entry}`],
      ...problems.map((problem, at): [string, string] => [
        at === 0 ? label(texts.detail[lang]({})) : '',
        told(problem, lang),
      ]),
      [label(texts.opened[lang]({})), formatDate(new Date(openedAt), lang)],
      [label(rootcaFindingsTexts.state[lang]({})), findingStateTexts[state][lang]({})],
      ...(acknowledgement === null
        ? []
        : [['', `${acknowledgement.operator}: ${acknowledgement.reason}`] as [string, string]]),
    ]),
  ].join('\n');
}

function told({ where, found: value, allowed }: Problem, lang: Lang): string {
  const said = (phrase: string): string => quotedIn(lang, phrase);
  return `${said(where)}: ${said(value)} ≠ ${said(allowed)}`;
}

/** What is wrong with nodes that breaks no rule of a journal. */
function conditionTable(conditions: readonly StoredCondition[], lang: Lang): string {
  return table(
    [
      { title: rootcaFindingsTexts.severity[lang]({}) },
      { title: rootcaTexts.node[lang]({}) },
      { title: rootcaFindingsTexts.since[lang]({}) },
      { title: rootcaFindingsTexts.condition[lang]({}) },
    ],
    conditions.map(({ severity, node, since, ...condition }) => [
      severityTexts[severity][lang]({}),
      node,
      formatDate(new Date(since), lang),
      conditionTexts[condition.code][lang](condition),
    ]),
  );
}

const reasonText: ValueReader<string> = {
  allowed: `1–${MAX_REASON}`,
  read: (word) => (word.trim() !== '' && word.length <= MAX_REASON ? word : undefined),
};

export const findingsAcknowledge = defineCommand({
  path: 'findings acknowledge',
  summary: rootcaFindingsTexts.acknowledge,
  description: rootcaFindingsTexts.acknowledgeDescription,
  example: [
    'rootca findings acknowledge 3 --operator an --reason "Khôi phục từ bản sao lưu, biên bản 12/BB"',
  ],
  arguments: [{ name: 'number', summary: rootcaFindingsTexts.numberArgument, required: true, parse: number }],
  options: {
    operator: { flag: '--operator <name>', summary: rootcaTexts.asOperatorOption, required: true },
    reason: {
      flag: '--reason <text>',
      summary: rootcaFindingsTexts.reasonOption,
      required: true,
      parse: reasonText,
    },
    ...pinOptions,
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { operator, reason, number: id } = input;
      await context.confirm(filled(rootcaFindingsTexts.acknowledgeQuestion, { id, operator }));
      const finding = await acknowledgeFinding(root, id, { operator, reason, pin: pinSource(input) });
      return {
        json: finding,
        text: (lang) => rootcaFindingsTexts.acknowledged[lang]({ id, operator }),
      };
    }),
});
