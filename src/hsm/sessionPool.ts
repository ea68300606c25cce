/** The sessions on one token, or on several that hold the same keys; the one place where operations run. */
import type { Session } from 'graphene-pk11';
import type { TokenOperation } from '../i18n/errors/hsm';
import { hsmErrorFrom, remedyFor, type Remedy } from './ckr';
import type { Connection } from './connection';
import { HsmError } from './errors';
import type { Member, Seat } from './member';

export interface SessionPoolOptions {
  /** The token's label, for errors. */
  readonly token: string;
  readonly members: readonly Member[];
  /** How long a caller waits for a session, for the token's answer and for a lost token, in milliseconds. */
  readonly waitMs: number;
  /** Told whenever the health of a member has changed. */
  readonly onChange?: () => void;
}

/**
 * Runs on one session that nobody else uses meanwhile.
 * Lets the token's errors through as they are, and is such that running it twice does no harm.
 */
export type Work<T> = (session: Session, connection: Connection) => T | Promise<T>;

/** One call of `run`, which may take several attempts. */
interface Call {
  readonly operation: TokenOperation;
  /** Restricts the call to one token. */
  readonly only: Member | undefined;
  /** The time is up, and the caller was told. */
  expired: boolean;
  /** The result was there at once. */
  answered: boolean;
  /** What it runs on now. */
  loan: Loan | undefined;
  /** How it goes on waiting, while it does. */
  waiter: { readonly take: (seat: Seat) => void; readonly refuse: (error: Error) => void } | undefined;
  /** The last thing that went wrong. */
  cause: HsmError | undefined;
  /** Members that do not have the key, or do not answer. */
  avoided: readonly Member[];
}

interface Loan {
  readonly seat: Seat;
  readonly connection: Connection;
  /** The token took too long; its session stays lent out until it answers after all. */
  late: boolean;
}

/** Where another token could answer, one may take this part of the time before that other is asked as well. */
const PATIENCE = 0.25;
/** Faults that one call goes through before it is given up: each was followed by a login that worked. */
const MOST_ATTEMPTS = 5;
/** Callers that wait at the same time; more are refused at once. */
const MOST_WAITING = 10_000;
/** What is told to have failed when the time is up; making a key takes as long as it takes. */
const LIMITED: ReadonlySet<TokenOperation> = new Set<TokenOperation>(['open-session', 'find-key', 'sign']);
/** Nothing was done when these help, so that even what must not happen twice may be repeated. */
const NOTHING_DONE: ReadonlySet<Remedy> = new Set<Remedy>(['new-session', 'log-in']);
/** What a token says of a key; another member may have it. */
const KEY_REFUSALS: ReadonlySet<string> = new Set([
  'KEY_ABSENT',
  'KEY_MISMATCH',
  'KEY_ID_MISMATCH',
  'KEY_AMBIGUOUS',
  'KEY_INCOMPLETE',
  'KEY_UNSUPPORTED',
]);

export class SessionPool {
  readonly #options: SessionPoolOptions;
  /** Longest idle first, so that no session idles until the token drops it while others work, and tokens take turns. */
  readonly #idle: Seat[];
  /** How many sessions there are. */
  readonly size: number;
  readonly #waiting: Call[] = [];
  #closed = false;
  /** Loans whose time was over before they came back. */
  #overdue = 0;
  #whenAllBack: (() => void) | undefined;

