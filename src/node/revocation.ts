/** Changes of status: revoke, suspend, resume; each one journal entry, judged before it is written. */
import { mayChange, type CertificateRecord, type StatusEntry } from '../delegation';
import type { ChangeOrigin, RevocationCause } from '../journal';
import { NodeError } from './errors';
import { isClosing } from './issuanceState';
import type { JournalWriter } from './journalWriter';
import type { NewEntry, NodeTurn } from './nodeTurn';

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
 * Revokes; or tells of a certificate that is revoked for another reason that its key was exposed.
 * @throws NodeError `CERTIFICATE_UNKNOWN`, `STATUS_CHANGE_REFUSED`, `INVALIDITY_DATE_AHEAD`; DelegationError when the
 * service is not granted
 */
export function revoke(journal: JournalWriter, request: RevocationRequest): Promise<CertificateRecord> {
  const { serialNumber, by, reason, invalidityDate } = request;
  return change(journal, {
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
  return change(journal, { type: 'suspended', serialNumber, by });
}

export function resume(journal: JournalWriter, request: ChangeRequest): Promise<CertificateRecord> {
  const { serialNumber, by } = request;
  return change(journal, { type: 'resumed', serialNumber, by });
}

type NewStatusEntry = Extract<NewEntry, Pick<StatusEntry, 'type'>>;

async function change(journal: JournalWriter, entry: NewStatusEntry): Promise<CertificateRecord> {
  const { serialNumber, type: change } = entry;
  const current = (turn: NodeTurn): CertificateRecord => {
    const record = turn.lookups.bySerialNumber(serialNumber);
    if (record === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
    return record;
  };
  const generation = await journal.generationOf(serialNumber);
  if (generation === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
  return journal.submit({
    epoch: generation.epoch,
    needs: { serialNumbers: [serialNumber], predecessors: change === 'revoked' ? [serialNumber] : [] },
    run: (turn) => {
      const record = current(turn);
      const { status, notAfter } = record;
      // After the last of these the key that signs their CRL falls silent.
      if (isClosing(turn.authority) && Date.parse(notAfter) < turn.time.getTime()) {
        throw new NodeError('STATUS_CHANGE_REFUSED', { serialNumber, status: 'expired', change });
      }
      if (!mayChange(record, entry)) {
        throw new NodeError('STATUS_CHANGE_REFUSED', { serialNumber, status, change });
      }
      requireNotAhead(entry, turn.time);
      turn.append(entry);
      return current(turn);
    },
  });
}

/** A key cannot be known to be exposed from a day on that has not come. */
function requireNotAhead(entry: NewStatusEntry, now: Date): void {
  const since = entry.type === 'revoked' ? entry.invalidityDate : undefined;
  if (since !== undefined && Date.parse(since) > now.getTime())
    throw new NodeError('INVALIDITY_DATE_AHEAD', { since, now: now.toISOString() });
}
