/** A certificate's place in its journal, proved to anybody who knows the root's fingerprint: one file, checked offline. Pure. */
export { ProofError } from './errors';
export { encodeProof, MAX_PROOF_SIZE, type ProofParts, type ProvenEntry } from './file';
export { openProof, statementsFor, type Proven } from './open';
