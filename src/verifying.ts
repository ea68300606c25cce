/**
 * Checking many signatures of one key: on a thread of its own, block by block, while the caller reads the next. One at a
 * time they cost the caller half as much again, to hand them over.
 */
import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { keyFor, SCHEMES, verifySignatureAside, type SignatureAlgorithm } from './signer';

/** A message with what is said to be its signature. */
export interface SignedMessage {
  readonly message: Buffer;
  readonly signature: Buffer;
}

/** Fewer are not worth a thread. */
const LEAST = 64;

/** The thread, once there was work for it; it keeps the process from nothing while it has none. */
let thread: VerifyingThread | undefined;

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
  if (thread?.alive !== true) thread = new VerifyingThread();
  return thread.verify(algorithm, key, signed);
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
