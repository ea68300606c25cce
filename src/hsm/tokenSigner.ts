/** The `Signer` whose private key is on a token, or on several. */
import type { Session } from 'graphene-pk11';
import type { SignatureAlgorithm, Signer } from '../signer';
import { HsmError } from './errors';
import type { KeyHandles } from './keyHandles';
import type { KeyRecord } from './keys';
import type { SessionPool } from './sessionPool';
import type { SigningMethod } from './signing';
import { isCrowded } from './signingThreads';
import { afterOthers, isTurnOver, signOn, type Pace } from './signOn';

interface Asked {
  readonly message: Buffer;
  /** What the mechanism is given for it. */
  readonly input: Buffer;
  readonly resolve: (signature: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

export class TokenSigner implements Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly spki: Buffer;
  /** CKA_ID, lower-case hex. */
  readonly id: string;
  readonly #pool: SessionPool;
  /** The token's label. */
  readonly #token: string;
  readonly #key: KeyRecord;
  readonly #method: SigningMethod;
  readonly #pace: Pace;
  readonly #asked: Asked[] = [];

  constructor(
    pool: SessionPool,
    token: string,
    key: KeyRecord,
    {
      algorithm,
      method,
      pace,
    }: {
      readonly algorithm: SignatureAlgorithm;
      /** Of the algorithm, for the key. */
      readonly method: SigningMethod;
      readonly pace: Pace;
    },
  ) {
    this.#pool = pool;
    this.#token = token;
    this.#key = key;
    this.#method = method;
    this.#pace = pace;
    this.algorithm = algorithm;
    this.spki = key.spki;
    this.id = key.id;
  }

  /** @throws HsmError as `SessionPool.run` does, and `SIGNATURE_WRONG`, `KEY_ABSENT`, `KEY_MISMATCH`, `KEY_ID_MISMATCH` */
  sign(message: Uint8Array): Promise<Buffer> {
    // Before the first wait: the caller may change the message afterwards.
    const input = this.#method.input(message);
    const asItWas = Buffer.from(message);
    return new Promise((resolve, reject) => {
      this.#asked.push({ message: asItWas, input, resolve, reject });
      if (this.#asked.length === 1) this.#gather();
    });
  }

  /** Those who ask together, or while others have their turn, are answered together. */
  #gather(): void {
    const share = (): void => {
      this.#share();
    };
    if (this.#pace.isQuick() && isTurnOver()) afterOthers(share);
    else queueMicrotask(share);
  }

  /** Shares out what was asked for among the sessions. */
  #share(): void {
    const asked = this.#asked.splice(0);
    // At once, one session of a token does as well as several.
    const sessions = this.#pace.isQuick(asked.length) && isCrowded() ? this.#pool.tokens : this.#pool.size;
    const each = Math.min(this.#pace.together, Math.ceil(asked.length / sessions));
    const alone = asked.length === 1;
    for (let at = 0; at < asked.length; at += each) void this.#answer(asked.slice(at, at + each), alone);
  }

  async #answer(asked: readonly Asked[], alone: boolean): Promise<void> {
    try {
      const signatures = await this.#pool.run('sign', (session, { keys }) =>
        this.#signAll(session, keys, asked, alone),
      );
      for (const [at, { resolve }] of asked.entries()) resolve(signatures[at] as Buffer);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  #signAll(
    session: Session,
    keys: KeyHandles,
    asked: readonly Asked[],
    alone: boolean,
  ): readonly Buffer[] | Promise<readonly Buffer[]> {
    const handle = keys.handle(session, this.#key);
    const finish = (signatures: readonly (Buffer | undefined)[]): readonly Buffer[] => {
      if (!signatures.every((signature) => signature !== undefined)) {
        throw new HsmError('SIGNATURE_WRONG', { token: this.#token, label: this.#key.label });
      }
      const [[first], [signature]] = [asked, signatures];
      if (first !== undefined && signature !== undefined && !keys.isProven(this.#key, this.algorithm)) {
        keys.prove(this.#key, this.algorithm, first.message, signature);
      }
      return signatures;
    };
    const inputs = asked.map(({ input }) => input);
    const made = signOn(session, this.#method, handle, inputs, this.#pace, alone);
    return made instanceof Promise ? made.then(finish) : finish(made);
  }
}
