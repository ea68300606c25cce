/** The proof as a file: one canonical JSON object; what is text inside stays text, so that a person can check it by hand. */
import { z } from 'zod';
import { base64Schema, parseCanonicalJson, schemaIssues, sha256HexSchema } from '../encoding';
import { MAX_ENTRY_SIZE, MAX_TREE_SIZE } from '../journal';
import { ProofError } from './errors';

/** Most octets of a file; one has 10 to 30 thousand. */
export const MAX_PROOF_SIZE = 2 * 1_048_576;

/** Hashes from a leaf to the root of the largest tree. */
const LONGEST_PATH = Math.log2(MAX_TREE_SIZE);
/** That of the grant, that of the receipt, and that which names an external root. */
const MOST_STATEMENTS = 3;

const entrySchema = z.strictObject({
  index: z
    .int()
    .min(0)
    .max(MAX_TREE_SIZE - 1),
  /** The entry, verbatim. */
  entry: z.string().min(1).max(MAX_ENTRY_SIZE),
  /** Siblings from the leaf upwards. */
  path: z.array(sha256HexSchema).max(LONGEST_PATH),
});

const proofSchema = z.strictObject({
  type: z.literal('subca-certificate-proof'),
  version: z.literal(1),
  certificate: base64Schema,
  intent: entrySchema,
  issued: entrySchema,
  /** The head of the journal as the node signed it: a note. */
  checkpoint: z.string().min(1),
  /** The same head as the root signed it, and when; envelopes, as all that follow. */
  receipt: z.string().min(1),
  grant: z.string().min(1),
  trustStatements: z
    .array(z.string().min(1))
    .min(1)
    .max(MOST_STATEMENTS)
    .refine((all) => new Set(all).size === all.length, 'a trust statement is given twice'),
  caCertificate: base64Schema,
  rootCertificate: base64Schema,
});

/** An entry with its way to the root of the tree. */
export interface ProvenEntry {
  readonly index: number;
  /** Verbatim. */
  readonly bytes: Buffer;
  /** Siblings from the leaf upwards (RFC 6962, section 2.1.1). */
  readonly auditPath: readonly Buffer[];
}

/** DER certificates, DSSE envelopes, a signed note. */
export interface ProofParts {
  readonly certificate: Buffer;
  readonly intent: ProvenEntry;
  readonly issued: ProvenEntry;
  readonly checkpoint: string;
  readonly receipt: Buffer;
  readonly grant: Buffer;
  /** Oldest first: those under which grant and receipt were signed, and an external issuer is named. */
  readonly trustStatements: readonly Buffer[];
  readonly caCertificate: Buffer;
  readonly rootCertificate: Buffer;
}

export function encodeProof(parts: ProofParts): Buffer {
  const entry = ({ index, bytes, auditPath }: ProvenEntry): z.infer<typeof entrySchema> => ({
    index,
    entry: bytes.toString('utf8'),
    path: auditPath.map((hash) => hash.toString('hex')),
  });
  const file: z.infer<typeof proofSchema> = {
    type: 'subca-certificate-proof',
    version: 1,
    certificate: parts.certificate.toString('base64'),
    intent: entry(parts.intent),
    issued: entry(parts.issued),
    checkpoint: parts.checkpoint,
    receipt: parts.receipt.toString('utf8'),
    grant: parts.grant.toString('utf8'),
    trustStatements: parts.trustStatements.map((envelope) => envelope.toString('utf8')),
    caCertificate: parts.caCertificate.toString('base64'),
    rootCertificate: parts.rootCertificate.toString('base64'),
  };
  return Buffer.from(`${JSON.stringify(file)}\n`, 'utf8');
}

/** Reads a file without judging what it says. @throws ProofError `PROOF_MALFORMED` */
export function decodeProof(bytes: Uint8Array): ProofParts {
  const malformed = (reason: string): ProofError => new ProofError('PROOF_MALFORMED', { reason });
  if (bytes.length > MAX_PROOF_SIZE)
    throw malformed(`${bytes.length} bytes, at most ${String(MAX_PROOF_SIZE)}`);
  const value = bytes.at(-1) === 0x0a ? parseCanonicalJson(bytes.subarray(0, -1)) : undefined;
  if (value === undefined) throw malformed('not one line of canonical JSON');
  const parsed = proofSchema.safeParse(value);
  if (!parsed.success) throw malformed(schemaIssues(parsed.error));
  const { certificate, intent, issued, checkpoint, receipt, grant } = parsed.data;
  const { trustStatements, caCertificate, rootCertificate } = parsed.data;
  const text = (part: string): Buffer => Buffer.from(part, 'utf8');
  const binary = (part: string): Buffer => Buffer.from(part, 'base64');
  const entry = (part: z.infer<typeof entrySchema>): ProvenEntry => ({
    index: part.index,
    bytes: text(part.entry),
    auditPath: part.path.map((hash) => Buffer.from(hash, 'hex')),
  });
  return {
    certificate: binary(certificate),
    intent: entry(intent),
    issued: entry(issued),
    checkpoint,
    receipt: text(receipt),
    grant: text(grant),
    trustStatements: trustStatements.map(text),
    caCertificate: binary(caCertificate),
    rootCertificate: binary(rootCertificate),
  };
}
