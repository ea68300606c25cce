/**
 * Changes of a certificate's status: from which state each may start, and what becomes of the record. One code for the
 * node, before it writes an entry, and for the judge of every entry.
 */
import type { EntryOf, RevocationCause } from '../journal';
import type { CertificateRecord, CertificateStatus } from './certificateRecord';

export type StatusEntry = EntryOf<'revoked' | 'suspended' | 'resumed'>;
/** What of an entry decides whether it may be. */
type Change = Pick<EntryOf<'revoked'>, 'type' | 'reason'> | { readonly type: 'suspended' | 'resumed' };

/** In force, or would be if it were not on hold. */
export const LIVE_STATUSES: readonly CertificateStatus[] = ['issued', 'suspended'];

export function isLive({ status }: Pick<CertificateRecord, 'status'>): boolean {
  return LIVE_STATUSES.includes(status);
}

/** What the record of a certificate holds that was neither revoked nor on hold yet. */
export const NEVER_REVOKED = {
  reason: null,
  invalidityDate: null,
  heldSince: null,
  exposureTime: null,
} as const;

/**
 * Whether a revocation for this reason still has something to tell: of a certificate that is revoked for another one,
 * only that its key was exposed, because then nothing may be trusted that it has signed since. It is never taken back.
 */
export function isRevocable(
  record: Pick<CertificateRecord, 'status' | 'exposureTime'>,
  reason: RevocationCause,
): boolean {
  const tellsExposure = reason === 'keyCompromise' && record.exposureTime === null;
  return isLive(record) || (record.status === 'revoked' && tellsExposure);
}

export function mayChange(record: CertificateRecord, change: Change): boolean {
  switch (change.type) {
    case 'revoked':
      return isRevocable(record, change.reason);
    case 'suspended':
      return record.status === 'issued';
    case 'resumed':
      return record.status === 'suspended';
  }
}

/** What an entry that may be makes of the record. */
export function changedBy(record: CertificateRecord, entry: StatusEntry): CertificateRecord {
  const { type, time } = entry;
  if (type === 'suspended') return { ...record, status: type, statusTime: time, heldSince: time };
  if (type === 'resumed') return { ...record, status: 'issued', statusTime: time, heldSince: null };
  const { reason, invalidityDate = null } = entry;
  const exposureTime = reason === 'keyCompromise' ? time : null;
  if (record.status !== 'revoked')
    return { ...record, status: type, statusTime: time, reason, invalidityDate, exposureTime };
  // It has been revoked since the first time, and what was told not to be valid does not become so again.
  const dates = [record.invalidityDate, invalidityDate].filter((date) => date !== null).sort();
  return { ...record, exposureTime, invalidityDate: dates[0] ?? null };
}

/** The reason that CRLs and status answers give. */
export function publishedReason({
  reason,
  exposureTime,
}: Pick<CertificateRecord, 'reason' | 'exposureTime'>): RevocationCause | null {
  return exposureTime === null ? reason : 'keyCompromise';
}

/** A certificate and its state, as findings name them. */
export function standingOf(record: CertificateRecord): string {
  const reason = publishedReason(record);
  return `${record.serialNumber}: ${record.status}${reason === null ? '' : ` (${reason})`}`;
}
