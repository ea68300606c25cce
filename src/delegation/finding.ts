/** Findings: the rules that an entry or a head of a journal can break. */
import type { Problem } from '../errors';

export const FINDING_CODES = [
  'ENTRY_MALFORMED',
  'OPEN_MISPLACED',
  'TIME_DECREASES',
  'GRANT_MISMATCH',
  'OUT_OF_SCOPE',
  'TBS_MALFORMED',
  'SERIAL_MISPLACED',
  'SERIAL_DUPLICATE',
  'KEY_REUSED',
  'KEY_COMPROMISED',
  'INTENT_MISSING',
  'SIGNATURE_INVALID',
  'STATUS_IMPOSSIBLE',
  'CRL_NUMBER',
  'LEASE_INVALID',
  'LEASE_OVER',
  'SEAL_MISMATCH',
  'EPOCH_SEALED',
  'ORDER_MISMATCH',
  'ISSUANCE_STOPPED',
  'REMOVAL_MISMATCH',
  'FORK',
  'ROLLBACK',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** A broken rule, with what was found and what would be allowed. */
export interface Finding {
  readonly code: FindingCode;
  readonly problems: readonly Problem[];
}

/** One broken rule of which one thing is to be told. */
export function finding(code: FindingCode, where: string, found: string, allowed: string): Finding {
  return { code, problems: [{ code: 'BAD_VALUE', where, found, allowed }] };
}
