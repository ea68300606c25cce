/** The readiness report: what a node's machine was found to be like, signed by its journal key. Part of an application. */
import { z } from 'zod';
import { daySchema, instantSchema, nameSchema, sha256HexSchema } from '../encoding';
import { openEnvelope, payloadTypeOf } from '../envelope';
import { parsePayload, signedDocument, type SignedDocument } from './document';
import { DelegationError } from './errors';

export const READINESS_PAYLOAD_TYPE = payloadTypeOf('readiness');

/** unknown: this machine gave no answer, which is neither good nor bad. */
export const READINESS_RESULTS = ['pass', 'warn', 'fail', 'unknown'] as const;
export type ReadinessResult = (typeof READINESS_RESULTS)[number];

const told = z.string().max(300);

export const readinessCheckIdSchema = z.string().regex(/^[a-z0-9-]{1,40}$/, 'a-z, 0-9 and -, at most 40');

const checkSchema = z.strictObject({
  id: readinessCheckIdSchema,
  /** Which of several: a path, a port; empty where there is but one. */
  subject: told,
  result: z.enum(READINESS_RESULTS),
  /** Data, no sentences: numbers, names, dates. */
  found: told,
  expected: told,
});
export type ReadinessCheck = z.infer<typeof checkSchema>;

/** What the newest device report says of a token. */
const deviceSchema = z.strictObject({
  token: told,
  serial: told,
  reportSha256: sha256HexSchema,
  probedAt: instantSchema,
  verdict: z.enum(['pass', 'fail']),
  /** Known to be a program. */
  software: z.boolean(),
  certified: z.strictObject({ scheme: told, number: told }).nullable(),
});

/** What can be weighed by itself, as numbers and dates rather than verdicts; null where it was not learnt. */
const measuredSchema = z.strictObject({
  /** Of the token with the CA key. */
  device: deviceSchema.nullable(),
  backup: z.strictObject({ made: daySchema, restored: daySchema.nullable() }).nullable(),
  /** Against the root's clock; `authenticated` if the pinned root vouched for the answer. */
  clock: z.strictObject({ offsetSeconds: z.number(), authenticated: z.boolean() }).nullable(),
});
export type Measured = z.infer<typeof measuredSchema>;

const readinessSchema = z.strictObject({
  nodeId: nameSchema,
  createdAt: instantSchema,
  software: z.strictObject({ name: z.string().max(50), version: z.string().max(50) }),
  measured: measuredSchema,
  checks: z.array(checkSchema).max(200),
});
export type Readiness = z.infer<typeof readinessSchema>;

/** Reads a report's payload alone. @throws DelegationError `DOCUMENT_MALFORMED` */
export function parseReadiness(payload: Uint8Array): Readiness {
  return parsePayload(payload, readinessSchema, 'readiness report');
}

/**
 * Opens the report of one node, signed by its journal key.
 * @throws EnvelopeError; DelegationError `DOCUMENT_MALFORMED`, also for the report of another node
 */
export function openReadiness(
  envelope: Uint8Array,
  { nodeId, journalSpki }: { readonly nodeId: string; readonly journalSpki: Buffer },
): SignedDocument<Readiness> {
  const what = 'readiness report';
  const { payload } = openEnvelope(envelope, {
    payloadType: READINESS_PAYLOAD_TYPE,
    keys: [{ name: nodeId, spki: journalSpki }],
    threshold: 1,
    what,
  });
  const value = parseReadiness(payload);
  if (value.nodeId !== nodeId)
    throw new DelegationError('DOCUMENT_MALFORMED', { what, reason: `it is of the node ${value.nodeId}` });
  return signedDocument(value, payload, envelope);
}
