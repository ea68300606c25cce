/**
 * Trying a device before people rely on it: the very module and token, with keys that are thrown away. No key of anyone
 * else is used, changed or read, beyond its label; no PIN is tried but the one that is given.
 */
import type { Session } from 'graphene-pk11';
import type { Clock } from '../../clock';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../signer';
import type { Certification } from '../certification';
import { ckrOf, hsmErrorFrom } from '../ckr';
import { refuseByFlags } from '../connector';
import { Pin } from '../pin';
import { loginRemembering } from '../refusedPins';
import { closeSession, isLoggedIn, isStillLoggedIn, logIn, openSession } from '../session';
import { mechanismsOf } from '../signing';
import type { TokenPlace } from '../token';
import { findToken, readFacts, type FoundToken } from '../tokenFacts';
import { answerTo } from './answers';
import type { Bench } from './bench';
import { CheckList, type Outcome } from './checkList';
import {
  checkCertification,
  checkClock,
  checkFlags,
  checkMechanisms,
  checkModule,
  openSessions,
} from './deviceChecks';
import { checkEndings } from './endings';
import { checkKeyType, type WorkingKey } from './keyChecks';
import { checkConcurrency, measureThroughput } from './load';
import { checkRandomness } from './randomness';
import { countResults, type DeviceCheck, type DeviceReport } from './report';
import { destroyLabelled, destroyQuietly, findLeftovers, newLabel } from './throwAwayKeys';
import { TimeLimit, TimeOver } from './timeLimit';

export interface ProbeOptions {
  readonly software: { readonly name: string; readonly version: string };
  /** Sessions at the same time, as the party will use them. */
  readonly sessions: number;
  /** Key types without which the device is not fit. */
  readonly needed: readonly KeyAlgorithm[];
  /** Key types to try, besides those. */
  readonly algorithms: readonly KeyAlgorithm[];
  /** A certification of this kind of device that exists on paper. */
  readonly certified?: Certification | undefined;
  readonly requireCertified: boolean;
  /** How long everything together may take, in milliseconds. */
  readonly limitMs: number;
  /** Path of the memory of wrong PINs; its directory must exist. */
  readonly refusedPins: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onCheck?: (check: DeviceCheck) => void;
}

/** How long what was asked may still take when the time is up, before keys are left where they are. */
const SETTLING_MS = 5000;

/**
 * Probes one device. Nothing else of this process may use the token meanwhile: its login and all its sessions end.
 * @throws HsmError where the token cannot be used at all or is lost meanwhile, as `Token.open`; the signal's reason
 */
export async function probeToken(place: TokenPlace, options: ProbeOptions): Promise<DeviceReport> {
  const token = findToken(place.reference);
  token.module.enter();
  try {
    return await new Probe(token, place, options).run();
  } catch (error) {
    throw ckrOf(error) === undefined ? error : hsmErrorFrom(error, token.facts.label, 'open-session');
  } finally {
    token.module.leave();
  }
}

class Probe {
  readonly #token: FoundToken;
  readonly #options: ProbeOptions;
  readonly #readPin: () => Promise<Pin>;
  readonly #list: CheckList;
  readonly #label = newLabel();
  readonly #startedAt: Date;
  readonly #keys: DeviceReport['keys'] = [];
  readonly #throughput: DeviceReport['throughput'] = [];
  readonly #needed: ReadonlySet<KeyAlgorithm>;
  /** Once: a person is not asked again for each login. */
  #pin: Promise<Pin> | undefined;

  constructor(token: FoundToken, { pin }: TokenPlace, options: ProbeOptions) {
    this.#token = token;
    this.#options = options;
    this.#readPin = pin instanceof Pin ? () => Promise.resolve(pin) : pin;
    this.#list = new CheckList(token.facts.label, options.onCheck ?? (() => undefined));
    this.#startedAt = options.clock();
    this.#needed = new Set(options.needed);
  }

