/**
 * The mirror: every journal's second copy, on another disk. It follows the database: whatever is committed and not there
 * yet is appended, by whoever comes first. So a crash between the two needs no mending of its own, and a mirror that
 * is ahead can only mean that the database is an old copy.
 */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, syncFolder } from '../config';
import { inTurn } from '../db';
import { isCodedError } from '../errors';
import { leafHash, parseOrigin } from '../journal';
import { LedgerError } from './errors';
import { MAX_FRAME_OCTETS, MirrorFile } from './mirrorFile';
import { removedUpTo } from './removal';
import {
  leafOf,
  readEntries,
  readEntriesAt,
  readEntriesWithin,
  readJournal,
  requireWhole,
  type LedgerDatabase,
  type StoredEntry,
  type StoredJournal,
} from './rows';

/** Most entries in a frame. */
const MAX_ENTRIES = 1024;

export class JournalMirror {
  /** By origin, how many entries are known to be durable there. */
  readonly #held = new Map<string, number>();

  /**
   * @param folder on the other disk
   * @param turns a folder for the file by which processes take turns
   */
  constructor(
    readonly folder: string,
    private readonly turns: string,
  ) {}

  /** How many entries of a journal this process has seen there. */
  held(origin: string): number {
    return this.#held.get(origin) ?? 0;
  }

  /**
   * Appends what the database has and the mirror has not, and makes it durable.
   * @param db for single reads, not a transaction: what others commit meanwhile must be seen
   * @throws LedgerError `MIRROR_UNAVAILABLE`, `MIRROR_DAMAGED`, `MIRROR_AHEAD`, `MIRROR_DIFFERS`; DbError
   */
  async follow(db: LedgerDatabase, origin: string): Promise<void> {
    await this.alone(async () => {
      const journal = await readJournal(db, origin);
      await this.#opened(origin, async (file) => {
        await requireSame(db, journal, file);
        // Another process may have died before it could: of two frames, the first must be durable first.
        await file.sync();
        await append(db, journal, file);
        this.#held.set(origin, file.size);
      });
    });
  }

  /**
   * Compares every entry of the mirror with the database. Others append meanwhile: what is written already stays as it
   * is, and they could not wait for so long.
   * @param db a snapshot
   * @returns how many there are
   * @throws LedgerError `MIRROR_UNAVAILABLE`, `MIRROR_DAMAGED`, `MIRROR_AHEAD`, `MIRROR_DIFFERS`
   */
  async verify(db: LedgerDatabase, origin: string): Promise<number> {
    const file = await this.alone(() => MirrorFile.open(this.path(origin), origin));
    try {
      const journal = await readJournal(db, origin);
      const { size, removedBefore } = journal.state;
      let next: number | undefined;
      for await (const { first, entries } of file.frames()) {
        // It need not have what is removed.
        next ??= Math.min(first, removedBefore);
        if (first !== next)
          throw new LedgerError('MIRROR_DAMAGED', { file: file.path, reason: `entry ${next} is missing` });
        next += entries.length;
        // What was committed since the snapshot is no lie; the last entry of the snapshot still is compared.
        const own = await readEntries(db, journal, Math.min(first, size), Math.min(next, size));
        const at = firstOther(own, entries);
        if (at >= 0) throw new LedgerError('MIRROR_DIFFERS', { origin, index: first + at });
      }
      next ??= 0;
      if (next < size)
        throw new LedgerError('MIRROR_DAMAGED', { file: file.path, reason: `entry ${next} is missing` });
      return next;
    } finally {
      await file.close();
    }
  }

  /**
   * What the mirror has beyond the entries that it shares with the database.
   * @returns `undefined` if it has nothing that is not there as well
   */
  async beyond(db: LedgerDatabase, journal: StoredJournal): Promise<MirroredEntries | undefined> {
    return this.#opened(journal.origin, async (file) => {
      const { size } = journal.state;
      /** Offset from which frames have to be read. */
      let start: number | undefined;
      let first = file.size;
      for await (const frame of file.framesBack()) {
        const to = Math.min(frame.first + frame.entries.length, size);
        const own = await readEntries(db, journal, Math.min(frame.first, to), to);
        const other = firstOther(own, frame.entries);
        const same = other < 0 && own.length < frame.entries.length ? own.length : other;
        if (same < 0) break;
        start = frame.start;
        first = frame.first + same;
        if (same > 0) break;
      }
      return start === undefined ? undefined : { first, size: file.size, start };
    });
  }

  /** Gives the work a way to read the entries beyond, portion after portion. */
  async reading<T>(
    origin: string,
    { first, start }: MirroredEntries,
    work: (read: (from: number, to: number) => Promise<readonly Buffer[]>) => Promise<T>,
  ): Promise<T> {
    return this.#opened(origin, async (file) => {
      let frames = file.frames(start);
      let next = first;
      let ready: Buffer[] = [];
      return work(async (from, to) => {
        if (from < next) frames = file.frames(start);
        if (from !== next) ready = [];
        next = to;
        while (ready.length < to - from) {
          const frame = await frames.next();
          if (frame.done === true) break;
          const { entries, first: at } = frame.value;
          ready.push(...entries.slice(Math.max(0, from + ready.length - at)));
        }
        return ready.splice(0, to - from);
      });
    });
  }

  /** Puts the mirror aside and makes it anew: the database has other entries, and they count. */
  async begin(db: LedgerDatabase, origin: string, suffix: string): Promise<void> {
    await this.alone(async () => {
      const path = this.path(origin);
      try {
        await rename(path, `${path}.${suffix}`);
      } catch (cause) {
        throw new LedgerError('MIRROR_UNAVAILABLE', { file: path, reason: reasonOf(cause) }, { cause });
      }
    });
    await this.follow(db, origin);
  }

  /**
   * Makes the mirror anew without the entries whose certificates are removed. The old file stands until the new one is
   * durable.
   * @throws as `follow`
   */
  async shorten(db: LedgerDatabase, origin: string): Promise<void> {
    await this.follow(db, origin);
    await this.alone(async () => {
      const path = this.path(origin);
      const journal = await readJournal(db, origin);
      const first = await this.#opened(origin, (file) => file.first());
      if (first === undefined || first >= (await wholeFrom(db, journal))) return;
      const remade = `${path}.new`;
      try {
        await rm(remade, { force: true });
        const file = await MirrorFile.open(remade, origin);
        try {
          await append(db, await readJournal(db, origin), file);
        } finally {
          await file.close();
        }
        await rename(remade, path);
        await syncFolder(this.folder);
      } catch (cause) {
        if (isCodedError(cause)) throw cause;
        throw new LedgerError('MIRROR_UNAVAILABLE', { file: path, reason: reasonOf(cause) }, { cause });
      }
    });
  }

  /** Does the work while no other process reads or writes the mirror. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return inTurn(join(this.turns, 'mirror.turn'), work);
  }

  path(origin: string): string {
    const { node, epoch } = parseOrigin(origin);
    return join(this.folder, `${node}-e${String(epoch)}.journal`);
  }

  async #opened<T>(origin: string, work: (file: MirrorFile) => Promise<T>): Promise<T> {
    const file = await MirrorFile.open(this.path(origin), origin);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }
}

export interface MirroredEntries {
  /** Index of the first entry that is not in the database, or is another there. */
  readonly first: number;
  /** Entries of the whole mirror. */
  readonly size: number;
  /** Offset of the frame with the first. */
  readonly start: number;
}

