/** The way back to a lost token: at once, after growing pauses, and by starting its module anew where that may help. */
import { setTimeout as after } from 'node:timers/promises';
import { hsmErrorFrom, remedyFor, type Remedy } from './ckr';
import type { Connected, Connector } from './connector';
import type { HsmError } from './errors';

/** In milliseconds. */
export interface Pacing {
  /** The first pause; each further one is twice as long, up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** The pause where only a person can help: a wrong PIN, another key. */
  readonly hopeless: number;
  /** After how long a module is started anew although others of its tokens are in use; then after twice as long, … */
  readonly disturbing: number;
  readonly longestDisturbing: number;
}

export const PACING: Pacing = {
  first: 100,
  longest: 5_000,
  hopeless: 15_000,
  disturbing: 30_000,
  longestDisturbing: 900_000,
};

/** Asking for a token that is gone may block the whole process for seconds: it is done a tenth of the time at most. */
const SHARE_OF_TIME = 10;
const LONGEST_PAUSE_MS = 60_000;
/** After so many attempts in vain a trouble that should pass by itself is met with a new start of the module. */
const PATIENT_ATTEMPTS = 3;

export interface RecoveryOptions {
  readonly connector: Connector;
  /** The token's label, for errors. */
  readonly token: string;
  readonly pacing: Pacing;
  readonly signal: AbortSignal;
  /** Told of each attempt in vain. */
  readonly onFailure: (cause: HsmError) => void;
}

/**
 * Tries until it succeeds.
 * @param remedy what helps against the fault that was met
 * @param faults how many were met since the token last did something
 * @returns `undefined` when the signal ended it
 */
export async function recover(
  { connector, token, pacing, signal, onFailure }: RecoveryOptions,
  remedy: Remedy,
  faults: number,
): Promise<Connected | undefined> {
  const began = performance.now();
  let disturbAfter = pacing.disturbing;
  let helps = remedy;
  // A single fault of a kind that a new session mends is mended at once.
  let pause = faults > 1 || remedy === 'wait' ? growing(pacing, faults - 1) : 0;
  for (let failed = 0; ; failed += 1) {
    if (pause > 0) await after(pause, undefined, { ref: false, signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    const { active } = performance.eventLoopUtilization();
    try {
      if (helps !== 'give-up' && failed > 0) {
        const alone = !connector.disturbsOthers;
        const due = alone
          ? helps === 'reload' || failed >= PATIENT_ATTEMPTS
          : performance.now() - began >= disturbAfter;
        if (due) {
          if (!alone) disturbAfter += Math.min(disturbAfter, pacing.longestDisturbing);
          await connector.restartModule();
        }
      }
      return await connector.connect();
    } catch (error) {
      helps = remedyFor(error);
      onFailure(hsmErrorFrom(error, token, 'open-session'));
      const blocked = performance.eventLoopUtilization().active - active;
      const usual = helps === 'give-up' ? pacing.hopeless : growing(pacing, failed);
      pause = Math.min(Math.max(usual, blocked * SHARE_OF_TIME), LONGEST_PAUSE_MS);
    }
  }
}

function growing({ first, longest }: Pacing, step: number): number {
  return Math.min(first * 2 ** Math.min(step, 30), longest);
}
