/** Reading what is stored, or came in, where other bytes may stand. */
import { decodeResidue, restoredEntry, type JudgedEntry } from '../delegation';
import { decodeEntry, leafHash, type Entry } from '../journal';
import { readTbsCertificate, type Certificate, type TbsCertificate } from '../x509';
import type { StoredEntry } from './rows';

/** Reads an entry, or gives nothing for bytes that are none. */
export function tryDecodeEntry(bytes: Uint8Array): Entry | undefined {
  try {
    return decodeEntry(bytes);
  } catch {
    return undefined;
  }
}

/** Reads what is stored: an entry, or what is left of one; nothing for bytes that are neither. */
export function decodeStored({ bytes, leaf }: StoredEntry): JudgedEntry | undefined {
  if (leaf === null) return tryDecodeEntry(bytes);
  try {
    return decodeResidue(bytes);
  } catch {
    return undefined;
  }
}

/**
 * An entry as it was written: as it is stored or, of one whose certificate is removed, with a copy of that from elsewhere.
 * @returns `undefined` if what is left of it had another certificate
 */
export function entryWith({ bytes, leaf }: StoredEntry, copy: Certificate): Buffer | undefined {
  if (leaf === null) return bytes;
  try {
    const entry = restoredEntry(decodeResidue(bytes), copy);
    return leafHash(entry).equals(leaf) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a TBSCertificate, or gives nothing for bytes that are none. */
export function tryReadTbs(base64: string): TbsCertificate | undefined {
  try {
    return readTbsCertificate(Buffer.from(base64, 'base64'), 'tbs');
  } catch {
    return undefined;
  }
}
