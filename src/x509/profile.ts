/** Certificate profiles: what a kind of certificate contains, as an administrator writes it down. */
import { z } from 'zod';
import { schemaProblems } from '../config';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../signer';
import { X509Error } from './errors';
import type { CertificatePolicy } from './extensions';
import { subjectTemplateSchema, type SubjectTemplate } from './subjectTemplate';
import { EXTENDED_KEY_USAGES, KEY_USAGES, type ExtendedKeyUsage, type KeyUsage } from './usages';

/**
 * Whom a certificate is for: the subscriber kinds of the decree (`device`: a device, service or software; `authority`:
 * a competent person or state title), officers who log in to the CA's own services, and the CAs' own keys.
 */
export const PROFILE_KINDS = [
  'individual',
  'organisation',
  'device',
  'authority',
  'officer',
  'ocsp-responder',
  'sub-ca',
  'root',
] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

/** Whether a certificate has a subjectAltName of one form. */
const PRESENCES = ['required', 'optional', 'none'] as const;
export type Presence = (typeof PRESENCES)[number];

/**
 * Where the subscriber's private key must be held: in a hardware token or HSM, or in software. No field of a
 * certificate tells it: it is a condition of the profile that the signed grant repeats and the dossier attests.
 */
export const KEY_STORAGES = ['token', 'software'] as const;
export type KeyStorage = (typeof KEY_STORAGES)[number];

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
  readonly policies: readonly CertificatePolicy[];
  readonly validity: {
    /** Most days of a new certificate. */
    readonly newDays: number;
    /** Most days of a renewed one; certificates of a profile without it cannot be renewed. */
    readonly renewedDays?: number;
  };
  readonly keyStorage: KeyStorage;
  /** CAs only: how many CAs may follow below; no limit if absent. */
  readonly pathLength?: number;
  /** OCSP responders only: RFC 6960, section 4.2.2.2.1. */
  readonly ocspNoCheck?: boolean;
}

const SUBSCRIBER_DAYS = { newDays: 1_827, renewedDays: 1_096 } as const;
/**
 * Longest validity in days: a subscriber 5 years, renewed 3; a sub-CA 20, the root 30; leap days included. Certificates
 * of a CA's own keys are not renewed but made anew.
 */
const MAX_VALIDITY: Readonly<
  Record<ProfileKind, { readonly newDays: number; readonly renewedDays: number }>
> = {
  individual: SUBSCRIBER_DAYS,
  organisation: SUBSCRIBER_DAYS,
  device: SUBSCRIBER_DAYS,
  authority: SUBSCRIBER_DAYS,
  officer: { newDays: 1_096, renewedDays: 1_096 },
  'ocsp-responder': { newDays: 400, renewedDays: 0 },
  'sub-ca': { newDays: 7_305, renewedDays: 0 },
  root: { newDays: 10_958, renewedDays: 0 },
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

/** Dotted; below 0 and 1 the second arc is at most 39 (X.660, section 7.6). */
export const policyOidSchema = z
  .string()
  .regex(
    /^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d{0,9}))(?:\.(?:0|[1-9]\d{0,9})){1,18}$/,
    'a policy OID: 2.16.704.…',
  );
const policySchema = z.strictObject({
  oid: policyOidSchema,
  cps: z
    .string()
    .regex(/^https?:\/\/[\x21-\x7e]{1,200}$/, 'http://… | https://…')
    .exactOptional(),
  /** RFC 5280, section 4.2.1.4: at most 200 characters, composed, no control characters. */
  notice: z
    .string()
    .normalize('NFC')
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u, '1–200 \\p{L} \\p{M} \\p{N} \\p{P} \\p{S} \\p{Zs}')
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
    policies: z
      .array(policySchema)
      .max(8)
      .refine((policies) => new Set(policies.map(({ oid }) => oid)).size === policies.length, 'oid: 1 ×')
      .default([]),
    validity: z.strictObject({ newDays: z.int().min(1), renewedDays: z.int().min(1).exactOptional() }),
    keyStorage: z.enum(KEY_STORAGES).default('token'),
    pathLength: z.int().min(0).max(10).exactOptional(),
    ocspNoCheck: z.boolean().exactOptional(),
  })
  .superRefine((profile, context) => {
    const bad = (path: keyof Profile, allowed: string, ...inside: readonly string[]): void => {
      context.addIssue({ code: 'custom', path: [path, ...inside], message: allowed });
    };
    const { kind, keyUsage, extendedKeyUsage, validity } = profile;
    const isCa = kind === 'sub-ca' || kind === 'root';
    const isResponderCertificate = kind === 'ocsp-responder';

    for (const days of ['newDays', 'renewedDays'] as const) {
      const most = MAX_VALIDITY[kind][days];
      if ((validity[days] ?? 0) > most) bad('validity', `${kind}: ${most > 0 ? `≤ ${most}` : '—'}`, days);
    }
    if ((isCa || isResponderCertificate) && profile.keyStorage !== 'token')
      bad('keyStorage', `${kind}: token`);
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
    if (
      isResponderCertificate
        ? extendedKeyUsage.join() !== 'ocspSigning'
        : extendedKeyUsage.includes('ocspSigning')
    ) {
      bad('extendedKeyUsage', `${kind}: ${isResponderCertificate ? '' : '≠ '}ocspSigning`);
    }
    // RFC 3161, section 2.3: a timestamp's signer has this purpose and no other; what a CA lists binds those below it.
    if (!isCa && extendedKeyUsage.includes('timeStamping') && extendedKeyUsage.length > 1) {
      bad('extendedKeyUsage', 'timeStamping: 1 ×, alone');
    }
    if (profile.pathLength !== undefined && !isCa) bad('pathLength', 'sub-ca | root');
    if (profile.ocspNoCheck !== undefined && !isResponderCertificate) bad('ocspNoCheck', 'ocsp-responder');
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
