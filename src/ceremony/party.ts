/** The party whose keys a ceremony makes, as far as the ceremony needs it; node and root each give theirs. */
import { commonTables, readKey, type CommonSchema, type Store, type StoredKey } from '../db';
import type { Token, TokenPlace, TokenRack } from '../hsm';
import { makeKey, storedSigner, type Alongside, type KeyToMake } from '../keyring';
import type { Signer } from '../signer';
import type { ResultOf } from './results';
import type { PartyKind } from './roles';

export type InUse = ResultOf<'in-use'>;

/** A sealed record as the party keeps it. */
export interface SealedRecord {
  /** SHA-256 of the signed payload, by which the record is named. */
  readonly sha256: string;
  readonly envelope: Buffer;
}

/** Where the digest of a record is found: in the journal, or there when the node is activated; a rehearsal has none. */
export interface Kept {
  readonly where: 'journal' | 'activation' | 'database';
}

export interface CeremonyParty {
  readonly kind: PartyKind;
  /** The node's name, or the registry's. */
  readonly name: string;
  /** Path of the PKCS#11 library. */
  readonly module: string;
  /** Path of the memory of wrong PINs. */
  readonly refusedPins: string;
  /** Label of the token that the configuration foresees for a key; `undefined` where it says nothing. */
  tokenOf(role: string): string | undefined;
  /** How many sessions it uses on one token. */
  readonly sessions: number;
  token(label: string): Promise<Token>;
  /** The devices of this label, not opened. @param serial of the one that is meant where the configuration names none */
  places(label: string, serial: string): readonly TokenPlace[];
  key(role: string): Promise<StoredKey | undefined>;
  makeKey(wanted: KeyToMake): Promise<StoredKey>;
  signer(key: StoredKey): Promise<Signer>;
  /**
   * Whether keys of these roles may be made now, before anything else is done.
   * @returns what a node works with, if its next CA key is to be made
   */
  standing(roles: readonly string[]): Promise<InUse | undefined>;
  /** The root only: signs its own certificate, once. @returns its SHA-256 fingerprint */
  readonly certify?: (subject: string) => Promise<string>;
  /** May be called again with the same record. */
  keepRecord(record: SealedRecord): Promise<Kept>;
}

/** The parts that are alike for every party. */
export function keysIn<Schema extends CommonSchema>(
  store: Store<Schema>,
  tokens: TokenRack,
  alongside?: Alongside<Schema>,
): Pick<CeremonyParty, 'sessions' | 'token' | 'places' | 'key' | 'makeKey' | 'signer'> {
  return {
    sessions: tokens.sessions,
    token: (label) => tokens.token(label),
    places: (label, serial) => tokens.places(label, undefined, serial),
    key: (role) => readKey(commonTables(store.read), role),
    makeKey: (wanted) => makeKey(store, tokens, wanted, undefined, alongside),
    signer: (key) => storedSigner(store, tokens, key),
  };
}
