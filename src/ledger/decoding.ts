/** Reading what is stored, or came in, where other bytes may stand. */
import { decodeResidue, type JudgedEntry } from '../delegation';
import { decodeEntry, type Entry } from '../journal';
import { readTbsCertificate, type TbsCertificate } from '../x509';
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

/** Reads a TBSCertificate, or gives nothing for bytes that are none. */
export function tryReadTbs(base64: string): TbsCertificate | undefined {
  try {
    return readTbsCertificate(Buffer.from(base64, 'base64'), 'tbs');
  } catch {
    return undefined;
  }
}
