/** Changes of status: revoke, suspend, resume; each one journal entry, judged before it is written. */
import type { CertificateRecord } from '../delegation';
import type { ChangeOrigin, RevocationCause } from '../journal';
import { NodeError } from './errors';
import { isClosing } from './issuanceState';
import type { JournalWriter } from './journalWriter';
import type { NewEntry, NodeTurn } from './nodeTurn';

/** The state each change starts from. */
const STARTS_FROM = {
  revoked: ['issued', 'suspended'],
  suspended: ['issued'],
  resumed: ['suspended'],
} as const;
export type StatusChange = keyof typeof STARTS_FROM;

/** What stands in the journal in place of the number of a written request, where none was given. */
export const WITHOUT_NUMBER = { commandLine: 'command line', batch: 'batch' } as const;

export interface ChangeRequest {
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly by: ChangeOrigin;
}

export interface RevocationRequest extends ChangeRequest {
  readonly reason: RevocationCause;
  /** When the key was, or is believed to have been, exposed. */
  readonly invalidityDate?: Date;
}

/**
 * @throws NodeError `CERTIFICATE_UNKNOWN`, `STATUS_CHANGE_REFUSED`, `INVALIDITY_DATE_AHEAD`; DelegationError when the
 * service is not granted
 */
export function revoke(journal: JournalWriter, request: RevocationRequest): Promise<CertificateRecord> {
  const { serialNumber, by, reason, invalidityDate } = request;
  return change(journal, 'revoked', serialNumber, {
    type: 'revoked',
    serialNumber,
    reason,
    ...(invalidityDate && { invalidityDate: invalidityDate.toISOString() }),
    by,
  });
}

/** As `revoke`, to be undone by `resume`. */
export function suspend(journal: JournalWriter, request: ChangeRequest): Promise<CertificateRecord> {
  const { serialNumber, by } = request;
  return change(journal, 'suspended', serialNumber, { type: 'suspended', serialNumber, by });
}

export function resume(journal: JournalWriter, request: ChangeRequest): Promise<CertificateRecord> {
  const { serialNumber, by } = request;
  return change(journal, 'resumed', serialNumber, { type: 'resumed', serialNumber, by });
}

async function change(
  journal: JournalWriter,
  to: StatusChange,
  serialNumber: string,
  entry: NewEntry,
): Promise<CertificateRecord> {
  const current = (turn: NodeTurn): CertificateRecord => {
    const record = turn.lookups.bySerialNumber(serialNumber);
    if (record === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
    return record;
  };
  const generation = await journal.generationOf(serialNumber);
  if (generation === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
  return journal.submit({
    epoch: generation.epoch,
    needs: { serialNumbers: [serialNumber], predecessors: to === 'revoked' ? [serialNumber] : [] },
    run: (turn) => {
      const { status, notAfter } = current(turn);
      // After the last of these the key that signs their CRL falls silent.
      if (isClosing(turn.authority) && Date.parse(notAfter) < turn.time.getTime()) {
        throw new NodeError('STATUS_CHANGE_REFUSED', { serialNumber, status: 'expired', change: to });
      }
      if (!STARTS_FROM[to].some((allowed) => allowed === status)) {
        throw new NodeError('STATUS_CHANGE_REFUSED', { serialNumber, status, change: to });
      }
      requireNotAhead(entry, turn.time);
      turn.append(entry);
      return current(turn);
    },
  });
}

/** A key cannot be known to be exposed from a day on that has not come. */
function requireNotAhead(entry: NewEntry, now: Date): void {
  const since = entry.type === 'revoked' ? entry.invalidityDate : undefined;
  if (since !== undefined && Date.parse(since) > now.getTime())
    throw new NodeError('INVALIDITY_DATE_AHEAD', { since, now: now.toISOString() });
}
