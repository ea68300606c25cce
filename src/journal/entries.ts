/** Journal entries: one JSON object each, stored, hashed and shipped as the very bytes that were written once. */
import { z } from 'zod';
import { base64Schema, instantSchema, nameSchema, serialNumberSchema, sha256HexSchema } from '../encoding';
import { decodeEntryAs, encodeEntryAs } from './entryBytes';

/** Journal indexes have five octets in a serial number. */
export const MAX_JOURNAL_SIZE = 2 ** 40;

/** The services a grant can delegate, each by itself. */
export const SERVICES = [
  'issue',
  'renew',
  'change-information',
  'revoke',
  'suspend',
  'recover-device',
] as const;
export type Service = (typeof SERVICES)[number];

/** The services that end in a new certificate. */
export const ISSUING_SERVICES = ['issue', 'renew', 'change-information', 'recover-device'] as const;
export type IssuingService = (typeof ISSUING_SERVICES)[number];

/** Reasons a person can give (RFC 5280, section 5.3.1); hold and its end have entries of their own. */
export const REVOCATION_CAUSES = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;
export type RevocationCause = (typeof REVOCATION_CAUSES)[number];

/** What became of an order of the root: done, or not to be done because nothing was left to do. */
export const DIRECTIVE_OUTCOMES = ['applied', 'impossible'] as const;
export type DirectiveOutcome = (typeof DIRECTIVE_OUTCOMES)[number];

/** Longest number of a written request, in UTF-16 code units. */
export const MAX_REQUEST_NUMBER = 200;

const time = instantSchema;
const index = z.int().min(0).max(MAX_JOURNAL_SIZE);
const origin = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local'), request: z.string().min(1).max(MAX_REQUEST_NUMBER) }),
  z.strictObject({ kind: z.literal('directive'), sequence: z.int().min(1) }),
]);

const sealSchema = z.strictObject({ size: z.int().min(1).max(MAX_JOURNAL_SIZE), rootHash: sha256HexSchema });
/** Where the journal of an epoch ended as far as issuing goes: number of entries and root hash, hex. */
export type Seal = Readonly<z.infer<typeof sealSchema>>;

const entrySchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('open'),
    time,
    node: nameSchema,
    epoch: z.int().min(1).max(0x7f),
    caSpkiSha256: sha256HexSchema,
    grantSha256: sha256HexSchema,
    /** Of every epoch but the first: the journal of the epoch before, as it stood when this one took over. */
    sealed: sealSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('grant'),
    time,
    grantId: nameSchema,
    version: z.int().min(1),
    sha256: sha256HexSchema,
  }),
  z.strictObject({
    type: z.literal('intent'),
    time,
    service: z.enum(ISSUING_SERVICES),
    profile: nameSchema,
    request: sha256HexSchema,
    /** The certificate this one follows; for every service but `issue`. */
    predecessor: serialNumberSchema.optional(),
    tbs: base64Schema,
  }),
  z.strictObject({ type: z.literal('issued'), time, intent: index, signature: base64Schema }),
  z.strictObject({ type: z.literal('abandoned'), time, intent: index }),
  z.strictObject({
    type: z.literal('revoked'),
    time,
    serialNumber: serialNumberSchema,
    reason: z.enum(REVOCATION_CAUSES),
    invalidityDate: instantSchema.optional(),
    by: origin,
  }),
  z.strictObject({ type: z.literal('suspended'), time, serialNumber: serialNumberSchema, by: origin }),
  z.strictObject({ type: z.literal('resumed'), time, serialNumber: serialNumberSchema, by: origin }),
  z.strictObject({
    type: z.literal('crl'),
    time,
    number: z.int().min(1),
    kind: z.literal('full'),
    /** The CRL tells every revocation among the entries before this index. */
    covers: index,
    thisUpdate: instantSchema,
    nextUpdate: instantSchema,
    sha256: sha256HexSchema,
  }),
  /** The acknowledgement of a directive, by the SHA-256 of its signed payload. */
  z.strictObject({
    type: z.literal('directive'),
    time,
    sequence: z.int().min(1),
    sha256: sha256HexSchema,
    outcome: z.enum(DIRECTIVE_OUTCOMES),
  }),
  /** The root has seen this journal: its receipt, a DSSE envelope, which renews the lease. */
  z.strictObject({ type: z.literal('lease'), time, receipt: base64Schema }),
  /** The record of a key ceremony, by the SHA-256 of its signed payload. */
  z.strictObject({ type: z.literal('ceremony'), time, sha256: sha256HexSchema }),
  /** The certificates among the entries before an index are past their time: only what is left of them is kept. */
  z.strictObject({
    type: z.literal('removal'),
    time,
    before: index.min(1),
    /** Of what is left of the entries since the last removal, one after another. */
    residues: sha256HexSchema,
    /** The root has seen this journal: its receipt, a DSSE envelope, by whose time that of the certificates is over. */
    receipt: base64Schema,
  }),
]);

export type Entry = z.infer<typeof entrySchema>;
export type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>;
/** Who asked for a change of status: a request at the node, or a directive of the root. */
export type ChangeOrigin = EntryOf<'revoked'>['by'];

/** The bytes of an entry: written once here, and never again. @throws JournalError `ENTRY_MALFORMED`, also when too large */
export function encodeEntry(entry: Entry): Buffer {
  return encodeEntryAs(entrySchema, entry);
}

/** Reads an entry's bytes. @throws JournalError `ENTRY_MALFORMED` */
export function decodeEntry(bytes: Uint8Array): Entry {
  return decodeEntryAs(entrySchema, bytes);
}
