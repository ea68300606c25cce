/** Continuous synchronisation, as the service does it: within seconds of an entry, one submission at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../ledger';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';
import { pauseAfter, type Carrier } from './patience';
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
  let failures = 0;
  while (!isOver()) {
    try {
      if (await isDue(node)) await synchronise(node, journal, carry, { software });
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!isOver()) logger.warn({ err: error, failures }, 'the root has not everything yet');
    }
    const pause = failures === 0 ? LOOK_EVERY_MS : Math.max(LOOK_EVERY_MS, pauseAfter(failures, random));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether there is an entry the root has not confirmed, or the last word is an hour old. */
async function isDue(node: SubCaNode): Promise<boolean> {
  if (!(await node.isActivated())) return false;
  for (const generation of (await node.delegation()).generations) {
    const { state } = await readJournal(node.read, generation.origin);
    const receipt = await newestReceipt(node, generation);
    if (receipt === undefined || receipt.size < state.size) return true;
    if (Math.abs(node.now().getTime() - Date.parse(receipt.time)) > SILENCE_MS) return true;
  }
  return false;
}
