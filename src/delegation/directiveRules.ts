/**
 * What the judge says of directives: an acknowledgement tells of the very next one and of what became of it; nothing is
 * issued to subscribers while issuing is stopped; and a revocation in the operators' name is one that they ordered.
 */
import { placeOfSerialNumber, type DirectiveOutcome, type EntryOf } from '../journal';
import type { TbsCertificate } from '../x509';
import type { CertificateRecord } from './certificateRecord';
import { WITHDRAWAL_CAUSE, type DirectiveChain, type Issuance, type Order } from './directive';
import { finding, type Finding } from './finding';
import { isResponderCertificate } from './scope';
import { isLive, isRevocable, standingOf, type StatusEntry } from './statusChange';

/** What a journal says became of a directive. */
export interface DirectiveResult {
  readonly sequence: number;
  readonly outcome: DirectiveOutcome;
  /** ISO 8601 UTC. */
  readonly time: string;
}

interface Judged {
  readonly findings: readonly Finding[];
  readonly state?: { readonly lastDirective: number };
  readonly acknowledged?: DirectiveResult;
}

/** One that is not the next, or not as the operators signed it, acknowledges nothing. */
export function judgeDirective(
  entry: EntryOf<'directive'>,
  { lastDirective }: { readonly lastDirective: number },
  { epoch, directives }: { readonly epoch: number; readonly directives?: DirectiveChain },
  lookups: { bySerialNumber(serialNumber: string): CertificateRecord | undefined },
): Judged {
  const { sequence, sha256, outcome, time } = entry;
  const next = directives?.get(lastDirective + 1);
  if (sequence !== lastDirective + 1 || directives === undefined || sha256 !== next?.sha256) {
    const allowed = `${lastDirective + 1} ${next?.sha256 ?? 'that the operators signed'}`;
    return { findings: [finding('ORDER_MISMATCH', 'directive', `${sequence} ${sha256}`, allowed)] };
  }
  const findings: Finding[] = [];
  const { order } = next.value;
  const record = order.kind === 'revoke' ? lookups.bySerialNumber(order.serialNumber) : undefined;
  if (order.kind === 'revoke' && record !== undefined && isRevocable(record, order.reason)) {
    const allowed = isLive(record) ? 'revoked by now' : `revoked (${order.reason}) by now`;
    findings.push(finding('ORDER_MISMATCH', 'serialNumber', standingOf(record), allowed));
  }
  const possible = outcomesOf(order, directives.changesIssuance(sequence), epoch, record);
  if (!possible.includes(outcome))
    findings.push(finding('ORDER_MISMATCH', 'outcome', outcome, possible.join(', ')));
  return { findings, state: { lastDirective: sequence }, acknowledged: { sequence, outcome, time } };
}

/**
 * The revocation that an order asks for comes before its acknowledgement: so `revoked` may be the order's doing, or have
 * been so before. Of a certificate of an earlier CA key another journal tells, which may have come further or less far.
 */
function outcomesOf(
  order: Order,
  changesIssuance: boolean,
  epoch: number,
  record: CertificateRecord | undefined,
): readonly DirectiveOutcome[] {
  if (order.kind !== 'revoke') return [changesIssuance ? 'applied' : 'impossible'];
  const isEarlier = (placeOfSerialNumber(order.serialNumber)?.epoch ?? epoch) < epoch;
  return isEarlier || record?.status === 'revoked' ? ['applied', 'impossible'] : ['impossible'];
}

/** Certificates for the CA's own OCSP responder go on: they keep revocation known. */
export function checkIssuance(tbs: TbsCertificate, issuance: Issuance): readonly Finding[] {
  if (issuance.state === 'open' || isResponderCertificate(tbs)) return [];
  const found = `${issuance.state} by directive ${issuance.by.value.sequence}`;
  return [finding('ISSUANCE_STOPPED', 'issuance', found, 'open')];
}

/** How an order has a certificate revoked. @returns `undefined` if it does not order that */
export function revocationBy(
  order: Order,
  serialNumber: string,
): Pick<EntryOf<'revoked'>, 'reason' | 'invalidityDate'> | undefined {
  if (order.kind === 'withdraw' && order.mode === 'revoke-all') return { reason: WITHDRAWAL_CAUSE };
  if (order.kind !== 'revoke' || order.serialNumber !== serialNumber) return undefined;
  const { reason, invalidityDate } = order;
  return { reason, ...(invalidityDate !== undefined && { invalidityDate }) };
}

/**
 * Whether the directive that a change of status names orders just this. It need not be acknowledged before: with a CA
 * key that is succeeded, that stands in another journal, and no order ever covers more by being taken later.
 */
export function isOrdered(directives: DirectiveChain | undefined, entry: StatusEntry): boolean {
  if (entry.type !== 'revoked' || entry.by.kind !== 'directive') return false;
  const order = directives?.get(entry.by.sequence)?.value.order;
  const asked = order && revocationBy(order, entry.serialNumber);
  return (
    asked !== undefined && asked.reason === entry.reason && asked.invalidityDate === entry.invalidityDate
  );
}
