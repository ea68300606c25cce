/** A token made up here: it gives sessions, fails as it is told, is lost and comes back. */
import type { Session } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import type { Connection } from '../../src/hsm/connection';
import type { Connected, Connector } from '../../src/hsm/connector';
import { KeyHandles } from '../../src/hsm/keyHandles';
import { Member } from '../../src/hsm/member';
import { PACING, type Pacing } from '../../src/hsm/recovery';

export interface FakeSession {
  readonly number: number;
  open: boolean;
}

/** Ten times as fast as in production. */
const FAST: Pacing = { ...PACING, first: 10, longest: 50, hopeless: 30, disturbing: 200 };

export class FakeToken implements Connector {
  readonly sessions: FakeSession[] = [];
  /** What connecting throws. */
  refuses: Error | undefined;
  /** What opening a further session throws. */
  full: Error | undefined;
  /** Starting the module anew brings a lost token back. */
  mendedByRestart = false;
  restarts = 0;
  connects = 0;
  left = 0;
  isWell = false;
  disturbsOthers = false;
  closedUntil: Promise<unknown> | undefined;
  readonly inside = { now: 0 };
  readonly member: Member;

  constructor(size: number, pacing: Partial<Pacing> = {}) {
    this.member = new Member({
      token: 'ca',
      connector: this,
      size,
      clock: systemClock,
      pacing: { ...FAST, ...pacing },
    });
  }

  async connect(): Promise<Connected> {
    this.connects += 1;
    await Promise.resolve();
    if (this.refuses !== undefined) throw this.refuses;
    const { connects } = this;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a getter of the literal below needs it
    const token = this;
    const connection: Connection = {
      keys: new KeyHandles('ca'),
      get current() {
        return connects === token.connects || token.refuses !== undefined;
      },
      get closedUntil() {
        return token.closedUntil;
      },
      enter: () => (this.inside.now += 1),
      leave: () => (this.inside.now -= 1),
      open: () => {
        if (this.full !== undefined) throw this.full;
        return this.#open();
      },
      close: (session) => {
        (session as unknown as FakeSession).open = false;
      },
    };
    return { connection, session: this.#open() };
  }

  restartModule(): Promise<boolean> {
    this.restarts += 1;
    if (this.mendedByRestart) this.refuses = undefined;
    return Promise.resolve(true);
  }

  well(isWell: boolean): void {
    this.isWell = isWell;
  }

  leave(): void {
    this.left += 1;
  }

  #open(): Session {
    const session: FakeSession = { number: this.sessions.length, open: true };
    this.sessions.push(session);
    return session as unknown as Session;
  }
}

export const numberOf = (session: Session): number => (session as unknown as FakeSession).number;

/** What pkcs11js throws. */
export const ckr = (name: string, code = 0): Error => Object.assign(new Error(name), { code });
