/**
 * Making a backup while the party works: database and files as one archive, encrypted to its recipients.
 *
 * The database is copied aside within the data directory, in one read transaction; files are opened first and read from
 * what was opened, since all are replaced by renaming. Only the encrypted file leaves the directory. It is not signed:
 * no token is needed to make one, and what a restored directory says is held against the root, the mirror and the
 * token before anything is issued from it.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { asideOf, ConfigError, reasonOf, readAt, requireWritable, syncFolder } from '../config';
import { copyDatabase, tryLock } from '../db';
import type { SubjectPublicKey } from '../x509';
import { CHUNK, Encryption } from './container';
import { BackupError } from './errors';
import { FORMAT, MANIFEST, MAX_FILES, type BackedUpJournal, type Manifest } from './manifest';
import { rememberBackup, type LastBackup } from './last';
import { readJournals, withDatabase, type Party } from './party';
import { END, padding, tarHeader, tarLength } from './tar';

export interface BackupOptions {
  /** One that comes twice, as a certificate and as a bare key perhaps, is one. */
  readonly recipients: readonly SubjectPublicKey[];
  readonly software: Manifest['software'];
  readonly now: Date;
  /** Whether a file that is there may be replaced; it stays until the new one is whole. */
  readonly replace?: boolean;
  /** Told how many more octets were handled; each is read twice. */
  readonly progress?: (octets: number) => void;
}

export interface MadeBackup extends LastBackup {
  readonly journals: readonly BackedUpJournal[];
  /** Names in the data directory that are not in the backup. */
  readonly leftOut: readonly string[];
}

interface Opened {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
}

/**
 * @param file is written whole, readable by its owner alone, or not at all
 * @throws BackupError `NO_RECIPIENT`, `BACKUP_EXISTS`, `BACKUP_RUNNING`, `BACKUP_CHANGED`, `BACKUP_TOO_LARGE`,
 * `TOO_MANY_FILES`; ConfigError `FILE_NOT_WRITTEN`; DbError
 */
export async function writeBackup(party: Party, file: string, options: BackupOptions): Promise<MadeBackup> {
  const recipients = new Map(options.recipients.map((one) => [one.spkiSha256, one]));
  if (recipients.size === 0) throw new BackupError('NO_RECIPIENT', {});
  await requireWritable(file);
  if (options.replace !== true && existsSync(file)) throw new BackupError('BACKUP_EXISTS', { file });
  const run = join(party.directory, 'run');
  await mkdir(run, { recursive: true, mode: 0o700 });
  const lock = await tryLock(run, 'backup');
  if (lock === undefined) throw new BackupError('BACKUP_RUNNING', {});
  const copy = join(run, 'backup.db');
  const opened: Opened[] = [];
  try {
    // Files first: a CRL that is published meanwhile is in the database then, and put in its place from there.
    const leftOut = await openContents(party, opened);
    await copyDatabase(join(party.directory, party.database), copy);
    const journals = await withDatabase(copy, party.migrations, (db) => readJournals(party, db));
    opened.push(await openFile(party.database, copy));
    const { program, name } = party;
    const files = await hashAll(opened, options.progress);
    const { software, now } = options;
    const manifest: Manifest = {
      format: FORMAT,
      program,
      name,
      software,
      time: now.toISOString(),
      files: [...files],
      journals: [...journals],
    };
    const { bytes, sha256 } = await writeArchive(file, manifest, opened, {
      ...options,
      recipients: [...recipients.values()],
    });
    const { time } = manifest;
    const made = { file: resolve(file), sha256, bytes, time, recipients: [...recipients.keys()] };
    await rememberBackup(party.directory, made);
    return { ...made, journals, leftOut };
  } finally {
    for (const { handle } of opened) await handle.close();
    await rm(copy, { force: true });
    await lock.release();
  }
}

