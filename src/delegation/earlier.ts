/**
 * What the journals of a node's earlier CA keys say that bears on the present one. Nothing joins the order of one
 * journal to that of another but the seal and the times of entries, and an older journal may reach the root later: so
 * this tells only what does not depend on which entries have come. What stood before the seal never changes any more,
 * and a revocation is never taken back.
 */
import { placeOfSerialNumber } from '../journal';
import type { CertificateRecord } from './certificateRecord';
import { KeyHistory } from './keyUse';
import { NEVER_REVOKED } from './statusChange';
import { Successors } from './successors';

/** A sealed journal. */
export interface SealedJournal {
  readonly epoch: number;
  /** Entries it had when the next epoch opened. */
  readonly sealedAt: number;
}

export class EarlierCertificates {
  readonly #bySerialNumber = new Map<string, CertificateRecord>();
  readonly #byKey = new Map<string, KeyHistory>();
  /** By the predecessor's serial number. */
  readonly #successors = new Map<string, Successors>();

  /** Adds what a sealed journal says of a certificate now; of one begun after the seal, nothing counts. */
  add(record: CertificateRecord, { epoch, sealedAt }: SealedJournal): void {
    if (record.intentIndex >= sealedAt) return;
    const { serialNumber, spkiSha256, predecessor } = record;
    const history = this.#byKey.get(spkiSha256) ?? new KeyHistory();
    history.add(record);
    this.#byKey.set(spkiSha256, history);
    const wasIssued = record.issuedIndex !== null && record.issuedIndex < sealedAt;
    // What was not signed before the seal never will be.
    const settled: CertificateRecord = wasIssued ? record : { ...record, status: 'abandoned', reason: null };
    if (placeOfSerialNumber(serialNumber)?.epoch === epoch) this.#bySerialNumber.set(serialNumber, settled);
    if (predecessor === null) return;
    const successors = this.#successors.get(predecessor) ?? new Successors();
    successors.add(settled);
    this.#successors.set(predecessor, successors);
  }

  /**
   * @param time ISO 8601 UTC: the certificate as every journal of the node tells it of that moment, where only a
   * revocation is sure, since a suspension may have been lifted; without it, as it stands now
   */
  bySerialNumber(serialNumber: string, time?: string): CertificateRecord | undefined {
    const record = this.#bySerialNumber.get(serialNumber);
    if (record === undefined || time === undefined || record.status === 'abandoned') return record;
    if (record.status === 'revoked' && record.statusTime <= time) return record;
    return { ...record, status: 'issued', ...NEVER_REVOKED };
  }

  /** What was made for a key, and what of it was known at the time (ISO 8601 UTC). */
  byKey(spkiSha256: string, time: string): KeyHistory | undefined {
    return this.#byKey.get(spkiSha256)?.asOf(time);
  }

  /** The certificates whose predecessor the given one is; what was not issued before the seal counts as abandoned. */
  successorsOf(serialNumber: string): readonly CertificateRecord[] {
    return this.#successors.get(serialNumber)?.told ?? [];
  }
}
