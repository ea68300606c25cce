/** The operators' signatures on a grant that is being approved: only those of operators in force count. */
import {
  GRANT_PAYLOAD_TYPE,
  operatorKeys,
  requireTrustValid,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { addSignature, openEnvelope, retainSignatures, sealEnvelope, signaturesOf } from '../envelope';
import { sha256Hex, type Signer } from '../signer';
import { RootError } from './errors';
import type { RootCa } from './root';
import type { NewRootEntry } from './rootJournal';

/** An envelope with the signatures that count. */
export interface Approvals {
  readonly envelope: Buffer;
  /** Names of the operators, each once. */
  readonly by: readonly string[];
}

/**
 * What is left of the approvals so far under the trust statement in force: an operator who has been removed, or whose
 * key has been replaced, has approved nothing that is not complete.
 * @returns `undefined` if nothing is left
 * @throws EnvelopeError
 */
export function approvalsInForce(envelope: Buffer | null, trust: TrustStatement): Approvals | undefined {
  const keys = operatorKeys(trust);
  const kept = envelope === null ? undefined : retainSignatures(envelope, keys);
  if (kept === undefined) return undefined;
  const expected = { payloadType: GRANT_PAYLOAD_TYPE, keys, threshold: 1, what: 'grant' };
  return { envelope: kept, by: openEnvelope(kept, expected).signedBy };
}

/** Adds one to those that count. @param draft payload of the grant @throws EnvelopeError `ALREADY_SIGNED`; HsmError */
export async function approve(
  draft: Buffer,
  before: Approvals | undefined,
  signer: Signer,
  trust: TrustStatement,
): Promise<Approvals> {
  const envelope =
    before === undefined
      ? await sealEnvelope(GRANT_PAYLOAD_TYPE, draft, [signer])
      : await addSignature(before.envelope, signer);
  return approvalsInForce(envelope, trust) ?? { envelope, by: [] };
}

/** The trust statement under which something new is approved or granted. @throws DelegationError `TRUST_EXPIRED` */
export async function validTrust(root: RootCa): Promise<SignedDocument<TrustStatement>> {
  const trust = await root.trust();
  requireTrustValid(trust.value, root.now());
  return trust;
}

/**
 * The envelope of an approved grant, with the signatures that count.
 * @throws RootError `APPROVALS_MISSING`: operators have changed since it was approved
 */
export function requireApproved(id: string, envelope: Buffer | null, trust: TrustStatement): Buffer {
  const approvals = approvalsInForce(envelope, trust);
  const got = approvals?.by.length ?? 0;
  if (approvals !== undefined && got >= trust.threshold) return approvals.envelope;
  throw new RootError('APPROVALS_MISSING', { id: id.slice(0, 12), got, needed: trust.threshold });
}

/** How the journal tells of the newest signature on an envelope. @param draft payload of the grant */
export function approvalEntry(
  application: string,
  operator: string,
  draft: Buffer,
  envelope: Buffer,
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
  };
}
