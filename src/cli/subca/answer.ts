/** `subca application answer`: what the root decided, and what is to be mended. */
import { readFileBounded } from '../../config';
import type { Lang } from '../../i18n';
import { subcaTexts } from '../../i18n/messages/subca';
import { subcaApplyTexts as texts } from '../../i18n/messages/subcaApply';
import { takeAnswer, type TakenAnswer } from '../../node';
import { defineCommand } from '../command';
import { criteriaText, criterionTitle, mendAdvice } from '../criteria';
import { fields } from '../table';
import { withNode } from './session';

const MAX_ANSWER = 1024 * 1024;

export const applicationAnswer = defineCommand({
  path: 'application answer',
  summary: texts.answer,
  description: texts.answerDescription,
  example: ['subca application answer answer.dsse --root-fingerprint 4F:0A:…'],
  arguments: [{ name: 'answer', summary: texts.answerArgument, required: true }],
  options: {
    rootFingerprint: { flag: '--root-fingerprint <sha256>', summary: subcaTexts.fingerprintOption },
  },
  handler: (context, input) =>
    withNode(context, {}, async ({ node }) => {
      // Once pinned, the root stays.
      const fingerprint =
        (await node.findDelegation())?.root.sha256 ??
        input.rootFingerprint ??
        (await context.ask(subcaTexts.fingerprintQuestion, { option: '--root-fingerprint' }));
      const taken = await takeAnswer(node, await readFileBounded(input.answer, MAX_ANSWER), fingerprint);
      const { answer, sha256, known } = taken;
      const { application, decision, operator, answeredAt, reason, policy, rows, mend } = answer;
      return {
        json: {
          ...{ application: application.sha256, decision, operator, answeredAt, reason, policy },
          ...{ criteria: rows, mend, answer: sha256, known },
        },
        text: (lang) => answerText(taken, lang),
      };
    }),
});

function answerText({ answer, application }: TakenAnswer, lang: Lang): string {
  const { decision, operator, answeredAt, reason, policy, rows, mend } = answer;
  const { createdAt } = application.value;
  const told = { application: application.sha256, createdAt, operator, answeredAt };
  const toMend = rows.filter(({ criterion }) => mend.includes(criterion.id));
  return [
    texts[decision][lang](told),
    ...(reason === null ? [] : [texts.reason[lang]({ reason })]),
    ...(policy === null ? [] : [criteriaText(rows, policy, lang, mend)]),
    ...(toMend.length === 0 ? [] : [texts.toMend[lang]({})]),
    ...toMend.map(({ criterion, found }) =>
      [
        `• ${criterion.id} – ${criterionTitle(criterion, lang)}${criterion.basis === undefined ? '' : ` (${criterion.basis})`}`,
        fields([
          [`  ${texts.found[lang]({})}`, found],
          [`  ${texts.advice[lang]({})}`, mendAdvice(criterion, lang)],
        ]),
      ].join('\n'),
    ),
    ...(decision === 'rejected' ? [texts.next[lang]({})] : []),
  ].join('\n\n');
}
