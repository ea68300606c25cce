/** `rootca operator add|list` and `rootca trust sign`. */
import { nameSchema } from '../../encoding';
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import { addOperator, listOperators, signTrust } from '../../root';
import { defineCommand, type ValueReader } from '../command';
import { pinOptions, pinSource } from '../pin';
import { table } from '../table';
import { wholeNumber } from '../values';
import { withRoot } from './session';

const operatorName: ValueReader<string> = {
  allowed: 'a-z 0-9 -',
  read: (word) => (nameSchema.safeParse(word).success ? word : undefined),
};

export const operatorAdd = defineCommand({
  path: 'operator add',
  summary: texts.operatorAdd,
  example: ['rootca operator add an --token operator-an'],
  arguments: [{ name: 'name', summary: texts.operatorName, required: true, parse: operatorName }],
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

export const operatorList = defineCommand({
  path: 'operator list',
  summary: texts.operatorList,
  example: ['rootca operator list'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const trust = (await root.trustStatements()).at(-1);
      const operators = (await listOperators(root)).map(({ name, key }) => ({
        name,
        token: key.tokenLabel,
        trusted: trust?.value.operators.some((trusted) => trusted.name === name) ?? false,
      }));
      return {
        json: { operators, threshold: trust?.value.threshold ?? null },
        text: (lang) =>
          table(
            [
              { title: texts.operator[lang]({}) },
              { title: texts.token[lang]({}) },
              { title: texts.trusted[lang]({}) },
            ],
            operators.map(({ name, token, trusted }) => [
              name,
              token,
              texts[trusted ? 'yes' : 'no'][lang]({}),
            ]),
          ),
      };
    }),
});

export const trustSign = defineCommand({
  path: 'trust sign',
  summary: texts.trustSign,
  example: ['rootca trust sign --threshold 2'],
  options: {
    threshold: {
      flag: '--threshold <number>',
      summary: texts.thresholdOption,
      required: true,
      parse: wholeNumber(1, 20),
    },
    validDays: {
      flag: '--valid-days <days>',
      summary: texts.validDaysOption,
      default: '730',
      parse: wholeNumber(1, 3660),
    },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { value, sha256 } = await signTrust(root, input.threshold, input.validDays);
      const { version, threshold, operators, validUntil } = value;
      return {
        json: { version, sha256, threshold, operators: operators.map(({ name }) => name), validUntil },
        text: (lang) =>
          texts.trustDone[lang]({ version, threshold, operators: operators.length, validUntil }),
      };
    }),
});
