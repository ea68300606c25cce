/** CRLReason (RFC 5280, section 5.3.1): why a certificate was revoked, in CRLs and in OCSP responses. */

const CODES = {
  unspecified: 0,
  keyCompromise: 1,
  caCompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aaCompromise: 10,
} as const;

export type RevocationReason = keyof typeof CODES;

export const REVOCATION_REASONS = Object.keys(CODES) as readonly RevocationReason[];

/** The number of a reason to be written; `undefined` for none and for `unspecified`, which is told by absence. */
export function reasonCode(reason: RevocationReason | undefined): number | undefined {
  return reason === undefined || reason === 'unspecified' ? undefined : CODES[reason];
}

/** The reason of a number; `undefined` for one that is not assigned. */
export function reasonOfCode(code: number): RevocationReason | undefined {
  return REVOCATION_REASONS.find((reason) => CODES[reason] === code);
}
