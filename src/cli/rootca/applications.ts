/** `rootca application list|show|approve|reject|answer`. */
import { existsSync } from 'node:fs';
import { readFileBounded, writeFileDurably } from '../../config';
import { shownBy, type OpenedAnswer, type ProfileScope } from '../../delegation';
import { filled, formatDate, type Lang } from '../../i18n';
import { applicationTexts } from '../../i18n/messages/application';
import { applicationStatusTexts, rootcaTexts as texts } from '../../i18n/messages/rootca';
import { rootcaDecisionTexts as decisionTexts } from '../../i18n/messages/rootcaDecisions';
import {
  answerTo,
  APPLICATION_STATUSES,
  listApplications,
  approveApplication,
  receiveApplication,
  rejectApplication,
  viewApplication,
  type ApplicationView,
  type RootCa,
} from '../../root';
import { formatName } from '../../x509';
import { defineCommand, type Result } from '../command';
import { criteriaText, servicesText, shownFields } from '../criteria';
import { CliError } from '../errors';
import { pinOptions, pinSource } from '../pin';
import { fields, table } from '../table';
import { withRoot } from './session';

const MAX_APPLICATION = 1024 * 1024;
const SHORT_ID = 12;

const applicationArgument = [
  { name: 'application', summary: texts.applicationArgument, required: true },
] as const;

const asOperator = { flag: '--operator <name>', summary: texts.asOperatorOption, required: true } as const;

export const applicationList = defineCommand({
  path: 'application list',
  summary: texts.applicationList,
  example: ['rootca application list', 'rootca application list --status pending'],
  options: {
    status: {
      flag: '--status <state>',
      summary: texts.applicationStatusOption,
      choices: APPLICATION_STATUSES,
    },
  },
  handler: (context, { status }) =>
    withRoot(context, async (root) => {
      const applications = await listApplications(root, status);
      return {
        json: { applications },
        text: (lang) =>
          applications.length === 0
            ? texts.noApplications[lang]({})
            : table(
                [
                  { title: texts.applicationId[lang]({}) },
                  { title: texts.node[lang]({}) },
                  { title: texts.applicationReceived[lang]({}) },
                  { title: texts.applicationStatus[lang]({}) },
                  { title: texts.approvers[lang]({}) },
                  { title: texts.organisation[lang]({}) },
                ],
                applications.map((one) => [
                  one.id.slice(0, SHORT_ID),
                  one.node,
                  formatDate(new Date(one.receivedAt), lang),
                  applicationStatusTexts[one.status][lang]({}),
                  one.approvedBy.join(', ') || '—',
                  one.organisation,
                ]),
              ),
      };
    }),
});

export const applicationShow = defineCommand({
  path: 'application show',
  summary: texts.applicationShow,
  example: ['rootca application show application.dsse', 'rootca application show 3f9a27c1b04d'],
  arguments: applicationArgument,
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const view = await viewApplication(root, await referenceOf(root, input.application));
      return { json: viewJson(view), text: (lang) => viewText(view, lang) };
    }),
});

export const applicationApprove = defineCommand({
  path: 'application approve',
  summary: texts.applicationApprove,
  description: decisionTexts.approveDescription,
  example: [
    'rootca application approve 3f9a27c1b04d --operator an',
    'rootca application approve 3f9a27c1b04d --operator an --override --reason "Thử nghiệm đến hết quý I"',
  ],
  arguments: applicationArgument,
  options: {
    operator: asOperator,
    override: { flag: '--override', summary: decisionTexts.overrideOption },
    reason: { flag: '--reason <text>', summary: decisionTexts.overrideReasonOption },
    ...pinOptions,
  },
  handler: (context, input) => {
    const { operator, override, reason } = input;
    if (override !== (reason !== undefined)) {
      const where = override ? '--reason' : '--override';
      const problems = [{ code: 'MISSING', where, found: '', allowed: '' }] as const;
      throw new CliError('BAD_COMMAND_LINE', { help: 'rootca application approve --help' }, { problems });
    }
    return withRoot(context, async (root) => {
      const reference = await referenceOf(root, input.application);
      const before = await viewApplication(root, reference);
      // The person signs what they were shown.
      if (context.interactive)
        context.announce({ en: () => viewText(before, 'en'), vi: () => viewText(before, 'vi') });
      const { organisation, nodeId } = before.opened.value;
      await context.confirm(
        filled(texts.approveQuestion, { organisation: organisation.name, node: nodeId, operator }),
      );
      const view = await approveApplication(
        root,
        reference,
        { operator, pin: pinSource(input) },
        reason?.normalize('NFC'),
      );
      const missing = Math.max(0, view.threshold - view.approvedBy.length);
      const id = view.id.slice(0, SHORT_ID);
      return {
        json: viewJson(view),
        text: (lang) => texts.approved[lang]({ id, by: view.approvedBy.join(', '), missing }),
      };
    });
  },
});

