/** The trust statement: which operators, registry key and external roots the root CA key vouches for. */
import { z } from 'zod';
import { base64Schema, instantSchema, nameSchema, sha256HexSchema } from '../encoding';
import { openEnvelope, payloadTypeOf, type VerificationKey } from '../envelope';
import type { Certificate } from '../x509';
import { isFirstOrNamesPrevious, parsePayload, signedDocument, type SignedDocument } from './document';
import { DelegationError } from './errors';

export const TRUST_PAYLOAD_TYPE = payloadTypeOf('trust-statement');

export const trustSchema = z
  .strictObject({
    version: z.int().min(1),
    /** SHA-256 of the previous statement's payload; null for the first. */
    previous: sha256HexSchema.nullable(),
    issuedAt: instantSchema,
    validUntil: instantSchema,
    rootCertificateSha256: sha256HexSchema,
    operators: z
      .array(z.strictObject({ name: nameSchema, spki: base64Schema }))
      .min(1)
      .max(20),
    /** How many distinct operators must sign a grant or a directive. */
    threshold: z.int().min(1).max(20),
    registry: z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'registry name'),
      spki: base64Schema,
    }),
    /** Certificates (DER) of root CAs of other systems that may issue sub-CA certificates in the root's place. */
    externalRoots: z.array(base64Schema).max(10),
  })
  .refine(isFirstOrNamesPrevious, 'the first version names none before it, every other one does')
  .refine((trust) => trust.threshold <= trust.operators.length, 'threshold above the number of operators')
  .refine(
    (trust) =>
      new Set(trust.operators.map((o) => o.name)).size === trust.operators.length &&
      new Set(trust.operators.map((o) => o.spki)).size === trust.operators.length,
    'an operator name or key is given twice',
  )
  .refine(
    ({ externalRoots }) => new Set(externalRoots).size === externalRoots.length,
    'an external root is given twice',
  );

export type TrustStatement = z.infer<typeof trustSchema>;

/**
 * Opens a trust statement with the pinned root's key and holds it to its place in the sequence.
 * @param current the statement in force, if any: the new one must be exactly the next version and name it
 * @throws DelegationError `TRUST_SEQUENCE`, `TRUST_EXPIRED`, `DOCUMENT_MALFORMED`; EnvelopeError for a bad signature
 */
export function openTrustStatement(
  envelope: Uint8Array,
  root: Certificate,
  now: Date,
  current?: SignedDocument<TrustStatement>,
): SignedDocument<TrustStatement> {
  const what = 'trust statement';
  const { payload } = openEnvelope(envelope, {
    payloadType: TRUST_PAYLOAD_TYPE,
    keys: [rootKey(root)],
    threshold: 1,
    what,
  });
  const value = parsePayload(payload, trustSchema, what);
  if (value.rootCertificateSha256 !== root.sha256) {
    throw new DelegationError('CERTIFICATE_NOT_TRUSTED', {
      what,
      reason: `it is made for the root certificate ${value.rootCertificateSha256}`,
    });
  }
  if (
    current !== undefined &&
    (value.version !== current.value.version + 1 || value.previous !== current.sha256)
  ) {
    throw new DelegationError('TRUST_SEQUENCE', {
      found: value.version,
      expected: current.value.version + 1,
    });
  }
  requireTrustValid(value, now);
  return signedDocument(value, payload, envelope);
}

/** Before the end of any statement: for those that were held against the clock when they were taken. */
const ANY_TIME = new Date(0);

/**
 * Opens statements that follow one another, oldest first. Only the last must be valid: those before it are there for
 * the sequence, and may have ended before anybody came to take them.
 * @param now `undefined` for statements that were accepted before
 * @param current as for `openTrustStatement`
 * @throws as `openTrustStatement`
 */
