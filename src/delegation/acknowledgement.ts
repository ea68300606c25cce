/** The acknowledgement: an operator has looked at a finding, and says with a signature what is to be thought of it. */
import { z } from 'zod';
import { instantSchema, nameSchema, sha256HexSchema } from '../encoding';
import { openEnvelope, payloadTypeOf } from '../envelope';
import { parsePayload, signedDocument, type SignedDocument } from './document';
import { DelegationError } from './errors';
import { operatorKeys, type TrustStatement } from './trust';

export const ACKNOWLEDGEMENT_PAYLOAD_TYPE = payloadTypeOf('acknowledgement');

/** Longest reason, in UTF-16 code units. */
export const MAX_REASON = 1000;

const acknowledgementSchema = z.strictObject({
  /** What was looked at: the journal's origin or the node's name, with the code of the rule. */
  subject: z.string().min(1).max(300),
  entryIndex: z.int().min(0).nullable(),
  code: z.string().min(1).max(50),
  /** SHA-256 of what was shown of it. */
  evidenceSha256: sha256HexSchema,
  operator: nameSchema,
  reason: z.string().min(1).max(MAX_REASON),
  time: instantSchema,
});

export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

/**
 * Opens an acknowledgement under whichever trust statement named its operator.
 * @param statements oldest first
 * @throws EnvelopeError, DelegationError `DOCUMENT_MALFORMED`
 */
export function openAcknowledgement(
  envelope: Uint8Array,
  statements: readonly SignedDocument<TrustStatement>[],
): SignedDocument<Acknowledgement> {
  const what = 'acknowledgement';
  const { payload, signedBy } = openEnvelope(envelope, {
    payloadType: ACKNOWLEDGEMENT_PAYLOAD_TYPE,
    keys: statements.flatMap(({ value }) => operatorKeys(value)),
    threshold: 1,
    what,
  });
  const value = parsePayload(payload, acknowledgementSchema, what);
  if (!signedBy.includes(value.operator))
    throw new DelegationError('DOCUMENT_MALFORMED', { what, reason: `${value.operator} did not sign it` });
  return signedDocument(value, payload, envelope);
}
