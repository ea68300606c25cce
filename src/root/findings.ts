/** Findings: what the root holds against a node, each with its evidence; opened here, never changed. */
import type { Database, RootSchema } from '../db';
import { openAcknowledgement, type Acknowledgement, type Finding } from '../delegation';
import type { Problem } from '../errors';
import type { Checkpoint } from '../journal';
import type { StoredJournal } from '../ledger';
import { sha256Hex } from '../signer';
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
        acknowledgement: null,
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
      acknowledgement: null,
      openedAt: now.toISOString(),
    })
    .execute();
}

/** How many findings about a journal nobody has acknowledged. */
export async function countFindings(root: RootCa, journal: number): Promise<number> {
  const { findings } = await root.store.read
    .selectFrom('findings')
    .select((row) => row.fn.countAll<number>().as('findings'))
    .where('journal', '=', journal)
    .where('acknowledgement', 'is', null)
    .executeTakeFirstOrThrow();
  return findings;
}

/** What ends trust in a node's own words is critical; a rule that one certificate breaks is not yet that. */
const CRITICAL: readonly string[] = [
  'FORK',
  'ROLLBACK',
  'SIGNATURE_INVALID',
  'SERIAL_MISPLACED',
  'SERIAL_DUPLICATE',
  'EPOCH_SEALED',
  'SEAL_MISMATCH',
  'ISSUANCE_STOPPED',
  'ORDER_MISMATCH',
];

export interface StoredFinding {
  readonly id: number;
  readonly origin: string;
  readonly entryIndex: number | null;
  readonly code: string;
  readonly severity: 'critical' | 'error';
  readonly problems: readonly Problem[];
  readonly evidence: unknown;
  readonly openedAt: string;
  /**
   * open: nobody has said anything to it; acknowledged: an operator has; settled: the certificate it is about is revoked,
   * was never released, or has expired.
   */
  readonly state: 'open' | 'acknowledged' | 'settled';
  readonly acknowledgement: Acknowledgement | null;
}

/** @param id of a single one */
export async function listFindings(root: RootCa, id?: number): Promise<readonly StoredFinding[]> {
  const statements = await root.trustStatements();
  let query = root.store.read
    .selectFrom('findings')
    .innerJoin('journals', 'journals.id', 'findings.journal')
    .leftJoin('certificates', (join) =>
      join
        .onRef('certificates.journal', '=', 'findings.journal')
        .onRef('certificates.intentIndex', '=', 'findings.entryIndex'),
    )
    .select([
      'findings.id',
      'journals.origin',
      'findings.entryIndex',
      'findings.code',
      'findings.problems',
      'findings.evidence',
      'findings.openedAt',
      'findings.acknowledgement',
      'certificates.status',
      'certificates.notAfter',
    ])
    .orderBy('findings.id');
  if (id !== undefined) query = query.where('findings.id', '=', id);
  const now = root.now().toISOString();
  return (await query.execute()).map(({ status, notAfter, acknowledgement: signed, ...row }) => {
    const acknowledgement = signed === null ? null : openAcknowledgement(signed, statements).value;
    const isOver = status === 'revoked' || status === 'abandoned' || (notAfter !== null && notAfter < now);
    return {
      ...row,
      severity: CRITICAL.includes(row.code) ? ('critical' as const) : ('error' as const),
      problems: JSON.parse(row.problems) as Problem[],
      evidence: row.evidence === null ? null : (JSON.parse(row.evidence) as unknown),
      state: isOver
        ? ('settled' as const)
        : acknowledgement === null
          ? ('open' as const)
          : ('acknowledged' as const),
      acknowledgement,
    };
  });
}

/** SHA-256 of what is told of a finding, which its acknowledgement names. */
export function evidenceSha256({ problems, evidence }: Pick<StoredFinding, 'problems' | 'evidence'>): string {
  return sha256Hex(Buffer.from(JSON.stringify({ problems, evidence }), 'utf8'));
}
