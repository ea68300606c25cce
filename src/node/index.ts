/** What a delegated body's node does: init, application, activation, issuance, revocation, publication, sync, checks. */
export { activate } from './activation';
export { makeApplication, type ApplicationOptions } from './application';
export { nodeCeremony, rehearseNode } from './ceremony';
export { issueBatch, planBatch, type BatchRow } from './batch';
export { configuredTokens } from './config';
export { NodeError } from './errors';
export { initNode, type InitOptions } from './init';
export { Issuer, type IssuedCertificate } from './issuance';
export { JournalWriter } from './journalWriter';
export { SubCaNode } from './node';
export { ensureResponderCertificate, OcspResponder } from './ocsp';
export { crlIsDue, publishCrl, PUBLISHED, republish } from './publication';
export { listRecords, readCertificateBytes, readRecord } from './records';
export { abandonOrphans } from './recovery';
export { resume, revoke, suspend } from './revocation';
export { nodeStatus, tokenStatus, type StatusReport, type TokenStatus } from './status';
export { acceptReply, exportSubmissions, synchronise, type Carrier, type SyncOutcome } from './syncClient';
export { verifyNode, type VerifiedNode } from './verification';
