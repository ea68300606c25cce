/** Findings: what the root holds against a node, each with its evidence; opened here, never changed. */
import type { Database, RootSchema } from '../db';
import type { Finding } from '../delegation';
import type { Problem } from '../errors';
import type { Checkpoint } from '../journal';
import type { StoredJournal } from '../ledger';
import type { RootCa } from './root';

/** A broken rule and the entry that breaks it, which is its own evidence. */
export interface EntryFinding {
  readonly entryIndex: number;
  readonly finding: Finding;
}

/** A checkpoint with the note that was signed. */
export interface SignedHead extends Checkpoint {
  readonly note: string;
}

export async function keepFindings(
  tx: Database<RootSchema>,
  journal: number,
  found: readonly EntryFinding[],
  now: Date,
): Promise<void> {
  for (const { entryIndex, finding } of found) {
    await tx
      .insertInto('findings')
      .values({
        journal,
        entryIndex,
        code: finding.code,
        problems: JSON.stringify(finding.problems),
        evidence: null,
        openedAt: now.toISOString(),
      })
      .execute();
  }
}

/** A broken rule that a signed head tells, rather than an entry the root has taken. */
export interface HeadFinding {
  readonly code: 'FORK' | 'SEAL_MISMATCH';
  readonly problem: Problem;
  /** The note with the head. */
  readonly note: string;
  /** The first entry of the journal with that head, if it is what breaks the rule. */
  readonly opening?: Buffer;
}

/** A head that is not the root's of that size, nor one of those after it. */
export function forkOf(
  { state, rootHash: held }: StoredJournal,
  { note, size, rootHash }: SignedHead,
): HeadFinding {
  const problem: Problem = {
    code: 'BAD_VALUE',
    where: `head of ${size} entries`,
    found: rootHash.toString('hex'),
    allowed: `extends ${state.size} entries ${held.toString('hex')}`,
  };
  return { code: 'FORK', problem, note };
}

/** Keeps the signed head beside the root's as evidence; the same again opens nothing new, however often it is signed. */
export async function keepHeadFinding(
  tx: Database<RootSchema>,
  journal: StoredJournal,
  { code, problem, note, opening }: HeadFinding,
  now: Date,
): Promise<void> {
  const earlier = await tx
    .selectFrom('findings')
    .select('problems')
    .where('journal', '=', journal.id)
    .where('code', '=', code)
    .where('entryIndex', 'is', null)
    .execute();
  const same = ({ where, found }: Problem): boolean => where === problem.where && found === problem.found;
  if (earlier.some(({ problems }) => (JSON.parse(problems) as Problem[]).some(same))) return;
  const known = await tx
    .selectFrom('nodes')
    .select('checkpoint')
    .where('journal', '=', journal.id)
    .executeTakeFirst();
  const heads = { submitted: note, held: known?.checkpoint ?? null };
  await tx
    .insertInto('findings')
    .values({
      journal: journal.id,
      entryIndex: null,
      code,
      problems: JSON.stringify([problem]),
      evidence: JSON.stringify({ ...heads, ...(opening && { opening: opening.toString('base64') }) }),
      openedAt: now.toISOString(),
    })
    .execute();
}

/** How many findings are held about a journal. */
export async function countFindings(root: RootCa, journal: number): Promise<number> {
  const { findings } = await root.store.read
    .selectFrom('findings')
    .select((row) => row.fn.countAll<number>().as('findings'))
    .where('journal', '=', journal)
    .executeTakeFirstOrThrow();
  return findings;
}

export interface StoredFinding {
  readonly id: number;
  readonly origin: string;
  readonly entryIndex: number | null;
  readonly code: string;
  readonly problems: readonly Problem[];
  readonly evidence: unknown;
  readonly openedAt: string;
}

export async function listFindings(root: RootCa): Promise<readonly StoredFinding[]> {
  const rows = await root.store.read
    .selectFrom('findings')
    .innerJoin('journals', 'journals.id', 'findings.journal')
    .select([
      'findings.id',
      'journals.origin',
      'findings.entryIndex',
      'findings.code',
      'findings.problems',
      'findings.evidence',
      'findings.openedAt',
    ])
    .orderBy('findings.id')
    .execute();
  return rows.map((row) => ({
    ...row,
    problems: JSON.parse(row.problems) as Problem[],
    evidence: row.evidence === null ? null : (JSON.parse(row.evidence) as unknown),
  }));
}
