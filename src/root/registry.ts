/**
 * The registry: takes submissions, judges every new entry, keeps entries and findings, and answers with a receipt.
 * Check and persist are one transaction; the receipt is signed only after its commit.
 */
import { commonTables, readNewestDocument, type RootSchema, type Database } from '../db';
import type { CertificateRecord, SignedDocument, TrustStatement } from '../delegation';
import { openEnvelope } from '../envelope';
import { parseCanonicalJson } from '../encoding';
import { appendLeaves, leafHash, openCheckpoint, parseOrigin, rootHash } from '../journal';
import {
  examine,
  headAt,
  needsOf,
  leafOf,
  readEntries,
  readJournal,
  readSeal,
  Removals,
  Turn,
  whole,
  type Examined,
  type StoredEntry,
  type StoredJournal,
} from '../ledger';
import {
  decodeSubmission,
  encodeReply,
  MAX_DOCUMENTS,
  STATUS_PAYLOAD_TYPE,
  statusSchema,
  type NodeStatus,
  type Receipt,
  type ReceiptProblem,
  type Reply,
  type Submission,
} from '../sync';
import { directivesAfter } from './directives';
import { RootError } from './errors';
import { countFindings, forkOf, GatheredFindings, keepHeadFinding, type SignedHead } from './findings';
import { judgeLaterJournals } from './lateRevocations';
import { readGenerations, type KnownNode } from './nodes';
import { ReceiptSigner } from './receiptSigner';
import type { RootCa } from './root';
import { pulledFrom } from './pulling';
import { checkOpening, forgottenKey, sealIn, sealJournal, type Contradiction } from './sealing';

/** The signed heads before and after a submission's entries. */
interface SignedHeads {
  readonly base: SignedHead;
  readonly checkpoint: SignedHead;
}

/** Entries that are compared at a time with those of a submission. */
const OVERLAP_CHUNK = 256;

/** What the root answers, and the receipt in it. */
export interface Taken {
  readonly receipt: Receipt;
  readonly reply: Reply;
  /** How many entries were new. */
  readonly entries: number;
}

/** The journal of one of a node's CA keys, and the node under all of them, oldest first. */
interface KnownJournal {
  readonly node: KnownNode;
  readonly generations: readonly KnownNode[];
}

interface Ingested {
  readonly entries: number;
  readonly problem?: ReceiptProblem;
}

export class Registry {
  private constructor(
    private readonly root: RootCa,
    private readonly signer: ReceiptSigner,
  ) {}

  /** @throws RootError `NO_TRUST_STATEMENT`, `KEY_MISSING`; HsmError */
  static async open(root: RootCa): Promise<Registry> {
    return new Registry(root, await ReceiptSigner.open(root));
  }

  /** Whether a journal of this name is open; to be asked before its submission is read. */
  async knows(origin: string): Promise<boolean> {
    const journal = await this.root.store.read
      .selectFrom('journals')
      .innerJoin('nodes', 'nodes.journal', 'journals.id')
      .select('journals.id')
      .where('journals.origin', '=', origin)
      .executeTakeFirst();
    return journal !== undefined;
  }

  /**
   * Takes one submission.
   * @param origin under which it was announced; it may be of no other journal
   * @returns the reply to send back
   * @throws SyncError, EnvelopeError, JournalError, RootError `SUBMISSION_REFUSED`, `SUBMISSION_ALTERED`,
   * `NODE_UNKNOWN`: not what this node signed; nothing is stored then
   */
  async receive(bytes: Buffer, origin?: string): Promise<Buffer> {
    const submission = decodeSubmission(bytes);
    if (origin !== undefined && !submission.checkpoint.startsWith(`${origin}\n`))
      throw new RootError('SUBMISSION_REFUSED', { reason: `it is of another journal than ${origin}` });
    return encodeReply((await this.take(submission)).reply);
  }

