/**
 * The answer to an application: one operator's decision with its reasons, criterion by criterion, signed by that
 * operator. It carries the root certificate and the trust statement, so that a body which holds nothing but the root's
 * fingerprint can tell it from a forged one.
 */
import { z } from 'zod';
import { base64Schema, instantSchema, lineSchema, nameSchema, sha256HexSchema } from '../encoding';
import { openEnvelope, payloadTypeOf, readUnverified } from '../envelope';
import { readCertificate, type Certificate } from '../x509';
import { parsePayload, signedDocument, type SignedDocument } from './document';
import { rowSchema, eligibilityOf } from './eligibility';
import { DelegationError } from './errors';
import { openTrustStatement, operatorKeys } from './trust';

export const ANSWER_PAYLOAD_TYPE = payloadTypeOf('application-answer');

/** Before the end of any statement. */
const ANY_TIME = new Date(0);

const DECISIONS = ['approved', 'rejected'] as const;

const answerSchema = z
  .strictObject({
    answeredAt: instantSchema,
    application: z.strictObject({ sha256: sha256HexSchema, nodeId: nameSchema }),
    operator: nameSchema,
    decision: z.enum(DECISIONS),
    reason: lineSchema(1000).nullable(),
    /** Whether it was approved though the policy speaks against it. */
    override: z.boolean(),
    /** The policy it was laid against; null where the root has none, or it is for a next CA key. */
    policy: z
      .strictObject({ sha256: sha256HexSchema, title: lineSchema(200), minimumScore: z.int().min(0) })
      .nullable(),
    rows: z.array(rowSchema).max(50),
    /** Criteria that the applicant is to mend, by id: an operator may find evidence wanting that was counted as met. */
    mend: z.array(nameSchema).max(50),
    /** DER certificate, and DSSE envelope. */
    rootCertificate: base64Schema,
    trustStatement: base64Schema,
  })
  .refine(({ policy, rows }) => (policy === null) === (rows.length === 0), 'criteria need their policy')
  .refine(
    ({ mend, rows }) => mend.every((id) => rows.some(({ criterion }) => criterion.id === id)),
    'a criterion to be mended is not one of the policy',
  )
  .refine(
    ({ decision, reason, override, mend }) =>
      decision === 'rejected' ? reason !== null && !override : mend.length === 0,
    'a rejection has a reason, an approval asks for nothing',
  )
  .refine(({ override, reason }) => !override || reason !== null, 'an override has a reason')
  .refine(
    ({ decision, override, policy, rows }) =>
      decision === 'rejected' ||
      override ||
      policy === null ||
      eligibilityOf(rows, policy.minimumScore).eligible,
    'approved against the policy, and no override',
  );

export type Answer = z.infer<typeof answerSchema>;

/** @throws DelegationError `DOCUMENT_MALFORMED` */
export function parseAnswer(payload: Uint8Array): Answer {
  return parsePayload(payload, answerSchema, 'answer');
}

export interface OpenedAnswer extends SignedDocument<Answer> {
  readonly root: Certificate;
}

/**
 * Opens an answer from nothing but a fingerprint, as a grant bundle is opened.
 * @param fingerprint SHA-256 of the root certificate, lower-case hex
 * @param now `undefined` for one that was accepted before: its trust statement may have ended since
 * @throws DelegationError `FINGERPRINT_MISMATCH`, `TRUST_EXPIRED`, `DOCUMENT_MALFORMED`; EnvelopeError; X509Error
 */
export function openAnswer(envelope: Uint8Array, fingerprint: string, now?: Date): OpenedAnswer {
  const what = 'answer';
  const claimed = parseAnswer(readUnverified(envelope, ANSWER_PAYLOAD_TYPE, what).payload);
  const root = readCertificate(Buffer.from(claimed.rootCertificate, 'base64'), 'root certificate');
  if (root.sha256 !== fingerprint)
    throw new DelegationError('FINGERPRINT_MISMATCH', { found: root.sha256, expected: fingerprint });
  const trust = openTrustStatement(Buffer.from(claimed.trustStatement, 'base64'), root, now ?? ANY_TIME);
  const { payload } = openEnvelope(envelope, {
    payloadType: ANSWER_PAYLOAD_TYPE,
    // The decision is the named operator's own: nobody signs in another's name.
    keys: operatorKeys(trust.value).filter(({ name }) => name === claimed.operator),
    threshold: 1,
    what,
  });
  return { ...signedDocument(parseAnswer(payload), payload, envelope), root };
}
