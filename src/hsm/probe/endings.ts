/** What the device does when it logs us out or ends every session, and whether the way back that services go leads back. */
import { randomBytes } from 'node:crypto';
import type { Session } from 'graphene-pk11';
import { publicKeyFromSpki, type KeyAlgorithm } from '../../signer';
import { remedyOf } from '../ckr';
import { makePair } from '../keyGeneration';
import { keyOn, recordOf } from '../keys';
import { isLoggedIn, openSession } from '../session';
import { answerToAsync } from './answers';
import type { Bench } from './bench';
import type { Outcome } from './checkList';
import { signOnce, type SigningForm } from './signingForms';
import { destroyLabelled } from './throwAwayKeys';

interface KeptKey {
  readonly spkiSha256: string;
  /** Signs on a session. @returns whether the signature is right, or how the token refused to make it */
  readonly use: (session: Session, handle: Buffer) => Promise<string>;
  readonly handle: Buffer;
}

const RIGHT = 'CKR_OK, valid';
/** Return values after which a service logs in again by itself. */
const EXPECTED = `CKR_USER_NOT_LOGGED_IN | CKR_KEY_HANDLE_INVALID | CKR_SESSION_HANDLE_INVALID, then ${RIGHT}`;

/**
 * Ends the login and every session of this process on the token, and comes back.
 * @returns the session that is open then
 */
export async function checkEndings(
  bench: Bench,
  session: Session,
  { algorithm, form }: { readonly algorithm: KeyAlgorithm; readonly form: SigningForm },
): Promise<Session> {
  const { list, token } = bench;
  const made: KeptKey[] = [];
  await list.make('kept-key', algorithm, RIGHT, async (): Promise<Outcome> => {
    // The one that follows must be found by its label alone.
    destroyLabelled(session, bench.label);
    const key = await makeKept(bench, session, algorithm, form);
    made.push(key);
    const used = await key.use(session, key.handle);
    return [used === RIGHT ? 'pass' : 'fail', used];
  });
  const [key] = made;
  if (key === undefined) return session;

  await list.make('after-logout', '', EXPECTED, async (): Promise<Outcome> => {
    session.logout();
    const refused = await key.use(session, key.handle);
    await bench.logIn(session);
    return outcomeOf(refused, await usedAgain(bench, session, key));
  });

  let open = session;
  await list.make('after-close-all', '', EXPECTED, async (): Promise<Outcome> => {
    token.slot.closeAll();
    forgetSessions(bench);
    const refused = await key.use(session, key.handle);
    open = openSession(token);
    const stayed = isLoggedIn(open);
    if (!stayed) await bench.logIn(open);
    const [result, found] = outcomeOf(refused, await usedAgain(bench, open, key));
    return stayed && result === 'pass' ? ['warning', `${found}; still logged in`] : [result, found];
  });
  return open;
}

async function makeKept(
  { limit, label, token }: Bench,
  session: Session,
  algorithm: KeyAlgorithm,
  form: SigningForm,
): Promise<KeptKey> {
  const pair = await limit.within(() => makePair(session, { label, algorithm }));
  const { spki, spkiSha256 } = recordOf(token.facts.label, label, pair.privateKey, pair.publicKey);
  const publicKey = publicKeyFromSpki(spki);
  const use = async (on: Session, handle: Buffer): Promise<string> => {
    const message = randomBytes(100);
    return answerToAsync(async () => {
      const signature = await limit.within(() => signOnce(on, form, handle, message));
      return form.verify(publicKey, message, signature) ? RIGHT : 'CKR_OK, invalid';
    });
  };
  return { spkiSha256, use, handle: pair.privateKey.handle };
}

/** Looked up anew by label and public key, as a service does. */
function usedAgain({ token, label }: Bench, session: Session, { spkiSha256, use }: KeptKey): Promise<string> {
  return use(session, keyOn(session, token.facts.label, label, { spkiSha256 }).handle);
}

function outcomeOf(refused: string, again: string): Outcome {
  const found = `${refused}, then ${again}`;
  if (refused.startsWith('CKR_OK') || again !== RIGHT) return ['fail', found];
  const remedy = remedyOf(refused);
  // A service takes these for a trouble of the device, and comes back after a pause.
  if (remedy === 'wait') return ['warning', found];
  return [remedy === 'give-up' ? 'fail' : 'pass', found];
}

/** The module's list names none that is gone. */
function forgetSessions({ token: { module, slot } }: Bench): void {
  for (const [handle, session] of module.sessions) {
    if (session.slot.handle.equals(slot.handle)) module.sessions.delete(handle);
  }
}