  async take(submission: Submission): Promise<Taken> {
    const known = await this.#knownOf(submission.checkpoint);
    const { node, generations } = known;
    const heads = openHeads(submission, node);
    const status = openStatus(submission.status, node);
    const { entries, problem } = await this.#ingest(known, submission, heads, status);
    const receipt = await this.#receipt(node, problem ?? forgottenKey(node, generations, status));
    // Read once: the receipt is signed by the registry key of the last statement that goes with it.
    const statements = await this.root.trustStatements();
    return {
      receipt,
      entries,
      reply: {
        receipt: await this.signer.seal(receipt, statements),
        ...(await this.#newDocuments(node, generations, status, statements)),
        ...(status.pull !== undefined && (await pulledFrom(this.root, node.origin, status.pull))),
      },
    };
  }

  /** Who claims to have signed, under this CA key and under all its others; the signature is checked next. */
  async #knownOf(checkpoint: string): Promise<KnownJournal> {
    const origin = checkpoint.slice(0, Math.max(0, checkpoint.indexOf('\n')));
    const { registry, node } = parseOrigin(origin);
    if (registry !== this.root.config.registry.name) {
      throw new RootError('SUBMISSION_REFUSED', { reason: `it is for the registry ${registry}` });
    }
    const generations = await readGenerations(this.root, node);
    const known = generations.find((one) => one.origin === origin);
    if (known === undefined)
      throw new RootError('SUBMISSION_REFUSED', { reason: `no journal ${origin} is open` });
    if (known.isReplaced)
      throw new RootError('SUBMISSION_REFUSED', { reason: `the CA key of ${origin} was replaced as lost` });
    return { node: known, generations };
  }

