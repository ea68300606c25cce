/** Several sessions at once: whether each gets its own signatures, and how many there are in a second. */
import { randomBytes } from 'node:crypto';
import type { Session } from 'graphene-pk11';
import type { Bench } from './bench';
import type { Outcome } from './checkList';
import type { WorkingKey } from './keyChecks';
import { signOnce } from './signingForms';

const SIGNATURES_PER_SESSION = 16;
const MEASURED_MS = 400;

/** Different messages on all sessions at once, each signature held against its own message. */
export async function checkConcurrency(
  { list, limit }: Bench,
  sessions: readonly Session[],
  { algorithm, privateKey, publicKey, form }: WorkingKey,
): Promise<void> {
  const count = sessions.length * SIGNATURES_PER_SESSION;
  const expected = `${String(count)} valid, ${String(sessions.length)} sessions`;
  await list.make('concurrency', algorithm, expected, async (): Promise<Outcome> => {
    let right = 0;
    await limit.within(() =>
      eachAlone(sessions, async (session) => {
        for (let at = 0; at < SIGNATURES_PER_SESSION; at += 1) {
          limit.check();
          const message = randomBytes(64 + at);
          if (form.verify(publicKey, message, await signOnce(session, form, privateKey, message))) right += 1;
        }
      }),
    );
    return [right === count ? 'pass' : 'fail', `${String(right)} valid, ${String(sessions.length)} sessions`];
  });
}

/** Signatures per second on one session and on all. */
export async function measureThroughput(
  { list, limit, throughput }: Bench,
  sessions: readonly Session[],
  { algorithm, privateKey, form }: WorkingKey,
): Promise<void> {
  await list.make('throughput', algorithm, '≥ 1/s', async (): Promise<Outcome> => {
    const message = randomBytes(64);
    const measure = async (used: readonly Session[]): Promise<number> => {
      let made = 0;
      const began = performance.now();
      await limit.within(() =>
        eachAlone(used, async (session) => {
          do {
            await signOnce(session, form, privateKey, message);
            made += 1;
          } while (performance.now() - began < MEASURED_MS);
        }),
      );
      const perSecond = Number(((made / (performance.now() - began)) * 1000).toPrecision(3));
      throughput.push({ algorithm, mechanism: form.mechanismName, sessions: used.length, perSecond });
      return perSecond;
    };
    const alone = await measure(sessions.slice(0, 1));
    const all = sessions.length > 1 ? await measure(sessions) : alone;
    const told = `1 session: ${String(alone)}/s, ${String(sessions.length)} sessions: ${String(all)}/s`;
    return [Math.max(alone, all) < 1 ? 'warning' : 'pass', told];
  });
}

/** Waits for all, so that nothing runs on any session when it is over; then tells the first failure. */
async function eachAlone(
  sessions: readonly Session[],
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const ended = await Promise.allSettled(sessions.map(work));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}
