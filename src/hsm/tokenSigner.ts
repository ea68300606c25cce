/** The `Signer` whose private key is on a token, or on several. */
import type { SignatureAlgorithm, Signer } from '../signer';
import { HsmError } from './errors';
import type { KeyRecord } from './keys';
import type { SessionPool } from './sessionPool';
import type { SigningMethod } from './signing';
import { signOn, type Pace } from './signOn';

export class TokenSigner implements Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly spki: Buffer;
  readonly #pool: SessionPool;
  /** The token's label. */
  readonly #token: string;
  readonly #key: KeyRecord;
  readonly #method: SigningMethod;
  readonly #pace: Pace;

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
  }

  /** @throws HsmError as `SessionPool.run` does, and `SIGNATURE_WRONG`, `KEY_ABSENT`, `KEY_MISMATCH` */
  sign(message: Uint8Array): Promise<Buffer> {
    // Before the first wait: the caller may change the message afterwards.
    const input = this.#method.input(message);
    const asItWas = Buffer.from(message);
    return this.#pool.run('sign', (session, { keys }) => {
      const handle = keys.handle(session, this.#key);
      const finish = (result: Buffer): Buffer => {
        const signature = this.#method.output(result);
        if (signature === undefined) {
          throw new HsmError('SIGNATURE_WRONG', { token: this.#token, label: this.#key.label });
        }
        if (!keys.isProven(this.#key, this.algorithm)) {
          keys.prove(this.#key, this.algorithm, asItWas, signature);
        }
        return signature;
      };
      const made = signOn(session, this.#method.mechanism, handle, input, this.#pace);
      return made instanceof Promise ? made.then(finish) : finish(made);
    });
  }
}
