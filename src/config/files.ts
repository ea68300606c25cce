/** Files written so that a crash leaves the old one or the new one, and read only up to a limit. */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigError } from './errors';

/**
 * Writes a file aside, syncs it, renames it into place and syncs the directory.
 * @param mode permission bits; default 0644
 * @throws ConfigError `FILE_NOT_WRITTEN`
 */
export async function writeFileDurably(
  path: string,
  content: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  const aside = asideOf(path);
  try {
    const file = await open(aside, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(aside, { force: true });
    throw new ConfigError('FILE_NOT_WRITTEN', { file: path, reason: reasonOf(cause) }, { cause });
  }
}

/** Octets of an open file from a position on: as many as there are, up to `length`. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

/** Makes a folder that is its owner's alone; takes from others what they may do in one that is there. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o700);
}

/** Makes the names in a folder durable, as `fsync` of a file does its contents. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Whether `writeFileDurably` would get through now: before something is spent whose outcome belongs into the file.
 * @throws ConfigError `FILE_NOT_WRITTEN`
 */
export async function requireWritable(path: string): Promise<void> {
  const aside = asideOf(path);
  try {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    await writeFile(aside, '', { flag: 'wx' });
    await rm(aside);
  } catch (cause) {
    throw new ConfigError('FILE_NOT_WRITTEN', { file: path, reason: reasonOf(cause) }, { cause });
  }
}

/** Reads a whole file of at most `limit` bytes. @throws ConfigError `FILE_NOT_READ`, `FILE_TOO_LARGE` */
export async function readFileBounded(path: string, limit: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > limit) throw new ConfigError('FILE_TOO_LARGE', { file: path, size, limit });
      const bytes = Buffer.alloc(Math.min(limit + 1, size + 1));
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
        if (bytesRead === 0) return bytes.subarray(0, length);
        length += bytesRead;
        // A file that grew while it was read.
        if (length === bytes.length)
          throw new ConfigError('FILE_TOO_LARGE', { file: path, size: length, limit });
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError('FILE_NOT_READ', { file: path, reason: reasonOf(cause) }, { cause });
  }
}

/**
 * As `readFileBounded`, at once: for many small files in a row, where handing each over to another thread costs more
 * than reading it.
 */
export function readSmallFile(path: string, limit: number): Buffer {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size > limit) throw new ConfigError('FILE_TOO_LARGE', { file: path, size, limit });
      // One more than it had: a file that grew meanwhile shows itself.
      const bytes = Buffer.alloc(size + 1);
      let length = 0;
      for (let read = -1; read !== 0; length += read)
        read = readSync(file, bytes, length, bytes.length - length, null);
      if (length > size) throw new ConfigError('FILE_TOO_LARGE', { file: path, size: length, limit });
      return bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError('FILE_NOT_READ', { file: path, reason: reasonOf(cause) }, { cause });
  }
}

/** SHA-256 of a file of any size, lower-case hex. */
export async function fileSha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** A name for a file until it is whole. */
export function asideOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
}

/** What a file error is called to a person: the system's name for it, if it has one. */
export function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? (cause instanceof Error ? cause.message : 'unknown reason');
}
