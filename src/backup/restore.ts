/**
 * Restoring a backup: decrypted into a folder aside, everything compared with the manifest and authenticated, and only
 * then put in its place. The configuration comes last: a directory without it holds no party, whatever else is there.
 */
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigError, makePrivateFolder, readFileBounded, reasonOf, syncFolder } from '../config';
import { inspectDatabase } from '../db';
import { CHUNK, Decryption, unreadable } from './container';
import { BackupError } from './errors';
import { FORMAT, MANIFEST, manifestSchema, MAX_MANIFEST, type Manifest } from './manifest';
import { CONFIG, readJournals, withDatabase, type PartyKind } from './party';
import { BLOCK, END, padding, tarHeader, tarLength } from './tar';

const MAX_KEY = 64 * 1024;
/** What everybody may read. */
const PUBLIC = 'published/';
/** Where everything lies until it is known to be whole. */
const STAGE = '.restoring';

export interface RestoreOptions {
  readonly key: KeyObject;
  /** Of the file with the key. */
  readonly keyName: string;
  /** SHA-256 that the file must have, as `writeBackup` told it; lower-case hex. */
  readonly sha256?: string | undefined;
  /** Told how many more octets were read. */
  readonly progress?: (octets: number) => void;
  /** What has to be true of the directory before it is put in place; works on the folder aside. */
  readonly prepare: (stage: string, manifest: Manifest) => Promise<void>;
}

/**
 * A private key in PEM.
 * @param passphrase asked for if the key is encrypted
 * @throws BackupError `KEY_UNUSABLE`; ConfigError
 */
export async function readPrivateKey(file: string, passphrase: () => Promise<string>): Promise<KeyObject> {
  const pem = await readFileBounded(file, MAX_KEY);
  const options = pem.includes('ENCRYPTED') ? { passphrase: await passphrase() } : {};
  try {
    const key = createPrivateKey({ key: pem, format: 'pem', ...options });
    if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec') return key;
  } catch (cause) {
    throw new BackupError('KEY_UNUSABLE', { key: file }, { cause });
  }
  throw new BackupError('KEY_UNUSABLE', { key: file });
}

/**
 * @param directory absent, or empty but for what an interrupted restore has left
 * @throws BackupError `BACKUP_IS_ANOTHER`, `DIRECTORY_NOT_EMPTY`, `BACKUP_UNREADABLE`, `BACKUP_OF_OTHER`, `BACKUP_NEWER`,
 * `KEY_OPENS_NOTHING`; ConfigError `FILE_NOT_READ`
 */
export async function restoreBackup(
  kind: PartyKind,
  file: string,
  directory: string,
  options: RestoreOptions,
): Promise<Manifest> {
  const handle = await openBackup(file);
  try {
    if (options.sha256 !== undefined) await requireDigest(file, handle, options.sha256);
    const names = existsSync(directory) ? await readdir(directory) : [];
    const found = names.filter((name) => name !== STAGE);
    if (found.length > 0)
      throw new BackupError('DIRECTORY_NOT_EMPTY', { directory, found: found.slice(0, 5).join(', ') });
    await makePrivateFolder(directory);
    const stage = join(directory, STAGE);
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage, { mode: 0o700 });
    try {
      const manifest = await unpack(kind, file, handle, stage, options);
      await requireJournals(kind, file, stage, manifest);
      await options.prepare(stage, manifest);
      await putInPlace(stage, directory);
      return manifest;
    } catch (error) {
      await rm(stage, { recursive: true, force: true });
      throw error;
    }
  } finally {
    await handle.close();
  }
}

