/** The way to a token: finding it, judging its flags, one login attempt, and whether it is the token that is meant. */
import type { Session } from 'graphene-pk11';
import type { Clock } from '../clock';
import { ckrOf, hsmErrorFrom } from './ckr';
import { TokenConnection, type Connection } from './connection';
import { HsmError } from './errors';
import { loadModule, type LoadedModule } from './module';
import type { KeyRecord } from './keys';
import type { PinReader } from './pin';
import { loginRemembering } from './refusedPins';
import { closeSession, isLoggedIn, join, leave, logIn, openSession } from './session';
import { mechanismsOf } from './signing';
import { findToken, readFacts, type FoundToken, type TokenFacts, type TokenReference } from './tokenFacts';

/** A connection with its first session. */
export interface Connected {
  readonly connection: Connection;
  readonly session: Session;
}

/** How a member of a pool comes to its token; a test makes one up. */
export interface Connector {
  connect(): Promise<Connected>;
  /** Ends and starts the module. @returns false if it cannot be done now */
  restartModule(): Promise<boolean>;
  /** Whether other tokens of the module are in use and well. */
  readonly disturbsOthers: boolean;
  /** Tells that this token is in use and well, or no longer. */
  well(isWell: boolean): void;
  /** Ends the use of the token. @param session one that is open, if any is */
  leave(session: Session | undefined): void;
}

export interface ConnectorOptions {
  readonly reference: TokenReference;
  readonly readPin: PinReader;
  /** Path of the memory of wrong PINs. */
  readonly refusedPins: string;
  readonly clock: Clock;
  /** The keys in use on the token: one that shows none of them is not back yet, or is another. */
  readonly keys: () => Iterable<KeyRecord>;
}

export class TokenConnector implements Connector {
  readonly #options: ConnectorOptions;
  #module: LoadedModule | undefined;
  /** As found the first time; its serial number is held to from then on. */
  #token: FoundToken | undefined;
  #mechanisms: ReadonlySet<number> = new Set();
  /** Of the module, at the last attempt. */
  #generation = 0;
  #joined = false;
  #well = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** As they stood when the token was found last. */
  get facts(): TokenFacts | undefined {
    return this.#token?.facts;
  }

  get mechanisms(): ReadonlySet<number> {
    return this.#mechanisms;
  }

  /**
   * Finds the token and logs in with exactly one attempt; a PIN that the token refused before is not tried at all.
   * @throws HsmError `MODULE_UNAVAILABLE`, `TOKEN_ABSENT`, `TOKEN_AMBIGUOUS`, `TOKEN_NOT_INITIALISED`, `PIN_LOCKED`,
   * `PIN_FINAL_TRY`, `PIN_REFUSED_BEFORE`, `PIN_INCORRECT`, `PIN_EXPIRED`, `REFUSED_PINS_UNUSABLE`, `KEY_ABSENT`,
   * `KEY_MISMATCH`, `KEY_ID_MISMATCH`, what reading the PIN throws, and what else the token's return values mean
   */
  async connect(): Promise<Connected> {
    while (this.#module?.closedUntil !== undefined) await this.#module.closedUntil.catch(() => undefined);
    const { reference } = this.#options;
    this.#module = loadModule(reference.module);
    this.#generation = this.#module.generation;
    const token = findToken({ ...reference, serial: this.#token?.facts.serial ?? reference.serial });
    token.module.enter();
    try {
      if (!this.#joined) refuseByFlags(token.facts);
      this.#mechanisms = mechanismsOf(token.slot.getMechanisms());
      return await this.#enter(token);
    } catch (error) {
      // Not the token's: what kept its PIN from being read.
      if (ckrOf(error) === undefined) throw error;
      throw hsmErrorFrom(error, token.facts.label, 'open-session');
    } finally {
      token.module.leave();
    }
  }

  restartModule(): Promise<boolean> {
    return this.#module?.restart(this.#generation) ?? Promise.resolve(false);
  }

  get disturbsOthers(): boolean {
    return (this.#module?.wellTokens ?? 0) > (this.#well ? 1 : 0);
  }

  well(isWell: boolean): void {
    if (this.#module !== undefined && this.#well !== isWell) this.#module.wellTokens += isWell ? 1 : -1;
    this.#well = isWell;
  }

  leave(session: Session | undefined): void {
    this.well(false);
    if (this.#token !== undefined && this.#joined) leave(this.#token, session);
    this.#joined = false;
  }

  async #enter(token: FoundToken): Promise<Connected> {
    const session = openSession(token);
    const hadJoined = this.#joined;
    try {
      // The first time always, so that a wrong PIN is found out even where another part of the process is logged in.
      if (!this.#joined || !isLoggedIn(session)) await this.#logIn(token, session);
      const connection = new TokenConnection(token);
      this.#refuseStranger(connection, session);
      this.#token = token;
      return { connection, session };
    } catch (error) {
      if (this.#joined && !hadJoined) {
        this.#joined = false;
        leave(token, session);
      }
      closeSession(token, session);
      throw error;
    }
  }

  async #logIn(token: FoundToken, session: Session): Promise<void> {
    const { readPin, refusedPins: file, clock } = this.#options;
    const pin = await readPin();
    await loginRemembering({ file, clock }, token.facts, pin, () => {
      // Again, because another attempt of this process may have failed while this one waited for its turn.
      refuseByFlags(readFacts(token.slot));
      const pinChecked = logIn(token, session, pin);
      if (!this.#joined) join(token);
      this.#joined = true;
      return { pinChecked };
    });
  }

  #refuseStranger({ keys }: Connection, session: Session): void {
    let refusal: HsmError | undefined;
    for (const key of this.#options.keys()) {
      try {
        keys.handle(session, key);
        return;
      } catch (error) {
        if (!(error instanceof HsmError)) throw error;
        refusal ??= error as HsmError;
      }
    }
    if (refusal !== undefined) throw refusal;
  }
}

/**
 * Whether a login attempt is safe, judged before any.
 * @throws HsmError `TOKEN_NOT_INITIALISED`, `PIN_LOCKED`, `PIN_FINAL_TRY`
 */
export function refuseByFlags({ label: token, flags }: TokenFacts): void {
  const operation = 'login';
  if (!flags.initialised) {
    throw new HsmError('TOKEN_NOT_INITIALISED', { token, operation, reported: '!CKF_TOKEN_INITIALIZED' });
  }
  if (!flags.userPinInitialised) {
    throw new HsmError('TOKEN_NOT_INITIALISED', { token, operation, reported: '!CKF_USER_PIN_INITIALIZED' });
  }
  if (flags.userPinLocked) {
    throw new HsmError('PIN_LOCKED', { token, operation, reported: 'CKF_USER_PIN_LOCKED' });
  }
  if (flags.userPinFinalTry) {
    throw new HsmError('PIN_FINAL_TRY', { token, operation, reported: 'CKF_USER_PIN_FINAL_TRY' });
  }
}