  async #ingest(
    from: KnownJournal,
    submission: Submission,
    heads: SignedHeads,
    status: NodeStatus,
  ): Promise<Ingested> {
    for (let known = from; ; known = await this.#knownOf(submission.checkpoint)) {
      const { node, generations } = known;
      const before = await readJournal(this.root.read, node.origin);
      const previous = generations.findLast((one) => one.epoch < node.epoch && !one.isReplaced);
      const contradiction = await this.#contradiction(before, submission, heads, previous);
      const fresh = submission.entries.slice(Math.max(0, before.state.size - heads.base.size));
      const entries = whole(fresh);
      // Parsing and signature checks need no lock: entries before them never change.
      const work = { db: this.root.read, journal: before, authority: node.authority, entries };
      const examined = contradiction === undefined ? await examine(work) : [];
      const seals = before.state.size > 0 ? undefined : sealIn(fresh[0]);
      const outcome = await this.root.store.transaction(async (tx) => {
        const journal = await readJournal(commonTables(tx), node.origin);
        const seal = await readSeal(commonTables(tx), node.origin);
        if (journal.state.size !== before.state.size || seal?.size !== node.authority.sealedAt)
          return undefined;
        if (contradiction !== undefined) {
          const { problem, finding } = contradiction;
          if (finding !== undefined) await keepHeadFinding(tx, journal, finding, this.root.now());
          return { entries: 0, problem };
        }
        // A key certified meanwhile may stand in the place of this one, whose journal then never begins.
        const newest = await readNewestDocument(commonTables(tx), 'ca-certificate', node.nodeId);
        if (newest?.version !== generations.at(-1)?.epoch) return undefined;
        if (seals !== undefined && previous !== undefined)
          await sealJournal(tx, previous, seals, journal.id, this.root.now());
        // With what goes over from the journal it seals.
        const begun = await readJournal(commonTables(tx), node.origin);
        await this.#append(tx, node, begun, entries, examined);
        await this.#keepStatus(tx, node, submission, status, heads.checkpoint.size - journal.state.size);
        return { entries: entries.length };
      });
      // Another process has taken entries of this journal meanwhile, or those that seal it: look again.
      if (outcome !== undefined) return outcome;
    }
  }

  /**
   * Only what a node has signed accuses it: a head that is not the root's of that size, or entries that lead from one
   * signed head to the other and are not those the root holds. Other entries may have been altered on their way.
   * @throws RootError `SUBMISSION_ALTERED`
   */
  async #contradiction(
    journal: StoredJournal,
    { entries }: Submission,
    { base, checkpoint }: SignedHeads,
    previous: KnownNode | undefined,
  ): Promise<Contradiction | undefined> {
    const { read } = this.root;
    const known = journal.state.size;
    if (base.size > known) return { problem: { code: 'gap', reason: `entries from ${known} on are needed` } };
    const fork = (head: SignedHead): Contradiction => ({
      problem: { code: 'fork', reason: `the signed head of ${head.size} entries contradicts the root's` },
      finding: forkOf(journal, head),
    });
    const before = await headAt(read, journal, base.size);
    if (!rootHash(before).equals(base.rootHash)) return fork(base);
    if (checkpoint.size <= known) {
      const then = await headAt(read, journal, checkpoint.size);
      if (!rootHash(then).equals(checkpoint.rootHash)) return fork(checkpoint);
    }
    const { head } = appendLeaves(before, entries.map(leafHash));
    if (!rootHash(head).equals(checkpoint.rootHash)) {
      throw new RootError('SUBMISSION_ALTERED', { size: checkpoint.size });
    }
    const end = Math.min(known, checkpoint.size);
    // A few at a time: what the root holds may be larger than what was sent.
    for (let start = base.size; start < end; start += OVERLAP_CHUNK) {
      const stored = await readEntries(read, journal, start, Math.min(start + OVERLAP_CHUNK, end));
      const differs = (one: StoredEntry, at: number): boolean => {
        const sent = entries[start - base.size + at];
        return sent === undefined || !leafHash(sent).equals(leafOf(one));
      };
      if (stored.some(differs)) return fork(checkpoint);
    }
    return checkOpening(read, journal, entries, checkpoint, previous?.origin);
  }

  /** Judges and keeps the new entries: a broken rule is a finding, the entry its evidence. */
  async #append(
    tx: Database<RootSchema>,
    node: KnownNode,
    journal: StoredJournal,
    fresh: readonly StoredEntry[],
    examined: readonly (Examined | undefined)[],
  ): Promise<void> {
    const turn = await Turn.begin(
      commonTables(tx),
      journal,
      node.authority,
      needsOf(examined, node.authority),
    );
    const found = new GatheredFindings();
    const revoked: CertificateRecord[] = [];
    const removals = new Removals(commonTables(tx), journal, journal.state.size, fresh);
    for (const [at, stored] of fresh.entries()) {
      const entryIndex = turn.state.size;
      const one = await turn.examined(removals, examined[at]);
      const { findings, record } = turn.takeHeld(stored, one);
      for (const finding of findings) found.add(entryIndex, finding);
      if (one?.entry.type === 'revoked' && record !== undefined) revoked.push(record);
    }
    await turn.commit();
    await found.keep(tx, journal.id, this.root.now());
    await judgeLaterJournals(tx, node.origin, revoked, this.root.now());
  }

  /**
   * Keeps the newest head and status. A submission that comes again, or late, is no sign of life.
   * @param growth entries by which the submission goes beyond what the root held
   */
  async #keepStatus(
    tx: Database<RootSchema>,
    node: KnownNode,
    submission: Submission,
    { clock }: NodeStatus,
    growth: number,
  ): Promise<void> {
    if (growth < 0) return;
    const kept = await tx
      .selectFrom('nodes')
      .select('status')
      .where('nodeId', '=', node.nodeId)
      .where('epoch', '=', node.epoch)
      .executeTakeFirst();
    if (growth === 0 && kept?.status && clock <= openStatus(kept.status, node).clock) return;
    await tx
      .updateTable('nodes')
      .set({
        status: submission.status,
        checkpoint: submission.checkpoint,
        lastContact: this.root.now().toISOString(),
      })
      .where('nodeId', '=', node.nodeId)
      .where('epoch', '=', node.epoch)
      .execute();
  }

  async #receipt(node: KnownNode, problem: Ingested['problem']): Promise<Receipt> {
    const journal = await readJournal(this.root.read, node.origin);
    return {
      origin: node.origin,
      size: journal.state.size,
      rootHash: journal.rootHash.toString('hex'),
      time: this.root.now().toISOString(),
      findings: await countFindings(this.root, journal.id),
      ...(problem && { problem }),
    };
  }

  async #newDocuments(
    node: KnownNode,
    generations: readonly KnownNode[],
    status: NodeStatus,
    statements: readonly SignedDocument<TrustStatement>[],
  ): Promise<Pick<Reply, 'trustStatements' | 'grants' | 'directives' | 'rootCrl'>> {
    const known = generations.find(({ authority }) => authority.grants.has(status.grantVersion))?.epoch ?? 1;
    // One that names the next CA key goes with that key's certificate, in a bundle.
    const grants = generations
      .filter(({ epoch, isReplaced }) => epoch <= known && !isReplaced)
      .flatMap(({ authority }) => [...authority.grants.values()])
      .filter(({ value }) => value.version > status.grantVersion);
    const rootCrl = await readNewestDocument(this.root.read, 'root-crl');
    const trust = statements.at(-1);
    return {
      trustStatements: statements
        .filter(({ value }) => value.version > status.trustVersion)
        .slice(0, MAX_DOCUMENTS)
        .map(({ envelope }) => envelope),
      grants: grants.slice(0, MAX_DOCUMENTS).map(({ envelope }) => envelope),
      directives:
        trust === undefined ? [] : directivesAfter(node.directives, status.lastDirective, trust.value),
      ...(rootCrl && rootCrl.sha256 !== status.rootCrlSha256 && { rootCrl: rootCrl.bytes }),
    };
  }
}