/** @throws ConfigError `FILE_NOT_READ`, also for a folder, which the system opens as well */
async function openBackup(file: string): Promise<FileHandle> {
  try {
    if ((await stat(file)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    return await open(file, 'r');
  } catch (cause) {
    throw new ConfigError('FILE_NOT_READ', { file, reason: reasonOf(cause) }, { cause });
  }
}

/** @throws BackupError `BACKUP_IS_ANOTHER` */
async function requireDigest(file: string, handle: FileHandle, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(handle.createReadStream({ start: 0, autoClose: false }), hash);
  const found = hash.digest('hex');
  if (found !== expected) throw new BackupError('BACKUP_IS_ANOTHER', { file, found, expected });
}

async function unpack(
  kind: PartyKind,
  file: string,
  handle: FileHandle,
  stage: string,
  { key, keyName, progress }: RestoreOptions,
): Promise<Manifest> {
  const content = await Decryption.open(file, handle, key, keyName);
  const { manifest, header, size } = await readManifest(file, content);
  if (manifest.program !== kind.program)
    throw new BackupError('BACKUP_OF_OTHER', { file, found: manifest.program, expected: kind.program });
  const time = new Date(manifest.time);
  const whole = [{ path: MANIFEST, size }, ...manifest.files];
  if (!header.equals(tarHeader({ path: MANIFEST, size }, time)) || tarLength(whole) !== content.length)
    throw unreadable(file, 'its archive is not what the manifest names');
  for (const entry of manifest.files) {
    const { path } = entry;
    if (!(await content.read(BLOCK)).equals(tarHeader(entry, time)))
      throw unreadable(file, `${path} is not where the manifest names it`);
    await copyFile(file, content, join(stage, path), entry, progress);
    if ((await content.read(padding(entry.size))).some((octet) => octet !== 0))
      throw unreadable(file, `${path} is followed by something`);
  }
  if (!(await content.read(END.length)).equals(END)) throw unreadable(file, 'its end is not empty');
  await content.end();
  return manifest;
}

interface FoundManifest {
  readonly manifest: Manifest;
  readonly header: Buffer;
  readonly size: number;
}

async function readManifest(file: string, content: Decryption): Promise<FoundManifest> {
  const header = await content.read(BLOCK);
  const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
  if (!(size > 0 && size <= MAX_MANIFEST)) throw unreadable(file, 'it was altered');
  const bytes = await content.read(size + padding(size));
  let value: unknown;
  try {
    value = JSON.parse(bytes.subarray(0, size).toString('utf8'));
  } catch (cause) {
    throw new BackupError('BACKUP_UNREADABLE', { file, reason: 'it was altered' }, { cause });
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return { manifest: parsed.data, header, size };
  const { format, software } = value as { format?: unknown; software?: { version?: unknown } };
  if (typeof format === 'string' && format !== FORMAT && format.startsWith('subca-backup/'))
    throw new BackupError('BACKUP_NEWER', { file, version: String(software?.version) });
  throw unreadable(file, 'its manifest is not one');
}

async function copyFile(
  file: string,
  content: Decryption,
  target: string,
  { path, size, sha256 }: Manifest['files'][number],
  progress: RestoreOptions['progress'],
): Promise<void> {
  const isPublic = path.startsWith(PUBLIC);
  await mkdir(dirname(target), { recursive: true, mode: isPublic ? 0o755 : 0o700 });
  const hash = createHash('sha256');
  const handle = await open(target, 'wx', isPublic ? 0o644 : 0o600);
  try {
    for (let left = size; left > 0;) {
      const portion = await content.read(Math.min(CHUNK, left));
      left -= portion.length;
      hash.update(portion);
      await handle.writeFile(portion);
      progress?.(portion.length);
    }
    if (hash.digest('hex') !== sha256) throw unreadable(file, `${path} is not what the manifest names`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The database must be sound, and hold the journals that the manifest names. */
async function requireJournals(
  kind: PartyKind,
  file: string,
  stage: string,
  manifest: Manifest,
): Promise<void> {
  const { database, migrations } = kind;
  const path = join(stage, database);
  if (![database, CONFIG].every((name) => manifest.files.some((one) => one.path === name)))
    throw unreadable(file, 'database or configuration is missing');
  const journals = await withDatabase(path, migrations, (db) => readJournals(kind, db));
  const { integrity } = await inspectDatabase(path, true);
  if (integrity !== 'ok' || JSON.stringify(journals) !== JSON.stringify(manifest.journals))
    throw unreadable(file, 'its database is not what the manifest names');
}

async function putInPlace(stage: string, directory: string): Promise<void> {
  const names = (await readdir(stage)).filter((name) => name !== CONFIG);
  await syncFolders(stage);
  for (const name of [...names, CONFIG]) {
    // All else is durable before the directory holds a party.
    if (name === CONFIG) await syncFolder(directory);
    await rename(join(stage, name), join(directory, name));
  }
  await rmdir(stage);
  await syncFolder(directory);
}

async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  await syncFolder(folder);
}
