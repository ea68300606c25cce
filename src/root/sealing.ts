/**
 * What the root does when the journal of a next epoch begins: it must begin at the end of the one before, which is held
 * to the seal, and whose counters go over.
 */
import { commonTables, type Database, type RootSchema } from '../db';
import { checkAfterSeal, checkSealing, quotaKeys } from '../delegation';
import { neighbourOf, parseOrigin, type Seal } from '../journal';
import {
  carryOver,
  findJournal,
  readEntries,
  readJournal,
  rootBefore,
  tryDecodeEntry,
  type LedgerDatabase,
  type StoredJournal,
} from '../ledger';
import type { ReceiptProblem } from '../sync';
import { keepFindings, type EntryFinding, type HeadFinding, type SignedHead } from './findings';
import type { KnownNode } from './nodes';

const CHUNK = 1000;
/** An intent with one of these was not counted under the grant: nothing could be read of it, or no grant was in force. */
const NOT_COUNTED = ['TBS_MALFORMED', 'GRANT_MISMATCH'] as const;

/** Why a submission is not taken, and what it proves against the node, if anything. */
export interface Contradiction {
  readonly problem: ReceiptProblem;
  readonly finding?: HeadFinding;
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
 */
export async function checkOpening(
  db: LedgerDatabase,
  { origin, state }: StoredJournal,
  [opening]: readonly Buffer[],
  { note }: SignedHead,
): Promise<Contradiction | undefined> {
  const previous = neighbourOf(origin, -1);
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
  const uncounted = await readUncounted(tx, journal, seal.size);
  const found: EntryFinding[] = [];
  const late = new Map<string, number>();
  for (let start = seal.size; start < journal.state.size; start += CHUNK) {
    const end = Math.min(start + CHUNK, journal.state.size);
    for (const [at, bytes] of (await readEntries(db, journal, start, end)).entries()) {
      const entryIndex = start + at;
      const entry = tryDecodeEntry(bytes);
      if (entry === undefined) continue;
      found.push(...checkAfterSeal(entry, entryIndex, seal.size).map((finding) => ({ entryIndex, finding })));
      if (entry.type !== 'intent' || uncounted.has(entryIndex)) continue;
      const keys = quotaKeys(sealed.grant.value.grantId, entry.profile, new Date(entry.time));
      for (const key of Object.values(keys)) late.set(key, (late.get(key) ?? 0) + 1);
    }
  }
  await keepFindings(tx, journal.id, found, now);
  await carryOver(db, { from: journal, to, size: seal.size, less: late });
}

async function readUncounted(
  tx: Database<RootSchema>,
  { id }: StoredJournal,
  from: number,
): Promise<ReadonlySet<number>> {
  const rows = await tx
    .selectFrom('findings')
    .select('entryIndex')
    .where('journal', '=', id)
    .where('entryIndex', '>=', from)
    .where('code', 'in', NOT_COUNTED)
    .execute();
  return new Set(rows.flatMap(({ entryIndex }) => entryIndex ?? []));
}
