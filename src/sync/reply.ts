/** The reply: the root's signed receipt, with newer documents each signed by its own; one line of JSON. */
import { z } from 'zod';
import { base64Schema, instantSchema, parseCanonicalJson, schemaIssues, sha256HexSchema } from '../encoding';
import { openEnvelope, payloadTypeOf, type VerificationKey } from '../envelope';
import { MAX_JOURNAL_SIZE } from '../journal';
import { SyncError } from './errors';
import { MAX_ENTRIES } from './submission';

export const REPLY_MEDIA_TYPE = 'application/vnd.subca.reply.v1';
export const RECEIPT_PAYLOAD_TYPE = payloadTypeOf('receipt');

/** Most documents of one kind in a reply: a node that is further behind catches up with several. */
export const MAX_DOCUMENTS = 50;
/** Most replies in a file: one for each epoch a node can have. */
const MAX_REPLIES = 0x7f;

/**
 * gap: entries are missing before the submitted ones; fork: the head contradicts what the root holds; seal: the journal
 * of a next epoch does not begin at the end of the one before.
 */
const PROBLEM_CODES = ['gap', 'fork', 'seal', 'key'] as const;

const receiptSchema = z.strictObject({
  origin: z.string().max(300),
  size: z.int().min(0),
  rootHash: sha256HexSchema,
  /** When the root stored this head. */
  time: instantSchema,
  /** How many findings the root holds about this journal. */
  findings: z.int().min(0),
  /** Why the submission was not taken. */
  problem: z.strictObject({ code: z.enum(PROBLEM_CODES), reason: z.string().max(2000) }).optional(),
});

export type ReceiptProblem = NonNullable<Receipt['problem']>;

/** What the root holds of a journal, and what it thinks of it; signed by the registry key. */
export type Receipt = z.infer<typeof receiptSchema>;

const replySchema = z.strictObject({
  type: z.literal('subca-reply'),
  version: z.literal(1),
  /** DSSE envelope of the receipt of the root's current head. */
  receipt: base64Schema,
  /** Trust statements, grants and the root CRL newer than the node's, in order. */
  trustStatements: z.array(base64Schema).max(MAX_DOCUMENTS),
  grants: z.array(base64Schema).max(MAX_DOCUMENTS),
  /** The directives that follow the newest the node has, in order. */
  directives: z.array(base64Schema).max(MAX_DOCUMENTS),
  rootCrl: base64Schema.optional(),
  /** What the status asked for by `pull`: entries verbatim from that index on, as many as fit. */
  pulled: z
    .strictObject({
      from: z.int().min(0).max(MAX_JOURNAL_SIZE),
      entries: z.array(base64Schema).min(1).max(MAX_ENTRIES),
      /** Of those entries of which only what is left is here, the leaf: place among them, and hash. */
      removed: z
        .array(z.strictObject({ at: z.int().min(0).max(MAX_ENTRIES), leaf: sha256HexSchema }))
        .min(1)
        .max(MAX_ENTRIES)
        .exactOptional(),
    })
    .optional(),
});

type ReplyFields = z.infer<typeof replySchema>;

export interface Reply {
  /** DSSE envelope of a `Receipt`. */
  readonly receipt: Buffer;
  readonly trustStatements: readonly Buffer[];
  readonly grants: readonly Buffer[];
  readonly directives: readonly Buffer[];
  readonly rootCrl?: Buffer;
  readonly pulled?: PulledEntries;
}

/** A part of a journal as the root holds it. */
export interface PulledEntries {
  /** Index of the first one. */
  readonly from: number;
  readonly entries: readonly PulledEntry[];
}

/** An entry, verbatim; or what is left of one, with the hash of its leaf. */
export interface PulledEntry {
  readonly bytes: Buffer;
  readonly leaf: Buffer | null;
}

export function encodeReply({
  receipt,
  trustStatements,
  grants,
  directives,
  rootCrl,
  pulled,
}: Reply): Buffer {
  const fields: ReplyFields = {
    type: 'subca-reply',
    version: 1,
    receipt: receipt.toString('base64'),
    trustStatements: trustStatements.map((envelope) => envelope.toString('base64')),
    grants: grants.map((envelope) => envelope.toString('base64')),
    directives: directives.map((envelope) => envelope.toString('base64')),
    ...(rootCrl && { rootCrl: rootCrl.toString('base64') }),
    ...(pulled && { pulled: encodePulled(pulled) }),
  };
  return Buffer.from(`${JSON.stringify(fields)}\n`, 'utf8');
}

function encodePulled({ from, entries }: PulledEntries): NonNullable<ReplyFields['pulled']> {
  const removed = entries.flatMap(({ leaf }, at) => (leaf ? [{ at, leaf: leaf.toString('hex') }] : []));
  return {
    from,
    entries: entries.map(({ bytes }) => bytes.toString('base64')),
    ...(removed.length > 0 && { removed }),
  };
}

function decodePulled({ from, entries, removed = [] }: NonNullable<ReplyFields['pulled']>): PulledEntries {
  const leaves = new Map(removed.map(({ at, leaf }) => [at, Buffer.from(leaf, 'hex')]));
  return {
    from,
    entries: entries.map((bytes, at) => ({
      bytes: Buffer.from(bytes, 'base64'),
      leaf: leaves.get(at) ?? null,
    })),
  };
}

/**
 * Reads the replies of a file, one to each journal whose submissions it answers.
 * @throws SyncError `REPLY_MALFORMED`
 */
export function decodeReplies(bytes: Buffer): readonly Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.length || replies.length === 0;) {
    if (replies.length === MAX_REPLIES)
      throw new SyncError('REPLY_MALFORMED', { reason: `more than ${String(MAX_REPLIES)} replies` });
    const end = bytes.indexOf(0x0a, at) + 1;
    const line = bytes.subarray(at, end === 0 ? bytes.length : end);
    replies.push(decodeReply(line));
    at += line.length;
  }
  return replies;
}

/** @throws SyncError `REPLY_MALFORMED` */
export function decodeReply(bytes: Buffer): Reply {
  const value = bytes.at(-1) === 0x0a ? parseCanonicalJson(bytes.subarray(0, -1)) : undefined;
  if (value === undefined)
    throw new SyncError('REPLY_MALFORMED', { reason: 'not one line of canonical JSON' });
  const parsed = replySchema.safeParse(value);
  if (!parsed.success) throw new SyncError('REPLY_MALFORMED', { reason: schemaIssues(parsed.error) });
  const { rootCrl, receipt, trustStatements, grants, directives, pulled } = parsed.data;
  const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');
  return {
    receipt: bytesOf(receipt),
    trustStatements: trustStatements.map(bytesOf),
    grants: grants.map(bytesOf),
    directives: directives.map(bytesOf),
    ...(rootCrl !== undefined && { rootCrl: bytesOf(rootCrl) }),
    ...(pulled && { pulled: decodePulled(pulled) }),
  };
}

/** Opens a receipt under a key of the registry. @throws EnvelopeError, SyncError `REPLY_MALFORMED` */
export function openReceipt(envelope: Uint8Array, ...keys: readonly VerificationKey[]): Receipt {
  const what = 'receipt';
  const { payload } = openEnvelope(envelope, {
    payloadType: RECEIPT_PAYLOAD_TYPE,
    keys,
    threshold: 1,
    what,
  });
  const parsed = receiptSchema.safeParse(parseCanonicalJson(payload));
  if (!parsed.success) throw new SyncError('REPLY_MALFORMED', { reason: schemaIssues(parsed.error) });
  return parsed.data;
}
