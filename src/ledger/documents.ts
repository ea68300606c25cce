/** Re-reading stored documents: each row must say of its bytes what they say of themselves. */
import type { DocumentKind } from '../db';
import {
  ANSWER_PAYLOAD_TYPE,
  APPLICATION_PAYLOAD_TYPE,
  DIRECTIVE_PAYLOAD_TYPE,
  GRANT_PAYLOAD_TYPE,
  TRUST_PAYLOAD_TYPE,
  parseGrant,
} from '../delegation';
import { parseCanonicalJson } from '../encoding';
import { payloadTypeOf, readUnverified } from '../envelope';
import { isCodedError } from '../errors';
import { sha256Hex } from '../signer';
import { readCertificate, readCrl } from '../x509';
import { LedgerError } from './errors';
import type { LedgerDatabase } from './rows';

interface Naming {
  readonly sha256: string;
  readonly version: unknown;
}

/** What else names a document. */
interface Surroundings {
  /** Counts the documents of one kind and subject from 1. */
  readonly place: number;
  /** The epoch that a grant of the same subject gives to a CA key, by its SHA-256. */
  readonly epochOf: (spkiSha256: string) => number | undefined;
}

/** By kind: how the bytes name themselves. */
const NAMINGS: Readonly<Record<DocumentKind, (bytes: Buffer, around: Surroundings) => Naming>> = {
  'root-certificate': (bytes, { place }) => ({ sha256: sha256Hex(bytes), version: place }),
  'ca-certificate': (bytes, { epochOf }) => ({
    sha256: sha256Hex(bytes),
    version: epochOf(readCertificate(bytes, 'sub-CA certificate').tbs.publicKey.spkiSha256),
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
  application: (bytes, { place }) => ({ ...payloadNaming(bytes, APPLICATION_PAYLOAD_TYPE), version: place }),
  answer: (bytes, { place }) => ({ ...payloadNaming(bytes, ANSWER_PAYLOAD_TYPE), version: place }),
  ceremony: (bytes, { place }) => ({ ...payloadNaming(bytes, payloadTypeOf('ceremony')), version: place }),
};

/**
 * Holds every stored document to its digest and version; whether it is signed is checked by those who open it.
 * @throws LedgerError `DOCUMENT_DAMAGED`
 */
export async function verifyDocuments(db: LedgerDatabase): Promise<void> {
  const rows = await db
    .selectFrom('documents')
    .select(['kind', 'subject', 'version', 'sha256', 'bytes'])
    // Grants before the CA certificates, whose epochs they tell.
    .orderBy('kind', 'desc')
    .orderBy('version')
    .execute();
  const places = new Map<string, number>();
  const epochs = new Map<string, number>();
  for (const { kind, subject, version, sha256, bytes } of rows) {
    const what = [kind, subject, version].filter((part) => part !== '').join(' ');
    const damaged = (reason: string): LedgerError => new LedgerError('DOCUMENT_DAMAGED', { what, reason });
    if (!isKind(kind)) throw damaged('no document of this kind is ever stored');
    const place = (places.get(`${kind} ${subject}`) ?? 0) + 1;
    places.set(`${kind} ${subject}`, place);
    const epochOf = (spkiSha256: string): number | undefined => epochs.get(`${subject} ${spkiSha256}`);
    const naming = await asStored(what, () => NAMINGS[kind](bytes, { place, epochOf }));
    if (naming.sha256 !== sha256 || naming.version !== version) {
      throw damaged(`its bytes are version ${String(naming.version)} with the digest ${naming.sha256}`);
    }
    if (kind !== 'grant') continue;
    const grant = await asStored(what, () =>
      parseGrant(readUnverified(bytes, GRANT_PAYLOAD_TYPE, what).payload),
    );
    epochs.set(`${subject} ${grant.keys.caSpkiSha256}`, grant.keys.epoch);
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
