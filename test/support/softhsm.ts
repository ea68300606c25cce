/** SoftHSM2 for tests: a directory of tokens of one's own, in the process that runs the test. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { Module, SessionFlag, TokenFlag, UserType, type Slot } from 'graphene-pk11';

export interface SoftHsmToken {
  readonly label: string;
  readonly serial: string;
  readonly pin: string;
  /** Holds the PIN, mode 0600. */
  readonly pinFile: string;
}

export interface SoftHsm {
  /** Path of the PKCS#11 library. */
  readonly module: string;
  /** A temporary directory, for the test's own files too. */
  readonly directory: string;
  /** Path of `softhsm2.conf`. */
  readonly conf: string;
  /** The environment for processes that are to see the same tokens. */
  readonly env: NodeJS.ProcessEnv;
  /** Makes a token; open tokens stay open. The same label may be given twice. */
  createToken(label: string, pins?: { soPin?: string; userPin?: string }): SoftHsmToken;
  /** Finalises the library: every session and login of this process ends, and the next use sees the tokens that
   * other processes have made since. */
  reload(): void;
  /** Removes the directory. */
  remove(): void;
}

/** Where Debian, Ubuntu (one folder per architecture), Fedora and a build from source put the library. */
function findModule(): string {
  const folders = [
    '/usr/lib',
    ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name)),
    '/usr/local/lib',
  ];
  const candidates = [
    ...folders.map((folder) => join(folder, 'softhsm')),
    '/usr/lib64/softhsm',
    '/usr/lib64/pkcs11',
  ];
  const found = candidates.map((folder) => join(folder, 'libsofthsm2.so')).find((file) => existsSync(file));
  if (found === undefined) throw new Error('libsofthsm2.so not found: install the package softhsm2');
  return found;
}

/**
 * Makes an empty set of tokens and directs this process's SoftHSM to it. Call it once per test file, and `remove` in
 * `afterAll`. Three things make it less simple than it looks:
 * - The library reads SOFTHSM2_CONF with getenv(3), and only in C_Initialize. Jest gives a test file a copy of
 *   `process.env` that getenv does not see, so the variable is set in the real one, which child processes inherit.
 * - A Jest worker runs many test files, and the library outlives each: it is finalised here, so that the next
 *   C_Initialize reads this file's directory.
 * - An initialised SoftHSM (2.6.1) never sees tokens that another process makes, softhsm2-util included, before it is
 *   finalised. So `createToken` asks this process's own library for them.
 */
export function makeSoftHsm(): SoftHsm {
  const module = findModule();
  const directory = mkdtempSync(join(tmpdir(), 'softhsm-'));
  const conf = join(directory, 'softhsm2.conf');
  const tokens = join(directory, 'tokens');
  mkdirSync(tokens, { mode: 0o700 });
  const lines = [
    `directories.tokendir = ${tokens}`,
    'objectstore.backend = file',
    'log.level = ERROR',
    'slots.removable = false',
  ];
  writeFileSync(conf, `${lines.join('\n')}\n`);
  const realProcess = runInThisContext('process') as NodeJS.Process;
  realProcess.env['SOFTHSM2_CONF'] = conf;
  process.env['SOFTHSM2_CONF'] = conf;

  const library = Module.load(module);
  const reload = (): void => {
    try {
      library.finalize();
    } catch (error) {
      if (!(error as Error).message.includes('CKR_CRYPTOKI_NOT_INITIALIZED')) throw error;
    }
  };
  reload();
  return {
    module,
    directory,
    conf,
    env: { ...process.env, SOFTHSM2_CONF: conf },
    createToken: (label, pins = {}) => {
      const pin = pins.userPin ?? randomBytes(6).toString('hex');
      const serial = initialiseToken(library, label, pins.soPin ?? '12345678', pin);
      const pinFile = join(directory, `${serial}.pin`);
      writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 });
      return { label, serial, pin, pinFile };
    },
    reload,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a token in the free slot that SoftHSM always shows; gives its serial number. */
function initialiseToken(library: Module, label: string, soPin: string, userPin: string): string {
  library.initialize({ flags: 2 });
  const before = new Set(initialisedSlots(library).map((slot) => slot.getToken().serialNumber));
  const free = allSlots(library).find((slot) => !isInitialised(slot));
  if (free === undefined) throw new Error('SoftHSM shows no free slot');
  // CK_TOKEN_INFO has 32 bytes of label, blank-padded, and C_InitToken reads all of them.
  const padding = ' '.repeat(32 - Buffer.byteLength(label));
  library.lib.C_InitToken(free.handle, soPin, label + padding);
  const slot = initialisedSlots(library).find((candidate) => !before.has(candidate.getToken().serialNumber));
  if (slot === undefined) throw new Error('SoftHSM does not show the new token');
  const session = slot.open(SessionFlag.SERIAL_SESSION | SessionFlag.RW_SESSION);
  session.login(soPin, UserType.SO);
  session.initPin(userPin);
  session.logout();
  session.close();
  return slot.getToken().serialNumber;
}

function allSlots(library: Module): Slot[] {
  const slots = library.getSlots(true);
  return Array.from({ length: slots.length }, (_, index) => slots.items(index));
}

function isInitialised(slot: Slot): boolean {
  return (slot.getToken().flags & TokenFlag.TOKEN_INITIALIZED) !== 0;
}

function initialisedSlots(library: Module): Slot[] {
  return allSlots(library).filter(isInitialised);
}
