/** Putting one journal right with the entries another copy holds, in the caller's transaction: all of it happens or nothing. */
import { commonTables, type Database, type NodeSchema } from '../db';
import type { EntryOf } from '../journal';
import {
  appendHeld,
  cutBack,
  decodeStored,
  leafOf,
  rootHashAt,
  readEntries,
  readJournal,
  readSeal,
  verifyJournal,
  type CarriedOver,
  type StoredEntry,
  type StoredJournal,
} from '../ledger';
import { sha256Hex } from '../signer';
import { generationAt, type Generation } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/** Entries handled at a time. */
const CHUNK = 1024;
/** Owner of intents whose process is lost with the rest: nobody holds its lock, so that they are abandoned. */
const LOST_OWNER = 'p-lost';

/** What became of one journal. */
export interface CorrectedJournal {
  readonly origin: string;
  /** Where what was missing came from. */
  readonly source: 'root' | 'mirror';
  /** Index of the first entry that was taken from there; the size, if none was. */
  readonly from: number;
  /** Entries the journal has now. */
  readonly size: number;
  /** How many entries were set aside. */
  readonly setAside: number;
  /** Serial numbers of the certificates among them: no journal records them any more. */
  readonly unrecorded: readonly string[];
}

/** Entries of a journal as another copy has them. */
export interface Correction {
  readonly source: CorrectedJournal['source'];
  /** As it stands. */
  readonly journal: StoredJournal;
  /** Index of the first entry that is there; all to the end are. */
  readonly first: number;
  /** Entries of the whole journal there. */
  readonly size: number;
  /** The root hash that those entries must give, hex; `undefined` if nobody has signed one. */
  readonly rootHash: string | undefined;
  /** Entries `from` up to but not including `to`, asked for one portion after another. */
  readonly read: (from: number, to: number) => Promise<readonly StoredEntry[]>;
}

/**
 * @returns what became of it, and how many findings the entries that were taken give
 * @throws NodeError `PULL_DIFFERS` when the result is not what the root has signed
 */
export async function correctJournal(
  node: SubCaNode,
  tx: Database<NodeSchema>,
  { source, journal, first, size, rootHash, read }: Correction,
): Promise<CorrectedJournal> {
  const db = commonTables(tx);
  const { id, origin, state } = journal;
  const from = await firstDifference(tx, journal, first, size, read);
  if (from === size) {
    // There is nothing that is not here as well.
    const own = await rootHashAt(db, journal, size);
    if (rootHash !== undefined && own !== rootHash) throw new NodeError('PULL_DIFFERS', { origin, size });
    return { origin, source, from: state.size, size: state.size, setAside: 0, unrecorded: [] };
  }
  const { generations } = await node.delegation(db);
  const unrecorded = from < state.size ? await setAside(tx, journal, from, size) : [];
  if (from < state.size) await cut(tx, generations, origin, from);
  const { authority } = generationAt(generations, origin);
  const crls: { entry: EntryOf<'crl'>; idx: number }[] = [];
  /** Index of the last entry of which only something is left. */
  let lastRemoved = -1;
  for (let start = from; start < size;) {
    // The first entry of a later journal seals the one before, as which it begins.
    const begins = start === 0 && generations[0]?.origin !== origin;
    const entries = await read(start, begins ? 1 : Math.min(start + CHUNK, size));
    const findings = await appendHeld(db, origin, authority, entries);
    // Nobody but this node wrote to its mirror, and it breaks no rule: it is a document that is not here.
    if (source === 'mirror' && findings.length > 0) throw new NodeError('MIRROR_NEEDS_ROOT', { origin });
    if (begins) await cut(tx, generations, origin, 1);
    for (const [at, stored] of entries.entries()) {
      const entry = decodeStored(stored);
      if (entry?.type === 'crl') crls.push({ entry, idx: start + at });
      if (stored.leaf === null) continue;
      lastRemoved = start + at;
      // Whatever has its leaf beside it fits the tree: another entry may not go under that name.
      if (entry === undefined) throw new NodeError('PULL_DIFFERS', { origin, size });
    }
    start += entries.length;
  }
  const after = await readJournal(db, origin);
  const foundHash = after.rootHash.toString('hex');
  if (after.state.size !== size || (rootHash !== undefined && foundHash !== rootHash))
    throw new NodeError('PULL_DIFFERS', { origin, size });
  // What is left of removed certificates is what an entry of the node's own says, or nobody vouches for it.
  if (lastRemoved >= after.state.removedBefore) throw new NodeError('PULL_DIFFERS', { origin, size });
  await noteCrls(tx, after, crls);
  await claimOpenIntents(tx, id);
  const { crlNumber } = after.state;
  const time = node.now().toISOString();
  const row = {
    journal: id,
    fromIndex: from,
    size,
    crlNumber,
    unrecorded: JSON.stringify(unrecorded),
    // The mirror has all that was ever released; the root, all that was ever sent.
    complete: source === 'mirror' && unrecorded.length === 0 ? 1 : 0,
    time,
  };
  await tx.insertInto('recoveries').values(row).execute();
  return { origin, source, from, size, setAside: Math.max(0, state.size - from), unrecorded };
}

