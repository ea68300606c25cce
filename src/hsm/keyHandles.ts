/** The private keys known under one login: their handles, looked up once and held to the pinned public key. */
import type { Session } from 'graphene-pk11';
import { publicKeyFromSpki, verifySignature, type SignatureAlgorithm } from '../signer';
import { HsmError } from './errors';
import { keyOn, type KeyRecord } from './keys';

/** How long a key that a token was found not to have is taken as absent without looking again, in milliseconds. */
const LOOK_AGAIN_MS = 60_000;

/** What a key is known by here: two keys of one label are two keys. */
export function keyName({ label, spkiSha256 }: Pick<KeyRecord, 'label' | 'spkiSha256'>): string {
  return `${label}\0${spkiSha256}`;
}

interface Refusal {
  readonly error: HsmError;
  readonly at: number;
}

export class KeyHandles {
  readonly #token: string;
  readonly #handles = new Map<string, Buffer>();
  readonly #proven = new Set<string>();
  readonly #refusals = new Map<string, Refusal>();

  /** @param token its label, for errors */
  constructor(token: string) {
    this.#token = token;
  }

  /** Whether the token has shown any of the keys under this login. */
  get some(): boolean {
    return this.#handles.size > 0;
  }

  /** The newest of the keys that the token was found to lack, or to have another of the same label for. */
  get refusal(): HsmError | undefined {
    return [...this.#refusals.values()].at(-1)?.error;
  }

  /**
   * The handle of the private key; valid in every session of the login.
   * @throws HsmError `KEY_ABSENT`, `KEY_MISMATCH`, `KEY_ID_MISMATCH`, `KEY_AMBIGUOUS`, `KEY_INCOMPLETE`, `KEY_UNSUPPORTED`; the token's
   * own errors as they are
   */
  handle(session: Session, key: KeyRecord): Buffer {
    const name = keyName(key);
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    const refusal = this.#refusals.get(name);
    if (refusal !== undefined && performance.now() - refusal.at < LOOK_AGAIN_MS) throw refusal.error;
    this.#refusals.delete(name);
    try {
      const { handle } = keyOn(session, this.#token, key.label, key);
      this.#handles.set(name, handle);
      return handle;
    } catch (error) {
      if (error instanceof HsmError) {
        this.#refusals.set(name, { error: error as HsmError, at: performance.now() });
      }
      throw error;
    }
  }

  /** Whether a signature made with this handle and algorithm was seen to be the key's. */
  isProven(key: KeyRecord, algorithm: SignatureAlgorithm): boolean {
    return this.#proven.has(`${keyName(key)}\0${algorithm}`);
  }

  /**
   * @throws HsmError `SIGNATURE_WRONG`: private and public key of the token do not belong together, or it does not sign
   * by this algorithm
   */
  prove(key: KeyRecord, algorithm: SignatureAlgorithm, message: Uint8Array, signature: Uint8Array): void {
    const { label, spki } = key;
    if (!verifySignature(algorithm, publicKeyFromSpki(spki), message, signature)) {
      throw new HsmError('SIGNATURE_WRONG', { token: this.#token, label });
    }
    this.#proven.add(`${keyName(key)}\0${algorithm}`);
  }
}
