/** Signed envelopes (DSSE) and signed notes: what one party says and another can check byte for byte. */
export * from './dsse';
export { EnvelopeError } from './errors';
export { keyId, type VerificationKey } from './keys';
export * from './note';
