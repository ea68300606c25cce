/** Continuous synchronisation, as the service does it: within seconds of an entry, one submission at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from '../errors';
import { readJournal } from '../ledger';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';
import { pauseAfter, Portion, type Carrier } from './patience';
import { newestReceipt, synchronise } from './syncClient';

const LOOK_EVERY_MS = 2000;
/** The root hears of a node that has nothing new as well. */
const SILENCE_MS = 3_600_000;

/** Sends what is new until the signal is aborted; failures are logged, and tried again after pauses that grow. */
export async function synchroniseContinuously(
  node: SubCaNode,
  journal: JournalWriter,
  carry: Carrier,
  { software, signal }: { readonly software: string; readonly signal: AbortSignal },
): Promise<void> {
  const { logger, random } = node.surroundings;
  const isOver = (): boolean => signal.aborted;
  const portion = new Portion();
  let failures = 0;
  let told = Number.NEGATIVE_INFINITY;
  while (!isOver()) {
    try {
      if (performance.now() - told > SILENCE_MS || (await hasNews(node))) {
        await synchronise(node, journal, carry, { software, portion });
        told = performance.now();
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      const isContradicted = isCodedError(error) && error.category === 'integrity';
      if (isContradicted) logger.error({ err: error }, 'root and node contradict each other');
      else if (!isOver()) logger.warn({ err: error, failures }, 'the root has not everything yet');
    }
    const pause = failures === 0 ? LOOK_EVERY_MS : Math.max(LOOK_EVERY_MS, pauseAfter(failures, random));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether there is an entry the root has not confirmed. */
async function hasNews(node: SubCaNode): Promise<boolean> {
  if (!(await node.isActivated())) return false;
  for (const generation of (await node.delegation()).generations) {
    const { state } = await readJournal(node.read, generation.origin);
    const receipt = await newestReceipt(node, generation);
    if (receipt === undefined || receipt.size < state.size) return true;
  }
  return false;
}
