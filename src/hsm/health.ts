/** How well tokens are: of one token, of several that hold the same keys, and of all that a party uses. */
import type { HsmError } from './errors';

/** `degraded`: signing goes on, more slowly or with fewer tokens; `down`: it does not. */
export type HealthState = 'ready' | 'degraded' | 'down';

export interface Health {
  readonly state: HealthState;
  /** Absent where the state is `ready`. */
  readonly cause: HsmError | undefined;
  /** Since when the state is this one; its cause may have changed. */
  readonly since: Date;
}

/** Of a token as the configuration names it, which may be several that hold the same keys. */
export interface TokenHealth extends Health {
  readonly label: string;
  readonly members: readonly MemberHealth[];
}

export interface MemberHealth extends Health {
  /** Empty for a token that has not been found yet and that the configuration names by its label only. */
  readonly serial: string;
}

/** All together: ready if all are, down if none can be used. */
export function together(parts: readonly Health[]): Omit<Health, 'since'> {
  const ill = parts.filter(({ state }) => state !== 'ready');
  const [first] = ill;
  if (first === undefined) return { state: 'ready', cause: undefined };
  const down = parts.every(({ state }) => state === 'down');
  return { state: down ? 'down' : 'degraded', cause: first.cause };
}

/** Several tokens that are each needed: as bad as the worst of them. */
export function worst<H extends Health>(parts: readonly H[]): H | undefined {
  return (
    parts.find(({ state }) => state === 'down') ?? parts.find(({ state }) => state === 'degraded') ?? parts[0]
  );
}

/** Keeps a state and since when it is so, and tells of changes. */
export class HealthRecord {
  #health: Health;

  constructor(
    private readonly clock: () => Date,
    private readonly changed: () => void,
  ) {
    this.#health = { state: 'ready', cause: undefined, since: clock() };
  }

  get now(): Health {
    return this.#health;
  }

  set({ state, cause }: Omit<Health, 'since'>): void {
    const { state: before, cause: causeBefore, since } = this.#health;
    if (state === before && cause?.code === causeBefore?.code) return;
    this.#health = { state, cause, since: state === before ? since : this.clock() };
    this.changed();
  }
}
