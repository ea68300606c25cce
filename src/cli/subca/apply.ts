/** `subca apply`: the application for a delegation, shown with what is missing before it is signed. */
import { readYamlFile, writeFileDurably } from '../../config';
import { evaluate, policySchema, type Evaluation, type Policy } from '../../delegation';
import { examine } from '../../doctor';
import { filled, type Lang, type Phrase } from '../../i18n';
import { readinessCheckTexts } from '../../i18n/messages/readiness';
import { subcaTexts } from '../../i18n/messages/subca';
import { subcaApplyTexts as texts } from '../../i18n/messages/subcaApply';
import { SERVICES } from '../../journal';
import { makeApplication, prepareApplication, type PreparedApplication } from '../../node';
import { defineCommand } from '../command';
import { criteriaText, servicesText, shownFields } from '../criteria';
import { CliError } from '../errors';
import { pinOptions } from '../pin';
import { fields } from '../table';
import { domain, wholeNumber } from '../values';
import { subject as subjectOf } from './doctor';
import { software, withNode } from './session';

/** As the application's id is shown everywhere. */
const SHORT_ID = 12;

export const apply = defineCommand({
  path: 'apply',
  summary: subcaTexts.apply,
  description: texts.description,
  example: [
    'subca apply --out application.dsse --email-domain laocai.gov.vn --per-year 2000',
    'subca apply --out application.dsse --email-domain laocai.gov.vn --need survey.csv --policy eligibility.yaml',
  ],
  options: {
    out: { flag: '--out <file>', summary: subcaTexts.outFile, required: true },
    emailDomain: {
      flag: '--email-domain <domain>',
      summary: subcaTexts.emailDomainOption,
      parse: domain,
      repeatable: true,
    },
    dnsDomain: {
      flag: '--dns-domain <domain>',
      summary: subcaTexts.dnsDomainOption,
      parse: domain,
      repeatable: true,
    },
    profile: { flag: '--profile <profile>', summary: subcaTexts.wantedProfileOption, repeatable: true },
    service: {
      flag: '--service <service>',
      summary: subcaTexts.serviceOption,
      repeatable: true,
      choices: SERVICES,
    },
    perYear: {
      flag: '--per-year <number>',
      summary: subcaTexts.perYearOption,
      parse: wholeNumber(1, 10_000_000),
    },
    need: { flag: '--need <file>', summary: texts.needOption },
    policy: { flag: '--policy <file>', summary: texts.policyOption },
    ...pinOptions,
  },
  handler: (context, input) => {
    const { need, perYear, out } = input;
    if (need !== undefined && perYear !== undefined) {
      const found = String(perYear);
      const problems = [{ code: 'BAD_VALUE', where: '--per-year', found, allowed: '--need' }] as const;
      throw new CliError('BAD_COMMAND_LINE', { help: 'subca apply --help' }, { problems });
    }
    return withNode(context, input, async ({ node }) => {
      const policy = input.policy === undefined ? undefined : await readYamlFile(input.policy, policySchema);
      const prepared = await prepareApplication(node, {
        emailDomains: input.emailDomain,
        dnsDomains: input.dnsDomain,
        perYear,
        survey: need,
        readiness: await examine(await subjectOf(context.directory), context.clock()),
        software: software(),
        ...(input.service.length > 0 && { services: input.service }),
        ...(input.profile.length > 0 && { profiles: input.profile }),
      });
      const laid = policy && { policy, evaluation: evaluate(policy, prepared.shown, context.clock()) };
      const missing = missingIn(prepared);
      if (context.interactive) {
        context.announce({
          en: () => preview(prepared, laid, 'en'),
          vi: () => preview(prepared, laid, 'vi'),
        });
      }
      if (missing.length > 0) context.announce(missingText(missing));
      if (input.emailDomain.length === 0) context.announce(subcaTexts.noEmailDomain);
      // A job has said all it has to say on the command line; a person is asked.
      if (context.interactive) await context.confirm(filled(texts.question, { file: out }));
      const { application, sha256, subject, envelope } = await makeApplication(node, prepared);
      await writeFileDurably(out, envelope);
      const { nodeId, wanted, mends } = application;
      return {
        json: {
          ...{ file: out, id: sha256, node: nodeId, subject, wanted, mends },
          missing: missing.map(({ id }) => id),
          ...(laid && { eligibility: laid.evaluation }),
        },
        text: (lang) =>
          [
            ...(laid && !context.interactive
              ? [criteriaText(laid.evaluation.rows, laid.policy, lang), '']
              : []),
            subcaTexts.applyDone[lang]({ file: out, subject }),
            ...(mends === null
              ? []
              : [texts.mending[lang]({ application: mends.application.slice(0, SHORT_ID) })]),
          ].join('\n'),
      };
    });
  },
});

interface Missing {
  readonly id: string;
  readonly title: Phrase;
}

/** What the application lacks, whatever a policy may say of it: the survey, and every check that did not pass. */
function missingIn({ shown }: PreparedApplication): readonly Missing[] {
  const missing: Missing[] = shown.need === null ? [{ id: 'need', title: texts.needMissing }] : [];
  const titles: Readonly<Partial<Record<string, { readonly title: Phrase }>>> = readinessCheckTexts;
  for (const { id, result } of shown.readiness.checks) {
    const title = titles[id]?.title;
    if (result !== 'pass' && title !== undefined && missing.every((one) => one.id !== id))
      missing.push({ id, title });
  }
  return missing;
}

function missingText(missing: readonly Missing[]): Phrase {
  const listed = (lang: Lang): string => missing.map(({ title }) => title[lang]({})).join('; ');
  return {
    en: () => texts.missing.en({ what: listed('en') }),
    vi: () => texts.missing.vi({ what: listed('vi') }),
  };
}

function preview(
  { wanted, shown, mends }: PreparedApplication,
  laid: { readonly policy: Policy; readonly evaluation: Evaluation } | undefined,
  lang: Lang,
): string {
  const parts = [
    fields([
      [texts.wanted[lang]({}), servicesText(wanted.services, lang)],
      [texts.profiles[lang]({}), wanted.profiles.join(', ')],
      [texts.domains[lang]({}), [...wanted.emailDomains, ...wanted.dnsDomains].join(', ') || '—'],
      [texts.perYear[lang]({}), String(wanted.perYear)],
      ...shownFields(shown, lang),
    ]),
  ];
  if (mends !== null) parts.push(texts.mending[lang](mends));
  if (laid !== undefined) parts.push(criteriaText(laid.evaluation.rows, laid.policy, lang));
  return parts.join('\n\n');
}
