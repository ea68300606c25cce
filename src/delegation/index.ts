/** Delegation: trust statement, application, grant, scope check and the judge of journal entries; the same at both ends. */
export * from './acknowledgement';
export * from './answer';
export * from './application';
export * from './bundle';
export * from './certificateRecord';
export * from './directive';
export { revocationBy, type DirectiveResult } from './directiveRules';
export { payloadOf, type SignedDocument } from './document';
export * from './dossier';
export * from './earlier';
export * from './eligibility';
export { DelegationError } from './errors';
export * from './externalRoot';
export { FINDING_CODES, type Finding, type FindingCode } from './finding';
export * from './generation';
export * from './grant';
export * from './inForce';
export * from './judge';
export * from './judgement';
export * from './keyUse';
export * from './lease';
export { demandOf, policySchema, type Criterion, type Policy } from './policy';
export * from './readiness';
export * from './quota';
export {
  decodeResidue,
  factsOf,
  MAX_REMOVED,
  residueOf,
  residueHash,
  residuesHash,
  restoredEntry,
  yearsBefore,
  type JudgedEntry,
  type Removed,
} from './residue';
export { checkAfterSeal, checkSealing } from './seal';
export { checkCertificate, checkScope, type Candidate } from './scope';
export { checkSuccession, type Succession } from './succession';
export * from './statusChange';
export { Successors } from './successors';
export * from './trust';
