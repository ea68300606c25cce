/** The tokens a party uses, by label: each opened once, when it is first needed, with the PIN its configuration names. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../clock';
import type { Logger } from '../logger';
import { hsmErrorFrom } from './ckr';
import { refuseByFlags } from './connector';
import { HsmError } from './errors';
import { together, type MemberHealth, type TokenHealth } from './health';
import { pinSourceSchema, readPin, type Pin, type PinReader, type PinSource } from './pin';
import { Token, type TokenPlace } from './token';
import { findToken, type TokenReference } from './tokenFacts';

const MAX_TOGETHER = 8;

const tokensSchema = z
  .array(
    z.strictObject({
      label: z.string().min(1).max(32),
      serial: z.string().min(1).max(16).optional(),
      pin: pinSourceSchema,
    }),
  )
  .max(50)
  .superRefine((tokens, context) => {
    tokens.forEach(({ label, serial }, at) => {
      const namesakes = tokens.filter((token) => token.label === label);
      if (namesakes.length === 1) return;
      const same = namesakes.filter((token) => token.serial === serial).length > 1;
      if (serial !== undefined && !same && namesakes.length <= MAX_TOGETHER) return;
      context.addIssue({
        code: 'custom',
        path: [at, 'serial'],
        message: `tokens of one label hold the same keys: at most ${String(MAX_TOGETHER)}, each with a serial of its own`,
      });
    });
  });

export const hsmConfigSchema = z.strictObject({
  /** Path of the PKCS#11 module. */
  module: z.string().min(1),
  /** Operations at the same time on one token. */
  sessions: z.int().min(1).max(64),
  /** How long a caller waits for a session, an answer, or a lost token to come back; default 20. */
  waitSeconds: z.int().min(1).max(300).optional(),
  /**
   * Where the PINs of unattended tokens come from; for a token not named here a person is asked. Several entries of
   * one label are devices that hold the same keys and stand in for each other.
   */
  tokens: tokensSchema,
});

export type HsmConfig = z.infer<typeof hsmConfigSchema>;

export interface RackOptions {
  /** Relative PIN files are looked for here. */
  readonly directory: string;
  /** Path of the memory of wrong PINs. */
  readonly refusedPins: string;
  readonly clock: Clock;
  /** Asks on the terminal; absent where there is nobody to ask. */
  readonly prompt?: (tokenLabel: string) => Promise<string>;
  /** Told of each change of an opened token's health, which is logged as well. */
  readonly onHealth?: (health: TokenHealth) => void;
  readonly logger?: Logger;
}

export class TokenRack {
  readonly #open = new Map<string, Promise<Token>>();
  readonly #opened = new Set<Token>();

  constructor(
    private readonly config: HsmConfig,
    private readonly options: RackOptions,
  ) {}

  /**
   * The token with this label, logged in to.
   * @param pin where its PIN comes from this time, instead of what the configuration says
   * @param serial of the device on which its keys were made: one that has the label but another serial number is not
   * logged in to, unless the configuration names its serial number
   * @throws HsmError `TOKEN_ABSENT` also for a stranger; as `Token.openTogether`
   */
  async token(label: string, pin?: PinSource, serial?: string): Promise<Token> {
    const token = await (this.#open.get(label) ?? this.#openOnce(label, pin, serial));
    const { facts } = token;
    if (serial === undefined || facts.serial === serial || this.#namesSerial(label)) return token;
    const found = `${facts.label} (${facts.serial})`;
    throw new HsmError('TOKEN_ABSENT', { label, serial, module: this.config.module, found });
  }

  #openOnce(label: string, pin: PinSource | undefined, serial: string | undefined): Promise<Token> {
    const opening = this.#openToken(label, pin, serial);
    this.#open.set(label, opening);
    opening.then(
      (token) => this.#opened.add(token),
      // A failure is told to whoever waits for it now; the next caller may find the token back in its place.
      () => this.#open.delete(label),
    );
    return opening;
  }

  /** Operations at the same time on one token. */
  get sessions(): number {
    return this.config.sessions;
  }

  /** How well the tokens are that are in use now. */
  health(): readonly TokenHealth[] {
    return [...this.#opened].map((token) => token.health);
  }

  /**
   * What can be seen of a token without logging in: whether it is there, and whether its flags would admit a login.
   * It may take as long as the module takes to find out.
   */
  look(label: string): TokenHealth {
    const since = this.options.clock();
    const members = this.#references(label).map((reference): MemberHealth => {
      const { serial = '' } = reference;
      try {
        const { facts } = findToken(reference);
        refuseByFlags(facts);
        return { serial: facts.serial, state: 'ready', cause: undefined, since };
      } catch (error) {
        return { serial, state: 'down', cause: hsmErrorFrom(error, label, 'open-session'), since };
      }
    });
    return { label, ...together(members), since, members };
  }