export const applicationReject = defineCommand({
  path: 'application reject',
  summary: texts.applicationReject,
  description: decisionTexts.rejectDescription,
  example: [
    'rootca application reject 3f9a27c1b04d --operator an --reason "Thiếu quyết định phân công nhân sự" --out answer.dsse',
    'rootca application reject 3f9a27c1b04d --operator an --reason "Quy chế chưa được ký" --criterion documents',
  ],
  arguments: applicationArgument,
  options: {
    operator: asOperator,
    reason: { flag: '--reason <text>', summary: texts.reasonOption, required: true },
    criterion: { flag: '--criterion <id>', summary: decisionTexts.criterionOption, repeatable: true },
    out: { flag: '--out <file>', summary: texts.outFile },
    ...pinOptions,
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { operator, reason, criterion: criteria, out } = input;
      const reference = await referenceOf(root, input.application);
      const by = { operator, pin: pinSource(input) };
      const answer = await rejectApplication(root, reference, by, {
        reason: reason.normalize('NFC'),
        criteria,
      });
      return answered(answer, out);
    }),
});

export const applicationAnswer = defineCommand({
  path: 'application answer',
  summary: decisionTexts.applicationAnswer,
  example: ['rootca application answer 3f9a27c1b04d --out answer.dsse'],
  arguments: applicationArgument,
  options: { out: { flag: '--out <file>', summary: texts.outFile, required: true } },
  handler: (context, input) =>
    withRoot(context, async (root) =>
      answered(await answerTo(root, await referenceOf(root, input.application)), input.out),
    ),
});

async function answered(
  { value, sha256, envelope }: OpenedAnswer,
  file: string | undefined,
): Promise<Result> {
  if (file !== undefined) await writeFileDurably(file, envelope);
  const { application, decision, operator, reason, override, mend } = value;
  const id = application.sha256;
  return {
    json: {
      ...{ id, status: decision, operator, reason, override, mend, answer: sha256 },
      ...(file !== undefined && { file }),
    },
    text: (lang) =>
      [
        decisionTexts.decided[decision][lang]({ id: id.slice(0, SHORT_ID), by: operator }),
        file === undefined
          ? decisionTexts.answerLater[lang]({ id: id.slice(0, SHORT_ID) })
          : decisionTexts.answerWritten[lang]({ file }),
      ].join('\n'),
  };
}

/** A file is received first; anything else is taken for an id. */
async function referenceOf(root: RootCa, argument: string): Promise<string> {
  return existsSync(argument)
    ? receiveApplication(root, await readFileBounded(argument, MAX_APPLICATION))
    : argument;
}

function viewJson(view: ApplicationView): object {
  const { id, status, opened, grant, approvedBy, threshold, laidOut, answers, others } = view;
  return {
    ...{ id, status, application: opened.value, readiness: opened.readiness?.value },
    ...{ grant, approvedBy, threshold, others },
    answers: answers.map(({ answeredAt, operator, decision, reason, override, mend }) => ({
      ...{ answeredAt, operator, decision, reason, override, mend },
    })),
    eligibility: laidOut && {
      policy: { title: laidOut.policy.value.title, sha256: laidOut.policy.sha256 },
      ...laidOut.evaluation,
    },
  };
}

