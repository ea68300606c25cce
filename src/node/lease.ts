/** The lease as the node keeps it: each receipt of the root is journalled, about once a day, and tells how long it may issue. */
import { leaseOf, leaseStateAt, CLOCK_TOLERANCE_MS, type Lease, type LeaseState } from '../delegation';
import { findJournal, rootHashAt, readJournal } from '../ledger';
import type { Receipt } from '../sync';
import { grantAt, type Generation } from './delegation';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';

const HOUR = 3_600_000;
/** A receipt is journalled when the last one is so old: every night, whatever minute the nightly exchange begins. */
const RENEWAL_INTERVAL_MS = 20 * HOUR;

/** The lease of a CA key's journal, and how far it has run by the node's clock. */
export interface LeaseStatus extends Lease {
  readonly state: LeaseState;
}

/** @returns `undefined` for a journal that has not begun, and for one that is sealed: what it may still do needs no lease */
export async function leaseStatus(node: SubCaNode, generation: Generation): Promise<LeaseStatus | undefined> {
  const leaseTime = (await findJournal(node.read, generation.origin))?.state.leaseTime ?? null;
  if (leaseTime === null || generation.authority.sealedAt !== undefined) return undefined;
  const now = node.now();
  const lease = leaseOf(grantAt(generation, now), leaseTime);
  return { ...lease, state: leaseStateAt(lease, now.toISOString()) };
}

/** Writes into the log that a lease nears its end, or has come to it. */
export function logLease(node: SubCaNode, lease: LeaseStatus | undefined): void {
  if (lease === undefined || lease.state === 'running') return;
  node.surroundings.logger.warn({ lease }, `the lease is ${lease.state}: synchronise with the root`);
}

/**
 * Journals a receipt, whose head was compared with the journal's, if the last one is old enough.
 * @param envelope the receipt as it was signed
 */
export async function renewLease(
  node: SubCaNode,
  journal: JournalWriter,
  receipt: Receipt,
  envelope: Buffer,
): Promise<void> {
  const { origin, size, time, problem } = receipt;
  const isDue = (leaseTime: string | null): boolean =>
    leaseTime !== null && Date.parse(time) - Date.parse(leaseTime) >= RENEWAL_INTERVAL_MS;
  const own = await readJournal(node.read, origin);
  if (problem !== undefined || !isDue(own.state.leaseTime)) return;
  const now = node.now();
  if (Date.parse(time) > now.getTime() + CLOCK_TOLERANCE_MS) {
    // An entry may not hold what its own time denies; the root's clock is the one that counts.
    const { logger } = node.surroundings;
    logger.warn(
      { clock: now.toISOString(), root: time },
      'the clock is behind the root’s: lease not renewed',
    );
    return;
  }
  const ownRootHash = await rootHashAt(node.read, own, size);
  await journal.submit({
    needs: {},
    run: (turn) => {
      // Another process may have been first.
      if (!isDue(turn.leaseTime)) return;
      turn.append(
        { type: 'lease', receipt: envelope.toString('base64') },
        { receipt: { ...receipt, ownRootHash } },
      );
    },
  });
}
