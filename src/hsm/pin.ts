/** The PIN of a token: where it may come from, and a holder that does not show it. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import type { PinSourceKind } from '../i18n/errors/hsm';
import { HsmError } from './errors';

const MAX_PIN_BYTES = 128;

/** Where a PIN is read from, as it stands in the configuration; the PIN itself never does. */
export const pinSourceSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ credential: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/) }),
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ prompt: z.literal(true) }),
]);
export type PinSource = Readonly<z.infer<typeof pinSourceSchema>>;

/** A PIN that printing, logging, inspecting and `JSON.stringify` do not show. */
export class Pin {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The PIN itself: to hand to the token or to a hash, nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[PIN]';
  }

  toJSON(): string {
    return '[PIN]';
  }

  [inspect.custom](): string {
    return '[PIN]';
  }
}

/** Where a PIN comes from each time it is needed: a service that logs in again reads its source anew. */
export type PinReader = () => Promise<Pin>;

export interface ReadPinOptions {
  /** Shown to the person who is asked. */
  readonly tokenLabel: string;
  /** Asks on the terminal; absent where there is nobody to ask. */
  readonly prompt?: (tokenLabel: string) => Promise<string>;
  /** Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: what systemd sets, `$CREDENTIALS_DIRECTORY` (systemd.exec(5), "Credentials"). */
  readonly credentialsDirectory?: string;
}

/**
 * Reads a PIN: one line of UTF-8, 1 to 128 bytes; one line end after it is dropped.
 *
 * An environment variable is left in place. Deleting it would look safer than it is, because the kernel goes on
 * showing a process's first environment in `/proc`, and two keys on one token would then not find the PIN twice. It is
 * the weakest source, for demonstrations; a service takes a credential or a file.
 * @throws HsmError `PIN_FILE_MODE`, `PIN_FILE_OWNER`, `PIN_NOT_REGULAR_FILE`, `PIN_SOURCE_UNREADABLE`,
 * `PIN_NOT_GIVEN`, `PIN_MALFORMED`
 */
export async function readPin(source: PinSource, options: ReadPinOptions): Promise<Pin> {
  const env = options.env ?? process.env;
  if ('file' in source) {
    return pinFrom('file', source.file, await readSecretFile('file', source.file, source.file, refuseShared));
  }
  if ('credential' in source) {
    const directory = options.credentialsDirectory ?? env['CREDENTIALS_DIRECTORY'];
    const name = source.credential;
    if (directory === undefined) throw new HsmError('PIN_NOT_GIVEN', { source: 'credential', name });
    // Mode and owner are systemd's: with an ACL for the service's user the file shows group bits, in a directory
    // that nobody else can enter.
    return pinFrom('credential', name, await readSecretFile('credential', name, join(directory, name)));
  }
  if ('env' in source) {
    const value = env[source.env];
    if (value === undefined) throw new HsmError('PIN_NOT_GIVEN', { source: 'env', name: source.env });
    return pinFrom('env', source.env, Buffer.from(value, 'utf8'));
  }
  const name = options.tokenLabel;
  if (options.prompt === undefined) throw new HsmError('PIN_NOT_GIVEN', { source: 'prompt', name });
  return pinFrom('prompt', name, Buffer.from(await options.prompt(name), 'utf8'));
}

function pinFrom(source: PinSourceKind, name: string, bytes: Buffer): Pin {
  const end =
    bytes.at(-1) !== 0x0a ? bytes.length : bytes.at(-2) === 0x0d ? bytes.length - 2 : bytes.length - 1;
  const line = bytes.subarray(0, end);
  const text = line.toString('utf8');
  const wellFormed =
    line.length > 0 &&
    line.length <= MAX_PIN_BYTES &&
    Buffer.from(text, 'utf8').equals(line) &&
    !/\p{Cc}/u.test(text);
  if (!wellFormed) throw new HsmError('PIN_MALFORMED', { source, name, limit: MAX_PIN_BYTES });
  return new Pin(text);
}

/** Judges the very file that was opened, not what stands at its path a moment later. */
async function readSecretFile(
  source: PinSourceKind,
  name: string,
  path: string,
  judge?: (file: FileHandle, path: string) => Promise<void>,
): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) throw new HsmError('PIN_NOT_REGULAR_FILE', { file: path });
    await judge?.(file, path);
    // Enough to hold the longest PIN with its line end and to see that there is more.
    const bytes = Buffer.alloc(MAX_PIN_BYTES + 3);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } catch (cause) {
    if (cause instanceof HsmError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    if (reason === 'ELOOP') throw new HsmError('PIN_NOT_REGULAR_FILE', { file: path }, { cause });
    throw new HsmError('PIN_SOURCE_UNREADABLE', { source, name, reason }, { cause });
  } finally {
    await file?.close();
  }
}

async function refuseShared(file: FileHandle, path: string): Promise<void> {
  const { mode, uid } = await file.stat();
  const self = process.getuid?.() ?? uid;
  if (uid !== self && uid !== 0) {
    throw new HsmError('PIN_FILE_OWNER', { file: path, owner: uid, expected: self });
  }
  if ((mode & 0o077) !== 0) {
    throw new HsmError('PIN_FILE_MODE', { file: path, mode: (mode & 0o7777).toString(8).padStart(4, '0') });
  }
}
