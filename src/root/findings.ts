/** Findings: what the root holds against a node, each with its evidence; opened here, never changed. */
import { z } from 'zod';
import type { Database, RootSchema } from '../db';
import { openAcknowledgement, type Acknowledgement, type Finding, type FindingCode } from '../delegation';
import type { Problem } from '../errors';
import type { Checkpoint } from '../journal';
import type { StoredJournal } from '../ledger';
import { sha256Hex } from '../signer';
import { RootError } from './errors';
import type { RootCa } from './root';

/** A broken rule and the entry that breaks it, which is its own evidence. */
interface EntryFinding {
  readonly entryIndex: number;
  readonly finding: Finding;
}

/** A checkpoint with the note that was signed. */
export interface SignedHead extends Checkpoint {
  readonly note: string;
}

/** Findings of one rule that are told one by one, of those that one submission brings. */
const MAX_TOLD = 100;
/** Problems of one finding, and characters of each text in them, that are kept. */
const MAX_PROBLEMS = 16;
const MAX_TEXT = 300;

/** The entries that break a rule beyond those that are told one by one. */
const restSchema = z.strictObject({
  from: z.int().min(0),
  to: z.int().min(0),
  findings: z.int().min(1),
});
type Rest = z.infer<typeof restSchema>;

/** What one submission brings to be held against a journal: little, however many rules it breaks how often. */
export class GatheredFindings {
  readonly #told = new Map<FindingCode, EntryFinding[]>();
  readonly #rest = new Map<FindingCode, Rest>();

  add(entryIndex: number, { code, problems }: Finding): void {
    const told = this.#told.get(code) ?? [];
    this.#told.set(code, told);
    if (told.length < MAX_TOLD) {
      told.push({ entryIndex, finding: { code, problems: problems.slice(0, MAX_PROBLEMS).map(shortened) } });
      return;
    }
    const { from, to, findings } = this.#rest.get(code) ?? { from: entryIndex, to: entryIndex, findings: 0 };
    const range = { from: Math.min(from, entryIndex), to: Math.max(to, entryIndex) };
    this.#rest.set(code, { ...range, findings: findings + 1 });
  }

  async keep(tx: Database<RootSchema>, journal: number, now: Date): Promise<void> {
    const openedAt = now.toISOString();
    for (const [code, told] of this.#told) {
      const rows = told.map(({ entryIndex, finding }) => {
        const problems = JSON.stringify(finding.problems);
        return { journal, entryIndex, code, problems, evidence: null, acknowledgement: null, openedAt };
      });
      await tx.insertInto('findings').values(rows).execute();
    }
    for (const [code, rest] of this.#rest) {
      const where = `entries ${rest.from} – ${rest.to}`;
      const problems: readonly Problem[] = [
        { code: 'BAD_VALUE', where, found: String(rest.findings), allowed: '0' },
      ];
      const row = { journal, entryIndex: null, code, acknowledgement: null, openedAt };
      await tx
        .insertInto('findings')
        .values({ ...row, problems: JSON.stringify(problems), evidence: JSON.stringify(rest) })
        .execute();
    }
  }
}

function shortened({ code, where, found, allowed }: Problem): Problem {
  const short = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
  return { code, where: short(where), found: short(found), allowed: short(allowed) };
}

/** Whether a stored finding without an entry of its own stands for one that a given entry gives. */
export function standsFor(evidence: string | null, entryIndex: number): boolean {
  const rest = evidence === null ? undefined : restIn(evidence);
  return rest !== undefined && rest.from <= entryIndex && entryIndex <= rest.to;
}

function restIn(evidence: string): Rest | undefined {
  return restSchema.safeParse(JSON.parse(evidence)).data;
}

/** Tells which entries of a journal findings are about, each by itself or by one that stands for it. */
export async function heldAgainst(
  tx: Database<RootSchema>,
  journal: number,
): Promise<(entryIndex: number) => boolean> {
  const rows = await tx
    .selectFrom('findings')
    .select(['entryIndex', 'evidence'])
    .where('journal', '=', journal)
    .execute();
  const told = new Set(rows.map(({ entryIndex }) => entryIndex));
  const rests = rows.flatMap(({ entryIndex, evidence }) =>
    entryIndex === null && evidence !== null ? (restIn(evidence) ?? []) : [],
  );
  return (index) => told.has(index) || rests.some(({ from, to }) => from <= index && index <= to);
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

/** Most heads of one kind that are kept against a journal. */
const MAX_HEADS = 100;

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
  // Each is a signed contradiction; a node that makes hundreds is told as well by the first of them.
  if (earlier.length >= MAX_HEADS) return;
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
   * acknowledged: an operator has said what is to be thought of it; until then it counts, open or settled. settled: the
   * certificate it is about is revoked, was never released, or has expired, by the node's own word.
   */
  readonly state: 'open' | 'acknowledged' | 'settled';
  readonly acknowledgement: Acknowledgement | null;
}

