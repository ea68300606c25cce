/** Key ceremonies: planned from one file, rehearsed, led through step by step, sealed by the new keys, checked offline. */
export {
  mainKey,
  openRecord,
  requireDeviceReport,
  requireKey,
  requireScript,
  type CheckedRecord,
} from './check';
export type { Dialogue } from './dialogue';
export { CeremonyError } from './errors';
export { alone, folderPaths, MAX_SCRIPT_BYTES, readFolderScript, writeScript } from './folder';
export { installedFiles, type InstalledFiles } from './installedSoftware';
export { keysIn, type CeremonyParty, type InUse, type Kept, type SealedRecord } from './party';
export { planSchema, type Plan } from './plan';
export { inUseFacts } from './recordMarkdown';
export { onThrowAwayTokens, REHEARSAL_PIN, unattended, type RehearsalStage } from './rehearsal';
export { epochOfNextKey, KEYS_OF, nextKeyOf, type PartyKind } from './roles';
export { runCeremony, type Stage } from './run';
export { makeScript, type PinnedScript, type Software } from './script';
export { MAX_RECORD_BYTES, sealCeremony, type Sealed } from './seal';
export { wordLines } from './words';
