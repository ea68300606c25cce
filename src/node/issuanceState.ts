/** Whether the operators' directives let this node issue to subscribers. */
import type { Authority, Issuance } from '../delegation';
import { NodeError } from './errors';

/** @throws NodeError `ISSUANCE_SUSPENDED`, `ISSUANCE_WITHDRAWN` */
export function requireIssuing(issuance: Issuance): void {
  if (issuance.state === 'open') return;
  const { sequence, issuedAt, reason } = issuance.by.value;
  const code = issuance.state === 'suspended' ? 'ISSUANCE_SUSPENDED' : 'ISSUANCE_WITHDRAWN';
  throw new NodeError(code, { sequence, issuedAt, reason });
}

/** Whether a CA key only keeps known what it has issued: it is succeeded, or the delegation is withdrawn. */
export function isClosing({ sealedAt, directives }: Authority): boolean {
  return sealedAt !== undefined || directives?.issuance.state === 'withdrawn';
}