  /** Members that are open, or are on their way. */
  constructor(options: SessionPoolOptions) {
    this.#options = options;
    const seats = options.members.map((member) => member.seats);
    // One of each in turn.
    this.#idle = Array.from({ length: Math.max(...seats.map((own) => own.length)) }, (_, at) =>
      seats.flatMap((own) => own.slice(at, at + 1)),
    ).flat();
    this.size = this.#idle.length;
    for (const member of options.members) {
      member.watch(() => {
        this.#memberChanged(member);
      });
    }
  }

  /** How many tokens there are. */
  get tokens(): number {
    return this.#options.members.length;
  }

  /**
   * Runs one operation on a session of its own. Where the token is lost meanwhile, the operation is run again on
   * another token, or as soon as it is back. Making a key has no time limit of its own once it runs, and is repeated
   * only if nothing was done.
   * @param only the token to use, if not any
   * @throws HsmError `TOKEN_CLOSED`, `HSM_BUSY`, `TOKEN_NOT_BACK`, `TOKEN_NO_ANSWER`; what keeps the token from coming
   * back if only a person can mend it; or what the token's return value means
   */
  run<T>(operation: TokenOperation, work: Work<T>, only?: Member): Promise<T> {
    const call: Call = {
      operation,
      only,
      expired: false,
      answered: false,
      loan: undefined,
      waiter: undefined,
      cause: undefined,
      avoided: [],
    };
    const served = this.#serve(call, work);
    // Most signatures of a software token: a timer for each would cost a tenth of them.
    if (call.answered) return served;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#expire(call, reject);
      }, this.#options.waitMs);
      served.then(
        (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        (error: unknown) => {
          clearTimeout(timer);
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it is
          reject(error);
        },
      );
    });
  }

  /**
   * Refuses those that wait, lets those that run finish within their time, logs out and closes the sessions. A module
   * that has not given an operation back then is asked for nothing more: it might keep this thread as well.
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const call of this.#waiting.splice(0)) call.waiter?.refuse(this.#closedError());
    if (this.size - this.#idle.length > this.#overdue) {
      // Not for ever: an operation that hangs in the module keeps its session.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.waitMs);
        this.#whenAllBack = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const idle = this.#idle.splice(0);
    const hangs = idle.length < this.size;
    for (const member of this.#options.members) await member.close(hangs ? [] : idle, hangs);
  }

  async #serve<T>(call: Call, work: Work<T>): Promise<T> {
    for (let faults = 0; ;) {
      const seat = this.#take(call) ?? (await this.#wait(call));
      const connection = seat.member.connection();
      const closed = connection?.closedUntil;
      if (connection === undefined || closed !== undefined) {
        await closed?.catch(() => undefined);
        this.#giveBack(seat);
        continue;
      }
      const loan = { seat, connection, late: false };
      call.loan = loan;
      try {
        const answer = this.#lend(loan, work);
        if (!(answer instanceof Promise)) {
          call.answered = true;
          return answer;
        }
        if (call.operation !== 'sign' || this.tokens === 1) return await answer;
        if (await this.#isInTime(answer, call)) return await answer;
        this.#late(loan);
        call.avoided = [...call.avoided, seat.member];
      } catch (error) {
        this.#judge(call, loan, error);
        faults += 1;
        if (faults === MOST_ATTEMPTS && call.cause !== undefined) throw call.cause;
      } finally {
        call.loan = undefined;
      }
    }
  }

  /** Runs the work on a session, between `enter` and `leave`, so that the module is not started anew meanwhile. */
  #lend<T>(loan: Loan, work: Work<T>): T | Promise<T> {
    const { seat, connection } = loan;
    const { member } = seat;
    let entered = false;
    const end = (): void => {
      if (entered) connection.leave();
      if (loan.late) {
        member.overdue(-1);
        this.#overdue -= 1;
      }
      this.#giveBack(seat);
    };
    let answer: T | Promise<T>;
    try {
      connection.enter();
      entered = true;
      answer = work(member.session(seat, connection), connection);
    } catch (error) {
      end();
      throw error;
    }
    if (answer instanceof Promise) {
      return answer
        .then((result: T) => {
          member.worked();
          return result;
        })
        .finally(end);
    }
    member.worked();
    end();
    return answer;
  }

  /** Whether to wait for this answer: it is there, or there is nobody else to ask. */
  async #isInTime(answer: Promise<unknown>, call: Call): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        const others = this.#candidates(call).filter((member) => member !== call.loan?.seat.member);
        resolve(others.every((member) => member.connection() === undefined));
      }, this.#options.waitMs * PATIENCE);
    });
    const answered = answer.then(
      () => true,
      () => true,
    );
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #late(loan: Loan): void {
    if (loan.late) return;
    loan.late = true;
    this.#overdue += 1;
    loan.seat.member.overdue(1);
  }

  /** What an attempt's error means: returns where another attempt may help, throws what the caller is told. */
  #judge(call: Call, { seat: { member }, connection }: Loan, error: unknown): void {
    const cause = hsmErrorFrom(error, this.#options.token, call.operation);
    const remedy = remedyFor(error);
    call.cause = cause;
    if (KEY_REFUSALS.has(cause.code)) {
      if (call.operation !== 'sign') throw cause;
      member.keyRefused();
      // A token that shows one of its keys is the token; it lacks this key.
      if (connection.keys.some) {
        call.avoided = [...call.avoided, member];
        if (this.#candidates(call).length === 0) throw cause;
        return;
      }
    } else if (remedy === 'give-up') throw cause;
    member.fault(connection, cause, remedy);
    const mayRepeat = call.operation !== 'generate-key' || NOTHING_DONE.has(remedy);
    if (call.expired || !mayRepeat) throw cause;
  }

  /**
   * A session for the call, if one is idle; of a token that answers in time rather than of one that does not.
   * @throws HsmError `TOKEN_CLOSED`; what the caller was told, after its time
   */
  #take(call: Call): Seat | undefined {
    if (this.#closed) throw this.#closedError();
    if (call.expired) throw this.#lateError(call);
    const usable = ({ member }: Seat): boolean => suits(call, member) && member.connection() !== undefined;
    const prompt = this.#idle.findIndex((seat) => usable(seat) && !seat.member.isLate);
    const at = prompt === -1 ? this.#idle.findIndex(usable) : prompt;
    return at === -1 ? undefined : this.#idle.splice(at, 1)[0];
  }

  #wait(call: Call): Promise<Seat> {
    const hopeless = this.#hopeless(call);
    if (hopeless !== undefined) throw hopeless;
    if (this.#waiting.length >= MOST_WAITING) throw this.#busyError(0);
    return new Promise((take, refuse) => {
      call.waiter = { take, refuse };
      this.#waiting.push(call);
    });
  }

  #giveBack(seat: Seat): void {
    this.#idle.push(seat);
    if (this.#waiting.length > 0) this.#dispatch();
    if (this.#idle.length === this.size) this.#whenAllBack?.();
  }

  /** Lends idle sessions to those that wait, in the order in which they came. */
  #dispatch(): void {
    if (this.#closed) return;
    let usable = this.#idle.filter(({ member }) => member.connection() !== undefined).length;
    for (let at = 0; at < this.#waiting.length && usable > 0;) {
      const call = this.#waiting[at];
      const seat = call && this.#take(call);
      if (call === undefined || seat === undefined) {
        at += 1;
        continue;
      }
      usable -= 1;
      this.#waiting.splice(at, 1);
      call.waiter?.take(seat);
    }
  }

  #memberChanged(member: Member): void {
    if (member.health.cause?.code === 'SESSIONS_EXHAUSTED') member.vacate(this.#idle);
    this.#options.onChange?.();
    // Later, because it may have been found out while a session was being chosen.
    queueMicrotask(() => {
      for (const call of [...this.#waiting]) {
        const hopeless = this.#hopeless(call);
        if (hopeless === undefined) continue;
        this.#waiting.splice(this.#waiting.indexOf(call), 1);
        call.waiter?.refuse(hopeless);
      }
      this.#dispatch();
    });
  }

  #expire(call: Call, reject: (error: HsmError) => void): void {
    call.expired = true;
    const at = this.#waiting.indexOf(call);
    if (at !== -1) {
      this.#waiting.splice(at, 1);
      call.waiter?.refuse(this.#lateError(call));
    } else if (call.loan !== undefined && LIMITED.has(call.operation)) {
      this.#late(call.loan);
      const { token, waitMs } = this.#options;
      reject(new HsmError('TOKEN_NO_ANSWER', { token, waitedMs: waitMs }));
    }
  }

  #candidates(call: Call): readonly Member[] {
    return this.#options.members.filter((member) => suits(call, member));
  }

  /** Why it is no use to wait: each token that would do needs a person's help. */
  #hopeless(call: Call): HsmError | undefined {
    const reasons = this.#candidates(call).map((member) => member.hopeless);
    return reasons.every((reason) => reason !== undefined) ? (reasons[0] ?? call.cause) : undefined;
  }

  #lateError(call: Call): HsmError {
    const candidates = this.#candidates(call);
    if (candidates.some((member) => member.connection() !== undefined)) {
      return this.#busyError(this.#options.waitMs);
    }
    const { token, waitMs } = this.#options;
    const cause = candidates.map((member) => member.health.cause).find(Boolean) ?? call.cause;
    const reported = cause?.code ?? '';
    return new HsmError('TOKEN_NOT_BACK', { token, waitedMs: waitMs, reported }, { cause });
  }

  #busyError(waitedMs: number): HsmError {
    const { token } = this.#options;
    return new HsmError('HSM_BUSY', { token, waitedMs, waiting: this.#waiting.length });
  }

  #closedError(): HsmError {
    return new HsmError('TOKEN_CLOSED', { token: this.#options.token });
  }
}

function suits({ only, avoided }: Call, member: Member): boolean {
  return (only === undefined || member === only) && !avoided.includes(member);
}
