/**
 * The root's own journal: an append-only tree of what the root took in, decided and signed. Each entry is written in the
 * transaction of what it tells, so that neither is there without the other.
 */
import {
  commonTables,
  readNewestDocument,
  storeDocument,
  type Database,
  type RootSchema,
  type StoredDocument,
} from '../db';
import {
  decodeRootEntry,
  encodeRootEntry,
  openCheckpoint,
  rootHash,
  rootOriginOf,
  signCheckpoint,
  type Checkpoint,
  type RootEntry,
} from '../journal';
import { openAccepted, registryKey } from '../delegation';
import {
  appendEntries,
  createJournal,
  findJournal,
  headAt,
  readEntries,
  whole,
  type StoredJournal,
} from '../ledger';
import { RootError } from './errors';
import type { RootCa } from './root';

/** How far the clock may lie behind the newest entry without being taken for wrong: two processes, one clock step. */
const CLOCK_TOLERANCE_MS = 2000;

/** `RootEntry` without its time, which is that of the writing. */
export type NewRootEntry = RootEntry extends infer E
  ? E extends RootEntry
    ? Omit<E, 'time'>
    : never
  : never;

type Party = Pick<RootCa, 'config' | 'now'>;

export function rootOrigin({ config }: Party): string {
  return rootOriginOf(config.registry.name);
}

/**
 * Appends entries in the caller's transaction.
 * @returns the time they bear
 * @throws RootError `CLOCK_BEHIND`; JournalError `ENTRY_MALFORMED`
 */
export async function journalise(
  root: Party,
  tx: Database<RootSchema>,
  ...entries: readonly NewRootEntry[]
): Promise<Date> {
  const db = commonTables(tx);
  const origin = rootOrigin(root);
  const journal = (await findJournal(db, origin)) ?? (await begin(tx, origin));
  const time = entryTime(root.now(), journal.state.lastTime);
  const lastTime = time.toISOString();
  const bytes = entries.map(({ type, ...rest }) =>
    encodeRootEntry({ type, time: lastTime, ...rest } as RootEntry),
  );
  const size = journal.state.size + bytes.length;
  await appendEntries(db, journal, whole(bytes), { ...journal.state, size, lastTime });
  return time;
}

async function begin(tx: Database<RootSchema>, origin: string): Promise<StoredJournal> {
  const db = commonTables(tx);
  await createJournal(db, origin);
  const journal = await findJournal(db, origin);
  if (journal === undefined) throw new Error('a journal that was made is not there');
  return journal;
}

/** Entry times never decrease; a clock that is plainly behind stops the root. */
function entryTime(now: Date, last: string | null): Date {
  if (last === null || now.getTime() >= Date.parse(last)) return now;
  if (Date.parse(last) - now.getTime() > CLOCK_TOLERANCE_MS)
    throw new RootError('CLOCK_BEHIND', { now: now.toISOString(), last });
  return new Date(last);
}

/** Stores a document with the entry that names it. */
export async function keepDocument(
  root: Party,
  tx: Database<RootSchema>,
  document: StoredDocument,
): Promise<void> {
  await storeDocument(commonTables(tx), document, root.now());
  await journalise(root, tx, documentEntry(document));
}

/** For a document that is stored by other means. */
export function documentEntry({
  kind,
  subject,
  version,
  sha256,
}: Omit<StoredDocument, 'bytes'>): NewRootEntry {
  return { type: 'document', kind, subject, version, sha256 };
}

export interface RootHead extends Checkpoint {
  /** The checkpoint as a note signed by the registry key in force. */
  readonly note: string;
}

/** Signs the head as it stands. @throws RootError `NO_TRUST_STATEMENT`, `JOURNAL_EMPTY`; HsmError */
export async function signHead(root: RootCa): Promise<RootHead> {
  const { origin, state, rootHash: hash } = await readRootJournal(root);
  const signer = await root.signerOf(registryKey((await root.trust()).value));
  const checkpoint = { origin, size: state.size, rootHash: hash };
  return { ...checkpoint, note: await signCheckpoint(checkpoint, { name: origin, signer }) };
}

/**
 * Holds the journal to a head that was signed earlier and kept elsewhere: whoever could write the whole database anew
 * could not have signed that.
 * @returns the size it was signed at
 * @throws RootError `HEAD_CONTRADICTED`; EnvelopeError, JournalError
 */
export async function checkSignedHead(root: RootCa, note: Buffer): Promise<number> {
  const journal = await readRootJournal(root);
  const { origin, state } = journal;
  const signed = openAccepted(await root.trustStatements(), (trust) =>
    openCheckpoint(note, { ...registryKey(trust), name: origin }, origin),
  );
  const { size } = signed;
  if (size <= state.size && rootHash(await headAt(root.read, journal, size)).equals(signed.rootHash))
    return size;
  throw new RootError('HEAD_CONTRADICTED', { size, held: state.size });
}

export interface ListedEntry {
  readonly index: number;
  readonly bytes: Buffer;
}

/** Entries from an index on, or the newest, as they are stored. @throws RootError `JOURNAL_EMPTY`; LedgerError */
export async function listEntries(
  root: RootCa,
  { from, count }: { readonly from: number | undefined; readonly count: number },
): Promise<{ readonly journal: StoredJournal; readonly entries: readonly ListedEntry[] }> {
  const journal = await readRootJournal(root);
  const { size } = journal.state;
  const start = Math.min(from ?? Math.max(0, size - count), size);
  const stored = await readEntries(root.read, journal, start, Math.min(start + count, size));
  return { journal, entries: stored.map(({ bytes }, at) => ({ index: start + at, bytes })) };
}

/** How many entries are looked through at a time. */
const PORTION = 1000;

/**
 * Which root CRLs the journal tells of. Most nodes hold the newest, which is not looked for; another is looked for from
 * the end backwards, all of them in one pass.
 * @param wanted their SHA-256
 */
export async function journalledRootCrls(
  root: RootCa,
  wanted: readonly string[],
): Promise<ReadonlySet<string>> {
  const newest = (await readNewestDocument(root.read, 'root-crl'))?.sha256;
  const told = new Set(wanted.filter((sha256) => sha256 === newest));
  const left = new Set(wanted.filter((sha256) => sha256 !== newest));
  const journal = left.size === 0 ? undefined : await findJournal(root.read, rootOrigin(root));
  if (journal === undefined) return told;
  for (let end = journal.state.size; end > 0 && left.size > 0; end -= PORTION) {
    for (const { bytes } of await readEntries(root.read, journal, Math.max(0, end - PORTION), end)) {
      for (const sha256 of left) {
        // Most entries name none of them: these need not be decoded.
        if (!bytes.includes(sha256)) continue;
        const entry = decodeRootEntry(bytes);
        if (entry.type !== 'document' || entry.kind !== 'root-crl' || entry.sha256 !== sha256) continue;
        told.add(sha256);
        left.delete(sha256);
      }
    }
  }
  return told;
}

async function readRootJournal(root: RootCa): Promise<StoredJournal> {
  const journal = await findJournal(root.read, rootOrigin(root));
  if (journal === undefined) throw new RootError('JOURNAL_EMPTY', {});
  return journal;
}
