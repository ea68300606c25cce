/** One signature on a session, made on another thread, or at once where that takes less than handing it over. */
import type { Session } from 'graphene-pk11';
import type { SigningMechanism } from './signing';
import { signAside } from './signingThreads';

/** Handing an operation to another thread and back costs about so much of the main thread's time. */
const QUICK_MS = 0.06;
/** What takes longer with both ways over is not tried on the main thread. */
const WORTH_A_TRY_MS = 1;
/** So many in a row must be slow: a single one may have been interrupted. */
const MOST_MISSES = 8;
const TRY_AGAIN_MS = 10_000;
/** For so long others do not get their turn; then one signature is made on another thread, which lets them. */
const LONGEST_RUN_MS = 5;

/**
 * Where the signatures of one key are made. Signing with an elliptic curve in software takes 20 µs, and handing it over
 * as much again; what a device takes is never so short, and never blocks the main thread.
 */
export class Pace {
  #misses = 0;
  #tryAgainAt = 0;
  /** When others last had their turn; at first, never. */
  #lastAside = -Infinity;
  #worthATry = false;

  isQuick(now: number): boolean {
    if (!this.#worthATry || now - this.#lastAside > LONGEST_RUN_MS) return false;
    return this.#misses < MOST_MISSES || now >= this.#tryAgainAt;
  }

  /** One was made at once. */
  madeAtOnce(began: number, ended: number): void {
    this.#misses = ended - began <= QUICK_MS ? 0 : this.#misses + 1;
    this.#tryAgainAt = ended + TRY_AGAIN_MS;
  }

  /** One was made on another thread. */
  madeAside(began: number, ended: number): void {
    this.#lastAside = ended;
    if (ended - began < WORTH_A_TRY_MS) this.#worthATry = true;
  }
}

/** The longest signature: RSA-4096. */
const MAX_SIGNATURE_BYTES = 512;
const result = Buffer.alloc(MAX_SIGNATURE_BYTES);

/**
 * Signs on a session. Throws, or rejects with, the token's own errors as they are.
 * @param key handle of the private key
 * @param pace of the key's signatures
 * @returns the mechanism's result as the token gave it
 */
export function signOn(
  session: Session,
  mechanism: SigningMechanism,
  key: Buffer,
  input: Buffer,
  pace: Pace,
): Buffer | Promise<Buffer> {
  const { lib, handle } = session;
  const began = performance.now();
  if (pace.isQuick(began)) {
    lib.C_SignInit(handle, mechanism, key);
    const made = Buffer.from(lib.C_Sign(handle, input, result));
    pace.madeAtOnce(began, performance.now());
    return made;
  }
  return signAside(lib.libPath, { session: handle, mechanism, key, input }).finally(() => {
    pace.madeAside(began, performance.now());
  });
}
