/**
 * Checking many signatures of one key: on threads of their own, block by block, while the caller reads the next. One at a
 * time they cost the caller half as much again, to hand them over.
 */
import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { keyFor, SCHEMES, verifySignatureAside, type SignatureAlgorithm } from './signer';

/** A message with what is said to be its signature. */
export interface SignedMessage {
  readonly message: Buffer;
  readonly signature: Buffer;
}

/** Fewer are not worth a thread. */
const LEAST = 64;

/** One core is the caller's; more threads than these would wait for what one caller reads. */
const MOST = Math.min(8, Math.max(1, availableParallelism() - 1));

/** Those there was work for; one keeps the process from nothing while it has none. */
const threads: VerifyingThread[] = [];

/** As `verifySignature`, of each, off the main thread. */
export async function verifySignaturesAside(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  signed: readonly SignedMessage[],
): Promise<readonly boolean[]> {
  if (signed.length < LEAST || key.asymmetricKeyType !== SCHEMES[algorithm].keyType) {
    return Promise.all(
      signed.map(({ message, signature }) => verifySignatureAside(algorithm, key, message, signature)),
    );
  }
  return leastBusy().verify(algorithm, key, signed);
}

/** An idle thread, a new one while there may be more, or the one with the fewest blocks to do. */
function leastBusy(): VerifyingThread {
  for (let at = threads.length - 1; at >= 0; at -= 1) if (threads[at]?.alive !== true) threads.splice(at, 1);
  const [first] = threads.sort((a, b) => a.blocks - b.blocks);
  if (first !== undefined && (first.blocks === 0 || threads.length === MOST)) return first;
  const thread = new VerifyingThread();
  threads.push(thread);
  return thread;
}

interface Waiting {
  readonly resolve: (valid: readonly boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

class VerifyingThread {
  readonly #worker = new Worker(require.resolve('./verifyingThread.cjs'));
  /** In the order in which they asked, which is that of the answers. */
  readonly #waiting: Waiting[] = [];
  #alive = true;

  constructor() {
    this.#worker.on('message', (valid: readonly boolean[]) => {
      this.#waiting.shift()?.resolve(valid);
      if (this.#waiting.length === 0) this.#worker.unref();
    });
    const ended = (cause: unknown): void => {
      this.#alive = false;
      for (const { reject } of this.#waiting.splice(0)) reject(cause);
    };
    this.#worker.on('error', ended);
    this.#worker.on('exit', () => {
      ended(new Error('the thread that checks signatures ended'));
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** How many it has not answered. */
  get blocks(): number {
    return this.#waiting.length;
  }

  verify(
    algorithm: SignatureAlgorithm,
    key: KeyObject,
    signed: readonly SignedMessage[],
  ): Promise<readonly boolean[]> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      const parts = signed.flatMap(({ message, signature }) => [message, signature]);
      let end = 0;
      const ends = parts.map(({ length }) => (end += length));
      // In one piece of memory, which goes over to the thread: a view of another would take all of that along.
      const octets = new Uint8Array(end);
      parts.forEach((part, at) => {
        octets.set(part, ends[at - 1] ?? 0);
      });
      const { hash } = SCHEMES[algorithm];
      this.#worker.postMessage({ hash, key: keyFor(SCHEMES[algorithm], key), octets, ends }, [octets.buffer]);
    });
  }
}
