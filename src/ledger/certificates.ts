/** Certificates as the journal holds them: the intent's TBS and the signature of its outcome, put together. */
import { assembleCertificate, readTbsCertificate, type Certificate } from '../x509';
import { LedgerError } from './errors';
import { decodeStored, entryWith, tryDecodeEntry } from './decoding';
import { readEntriesAt, readOrigin, type LedgerDatabase } from './rows';

/**
 * The certificate of an intent and its `issued` entry.
 * @param copy from elsewhere, by which one that was removed is known again
 * @returns DER; `undefined` if the two entries are not there, do not belong together, or had another certificate
 * @throws LedgerError `CERTIFICATE_REMOVED`, without a copy
 */
export async function journalledCertificate(
  db: LedgerDatabase,
  journal: number,
  intentIndex: number,
  issuedIndex: number,
  copy?: Certificate,
): Promise<Buffer | undefined> {
  const entries = await readEntriesAt(db, journal, [intentIndex, issuedIndex]);
  const [intent, issued] = [intentIndex, issuedIndex].map((index) => {
    const stored = entries.get(index);
    if (stored === undefined || copy === undefined) return stored && decodeStored(stored);
    const bytes = entryWith(stored, copy);
    return bytes && tryDecodeEntry(bytes);
  });
  if (intent?.type === 'removed-intent' || issued?.type === 'removed-issued') {
    const origin = await readOrigin(db, journal);
    throw new LedgerError('CERTIFICATE_REMOVED', { origin, index: intentIndex });
  }
  if (intent?.type !== 'intent' || issued?.type !== 'issued' || issued.intent !== intentIndex)
    return undefined;
  const tbs = Buffer.from(intent.tbs, 'base64');
  const { signatureAlgorithm } = readTbsCertificate(tbs, 'journalled certificate');
  return assembleCertificate(tbs, signatureAlgorithm, Buffer.from(issued.signature, 'base64'));
}

/** Whether an intent whose certificate is removed had this one, whichever signature of the CA it bears. */
export async function isRemovedIntent(
  db: LedgerDatabase,
  journal: number,
  index: number,
  copy: Certificate,
): Promise<boolean> {
  const stored = (await readEntriesAt(db, journal, [index])).get(index);
  return stored !== undefined && stored.leaf !== null && entryWith(stored, copy) !== undefined;
}