  async run(): Promise<DeviceReport> {
    const { certified, requireCertified, clock, sessions, software } = this.#options;
    const [token, list, needed] = [this.#token, this.#list, this.#needed];
    const { facts } = token;
    refuseByFlags(facts);
    const module = await checkModule(list, token);
    const certification = checkCertification(list, facts, certified, requireCertified);
    checkFlags(list, facts);
    checkClock(list, token, clock());
    const offered = mechanismsOf(token.slot.getMechanisms());
    const mechanisms = checkMechanisms(list, token, offered, needed);
    const { manufacturer, model, label, serial, firmware, hardware, flags } = facts;
    await this.#loggedIn(offered);
    return {
      version: 1,
      startedAt: this.#startedAt.toISOString(),
      endedAt: clock().toISOString(),
      software: { name: software.name, version: software.version },
      module,
      token: { label, serial, manufacturer, model, firmware, hardware, flags: { ...flags } },
      certification,
      demands: { sessions, keys: [...needed] },
      mechanisms,
      keys: this.#keys,
      throughput: this.#throughput,
      checks: [...list.checks],
      verdict: countResults(list.checks).fail === 0 ? 'pass' : 'fail',
    };
  }

  async #loggedIn(offered: ReadonlySet<number>): Promise<void> {
    const { sessions, limitMs, signal } = this.#options;
    const first = openSession(this.#token);
    if (isLoggedIn(first)) throw new Error('this process is logged in to the token it probes');
    const limit = new TimeLimit(limitMs, signal);
    const bench: Bench = {
      token: this.#token,
      offered,
      list: this.#list,
      limit,
      label: this.#label,
      needed: this.#needed,
      sessions,
      logIn: (session) => this.#logIn(session),
      keys: this.#keys,
      throughput: this.#throughput,
    };
    const open = new Set([first]);
    try {
      await this.#logIn(first);
      try {
        await this.#tryEverything(bench, first, open);
      } catch (error) {
        // The check that met it has failed; the others were not made.
        if (!(error instanceof TimeOver)) throw error;
      } finally {
        await this.#cleanUp(limit, open);
      }
    } finally {
      // Nothing more is asked of a token that has not answered: that would hang as well.
      if (await limit.settles(0)) this.#leave(open);
    }
  }

  #leave(open: ReadonlySet<Session>): void {
    const [first] = open;
    answerTo(() => first?.logout());
    for (const session of open) closeSession(this.#token, session);
  }

  async #tryEverything(bench: Bench, first: Session, open: Set<Session>): Promise<void> {
    const { list } = bench;
    await list.make('leftovers', '', '0', () => removeLeftovers(first, bench.label));
    await checkRandomness(bench, first);
    const tried = this.#options.algorithms;
    const working: WorkingKey[] = [];
    for (const algorithm of KEY_ALGORITHMS.filter((each) => tried.includes(each) || bench.needed.has(each))) {
      const key = await checkKeyType(bench, first, algorithm);
      if (key !== undefined) working.push(key);
    }
    const sessions = await openSessions(bench, first);
    for (const session of sessions) open.add(session);
    for (const key of working) await checkConcurrency(bench, sessions, key);
    for (const key of working) await measureThroughput(bench, sessions, key);
    // The quickest to make; what is tried is the login, not the key.
    const kept = working.find(({ algorithm }) => algorithm === 'p-256') ?? working[0];
    if (kept === undefined) {
      list.add('kept-key', '', 'CKR_OK, valid', ['fail', '–']);
      return;
    }
    const last = await checkEndings(bench, first, kept);
    // Of those before, none is left.
    if (last !== first) open.clear();
    open.add(last);
  }

  /** Whatever happened: keys that were made are gone, or it is said that they are not. */
  async #cleanUp(limit: TimeLimit, open: Set<Session>): Promise<void> {
    const destroyed = async (): Promise<number | string> => {
      if (!(await limit.settles(SETTLING_MS))) return 'no answer';
      const [session] = open;
      // Logged out, it would merely not show the private keys.
      const usable = session !== undefined && answerTo(() => isStillLoggedIn(session)) === true;
      if (usable && answerTo(() => destroyLabelled(session, this.#label).left) === 0) return 0;
      const fresh = openSession(this.#token);
      open.add(fresh);
      if (!isLoggedIn(fresh)) await this.#logIn(fresh);
      return destroyLabelled(fresh, this.#label).left;
    };
    await this.#list.make('cleanup', '', '0', async (): Promise<Outcome> => {
      const left = await destroyed();
      return left === 0 ? ['pass', '0'] : ['fail', `${String(left)}: ${this.#label}`];
    });
  }

  /** One attempt, with a PIN that the token has not refused before. */
  async #logIn(session: Session): Promise<void> {
    const { refusedPins: file, clock } = this.#options;
    const token = this.#token;
    const pin = await (this.#pin ??= this.#readPin());
    await loginRemembering({ file, clock }, token.facts, pin, () => {
      refuseByFlags(readFacts(token.slot));
      return { pinChecked: logIn(token, session, pin) };
    });
  }
}

function removeLeftovers(session: Session, own: string): Outcome {
  const { dead, alive } = findLeftovers(session, own);
  if (dead.length + alive.length === 0) return ['pass', '0'];
  const removed = dead.filter(destroyQuietly).length;
  const left = dead.length - removed;
  const found = `removed ${String(removed)}, left ${String(left)}, of running probes ${String(alive.length)}`;
  return [left > 0 ? 'fail' : 'warning', found];
}
