/** Re-reading stored documents: each row must say of its bytes what they say of themselves. */
import type { DocumentKind } from '../db';
import {
  ANSWER_PAYLOAD_TYPE,
  APPLICATION_PAYLOAD_TYPE,
  DIRECTIVE_PAYLOAD_TYPE,
  GRANT_PAYLOAD_TYPE,
  TRUST_PAYLOAD_TYPE,
} from '../delegation';
import { parseCanonicalJson } from '../encoding';
import { payloadTypeOf, readUnverified } from '../envelope';
import { isCodedError } from '../errors';
import { sha256Hex } from '../signer';
import { readCrl } from '../x509';
import { LedgerError } from './errors';
import type { LedgerDatabase } from './rows';

interface Naming {
  readonly sha256: string;
  readonly version: unknown;
}

/** By kind: how the bytes name themselves. `place` counts the documents of one kind and subject from 1. */
const NAMINGS: Readonly<Record<DocumentKind, (bytes: Buffer, place: number, stored: number) => Naming>> = {
  'root-certificate': (bytes, place) => ({ sha256: sha256Hex(bytes), version: place }),
  // By epoch: of a key that was given up before it was opened, a node has none. The grant says whose key it is.
  'ca-certificate': (bytes, place, stored) => ({
    sha256: sha256Hex(bytes),
    version: Math.max(place, stored),
  }),
  'root-crl': (bytes) => ({
    sha256: sha256Hex(bytes),
    version: Number(readCrl(bytes, 'root CRL').crlNumber),
  }),
  // The numbers of another system need not fit; its times do, and rise as well.
  'external-crl': (bytes) => ({
    sha256: sha256Hex(bytes),
    version: readCrl(bytes, 'external root CRL').thisUpdate.getTime() / 1000,
  }),
  'trust-statement': (bytes) => payloadNaming(bytes, TRUST_PAYLOAD_TYPE),
  grant: (bytes) => payloadNaming(bytes, GRANT_PAYLOAD_TYPE),
  directive: (bytes) => payloadNaming(bytes, DIRECTIVE_PAYLOAD_TYPE, 'sequence'),
  application: (bytes, place) => ({ ...payloadNaming(bytes, APPLICATION_PAYLOAD_TYPE), version: place }),
  answer: (bytes, place) => ({ ...payloadNaming(bytes, ANSWER_PAYLOAD_TYPE), version: place }),
  ceremony: (bytes, place) => ({ ...payloadNaming(bytes, payloadTypeOf('ceremony')), version: place }),
};

/**
 * Holds every stored document to its digest and version; whether it is signed is checked by those who open it.
 * @throws LedgerError `DOCUMENT_DAMAGED`
 */
export async function verifyDocuments(db: LedgerDatabase): Promise<void> {
  const rows = await db
    .selectFrom('documents')
    .select(['kind', 'subject', 'version', 'sha256', 'bytes'])
    .orderBy('version')
    .execute();
  const places = new Map<string, number>();
  for (const { kind, subject, version, sha256, bytes } of rows) {
    const what = [kind, subject, version].filter((part) => part !== '').join(' ');
    const damaged = (reason: string): LedgerError => new LedgerError('DOCUMENT_DAMAGED', { what, reason });
    if (!isKind(kind)) throw damaged('no document of this kind is ever stored');
    const place = (places.get(`${kind} ${subject}`) ?? 0) + 1;
    places.set(`${kind} ${subject}`, place);
    const naming = await asStored(what, () => NAMINGS[kind](bytes, place, version));
    if (naming.sha256 !== sha256 || naming.version !== version) {
      throw damaged(`its bytes are version ${String(naming.version)} with the digest ${naming.sha256}`);
    }
  }
}

/**
 * Reads something that was in order when it was stored: what cannot be read any more, or is refused now, has been
 * changed since.
 * @throws LedgerError `DOCUMENT_DAMAGED` in place of an error of category input or refused, which is its cause
 */
export async function asStored<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isCodedError(cause) || (cause.category !== 'input' && cause.category !== 'refused')) throw cause;
    throw new LedgerError('DOCUMENT_DAMAGED', { what, reason: cause.message }, { cause });
  }
}

function isKind(kind: string): kind is DocumentKind {
  return Object.hasOwn(NAMINGS, kind);
}

/** @param count the member that counts the documents of one kind and subject */
function payloadNaming(envelope: Buffer, payloadType: string, count = 'version'): Naming {
  const { payload } = readUnverified(envelope, payloadType, 'document');
  const members = Object(parseCanonicalJson(payload)) as Readonly<Record<string, unknown>>;
  return { sha256: sha256Hex(payload), version: members[count] };
}
