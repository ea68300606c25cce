/** Certificate profiles: what a kind of certificate contains, as an administrator writes it down. */
import { z } from 'zod';
import { schemaProblems } from '../config';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../signer';
import { X509Error } from './errors';
import { subjectTemplateSchema, type SubjectTemplate } from './subjectTemplate';
import { EXTENDED_KEY_USAGES, KEY_USAGES, type ExtendedKeyUsage, type KeyUsage } from './usages';

/**
 * Whom a certificate is for: the subscriber kinds of the decree (`authority`: a competent person or state title), and
 * the CAs' own.
 */
export const PROFILE_KINDS = [
  'individual',
  'organisation',
  'device',
  'authority',
  'ocsp-responder',
  'sub-ca',
  'root',
] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

/** Whether a certificate has a subjectAltName of one form. */
const PRESENCES = ['required', 'optional', 'none'] as const;
export type Presence = (typeof PRESENCES)[number];

export interface Profile {
  readonly id: string;
  readonly kind: ProfileKind;
  readonly title: { readonly vi: string; readonly en: string };
  readonly subject: SubjectTemplate;
  readonly subjectAltName: { readonly email: Presence; readonly dns: Presence; readonly ip: Presence };
  /** The first one is proposed where a key is made here. */
  readonly keyAlgorithms: readonly KeyAlgorithm[];
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  /** Certificate policies, dotted, with the address of the certification practice statement. */
  readonly policies: readonly { readonly oid: string; readonly cps?: string }[];
  readonly validityDays: number;
  /** CAs only: how many CAs may follow below; no limit if absent. */
  readonly pathLength?: number;
  /** OCSP responders only: RFC 6960, section 4.2.2.2.1. */
  readonly ocspNoCheck?: boolean;
}

/** Longest validity in days: 5 years for a subscriber, 20 for a sub-CA, 30 for the root; leap days included. */
const MAX_VALIDITY_DAYS: Readonly<Record<ProfileKind, number>> = {
  individual: 1_827,
  organisation: 1_827,
  device: 1_827,
  authority: 1_827,
  'ocsp-responder': 400,
  'sub-ca': 7_305,
  root: 10_958,
};
const CA_USAGES: readonly KeyUsage[] = ['keyCertSign', 'cRLSign'];
const KEY_AGREEMENT_USAGES: readonly KeyUsage[] = ['encipherOnly', 'decipherOnly'];

function listOf<T extends string>(values: readonly [T, ...T[]], least: number): z.ZodType<readonly T[]> {
  return z
    .array(z.enum(values))
    .min(least)
    .refine((list) => new Set(list).size === list.length, '1 ×');
}

const titleSchema = z.string().min(1).max(200);
const presenceSchema = z.enum(PRESENCES).default('none');
const policySchema = z.strictObject({
  oid: z.string().regex(/^[0-2](\.(0|[1-9]\d{0,9})){2,19}$/, '2.16.704.…'),
  cps: z
    .string()
    .regex(/^https?:\/\/[\x21-\x7e]{1,200}$/, 'http://… | https://…')
    .exactOptional(),
});

/** The shape of a profile file, normalised, and the rules that hold between its parts. */
export const profileSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a-z 0-9 -')
      .max(40),
    kind: z.enum(PROFILE_KINDS),
    title: z.strictObject({ vi: titleSchema, en: titleSchema }),
    subject: subjectTemplateSchema,
    subjectAltName: z
      .strictObject({ email: presenceSchema, dns: presenceSchema, ip: presenceSchema })
      .default({ email: 'none', dns: 'none', ip: 'none' }),
    keyAlgorithms: listOf(KEY_ALGORITHMS, 1),
    keyUsage: listOf(KEY_USAGES, 1),
    extendedKeyUsage: listOf(EXTENDED_KEY_USAGES, 0).default([]),
    policies: z.array(policySchema).max(8).default([]),
    validityDays: z.int().min(1),
    pathLength: z.int().min(0).max(10).exactOptional(),
    ocspNoCheck: z.boolean().exactOptional(),
  })
  .superRefine((profile, context) => {
    const bad = (path: keyof Profile, allowed: string): void => {
      context.addIssue({ code: 'custom', path: [path], message: allowed });
    };
    const { kind, keyUsage, extendedKeyUsage, validityDays } = profile;
    const isCa = kind === 'sub-ca' || kind === 'root';
    const isResponder = kind === 'ocsp-responder';

    if (validityDays > MAX_VALIDITY_DAYS[kind]) bad('validityDays', `${kind}: ≤ ${MAX_VALIDITY_DAYS[kind]}`);
    if (
      isCa
        ? !CA_USAGES.every((usage) => keyUsage.includes(usage))
        : CA_USAGES.some((usage) => keyUsage.includes(usage))
    ) {
      bad('keyUsage', `${kind}: ${isCa ? '' : '≠ '}${CA_USAGES.join(', ')}`);
    }
    if (
      KEY_AGREEMENT_USAGES.some((usage) => keyUsage.includes(usage)) &&
      !keyUsage.includes('keyAgreement')
    ) {
      bad('keyUsage', `${KEY_AGREEMENT_USAGES.join(', ')}: + keyAgreement`);
    }
    if (isResponder ? extendedKeyUsage.join() !== 'ocspSigning' : extendedKeyUsage.includes('ocspSigning')) {
      bad('extendedKeyUsage', `${kind}: ${isResponder ? '' : '≠ '}ocspSigning`);
    }
    if (profile.pathLength !== undefined && !isCa) bad('pathLength', 'sub-ca | root');
    if (profile.ocspNoCheck !== undefined && !isResponder) bad('ocspNoCheck', 'ocsp-responder');
  }) satisfies z.ZodType<Profile>;

/**
 * Holds a value, e.g. of parsed YAML or JSON, to the shape of a profile.
 * @throws X509Error `PROFILE_INVALID` with all problems
 */
export function parseProfile(value: unknown): Profile {
  const parsed = profileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(profileSchema, value, parsed.error);
  throw new X509Error('PROFILE_INVALID', { id: profileId(value) }, { problems });
}

function profileId(value: unknown): string {
  const id: unknown = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' ? JSON.stringify(id.slice(0, 40)) : '?';
}
