/** Sessions and logins of one token in this process. */
import { SessionFlag, type Session } from 'graphene-pk11';
import type { TokenOperation } from '../i18n/errors/hsm';
import { ckrOf, hsmErrorFrom } from './ckr';
import { HsmError } from './errors';
import type { Pin } from './pin';
import type { FoundToken } from './tokenFacts';

/** By number (PKCS#11 v2.40, section 3.3). */
const STATES: readonly string[] = [
  'CKS_RO_PUBLIC_SESSION',
  'CKS_RO_USER_FUNCTIONS',
  'CKS_RW_PUBLIC_SESSION',
  'CKS_RW_USER_FUNCTIONS',
  'CKS_RW_SO_FUNCTIONS',
];

/** A session that may write where the token admits it. */
export function openSession({ module, slot, facts }: FoundToken): Session {
  const session = facts.flags.writeProtected
    ? slot.open(SessionFlag.SERIAL_SESSION)
    : slot.open(SessionFlag.SERIAL_SESSION | SessionFlag.RW_SESSION);
  module.sessions.set(session.handle.toString('hex'), session);
  return session;
}

/** Whether the user was logged in when the session was opened. */
export function isLoggedIn(session: Session): boolean {
  return isUsers(session.state);
}

function isUsers(state: number): boolean {
  return STATES[state]?.endsWith('_USER_FUNCTIONS') === true;
}

/**
 * One more session that shares the process's login.
 * @throws HsmError `LOGIN_LOST`; the token's own errors as they are
 */
export function openLoggedIn(token: FoundToken): Session {
  const session = openSession(token);
  if (isLoggedIn(session)) return session;
  closeSession(token, session);
  throw loginLost(session.state, token.facts.label, 'open-session');
}

/**
 * Asks the session anew: were the login gone, private keys would merely seem to be absent.
 * @throws HsmError `LOGIN_LOST`; the token's own errors as they are
 */
export function refuseLoggedOut(session: Session, token: string): void {
  const state = stateNow(session);
  if (!isUsers(state)) throw loginLost(state, token, 'find-key');
}

/** As `isLoggedIn`, asked anew. Throws the token's own errors as they are. */
export function isStillLoggedIn(session: Session): boolean {
  return isUsers(stateNow(session));
}

function stateNow({ lib, handle }: Session): number {
  return lib.C_GetSessionInfo(handle).state;
}

function loginLost(state: number, token: string, operation: TokenOperation): HsmError {
  const reported = STATES[state] ?? `CKS ${String(state)}`;
  return new HsmError('LOGIN_LOST', { token, operation, reported });
}

/**
 * Closing what the token has already ended is no failure. A module may give the handle of an ended session to the next
 * one it opens, so a session is closed only if its handle was not given out again.
 */
export function closeSession({ module }: FoundToken, session: Session): void {
  const handle = session.handle.toString('hex');
  if (module.sessions.get(handle) !== session) return;
  module.sessions.delete(handle);
  try {
    session.close();
  } catch (error) {
    if (ckrOf(error) === undefined) throw error;
  }
}

/**
 * The one login attempt.
 * @returns whether the token checked the PIN: where the process is logged in already, it does not look at it
 * @throws HsmError `PIN_INCORRECT`, `PIN_LOCKED`, `PIN_EXPIRED`, …
 */
export function logIn({ facts }: FoundToken, session: Session, pin: Pin): boolean {
  try {
    session.login(pin.reveal());
    return true;
  } catch (error) {
    if (ckrOf(error) === 'CKR_USER_ALREADY_LOGGED_IN') return false;
    throw hsmErrorFrom(error, facts.label, 'login');
  }
}

/** How often each token is in use here: the login is the process's, so the last user to leave logs out. */
const users = new Map<string, number>();

function nameOf({ slot, facts }: FoundToken): string {
  return [slot.module.libFile, facts.serial, facts.label].join('\0');
}

/** Counts a user of the token's login, in the turn in which it was made, so that nobody logs out in between. */
export function join(token: FoundToken): void {
  const name = nameOf(token);
  users.set(name, (users.get(name) ?? 0) + 1);
}

/** Ends one use of the token's login, and with the last one the login. @param session one that is open, if any is */
export function leave(token: FoundToken, session: Session | undefined): void {
  const name = nameOf(token);
  const remaining = (users.get(name) ?? 0) - 1;
  if (remaining > 0) {
    users.set(name, remaining);
    return;
  }
  users.delete(name);
  try {
    session?.logout();
  } catch (error) {
    // The token has ended the login already, or is gone.
    if (ckrOf(error) === undefined) throw error;
  }
}
