/** The journals of the CA keys before: which they are, and what they say of the certificates and keys asked for. */
import { EarlierCertificates, type SealedJournal } from '../delegation';
import { parseOrigin } from '../journal';
import { readKeyHolders, readSuccessorsTold } from './bounded';
import { readRecords, type LedgerDatabase } from './rows';
import { begunBeside, readSeal } from './seal';
import type { Needs } from './needs';

/**
 * Loads what a turn at the journal of an epoch will ask of those before.
 * @param origin of the journal whose turn it is
 */
export async function readEarlier(
  db: LedgerDatabase,
  origin: string,
  { predecessors, spkiSha256s, sealed }: Pick<Needs, 'predecessors' | 'spkiSha256s' | 'sealed'>,
): Promise<EarlierCertificates> {
  const earlier = new EarlierCertificates();
  if (predecessors.length + spkiSha256s.length === 0) return earlier;
  for (const { id, ...journal } of await sealedBefore(db, origin, sealed)) {
    const before = journal.sealedAt;
    const records = [
      ...(await readKeyHolders(db, id, spkiSha256s, before)),
      ...(await readRecords(db, id, 'serialNumber', predecessors)),
      ...(await readSuccessorsTold(db, id, predecessors, { signedBefore: before })),
    ];
    // One may have been found in several ways.
    const bySerialNumber = new Map(records.map((record) => [record.serialNumber, record]));
    for (const record of bySerialNumber.values()) earlier.add(record, journal);
  }
  return earlier;
}

/** The sealed journals before one, oldest first. @param sealed end of the last of them, if its seal is not stored yet */
async function sealedBefore(
  db: LedgerDatabase,
  origin: string,
  sealed: number | undefined,
): Promise<readonly (SealedJournal & { readonly id: number })[]> {
  const journals: (SealedJournal & { readonly id: number })[] = [];
  let notStored = sealed;
  let journal = await begunBeside(db, origin, 'before');
  for (; journal !== undefined; journal = await begunBeside(db, journal.origin, 'before')) {
    const sealedAt = (await readSeal(db, journal.origin))?.size ?? notStored;
    notStored = undefined;
    if (sealedAt === undefined) continue;
    journals.unshift({ id: journal.id, epoch: parseOrigin(journal.origin).epoch, sealedAt });
  }
  return journals;
}