/** @throws RootError `SUBMISSION_REFUSED` when the heads do not enclose the entries; EnvelopeError, JournalError */
function openHeads({ base, checkpoint, entries }: Submission, node: KnownNode): SignedHeads {
  const key = { name: node.origin, spki: node.journalSpki };
  const open = (note: string): SignedHead => ({ note, ...openCheckpoint(note, key, node.origin) });
  const heads = { base: open(base), checkpoint: open(checkpoint) };
  const end = heads.base.size + entries.length;
  if (heads.checkpoint.size !== end) {
    const reason = `its checkpoint is of ${heads.checkpoint.size} entries, its own end at ${end}`;
    throw new RootError('SUBMISSION_REFUSED', { reason });
  }
  return heads;
}

/** @throws EnvelopeError, RootError `SUBMISSION_REFUSED` */
export function openStatus(envelope: Buffer, node: KnownNode): NodeStatus {
  const what = 'status';
  const key = { name: node.nodeId, spki: node.journalSpki };
  const { payload } = openEnvelope(envelope, {
    payloadType: STATUS_PAYLOAD_TYPE,
    keys: [key],
    threshold: 1,
    what,
  });
  const parsed = statusSchema.safeParse(parseCanonicalJson(payload));
  if (!parsed.success || parsed.data.origin !== node.origin) {
    throw new RootError('SUBMISSION_REFUSED', { reason: 'its status is not of this journal' });
  }
  return parsed.data;
}

export interface Imported {
  /** The last answer about each journal, in the order in which the file speaks of them. */
  readonly taken: readonly Taken[];
  readonly submissions: number;
  /** How many entries were new. */
  readonly entries: number;
}

/** The file form of `take`: several submissions, one reply to each journal they are of; ends at the first problem. */
export async function importSubmissions(
  registry: Registry,
  submissions: Iterable<Submission>,
): Promise<Imported> {
  const last = new Map<string, Taken>();
  let count = 0;
  let entries = 0;
  for (const submission of submissions) {
    const taken = await registry.take(submission);
    last.set(taken.receipt.origin, taken);
    count += 1;
    entries += taken.entries;
    if (taken.receipt.problem !== undefined) break;
  }
  return { taken: [...last.values()], entries, submissions: count };
}
