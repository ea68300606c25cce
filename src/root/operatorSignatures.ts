/**
 * Documents that operators sign one after another, each with their own token, until there are as many as it takes. Only
 * signatures of operators in force count: one who has been removed, or whose key has been replaced, has signed nothing
 * that is not complete.
 */
import { commonTables, readNewestDocument, type Database, type RootSchema } from '../db';
import { operatorKeys, requireTrustValid, type SignedDocument, type TrustStatement } from '../delegation';
import { addSignature, openEnvelope, retainSignatures, sealEnvelope } from '../envelope';
import type { PinSource } from '../hsm';
import { RootError } from './errors';
import type { RootCa } from './root';
import { operatorSigner } from './trust';

/** A document on its way round the operators. */
export interface Draft {
  readonly payloadType: string;
  readonly payload: Buffer;
  /** Over the payload, with the signatures so far; null before the first. */
  readonly envelope: Buffer | null;
}

/** An envelope with the signatures that count. */
export interface CountedSignatures {
  readonly envelope: Buffer;
  /** Names of the operators, each once. */
  readonly by: readonly string[];
}

export interface SignedDraft extends CountedSignatures {
  /** The trust statement under which they count. */
  readonly trust: SignedDocument<TrustStatement>;
  /** Whether as many have signed as the trust statement in force demands. */
  readonly complete: boolean;
}

/** The trust statement under which something new is signed. @throws DelegationError `TRUST_EXPIRED` */
export async function validTrust(root: RootCa): Promise<SignedDocument<TrustStatement>> {
  const trust = await root.trust();
  requireTrustValid(trust.value, root.now());
  return trust;
}

/**
 * In the transaction that keeps what was judged under a statement: that one must still be in force.
 * @throws RootError `TRUST_CHANGED`
 */
export async function requireInForce(
  tx: Database<RootSchema>,
  { sha256 }: SignedDocument<TrustStatement>,
): Promise<void> {
  const newest = await readNewestDocument(commonTables(tx), 'trust-statement');
  if (newest?.sha256 !== sha256) throw new RootError('TRUST_CHANGED', { version: newest?.version ?? 0 });
}

/**
 * Adds one operator's signature over the document's very bytes to those that count.
 * @throws RootError `OPERATOR_NOT_TRUSTED`; DelegationError `TRUST_EXPIRED`; EnvelopeError `ALREADY_SIGNED`; HsmError
 */
export async function signAsOperator(
  root: RootCa,
  draft: Draft,
  operator: string,
  pin: PinSource | undefined,
): Promise<SignedDraft> {
  const trust = await validTrust(root);
  const signer = await operatorSigner(root, trust, operator, pin);
  const { payloadType, payload } = draft;
  const before = signaturesInForce(draft, trust.value);
  const signed =
    before === undefined
      ? await sealEnvelope(payloadType, payload, [signer])
      : await addSignature(before.envelope, signer);
  const { envelope, by } = signaturesInForce({ payloadType, envelope: signed }, trust.value) ?? {
    envelope: signed,
    by: [],
  };
  return { envelope, by, trust, complete: by.length >= trust.value.threshold };
}

/** What is left of the signatures so far under a trust statement. @returns `undefined` if nothing is. @throws EnvelopeError */
export function signaturesInForce(
  { payloadType, envelope }: Pick<Draft, 'payloadType' | 'envelope'>,
  trust: TrustStatement,
): CountedSignatures | undefined {
  const keys = operatorKeys(trust);
  const kept = envelope === null ? undefined : retainSignatures(envelope, keys);
  if (kept === undefined) return undefined;
  return {
    envelope: kept,
    by: openEnvelope(kept, { payloadType, keys, threshold: 1, what: 'draft' }).signedBy,
  };
}

/** Who has signed, of the operators a trust statement names. @throws EnvelopeError */
export function signersOf(
  draft: Pick<Draft, 'payloadType' | 'envelope'>,
  trust: TrustStatement,
): readonly string[] {
  return signaturesInForce(draft, trust)?.by ?? [];
}

export function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
