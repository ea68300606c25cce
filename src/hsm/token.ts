/** A token as a party uses it: one device, or several that hold the same keys and stand in for each other. */
import type { Session } from 'graphene-pk11';
import type { Clock } from '../clock';
import { signatureAlgorithmOf, type SignatureAlgorithm } from '../signer';
import { isSoftwareToken } from './certification';
import { hsmErrorFrom, remedyFor } from './ckr';
import { TokenConnector } from './connector';
import { HsmError } from './errors';
import { HealthRecord, together, type Health, type TokenHealth } from './health';
import { generateKeyPairOn, type KeyRequest } from './keyGeneration';
import { keyName } from './keyHandles';
import { findKeyOn, keyOn, requirePinned, type KeyPin, type KeyRecord } from './keys';
import { Member } from './member';
import { Pin, type PinReader } from './pin';
import { PACING, type Pacing } from './recovery';
import { SessionPool } from './sessionPool';
import { signingMethod } from './signing';
import { Pace } from './signOn';
import type { TokenFacts, TokenReference } from './tokenFacts';
import { TokenSigner } from './tokenSigner';

const DEFAULT_SESSIONS = 4;
const DEFAULT_WAIT_MS = 20_000;
/** How often a token that nobody asks for anything is looked after. */
const CHECK_MS = 30_000;

export interface TokenOptions {
  /** Operations at the same time on one device; default 4. */
  readonly sessions?: number | undefined;
  /** How long a caller waits for a session, an answer, or a lost token to come back, in milliseconds; default 20,000. */
  readonly waitMs?: number | undefined;
  /** How patiently a lost token is tried again. */
  readonly pacing?: Partial<Pacing> | undefined;
  /** Path of the memory of wrong PINs; its directory must exist. */
  readonly refusedPins: string;
  readonly clock: Clock;
  /** Told of each change of the token's health. */
  readonly onHealth?: ((health: TokenHealth) => void) | undefined;
}

export interface SignerChoice extends KeyPin {
  /** Default: what the key's type usually signs with. */
  readonly signatureAlgorithm?: SignatureAlgorithm | undefined;
}

/** One device, and where its PIN is read each time it is needed. */
export interface TokenPlace {
  readonly reference: TokenReference;
  readonly pin: Pin | PinReader;
}

interface Device {
  readonly place: TokenPlace;
  readonly connector: TokenConnector;
  readonly member: Member;
}

