/** Entries of the root's own journal: what it took in, decided and signed. The same bytes and the same tree as a node's. */
import { z } from 'zod';
import { base64Schema, instantSchema, nameSchema, serialNumberSchema, sha256HexSchema } from '../encoding';
import { decodeEntryAs, encodeEntryAs } from './entryBytes';

const time = instantSchema;
const word = z.string().min(1).max(100);
/** A person's reason. */
const reason = z.string().min(1).max(2000);

const rootEntrySchema = z.discriminatedUnion('type', [
  /** A document that came in or was signed: an application, a grant, a trust statement, a CA certificate, … */
  z.strictObject({
    type: z.literal('document'),
    time,
    kind: word,
    /** Whose it is; empty for the root's own. */
    subject: z.string().max(100),
    version: z.int().min(0),
    sha256: sha256HexSchema,
  }),
  /** A certificate the root CA key is about to sign: written before it signs. */
  z.strictObject({
    type: z.literal('intent'),
    time,
    serialNumber: serialNumberSchema,
    purpose: word,
    tbsSha256: sha256HexSchema,
  }),
  /** The certificate of an intent. */
  z.strictObject({
    type: z.literal('certificate'),
    time,
    serialNumber: serialNumberSchema,
    sha256: sha256HexSchema,
  }),
  /** A certificate of the root's own was revoked: it is on every CRL from then on. */
  z.strictObject({
    type: z.literal('certificate-revoked'),
    time,
    serialNumber: serialNumberSchema,
    reason: word,
  }),
  /** A key of the root's side was made: root, registry, or an operator's. */
  z.strictObject({
    type: z.literal('key'),
    time,
    role: word,
    tokenSerial: z.string().max(100),
    spkiSha256: sha256HexSchema,
    /** Why it replaces the one before. */
    reason: reason.exactOptional(),
  }),
  /** A key is not to be used any more: its operator was removed. */
  z.strictObject({ type: z.literal('key-retired'), time, role: word, spkiSha256: sha256HexSchema, reason }),
  /** An operator's signature on the grant of an application. */
  z.strictObject({
    type: z.literal('approved'),
    time,
    application: sha256HexSchema,
    operator: nameSchema,
    /** SHA-256 of the grant's payload, which is what was signed. */
    grant: sha256HexSchema,
    spkiSha256: sha256HexSchema,
    signature: base64Schema,
    /** SHA-256 of the payload of the answer that says so with reasons, signed by that operator. */
    answer: sha256HexSchema,
  }),
  /** The operator's signature is on the answer. */
  z.strictObject({
    type: z.literal('rejected'),
    time,
    application: sha256HexSchema,
    operator: nameSchema,
    reason,
    answer: sha256HexSchema,
  }),
  /** The root's copy of a node's journal keeps no certificate of the entries before an index, but those with findings. */
  z.strictObject({
    type: z.literal('removal'),
    time,
    origin: z.string().min(1).max(300),
    before: z.int().min(1),
  }),
  /** An operator's signed word on a finding. */
  z.strictObject({
    type: z.literal('acknowledged'),
    time,
    /** Number of the finding, and whose journal it is about. */
    finding: z.int().min(1),
    origin: z.string().min(1).max(300),
    code: word,
    operator: nameSchema,
    /** SHA-256 of the envelope. */
    sha256: sha256HexSchema,
  }),
]);

export type RootEntry = z.infer<typeof rootEntrySchema>;

/** The bytes of an entry: written once. @throws JournalError `ENTRY_MALFORMED` */
export function encodeRootEntry(entry: RootEntry): Buffer {
  return encodeEntryAs(rootEntrySchema, entry);
}

/** @throws JournalError `ENTRY_MALFORMED` */
export function decodeRootEntry(bytes: Uint8Array): RootEntry {
  return decodeEntryAs(rootEntrySchema, bytes);
}
