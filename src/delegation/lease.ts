/**
 * The lease: how long a node may issue without the root having seen its journal. Each receipt that the node journals
 * renews it, by the root's clock; whoever judges an entry knows from the journal alone whether the lease still ran.
 */
import type { EntryOf, IssuingService } from '../journal';
import type { TbsCertificate } from '../x509';
import { finding, type Finding } from './finding';
import type { Grant } from './grant';
import { isResponderCertificate } from './scope';

const DAY = 86_400_000;
/** How far a receipt may lie ahead of the entry that holds it: two clocks are never quite the same. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** What a node may still do once the lease has run out: each puts one certificate in another's place, and none is more. */
const LEASELESS_SERVICES: readonly IssuingService[] = ['renew', 'change-information', 'recover-device'];

/** A receipt the registry has signed, and what the journal says of the same head. */
export interface JudgedReceipt {
  readonly origin: string;
  readonly size: number;
  readonly rootHash: string;
  /** ISO 8601 UTC, by the root's clock. */
  readonly time: string;
  /** Why the root did not take what it was sent. */
  readonly problem?: unknown;
  /** The journal's root hash at that size, hex; absent if it never had so many entries. */
  readonly ownRootHash?: string | undefined;
}

/** running; ending: half of it has passed; restricted: only what replaces is issued; stopped: nothing is. */
export const LEASE_STATES = ['running', 'ending', 'restricted', 'stopped'] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** The moments of a lease, ISO 8601 UTC: at each, what held before still holds. */
export interface Lease {
  /** Of the last receipt, or the beginning of the journal. */
  readonly from: string;
  readonly warnedFrom: string;
  readonly restrictedFrom: string;
  readonly stoppedFrom: string;
}

export function leaseOf({ limits }: Grant, from: string): Lease {
  const { maxOfflineDays, graceDays } = limits.lease;
  const after = (days: number): string => new Date(Date.parse(from) + days * DAY).toISOString();
  return {
    from,
    warnedFrom: after(maxOfflineDays / 2),
    restrictedFrom: after(maxOfflineDays),
    stoppedFrom: after(maxOfflineDays + graceDays),
  };
}

/** @param time ISO 8601 UTC */
export function leaseStateAt({ warnedFrom, restrictedFrom, stoppedFrom }: Lease, time: string): LeaseState {
  if (time > stoppedFrom) return 'stopped';
  if (time > restrictedFrom) return 'restricted';
  return time > warnedFrom ? 'ending' : 'running';
}

/** What the lease allows at a time (ISO 8601 UTC). */
export function allowedByLease(lease: Lease, service: IssuingService, time: string): boolean {
  const state = leaseStateAt(lease, time);
  return state === 'restricted' ? LEASELESS_SERVICES.includes(service) : state !== 'stopped';
}

/**
 * Where the first lease begins: when the first grant is taken. Operators who sign a grant know of the node, so that no
 * receipt is needed yet; but a bundle that lay about is no sign of life for longer than a receipt would be.
 */
export function beginningOfLease({ issuedAt, limits }: Grant, time: string): string {
  const latest = new Date(Date.parse(issuedAt) + limits.lease.maxOfflineDays * DAY).toISOString();
  return time < latest ? time : latest;
}

/** Holds an intent to the lease; the certificate of the node's own OCSP responder needs none. */
export function checkLease(
  grant: Grant,
  leaseTime: string | null,
  { service, time }: EntryOf<'intent'>,
  tbs: TbsCertificate,
): readonly Finding[] {
  if (leaseTime === null || isResponderCertificate(tbs)) return [];
  const lease = leaseOf(grant, leaseTime);
  return allowedByLease(lease, service, time) ? [] : [leaseOver(lease, service, time)];
}

/** What stands in the way of a service that the lease does not allow any more. */
export function leaseOver(
  { from, restrictedFrom, stoppedFrom }: Lease,
  service: string,
  time: string,
): Finding {
  const allowed = `any service until ${restrictedFrom}, ${LEASELESS_SERVICES.join(', ')} until ${stoppedFrom}`;
  return finding('LEASE_OVER', 'lease', `${service} at ${time}, lease from ${from}`, allowed);
}

/**
 * Every reason why a receipt tells nothing of this journal.
 * @param entry that holds it
 * @param origins that the journal may be called by
 * @param size of the journal before this entry
 */
export function checkReceipt(
  entry: EntryOf<'lease' | 'removal'>,
  receipt: JudgedReceipt | undefined,
  origins: readonly string[],
  size: number,
): readonly Finding[] {
  const bad = (where: string, found: string, allowed: string): Finding =>
    finding('LEASE_INVALID', where, found, allowed);
  if (receipt === undefined) return [bad('receipt', 'other bytes', 'a receipt the registry signed')];
  const findings: Finding[] = [];
  if (!origins.includes(receipt.origin)) {
    findings.push(bad('receipt.origin', receipt.origin, origins.join(', ')));
  }
  if (receipt.size > size || receipt.rootHash !== receipt.ownRootHash) {
    const found = `${receipt.size} entries ${receipt.rootHash}`;
    findings.push(bad('receipt.rootHash', found, `${receipt.ownRootHash ?? '—'}, at most ${size} entries`));
  }
  if (receipt.problem !== undefined) findings.push(bad('receipt.problem', 'not taken', '—'));
  if (Date.parse(receipt.time) > Date.parse(entry.time) + CLOCK_TOLERANCE_MS) {
    findings.push(bad('receipt.time', receipt.time, `≤ ${entry.time} + 5 min`));
  }
  return findings;
}
