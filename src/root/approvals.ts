/** The operators' signatures on a grant that is being approved, and how the journal tells of them. */
import { GRANT_PAYLOAD_TYPE, type TrustStatement } from '../delegation';
import { signaturesOf } from '../envelope';
import { sha256Hex } from '../signer';
import { RootError } from './errors';
import { signaturesInForce } from './operatorSignatures';
import type { NewRootEntry } from './rootJournal';

/**
 * The envelope of an approved grant, with the signatures that count.
 * @throws RootError `APPROVALS_MISSING`: operators have changed since it was approved
 */
export function requireApproved(id: string, envelope: Buffer | null, trust: TrustStatement): Buffer {
  const approvals = signaturesInForce({ payloadType: GRANT_PAYLOAD_TYPE, envelope }, trust);
  const got = approvals?.by.length ?? 0;
  if (approvals !== undefined && got >= trust.threshold) return approvals.envelope;
  throw new RootError('APPROVALS_MISSING', { id: id.slice(0, 12), got, needed: trust.threshold });
}

/**
 * How the journal tells of the newest signature on an envelope.
 * @param draft payload of the grant
 * @param answer SHA-256 of the operator's answer
 */
export function approvalEntry(
  application: string,
  operator: string,
  draft: Buffer,
  envelope: Buffer,
  answer: string,
): NewRootEntry {
  const newest = signaturesOf(envelope).at(-1);
  if (newest === undefined) throw new Error('an envelope without a signature');
  return {
    type: 'approved',
    application,
    operator,
    grant: sha256Hex(draft),
    spkiSha256: newest.keyId,
    signature: newest.signature.toString('base64'),
    answer,
  };
}