export function openTrustStatements(
  envelopes: readonly Uint8Array[],
  root: Certificate,
  now: Date | undefined,
  current?: SignedDocument<TrustStatement>,
): readonly SignedDocument<TrustStatement>[] {
  const opened: SignedDocument<TrustStatement>[] = [];
  for (const [at, envelope] of envelopes.entries()) {
    const when = (at === envelopes.length - 1 ? now : undefined) ?? ANY_TIME;
    opened.push(openTrustStatement(envelope, root, when, opened.at(-1) ?? current));
  }
  return opened;
}

/** Nothing new is taken on the word of a statement that has ended. @throws DelegationError `TRUST_EXPIRED` */
export function requireTrustValid({ version, validUntil }: TrustStatement, now: Date): void {
  if (Date.parse(validUntil) <= now.getTime())
    throw new DelegationError('TRUST_EXPIRED', { version, validUntil });
}

/**
 * Opens what was accepted before, under whichever statement was in force then: a later one may name other operators,
 * another registry key or another threshold. What comes as new is opened under the one in force alone.
 * @param statements oldest first, at least one
 * @param open opens it under one statement
 * @throws what `open` throws under the oldest one
 */
export function openAccepted<T>(
  statements: readonly SignedDocument<TrustStatement>[],
  open: (trust: TrustStatement) => T,
): T {
  let refusal: unknown = new DelegationError('DOCUMENT_MALFORMED', {
    what: 'trust statement',
    reason: 'there is none',
  });
  for (const { value } of statements.toReversed()) {
    try {
      return open(value);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** The root signs everything as it signed its own certificate, which is pinned. */
function rootKey({ tbs, signatureAlgorithm }: Certificate): VerificationKey {
  return { name: 'root CA', spki: tbs.publicKey.spki, signatureAlgorithm };
}

/** A key of the registry, and until when it was one. */
export interface RegistryKey extends VerificationKey {
  /** ISO 8601 UTC: what it signs with a later time counts for nothing. Absent for the key in force. */
  readonly until?: string;
}

/** While a statement is signed and stored, the registry may still sign with the key before. */
const REPLACEMENT_MS = 5 * 60_000;

/**
 * The keys of the registry under each of the statements: what one has signed stays so, but a key that was replaced,
 * perhaps because it was exposed, signs nothing later.
 * @param statements oldest first
 */
export function registryKeys(statements: readonly TrustStatement[]): readonly RegistryKey[] {
  return statements.map(({ registry }, at) => {
    const next = statements.slice(at + 1).find((later) => later.registry.spki !== registry.spki);
    const until = next && new Date(Date.parse(next.issuedAt) + REPLACEMENT_MS).toISOString();
    const key = { name: registry.name, spki: Buffer.from(registry.spki, 'base64') };
    return { ...key, ...(until !== undefined && { until }) };
  });
}

/**
 * Opens a document that as many operators have signed as the trust statement demands.
 * @throws EnvelopeError for a bad, unknown or missing signature; DelegationError `DOCUMENT_MALFORMED`
 */
export function openByOperators<T>(
  envelope: Uint8Array,
  trust: TrustStatement,
  {
    payloadType,
    schema,
    what,
  }: { readonly payloadType: string; readonly schema: z.ZodType<T>; readonly what: string },
): SignedDocument<T> {
  const { payload } = openEnvelope(envelope, {
    payloadType,
    keys: operatorKeys(trust),
    threshold: trust.threshold,
    what,
  });
  return signedDocument(parsePayload(payload, schema, what), payload, envelope);
}

/** The operators' keys, for opening what they sign by threshold. */
export function operatorKeys(trust: TrustStatement): readonly VerificationKey[] {
  return trust.operators.map(({ name, spki }) => ({ name, spki: Buffer.from(spki, 'base64') }));
}

/** The registry's key, for opening receipts. */
export function registryKey({ registry }: TrustStatement): VerificationKey {
  return { name: registry.name, spki: Buffer.from(registry.spki, 'base64') };
}
