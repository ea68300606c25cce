/** `rootca grant update|approve`: the next version of a node's grant, seen before it is signed. */
import { readFileBounded, writeFileDurably } from '../../config';
import { filled, formatDate, type Lang } from '../../i18n';
import { grantUpdateTexts as texts } from '../../i18n/messages/grantUpdate';
import { rootcaTexts } from '../../i18n/messages/rootca';
import type { Problem } from '../../errors';
import {
  discardUpdate,
  draftUpdate,
  signUpdate,
  viewUpdate,
  type GrantDraft,
  type GrantEdit,
  type WantedEffect,
} from '../../root';
import { defineCommand } from '../command';
import { clipped } from '../display';
import { CliError } from '../errors';
import { pinOptions, pinSource } from '../pin';
import { quotaLines } from '../standing';
import { fields, table } from '../table';
import { instant, namedValue, wholeNumber } from '../values';
import { withRoot } from './session';

const DAY = 86_400_000;
const MAX_GRANT = 1024 * 1024;
const LONGEST_VALUE = 60;

const nodeArgument = [{ name: 'node', summary: rootcaTexts.nodeArgument, required: true }] as const;
const listOption = {
  flag: '--list <number>',
  summary: texts.listOption,
  default: '10',
  parse: wholeNumber(0, 1_000_000),
} as const;

export const grantUpdate = defineCommand({
  path: 'grant update',
  summary: texts.update,
  description: texts.updateDescription,
  example: [
    'rootca grant update 15-1 --set limits.quota.total=5000',
    'rootca grant update 15-1 --file 15-1.yaml --grace-days 30',
    'rootca grant update 15-1',
  ],
  arguments: nodeArgument,
  options: {
    file: { flag: '--file <file>', summary: texts.fileOption },
    set: { flag: '--set <path=value>', summary: texts.setOption, repeatable: true, parse: namedValue },
    effectiveFrom: { flag: '--effective-from <date>', summary: texts.fromOption, parse: instant },
    graceDays: { flag: '--grace-days <days>', summary: texts.graceOption, parse: wholeNumber(1, 3650) },
    atOnce: { flag: '--at-once', summary: texts.atOnceOption },
    withNextKey: { flag: '--with-next-key', summary: texts.withNextKeyOption },
    discard: { flag: '--discard', summary: texts.discardOption },
    list: listOption,
  },
  handler: async (context, input) => {
    const edit = await editOf(input.file, input.set);
    const wanted = effectOf(input, context.clock());
    if (input.discard ? edit !== undefined : edit === undefined && wanted !== undefined) throw wrongMix();
    return withRoot(context, async (root) => {
      const { node } = input;
      if (input.discard) {
        await discardUpdate(root, node);
        return { json: { node, discarded: true }, text: (lang) => texts.discarded[lang]({ node }) };
      }
      const view =
        edit === undefined ? await viewUpdate(root, node) : await draftUpdate(root, node, edit, wanted);
      return {
        json: view,
        text: (lang) =>
          [viewText(view, lang, input.list), ...(view.withNextKey ? [] : [texts.next[lang]({ node })])].join(
            '\n\n',
          ),
      };
    });
  },
});

export const grantApprove = defineCommand({
  path: 'grant approve',
  summary: texts.approve,
  description: texts.approveDescription,
  example: [
    'rootca grant approve 15-1 --operator an',
    'rootca grant approve 15-1 --operator binh --out 15-1.bundle',
  ],
  arguments: nodeArgument,
  options: {
    operator: { flag: '--operator <name>', summary: rootcaTexts.asOperatorOption, required: true },
    out: { flag: '--out <file>', summary: texts.bundleOption },
    list: listOption,
    ...pinOptions,
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { node, operator, out } = input;
      const before = await viewUpdate(root, node);
      const { version } = before.draft;
      // The person signs what they were shown.
      const shown = (lang: Lang): string => viewText(before, lang, input.list);
      if (context.interactive) context.announce({ en: () => shown('en'), vi: () => shown('vi') });
      await context.confirm(filled(texts.approveQuestion, { node, version, operator }));
      const { signedBy, threshold, issued } = await signUpdate(
        root,
        node,
        operator,
        pinSource(input),
        before.draft,
      );
      const file = issued === undefined ? undefined : out;
      if (file !== undefined && issued !== undefined) await writeFileDurably(file, issued.bundle);
      const missing = Math.max(0, threshold - signedBy.length);
      const { effectiveFrom } = before.draft;
      return {
        json: {
          node,
          version,
          effectiveFrom,
          signedBy,
          threshold,
          missing,
          ...(file !== undefined && { file }),
        },
        text: (lang) =>
          [
            texts.signed[lang]({ node, version, by: signedBy.join(', '), missing }),
            ...(file === undefined ? [] : [texts.bundleWritten[lang]({ node, version, file })]),
          ].join('\n'),
      };
    }),
});

