/** `rootca application show|approve|reject`. */
import { existsSync } from 'node:fs';
import { readFileBounded } from '../../config';
import type { ProfileScope } from '../../delegation';
import { filled, formatDate, type Lang } from '../../i18n';
import { delegatedTexts } from '../../i18n/messages/certificateLife';
import { applicationStatusTexts, rootcaTexts as texts } from '../../i18n/messages/rootca';
import type { Service } from '../../journal';
import {
  approveApplication,
  receiveApplication,
  rejectApplication,
  viewApplication,
  type ApplicationView,
  type RootCa,
} from '../../root';
import { formatName } from '../../x509';
import { defineCommand } from '../command';
import { pinOptions, pinSource } from '../pin';
import { fields } from '../table';
import { withRoot } from './session';

const MAX_APPLICATION = 1024 * 1024;
const SHORT_ID = 12;

const applicationArgument = [
  { name: 'application', summary: texts.applicationArgument, required: true },
] as const;

const asOperator = { flag: '--operator <name>', summary: texts.asOperatorOption, required: true } as const;

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
  example: ['rootca application approve 3f9a27c1b04d --operator an'],
  arguments: applicationArgument,
  options: { operator: asOperator, ...pinOptions },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const reference = await referenceOf(root, input.application);
      const { operator } = input;
      const before = await viewApplication(root, reference);
      // The person signs what they were shown.
      if (context.interactive)
        context.announce({ en: () => viewText(before, 'en'), vi: () => viewText(before, 'vi') });
      const { organisation, nodeId } = before.opened.value;
      await context.confirm(
        filled(texts.approveQuestion, { organisation: organisation.name, node: nodeId, operator }),
      );
      const view = await approveApplication(root, reference, operator, pinSource(input));
      const missing = Math.max(0, view.threshold - view.approvedBy.length);
      const id = view.id.slice(0, SHORT_ID);
      return {
        json: viewJson(view),
        text: (lang) => texts.approved[lang]({ id, by: view.approvedBy.join(', '), missing }),
      };
    }),
});

export const applicationReject = defineCommand({
  path: 'application reject',
  summary: texts.applicationReject,
  example: [
    'rootca application reject 3f9a27c1b04d --operator an --reason "Thiếu quyết định phân công nhân sự"',
  ],
  arguments: applicationArgument,
  options: {
    operator: asOperator,
    reason: { flag: '--reason <text>', summary: texts.reasonOption, required: true },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const reference = await referenceOf(root, input.application);
      await rejectApplication(root, reference, input.operator, input.reason);
      const { id } = await viewApplication(root, reference);
      return {
        json: { id, status: 'rejected', reason: input.reason },
        text: (lang) => texts.rejected[lang]({ id: id.slice(0, SHORT_ID) }),
      };
    }),
});

/** A file is received first; anything else is taken for an id. */
async function referenceOf(root: RootCa, argument: string): Promise<string> {
  return existsSync(argument)
    ? receiveApplication(root, await readFileBounded(argument, MAX_APPLICATION))
    : argument;
}

function viewJson(view: ApplicationView): object {
  const { id, status, opened, grant, approvedBy, threshold, note } = view;
  return { id, status, application: opened.value, grant, approvedBy, threshold, note };
}

function viewText({ id, status, opened, grant, approvedBy, threshold }: ApplicationView, lang: Lang): string {
  const { value } = opened;
  const { organisation, nodeId, host } = value;
  const { publicKey, signatureAlgorithm, subject } = opened.request;
  const [first] = grant.scope.profiles;
  const prefix = (first?.subject ?? []).flatMap(({ type, values = [] }) =>
    values.slice(0, 1).map((value) => ({ type, value })),
  );
  const domains = new Set(grant.scope.profiles.flatMap(({ email }) => email.permitted));
  const hosts = new Set(grant.scope.profiles.flatMap(({ dns }) => dns.permitted));
  return fields([
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
        ? texts.wantsSuccession[lang]({ epoch: value.epoch, ...value.succeeds })
        : texts.wanted[lang]({
            services: services(value.wanted.services, lang),
            perYear: value.wanted.perYear,
          }),
    ],
    [texts.grantServices[lang]({}), services(grant.services, lang)],
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
  ]);
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

function services(names: readonly Service[], lang: Lang): string {
  return names.map((name) => delegatedTexts[name][lang]({})).join(', ');
}
