/** The PIN of a token: where it may come from, and a holder that does not show it. */
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { readSecretFile, secretLine, type SecretFault } from '../config';
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
    return pinFrom('file', source.file, await readPinFile('file', source.file, source.file));
  }
  if ('credential' in source) {
    const directory = options.credentialsDirectory ?? env['CREDENTIALS_DIRECTORY'];
    const name = source.credential;
    if (directory === undefined) throw new HsmError('PIN_NOT_GIVEN', { source: 'credential', name });
    return pinFrom('credential', name, await readPinFile('credential', name, join(directory, name)));
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
  const line = secretLine(bytes, MAX_PIN_BYTES);
  if (line === undefined) throw new HsmError('PIN_MALFORMED', { source, name, limit: MAX_PIN_BYTES });
  return new Pin(line);
}

async function readPinFile(source: 'file' | 'credential', name: string, path: string): Promise<Buffer> {
  const options = { limit: MAX_PIN_BYTES, judged: source === 'file' };
  return readSecretFile(path, options, (fault: SecretFault, cause) => {
    switch (fault.kind) {
      case 'not-regular':
        return new HsmError('PIN_NOT_REGULAR_FILE', { file: path }, { cause });
      case 'owner':
        return new HsmError('PIN_FILE_OWNER', { file: path, owner: fault.owner, expected: fault.expected });
      case 'mode':
        return new HsmError('PIN_FILE_MODE', { file: path, mode: fault.mode });
      case 'unreadable':
        return new HsmError('PIN_SOURCE_UNREADABLE', { source, name, reason: fault.reason }, { cause });
    }
  });
}
