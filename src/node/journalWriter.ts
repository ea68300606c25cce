/**
 * The node's one way to its journal. Proposals that wait together share a durable transaction (group commit); each is
 * run against the journal's true state inside it, and resolved only after the commit.
 */
import { commonTables, storeDocument, type Database, type NodeSchema, type StoredDocument } from '../db';
import { quotaKeys, type Authority, type Evidence, type Finding, type FindingCode } from '../delegation';
import { DelegationError } from '../delegation';
import { encodeEntry, type Entry } from '../journal';
import { readJournal, Turn, type Needs } from '../ledger';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/** Proposals in one transaction: bounds how long other processes wait for their turn. */
const MAX_PROPOSALS = 256;
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
  /** Version of the grant in force; 0 before the first. */
  readonly grantVersion: number;
  /** The time the next entry will bear. */
  readonly time: Date;
  readonly lookups: Pick<Turn, 'bySerialNumber' | 'byIntent'>;
  /** Judges and takes an entry. @returns its index. @throws when a rule would be broken: nothing is taken then */
  append(entry: NewEntry, evidence?: Evidence): number;
  /** Marks an intent as in the hands of this process. */
  reserve(intent: number, owner: string): void;
  /** Takes that mark away. */
  settle(intent: number): void;
  /** Stores a CRL with its entry. */
  keepCrl(number: number, bytes: Buffer): void;
  /** Stores a document with the entry that names it. */
  keepDocument(document: StoredDocument): void;
}

export interface Proposal<T> {
  readonly needs: Partial<Needs>;
  /** Profiles whose counters will be asked for. */
  readonly profiles?: readonly string[];
  /** Runs synchronously; what it throws refuses this proposal alone. */
  readonly run: (turn: NodeTurn) => T;
}

interface Waiting {
  readonly proposal: Proposal<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class JournalWriter {
  readonly #queue: Waiting[] = [];
  #draining = false;

  constructor(private readonly node: SubCaNode) {}

  /** @throws what the proposal throws, or DbError when the transaction failed: then nothing was written */
  submit<T>(proposal: Proposal<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ proposal, resolve: resolve as (result: unknown) => void, reject });
      if (!this.#draining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_PROPOSALS);
      try {
        const outcomes = await this.node.store.transaction((tx) => this.#runAll(tx, batch));
        for (const { settle } of outcomes) settle();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#draining = false;
  }

  async #runAll(
    tx: Database<NodeSchema>,
    batch: readonly Waiting[],
  ): Promise<readonly { settle: () => void }[]> {
    const db = commonTables(tx);
    let delegation = await this.node.delegation(db);
    const journal = await readJournal(db, delegation.origin);
    if (!delegation.authority.grants.has(journal.state.grantVersion)) {
      // Another process has taken a newer grant since.
      delegation = await this.node.refreshDelegation(db);
    }
    const { authority } = delegation;
    const time = this.#entryTime(journal.state.lastTime);
    const turn = await Turn.begin(db, journal, authority, needsOf(batch, authority, time));
    const written = new PendingTurn(turn, time);
    const outcomes = batch.map(({ proposal, resolve, reject }) => {
      try {
        const result = proposal.run(written);
        return {
          settle: () => {
            resolve(result);
          },
        };
      } catch (error) {
        return {
          settle: () => {
            reject(error);
          },
        };
      }
    });
    await turn.commit();
    await written.writeMarks(tx, journal.id);
    return outcomes;
  }

  /** Entry times never decrease; a clock that is plainly behind stops all signing. */
  #entryTime(last: string | null): Date {
    const now = this.node.now();
    if (last === null || now.getTime() >= Date.parse(last)) return now;
    if (Date.parse(last) - now.getTime() > CLOCK_TOLERANCE_MS) {
      throw new NodeError('CLOCK_BEHIND', { now: now.toISOString(), last });
    }
    return new Date(last);
  }
}

function needsOf(batch: readonly Waiting[], authority: Authority, time: Date): Needs {
  const profiles = new Set(batch.flatMap(({ proposal }) => proposal.profiles ?? []));
  const grantIds = new Set([...authority.grants.values()].map(({ value }) => value.grantId));
  return {
    serialNumbers: batch.flatMap(({ proposal }) => proposal.needs.serialNumbers ?? []),
    intents: batch.flatMap(({ proposal }) => proposal.needs.intents ?? []),
    spkiSha256s: batch.flatMap(({ proposal }) => proposal.needs.spkiSha256s ?? []),
    predecessors: batch.flatMap(({ proposal }) => proposal.needs.predecessors ?? []),
    quotaKeys: [...grantIds].flatMap((id) =>
      [...profiles].flatMap((profile) => Object.values(quotaKeys(id, profile, time))),
    ),
  };
}

class PendingTurn implements NodeTurn {
  readonly #reserved = new Map<number, string>();
  readonly #settled: number[] = [];
  readonly #crls: { number: number; bytes: Buffer }[] = [];
  readonly #documents: StoredDocument[] = [];

  constructor(
    private readonly turn: Turn,
    readonly time: Date,
  ) {}

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

  get lookups(): Turn {
    return this.turn;
  }

  append(fields: NewEntry, evidence?: Evidence): number {
    const { type, ...rest } = fields;
    const entry = { type, time: this.time.toISOString(), ...rest } as Entry;
    const verdict = this.turn.judge(entry, evidence);
    if (verdict.findings.length > 0) throw refusal(verdict.findings);
    const index = this.size;
    this.turn.take(encodeEntry(entry), verdict);
    return index;
  }

  reserve(intent: number, owner: string): void {
    this.#reserved.set(intent, owner);
  }

  settle(intent: number): void {
    if (!this.#reserved.delete(intent)) this.#settled.push(intent);
  }

  keepCrl(number: number, bytes: Buffer): void {
    this.#crls.push({ number, bytes });
  }

  keepDocument(document: StoredDocument): void {
    this.#documents.push(document);
  }

  async writeMarks(tx: Database<NodeSchema>, journal: number): Promise<void> {
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

/** What lies outside the grant, and whose a key is, are the requester's matter; any other broken rule is a fault of ours. */
function refusal(findings: readonly Finding[]): Error {
  const problems = findings.flatMap((finding) => finding.problems);
  const codes = new Set(findings.map(({ code }) => code));
  const only = (...allowed: readonly FindingCode[]): boolean =>
    [...codes].every((code) => allowed.includes(code));
  if (codes.has('OUT_OF_SCOPE') && only('OUT_OF_SCOPE', 'KEY_REUSED', 'KEY_COMPROMISED')) {
    return new DelegationError('OUTSIDE_GRANT', { violations: problems.length }, { problems });
  }
  if (only('KEY_REUSED')) return new NodeError('KEY_REUSED', {}, { problems });
  if (only('KEY_REUSED', 'KEY_COMPROMISED')) return new NodeError('KEY_COMPROMISED', {}, { problems });
  const finding = findings.map(({ code }) => code).join(', ');
  return new NodeError('RULE_WOULD_BREAK', { finding }, { problems });
}