function viewText(view: ApplicationView, lang: Lang): string {
  const { laidOut, opened } = view;
  const parts = [fields(viewFields(view, lang))];
  if (laidOut !== undefined) parts.push(criteriaText(laidOut.evaluation.rows, laidOut.policy.value, lang));
  else if (!('succeeds' in opened.value)) parts.push(decisionTexts.noPolicy[lang]({}));
  return parts.join('\n\n');
}

type Field = readonly [label: string, value: string];

function viewFields(view: ApplicationView, lang: Lang): readonly Field[] {
  const { id, status, opened, grant, approvedBy, threshold, answers, others } = view;
  const { value } = opened;
  const { organisation, nodeId, host } = value;
  const { publicKey, signatureAlgorithm, subject } = opened.request;
  const [first] = grant.scope.profiles;
  const prefix = (first?.subject ?? []).flatMap(({ type, values = [] }) =>
    values.slice(0, 1).map((value) => ({ type, value })),
  );
  const domains = new Set(grant.scope.profiles.flatMap(({ email }) => email.permitted));
  const hosts = new Set(grant.scope.profiles.flatMap(({ dns }) => dns.permitted));
  const shown = shownBy(opened);
  const mends = 'succeeds' in value ? null : value.mends;
  return [
    [texts.applicationId[lang]({}), id],
    [texts.applicationStatus[lang]({}), applicationStatusTexts[status][lang]({})],
    [texts.organisation[lang]({}), `${organisation.name} (${organisation.code})`],
    [texts.node[lang]({}), `${nodeId} – ${host}`],
    [
      texts.caKey[lang]({}),
      `${publicKey.algorithm}, ${signatureAlgorithm}, SHA-256 ${publicKey.spkiSha256}, ${subject ? formatName(subject) : '—'}`,
    ],
    [
      texts.wants[lang]({}),
      'succeeds' in value
        ? [
            texts.wantsSuccession[lang]({ epoch: value.epoch, ...value.succeeds }),
            ...(value.replaces ? [texts.wantsReplacement[lang](value.replaces)] : []),
          ].join('; ')
        : texts.wanted[lang]({
            services: servicesText(value.wanted.services, lang),
            perYear: value.wanted.perYear,
          }),
    ],
    ...(shown === undefined ? [] : shownFields(shown, lang)),
    ...(mends === null ? [] : [[applicationTexts.mends[lang]({}), mends.application] as const]),
    ...others.map(
      (other) =>
        [
          decisionTexts.otherApplication[lang]({}),
          `${other.id} (${applicationStatusTexts[other.status][lang]({})})`,
        ] as const,
    ),
    [texts.grantServices[lang]({}), servicesText(grant.services, lang)],
    [texts.grantProfiles[lang]({}), grant.scope.profiles.map((one) => profileLine(one, lang)).join(', ')],
    [texts.grantNames[lang]({}), formatName(prefix)],
    [texts.grantEmail[lang]({}), [...domains].join(', ') || '—'],
    [texts.grantDns[lang]({}), [...hosts].join(', ') || '—'],
    [texts.grantQuota[lang]({}), texts.quotaLine[lang](grant.limits.quota)],
    [texts.grantUntil[lang]({}), formatDate(new Date(grant.limits.notAfter), lang)],
    [
      texts.approvedBy[lang]({}),
      `${approvedBy.join(', ') || '—'} (${String(approvedBy.length)}/${String(threshold)})`,
    ],
    ...answers
      .filter(({ reason }) => reason !== null)
      .map(
        ({ operator, reason, override, decision }) =>
          [
            decisionTexts[override ? 'overridden' : decision][lang]({}),
            `${operator}: ${reason ?? ''}`,
          ] as const,
      ),
  ];
}

/** What the operators answer for: how long certificates last, new and renewed, and where keys must be. */
function profileLine({ id, maxValidityDays, maxRenewedDays, keyStorage }: ProfileScope, lang: Lang): string {
  return texts.profileLine[lang]({
    id,
    days: maxValidityDays,
    renewedDays: maxRenewedDays,
    storage: keyStorage,
  });
}
