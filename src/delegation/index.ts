/** Delegation: trust statement, application, grant, scope check and the judge of journal entries; the same at both ends. */
export * from './acknowledgement';
export * from './application';
export * from './bundle';
export * from './certificateRecord';
export { payloadOf, type SignedDocument } from './document';
export * from './earlier';
export { DelegationError } from './errors';
export * from './externalRoot';
export { FINDING_CODES, type Finding, type FindingCode } from './finding';
export * from './generation';
export * from './grant';
export * from './judge';
export * from './keyUse';
export { checkAfterSeal, checkSealing } from './seal';
export { checkQuota, checkScope, type Candidate, type QuotaUse } from './scope';
export { checkSuccession, type Succession } from './succession';
export * from './trust';
