/** Tokens: PINs, logins, sessions, keys and signers over PKCS#11; the only room that touches a token. */
export { certificationFits, isSoftwareToken, type Certification } from './certification';
export { HsmError } from './errors';
export { longestHeld } from './module';
export { worst, type Health, type HealthState, type MemberHealth, type TokenHealth } from './health';
export { ckaName, differencesOf, type KeyRequest } from './keyGeneration';
export { type KeyAttributes, type KeyRecord } from './keys';
export { Pin, pinSourceSchema, readPin, type PinReader, type PinSource, type ReadPinOptions } from './pin';
export { requireFits } from './signing';
export { Token, type TokenOptions, type TokenPlace } from './token';
export { listTokens, type TokenFacts, type TokenFlags, type TokenReference } from './tokenFacts';
export { hsmConfigSchema, TokenRack, type HsmConfig, type RackOptions } from './tokenRack';
export { probeToken, type ProbeOptions } from './probe/probe';
export { deviceReportSchema, type DeviceCheck, type DeviceReport } from './probe/report';
export { writeDeviceReport, type WrittenReport } from './probe/reportFiles';
export { checkAdvice, checkTitle, reportFacts } from './probe/reportWords';