/** The newest entry of the mirror stands for all before it: none was ever written over another. */
async function requireSame(
  db: LedgerDatabase,
  { id, origin, state }: StoredJournal,
  file: MirrorFile,
): Promise<void> {
  if (file.size > state.size)
    throw new LedgerError('MIRROR_AHEAD', { origin, mirror: file.size, own: state.size });
  if (file.newest === undefined) return;
  const index = file.size - 1;
  const own = (await readEntriesAt(db, id, [index])).get(index);
  if (own === undefined || firstOther([own], [file.newest]) === 0)
    throw new LedgerError('MIRROR_DIFFERS', { origin, index });
}

/** Index among the stored ones of the first that is not the mirror's; -1 if there is none. */
function firstOther(own: readonly StoredEntry[], mirrored: readonly Buffer[]): number {
  return own.findIndex((stored, at) => {
    const bytes = mirrored[at];
    return bytes === undefined || !leafOf(stored).equals(leafHash(bytes));
  });
}

/** Where what is whole begins: what is only announced as removed is still here, and has its second copy. */
function wholeFrom(db: LedgerDatabase, { id, state }: StoredJournal): Promise<number> {
  return removedUpTo(db, id, state.removedBefore);
}

/** A new file begins after the last certificate that is removed. */
async function append(db: LedgerDatabase, journal: StoredJournal, file: MirrorFile): Promise<void> {
  const { size } = journal.state;
  for (let from = file.size === 0 ? await wholeFrom(db, journal) : file.size; from < size; from = file.size) {
    const to = Math.min(from + MAX_ENTRIES, size);
    const octets = MAX_FRAME_OCTETS - 4 * (to - from);
    const entries = await readEntriesWithin(db, journal, { from, to, octets });
    await file.append(from, requireWhole(journal.origin, from, entries));
  }
}
