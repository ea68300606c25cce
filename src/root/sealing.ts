/**
 * What the root does when the journal of a next epoch begins: it must begin at the end of the one before, which is held
 * to the seal, and whose counters go over.
 */
import { commonTables, type Database, type RootSchema } from '../db';
import { checkAfterSeal, checkSealing, quotaKeys, type JudgedEntry } from '../delegation';
import { parseOrigin, type Seal } from '../journal';
import {
  carryOver,
  decodeStored,
  findJournal,
  readEntries,
  readJournal,
  readRecords,
  rootBefore,
  tryDecodeEntry,
  tryReadTbs,
  type LedgerDatabase,
  type StoredJournal,
} from '../ledger';
import type { NodeStatus, ReceiptProblem } from '../sync';
import { GatheredFindings, type HeadFinding, type SignedHead } from './findings';
import type { KnownNode } from './nodes';

const CHUNK = 1000;

/** Why a submission is not taken, and what it proves against the node, if anything. */
export interface Contradiction {
  readonly problem: ReceiptProblem;
  readonly finding?: HeadFinding;
}

/**
 * A node that sends of a sealed journal, and does not know the grant under which the next key began, is an old copy of
 * itself: it would issue with the key before.
 */
export function forgottenKey(
  { epoch, authority }: KnownNode,
  generations: readonly KnownNode[],
  { grantVersion }: NodeStatus,
): ReceiptProblem | undefined {
  const next = generations.find((one) => one.epoch > epoch && !one.isReplaced);
  if (authority.sealedAt === undefined || next === undefined) return undefined;
  if (grantVersion >= Math.min(...next.authority.grants.keys())) return undefined;
  return { code: 'key', reason: `the node does not know its CA key of generation ${next.epoch}` };
}

/** The seal in the opening of a journal. */
export function sealIn(first: Buffer | undefined): Seal | undefined {
  const entry = first && tryDecodeEntry(first);
  return entry?.type === 'open' ? entry.sealed : undefined;
}

/**
 * Without the end of the journal before, that one would not be sealed, and counters and keys begin anew: nothing of a
 * journal is taken that does not begin with it.
 * @param entries of which the first is the journal's, if the root holds none yet
 * @param head that the node signed over them
 * @param previous origin of the journal before, if there is one
 */
export async function checkOpening(
  db: LedgerDatabase,
  { origin, state }: StoredJournal,
  [opening]: readonly Buffer[],
  { note }: SignedHead,
  previous: string | undefined,
): Promise<Contradiction | undefined> {
  if (state.size > 0 || opening === undefined || previous === undefined) return undefined;
  const sealed = sealIn(opening);
  const held = (await findJournal(db, previous))?.state.size ?? 0;
  if (sealed !== undefined && sealed.size > held) {
    const reason = `${previous} has to come first, up to ${sealed.size} entries; ${held} are here`;
    return { problem: { code: 'gap', reason } };
  }
  const sealedRoot = sealed && (await rootBefore(db, origin, sealed.size));
  const [finding] = checkSealing({ ...(sealed && { sealed }) }, parseOrigin(origin).epoch, sealedRoot);
  const [problem] = finding?.problems ?? [];
  if (problem === undefined) return undefined;
  return {
    problem: { code: 'seal', reason: `it does not begin at an end of ${previous} that is known here` },
    finding: { code: 'SEAL_MISMATCH', problem, note, opening },
  };
}

/**
 * Entries that the root took before it knew of the seal are judged by it now; later ones are when they come.
 * @param to the journal that sets the seal
 */
export async function sealJournal(
  tx: Database<RootSchema>,
  sealed: KnownNode,
  seal: Seal,
  to: number,
  now: Date,
): Promise<void> {
  const db = commonTables(tx);
  const journal = await readJournal(db, sealed.origin);
  const found = new GatheredFindings();
  const late = new Map<string, number>();
  for (let start = seal.size; start < journal.state.size; start += CHUNK) {
    const end = Math.min(start + CHUNK, journal.state.size);
    const entries = (await readEntries(db, journal, start, end)).map(decodeStored);
    const counted = await readCounted(db, journal, start, entries);
    for (const [at, entry] of entries.entries()) {
      const entryIndex = start + at;
      if (entry === undefined) continue;
      for (const finding of checkAfterSeal(entry, entryIndex, seal.size)) found.add(entryIndex, finding);
      if (entry.type !== 'intent' && entry.type !== 'removed-intent') continue;
      if (!counted.has(entryIndex)) continue;
      const keys = quotaKeys(sealed.grant.value.grantId, entry.profile, new Date(entry.time));
      for (const key of Object.values(keys)) late.set(key, (late.get(key) ?? 0) + 1);
    }
  }
  await found.keep(tx, journal.id, now);
  await carryOver(db, { from: journal, to, size: seal.size, less: late });
}

/**
 * Which of the entries from an index on were counted under the grant: the intents that could be read while a grant was in
 * force. The serial number of such a one is on record, made by it or by an earlier one; that of any other is not.
 */
async function readCounted(
  db: LedgerDatabase,
  { id }: StoredJournal,
  start: number,
  entries: readonly (JudgedEntry | undefined)[],
): Promise<ReadonlySet<number>> {
  const serialNumbers = entries.map((entry) => {
    if (entry?.type === 'removed-intent') return entry.serialNumber;
    return entry?.type === 'intent' ? tryReadTbs(entry.tbs)?.serialNumber : undefined;
  });
  const asked = [...new Set(serialNumbers.filter((one) => one !== undefined))];
  const records = await readRecords(db, id, 'serialNumber', asked);
  const first = new Map(records.map((record) => [record.serialNumber, record.intentIndex]));
  const indexes = serialNumbers.map((_, at) => start + at);
  return new Set(
    indexes.filter((index) => (first.get(serialNumbers[index - start] ?? '') ?? Infinity) <= index),
  );
}
