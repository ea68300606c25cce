/** The eligibility policy: by which criteria the root operator weighs an application for a delegation. */
import { z } from 'zod';
import { lineSchema, nameSchema } from '../encoding';
import { OFFICE_ROLES, PAPER_KINDS } from './dossier';
import { readinessCheckIdSchema } from './readiness';

const role = z.enum(OFFICE_ROLES);
const people = z.int().min(1).max(50);
const days = z.int().min(1).max(3660);

function criterion<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.strictObject({
    id: nameSchema,
    kind: z.literal(kind),
    ...shape,
    /** What it counts for when it is met. */
    weight: z.int().min(0).max(1000),
    /** Whether nothing can make up for it. */
    mustHave: z.boolean(),
    /** The rule behind it: a decree and its article, say. */
    basis: lineSchema(200).exactOptional(),
  });
}

const KINDS = [
  'people',
  'separate',
  'training',
  'documents',
  'need',
  'hsm',
  'backup',
  'clock',
  'checks',
] as const;

export const criterionSchema = z.discriminatedUnion(
  'kind',
  [
    /** At least so many people with the role. */
    criterion('people', { role, atLeast: people }),
    /** At least so many with the role who do not have the other one. */
    criterion('separate', { role, from: role, atLeast: people }),
    /** Everybody with one of the roles was trained within so many days; nobody with them at all does not meet it. */
    criterion('training', { roles: z.array(role).min(1), withinDays: days }),
    /** A paper of each of these kinds. */
    criterion('documents', { kinds: z.array(z.enum(PAPER_KINDS)).min(1) }),
    /** A survey that expects so many certificates in its greatest year. */
    criterion('need', { atLeast: z.int().min(1).max(10_000_000) }),
    /** The HSM passed its probe within so many days, and has a certification if that is demanded. */
    criterion('hsm', { certified: z.boolean(), withinDays: days }),
    /** A backup was made, and restored as a trial, within so many days each. */
    criterion('backup', { madeWithinDays: days, restoredWithinDays: days }),
    /** The clock differs from the root's by so many seconds at most. */
    criterion('clock', { withinSeconds: z.number().min(0.1).max(3600) }),
    /** These checks of the readiness report passed; a warning counts as passed only if that is said. */
    criterion('checks', {
      checks: z.array(readinessCheckIdSchema).min(1).max(50),
      acceptWarnings: z.boolean(),
    }),
  ],
  { error: () => KINDS.join(' | ') },
);
export type Criterion = z.infer<typeof criterionSchema>;

/** What a criterion demands, as data: names, numbers, days. */
export function demandOf(criterion: Criterion): string {
  switch (criterion.kind) {
    case 'people':
      return `${criterion.role} ≥ ${String(criterion.atLeast)}`;
    case 'separate':
      return `${criterion.role} ≠ ${criterion.from} ≥ ${String(criterion.atLeast)}`;
    case 'training':
      return `${criterion.roles.join(', ')} ≤ ${String(criterion.withinDays)} d`;
    case 'documents':
      return criterion.kinds.join(', ');
    case 'need':
      return `≥ ${String(criterion.atLeast)}`;
    case 'hsm':
      return `${criterion.certified ? 'certified, ' : ''}pass ≤ ${String(criterion.withinDays)} d`;
    case 'backup':
      return `made ≤ ${String(criterion.madeWithinDays)} d, restored ≤ ${String(criterion.restoredWithinDays)} d`;
    case 'clock':
      return `≤ ${String(criterion.withinSeconds)} s`;
    case 'checks':
      return `${criterion.checks.join(', ')}: ${criterion.acceptWarnings ? 'pass, warn' : 'pass'}`;
  }
}

export const policySchema = z
  .strictObject({
    title: lineSchema(200),
    /** Of the sum of all weights. */
    minimumScore: z.int().min(0).max(100_000),
    /** An older readiness report meets none of the criteria that rest on it. */
    reportWithinDays: days,
    criteria: z.array(criterionSchema).min(1).max(50),
  })
  .superRefine(({ criteria, minimumScore }, context) => {
    criteria.forEach(({ id }, at) => {
      if (criteria.findIndex((other) => other.id === id) < at)
        context.addIssue({ code: 'custom', path: ['criteria', at, 'id'], message: 'each id once' });
    });
    const most = criteria.reduce((sum, { weight }) => sum + weight, 0);
    if (minimumScore > most)
      context.addIssue({ code: 'custom', path: ['minimumScore'], message: `0–${most}` });
  });
export type Policy = z.infer<typeof policySchema>;
