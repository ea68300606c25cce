/** Certificates as the journal holds them: the intent's TBS and the signature of its outcome, put together. */
import { assembleCertificate, readTbsCertificate } from '../x509';
import { tryDecodeEntry } from './evidence';
import { readEntriesAt, type LedgerDatabase } from './rows';

/**
 * The certificate of an intent and its `issued` entry.
 * @returns DER; `undefined` if the two entries are not there or do not belong together
 */
export async function journalledCertificate(
  db: LedgerDatabase,
  journal: number,
  intentIndex: number,
  issuedIndex: number,
): Promise<Buffer | undefined> {
  const entries = await readEntriesAt(db, journal, [intentIndex, issuedIndex]);
  const [intent, issued] = [intentIndex, issuedIndex].map((index) => {
    const bytes = entries.get(index);
    return bytes && tryDecodeEntry(bytes);
  });
  if (intent?.type !== 'intent' || issued?.type !== 'issued' || issued.intent !== intentIndex)
    return undefined;
  const tbs = Buffer.from(intent.tbs, 'base64');
  const { signatureAlgorithm } = readTbsCertificate(tbs, 'journalled certificate');
  return assembleCertificate(tbs, signatureAlgorithm, Buffer.from(issued.signature, 'base64'));
}
