/**
 * The submission: what a node tells the root. Lines of UTF-8 text: a header, then each entry verbatim; the same bytes
 * in an HTTP body and in a file, where several may follow one another.
 */
import { z } from 'zod';
import { base64Schema, instantSchema, parseCanonicalJson, schemaIssues, sha256HexSchema } from '../encoding';
import { payloadTypeOf } from '../envelope';
import { MAX_ENTRY_SIZE, MAX_JOURNAL_SIZE } from '../journal';
import { SyncError } from './errors';

export const SUBMISSION_MEDIA_TYPE = 'application/vnd.subca.submission.v1';
export const STATUS_PAYLOAD_TYPE = payloadTypeOf('status');

/** Most entries in one submission. */
export const MAX_ENTRIES = 8192;
/** Most octets in one submission. */
export const MAX_SUBMISSION_SIZE = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;

const headerSchema = z.strictObject({
  type: z.literal('subca-submission'),
  version: z.literal(1),
  /** Signed checkpoints (C2SP notes): over the journal before the entries, and over it with them. */
  base: z.string().max(16_384),
  checkpoint: z.string().max(16_384),
  count: z.int().min(0).max(MAX_ENTRIES),
  /** DSSE envelope of the status. */
  status: base64Schema,
});

/** What the node says of itself with each submission; signed by the journal key. */
export const statusSchema = z.strictObject({
  origin: z.string().max(300),
  size: z.int().min(0),
  trustVersion: z.int().min(1),
  grantVersion: z.int().min(1),
  lastDirective: z.int().min(0),
  crl: z.strictObject({ number: z.int().min(0), nextUpdate: instantSchema.nullable() }),
  /** The root's CRL the node has. */
  rootCrlSha256: sha256HexSchema.nullable(),
  clock: instantSchema,
  software: z.string().max(50),
  /** Asked for by a node that lost part of this journal: the root's copy from this index on. */
  pull: z.int().min(0).max(MAX_JOURNAL_SIZE).optional(),
});

export type NodeStatus = z.infer<typeof statusSchema>;

export interface Submission {
  /**
   * The signed checkpoint before the first of the entries. With it, every lie is one the node has signed: a base unlike
   * the root's head of that size is a fork; entries that do not lead from the base to the checkpoint were altered.
   */
  readonly base: string;
  /** The signed checkpoint with the entries. */
  readonly checkpoint: string;
  readonly entries: readonly Buffer[];
  /** DSSE envelope of a `NodeStatus`. */
  readonly status: Buffer;
}

export function encodeSubmission({ base, checkpoint, entries, status }: Submission): Buffer {
  const header: z.infer<typeof headerSchema> = {
    type: 'subca-submission',
    version: 1,
    base,
    checkpoint,
    count: entries.length,
    status: status.toString('base64'),
  };
  const lines = [Buffer.from(JSON.stringify(header), 'utf8'), ...entries];
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.of(LINE_FEED)]));
}

/** Reads exactly one submission. @throws SyncError `SUBMISSION_MALFORMED` */
export function decodeSubmission(bytes: Buffer): Submission {
  const [first, ...more] = decodeSubmissions(bytes);
  if (first === undefined || more.length > 0) throw malformed('exactly one submission is expected');
  return first;
}

/** Reads the submissions of a file, one after another. @throws SyncError `SUBMISSION_MALFORMED` */
export function* decodeSubmissions(bytes: Buffer): Generator<Submission> {
  let at = 0;
  const nextLine = (limit: number): Buffer => {
    const end = bytes.indexOf(LINE_FEED, at);
    if (end < 0) throw malformed('it ends in the middle of a line');
    if (end - at > limit) throw malformed(`a line is longer than ${String(limit)} bytes`);
    const line = bytes.subarray(at, end);
    at = end + 1;
    return line;
  };
  while (at < bytes.length) {
    const begin = at;
    const value = parseCanonicalJson(nextLine(65_536));
    if (value === undefined) throw malformed('its header is not canonical JSON');
    const header = headerSchema.safeParse(value);
    if (!header.success) throw malformed(schemaIssues(header.error));
    const { base, checkpoint, count, status } = header.data;
    const entries: Buffer[] = [];
    while (entries.length < count) entries.push(nextLine(MAX_ENTRY_SIZE));
    if (at - begin > MAX_SUBMISSION_SIZE) throw malformed(`it is larger than ${MAX_SUBMISSION_SIZE} bytes`);
    yield { base, checkpoint, entries, status: Buffer.from(status, 'base64') };
  }
}

function malformed(reason: string): SyncError {
  return new SyncError('SUBMISSION_MALFORMED', { reason });
}
