/** The ledger: the stored journal with what follows from it, appended to and verified by one code at both ends. */
export { readKeyHolders } from './bounded';
export { readDirectiveResults, type ResultInEntry } from './directiveResults';
export { isRemovedIntent, journalledCertificate } from './certificates';
export { asStored, verifyDocuments } from './documents';
export { readEarlier } from './earlier';
export { newestEntries } from './entriesOfType';
export { LedgerError } from './errors';
export { keepExternalCrl, readExternalCrl, verifyExternalCrl } from './externalCrl';
export { decodeStored, tryDecodeEntry, tryReadTbs } from './decoding';
export { examine, needsOf, type Examined } from './evidence';
export { JournalMirror, type MirroredEntries } from './mirror';
export { NO_NEEDS, type Needs } from './needs';
export * from './proofs';
export { readQuotaStatus, type QuotaStatus } from './quota';
export { appendHeld, cutBack } from './rebuild';
export {
  countWhole,
  nextRemoval,
  Removals,
  removeBefore,
  removeCertificates,
  removedUpTo,
  type NextRemoval,
} from './removal';
export * from './rows';
export { begunBeside, carryOver, readSeal, rootBefore } from './seal';
export { verifyTree } from './tree';
export { Turn } from './turn';
export {
  verifyJournal,
  type CarriedOver,
  type Reading,
  type VerifiedJournal,
  type VerifyOptions,
} from './verify';
export { VerifyProgress } from './verifyProgress';
