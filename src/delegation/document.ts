/** Reading signed documents: payload bytes that are canonical JSON of one strict shape, known by their digest. */
import type { z } from 'zod';
import { parseCanonicalJson, schemaIssues } from '../encoding';
import { sha256Hex } from '../signer';
import { DelegationError } from './errors';

/** A document as it was signed: its value, the exact payload bytes, and their SHA-256 by which others name it. */
export interface SignedDocument<T> {
  readonly value: T;
  readonly payload: Buffer;
  readonly sha256: string;
  /** The whole DSSE envelope. */
  readonly envelope: Buffer;
}

/** The rule of documents that follow one another: version 1 stands alone, each later one names the one before. */
export function isFirstOrNamesPrevious(document: {
  readonly version: number;
  readonly previous: string | null;
}): boolean {
  return (document.version === 1) === (document.previous === null);
}

/** @throws DelegationError `DOCUMENT_MALFORMED` */
export function parsePayload<T>(payload: Uint8Array, schema: z.ZodType<T>, what: string): T {
  const value = parseCanonicalJson(payload);
  if (value === undefined)
    throw new DelegationError('DOCUMENT_MALFORMED', { what, reason: 'not canonical JSON' });
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new DelegationError('DOCUMENT_MALFORMED', { what, reason: schemaIssues(parsed.error) });
  }
  return parsed.data;
}

export function signedDocument<T>(value: T, payload: Buffer, envelope: Uint8Array): SignedDocument<T> {
  return { value, payload, sha256: sha256Hex(payload), envelope: Buffer.from(envelope) };
}

/** The bytes to sign for a document's value. */
export function payloadOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
