/** The grant: what one node may do, under which limits, signed by a threshold of the root's operators. */
import { z } from 'zod';
import { base64Schema, instantSchema, nameSchema, sha256HexSchema } from '../encoding';
import { payloadTypeOf } from '../envelope';
import { SERVICES } from '../journal';
import { KEY_ALGORITHMS, SIGNATURE_ALGORITHMS } from '../signer';
import {
  ATTRIBUTE_TYPES,
  EXTENDED_KEY_USAGES,
  KEY_STORAGES,
  KEY_USAGES,
  policyOidSchema,
  valueRules,
} from '../x509';
import { isFirstOrNamesPrevious, parsePayload, type SignedDocument } from './document';
import { DelegationError } from './errors';
import { readNetwork } from './network';
import { openAccepted, openByOperators, type TrustStatement } from './trust';

export const GRANT_PAYLOAD_TYPE = payloadTypeOf('grant');

/** The profile of a node's own OCSP certificates. */
export const OCSP_PROFILE = 'ocsp-responder';

export const domainSchema = z
  .string()
  .regex(/^\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'a domain in lower case');
const network = z
  .string()
  .refine((text) => readNetwork(text) !== undefined, 'an address block such as 10.0.0.0/8');
/** Compared letter for letter with those in certificates, so nothing here may rewrite it, as `z.url` does. */
const url = z
  .string()
  .regex(/^https?:\/\/[\x21-\x7e]{1,490}$/, 'an http or https URL in printable ASCII')
  .refine((text) => URL.canParse(text), 'a URL');
const urls = z.array(url).max(4);
const count = z.int().min(0).max(10_000_000);

const areDistinct = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** Subtrees of one name form, read as RFC 5280, section 4.2.1.10 reads them; an empty `permitted` permits none. */
const subtrees = <T extends z.ZodType<string>>(form: T) =>
  z.strictObject({ permitted: z.array(form).max(50), excluded: z.array(form).max(50) });

export const profileScopeSchema = z.strictObject({
  id: nameSchema,
  /** RDNs in their fixed order; `values` lists the only values allowed. */
  subject: z
    .array(
      z
        .strictObject({
          type: z.enum(ATTRIBUTE_TYPES),
          values: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
          min: z.int().min(0).max(10),
          max: z.int().min(1).max(10),
          ...valueRules,
        })
        .refine(({ min, max }) => min <= max, 'min above max'),
    )
    .min(1)
    .max(12)
    .refine((places) => areDistinct(places.map(({ type }) => type)), 'a type is given twice'),
  email: subtrees(domainSchema),
  dns: subtrees(domainSchema),
  ip: subtrees(network),
  keyAlgorithms: z.array(z.enum(KEY_ALGORITHMS)).min(1),
  keyUsage: z.array(z.enum(KEY_USAGES)).min(1),
  extendedKeyUsage: z.array(z.enum(EXTENDED_KEY_USAGES)),
  policies: z.array(policyOidSchema).max(10),
  maxValidityDays: z.int().min(1).max(1827),
  /** Of a renewed certificate; 0 where none may be renewed. */
  maxRenewedDays: z.int().min(0).max(1096),
  /** Where subscribers must hold their keys: stated here, and nothing a certificate could show. */
  keyStorage: z.enum(KEY_STORAGES),
});

export const limitsSchema = z.strictObject({
  quota: z.strictObject({ total: count, perDay: count, perProfile: z.record(nameSchema, count) }),
  notBefore: instantSchema,
  notAfter: instantSchema,
  lease: z.strictObject({ maxOfflineDays: z.int().min(1).max(365), graceDays: z.int().min(0).max(365) }),
  /** How long certificates are kept after they have ended; without it, none is ever removed. */
  retentionYears: z.int().min(1).max(100).exactOptional(),
});

export const publicationSchema = z.strictObject({
  crl: z
    .strictObject({
      hoursBetween: z.int().min(1).max(744),
      hoursValid: z.int().min(1).max(8784),
      shards: z.literal(1),
    })
    // Or else there would be times without a CRL, in which nothing below the CA can be verified.
    .refine(({ hoursBetween, hoursValid }) => hoursValid > hoursBetween, {
      path: ['hoursValid'],
      message: '> hoursBetween',
    }),
  ocsp: z.strictObject({ hoursValid: z.int().min(1).max(744) }),
});

