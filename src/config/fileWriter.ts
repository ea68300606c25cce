/**
 * Many small files, put in their places by one thread. While the database is synced, making a file takes as long as that,
 * so the main thread must not; and several threads would wait for each other at the folder, with the database behind them.
 */
import { Worker } from 'node:worker_threads';
import { ConfigError } from './errors';
import { asideOf, reasonOf } from './files';

interface Order {
  readonly path: string;
  readonly aside: string;
  readonly content: string;
}

interface Waiting {
  readonly order: Order;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What fileThread.cjs answers: for each file what went wrong, if anything did. */
type Answer = readonly ({ readonly message: string; readonly code?: string } | undefined)[];

export class FileWriter {
  readonly #thread = new Worker(require.resolve('./fileThread.cjs'));
  /** What the thread is at work on. */
  #current: readonly Waiting[] = [];
  /** What comes when that is done. */
  #next: Waiting[] = [];
  #ended: Error | undefined;

  constructor() {
    this.#thread.on('message', (answer: Answer) => {
      for (const [at, { order, resolve, reject }] of this.#current.entries()) {
        const cause = answer[at];
        if (cause === undefined) resolve();
        else
          reject(
            new ConfigError('FILE_NOT_WRITTEN', { file: order.path, reason: reasonOf(cause) }, { cause }),
          );
      }
      this.#send();
    });
    this.#thread.on('error', (cause: Error) => {
      this.#ended = cause;
      for (const { reject } of [...this.#current, ...this.#next]) reject(cause);
    });
  }

  /**
   * Puts a file in its place whole or not at all, without waiting for the disk: for what can be made again from the
   * database after a power cut.
   * @throws ConfigError `FILE_NOT_WRITTEN`
   */
  async replace(path: string, content: string): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await new Promise<void>((resolve, reject) => {
      this.#next.push({ order: { path, aside: asideOf(path), content }, resolve, reject });
      if (this.#current.length === 0) this.#send();
    });
  }

  /** Ends the thread; nothing may be on its way. */
  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #send(): void {
    this.#current = this.#next;
    this.#next = [];
    if (this.#current.length > 0) this.#thread.postMessage(this.#current.map(({ order }) => order));
  }
}
