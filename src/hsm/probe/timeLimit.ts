/** The time a probe may take: whatever the token does, the people who wait are told in time. */

/** The token did not answer while there was time; no more is asked of it. */
export class TimeOver extends Error {}

export class TimeLimit {
  readonly #running = new Set<Promise<unknown>>();
  readonly #over: Promise<never>;
  readonly #stop: () => void;
  #reason: unknown;

  /** @param signal ends it early, with its reason */
  constructor(ms: number, signal: AbortSignal) {
    let refuse: () => void = () => undefined;
    this.#over = new Promise<never>((_, reject) => {
      refuse = () => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it is
        reject(this.#reason);
      };
    });
    // Who waits for nothing now meets it with the next question.
    this.#over.catch(() => undefined);
    const end = (reason: unknown): void => {
      this.#reason ??= reason;
      refuse();
    };
    const timer = setTimeout(() => {
      end(new TimeOver(`${String(Math.round(ms / 1000))} s`));
    }, ms);
    const abort = (): void => {
      end(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    this.#stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  }

  /** @throws TimeOver, or the signal's reason */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason as Error;
  }

  /** The answer, if it comes in time. @throws TimeOver, the signal's reason, and what the answer rejects with */
  async within<T>(ask: () => Promise<T>): Promise<T> {
    this.check();
    const answer = ask();
    this.#running.add(answer);
    const settled = (): void => {
      this.#running.delete(answer);
    };
    answer.then(settled, settled);
    return Promise.race([answer, this.#over]);
  }

  /** Whether everything that was asked has ended, now or within some milliseconds. */
  async settles(ms: number): Promise<boolean> {
    this.#stop();
    if (this.#running.size === 0) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    const all = Promise.allSettled(this.#running).then(() => true);
    try {
      return await Promise.race([all, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
