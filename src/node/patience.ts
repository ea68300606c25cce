/** Carrying over lines that fail: smaller portions, and pauses that grow, until the time is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '../errors';
import { MAX_SUBMISSION_SIZE } from '../sync';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** A portion takes about so long at most: what is cut off then is not much. */
const PORTION_MS = 20_000;
const LEAST_OCTETS = 256 * 1024;
const FIRST_OCTETS = 4 * 1024 * 1024;

/**
 * Carries a submission to the registry and its answer back.
 * @param origin of the journal it is of
 * @throws NodeError `REGISTRY_UNREACHABLE`
 */
export type Carrier = (submission: Buffer, origin: string) => Promise<Buffer>;

export interface Patience {
  /** When no further try begins, in milliseconds of `performance.now()`. */
  readonly until: number;
  /** Octets from a CSPRNG: nodes that lost the same root do not come back all at once. */
  readonly random: (octets: number) => Buffer;
  readonly signal: AbortSignal;
}

/** How much is sent at once over this line: half after a failure, double after a portion that went quickly. */
export class Portion {
  octets = FIRST_OCTETS;
  failures = 0;

  succeeded(milliseconds: number): void {
    this.failures = 0;
    if (milliseconds < PORTION_MS / 4) this.octets = Math.min(this.octets * 2, MAX_SUBMISSION_SIZE);
    else if (milliseconds > PORTION_MS) this.#halve();
  }

  failed(): void {
    this.failures += 1;
    this.#halve();
  }

  #halve(): void {
    this.octets = Math.max(Math.floor(this.octets / 2), LEAST_OCTETS);
  }
}

/**
 * Carries one portion, or waits after a failure.
 * @returns the answer; nothing if it failed and there is time for another try
 * @throws what the carrier throws, when trying again is of no use or the time is over
 */
export async function carryPatiently(
  carry: Carrier,
  submission: Buffer,
  origin: string,
  portion: Portion,
  patience: Patience | undefined,
): Promise<Buffer | undefined> {
  const began = performance.now();
  try {
    const answer = await carry(submission, origin);
    portion.succeeded(performance.now() - began);
    return answer;
  } catch (error) {
    const mayPass = isCodedError(error) && error.category === 'unavailable';
    if (mayPass) portion.failed();
    if (patience === undefined || !mayPass || patience.signal.aborted) throw error;
    const pause = pauseAfter(portion.failures, patience.random);
    if (performance.now() + pause > patience.until) throw error;
    await sleep(pause, undefined, { signal: patience.signal }).catch(() => undefined);
    return undefined;
  }
}

/** Doubles with each failure; half of it is left to chance. */
export function pauseAfter(failures: number, random: (octets: number) => Buffer): number {
  const whole = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return whole / 2 + (whole / 2) * (random(4).readUInt32BE() / 2 ** 32);
}
