/**
 * The key custodians: each shows who they are with a token of their own, or with a PIN that they chose at this ceremony
 * in front of everybody and that nobody else knows.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { dirname } from 'node:path';
import type { Clock } from '../clock';
import { TokenRack, type Token } from '../hsm';
import { ceremonyTexts as texts } from '../i18n/messages/ceremony';
import type { Dialogue } from './dialogue';
import { CeremonyError } from './errors';
import type { CeremonyLog, EventOf } from './log';
import type { CeremonyParty } from './party';
import { custodiansOf, type Person, type Plan } from './plan';

const LEAST_PIN = 6;
const MOST_PIN = 64;
/** Wrong PINs of one person over the whole ceremony. */
const MOST_WRONG = 5;

/** RFC 7914 parameters: a short PIN must not be found from the log. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Looked for on a custodian's token, where nothing by this name is: whether it answers is the question. */
const NOTHING = 'ceremony-presence';

export class Custodians {
  readonly #racks: TokenRack[] = [];
  readonly #tokens = new Map<string, Token>();

  constructor(
    private readonly plan: Plan,
    private readonly party: CeremonyParty,
    private readonly log: CeremonyLog,
    private readonly dialogue: Dialogue,
    private readonly clock: Clock,
  ) {}

  /**
   * Every custodian in turn, each with one try.
   * @param step whose step it is
   * @throws CeremonyError `PIN_WRONG`, `PIN_UNFIT`, `CUSTODIAN_LOCKED`, `DEVICE_CHANGED`; HsmError
   */
  async authenticate(step: number): Promise<void> {
    const { lang } = this.dialogue;
    for (const person of custodiansOf(this.plan)) {
      this.dialogue.say(texts.authenticate[lang]({ name: person.name }));
      const token = await this.#tried(step, person, () => this.#authenticate(person));
      await this.log.append({ type: 'authenticated', step, person: person.id, token });
      this.dialogue.say(texts.present[lang]({ name: person.name }));
    }
  }

  /** That everybody who authenticated is still there: the tokens answer, and the PINs are given again. */
  async confirmPresence(step: number): Promise<void> {
    for (const person of custodiansOf(this.plan)) {
      await this.#tried(step, person, async () => {
        const token = this.#tokens.get(person.id);
        if (token !== undefined) await token.findKey(NOTHING);
        else await this.#checkPin(person);
      });
      this.dialogue.say(texts.present[this.dialogue.lang]({ name: person.name }));
    }
  }

  async close(): Promise<void> {
    for (const rack of this.#racks) await rack.close();
  }

  /** A failure is written down with the person's name before it ends the run. */
  async #tried<T>(step: number, person: Person, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.log.appendFailure(step, error, person.id);
      throw error;
    }
  }

  async #authenticate(person: Person): Promise<EventOf<'authenticated'>['token']> {
    if (person.token !== undefined) return this.#authenticateByToken(person, person.token);
    if (this.#verifierOf(person) === undefined) await this.#enrol(person);
    else await this.#checkPin(person);
    return null;
  }

  async #authenticateByToken(
    person: Person,
    { label, serial, module }: NonNullable<Person['token']>,
  ): Promise<EventOf<'authenticated'>['token']> {
    const { refusedPins } = this.party;
    const rack = new TokenRack(
      {
        module: module ?? this.party.module,
        sessions: 1,
        tokens: [{ label, pin: { prompt: true }, ...(serial !== undefined && { serial }) }],
      },
      {
        directory: dirname(refusedPins),
        refusedPins,
        clock: this.clock,
        prompt: (token) =>
          this.dialogue.secret(texts.tokenPin[this.dialogue.lang]({ name: person.name, token })),
      },
    );
    this.#racks.push(rack);
    const token = await rack.token(label);
    const { manufacturer, model, serial: found } = token.facts;
    const before = this.log.of('authenticated').find(({ event }) => event.person === person.id)?.event.token;
    if (before !== undefined && before?.serial !== found) {
      throw new CeremonyError('DEVICE_CHANGED', { token: label, found, expected: before?.serial ?? '' });
    }
    this.#tokens.set(person.id, token);
    return { label, serial: found, manufacturer, model };
  }

  #verifierOf(person: Person): EventOf<'enrolled'> | undefined {
    return this.log.of('enrolled').find(({ event }) => event.person === person.id)?.event;
  }

  async #enrol(person: Person): Promise<void> {
    const { lang } = this.dialogue;
    const { name } = person;
    const pin = await this.dialogue.secret(texts.choosePin[lang]({ name, least: LEAST_PIN }), person.id);
    const again = await this.dialogue.secret(texts.repeatPin[lang]({ name }), person.id);
    const others = this.log.of('enrolled').map(({ event }) => event);
    const taken = await Promise.all(others.map((other) => isPinOf(other, pin)));
    if (pin !== again || pin.length < LEAST_PIN || pin.length > MOST_PIN || taken.includes(true)) {
      throw new CeremonyError('PIN_UNFIT', { name, least: LEAST_PIN, most: MOST_PIN });
    }
    const salt = randomBytes(SALT_BYTES);
    await this.log.append({
      type: 'enrolled',
      person: person.id,
      salt: salt.toString('base64'),
      hash: (await hashPin(pin, salt)).toString('base64'),
    });
  }

  async #checkPin(person: Person): Promise<void> {
    const { id, name } = person;
    const verifier = this.#verifierOf(person);
    const wrong = this.log
      .of('failed')
      .filter(({ event }) => event.person === id && event.code === 'PIN_WRONG').length;
    if (wrong >= MOST_WRONG) throw new CeremonyError('CUSTODIAN_LOCKED', { name });
    const pin = await this.dialogue.secret(texts.ownPin[this.dialogue.lang]({ name }), id);
    if (verifier === undefined || !(await isPinOf(verifier, pin))) {
      throw new CeremonyError('PIN_WRONG', { name, left: MOST_WRONG - wrong - 1 });
    }
  }
}

async function isPinOf({ salt, hash }: EventOf<'enrolled'>, pin: string): Promise<boolean> {
  const expected = Buffer.from(hash, 'base64');
  const found = await hashPin(pin, Buffer.from(salt, 'base64'));
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function hashPin(pin: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin.normalize('NFC'), salt, HASH_BYTES, SCRYPT, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}