/** Which findings are meant; all of them if nothing is said. */
interface FindingFilter {
  /** A single one. */
  readonly id?: number | undefined;
  readonly node?: string | undefined;
  /** Only those that nobody has acknowledged, or only those that somebody has. */
  readonly acknowledged?: boolean | undefined;
  /** Those with greater numbers. */
  readonly after?: number | undefined;
}

/** @param limit at most so many of those meant, by their numbers */
export async function listFindings(
  root: RootCa,
  filter: FindingFilter = {},
  limit?: number,
): Promise<readonly StoredFinding[]> {
  const statements = await root.trustStatements();
  let query = meant(root, filter)
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
  if (limit !== undefined) query = query.limit(limit);
  const now = root.now().toISOString();
  return (await query.execute()).map(({ status, notAfter, acknowledgement: signed, ...row }) => {
    const acknowledgement = signed === null ? null : openAcknowledgement(signed, statements).value;
    const isOver = status === 'revoked' || status === 'abandoned' || (notAfter !== null && notAfter < now);
    return {
      ...row,
      severity: CRITICAL.includes(row.code) ? ('critical' as const) : ('error' as const),
      problems: JSON.parse(row.problems) as Problem[],
      evidence: row.evidence === null ? null : (JSON.parse(row.evidence) as unknown),
      state:
        acknowledgement !== null
          ? ('acknowledged' as const)
          : isOver
            ? ('settled' as const)
            : ('open' as const),
      acknowledgement,
    };
  });
}

interface FindingPage {
  readonly findings: readonly StoredFinding[];
  /** How many more there are after these. */
  readonly more: number;
  /** How many are left out because they are acknowledged. */
  readonly others: number;
}

/**
 * A part of the findings, by their numbers.
 * @param which `all`: those too that are acknowledged
 * @throws RootError `NODE_UNKNOWN`
 */
export async function pageFindings(
  root: RootCa,
  which: Pick<FindingFilter, 'node' | 'after'> & { readonly all: boolean; readonly limit: number },
): Promise<FindingPage> {
  const { node, after, all, limit } = which;
  if (node !== undefined) await requireNode(root, node);
  const filter = { node, after, ...(!all && { acknowledged: false }) };
  const findings = await listFindings(root, filter, limit);
  return {
    findings,
    more: (await countMeant(root, filter)) - findings.length,
    others: all ? 0 : await countMeant(root, { node, acknowledged: true }),
  };
}

async function requireNode(root: RootCa, node: string): Promise<void> {
  const query = root.store.read.selectFrom('nodes').select('nodeId').where('nodeId', '=', node);
  if ((await query.executeTakeFirst()) === undefined) throw new RootError('NODE_UNKNOWN', { node });
}

async function countMeant(root: RootCa, filter: FindingFilter): Promise<number> {
  const { findings } = await meant(root, filter)
    .select((row) => row.fn.countAll<number>().as('findings'))
    .executeTakeFirstOrThrow();
  return findings;
}

function meant(root: RootCa, { id, node, acknowledged, after }: FindingFilter) {
  let query = root.store.read.selectFrom('findings').innerJoin('journals', 'journals.id', 'findings.journal');
  if (id !== undefined) query = query.where('findings.id', '=', id);
  if (node !== undefined)
    query = query.where('findings.journal', 'in', (row) =>
      row.selectFrom('nodes').select('journal').where('nodeId', '=', node),
    );
  if (after !== undefined) query = query.where('findings.id', '>', after);
  if (acknowledged !== undefined)
    query = query.where('findings.acknowledgement', acknowledged ? 'is not' : 'is', null);
  return query;
}

/** SHA-256 of what is told of a finding, which its acknowledgement names. */
export function evidenceSha256({ problems, evidence }: Pick<StoredFinding, 'problems' | 'evidence'>): string {
  return sha256Hex(Buffer.from(JSON.stringify({ problems, evidence }), 'utf8'));
}
