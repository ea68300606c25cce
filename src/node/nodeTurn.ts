/** A node's turn at one of its journals: entries judged and gathered in memory, then written in the caller's transaction. */
import { commonTables, storeDocument, type Database, type NodeSchema, type StoredDocument } from '../db';
import {
  DelegationError,
  type Authority,
  type Evidence,
  type Finding,
  type FindingCode,
} from '../delegation';
import { encodeEntry, parseOrigin, type Entry } from '../journal';
import { readJournal, Turn, type LedgerDatabase, type Needs } from '../ledger';
import type { Generation } from './delegation';
import { NodeError } from './errors';
import { requireIssuing } from './issuanceState';
import type { SubCaNode } from './node';

/** How far the clock may lie behind the newest entry without being taken for wrong: two processes, one clock step. */
const CLOCK_TOLERANCE_MS = 2000;

/** `Entry` without its time, which the turn sets. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, 'time'> : never) : never;

/** What a proposal may do inside its transaction; everything is in memory until the commit. */
export interface NodeTurn {
  readonly authority: Authority;
  /** Index of the next entry. */
  readonly size: number;
  readonly crlNumber: number;
  /** Newest version of the grant that has arrived; 0 before the first. */
  readonly grantVersion: number;
  /** From when the lease runs; null before the first grant. */
  readonly leaseTime: string | null;
  /** Certificates of entries before this index are, or may be, removed. */
  readonly removedBefore: number;
  /** The time the next entry will bear. */
  readonly time: Date;
  readonly lookups: Pick<Turn, 'bySerialNumber' | 'byIntent' | 'earlier'>;
  /** Judges and takes an entry. @returns its index. @throws when a rule would be broken: nothing is taken then */
  append(entry: NewEntry, evidence?: Evidence): number;
  /** Marks an intent as in the hands of this process. */
  reserve(intent: number, owner: string): void;
  /** Takes that mark away. */
  settle(intent: number): void;
  /** Stores a CRL with its entry, which has this index. */
  keepCrl(number: number, idx: number, bytes: Buffer): void;
  /** Stores a document with the entry that names it. */
  keepDocument(document: StoredDocument): void;
}

export class PendingTurn implements NodeTurn {
  readonly #reserved = new Map<number, string>();
  readonly #settled: number[] = [];
  readonly #crls: { number: number; idx: number; bytes: Buffer }[] = [];
  readonly #documents: StoredDocument[] = [];

  private constructor(
    private readonly tx: Database<NodeSchema>,
    private readonly turn: Turn,
    readonly time: Date,
  ) {}

  /**
   * Begins a turn at a generation's journal as it stands in the transaction.
   * @param needs what will be asked of the journal, at the time the entries will bear
   * @throws NodeError `CLOCK_BEHIND`
   */
  static async begin(
    node: SubCaNode,
    tx: Database<NodeSchema>,
    { epoch, origin, authority }: Generation,
    needs: (time: Date) => Needs,
  ): Promise<PendingTurn> {
    const db = commonTables(tx);
    const journal = await readJournal(db, origin);
    const time = entryTime(node.now(), await earliestTime(db, epoch));
    return new PendingTurn(tx, await Turn.begin(db, journal, authority, needs(time)), time);
  }

  get authority(): Authority {
    return this.turn.authority;
  }

  get size(): number {
    return this.turn.state.size;
  }

  get crlNumber(): number {
    return this.turn.state.crlNumber;
  }

  get grantVersion(): number {
    return this.turn.state.grantVersion;
  }

  get leaseTime(): string | null {
    return this.turn.state.leaseTime;
  }

  get removedBefore(): number {
    return this.turn.state.removedBefore;
  }

  get lookups(): Turn {
    return this.turn;
  }

  append(fields: NewEntry, evidence?: Evidence): number {
    const { type, ...rest } = fields;
    const entry = { type, time: this.time.toISOString(), ...rest } as Entry;
    const verdict = this.turn.judge(entry, evidence);
    if (verdict.findings.some(({ code }) => code === 'ISSUANCE_STOPPED')) this.#requireIssuing();
    if (verdict.findings.length > 0) throw refusal(verdict.findings);
    const index = this.size;
    this.turn.take(encodeEntry(entry), verdict);
    return index;
  }

