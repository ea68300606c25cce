/** What an applicant shows beside keys: the people, the papers and the need; alike in its configuration and on the wire. */
import { z } from 'zod';
import { daySchema, lineSchema, nameSchema, sha256HexSchema } from '../encoding';

/** administrator: runs the machine; officer: enters dossiers; approver: approves them; auditor: inspects. */
export const OFFICE_ROLES = ['administrator', 'officer', 'approver', 'auditor'] as const;
export type OfficeRole = (typeof OFFICE_ROLES)[number];

export const PAPER_KINDS = [
  'practice-statement',
  'regulation',
  'personnel-decision',
  'security-plan',
  'other',
] as const;
export type PaperKind = (typeof PAPER_KINDS)[number];

const personSchema = z.strictObject({
  id: nameSchema,
  name: lineSchema(80),
  position: lineSchema(120).exactOptional(),
  roles: z
    .array(z.enum(OFFICE_ROLES))
    .min(1)
    .max(OFFICE_ROLES.length)
    .refine((roles) => new Set(roles).size === roles.length, 'each role once'),
  /** Courses that ended with a paper; `certificate` is its number. */
  training: z.array(z.strictObject({ date: daySchema, certificate: lineSchema(80) })).max(20),
});
export type OfficePerson = z.infer<typeof personSchema>;

/** One entry for a person, whatever they do: that one person has two roles must not hide behind two entries. */
export const personnelSchema = z
  .array(personSchema)
  .max(100)
  .superRefine((people, context) => {
    people.forEach(({ id, name, position }, at) => {
      const before = people.slice(0, at);
      if (before.some((other) => other.id === id))
        context.addIssue({ code: 'custom', path: [at, 'id'], message: 'each id once' });
      if (before.some((other) => other.name === name && other.position === position))
        context.addIssue({
          code: 'custom',
          path: [at, 'name'],
          message: 'each person once; a position tells namesakes apart',
        });
    });
  });

/** A paper as the application names it: by the hash of its file, which is sent by another way. */
export const paperSchema = z.strictObject({
  kind: z.enum(PAPER_KINDS),
  /** Name of the file. */
  name: lineSchema(200),
  /** Number of the paper. */
  reference: lineSchema(80).exactOptional(),
  sha256: sha256HexSchema,
  /** In octets. */
  size: z.int().min(1),
});
export type Paper = z.infer<typeof paperSchema>;

const needRow = z.strictObject({
  year: z.int().min(2000).max(2100),
  profile: nameSchema,
  certificates: z.int().min(0).max(10_000_000),
});

/** What a survey of the managing agencies found, summed up by year and profile. */
export const needSchema = z.strictObject({
  survey: z.strictObject({ sha256: sha256HexSchema, agencies: z.int().min(1).max(1_000_000) }),
  expected: z
    .array(needRow)
    .min(1)
    .max(500)
    .refine(
      (rows) => new Set(rows.map(({ year, profile }) => `${year} ${profile}`)).size === rows.length,
      'each year and profile once',
    ),
});
export type Need = z.infer<typeof needSchema>;

/** Certificates expected in each year, in the order of the years. */
export function needByYear({ expected }: Need): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { year, certificates } of [...expected].sort((a, b) => a.year - b.year))
    sums.set(year, (sums.get(year) ?? 0) + certificates);
  return sums;
}

/** The most certificates that are expected in one year. */
export function greatestNeed(need: Need): number {
  return Math.max(...needByYear(need).values());
}