export class Token {
  readonly #label: string;
  readonly #devices: readonly Device[];
  readonly #pool: SessionPool;
  readonly #health: HealthRecord;
  readonly #labelsInMaking = new Set<string>();
  /** The keys that are signed with, by name. */
  readonly #keys: Map<string, KeyRecord>;
  readonly #checking: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  private constructor(
    /** Of the first device that opened, as they stood before the login. */
    readonly facts: TokenFacts,
    devices: readonly Device[],
    keys: Map<string, KeyRecord>,
    options: TokenOptions,
  ) {
    const { label } = facts;
    this.#label = label;
    this.#devices = devices;
    this.#keys = keys;
    this.#health = new HealthRecord(options.clock, () => {
      options.onHealth?.(this.health);
    });
    this.#pool = new SessionPool({
      token: label,
      members: this.#members,
      waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
      onChange: () => {
        this.#judge();
      },
    });
    this.#checking = setInterval(() => {
      this.#check();
    }, CHECK_MS).unref();
    this.#judge();
  }

  get health(): TokenHealth {
    const members = this.#devices.map(({ place, connector, member }) => ({
      serial: connector.facts?.serial ?? place.reference.serial ?? '',
      ...member.health,
    }));
    return { label: this.#label, ...this.#health.now, members };
  }

  /**
   * Finds the token, reads its flags, and logs in with exactly one attempt; a PIN that the token refused before is
   * not tried at all. Where this process is logged in to the token already, the token does not look at the PIN.
   * @param pin itself, or where to read it now and each time the login is lost
   * @throws HsmError `MODULE_UNAVAILABLE`, `TOKEN_ABSENT`, `TOKEN_AMBIGUOUS`, `TOKEN_NOT_INITIALISED`, `PIN_LOCKED`,
   * `PIN_FINAL_TRY`, `PIN_REFUSED_BEFORE`, `PIN_INCORRECT`, `PIN_EXPIRED`, `REFUSED_PINS_UNUSABLE`,
   * `SESSIONS_EXHAUSTED`, what reading the PIN throws, and what else the token's return values mean
   */
  static open(reference: TokenReference, pin: Pin | PinReader, options: TokenOptions): Promise<Token> {
    return Token.openTogether([{ reference, pin }], options);
  }

  /**
   * Opens devices that hold the same keys, and spreads the work over them. One that cannot be opened joins when it
   * can; at least one must open.
   * @throws as `open`, for the first device, if none opens
   */
  static async openTogether(places: readonly TokenPlace[], options: TokenOptions): Promise<Token> {
    const { refusedPins, clock, sessions, pacing } = options;
    const label = places[0]?.reference.label ?? '';
    const keys = new Map<string, KeyRecord>();
    const devices = places.map((place): Device => {
      const { reference, pin } = place;
      const readPin = pin instanceof Pin ? () => Promise.resolve(pin) : pin;
      const connector = new TokenConnector({
        reference,
        readPin,
        refusedPins,
        clock,
        keys: () => keys.values(),
      });
      const member = new Member({
        token: label,
        connector,
        size: sessions ?? DEFAULT_SESSIONS,
        clock,
        pacing: { ...PACING, ...pacing },
      });
      return { place, connector, member };
    });
    const opened = await Promise.allSettled(devices.map(({ member }) => member.open()));
    const facts = devices.map(({ connector }) => connector.facts).find((each) => each !== undefined);
    const failures = opened.map((each) =>
      each.status === 'rejected' ? (each.reason as unknown) : undefined,
    );
    if (facts === undefined || opened.every(({ status }) => status === 'rejected')) throw failures[0];
    devices.forEach(({ member }, at) => {
      const error = failures[at];
      if (error === undefined) return;
      member.openLater(hsmErrorFrom(error, label, 'open-session'), remedyFor(error));
    });
    return new Token(facts, devices, keys, options);
  }

  /**
   * Makes a key pair that never leaves the token and only signs; see `KeyRecord.attributes` for what the token proved.
   * @throws HsmError `SEVERAL_TOKENS`, `SIGNATURE_NOT_FOR_KEY`, `KEY_EXISTS`, `KEY_ATTRIBUTES_WRONG`, `SIGNATURE_WRONG`,
   * `MECHANISM_UNSUPPORTED`, `MECHANISM_MISSING`, `TEMPLATE_REFUSED`, `TOKEN_WRITE_PROTECTED`, and as `SessionPool.run`
   */
  async generateKeyPair(request: KeyRequest): Promise<KeyRecord> {
    const { label } = request;
    const token = this.#label;
    const [device, ...others] = this.#devices;
    if (device === undefined || others.length > 0) {
      throw new HsmError('SEVERAL_TOKENS', { token, label, count: this.#devices.length });
    }
    // The look for an existing key and the making are apart in time, and another session could make one between.
    if (this.#labelsInMaking.has(label)) throw new HsmError('KEY_EXISTS', { token, label });
    this.#labelsInMaking.add(label);
    try {
      return await this.#pool.run('generate-key', (session) =>
        generateKeyPairOn(session, { label: token, mechanisms: device.connector.mechanisms }, request),
      );
    } finally {
      this.#labelsInMaking.delete(label);
    }
  }

  /**
   * The key pair with this label, however it is protected; `undefined` if there is none.
   * @throws HsmError `KEY_AMBIGUOUS`, `KEY_INCOMPLETE`, `KEY_UNSUPPORTED`, and as `SessionPool.run`
   */
  async findKey(label: string): Promise<KeyRecord | undefined> {
    const key = await this.#pool.run('find-key', (session) => findKeyOn(session, this.#label, label));
    return key?.record;
  }

  /**
   * The signer of the key with this label. Of several devices, each signs only with a key of the same public half.
   * @throws HsmError `KEY_ABSENT`, `KEY_MISMATCH`, `KEY_ID_MISMATCH`, `SIGNATURE_NOT_FOR_KEY`, `MECHANISM_MISSING`, and as `findKey`
   */
  async signer(label: string, { signatureAlgorithm, ...pin }: SignerChoice = {}): Promise<TokenSigner> {
    const { spkiSha256 } = pin;
    // One that is signed with already is not asked for again: the token may just be on its way back.
    const known = spkiSha256 === undefined ? undefined : this.#keys.get(keyName({ label, spkiSha256 }));
    const key = known ?? (await this.#keyOfAny(label, pin));
    requirePinned(key, this.#label, pin);
    this.#keys.set(keyName(key), key);
    const algorithm = signatureAlgorithm ?? signatureAlgorithmOf(key.algorithm);
    const method = signingMethod(key.algorithm, algorithm, this.#mechanisms, this.#label);
    const devices = this.#devices.map(({ connector }) => connector.facts);
    const pace = new Pace(devices.every((facts) => facts !== undefined && isSoftwareToken(facts)));
    return new TokenSigner(this.#pool, this.#label, key, { algorithm, method, pace });
  }

  /**
   * Waits for what runs, refuses what waits (`TOKEN_CLOSED`), closes the sessions, and logs out if no other `Token` of
   * this process uses the token. May be called again.
   */
  close(): Promise<void> {
    clearInterval(this.#checking);
    // A signer shares out first what it was asked for just now.
    this.#closing ??= Promise.resolve().then(() => this.#pool.close());
    return this.#closing;
  }

  get #members(): readonly Member[] {
    return this.#devices.map(({ member }) => member);
  }

  /** What every device found so far can do. */
  get #mechanisms(): ReadonlySet<number> {
    const found = this.#devices.map(({ connector }) => connector.mechanisms).filter(({ size }) => size > 0);
    return new Set([...(found[0] ?? [])].filter((each) => found.every((mechanisms) => mechanisms.has(each))));
  }

  /** From the first device that has it and can be asked now; what that one says, if none has it. */
  async #keyOfAny(label: string, pin: KeyPin): Promise<KeyRecord> {
    const find = (only?: Member): Promise<KeyRecord> =>
      this.#pool.run('find-key', (session) => this.#find(session, label, pin), only);
    const [first, ...more] = this.#members.filter((member) => member.connection() !== undefined);
    try {
      return await find(first);
    } catch (error) {
      for (const member of more) {
        const key = await find(member).catch(() => undefined);
        if (key !== undefined) return key;
      }
      throw error;
    }
  }

  #find(session: Session, label: string, pin: KeyPin): KeyRecord {
    try {
      return keyOn(session, this.#label, label, pin).record;
    } catch (error) {
      if (error instanceof HsmError && error.code === 'KEY_ABSENT') this.#lookForAny(session);
      throw error;
    }
  }

  /** A token that shows none of the keys it had is not there, though it answers. @throws HsmError `TOKEN_REMOVED` */
  #lookForAny(session: Session): void {
    const token = this.#label;
    const keys = [...this.#keys.values()];
    if (keys.length === 0 || keys.some(({ label }) => findKeyOn(session, token, label) !== undefined)) return;
    const reported = '!CKO_PRIVATE_KEY';
    throw new HsmError('TOKEN_REMOVED', { token, operation: 'find-key', reported });
  }

  /** So that a lost token is found before it is needed, where nobody asks for anything for a while. */
  #check(): void {
    for (const member of this.#members) {
      if (member.idleFor < CHECK_MS || member.connection() === undefined) continue;
      const look = this.#pool.run(
        'find-key',
        (session) => {
          this.#lookForAny(session);
        },
        member,
      );
      // Told by its health.
      look.catch(() => undefined);
    }
  }

  #judge(): void {
    this.#health.set(together(this.#members.map(({ health }): Health => health)));
  }
}
