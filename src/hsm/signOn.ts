/** Signatures on a session, made on another thread, or at once where that takes less than handing them over. */
import type { Session } from 'graphene-pk11';
import type { SigningMethod } from './signing';
import { isForThread, signAside } from './signingThreads';

/** What takes no longer holds up nobody, and is made in less time than a thread that sleeps takes to wake. */
const QUICK_MS = 0.25;
/** Several take this at most, so that others get their turn soon. */
const QUICK_ORDER_MS = 2 * QUICK_MS;
/** So many in a row must be slow: a single one may have been interrupted. */
const MOST_MISSES = 8;
/** For so long at most others do not get their turn. */
const LONGEST_RUN_MS = 5;
/** So long a session is kept for signatures that are made together. */
const LONGEST_ORDER_MS = 10;

/**
 * How long the signatures of one key take inside the module. With an elliptic curve in software it is 60 µs; what a
 * device takes is never so short, and never blocks the main thread.
 */
export class Pace {
  #misses = MOST_MISSES;
  #ms = LONGEST_ORDER_MS;

  /** @param mayBeQuick whether the token is software: a device that answers at once may yet block for ever */
  constructor(private readonly mayBeQuick: boolean) {}

  /** Whether so many signatures are made sooner than a thread is woken for them. */
  isQuick(count = 1): boolean {
    return this.mayBeQuick && this.#misses < MOST_MISSES && count * this.#ms <= QUICK_ORDER_MS;
  }

  /** How many signatures one session may make together. */
  get together(): number {
    return Math.max(1, Math.floor(LONGEST_ORDER_MS / this.#ms));
  }

  /** @param ms of one signature; of one that was interrupted, it tells nothing */
  took(ms: number): void {
    this.#misses = ms <= QUICK_MS ? 0 : this.#misses + 1;
    if (this.#misses === 0 || this.#misses >= MOST_MISSES) this.#ms = ms;
  }
}

/** The longest signature: RSA-4096. */
const MAX_SIGNATURE_BYTES = 512;
const result = Buffer.alloc(MAX_SIGNATURE_BYTES);

/** When others last had their turn. */
let lastTurn = -Infinity;

/** Whether others are to have their turn before more is made at once. */
export function isTurnOver(): boolean {
  return performance.now() - lastTurn >= LONGEST_RUN_MS;
}

/** @param next called once others have had their turn */
export function afterOthers(next: () => void): void {
  setImmediate(() => {
    lastTurn = performance.now();
    next();
  });
}

type Signatures = readonly (Buffer | undefined)[];

/**
 * Signs on a session. Throws, or rejects with, the token's own errors as they are.
 * @param key handle of the private key
 * @param pace of the key's signatures
 * @param inputs as the method made them
 * @param alone whether nothing else is asked for at the moment
 * @returns a signature for each input, `undefined` for one that is none
 */
export function signOn(
  session: Session,
  { mechanism, output }: Pick<SigningMethod, 'mechanism' | 'output'>,
  key: Buffer,
  inputs: readonly Buffer[],
  pace: Pace,
  alone: boolean,
): Signatures | Promise<Signatures> {
  const { lib, handle } = session;
  if (!pace.isQuick(inputs.length) || isForThread(lib.libPath, alone)) {
    const order = { session: handle, mechanism, key, inputs };
    return signAside(lib.libPath, order, pace.isQuick()).then(({ signatures, ms }) => {
      pace.took(ms / inputs.length);
      return signatures.map(output);
    });
  }
  const atOnce = (): Signatures => {
    const began = performance.now();
    const made = inputs.map((input) => {
      lib.C_SignInit(handle, mechanism, key);
      return output(lib.C_Sign(handle, input, result));
    });
    pace.took((performance.now() - began) / inputs.length);
    return made;
  };
  return isTurnOver() ? new Promise<void>(afterOthers).then(atOnce) : atOnce();
}
