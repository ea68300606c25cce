/**
 * A journal's second copy, as a file that only grows. One frame is what was appended at once:
 *
 *     file  = "subca-journal-mirror 1" LF origin LF  frame*
 *     frame = octets of entries (4)  index of the first (6)  how many (4)
 *             (octets (4)  entry)*  SHA-256 of all this (32)  octets of the frame (4)
 *
 * The end of a file tells its last frame, so that opening costs the same however long it is. A frame that a crash has
 * torn does not have its hash; it was never told to be there, and is cut off.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readAt, reasonOf, syncFolder } from '../config';
import { MAX_ENTRY_SIZE } from '../journal';
import { LedgerError } from './errors';

const HEAD = 14;
const HASH = 32;
const TAIL = HASH + 4;
/** Most octets of entries in a frame. */
export const MAX_FRAME_OCTETS = 1024 * 1024;
const MAX_FRAME = HEAD + MAX_FRAME_OCTETS + 4 + MAX_ENTRY_SIZE + TAIL;

/** What was appended at once, and where it lies. */
export interface Frame {
  /** Index of its first entry. */
  readonly first: number;
  readonly entries: readonly Buffer[];
  /** Offset of its first octet, and of the one after its last. */
  readonly start: number;
  readonly end: number;
}

export class MirrorFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** Offset of the first frame. */
    private readonly begin: number,
    private last: Frame | undefined,
    /** Whether octets of a torn frame follow the last whole one. */
    private torn: boolean,
  ) {}

  /**
   * Opens the mirror of a journal, and makes it where there is none; its folder must be there, as a sign that the disk is.
   * @throws LedgerError `MIRROR_UNAVAILABLE`, `MIRROR_DAMAGED`
   */
  static async open(path: string, origin: string): Promise<MirrorFile> {
    return reaching(path, async () => {
      const handle = await open(path, 'r+').catch(async (error: unknown) => {
        if (reasonOf(error) !== 'ENOENT') throw error;
        return create(path);
      });
      try {
        const header = Buffer.from(`subca-journal-mirror 1\n${origin}\n`, 'utf8');
        const { size } = await handle.stat();
        const found = await readAt(handle, 0, Math.min(size, header.length));
        if (!header.subarray(0, found.length).equals(found))
          throw new LedgerError('MIRROR_DAMAGED', { file: path, reason: 'it is not of this journal' });
        if (size < header.length) {
          if (size > 0) await handle.truncate(0);
          await writeAt(handle, header, 0);
        }
        const end = Math.max(size, header.length);
        const last = await lastFrame(handle, path, header.length, end);
        return new MirrorFile(path, handle, header.length, last, (last?.end ?? header.length) < end);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** Index of the first entry it holds. */
  async first(): Promise<number | undefined> {
    return this.last === undefined ? undefined : (await this.#frameFrom(this.begin)).first;
  }

  /** Index of the entry after its last. */
  get size(): number {
    return this.last === undefined ? 0 : this.last.first + this.last.entries.length;
  }

  /** The newest entry. */
  get newest(): Buffer | undefined {
    return this.last?.entries.at(-1);
  }

  /**
   * Appends the next entries, at most `MAX_FRAME_OCTETS` or one of them; they are durable then.
   * @param first index of the first of them: of an empty file, any
   */
  async append(first: number, entries: readonly Buffer[]): Promise<void> {
    const { begin } = this;
    const start = this.last?.end ?? begin;
    await reaching(this.path, async () => {
      if (this.torn) await this.handle.truncate(start);
      this.torn = true;
      const bytes = frameOf(first, entries);
      await writeAt(this.handle, bytes, start);
      await this.handle.sync();
      this.torn = false;
      this.last = { first, entries, start, end: start + bytes.length };
    });
  }

  async sync(): Promise<void> {
    await reaching(this.path, () => this.handle.sync());
  }

  /** Every frame from the first on. @throws LedgerError `MIRROR_DAMAGED` at the first that is not whole */
  async *frames(from = this.begin): AsyncGenerator<Frame> {
    const end = this.last?.end ?? this.begin;
    for (let start = from; start < end;) {
      const frame = await this.#frameFrom(start);
      yield frame;
      start = frame.end;
    }
  }

  /** Every frame from the last back. */
  async *framesBack(): AsyncGenerator<Frame> {
    for (let frame = this.last; frame !== undefined;) {
      yield frame;
      if (frame.start === this.begin) return;
      const { start, first } = frame;
      const before: Frame | undefined = await reaching(this.path, () =>
        frameEndingAt(this.handle, this.begin, start),
      );
      if (before?.first !== undefined && before.first + before.entries.length === first) frame = before;
      else throw this.#damaged(start);
    }
  }

  async #frameFrom(start: number): Promise<Frame> {
    const bytes = await reaching(this.path, async () => {
      const head = await readAt(this.handle, start, 4);
      const octets = HEAD + (head.length === 4 ? head.readUInt32BE() : MAX_FRAME) + TAIL;
      return octets > MAX_FRAME ? undefined : readAt(this.handle, start, octets);
    });
    const frame = bytes && frameIn(bytes, start);
    if (frame === undefined) throw this.#damaged(start);
    return frame;
  }

  #damaged(offset: number): LedgerError<'MIRROR_DAMAGED'> {
    return new LedgerError('MIRROR_DAMAGED', { file: this.path, reason: `unreadable at offset ${offset}` });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function create(path: string): Promise<FileHandle> {
  const handle = await open(path, 'wx+', 0o600);
  await syncFolder(dirname(path));
  return handle;
}

function frameOf(first: number, entries: readonly Buffer[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(entry.length);
    return [length, entry];
  });
  const head = Buffer.alloc(HEAD);
  const octets = parts.reduce((sum, { length }) => sum + length, 0);
  head.writeUInt32BE(octets, 0);
  head.writeUIntBE(first, 4, 6);
  head.writeUInt32BE(entries.length, 10);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(HEAD + octets + TAIL);
  const content = Buffer.concat([head, ...parts]);
  return Buffer.concat([content, createHash('sha256').update(content).digest(), tail]);
}

/** The frame that these octets are. @returns `undefined` if they are none */
function frameIn(bytes: Buffer, start: number): Frame | undefined {
  const { length } = bytes;
  if (length < HEAD + TAIL || bytes.readUInt32BE(length - 4) !== length) return undefined;
  const content = bytes.subarray(0, length - TAIL);
  if (bytes.readUInt32BE(0) !== content.length - HEAD) return undefined;
  const hash = createHash('sha256').update(content).digest();
  if (!hash.equals(bytes.subarray(length - TAIL, length - 4))) return undefined;
  const entries: Buffer[] = [];
  for (let at = HEAD; at + 4 <= content.length;) {
    const to = at + 4 + content.readUInt32BE(at);
    entries.push(content.subarray(at + 4, to));
    at = to;
  }
  if (entries.length === 0 || entries.length !== bytes.readUInt32BE(10)) return undefined;
  return { first: bytes.readUIntBE(4, 6), entries, start, end: start + length };
}

async function frameEndingAt(handle: FileHandle, begin: number, end: number): Promise<Frame | undefined> {
  if (end - begin < HEAD + TAIL) return undefined;
  const length = (await readAt(handle, end - 4, 4)).readUInt32BE();
  if (length > MAX_FRAME || end - length < begin) return undefined;
  return frameIn(await readAt(handle, end - length, length), end - length);
}

/**
 * The last whole frame. What follows it is at most one that was never finished: more than that is no torn end.
 * @throws LedgerError `MIRROR_DAMAGED`
 */
async function lastFrame(
  handle: FileHandle,
  path: string,
  begin: number,
  end: number,
): Promise<Frame | undefined> {
  if (end === begin) return undefined;
  const whole = await frameEndingAt(handle, begin, end);
  if (whole !== undefined) return whole;
  const earliest = Math.max(begin, end - MAX_FRAME);
  const from = Math.max(begin, earliest - MAX_FRAME);
  const window = await readAt(handle, from, end - from);
  for (let at = end - 1; at >= earliest && at - from >= HEAD + TAIL; at -= 1) {
    const length = window.readUInt32BE(at - from - 4);
    const start = at - from - length;
    if (length < HEAD + TAIL || length > MAX_FRAME || start < 0) continue;
    const frame = frameIn(window.subarray(start, at - from), from + start);
    if (frame !== undefined) return frame;
  }
  if (earliest === begin) return undefined;
  throw new LedgerError('MIRROR_DAMAGED', { file: path, reason: 'its end is unreadable' });
}

async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** @throws LedgerError `MIRROR_UNAVAILABLE` for what the system refuses */
async function reaching<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError('MIRROR_UNAVAILABLE', { file, reason: reasonOf(cause) }, { cause });
  }
}
