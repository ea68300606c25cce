/** The eligibility policy: each criterion lets the good case through and catches the bad one; and what they come to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ConfigError, readYaml, TEMPLATES } from '../../src/config';
import {
  demandOf,
  eligibilityOf,
  evaluate,
  policySchema,
  type Criterion,
  type Measured,
  type OfficePerson,
  type Policy,
  type Shown,
} from '../../src/delegation';
import { DAY, NODE_ID, NOW } from '../support/delegationFixture';

const day = (ago: number): string => new Date(NOW.getTime() - ago * DAY).toISOString().slice(0, 10);
const instant = (ago: number): string => new Date(NOW.getTime() - ago * DAY).toISOString();

const COUNTS = { weight: 10, mustHave: false } as const;

function person(id: string, roles: OfficePerson['roles'], trainedAgo?: number): OfficePerson {
  const training = trainedAgo === undefined ? [] : [{ date: day(trainedAgo), certificate: id }];
  return { id, name: `Name of ${id}`, roles, training };
}

const DEVICE: NonNullable<Measured['device']> = {
  token: 'ca',
  serial: '1',
  reportSha256: 'a'.repeat(64),
  probedAt: instant(10),
  verdict: 'pass',
  software: false,
  certified: { scheme: 'FIPS 140-2 level 3', number: '1234' },
};

interface Changes {
  readonly shown?: Partial<Omit<Shown, 'readiness'>>;
  readonly measured?: Partial<Measured>;
  readonly checks?: Shown['readiness']['checks'];
  readonly reportAgo?: number;
}

function shownWith({ shown = {}, measured = {}, checks = [], reportAgo = 0 }: Changes): Shown {
  return {
    personnel: [],
    papers: [],
    need: null,
    ...shown,
    readiness: {
      nodeId: NODE_ID,
      createdAt: instant(reportAgo),
      software: { name: 'subca-kit', version: '0.1.0' },
      measured: { device: null, backup: null, clock: null, ...measured },
      checks,
    },
  };
}

function policyOf(...criteria: readonly Criterion[]): Policy {
  return { title: 'trial', minimumScore: 0, reportWithinDays: 30, criteria: [...criteria] };
}

function isMet(criterion: Criterion, changes: Changes): boolean | undefined {
  return evaluate(policyOf(criterion), shownWith(changes), NOW).rows[0]?.met;
}

const port = (result: 'pass' | 'warn' | 'fail' | 'unknown', subject = '80') =>
  ({ id: 'port', subject, result, found: '', expected: '' }) as const;
const paper = (kind: 'practice-statement' | 'regulation') => ({
  ...{ kind, name: 'a.pdf', sha256: 'b'.repeat(64), size: 1 },
});
const need = (...certificates: readonly number[]): Partial<Shown> => ({
  need: {
    survey: { sha256: 'c'.repeat(64), agencies: 1 },
    expected: certificates.map((one, at) => ({ year: 2026 + at, profile: 'individual', certificates: one })),
  },
});

const APPROVERS: Criterion = { ...COUNTS, id: 'a', kind: 'people', role: 'approver', atLeast: 2 };
const AUDITOR: Criterion = {
  ...COUNTS,
  ...{ id: 'a', kind: 'separate', role: 'auditor', from: 'approver', atLeast: 1 },
};
const TRAINED: Criterion = {
  ...COUNTS,
  id: 'a',
  kind: 'training',
  roles: ['approver', 'officer'],
  withinDays: 100,
};
const PAPERS: Criterion = {
  ...COUNTS,
  id: 'a',
  kind: 'documents',
  kinds: ['practice-statement', 'regulation'],
};
const NEED: Criterion = { ...COUNTS, id: 'a', kind: 'need', atLeast: 500 };
const HSM: Criterion = { ...COUNTS, id: 'a', kind: 'hsm', certified: true, withinDays: 365 };
const ANY_HSM: Criterion = { ...HSM, certified: false };
const BACKUP: Criterion = { ...COUNTS, id: 'a', kind: 'backup', madeWithinDays: 30, restoredWithinDays: 180 };
const CLOCK: Criterion = { ...COUNTS, id: 'a', kind: 'clock', withinSeconds: 10 };
const CHECKS: Criterion = { ...COUNTS, id: 'a', kind: 'checks', checks: ['port'], acceptWarnings: false };
const MILD_CHECKS: Criterion = { ...CHECKS, acceptWarnings: true };

const two = [person('an', ['approver']), person('binh', ['approver', 'officer'])];
const clock = (offsetSeconds: number): Changes => ({
  measured: { clock: { offsetSeconds, authenticated: true } },
});
const backup = (made: string, restored: string | null): Changes => ({
  measured: { backup: { made, restored } },
});
const device = (changes: Partial<typeof DEVICE>): Changes => ({
  measured: { device: { ...DEVICE, ...changes } },
});

test.each<[boolean, string, Criterion, Changes]>([
  [true, 'two approvers', APPROVERS, { shown: { personnel: two } }],
  [false, 'one approver', APPROVERS, { shown: { personnel: two.slice(1) } }],
  [false, 'nobody', APPROVERS, {}],
  [true, 'an auditor of their own', AUDITOR, { shown: { personnel: [...two, person('nga', ['auditor'])] } }],
  [
    false,
    'an auditor who approves',
    AUDITOR,
    { shown: { personnel: [person('an', ['auditor', 'approver'])] } },
  ],
  [true, 'all trained', TRAINED, { shown: { personnel: [person('an', ['approver'], 99)] } }],
  [
    true,
    'others untrained',
    TRAINED,
    { shown: { personnel: [person('an', ['approver'], 1), person('x', ['auditor'])] } },
  ],
  [
    false,
    'one untrained',
    TRAINED,
    { shown: { personnel: [person('an', ['approver'], 1), person('x', ['officer'])] } },
  ],
  [false, 'trained too long ago', TRAINED, { shown: { personnel: [person('an', ['approver'], 102)] } }],
  [false, 'to be trained', TRAINED, { shown: { personnel: [person('an', ['approver'], -10)] } }],
  [false, 'nobody to be trained', TRAINED, { shown: { personnel: [person('x', ['auditor'], 1)] } }],
  [true, 'both papers', PAPERS, { shown: { papers: [paper('regulation'), paper('practice-statement')] } }],
  [false, 'one paper twice', PAPERS, { shown: { papers: [paper('regulation'), paper('regulation')] } }],
  [true, 'enough in one year', NEED, { shown: need(100, 500) }],
  [false, 'enough only in all years', NEED, { shown: need(300, 300) }],
  [false, 'no survey', NEED, {}],
  [true, 'a certified HSM', HSM, device({})],
  [false, 'no certification', HSM, device({ certified: null })],
  [false, 'software that says it is certified', HSM, device({ software: true })],
  [false, 'a probe that failed', HSM, device({ verdict: 'fail' })],
  [false, 'a probe too long ago', HSM, device({ probedAt: instant(366) })],
  [false, 'a probe to come', HSM, device({ probedAt: instant(-3) })],
  [false, 'no probe', HSM, {}],
  [true, 'software where that will do', ANY_HSM, device({ software: true, certified: null })],
  [true, 'backup and trial', BACKUP, backup(day(29), day(179))],
  [false, 'a backup too old', BACKUP, backup(day(31), day(1))],
  [false, 'a trial too old', BACKUP, backup(day(1), day(181))],
  [false, 'never restored', BACKUP, backup(day(1), null)],
  [false, 'a backup to come', BACKUP, backup(day(-2), day(1))],
  [true, 'the right time', CLOCK, clock(-10)],
  [false, 'slow', CLOCK, clock(-10.1)],
  [false, 'fast', CLOCK, clock(11)],
  [false, 'an unknown clock', CLOCK, {}],
  [false, 'a report too old for the clock', CLOCK, { ...clock(0), reportAgo: 31 }],
  [false, 'a report from the future', CLOCK, { ...clock(0), reportAgo: -2 }],
  [true, 'a check passed', CHECKS, { checks: [port('pass')] }],
  [false, 'a check not made', CHECKS, {}],
  [false, 'one of two failed', CHECKS, { checks: [port('pass'), port('fail', '81')] }],
  [false, 'a warning', CHECKS, { checks: [port('warn')] }],
  [true, 'a warning where that will do', MILD_CHECKS, { checks: [port('warn')] }],
  [false, 'unknown even there', MILD_CHECKS, { checks: [port('unknown')] }],
  [false, 'a report too old', CHECKS, { checks: [port('pass')], reportAgo: 31 }],
])('%s: %s', (met, _, criterion, changes) => {
  expect(isMet(criterion, changes)).toBe(met);
});

test('what was found and what is demanded stand beside each other as data', () => {
  const shown = shownWith({ shown: { personnel: two }, measured: { device: DEVICE } });
  const { rows } = evaluate(policyOf(APPROVERS, { ...HSM, id: 'b' }), shown, NOW);
  expect(rows.map(({ found }) => found)).toEqual([
    '2, Name of an, Name of binh',
    `ca: pass, ${day(10)}, FIPS 140-2 level 3 1234`,
  ]);
  expect(rows.map(({ criterion }) => demandOf(criterion))).toEqual([
    'approver ≥ 2',
    'certified, pass ≤ 365 d',
  ]);
});

test('every must-have and the minimum score, and nothing else, make an applicant eligible', () => {
  const row = fc.record({ weight: fc.nat(20), mustHave: fc.boolean(), met: fc.boolean() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), fc.nat(150), (list, minimumScore) => {
      const rows = list.map(({ weight, mustHave, met }, at) => ({
        criterion: { ...NEED, id: `c${String(at)}`, weight, mustHave },
        met,
        found: '',
      }));
      const score = list.reduce((sum, { weight, met }) => sum + (met ? weight : 0), 0);
      const expected = list.every(({ mustHave, met }) => met || !mustHave) && score >= minimumScore;
      expect(eligibilityOf(rows, minimumScore)).toMatchObject({ eligible: expected, score });
    }),
  );
});

describe('the file', () => {
  const problemsOf = (text: string): readonly string[] => {
    try {
      readYaml(text, policySchema, 'eligibility.yaml');
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ where, found, allowed }) => `${where}: ${found} (${allowed})`);
    }
  };
  const template = readFileSync(join(TEMPLATES, 'eligibility.yaml'), 'utf8');

  test('that comes with the package is in order', () => {
    expect(problemsOf(template)).toEqual([]);
  });

  test.each<[string, [string, string], RegExp]>([
    [
      'a kind that is none',
      ['kind: people,', 'kind: persons,'],
      /:\d+ criteria\[0\]\.kind: "persons" \(people \| separate/,
    ],
    [
      'a role that is none',
      ['role: approver,', 'role: boss,'],
      /:\d+ criteria\[0\]\.role: "boss" \(administrator/,
    ],
    ['an unknown key', ['atLeast: 2,', 'atMost: 2,'], /:\d+ criteria\[0\]\.atMost/],
    [
      'an id twice',
      ['id: officers', 'id: approvers'],
      /:\d+ criteria\[1\]\.id: "approvers" \(each id once\)/,
    ],
    [
      'a score beyond all points',
      ['minimumScore: 70', 'minimumScore: 101'],
      /:\d+ minimumScore: 101 \(0–100\)/,
    ],
    ['a weight below zero', ['weight: 15', 'weight: -1'], /:\d+ criteria\[0\]\.weight: -1/],
  ])('with %s is refused with its line', (_, [old, changed], problem) => {
    const text = template.replace(old, changed);
    expect(text).not.toBe(template);
    expect(problemsOf(text).join('\n')).toMatch(problem);
  });
});
