/** What a service does of its own accord, again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger';

/** By name, in the order in which they are done. */
type Chores = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Does all of them in turn, and again after a pause, until the signal is aborted. What fails keeps none of the others from
 * being done, and is tried again the next time.
 */
export async function keepUp(
  chores: Chores,
  { everyMs, signal, logger }: { everyMs: number; signal: AbortSignal; logger: Logger },
): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    for (const [chore, run] of Object.entries(chores)) {
      if (signal.aborted) return;
      try {
        await run();
      } catch (err) {
        logger.error({ err, chore }, 'upkeep failed');
      }
    }
  }
}
