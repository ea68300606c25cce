/**
 * The memory of wrong PINs: what a token has refused once is never sent to it again, so that a service which starts
 * again and again with a wrong PIN cannot lock the token.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../clock';
import { base64Schema, instantSchema } from '../encoding';
import { HsmError } from './errors';
import { inTurn } from './loginTurn';
import type { Pin } from './pin';

/** RFC 7914 parameters. A wrong PIN is often the right one mistyped: whoever reads the file must not learn it. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Tokens lock after 3 to 15 wrong PINs; the newest are kept. */
const MAX_RECORDS_PER_TOKEN = 16;
const MAX_RECORDS = 1024;

/** Stored: the format of the file. */
const recordSchema = z.strictObject({
  tokenSerial: z.string().max(64),
  salt: base64Schema,
  hash: base64Schema,
  time: instantSchema,
});
const fileSchema = z.strictObject({ version: z.literal(1), records: z.array(recordSchema).max(MAX_RECORDS) });
type RefusedPin = Readonly<z.infer<typeof recordSchema>>;

export interface RefusedPinsOptions {
  /** Path of the file; its directory must exist. */
  readonly file: string;
  readonly clock: Clock;
}

/**
 * Makes one login attempt under the memory: a PIN the token has refused before never reaches `login`; one it refuses
 * now (`login` throws `PIN_INCORRECT`) is remembered; one it accepts clears what was remembered of this token.
 *
 * The file that would remember this PIN is written before the attempt, so that after it a rename is all that can
 * fail: a full disk is found out while the PIN has not been tried.
 * @param login asks the token once; whether it checked the PIN (it does not when the process is logged in already)
 * @throws HsmError `PIN_REFUSED_BEFORE`, `REFUSED_PINS_UNUSABLE`, and whatever `login` throws
 */
export async function loginRemembering(
  options: RefusedPinsOptions,
  token: { readonly label: string; readonly serial: string },
  pin: Pin,
  login: () => { readonly pinChecked: boolean },
): Promise<void> {
  const { file, clock } = options;
  let reached = false as boolean;
  await inTurn(file, async () => {
    reached = true;
    const records = await read(file);
    const ofToken = records.filter((record) => record.tokenSerial === token.serial);
    const others = records.filter((record) => record.tokenSerial !== token.serial);
    for (const record of ofToken.toReversed()) {
      const hash = await hashPin(pin, Buffer.from(record.salt, 'base64'));
      if (sameHash(hash, Buffer.from(record.hash, 'base64'))) {
        throw new HsmError('PIN_REFUSED_BEFORE', { token: token.label, time: record.time, file });
      }
    }
    const salt = randomBytes(SALT_BYTES);
    const record: RefusedPin = {
      tokenSerial: token.serial,
      salt: salt.toString('base64'),
      hash: (await hashPin(pin, salt)).toString('base64'),
      time: clock().toISOString(),
    };
    const aside = await writeAside(file, [...others, ...ofToken.slice(1 - MAX_RECORDS_PER_TOKEN), record]);
    let pinChecked: boolean;
    try {
      ({ pinChecked } = login());
    } catch (error) {
      if (error instanceof HsmError && error.code === 'PIN_INCORRECT') putInPlaceNow(aside, file);
      else await change(file, () => unlink(aside));
      throw error;
    }
    await change(file, () => unlink(aside));
    if (pinChecked && ofToken.length > 0) {
      const cleared = await writeAside(file, others);
      await change(file, () => rename(cleared, file));
    }
  }).catch((error: unknown) => {
    throw reached ? error : unusable(file, error);
  });
}

function hashPin(pin: Pin, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin.reveal(), salt, HASH_BYTES, SCRYPT, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

async function read(file: string): Promise<readonly RefusedPin[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unusable(file, cause);
  }
  try {
    return fileSchema.parse(JSON.parse(text)).records;
  } catch (cause) {
    throw new HsmError('REFUSED_PINS_UNUSABLE', { file, reason: 'DAMAGED' }, { cause });
  }
}

/** Writes and syncs the file's next contents beside it, and gives their path. */
async function writeAside(file: string, records: readonly RefusedPin[]): Promise<string> {
  const aside = `${file}.${process.pid}.new`;
  try {
    const handle = await open(aside, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      const kept = records.slice(-MAX_RECORDS);
      await handle.writeFile(`${JSON.stringify({ version: 1, records: kept })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unusable(file, cause);
  }
  return aside;
}

/** Right after the refusal and without yielding: whatever ends the process next finds the PIN remembered. */
function putInPlaceNow(aside: string, file: string): void {
  try {
    renameSync(aside, file);
    const directory = openSync(dirname(file), 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (cause) {
    throw unusable(file, cause);
  }
}

async function change(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw unusable(file, cause);
  }
}

function unusable(file: string, cause: unknown): HsmError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new HsmError('REFUSED_PINS_UNUSABLE', { file, reason }, { cause });
}
