/**
 * The memory that the main thread and a thread that signs have in common: a ring of places, so that handing a signature
 * over and back takes no message. The main thread asks in one place after the other, the other thread answers in the
 * same places and the same order, and a place is used again only once its answer was taken: so a late signature never
 * gets to another who asked. Neither a PIN nor a key lies here.
 */
'use strict';

/** How many signatures may be on their way. */
const PLACES = 32;
/** Counts go round twice as far, so that a full ring and an empty one differ. */
const COUNTS = 2 * PLACES;
/** The longest input that has room in a place: twice what any form of a digest takes. */
const INPUT_BYTES = 256;

/**
 * Words of the ring: how many were asked for and how many answered, and whether the main thread waits to be told. Each
 * has a cache line of its own, because the two threads write to them at the same time.
 */
const [ASKED, ANSWERED, WAITING] = [0, 16, 32];
const HEAD_BYTES = 192;

/** Numbers of a place: the mechanism's, lengths of the parts, how long it took in ms or `FAILED`, and an error's code. */
const [MECHANISM, SESSION, KEY, INPUT, RESULT, MS, CODE] = [0, 1, 2, 3, 4, 5, 6];
const NUMBERS_BYTES = 7 * Float64Array.BYTES_PER_ELEMENT;
const FAILED = -1;
/** In `CODE`: the error has none. */
const NO_CODE = -1;
/** So long at most one waits to be told: no word is known to get lost, and one that did would cost no more. */
const LOOK_AGAIN_MS = 1000;
/** In `INPUT`: there was no room for it. */
const ELSEWHERE = -1;

/** Where the parts begin behind the numbers. A result is a signature, by RSA-4096 at most, or an error's message. */
const AT = { session: 0, key: 16, input: 32, result: 32 + INPUT_BYTES };
const RESULT_BYTES = 512;
const PLACE_BYTES = NUMBERS_BYTES + AT.result + RESULT_BYTES;

class SigningRing {
  static INPUT_BYTES = INPUT_BYTES;
  static RESULT_BYTES = RESULT_BYTES;
  static BYTES = HEAD_BYTES + PLACES * PLACE_BYTES;

  #turns;
  #places;
  /** How many this side asked for, or answered. */
  #done = 0;
  /** How many answers were taken. */
  #taken = 0;
  /** By its place, the copy of a part, used again for the next of the same length. */
  #own = {};

  /** @param {SharedArrayBuffer} memory of `SigningRing.BYTES`, all zero at first */
  constructor(memory) {
    this.#turns = new Int32Array(memory, 0, HEAD_BYTES / 4);
    this.#places = Array.from({ length: PLACES }, (_, at) => {
      const start = HEAD_BYTES + at * PLACE_BYTES;
      return {
        numbers: new Float64Array(memory, start, NUMBERS_BYTES / Float64Array.BYTES_PER_ELEMENT),
        octets: Buffer.from(memory, start + NUMBERS_BYTES, PLACE_BYTES - NUMBERS_BYTES),
      };
    });
  }

  /** Whether no more may be asked for before an answer is taken. */
  get isFull() {
    return Math.abs(this.#done - this.#taken) === PLACES;
  }

  /**
   * Asks for a signature.
   * @param {number} mechanism a number that both sides know it by
   * @param {Buffer} session its handle
   * @param {Buffer} key its handle
   * @param {Buffer | undefined} input `undefined` where it goes another way
   */
  ask(mechanism, session, key, input) {
    const { numbers, octets } = this.#place(this.#done);
    numbers[MECHANISM] = mechanism;
    numbers[SESSION] = session.copy(octets, AT.session);
    numbers[KEY] = key.copy(octets, AT.key);
    numbers[INPUT] = input === undefined ? ELSEWHERE : input.copy(octets, AT.input);
    this.#step(ASKED);
    Atomics.notify(this.#turns, ASKED);
  }

  /** How many were asked for and are not answered. */
  get unanswered() {
    return (this.#done - Atomics.load(this.#turns, ANSWERED) + COUNTS) % COUNTS;
  }

  /** Whether there is an answer to take. */
  get isAnswered() {
    return Atomics.load(this.#turns, ANSWERED) !== this.#taken;
  }

  /**
   * The next answer, in the order in which was asked; `undefined` while it is not there.
   * @returns {{ signature: Buffer, ms: number } | { message: string, code: number | undefined } | undefined}
   */
  take() {
    if (!this.isAnswered) return undefined;
    const { numbers, octets } = this.#place(this.#taken);
    this.#taken = (this.#taken + 1) % COUNTS;
    const result = octets.subarray(AT.result, AT.result + numbers[RESULT]);
    if (numbers[MS] !== FAILED) return { signature: Buffer.from(result), ms: numbers[MS] };
    return { message: result.toString(), code: numbers[CODE] === NO_CODE ? undefined : numbers[CODE] };
  }

  /** Settles once there is more to take, or it is time to look again by oneself; `undefined` where there is more. */
  whenAnswered() {
    Atomics.store(this.#turns, WAITING, 1);
    const { async, value } = Atomics.waitAsync(this.#turns, ANSWERED, this.#taken, LOOK_AGAIN_MS);
    return async ? value : undefined;
  }

  /**
   * Waits for the next that is asked for; its parts are to be used before it is answered.
   * @returns {{ mechanism: number, session: Buffer, key: Buffer, input: Buffer | undefined }}
   */
  next() {
    while (Atomics.load(this.#turns, ASKED) === this.#done) Atomics.wait(this.#turns, ASKED, this.#done);
    const { numbers, octets } = this.#place(this.#done);
    return {
      mechanism: numbers[MECHANISM],
      session: this.#copy(octets, AT.session, numbers[SESSION]),
      key: this.#copy(octets, AT.key, numbers[KEY]),
      input: numbers[INPUT] === ELSEWHERE ? undefined : this.#copy(octets, AT.input, numbers[INPUT]),
    };
  }

  /** @param {Buffer} signature  @param {number} ms */
  answer(signature, ms) {
    const { numbers, octets } = this.#place(this.#done);
    octets.set(signature, AT.result);
    numbers[RESULT] = signature.length;
    numbers[MS] = ms;
    this.#tell();
  }

  /** @param {string} message  @param {number | undefined} code */
  fail(message, code) {
    const { numbers, octets } = this.#place(this.#done);
    numbers[RESULT] = octets.write(message, AT.result, RESULT_BYTES);
    numbers[MS] = FAILED;
    numbers[CODE] = code ?? NO_CODE;
    this.#tell();
  }

  #tell() {
    this.#step(ANSWERED);
    if (Atomics.exchange(this.#turns, WAITING, 0) === 1) Atomics.notify(this.#turns, ANSWERED);
  }

  /** Because the addon is made for memory of a thread's own. */
  #copy(octets, at, length) {
    if (this.#own[at]?.length !== length) this.#own[at] = Buffer.alloc(length);
    const own = this.#own[at];
    for (let each = 0; each < length; each += 1) own[each] = octets[at + each];
    return own;
  }

  #place(count) {
    return this.#places[count % PLACES];
  }

  #step(turn) {
    this.#done = (this.#done + 1) % COUNTS;
    Atomics.store(this.#turns, turn, this.#done);
  }
}

module.exports = { SigningRing };
