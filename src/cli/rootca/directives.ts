/** `rootca directive revoke|suspend-issuance|resume-issuance|withdraw|approve|discard|list|show` and `grant withdraw`. */
import { MAX_DIRECTIVE_REASON, WITHDRAWAL_MODES, type Order } from '../../delegation';
import { filled, formatDate, type Lang } from '../../i18n';
import { reasonsExplained } from '../../i18n/messages/certificateLife';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { directiveStateTexts, rootcaDirectiveTexts as texts } from '../../i18n/messages/rootcaDirectives';
import { REVOCATION_CAUSES } from '../../journal';
import {
  approveDirective,
  discardDirective,
  draftDirective,
  listDirectives,
  listNodes,
  showDirective,
  type DirectiveView,
} from '../../root';
import { defineCommand, type Command, type Context, type Result, type ValueReader } from '../command';
import { orderText } from '../orders';
import { pinOptions, pinSource, type PinInput } from '../pin';
import { fields, table } from '../table';
import { instant, serialNumber, wholeNumber } from '../values';
import { withRoot } from './session';

const MAX_SEQUENCE = 1_000_000;

const nodeArgument = { name: 'node', summary: rootcaTexts.nodeArgument, required: true } as const;

const reasonText: ValueReader<string> = {
  allowed: `1–${MAX_DIRECTIVE_REASON}`,
  read: (word) => (word.trim() !== '' && word.length <= MAX_DIRECTIVE_REASON ? word.trim() : undefined),
};

const operatorOption = {
  operator: { flag: '--operator <name>', summary: texts.operatorOption, required: true },
  ...pinOptions,
} as const;

const orderOptions = {
  because: { flag: '--because <text>', summary: texts.becauseOption, required: true, parse: reasonText },
  ...operatorOption,
} as const;

interface OrderInput extends PinInput {
  readonly node: string;
  readonly operator: string;
  readonly because: string;
}

function draft(context: Context, input: OrderInput, order: Order): Promise<Result> {
  return withRoot(context, async (root) => {
    const { node, operator, because: reason } = input;
    const asked = { en: () => orderText(order, 'en'), vi: () => orderText(order, 'vi') };
    await context.confirm({
      en: () => texts.draftQuestion.en({ order: asked.en(), node, operator }),
      vi: () => texts.draftQuestion.vi({ order: asked.vi(), node, operator }),
    });
    const pin = pinSource(input);
    return signed(await draftDirective(root, node, { order, reason }, { operator, pin }));
  });
}

export const directiveRevoke = defineCommand({
  path: 'directive revoke',
  summary: texts.revoke,
  description: reasonsExplained,
  example: [
    'rootca directive revoke 15-1 01000000000a9f… --reason keyCompromise --because "Khóa bị lộ, kết luận 45/KL" --operator an',
  ],
  arguments: [
    nodeArgument,
    { name: 'serial', summary: texts.serialArgument, required: true, parse: serialNumber },
  ],
  options: {
    reason: {
      flag: '--reason <reason>',
      summary: texts.reasonOption,
      required: true,
      choices: REVOCATION_CAUSES,
    },
    since: { flag: '--since <time>', summary: texts.sinceOption, parse: instant },
    ...orderOptions,
  },
  handler: (context, input) =>
    draft(context, input, {
      kind: 'revoke',
      serialNumber: input.serial,
      reason: input.reason,
      ...(input.since && { invalidityDate: input.since.toISOString() }),
    }),
});

export const directiveSuspend = defineCommand({
  path: 'directive suspend-issuance',
  summary: texts.suspend,
  example: ['rootca directive suspend-issuance 15-1 --because "Theo kết luận thanh tra 12/KL" --operator an'],
  arguments: [nodeArgument],
  options: orderOptions,
  handler: (context, input) => draft(context, input, { kind: 'suspend-issuance' }),
});

export const directiveResume = defineCommand({
  path: 'directive resume-issuance',
  summary: texts.resume,
  example: ['rootca directive resume-issuance 15-1 --because "Đã khắc phục" --operator an'],
  arguments: [nodeArgument],
  options: orderOptions,
  handler: (context, input) => draft(context, input, { kind: 'resume-issuance' }),
});

export const directiveWithdraw = withdrawal('directive withdraw');
/** The same under the name of what is withdrawn. */
export const grantWithdraw = withdrawal('grant withdraw');

function withdrawal(path: string): Command {
  return defineCommand({
    path,
    summary: texts.withdraw,
    description: texts.withdrawDescription,
    example: [`rootca ${path} 15-1 --mode run-out --because "Quyết định 7/QĐ" --operator an`],
    arguments: [nodeArgument],
    options: {
      mode: { flag: '--mode <mode>', summary: texts.modeOption, required: true, choices: WITHDRAWAL_MODES },
      ...orderOptions,
    },
    handler: (context, input) => draft(context, input, { kind: 'withdraw', mode: input.mode }),
  });
}

