/** One login to one token: what was opened and looked up under it is worth nothing after its end. */
import type { Session } from 'graphene-pk11';
import { KeyHandles } from './keyHandles';
import { closeSession, openLoggedIn } from './session';
import type { FoundToken } from './tokenFacts';

/** What the sessions of a token need of it; a test makes one up. */
export interface Connection {
  readonly keys: KeyHandles;
  /** False once the module was ended: its handles may meanwhile be those of others. */
  readonly current: boolean;
  /** Settles when the module may be entered again; `undefined` where it may be now. */
  readonly closedUntil: Promise<unknown> | undefined;
  /** Before the module is asked anything that takes more than one turn. Throws the module's error if it was ended. */
  enter(): void;
  leave(): void;
  /** One more session under this login. Throws the token's own errors as they are, or HsmError `LOGIN_LOST`. */
  open(): Session;
  close(session: Session): void;
}

export class TokenConnection implements Connection {
  readonly keys: KeyHandles;

  constructor(readonly token: FoundToken) {
    this.keys = new KeyHandles(token.facts.label);
  }

  get current(): boolean {
    return this.token.module.generation === this.token.generation;
  }

  get closedUntil(): Promise<unknown> | undefined {
    return this.token.module.closedUntil;
  }

  enter(): void {
    this.token.module.enter();
  }

  leave(): void {
    this.token.module.leave();
  }

  open(): Session {
    return openLoggedIn(this.token);
  }

  close(session: Session): void {
    closeSession(this.token, session);
  }
}
