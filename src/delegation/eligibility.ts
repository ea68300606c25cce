/** Laying an application against the eligibility policy: pure, so that both sides and an auditor come to the same rows. */
import { z } from 'zod';
import type { FirstApplication, OpenedApplication } from './application';
import { needByYear, type OfficePerson, type OfficeRole } from './dossier';
import { criterionSchema, type Criterion, type Policy } from './policy';
import type { Readiness } from './readiness';

const DAY = 86_400_000;
/** How far a date may lie ahead before it is no date of something that has happened: time zones, a clock that is fast. */
const AHEAD = DAY;

export const rowSchema = z.strictObject({
  criterion: criterionSchema,
  met: z.boolean(),
  /** What was found, as data: names, numbers, dates. */
  found: z.string().max(2000),
});
export type CriterionRow = z.infer<typeof rowSchema>;

/** What the rows of a criterion table come to. */
export interface Eligibility {
  readonly score: number;
  /** The sum of all weights. */
  readonly of: number;
  readonly minimumScore: number;
  /** Must-haves that are not met, by id. */
  readonly missing: readonly string[];
  readonly eligible: boolean;
}

export interface Evaluation extends Eligibility {
  readonly rows: readonly CriterionRow[];
}

/** What an applicant shows, the readiness report opened. */
export type Shown = FirstApplication['shown'] & { readonly readiness: Readiness };

/** @returns `undefined` for the application for a next CA key: it asks for nothing that was not granted before */
export function shownBy({ value, readiness }: OpenedApplication): Shown | undefined {
  if ('succeeds' in value || readiness === undefined) return undefined;
  return { ...value.shown, readiness: readiness.value };
}

/** Lays what was shown against each criterion in turn. */
export function evaluate(policy: Policy, shown: Shown, now: Date): Evaluation {
  const { createdAt } = shown.readiness;
  const isFresh = isWithin(createdAt, policy.reportWithinDays, now);
  const rows = policy.criteria.map((criterion): CriterionRow => {
    const { met, found } = judge(criterion, shown, now);
    if (isFresh || !REPORTED.includes(criterion.kind)) return { criterion, met, found: clipped(found) };
    return { criterion, met: false, found: clipped(`${found} (${createdAt.slice(0, 10)})`) };
  });
  return { rows, ...eligibilityOf(rows, policy.minimumScore) };
}

/** What the rows come to. */
export function eligibilityOf(rows: readonly CriterionRow[], minimumScore: number): Eligibility {
  const sum = (some: readonly CriterionRow[]): number =>
    some.reduce((total, { criterion }) => total + criterion.weight, 0);
  const score = sum(rows.filter(({ met }) => met));
  const missing = rows
    .filter(({ met, criterion }) => criterion.mustHave && !met)
    .map(({ criterion }) => criterion.id);
  return {
    score,
    of: sum(rows),
    minimumScore,
    missing,
    eligible: missing.length === 0 && score >= minimumScore,
  };
}

interface Judged {
  readonly met: boolean;
  readonly found: string;
}

const NOTHING = '—';
const LONGEST_FOUND = 2000;
/** What rests on the readiness report, and so on its age. */
const REPORTED: readonly Criterion['kind'][] = ['hsm', 'backup', 'clock', 'checks'];

function clipped(found: string): string {
  return found.slice(0, LONGEST_FOUND);
}

