/** What a journal says of one certificate: derived by the judge, entry by entry, and stored beside the entries. */
import type { IssuingService, RevocationCause } from '../journal';

/**
 * reserved: its intent stands in the journal, its signature not yet; issued: valid as far as the journal knows;
 * abandoned: its intent will never be signed (again); suspended, revoked: as their entries say.
 */
export const CERTIFICATE_STATUSES = ['reserved', 'issued', 'abandoned', 'suspended', 'revoked'] as const;
export type CertificateStatus = (typeof CERTIFICATE_STATUSES)[number];

/** What the journal says of one serial number. Times are ISO 8601 UTC. */
export interface CertificateRecord {
  readonly serialNumber: string;
  readonly intentIndex: number;
  readonly issuedIndex: number | null;
  readonly service: IssuingService;
  /** Serial number of the certificate this one follows; null for a new one. */
  readonly predecessor: string | null;
  /** How many certificates of its line, itself included, were renewals. */
  readonly renewals: number;
  readonly profile: string;
  readonly request: string;
  /** As `formatName` writes it; empty once the certificate is removed. */
  readonly subject: string;
  /** Of that text, in UTF-8. */
  readonly subjectSha256: string;
  readonly spkiSha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly status: CertificateStatus;
  /** When the status began: the time of the entry that set it. */
  readonly statusTime: string;
  /** For what it was revoked first; what is published is `publishedReason`. */
  readonly reason: RevocationCause | null;
  readonly invalidityDate: string | null;
  /** Since when it has been suspended, also once it is revoked without having been resumed; null otherwise. */
  readonly heldSince: string | null;
  /** When the journal told that its private key was exposed, perhaps long after the revocation: the time of the entry. */
  readonly exposureTime: string | null;
}