/** Opens every file that belongs into the backup. @returns the names that do not */
async function openContents(party: Party, opened: Opened[]): Promise<readonly string[]> {
  const leftOut: string[] = [];
  const visit = async (entry: Dirent, path: string): Promise<void> => {
    const absolute = join(party.directory, path);
    if (party.secrets.includes(absolute) || entry.name.startsWith('.')) leftOut.push(path);
    else if (entry.isFile()) opened.push(await openFile(path, absolute));
    else if (entry.isDirectory())
      for (const inner of await entries(absolute)) await visit(inner, `${path}/${inner.name}`);
    else leftOut.push(path);
    if (opened.length >= MAX_FILES) throw new BackupError('TOO_MANY_FILES', { path, limit: MAX_FILES });
  };
  for (const entry of await entries(party.directory)) {
    if (party.contains(entry.name)) await visit(entry, entry.name);
    else if (entry.name !== 'run' && !entry.name.startsWith(party.database)) leftOut.push(entry.name);
  }
  return leftOut;
}

async function entries(folder: string): Promise<readonly Dirent[]> {
  const found = await readdir(folder, { withFileTypes: true });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function openFile(path: string, absolute: string): Promise<Opened> {
  const handle = await open(absolute, 'r');
  return { path, handle, size: (await handle.stat()).size };
}

async function hashAll(
  opened: readonly Opened[],
  progress: BackupOptions['progress'] = () => undefined,
): Promise<readonly Manifest['files'][number][]> {
  const files: Manifest['files'][number][] = [];
  for (const one of opened) {
    const hash = createHash('sha256');
    for await (const portion of portions(one)) {
      hash.update(portion);
      progress(portion.length);
    }
    files.push({ path: one.path, size: one.size, sha256: hash.digest('hex') });
  }
  return files;
}

async function* portions({ path, handle, size }: Opened): AsyncGenerator<Buffer> {
  for (let at = 0; at < size;) {
    const portion = await readAt(handle, at, Math.min(CHUNK, size - at));
    if (portion.length === 0) throw new BackupError('BACKUP_CHANGED', { file: path });
    at += portion.length;
    yield portion;
  }
}

/** Archives and encrypts, and puts the whole file in its place. */
async function writeArchive(
  file: string,
  manifest: Manifest,
  opened: readonly Opened[],
  { recipients, progress }: BackupOptions,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const first = Buffer.from(JSON.stringify(manifest), 'utf8');
  const length = tarLength([{ path: MANIFEST, size: first.length }, ...manifest.files]);
  const encryption = new Encryption(recipients, length);
  const time = new Date(manifest.time);
  const aside = asideOf(file);
  try {
    const handle = await open(aside, 'wx', 0o600);
    const out = new Output(handle);
    try {
      await handle.chmod(0o600);
      const put = (portion: Buffer): Promise<void> => out.write(encryption.update(portion));
      await out.write(encryption.head);
      await put(tarHeader({ path: MANIFEST, size: first.length }, time));
      await put(Buffer.concat([first, Buffer.alloc(padding(first.length))]));
      for (const [at, entry] of manifest.files.entries()) {
        const one = opened[at];
        if (one === undefined) continue;
        await put(tarHeader(entry, time));
        const hash = createHash('sha256');
        for await (const portion of portions(one)) {
          hash.update(portion);
          await put(portion);
          progress?.(portion.length);
        }
        if (hash.digest('hex') !== entry.sha256) throw new BackupError('BACKUP_CHANGED', { file: one.path });
        await put(Buffer.alloc(padding(entry.size)));
      }
      await put(END);
      await out.write(encryption.end());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
    await syncFolder(dirname(resolve(file)));
    return { bytes: out.bytes, sha256: out.hash.digest('hex') };
  } catch (cause) {
    await rm(aside, { force: true });
    if (cause instanceof BackupError) throw cause;
    throw new ConfigError('FILE_NOT_WRITTEN', { file, reason: reasonOf(cause) }, { cause });
  }
}

/** A file that grows, with its hash. */
class Output {
  bytes = 0;
  readonly hash: Hash = createHash('sha256');

  constructor(private readonly handle: FileHandle) {}

  async write(portion: Buffer): Promise<void> {
    this.hash.update(portion);
    this.bytes += portion.length;
    await this.handle.writeFile(portion);
  }
}
