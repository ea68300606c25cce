/** `subca rollover begin|apply|activate|status`: from one CA key to the next. */
import { readFileBounded, writeFileDurably } from '../../config';
import { filled, formatDate, type Lang } from '../../i18n';
import { subcaTexts } from '../../i18n/messages/subca';
import { lifeTexts, subcaRolloverTexts as texts } from '../../i18n/messages/subcaRollover';
import {
  applyForSuccession,
  beginRollover,
  regainKey,
  rolloverStatus,
  type GenerationStatus,
  type RolloverStatus,
} from '../../node';
import { KEY_ALGORITHMS, SIGNATURE_ALGORITHMS } from '../../signer';
import { defineCommand } from '../command';
import { pinOptions } from '../pin';
import { fields, table } from '../table';
import { wholeNumber } from '../values';
import { activateWith, MAX_BUNDLE } from './delegation';
import { software, withNode } from './session';

export const rolloverBegin = defineCommand({
  path: 'rollover begin',
  summary: texts.begin,
  description: texts.beginDescription,
  example: [
    'subca rollover begin',
    'subca rollover begin --ca-key p-384',
    'subca rollover begin --replace 2',
  ],
  options: {
    caKey: { flag: '--ca-key <type>', summary: texts.caKeyOption, choices: KEY_ALGORITHMS },
    caSignature: {
      flag: '--ca-signature <algorithm>',
      summary: texts.caSignatureOption,
      choices: SIGNATURE_ALGORITHMS,
    },
    replace: {
      flag: '--replace <generation>',
      summary: texts.replaceOption,
      parse: wholeNumber(2, 126),
    },
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      if (input.replace !== undefined)
        await context.confirm(filled(texts.replaceQuestion, { epoch: input.replace }));
      const key = await beginRollover(node, input);
      return { json: key, text: (lang) => texts.begun[lang](key) };
    }),
});

export const rolloverApply = defineCommand({
  path: 'rollover apply',
  summary: texts.apply,
  example: ['subca rollover apply --out rollover.dsse'],
  options: { out: { flag: '--out <file>', summary: subcaTexts.outFile, required: true }, ...pinOptions },
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      const { application, subject, envelope } = await applyForSuccession(node, software());
      await writeFileDurably(input.out, envelope);
      const { nodeId, epoch, succeeds } = application;
      return {
        json: { file: input.out, node: nodeId, subject, epoch, succeeds },
        text: (lang) => texts.applied[lang]({ file: input.out, subject }),
      };
    }),
});

export const rolloverActivate = defineCommand({
  path: 'rollover activate',
  summary: texts.activate,
  description: texts.activateDescription,
  example: ['subca rollover activate rollover.bundle'],
  arguments: [{ name: 'grant', summary: subcaTexts.grantArgument, required: true }],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      // The root was pinned when the first grant was taken.
      const { root } = await session.node.delegation();
      return activateWith(session, input.grant, root.sha256);
    }),
});

export const rolloverRegain = defineCommand({
  path: 'rollover regain',
  summary: texts.regain,
  description: texts.regainDescription,
  example: ['subca rollover regain rollover.bundle'],
  arguments: [{ name: 'grant', summary: subcaTexts.grantArgument, required: true }],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      const regained = await regainKey(node, await readFileBounded(input.grant, MAX_BUNDLE));
      return { json: regained, text: (lang) => texts.regained[lang](regained) };
    }),
});

export const rolloverStatusCommand = defineCommand({
  path: 'rollover status',
  summary: texts.status,
  example: ['subca rollover status', 'subca rollover status --json'],
  handler: (context) =>
    withNode(context, {}, async ({ node }) => {
      const status = await rolloverStatus(node);
      return {
        json: status,
        text: (lang) =>
          `${generationTable(status.generations, lang)}\n\n${fields([[texts.next[lang]({}), nextStep(status, lang)]])}`,
      };
    }),
});

function nextStep({ pending, generations }: RolloverStatus, lang: Lang): string {
  if (pending !== null) return texts.nextPending[lang](pending);
  if (generations.at(-1)?.state === 'lost') return texts.nextLost[lang]({});
  return texts.nextIdle[lang]({ isFirst: generations.length === 1 });
}

/** One line about a CA key. */
export function generationLine(
  { epoch, state, lastNotAfter, entries, confirmed }: GenerationStatus,
  lang: Lang,
): string {
  const told = lifeTexts[state][lang]({ lastNotAfter });
  return texts.generationLine[lang]({ epoch, state: told, entries, confirmed });
}

function generationTable(generations: readonly GenerationStatus[], lang: Lang): string {
  return table(
    [
      { title: texts.generation[lang]({}), align: 'right' },
      { title: texts.state[lang]({}) },
      { title: texts.entries[lang]({}), align: 'right' },
      { title: texts.confirmed[lang]({}), align: 'right' },
      { title: texts.crl[lang]({}), align: 'right' },
      { title: texts.caNotAfter[lang]({}) },
    ],
    generations.map(({ epoch, state, lastNotAfter, entries, confirmed, crl, notAfter }) => [
      String(epoch),
      lifeTexts[state][lang]({ lastNotAfter }),
      String(entries),
      String(confirmed),
      crl === null ? '—' : String(crl.number),
      formatDate(new Date(notAfter), lang).slice(0, 10),
    ]),
  );
}