async function editOf(
  file: string | undefined,
  set: readonly (readonly [string, string])[],
): Promise<GrantEdit | undefined> {
  if (file !== undefined && set.length > 0) throw wrongMix();
  if (file !== undefined) return { file, text: (await readFileBounded(file, MAX_GRANT)).toString('utf8') };
  return set.length > 0 ? { set } : undefined;
}

function effectOf(
  input: {
    readonly effectiveFrom: Date | undefined;
    readonly graceDays: number | undefined;
    readonly atOnce: boolean;
    readonly withNextKey: boolean;
  },
  now: Date,
): WantedEffect | undefined {
  const { effectiveFrom, graceDays, atOnce, withNextKey } = input;
  const wanted: readonly WantedEffect[] = [
    ...(effectiveFrom === undefined ? [] : [{ from: effectiveFrom }]),
    ...(graceDays === undefined ? [] : [{ from: new Date(now.getTime() + graceDays * DAY) }]),
    ...(atOnce ? [{ atOnce } as const] : []),
    ...(withNextKey ? [{ withNextKey } as const] : []),
  ];
  if (wanted.length > 1) throw wrongMix();
  return wanted[0];
}

const ONE_WAY: Problem = {
  code: 'BAD_VALUE',
  where: 'rootca grant update',
  found: '—',
  allowed:
    '(--file … | --set …) [--effective-from … | --grace-days … | --at-once | --with-next-key] | --discard | —',
};

function wrongMix(): CliError {
  return new CliError('BAD_COMMAND_LINE', { help: 'rootca grant update --help' }, { problems: [ONE_WAY] });
}

/** What the version changes and what it would do, for the person who is to sign it. */
function viewText(
  { node, draft, effect, withNextKey, ...signing }: GrantDraft,
  lang: Lang,
  list: number,
): string {
  const { version, effectiveFrom } = draft;
  const { signedBy, threshold } = signing;
  const { differences, narrows, against, running, outside, rules, quota, usedUp } = effect;
  const shown = outside.slice(0, list);
  const blocks = [
    fields([
      [rootcaTexts.node[lang]({}), node],
      [texts.version[lang]({}), String(version)],
      [
        texts.effective[lang]({}),
        withNextKey ? texts.withNextKey[lang]({}) : texts.effectiveLine[lang]({ effectiveFrom, narrows }),
      ],
      ...quotaLines(quota, lang),
      [
        texts.signedBy[lang]({}),
        `${signedBy.join(', ') || '—'} (${String(signedBy.length)}/${String(threshold)})`,
      ],
    ]),
    table(
      [
        { title: texts.field[lang]({}) },
        { title: texts.before[lang]({ version: against }) },
        { title: texts.after[lang]({}) },
        { title: '' },
      ],
      differences.map(({ where, before, after, narrows: less }) => [
        where,
        clipped(before, LONGEST_VALUE),
        clipped(after, LONGEST_VALUE),
        less ? texts.narrower[lang]({}) : '',
      ]),
    ),
    ...(usedUp.length > 0 ? [texts.usedUp[lang]({ limits: usedUp.join(', ') })] : []),
    texts.outside[lang]({ outside: outside.length, running }),
  ];
  if (outside.length > 0) {
    blocks.push(
      table(
        [
          { title: texts.profile[lang]({}) },
          { title: texts.rule[lang]({}) },
          { title: texts.count[lang]({}), align: 'right' },
        ],
        rules.map(({ profile, rule, count }) => [profile, rule, String(count)]),
      ),
    );
  }
  const lines = shown.map(({ serialNumber, subject, notAfter, problems }) => {
    const why = problems.map(({ where, found }) => `${where}: ${found}`).join('; ');
    return `${serialNumber}  ${formatDate(new Date(notAfter), lang).slice(0, 10)}  ${subject}\n    ${clipped(why, 160)}`;
  });
  const more = outside.length - shown.length;
  if (more > 0) lines.push(texts.more[lang]({ more }));
  return [...blocks, ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n\n');
}
