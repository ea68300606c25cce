/** Certificates as the journal holds them: the intent's TBS and the signature of its outcome, put together. */
import { assembleCertificate, readTbsCertificate } from '../x509';
import { LedgerError } from './errors';
import { decodeStored } from './decoding';
import { readEntriesAt, readOrigin, type LedgerDatabase } from './rows';

/**
 * The certificate of an intent and its `issued` entry.
 * @returns DER; `undefined` if the two entries are not there or do not belong together
 * @throws LedgerError `CERTIFICATE_REMOVED`
 */
export async function journalledCertificate(
  db: LedgerDatabase,
  journal: number,
  intentIndex: number,
  issuedIndex: number,
): Promise<Buffer | undefined> {
  const entries = await readEntriesAt(db, journal, [intentIndex, issuedIndex]);
  const [intent, issued] = [intentIndex, issuedIndex].map((index) => {
    const stored = entries.get(index);
    return stored && decodeStored(stored);
  });
  if (intent?.type === 'removed-intent') {
    const origin = await readOrigin(db, journal);
    throw new LedgerError('CERTIFICATE_REMOVED', { origin, index: intentIndex });
  }
  if (intent?.type !== 'intent' || issued?.type !== 'issued' || issued.intent !== intentIndex)
    return undefined;
  const tbs = Buffer.from(intent.tbs, 'base64');
  const { signatureAlgorithm } = readTbsCertificate(tbs, 'journalled certificate');
  return assembleCertificate(tbs, signatureAlgorithm, Buffer.from(issued.signature, 'base64'));
}