  /** The request was planned before the directive came. */
  #requireIssuing(): void {
    const { directives } = this.authority;
    if (directives !== undefined) requireIssuing(directives.issuanceAfter(this.turn.state.lastDirective));
  }

  reserve(intent: number, owner: string): void {
    this.#reserved.set(intent, owner);
  }

  settle(intent: number): void {
    if (!this.#reserved.delete(intent)) this.#settled.push(intent);
  }

  keepCrl(number: number, idx: number, bytes: Buffer): void {
    this.#crls.push({ number, idx, bytes });
  }

  keepDocument(document: StoredDocument): void {
    this.#documents.push(document);
  }

  /** Writes everything taken, marks and documents with it; it stands when the transaction commits. */
  async commit(): Promise<void> {
    const { tx } = this;
    const journal = this.turn.journal.id;
    await this.turn.commit();
    if (this.#reserved.size > 0) {
      const rows = [...this.#reserved].map(([intentIndex, owner]) => ({ journal, intentIndex, owner }));
      await tx.insertInto('reservations').values(rows).execute();
    }
    if (this.#settled.length > 0) {
      await tx
        .deleteFrom('reservations')
        .where('journal', '=', journal)
        .where('intentIndex', 'in', this.#settled)
        .execute();
    }
    for (const document of this.#documents) await storeDocument(commonTables(tx), document, this.time);
    for (const crl of this.#crls)
      await tx
        .insertInto('crls')
        .values({ journal, ...crl })
        .execute();
  }
}

/**
 * The earliest time an entry may bear now (ISO 8601 UTC): of two journals, times alone tell which entry came first. One
 * of an older CA key counts as earlier than one of a newer that bears the same time, and so must be later if it is not.
 */
async function earliestTime(db: LedgerDatabase, epoch: number): Promise<string | null> {
  const journals = await db.selectFrom('journals').select(['origin', 'lastTime']).execute();
  const times = journals.flatMap(({ origin, lastTime }) => {
    if (lastTime === null || parseOrigin(origin).epoch <= epoch) return lastTime ?? [];
    return new Date(Date.parse(lastTime) + 1).toISOString();
  });
  return times.sort().at(-1) ?? null;
}

/** Entry times never decrease; a clock that is plainly behind stops all signing. */
function entryTime(now: Date, last: string | null): Date {
  if (last === null || now.getTime() >= Date.parse(last)) return now;
  if (Date.parse(last) - now.getTime() > CLOCK_TOLERANCE_MS) {
    throw new NodeError('CLOCK_BEHIND', { now: now.toISOString(), last });
  }
  return new Date(last);
}

/** What lies outside the grant, and whose a key is, are the requester's matter; any other broken rule is a fault of ours. */
function refusal(findings: readonly Finding[]): Error {
  const problems = findings.flatMap((finding) => finding.problems);
  const codes = new Set(findings.map(({ code }) => code));
  const only = (...allowed: readonly FindingCode[]): boolean =>
    [...codes].every((code) => allowed.includes(code));
  // The key was in use when another process put the next one in its place.
  if (codes.has('EPOCH_SEALED')) return new NodeError('CA_KEY_SUCCEEDED', {});
  if (codes.has('LEASE_OVER')) return new NodeError('LEASE_OVER', {}, { problems });
  if (codes.has('OUT_OF_SCOPE') && only('OUT_OF_SCOPE', 'KEY_REUSED', 'KEY_COMPROMISED')) {
    return new DelegationError('OUTSIDE_GRANT', { violations: problems.length }, { problems });
  }
  if (only('KEY_REUSED')) return new NodeError('KEY_REUSED', {}, { problems });
  if (only('KEY_REUSED', 'KEY_COMPROMISED')) return new NodeError('KEY_COMPROMISED', {}, { problems });
  const finding = findings.map(({ code }) => code).join(', ');
  return new NodeError('RULE_WOULD_BREAK', { finding }, { problems });
}