  /**
   * The devices of this label, and where the PIN of each is read.
   * @param given where it comes from this time, instead of what the configuration says
   * @param pinned serial number of the device that is meant where the configuration names none
   */
  places(label: string, given?: PinSource, pinned?: string): readonly TokenPlace[] {
    const entries = this.#entries(label);
    return this.#references(label, pinned).map((reference, at): TokenPlace => {
      const source = given ?? entries[at]?.pin ?? { prompt: true };
      return { reference, pin: this.#reader(label, source) };
    });
  }

  async close(): Promise<void> {
    const tokens = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    this.#opened.clear();
    for (const token of tokens) if (token.status === 'fulfilled') await token.value.close();
  }

  #openToken(label: string, given: PinSource | undefined, pinned: string | undefined): Promise<Token> {
    const { refusedPins, clock } = this.options;
    const onHealth = (health: TokenHealth): void => {
      this.#tell(health);
    };
    const { sessions, waitSeconds } = this.config;
    const places = this.places(label, given, pinned);
    const waitMs = waitSeconds === undefined ? undefined : waitSeconds * 1000;
    return Token.openTogether(places, { sessions, waitMs, refusedPins, clock, onHealth });
  }

  #tell(health: TokenHealth): void {
    const { logger, onHealth } = this.options;
    const { label, state, cause, members } = health;
    const ill = members.filter((member) => member.state !== 'ready').map(({ serial }) => serial);
    if (state === 'ready') logger?.info({ token: label }, 'token ready');
    else
      logger?.warn(
        { token: label, serials: ill, code: cause?.code },
        `token ${state}: ${cause?.message ?? ''}`,
      );
    onHealth?.(health);
  }

  /** One for each device; one by its label alone where neither the configuration nor a key names its serial number. */
  #references(label: string, pinned?: string): readonly TokenReference[] {
    const { module } = this.config;
    const entries = this.#entries(label);
    if (entries.length === 0) return [{ module, label, serial: pinned }];
    return entries.map(({ serial }) => ({ module, label, serial: serial ?? pinned }));
  }

  /** What the configuration says of the devices of this label. */
  #entries(label: string): HsmConfig['tokens'] {
    return this.config.tokens.filter((token) => token.label === label);
  }

  /** Whether somebody decided which devices these are: a new one that holds the old one's keys, or several. */
  #namesSerial(label: string): boolean {
    return this.#entries(label).some(({ serial }) => serial !== undefined);
  }

  /**
   * Reads the source each time, so that a service takes up a corrected PIN by itself. A person is asked once: what was
   * typed is kept in memory, because nobody may be there when the token comes back.
   */
  #reader(label: string, source: PinSource): PinReader {
    const { directory, prompt } = this.options;
    const placed = 'file' in source ? { file: resolve(directory, source.file) } : source;
    const read = (): Promise<Pin> => readPin(placed, { tokenLabel: label, ...(prompt && { prompt }) });
    if (!('prompt' in source)) return read;
    let typed: Promise<Pin> | undefined;
    return () => (typed ??= read());
  }
}
