/** What a turn has to load before its entries can be judged. */

/** What the judge will ask of the stored journal about the entries of this turn. */
export interface Needs {
  readonly serialNumbers: readonly string[];
  readonly intents: readonly number[];
  /** Serial numbers whose successors matter. */
  readonly predecessors: readonly string[];
  readonly quotaKeys: readonly string[];
  /** SHA-256 of the subject public keys of intents. */
  readonly spkiSha256s: readonly string[];
  /** Of the opening of a journal: where it seals the one before. */
  readonly sealed?: number | undefined;
}

export const NO_NEEDS: Needs = {
  serialNumbers: [],
  intents: [],
  predecessors: [],
  spkiSha256s: [],
  quotaKeys: [],
};
