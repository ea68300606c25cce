/**
 * The end of a process that a PKCS#11 module keeps a thread of. Node waits for its threads when it exits, and one that
 * never comes back out of a module can only be ended by a signal, together with the process.
 */
import { setTimeout as after } from 'node:timers/promises';
import { longestHeld } from '../hsm';

/** A module that gives nothing back for so long is not waited for any more when the process is to end. */
const HANGS_MS = 3000;
const LOOK_MS = 20;

/** Waits until no operation is inside a module. @returns false if one of the modules hangs */
export async function modulesAreLeft(): Promise<boolean> {
  for (;;) {
    const held = longestHeld();
    if (held === 0 || held >= HANGS_MS) return held === 0;
    await after(LOOK_MS);
  }
}
