/** One token of a pool: its connection, its seats for sessions, its health, and its way back after a fault. */
import type { Session } from 'graphene-pk11';
import type { Clock } from '../clock';
import { hsmErrorFrom, type Remedy } from './ckr';
import type { Connection } from './connection';
import type { Connector } from './connector';
import { HsmError } from './errors';
import { HealthRecord, type Health } from './health';
import { recover, type Pacing } from './recovery';

/** A place for one session, lent to one operation at a time. */
export interface Seat {
  readonly member: Member;
  session: Session | undefined;
  /** Under which the session was opened. */
  connection: Connection | undefined;
}

export interface MemberOptions {
  /** The token's label, for errors. */
  readonly token: string;
  readonly connector: Connector;
  /** How many seats. */
  readonly size: number;
  readonly clock: Clock;
  readonly pacing: Pacing;
}

export class Member {
  readonly seats: readonly Seat[];
  readonly #options: MemberOptions;
  readonly #health: HealthRecord;
  readonly #ending = new AbortController();
  #changed: () => void = () => undefined;
  #connection: Connection | undefined;
  /** The connection's first session, until a seat takes it. */
  #spare: Session | undefined;
  #recovering: Promise<void> | undefined;
  /** Since the token last did something. */
  #faults = 0;
  #lastWorked = performance.now();
  /** Operations that did not end within their time, and may yet. */
  #overdue = 0;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#health = new HealthRecord(options.clock, () => {
      this.#changed();
    });
    this.seats = Array.from({ length: options.size }, () => ({
      member: this,
      session: undefined,
      connection: undefined,
    }));
  }

  get health(): Health {
    return this.#health.now;
  }

  /** What keeps the token from being used; `undefined` while nothing does or one attempt may still mend it. */
  get hopeless(): HsmError | undefined {
    const { state, cause } = this.health;
    if (this.#connection !== undefined || state !== 'down') return undefined;
    return cause?.category === 'unavailable' ? undefined : cause;
  }

  /** Whether an operation waits for an answer that is overdue. */
  get isLate(): boolean {
    return this.#overdue > 0;
  }

  /** In milliseconds. */
  get idleFor(): number {
    return performance.now() - this.#lastWorked;
  }

  /** @param changed called whenever the member comes into use, gets out of it, or fails to come back */
  watch(changed: () => void): void {
    this.#changed = changed;
  }

  /** The login to use; `undefined` while there is none. */
  connection(): Connection | undefined {
    const connection = this.#connection;
    if (connection === undefined || connection.current) return connection;
    const { token } = this.#options;
    const reported = 'CKR_CRYPTOKI_NOT_INITIALIZED';
    this.fault(
      connection,
      new HsmError('MODULE_LOST', { token, operation: 'open-session', reported }),
      'log-in',
    );
    return undefined;
  }

  /** Opens all sessions at once: a token that gives fewer says so at the start. @throws as `Connector.connect` */
  async open(): Promise<void> {
    const { connector, token } = this.#options;
    const { connection, session } = await connector.connect();
    this.#spare = session;
    try {
      for (const seat of this.seats) this.session(seat, connection);
    } catch (error) {
      connector.leave(session);
      for (const seat of this.seats) vacate(seat);
      throw hsmErrorFrom(error, token, 'open-session');
    }
    this.#connection = connection;
    connector.well(true);
  }

  /** Goes on without the token until it comes back. */
  openLater(cause: HsmError, remedy: Remedy): void {
    this.#health.set({ state: 'down', cause });
    this.#recover(remedy, 1);
  }

  /** The seat's session under this connection. Throws the token's own errors as they are, or HsmError `LOGIN_LOST`. */
  session(seat: Seat, connection: Connection): Session {
    if (seat.connection === connection && seat.session !== undefined) return seat.session;
    const old = { ...seat };
    // The new one first: when the last session of a process closes, the token logs it out.
    seat.session = this.#spare ?? connection.open();
    seat.connection = connection;
    this.#spare = undefined;
    vacate(old);
    return seat.session;
  }

  worked(): void {
    this.#faults = 0;
    this.#lastWorked = performance.now();
    if (this.#health.now.state !== 'ready') this.#judge();
  }

  /** A fault met under a connection; under an earlier one it tells nothing new. */
  fault(connection: Connection, cause: HsmError, remedy: Remedy): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#closeSpare(connection);
    this.#faults += 1;
    this.#options.connector.well(false);
    this.#health.set({ state: 'degraded', cause });
    this.#recover(remedy, this.#faults);
  }

  /** A key was found to be absent or another. */
  keyRefused(): void {
    this.#judge();
  }

  overdue(change: 1 | -1): void {
    this.#overdue += change;
    if (this.#connection !== undefined) this.#judge();
  }

  /** Frees sessions that nobody uses, for a token that gives no more. */
  vacate(idle: readonly Seat[]): void {
    for (const seat of idle) if (seat.member === this) vacate(seat);
  }

  /**
   * @param idle no operation runs on these any more; a session in use cannot be closed
   * @param hangs whether the module keeps an operation: then it is asked for nothing
   */
  async close(idle: readonly Seat[], hangs = false): Promise<void> {
    this.#ending.abort();
    if (hangs) {
      this.#options.connector.leave(undefined);
      return;
    }
    await this.#recovering;
    const own = idle.filter((seat) => seat.member === this);
    const open = this.#connection?.current === true;
    const connection = this.#connection;
    const session = own.find((seat) => seat.connection === connection)?.session ?? this.#spare;
    this.#connection = undefined;
    this.#options.connector.leave(open ? session : undefined);
    for (const seat of own) vacate(seat);
    if (connection !== undefined) this.#closeSpare(connection);
  }

  #closeSpare(connection: Connection): void {
    if (this.#spare !== undefined) connection.close(this.#spare);
    this.#spare = undefined;
  }

  #recover(remedy: Remedy, faults: number): void {
    const { connector, token, pacing } = this.#options;
    const { signal } = this.#ending;
    const onFailure = (cause: HsmError): void => {
      this.#health.set({ state: 'down', cause });
      // Also without a change: who waits is told that it was in vain.
      this.#changed();
    };
    this.#recovering = recover({ connector, token, pacing, signal, onFailure }, remedy, faults).then(
      (connected) => {
        if (connected === undefined) return;
        this.#connection = connected.connection;
        this.#spare = connected.session;
        connector.well(true);
        this.#judge();
        this.#changed();
      },
    );
  }

  #judge(): void {
    const { token, size } = this.#options;
    const refusal = this.#connection?.keys.refusal;
    if (this.#connection === undefined) return;
    if (this.#overdue > 0) {
      const cause = new HsmError('SESSIONS_HANGING', { token, hanging: this.#overdue, sessions: size });
      this.#health.set({ state: this.#overdue < size ? 'degraded' : 'down', cause });
    } else if (refusal !== undefined) this.#health.set({ state: 'degraded', cause: refusal });
    else this.#health.set({ state: 'ready', cause: undefined });
  }
}

function vacate(seat: Pick<Seat, 'session' | 'connection'>): void {
  if (seat.session !== undefined) seat.connection?.close(seat.session);
  seat.session = undefined;
  seat.connection = undefined;
}
