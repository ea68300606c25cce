/** `rootca operator add|remove|list`. */
import { nameSchema } from '../../encoding';
import { filled } from '../../i18n';
import { rootcaTrustTexts as texts } from '../../i18n/messages/rootcaTrust';
import { addOperator, listOperators, removeOperator, trustStanding } from '../../root';
import { sha256Hex } from '../../signer';
import { defineCommand, type ValueReader } from '../command';
import { pinOptions, pinSource } from '../pin';
import { table } from '../table';
import { reason } from '../values';
import { withRoot } from './session';
import { nodesJson, standingText } from './trust';

const operatorName: ValueReader<string> = {
  allowed: 'a-z 0-9 -',
  read: (word) => (nameSchema.safeParse(word).success ? word : undefined),
};

const nameArgument = [
  { name: 'name', summary: texts.operatorName, required: true, parse: operatorName },
] as const;

export const operatorAdd = defineCommand({
  path: 'operator add',
  summary: texts.operatorAdd,
  example: ['rootca operator add an --token operator-an'],
  arguments: nameArgument,
  options: {
    token: { flag: '--token <label>', summary: texts.operatorTokenOption, required: true },
    ...pinOptions,
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { name, token } = input;
      await addOperator(root, name, token, pinSource(input) ?? { prompt: true });
      return { json: { operator: name, token }, text: (lang) => texts.operatorAdded[lang]({ name }) };
    }),
});

export const operatorRemove = defineCommand({
  path: 'operator remove',
  summary: texts.operatorRemove,
  example: ['rootca operator remove binh --reason "Mất token ngày 12/3, biên bản số 07"'],
  arguments: nameArgument,
  options: {
    reason: { flag: '--reason <text>', summary: texts.removeReason, required: true, parse: reason },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { name } = input;
      await context.confirm(filled(texts.removeQuestion, { name }));
      await removeOperator(root, name, input.reason);
      return {
        json: { operator: name, reason: input.reason },
        text: (lang) => texts.operatorRemoved[lang]({ name }),
      };
    }),
});

export const operatorList = defineCommand({
  path: 'operator list',
  summary: texts.operatorList,
  example: ['rootca operator list'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const inForce = (await root.trustStatements()).length > 0;
      const standing = inForce ? await trustStanding(root) : undefined;
      const trust = standing?.trust.value;
      const isTrusted = (spki: Buffer): boolean =>
        trust?.operators.some((trusted) => trusted.spki === spki.toString('base64')) ?? false;
      const operators = (await listOperators(root)).map(({ name, key }) => ({
        name,
        token: key.tokenLabel,
        spkiSha256: sha256Hex(key.spki),
        trusted: isTrusted(key.spki),
      }));
      return {
        json: {
          operators,
          threshold: trust?.threshold ?? null,
          trustVersion: trust?.version ?? null,
          nodes: standing === undefined ? [] : nodesJson(standing),
        },
        text: (lang) =>
          [
            table(
              [
                { title: texts.operator[lang]({}) },
                { title: texts.token[lang]({}) },
                { title: texts.key[lang]({}) },
                { title: texts.trusted[lang]({}) },
              ],
              operators.map(({ name, token, spkiSha256, trusted }) => [
                name,
                token,
                spkiSha256.slice(0, 16),
                texts[trusted ? 'yes' : 'no'][lang]({}),
              ]),
            ),
            ...(standing === undefined ? [] : [standingText(standing, lang)]),
          ].join('\n'),
      };
    }),
});