export const grantSchema = z
  .strictObject({
    grantId: nameSchema,
    version: z.int().min(1),
    /** SHA-256 of the previous version's payload; null for version 1. */
    previous: sha256HexSchema.nullable(),
    issuedAt: instantSchema,
    /** When this version takes effect; see `grantInForce`. */
    effectiveFrom: instantSchema,
    organisation: z.strictObject({ code: z.string().min(1).max(20), name: z.string().min(1).max(200) }),
    nodeId: nameSchema,
    keys: z.strictObject({
      caSpkiSha256: sha256HexSchema,
      /** What the CA key signs certificates and CRLs with. */
      caSignature: z.enum(SIGNATURE_ALGORITHMS),
      journalSpki: base64Schema,
      epoch: z.int().min(1).max(0x7f),
    }),
    services: z.array(z.enum(SERVICES)).max(SERVICES.length),
    scope: z.strictObject({
      profiles: z
        .array(profileScopeSchema)
        .min(1)
        .max(30)
        .refine((profiles) => areDistinct(profiles.map(({ id }) => id)), 'a profile is given twice'),
    }),
    limits: limitsSchema,
    publication: publicationSchema,
    urls: z.strictObject({ crl: urls, ocsp: urls, caIssuers: urls }),
  })
  .refine(isFirstOrNamesPrevious, 'the first version names none before it, every other one does')
  .refine(({ issuedAt, effectiveFrom }) => effectiveFrom >= issuedAt, 'effectiveFrom is before issuedAt');

export type Grant = z.infer<typeof grantSchema>;
export type ProfileScope = z.infer<typeof profileScopeSchema>;

/**
 * Opens a grant under the trust statement in force.
 * @throws EnvelopeError for a bad, unknown or missing operator signature; DelegationError `DOCUMENT_MALFORMED`
 */
export function openGrant(envelope: Uint8Array, trust: TrustStatement): SignedDocument<Grant> {
  return openByOperators(envelope, trust, {
    payloadType: GRANT_PAYLOAD_TYPE,
    schema: grantSchema,
    what: 'grant',
  });
}

/** Opens a grant that was accepted before. @throws as `openGrant` under the oldest statement */
export function openAcceptedGrant(
  envelope: Uint8Array,
  statements: readonly SignedDocument<TrustStatement>[],
): SignedDocument<Grant> {
  return openAccepted(statements, (trust) => openGrant(envelope, trust));
}

/** Reads a grant's payload alone: for a draft that is not fully signed yet. @throws DelegationError `DOCUMENT_MALFORMED` */
export function parseGrant(payload: Uint8Array): Grant {
  return parsePayload(payload, grantSchema, 'grant');
}

/**
 * Holds a grant to its place in the sequence and to its dates. Where the CA key changes, versions may be left out: those
 * of keys that were replaced before they were opened, which no later grant names as previous.
 * @param current the grant in force; without one, only version 1 onwards of a first activation is taken
 * @throws DelegationError `GRANT_SEQUENCE`, `GRANT_EXPIRED`
 */
export function checkGrantIsNext(
  next: SignedDocument<Grant>,
  now: Date,
  current: SignedDocument<Grant> | undefined,
): void {
  if (current !== undefined && !follows(next, current)) {
    const expected = current.value.version + 1;
    throw new DelegationError('GRANT_SEQUENCE', { found: next.value.version, expected });
  }
  if (Date.parse(next.value.limits.notAfter) <= now.getTime()) {
    throw new DelegationError('GRANT_EXPIRED', {
      version: next.value.version,
      notAfter: next.value.limits.notAfter,
    });
  }
}

function follows(next: SignedDocument<Grant>, current: SignedDocument<Grant>): boolean {
  const { grantId, version, previous, keys } = next.value;
  if (grantId !== current.value.grantId || previous !== current.sha256) return false;
  const expected = current.value.version + 1;
  return version === expected || (version > expected && keys.epoch > current.value.keys.epoch);
}

/**
 * A journal begins under a grant that is in force: a version that takes effect later follows one that is.
 * @throws DelegationError `GRANT_NOT_YET`
 */
export function checkGrantHasEffect({ value }: SignedDocument<Grant>, now: Date): void {
  const { version, effectiveFrom } = value;
  if (Date.parse(effectiveFrom) > now.getTime())
    throw new DelegationError('GRANT_NOT_YET', { version, effectiveFrom, now: now.toISOString() });
}
