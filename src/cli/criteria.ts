/** An application on the screen, alike in both programs: the people, papers and need it shows, and the criteria it meets. */
import {
  eligibilityOf,
  needByYear,
  READINESS_RESULTS,
  type Criterion,
  type CriterionRow,
  type Policy,
  type Shown,
} from '../delegation';
import type { Lang } from '../i18n';
import {
  applicationTexts as texts,
  criterionTexts,
  paperTexts,
  roleTexts,
} from '../i18n/messages/application';
import { delegatedTexts } from '../i18n/messages/certificateLife';
import type { Service } from '../journal';
import { table } from './table';

/** What a criterion demands, in words. */
export function criterionTitle(criterion: Criterion, lang: Lang): string {
  switch (criterion.kind) {
    case 'people':
      return criterionTexts.people.title[lang]({ ...criterion, role: roleTexts[criterion.role][lang]({}) });
    case 'separate':
      return criterionTexts.separate.title[lang]({
        ...criterion,
        role: roleTexts[criterion.role][lang]({}),
        from: roleTexts[criterion.from][lang]({}),
      });
    case 'training': {
      const roles = criterion.roles.map((role) => roleTexts[role][lang]({})).join(', ');
      return criterionTexts.training.title[lang]({ ...criterion, roles });
    }
    case 'documents': {
      const kinds = criterion.kinds.map((kind) => paperTexts[kind][lang]({})).join(', ');
      return criterionTexts.documents.title[lang]({ kinds });
    }
    case 'need':
      return criterionTexts.need.title[lang](criterion);
    case 'hsm':
      return criterionTexts.hsm.title[lang](criterion);
    case 'backup':
      return criterionTexts.backup.title[lang](criterion);
    case 'clock':
      return criterionTexts.clock.title[lang](criterion);
    case 'checks':
      return criterionTexts.checks.title[lang]({ checks: criterion.checks.join(', ') });
  }
}

/** What the applicant can do about a criterion. */
export function mendAdvice({ kind }: Criterion, lang: Lang): string {
  return criterionTexts[kind].mend[lang]({});
}

/**
 * Criterion by criterion, and what they come to.
 * @param mend ids of what an operator wants mended, beside what is not met
 */
export function criteriaText(
  rows: readonly CriterionRow[],
  policy: Pick<Policy, 'title' | 'minimumScore'>,
  lang: Lang,
  mend: readonly string[] = [],
): string {
  const columns = [
    { title: texts.result[lang]({}) },
    { title: 'ID' },
    { title: texts.criterion[lang]({}) },
    { title: texts.mustHave[lang]({}) },
    { title: texts.weight[lang]({}), align: 'right' },
    { title: texts.found[lang]({}) },
  ] as const;
  const lines = rows.map(({ criterion, met, found }) => {
    const { id, mustHave, weight } = criterion;
    const word = !met ? texts.unmet : mend.includes(id) ? texts.toMend : texts.met;
    const must = mustHave ? texts.yes[lang]({}) : '';
    return [word[lang]({}), id, criterionTitle(criterion, lang), must, String(weight), found];
  });
  const { title, minimumScore } = policy;
  const line = texts.score[lang]({ title, ...eligibilityOf(rows, minimumScore) });
  return `${table(columns, lines)}\n\n${line}`;
}

/** Services as people call them. */
export function servicesText(names: readonly Service[], lang: Lang): string {
  return names.map((name) => delegatedTexts[name][lang]({})).join(', ');
}

/** What speaks for the applicant, for `fields`. */
export function shownFields(
  { personnel, papers, need, readiness }: Shown,
  lang: Lang,
): readonly (readonly [string, string])[] {
  const none = texts.none[lang]({});
  const listed = (label: string, lines: readonly string[]): readonly (readonly [string, string])[] =>
    (lines.length === 0 ? [none] : lines).map((line, at) => [at === 0 ? label : '', line] as const);
  const counts = Object.fromEntries(
    READINESS_RESULTS.map((result) => [
      result,
      readiness.checks.filter((check) => check.result === result).length,
    ]),
  ) as Readonly<Record<(typeof READINESS_RESULTS)[number], number>>;
  return [
    ...listed(
      texts.personnel[lang]({}),
      personnel.map(({ name, position, roles, training }) => {
        const offices = roles.map((role) => roleTexts[role][lang]({})).join(', ');
        const courses = training.map(({ date, certificate }) => `${date} ${certificate}`).join('; ');
        return [name, position, offices, courses]
          .filter((part) => part !== undefined && part !== '')
          .join(' – ');
      }),
    ),
    ...listed(
      texts.papers[lang]({}),
      papers.map(({ kind, name, reference, sha256 }) =>
        [paperTexts[kind][lang]({}), reference, name, `SHA-256 ${sha256}`]
          .filter((part) => part !== undefined)
          .join(' – '),
      ),
    ),
    [
      texts.need[lang]({}),
      need === null
        ? none
        : texts.needLine[lang]({
            agencies: need.survey.agencies,
            years: [...needByYear(need)]
              .map(([year, certificates]) => `${String(year)}: ${String(certificates)}`)
              .join(', '),
          }),
    ],
    [texts.readiness[lang]({}), texts.readinessLine[lang](counts)],
  ];
}
