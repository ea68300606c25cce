/**
 * Threads that sign. A module may block for as long as its device takes, in C_SignInit already; so an operation is
 * given to a thread of its own, which waits inside the module while the rest of the program goes on. Sessions and
 * handles are the process's: which thread uses a session is all one, as long as no two use it at once.
 */
import { Worker } from 'node:worker_threads';
import type { Mechanism } from 'pkcs11js';

/** Signatures by one key: C_SignInit and C_Sign for each, on a session that nobody else uses meanwhile. */
export interface SigningOrder {
  readonly session: Buffer;
  readonly mechanism: Mechanism;
  /** Handle of the private key. */
  readonly key: Buffer;
  readonly inputs: readonly Buffer[];
}

export interface MadeAside {
  /** One for each input. */
  readonly signatures: readonly Buffer[];
  /** How long they took inside the module. */
  readonly ms: number;
}

/** What signingThread.cjs answers. */
type Answer =
  | { readonly signatures: readonly string[]; readonly ms: number }
  | { readonly failure: { readonly message: string; readonly code: number | undefined } };

interface Waiting {
  readonly resolve: (made: MadeAside) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that has had nothing to do for so long is ended; the next order starts another. */
const IDLE_MS = 60_000;

/** The threads without work, by library; the last to be used is the first to be used again. */
const idle = new Map<string, SigningThread[]>();

/**
 * Signs on a thread that has nothing else to do; there are never more of them than sessions that sign at once.
 * Rejects with the token's own error.
 * @param library path of the loaded module, letter for letter as it was loaded
 */
export async function signAside(library: string, order: SigningOrder): Promise<MadeAside> {
  const resting = idle.get(library) ?? [];
  idle.set(library, resting);
  let thread = resting.pop();
  while (thread?.alive === false) thread = resting.pop();
  thread ??= new SigningThread(library);
  try {
    return await thread.sign(order);
  } finally {
    if (thread.alive) {
      resting.push(thread);
      thread.rest(() => {
        resting.splice(resting.indexOf(thread), 1);
      });
    }
  }
}

class SigningThread {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #resting: NodeJS.Timeout | undefined;
  #alive = true;

  constructor(library: string) {
    this.#worker = new Worker(require.resolve('./signingThread.cjs'), { workerData: library });
    this.#worker.on('message', (answer: Answer) => {
      this.#answer(answer);
    });
    const ended = (cause: unknown): void => {
      this.#alive = false;
      clearTimeout(this.#resting);
      this.#waiting?.reject(cause);
    };
    this.#worker.on('error', ended);
    this.#worker.on('exit', () => {
      ended(new Error('a signing thread ended'));
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  sign({ session, mechanism, key, inputs }: SigningOrder): Promise<MadeAside> {
    clearTimeout(this.#resting);
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      // As text, an octet a character, which costs less to send than bytes.
      const text = (bytes: Buffer): string => bytes.toString('latin1');
      const order = { session: text(session), mechanism, key: text(key), inputs: inputs.map(text) };
      this.#worker.postMessage(order);
    });
  }

  /** Keeps the process from nothing, and ends after a while; then `ended` is called. */
  rest(ended: () => void): void {
    this.#worker.unref();
    this.#resting = setTimeout(() => {
      ended();
      void this.#worker.terminate();
    }, IDLE_MS).unref();
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if ('signatures' in answer) {
      const signatures = answer.signatures.map((text) => Buffer.from(text, 'latin1'));
      waiting?.resolve({ signatures, ms: answer.ms });
    } else {
      waiting?.reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
    }
  }
}