function judge(criterion: Criterion, shown: Shown, now: Date): Judged {
  const { personnel, papers, need, readiness } = shown;
  const { device, backup, clock } = readiness.measured;
  switch (criterion.kind) {
    case 'people':
      return counted(withRole(personnel, criterion.role), criterion.atLeast);
    case 'separate': {
      const { role, from, atLeast } = criterion;
      return counted(
        withRole(personnel, role).filter(({ roles }) => !roles.includes(from)),
        atLeast,
      );
    }
    case 'training': {
      const { roles, withinDays } = criterion;
      return trained(
        personnel.filter((person) => roles.some((role) => person.roles.includes(role))),
        withinDays,
        now,
      );
    }
    case 'documents': {
      const present = criterion.kinds.flatMap((kind) => papers.find((paper) => paper.kind === kind) ?? []);
      return {
        met: present.length === criterion.kinds.length,
        found: present.map(({ kind, sha256 }) => `${kind} ${sha256.slice(0, 12)}`).join(', ') || NOTHING,
      };
    }
    case 'need': {
      const years = need === null ? [] : [...needByYear(need)];
      return {
        met: years.some(([, certificates]) => certificates >= criterion.atLeast),
        found:
          years.map(([year, certificates]) => `${String(year)}: ${String(certificates)}`).join(', ') ||
          NOTHING,
      };
    }
    case 'hsm': {
      if (device === null) return { met: false, found: NOTHING };
      const { token, verdict, certified, software, probedAt } = device;
      const paper = certified === null ? NOTHING : `${certified.scheme} ${certified.number}`;
      return {
        met:
          verdict === 'pass' &&
          isWithin(probedAt, criterion.withinDays, now) &&
          (!criterion.certified || (certified !== null && !software)),
        found: `${token}: ${verdict}, ${probedAt.slice(0, 10)}, ${software ? 'software' : paper}`,
      };
    }
    case 'backup': {
      if (backup === null) return { met: false, found: NOTHING };
      const { made, restored } = backup;
      return {
        met:
          isWithin(made, criterion.madeWithinDays, now) &&
          restored !== null &&
          isWithin(restored, criterion.restoredWithinDays, now),
        found: `${made}, ${restored ?? NOTHING}`,
      };
    }
    case 'clock':
      return clock === null
        ? { met: false, found: NOTHING }
        : {
            met: Math.abs(clock.offsetSeconds) <= criterion.withinSeconds,
            found: `${String(clock.offsetSeconds)} s${clock.authenticated ? '' : ' (TLS: —)'}`,
          };
    case 'checks':
      return checked(criterion, readiness);
  }
}

function withRole(personnel: readonly OfficePerson[], role: OfficeRole): readonly OfficePerson[] {
  return personnel.filter(({ roles }) => roles.includes(role));
}

function counted(people: readonly OfficePerson[], atLeast: number): Judged {
  return {
    met: people.length >= atLeast,
    found: [String(people.length), ...people.map(({ name }) => name)].join(', '),
  };
}

/** The newest course of each counts; one that is announced for later does not. */
function trained(people: readonly OfficePerson[], withinDays: number, now: Date): Judged {
  const newest = people.map(({ name, training }) => {
    const dates = training.map(({ date }) => date).filter((date) => !isAhead(date, now));
    return { name, date: dates.sort().at(-1) };
  });
  return {
    met:
      newest.length > 0 && newest.every(({ date }) => date !== undefined && isWithin(date, withinDays, now)),
    found: newest.map(({ name, date }) => `${name} ${date ?? NOTHING}`).join(', ') || NOTHING,
  };
}

/** A check stands in the report once for each thing it was made of: all of them count. */
function checked(
  { checks, acceptWarnings }: Extract<Criterion, { kind: 'checks' }>,
  { checks: made }: Readiness,
): Judged {
  const bad = checks.flatMap((id) => {
    const found = made.filter((check) => check.id === id);
    if (found.length === 0) return [`${id} ${NOTHING}`];
    return found
      .filter(({ result }) => result !== 'pass' && !(acceptWarnings && result === 'warn'))
      .map(({ subject, result }) => [id, subject, result].filter((part) => part !== '').join(' '));
  });
  return { met: bad.length === 0, found: (bad.length === 0 ? checks : bad).join(', ') };
}

/** @param time a day or an instant */
function isWithin(time: string, withinDays: number, now: Date): boolean {
  return !isAhead(time, now) && now.getTime() - Date.parse(time) <= withinDays * DAY;
}

function isAhead(time: string, now: Date): boolean {
  return Date.parse(time) - now.getTime() > AHEAD;
}
