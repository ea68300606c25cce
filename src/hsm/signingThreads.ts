/**
 * Threads that sign. A module may block for as long as its device takes, in C_SignInit already; so an operation is
 * given to a thread of its own, which waits inside the module while the rest of the program goes on. Sessions and
 * handles are the process's: which thread uses a session is all one, as long as no two use it at once.
 */
import { Worker } from 'node:worker_threads';
import type { Mechanism } from 'pkcs11js';
import { SigningRing } from './signingRing.cjs';

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

/** One signature that is asked for. */
interface Asked {
  readonly order: SigningOrder;
  readonly input: Buffer;
  readonly answered: (answer: Answer | Error) => void;
}

type Answer = NonNullable<ReturnType<SigningRing['take']>>;

/** A thread that has had nothing to do for so long is ended, unless it is the only one. */
const IDLE_MS = 60_000;
/** For so long the system is not asked for a thread again, when it had none to give. */
const SCARCE_MS = 30_000;
/** A thread that has not answered for so long gets nothing more to do, though what it was given was to be quick. */
const HELD_MS = 100;
/** So few quick signatures are soon there: it costs less to look again and again than to be told. */
const FEW = 8;
const MOST_LOOKS = 5000;
/** With so many before it a thread is at work until the main thread looks again, which makes one by itself meanwhile. */
const FED = 3;
/** Where they were not, no core was free for the thread. So long others are made without it, then twice as long, … */
const CROWDED_MS = 10;
const LONGEST_CROWDED_MS = 320;

/** The threads that live, by library. */
const threads = new Map<string, SigningThread[]>();

function threadsOf(library: string): SigningThread[] {
  const own = threads.get(library) ?? [];
  threads.set(library, own);
  return own;
}

/**
 * Signs on a thread that has nothing else to do; there are never more of them than sessions that sign at once. All that
 * is quick goes to one thread, which the main thread can just keep at work: with more, handing over costs what they win.
 * Rejects with the token's own error.
 * @param library path of the loaded module, letter for letter as it was loaded
 * @param quick whether each is made sooner than a thread is woken
 */
export function signAside(library: string, order: SigningOrder, quick: boolean): Promise<MadeAside> {
  const own = threadsOf(library);
  const among = quick ? own.find((thread) => thread.isQuick && !thread.isHeld) : undefined;
  const thread = among ?? own.find(({ isIdle }) => isIdle) ?? oneMore(library);
  return thread.sign(order, quick);
}

/** Why the system gave no further thread, and until when it is not asked for one: Node keeps 50 KiB of each refusal. */
let scarce: { readonly error: unknown; readonly until: number } = { error: undefined, until: -Infinity };

/** A further thread; where the system gives none, the one with the least to do. */
function oneMore(library: string): SigningThread {
  const own = threadsOf(library);
  if (performance.now() >= scarce.until) {
    try {
      const thread = new SigningThread(library);
      own.push(thread);
      return thread;
    } catch (error) {
      scarce = { error, until: performance.now() + SCARCE_MS };
    }
  }
  const [least] = own.toSorted((one, other) => one.waiting - other.waiting);
  if (least === undefined) throw scarce.error;
  return least;
}

/** For how long and until when no core is taken to be free. */
const crowded = { ms: CROWDED_MS, until: -Infinity };

function findCrowded(): void {
  const now = performance.now();
  const again = now - crowded.until < LONGEST_CROWDED_MS;
  crowded.ms = again ? Math.min(2 * crowded.ms, LONGEST_CROWDED_MS) : CROWDED_MS;
  crowded.until = now + crowded.ms;
}

/** Whether no core is free for a thread that makes quick signatures: the main thread makes them sooner by itself. */
export function isCrowded(): boolean {
  return performance.now() < crowded.until;
}

/**
 * Whether one more quick signature is best handed over as well: a thread makes some, and there is a core for it.
 * @param alone whether nothing else is asked for at the moment
 */
export function isForThread(library: string, alone: boolean): boolean {
  let busy = false;
  for (const thread of threadsOf(library)) {
    if (!thread.isQuick) continue;
    // Nor must the main thread go where this one is held.
    if (thread.isHeld) return true;
    if (thread.isFed) return false;
    busy = true;
  }
  return !isCrowded() && (busy || !alone);
}

class SigningThread {
  readonly #library: string;
  readonly #worker: Worker;
  readonly #ring: SigningRing;
  /** In the order in which they are answered; the first ones are in the ring. */
  readonly #asked: Asked[] = [];
  #inRing = 0;
  /** Those that the thread knows, as text. */
  readonly #mechanisms: string[] = [];
  #quick = false;
  /** When it was last seen to answer, or was given work where it had none. */
  #lastMove = 0;
  /** How often it was looked at since in vain. */
  #looks = 0;
  #usedLately = true;
  readonly #resting: NodeJS.Timeout;

