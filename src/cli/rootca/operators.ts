/** `rootca operator add|list` and `rootca trust sign`. */
import { readFileBounded } from '../../config';
import { externalRootsOf } from '../../delegation';
import { nameSchema } from '../../encoding';
import { externalRootTexts } from '../../i18n/messages/externalRoot';
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import { addOperator, listOperators, signTrust } from '../../root';
import { decodePemOrDer, formatName, readCertificate } from '../../x509';
import { defineCommand, type ValueReader } from '../command';
import { pinOptions, pinSource } from '../pin';
import { table } from '../table';
import { fingerprint, wholeNumber } from '../values';
import { withRoot } from './session';

const MAX_CERTIFICATE = 64 * 1024;

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
  example: ['rootca trust sign --threshold 2', 'rootca trust sign --threshold 2 --external-root root.pem'],
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
    externalRoot: { flag: '--external-root <file>', summary: externalRootTexts.addOption },
    dropExternalRoot: {
      flag: '--drop-external-root <sha256>',
      summary: externalRootTexts.dropOption,
      parse: fingerprint,
    },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { threshold: wanted, validDays, externalRoot: file, dropExternalRoot: dropExternal } = input;
      const what = 'external root';
      const addExternal =
        file === undefined
          ? undefined
          : readCertificate(
              decodePemOrDer(await readFileBounded(file, MAX_CERTIFICATE), 'CERTIFICATE', what),
              what,
            );
      const changes = { threshold: wanted, validDays, addExternal, dropExternal };
      const { value, sha256 } = await signTrust(root, changes);
      const externalRoots = externalRootsOf(value).map(({ tbs, sha256: digest }) => ({
        name: formatName(tbs.subject),
        sha256: digest,
        notAfter: tbs.notAfter,
      }));
      const { version, threshold, operators, validUntil } = value;
      return {
        json: {
          version,
          sha256,
          threshold,
          operators: operators.map(({ name }) => name),
          validUntil,
          externalRoots,
        },
        text: (lang) =>
          [
            texts.trustDone[lang]({ version, threshold, operators: operators.length, validUntil }),
            ...externalRoots.map((one) => externalRootTexts.trusted[lang](one)),
          ].join('\n'),
      };
    }),
});
