/** PKCS#11 modules: each library is loaded once per process, started for calls from several threads, and restarted. */
import { realpathSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { Module, type Session } from 'graphene-pk11';
import { ckrOf } from './ckr';
import { HsmError } from './errors';

/** PKCS#11 v2.40, section 5.4. Without it, two operations at once end the process with a segmentation fault. */
const CKF_OS_LOCKING_OK = 2;

/** How long a restart waits for the operations that run; one that hangs in the module must not be cut off. */
const DRAIN_MS = 2000;

/**
 * A library in use. C_Finalize and C_Initialize are the process's, and a running operation holds bare pointers into
 * what C_Finalize frees: so whoever asks the module for anything that takes more than one turn of the event loop does
 * so between `enter` and `leave`, and a restart waits until nobody is inside.
 *
 * A restart does not load the file again. The code in memory is what was loaded first, whatever lies at its path by
 * now: a file that was replaced is used from the next start of the process on, and a broken one harms none that runs.
 */
export class LoadedModule {
  #started = false;
  #generation = 0;
  #inside = 0;
  /** When an operation came back, or went in where none was. */
  #lastMove = 0;
  #busy: Promise<boolean> | undefined;
  #whenEmpty: ((empty: true) => void) | undefined;
  /** The open sessions by handle, in hex. */
  readonly sessions = new Map<string, Session>();
  /** How many tokens of this module are in use and well; a restart would disturb them. */
  wellTokens = 0;

  constructor(readonly module: Module) {}

  /** Counts the starts: slots, sessions and handles of an earlier one must not be given to the module any more. */
  get generation(): number {
    return this.#generation;
  }

  /** Settles when others may enter again; `undefined` where they may. */
  get closedUntil(): Promise<unknown> | undefined {
    return this.#busy;
  }

  /** Starts the module unless it answers. Throws its own errors as they are. */
  start(): void {
    if (this.#started && this.#answers()) return;
    this.#started = false;
    this.#generation += 1;
    this.sessions.clear();
    // graphene takes "already initialised" as success.
    this.module.initialize({ flags: CKF_OS_LOCKING_OK });
    this.#started = true;
  }

  /** For how long, in ms, operations are inside and none has come back; 0 if none is inside. */
  get heldFor(): number {
    return this.#inside === 0 ? 0 : performance.now() - this.#lastMove;
  }

  /** @throws Error `CKR_CRYPTOKI_NOT_INITIALIZED` after a restart that failed: a module may crash on any other call */
  enter(): void {
    if (!this.#started) throw new Error('CKR_CRYPTOKI_NOT_INITIALIZED');
    if (this.#inside === 0) this.#lastMove = performance.now();
    this.#inside += 1;
  }

  leave(): void {
    this.#inside -= 1;
    this.#lastMove = performance.now();
    if (this.#inside === 0) this.#whenEmpty?.(true);
  }

  /**
   * Ends and starts the module as soon as nobody is inside, unless somebody else did so.
   * @param generation the one that was found wanting
   * @returns whether it was done; not if an operation did not end in time
   * @throws HsmError `MODULE_UNAVAILABLE` if it does not start
   */
  restart(generation: number): Promise<boolean> {
    return this.alone(() => {
      if (this.#generation !== generation) return;
      this.#started = false;
      try {
        this.module.finalize();
      } catch (error) {
        // Ended already, or unable to end: starting tells.
        if (ckrOf(error) === undefined) throw error;
      }
      try {
        this.start();
      } catch (cause) {
        throw unavailable(this.module.libFile, cause);
      }
    });
  }

  /**
   * Does something that must not happen while an operation runs, such as ending the sessions of others: keeps everybody
   * from entering, and waits until nobody is inside. What several ask for at the same time is done one after another.
   * @returns whether it was done; not if an operation did not end in time
   */
  async alone(work: () => void): Promise<boolean> {
    while (this.#busy !== undefined) await this.#busy.catch(() => undefined);
    this.#busy = this.#alone(work).finally(() => (this.#busy = undefined));
    return this.#busy;
  }

  async #alone(work: () => void): Promise<boolean> {
    if (this.#inside > 0) {
      const empty = new Promise<boolean>((resolve) => (this.#whenEmpty = resolve));
      const done = await Promise.race([empty, after(DRAIN_MS, false, { ref: false })]);
      this.#whenEmpty = undefined;
      if (!done) return false;
    }
    work();
    return true;
  }

  #answers(): boolean {
    try {
      this.module.lib.C_GetInfo();
      return true;
    } catch (error) {
      return ckrOf(error) !== 'CKR_CRYPTOKI_NOT_INITIALIZED';
    }
  }
}

/** By every name it was asked for, and by real path, because two names of one library are one library. */
const loaded = new Map<string, LoadedModule>();

/**
 * The started module of a library file. It stays loaded until the process ends.
 * @throws HsmError `MODULE_UNAVAILABLE`
 */
export function loadModule(file: string): LoadedModule {
  try {
    const known = loaded.get(file) ?? loaded.get(realpathSync(file));
    if (known !== undefined) {
      loaded.set(file, known);
      known.start();
      return known;
    }
    const path = realpathSync(file);
    const library = Module.load(path);
    const module = new LoadedModule(library);
    try {
      module.start();
    } catch (error) {
      // Unloaded, so that the next attempt finds what then lies at the path.
      library.close();
      throw error;
    }
    for (const name of [file, path]) loaded.set(name, module);
    return module;
  } catch (cause) {
    throw unavailable(file, cause);
  }
}

/** As `heldFor`, of the module that holds its operations longest; each operation has a thread of this process. */
export function longestHeld(): number {
  return Math.max(0, ...[...loaded.values()].map(({ heldFor }) => heldFor));
}

function unavailable(module: string, cause: unknown): HsmError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = ckrOf(cause) ?? (typeof code === 'string' ? code : (message.split('\n')[0] ?? 'unknown'));
  return new HsmError('MODULE_UNAVAILABLE', { module, reason }, { cause });
}