  constructor(library: string) {
    this.#library = library;
    const memory = new SharedArrayBuffer(SigningRing.BYTES);
    this.#ring = new SigningRing(memory);
    this.#worker = new Worker(require.resolve('./signingThread.cjs'), { workerData: { library, memory } });
    this.#worker.unref();
    const ended = (cause: Error): void => {
      this.#end();
      for (const { answered } of this.#asked.splice(0)) answered(cause);
    };
    this.#worker.on('error', ended);
    this.#worker.on('exit', () => {
      ended(new Error('a signing thread ended'));
    });
    this.#resting = setInterval(() => {
      this.#rest();
    }, IDLE_MS).unref();
  }

  /** How many it has not made yet. */
  get waiting(): number {
    return this.#asked.length;
  }

  get isIdle(): boolean {
    return this.waiting === 0;
  }

  /** Whether it makes what is quick. */
  get isQuick(): boolean {
    return this.#quick && !this.isIdle;
  }

  /** Whether the module holds it up. */
  get isHeld(): boolean {
    return performance.now() - this.#lastMove > HELD_MS && !this.#ring.isAnswered;
  }

  get isFed(): boolean {
    return this.#ring.unanswered >= FED;
  }

  sign(order: SigningOrder, quick: boolean): Promise<MadeAside> {
    return new Promise((resolve, reject) => {
      const signatures: Buffer[] = [];
      let ms = 0;
      let left = order.inputs.length;
      let failure: Error | undefined;
      const answered = (answer: Answer | Error): void => {
        if ('signature' in answer) {
          signatures.push(answer.signature);
          ms += answer.ms;
        } else {
          failure ??=
            answer instanceof Error
              ? answer
              : Object.assign(new Error(answer.message), { code: answer.code });
        }
        left -= 1;
        // Not before the last: until then the session is in use.
        if (left > 0) return;
        if (failure === undefined) resolve({ signatures, ms });
        else reject(failure);
      };
      if (this.isIdle) this.#begin(quick);
      for (const input of order.inputs) this.#asked.push({ order, input, answered });
      this.#fill();
    });
  }

  #begin(quick: boolean): void {
    this.#quick = quick;
    this.#usedLately = true;
    this.#moved();
    // What runs keeps the process; a thread that waits does not.
    this.#worker.ref();
    setImmediate(this.#collect);
  }

  #moved(): void {
    this.#lastMove = performance.now();
    this.#looks = 0;
  }

  #fill(): void {
    for (; this.#inRing < this.#asked.length && !this.#ring.isFull; this.#inRing += 1) {
      const { order, input } = this.#asked[this.#inRing] as Asked;
      const mechanism = this.#numberOf(order.mechanism);
      const hasRoom = input.length <= SigningRing.INPUT_BYTES;
      if (!hasRoom) this.#worker.postMessage(input);
      this.#ring.ask(mechanism, order.session, order.key, hasRoom ? input : undefined);
    }
  }

  /** Of a mechanism, in the order in which they were sent to the thread. */
  #numberOf(mechanism: Mechanism): number {
    const text = JSON.stringify(mechanism);
    const known = this.#mechanisms.indexOf(text);
    if (known !== -1) return known;
    this.#worker.postMessage(mechanism);
    return this.#mechanisms.push(text) - 1;
  }

  readonly #collect = (): void => {
    const count = this.#inRing;
    for (let answer = this.#ring.take(); answer !== undefined; answer = this.#ring.take()) {
      this.#inRing -= 1;
      this.#asked.shift()?.answered(answer);
    }
    if (this.#inRing < count) this.#moved();
    this.#fill();
    if (this.isIdle) this.#worker.unref();
    else this.#lookAgain();
  };

  #lookAgain(): void {
    const few = this.#quick && this.#asked.length <= FEW;
    const soon = few && this.#looks < MOST_LOOKS;
    this.#looks += 1;
    const told = soon ? undefined : this.#ring.whenAnswered();
    if (few && told !== undefined) findCrowded();
    if (told === undefined) setImmediate(this.#collect);
    else void told.then(this.#collect);
  }

  #rest(): void {
    if (!this.isIdle) return;
    if (this.#usedLately || threadsOf(this.#library).length === 1) this.#usedLately = false;
    else {
      this.#end();
      void this.#worker.terminate();
    }
  }

  #end(): void {
    clearInterval(this.#resting);
    const own = threadsOf(this.#library);
    const at = own.indexOf(this);
    if (at !== -1) own.splice(at, 1);
  }
}
