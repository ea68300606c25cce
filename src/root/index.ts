/** What the root operator does: init, operators, trust, applications, grants, registry, oversight, checks. */
export { acknowledgeFinding } from './acknowledgements';
export {
  APPLICATION_STATUSES,
  listApplications,
  receiveApplication,
  viewApplication,
  type ApplicationView,
} from './applications';
export { revokeCaCertificate } from './caRevocation';
export { rehearseRoot, rootCeremony } from './ceremony';
export { CA_REVOCATION_REASONS, renewRootCrl } from './certificates';
export { ROOT_KIND, rootParty } from './backup';
export { configuredTokens } from './config';
export {
  approveDirective,
  discardDirective,
  draftDirective,
  listDirectives,
  showDirective,
} from './directives';
export { type DirectiveView } from './directiveViews';
export { RootError } from './errors';
export { answerTo, approveApplication, rejectApplication } from './decisions';
export { takeExternalCertificate } from './externalCertificate';
export { EXTERNAL_FILES, writeExternalOrder } from './externalFiles';
export type { Difference } from './grantDifference';
export { grantYaml, type GrantEdit } from './grantEdit';
export type { GrantEffect } from './grantEffect';
export {
  discardUpdate,
  draftUpdate,
  newestBundle,
  signUpdate,
  viewUpdate,
  type GrantDraft,
  type WantedEffect,
} from './grantUpdate';
export { issueGrant, type IssuedGrant } from './granting';
export { initRoot, type RootInitOptions } from './init';
export { proveInspected } from './certificateProof';
export { inspectCertificate, type Inspection } from './inspection';
export { listFindings, pageFindings, type StoredFinding } from './findings';
export { listNodes, readNode, type NodeSummary } from './nodes';
export { viewNode, type NodeView } from './nodeView';
export { importSubmissions, Registry } from './registry';
export { rootSubject } from './readiness';
export { previewPruneCopies, pruneCopies } from './retention';
export { RootCa } from './root';
export { checkSignedHead, listEntries, signHead } from './rootJournal';
export { renewTlsCertificate } from './tls';
export { addOperator, draftTrust, listOperators, rekeyRegistry, removeOperator, signTrust } from './trust';
export type { TrustDifference } from './trustDifferences';
export { trustStanding, type TrustStanding } from './trustStanding';
export { ownDeadlines } from './deadlines';
export { watchNodes, type StoredCondition } from './watch';
export { verifyRoot, type VerifiedRoot } from './verification';
