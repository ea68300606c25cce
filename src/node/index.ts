/** What a delegated body's node does: init, application, activation, issuance, revocation, publication, sync, checks. */
export { acceptBundle, activate } from './activation';
export type { Delegation } from './delegation';
export { takeAnswer, type TakenAnswer } from './answers';
export { makeApplication, prepareApplication, type PreparedApplication } from './application';
export { NODE_KIND, nodeParty, quarantineRestored } from './backup';
export { requireCaInForce } from './caStanding';
export { proveCertificate } from './certificateProof';
export { viewCertificate, type CertificateView, type KnownSince } from './certificateView';
export { nodeCeremony, rehearseNode } from './ceremony';
export { issueBatch, planBatch, type BatchRow } from './batch';
export { configuredTokens } from './config';
export { synchroniseContinuously } from './continuousSync';
export { carryOutDirectives } from './directives';
export { NodeError } from './errors';
export { initNode, type InitOptions } from './init';
export { Issuer, type IssuedCertificate } from './issuance';
export type { IssuancePlan } from './issuancePlan';
export type { CorrectedJournal } from './journalCorrection';
export { exportPulls, importPulled, recoverJournals } from './journalRecovery';
export { checkJournalEnds } from './journalEnd';
export { recoverFromMirror } from './mirrorRecovery';
export { JournalWriter } from './journalWriter';
export { leaseStatus, logLease, type LeaseStatus } from './lease';
export { SubCaNode } from './node';
export { openNode } from './opening';
export { followMirror } from './mirroring';
export { ensureResponderCertificate, OcspResponder, type OcspAnswer } from './ocsp';
export {
  crlIsDue,
  publishCrl,
  publishCrls,
  publishDueCrl,
  publishDueCrls,
  PUBLISHED,
  publishedFiles,
  type PublishedCrl,
  republish,
} from './publication';
export { nodeSubject } from './readiness';
export { listRecords, readRecord } from './records';
export { lossOf, quarantinesOf } from './quarantine';
export { abandonOrphans } from './recovery';
export { regainKey } from './regaining';
export { openRegained } from './keySuccession';
export { resume, revoke, suspend, WITHOUT_NUMBER } from './revocation';
export {
  applyForSuccession,
  beginRollover,
  rolloverStatus,
  type GenerationStatus,
  type RolloverStatus,
} from './rollover';
export { previewPrune, prune } from './retention';
export { nodeStatus, tokenStatus, type StatusReport, type TokenStatus } from './status';
export { planSuccession, type SuccessionRequest, type SuccessionService } from './succession';
export type { Carrier } from './patience';
export { acceptReply, exportSubmissions, synchronise, type SyncOutcome } from './syncClient';
export { verifyNode, type VerifiedNode } from './verification';