/** Index of the first entry that is there and not in this journal, or is another here; `size` if there is none. */
async function firstDifference(
  tx: Database<NodeSchema>,
  journal: StoredJournal,
  first: number,
  size: number,
  read: Correction['read'],
): Promise<number> {
  for (let start = first; start < size; start += CHUNK) {
    const end = Math.min(start + CHUNK, size);
    const pulled = await read(start, end);
    const own = await readEntries(commonTables(tx), journal, start, Math.min(end, journal.state.size));
    const at = pulled.findIndex((one, index) => {
      const stored = own[index];
      return stored === undefined || !leafOf(stored).equals(leafOf(one));
    });
    if (at >= 0) return start + at;
  }
  return size;
}

/** Keeps what is about to be cut off. @returns the serial numbers of the certificates that were handed out by it */
async function setAside(
  tx: Database<NodeSchema>,
  { id }: StoredJournal,
  from: number,
  recovery: number,
): Promise<readonly string[]> {
  await tx
    .insertInto('setAsideEntries')
    .columns(['journal', 'recovery', 'idx', 'bytes'])
    .expression((row) =>
      row
        .selectFrom('entries')
        .select((each) => ['journal', each.val(recovery).as('recovery'), 'idx', 'bytes'])
        .where('journal', '=', id)
        .where('idx', '>=', from),
    )
    .execute();
  const rows = await tx
    .selectFrom('certificates')
    .select('serialNumber')
    .where('journal', '=', id)
    .where('issuedIndex', '>=', from)
    .orderBy('intentIndex')
    .execute();
  return rows.map(({ serialNumber }) => serialNumber);
}

/** A later journal begins as the one before was at its seal. */
async function cut(
  tx: Database<NodeSchema>,
  generations: readonly Generation[],
  origin: string,
  from: number,
): Promise<void> {
  const db = commonTables(tx);
  const before = generations[generations.findIndex((one) => one.origin === origin) - 1];
  const ignored = (): void => undefined;
  let carried: CarriedOver | undefined;
  if (before !== undefined) {
    // It may have been told just now.
    const sealedAt = (await readSeal(db, before.origin))?.size;
    const authority = { ...before.authority, ...(sealedAt !== undefined && { sealedAt }) };
    carried = (await verifyJournal(db, before.origin, authority, { keepFinding: ignored })).atSeal;
  }
  await cutBack(db, origin, generationAt(generations, origin).authority, from, carried);
}

/** Of a CRL that this database does not hold, only the number stays. */
async function noteCrls(
  tx: Database<NodeSchema>,
  { id, state }: StoredJournal,
  crls: readonly { readonly entry: EntryOf<'crl'>; readonly idx: number }[],
): Promise<void> {
  await tx.deleteFrom('crls').where('journal', '=', id).where('number', '>', state.crlNumber).execute();
  for (const { entry, idx } of crls) {
    const { number, sha256 } = entry;
    const held = await tx
      .selectFrom('crls')
      .select('bytes')
      .where('journal', '=', id)
      .where('number', '=', number)
      .executeTakeFirst();
    const bytes = held?.bytes ?? undefined;
    const kept = bytes !== undefined && sha256Hex(bytes) === sha256 ? bytes : null;
    await tx
      .insertInto('crls')
      .values({ journal: id, number, idx, bytes: kept })
      .onConflict((conflict) => conflict.columns(['journal', 'number']).doUpdateSet({ idx, bytes: kept }))
      .execute();
  }
}

/** Every intent without an outcome is to be abandoned: the process that reserved it is gone, or writes to a journal that is. */
async function claimOpenIntents(tx: Database<NodeSchema>, journal: number): Promise<void> {
  await tx.deleteFrom('reservations').where('journal', '=', journal).execute();
  await tx
    .insertInto('reservations')
    .columns(['journal', 'intentIndex', 'owner'])
    .expression((row) =>
      row
        .selectFrom('certificates')
        .select((each) => ['journal', 'intentIndex', each.val(LOST_OWNER).as('owner')])
        .where('journal', '=', journal)
        .where('status', '=', 'reserved'),
    )
    .execute();
}