export const directiveApprove = defineCommand({
  path: 'directive approve',
  summary: texts.approve,
  example: ['rootca directive approve 15-1 --operator binh'],
  arguments: [nodeArgument],
  options: operatorOption,
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { node, operator } = input;
      const before = await showDirective(root, node);
      // The person signs what they were shown.
      if (context.interactive)
        context.announce({ en: () => viewText(before, 'en'), vi: () => viewText(before, 'vi') });
      const { sequence } = before.directive;
      await context.confirm(filled(texts.signQuestion, { sequence, node, operator }));
      return signed(await approveDirective(root, node, { operator, pin: pinSource(input) }, before.sha256));
    }),
});

export const directiveDiscard = defineCommand({
  path: 'directive discard',
  summary: texts.discard,
  example: ['rootca directive discard 15-1 --operator an'],
  arguments: [nodeArgument],
  options: { operator: operatorOption.operator },
  handler: (context, { node, operator }) =>
    withRoot(context, async (root) => {
      const { sequence } = await discardDirective(root, node, operator);
      return {
        json: { node, sequence, discarded: true },
        text: (lang) => texts.discarded[lang]({ sequence, node }),
      };
    }),
});

export const directiveList = defineCommand({
  path: 'directive list',
  summary: texts.list,
  example: ['rootca directive list', 'rootca directive list 15-1'],
  arguments: [{ ...nodeArgument, required: false }],
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const nodes = input.node === undefined ? (await listNodes(root)).map(({ node }) => node) : [input.node];
      const views: DirectiveView[] = [];
      for (const node of nodes) views.push(...(await listDirectives(root, node)));
      return {
        json: { directives: views },
        text: (lang) =>
          views.length === 0
            ? texts.none[lang]({})
            : table(
                [
                  { title: rootcaTexts.node[lang]({}) },
                  { title: '#', align: 'right' },
                  { title: texts.order[lang]({}) },
                  { title: texts.state[lang]({}) },
                  { title: texts.issued[lang]({}) },
                ],
                views.map((view) => [
                  view.directive.nodeId,
                  String(view.directive.sequence),
                  orderText(view.directive.order, lang),
                  stateText(view, lang),
                  formatDate(new Date(view.directive.issuedAt), lang),
                ]),
              ),
      };
    }),
});

export const directiveShow = defineCommand({
  path: 'directive show',
  summary: texts.show,
  example: ['rootca directive show 15-1', 'rootca directive show 15-1 3'],
  arguments: [
    nodeArgument,
    { name: 'number', summary: texts.sequenceArgument, parse: wholeNumber(1, MAX_SEQUENCE) },
  ],
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const view = await showDirective(root, input.node, input.number);
      return { json: view, text: (lang) => viewText(view, lang) };
    }),
});

function signed(view: DirectiveView): Result {
  const { directive, signedBy, threshold } = view;
  const { sequence, nodeId: node } = directive;
  const missing = Math.max(0, threshold - signedBy.length);
  return {
    json: view,
    text: (lang) => texts.signed[lang]({ sequence, node, by: signedBy.join(', '), missing }),
  };
}

function stateText({ state, signedBy, threshold, outstanding }: DirectiveView, lang: Lang): string {
  const signatures = state === 'signing' ? ` ${signedBy.length}/${threshold}` : '';
  return [
    directiveStateTexts[state][lang]({}) + signatures,
    ...(outstanding > 0 ? [texts.outstanding[lang]({ count: outstanding })] : []),
  ].join('; ');
}

function viewText(view: DirectiveView, lang: Lang): string {
  const { directive, sha256, signedBy, threshold, acknowledged } = view;
  const { nodeId, sequence, issuedAt, reason, order } = directive;
  return fields([
    [rootcaTexts.node[lang]({}), nodeId],
    [texts.directive[lang]({}), `${sequence}, SHA-256 ${sha256}`],
    [texts.order[lang]({}), orderText(order, lang)],
    [texts.reason[lang]({}), reason],
    [texts.issued[lang]({}), formatDate(new Date(issuedAt), lang)],
    [texts.signers[lang]({}), `${signedBy.join(', ') || '—'} (${signedBy.length}/${threshold})`],
    [texts.state[lang]({}), stateText(view, lang)],
    [texts.entry[lang]({}), acknowledged === null ? '—' : texts.entryLine[lang](acknowledged)],
  ]);
}
