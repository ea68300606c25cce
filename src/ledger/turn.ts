/**
 * A turn at a journal: inside one write transaction, entries are judged one after another, gathered in memory and
 * written together. Node and root append through this alone.
 */
import {
  judge,
  KeyHistory,
  Successors,
  type Authority,
  type CertificateRecord,
  type EarlierCertificates,
  type Evidence,
  type Finding,
  type JudgedEntry,
  type JudgeState,
  type Lookups,
  type Verdict,
} from '../delegation';
import { readKeyHolders, readSuccessorsTold } from './bounded';
import { insertDirectiveResults, type ResultInEntry } from './directiveResults';
import { readEarlier } from './earlier';
import type { Examined } from './evidence';
import type { Needs } from './needs';
import type { Removals } from './removal';
import {
  appendEntries,
  readQuota,
  readRecords,
  writeQuota,
  writeRecords,
  type LedgerDatabase,
  type StoredEntry,
  type StoredJournal,
} from './rows';

const MALFORMED: Finding = {
  code: 'ENTRY_MALFORMED',
  problems: [{ code: 'UNREADABLE', where: 'entry', found: 'other bytes', allowed: 'a journal entry' }],
};

export class Turn implements Lookups {
  readonly #bySerialNumber = new Map<string, CertificateRecord>();
  readonly #byIntent = new Map<number, CertificateRecord>();
  readonly #byKey = new Map<string, KeyHistory>();
  /** By each predecessor that was asked for. */
  readonly #successors: ReadonlyMap<string, Successors>;
  readonly #changed = new Map<string, CertificateRecord>();
  readonly #counted = new Map<string, number>();
  readonly #acknowledged: ResultInEntry[] = [];
  readonly #entries: StoredEntry[] = [];
  #state: JudgeState;

  private constructor(
    private readonly db: LedgerDatabase,
    readonly journal: StoredJournal,
    readonly authority: Authority,
    private readonly quota: ReadonlyMap<string, number>,
    predecessors: readonly string[],
    readonly earlier: EarlierCertificates,
  ) {
    this.#state = journal.state;
    this.#successors = new Map(predecessors.map((serialNumber) => [serialNumber, new Successors()]));
  }

  /** Loads what will be asked for; `db` must be the write transaction in which `journal` was read. */
  static async begin(
    db: LedgerDatabase,
    journal: StoredJournal,
    authority: Authority,
    needs: Needs,
  ): Promise<Turn> {
    const predecessors = unique(needs.predecessors);
    const quota = await readQuota(db, journal.id, unique(needs.quotaKeys));
    const keys = unique(needs.spkiSha256s);
    const sealed = journal.state.size === 0 ? needs.sealed : undefined;
    const earlier = await readEarlier(db, journal.origin, { predecessors, spkiSha256s: keys, sealed });
    const turn = new Turn(db, journal, authority, quota, predecessors, earlier);
    const serialNumbers = unique([...needs.serialNumbers, ...predecessors]);
    const bySerial = await readRecords(db, journal.id, 'serialNumber', serialNumbers);
    const stored = needs.intents.filter((index) => index < journal.state.size);
    const byIntent = await readRecords(db, journal.id, 'intentIndex', unique(stored));
    for (const key of keys) turn.#byKey.set(key, new KeyHistory());
    const byKey = await readKeyHolders(db, journal.id, keys);
    // What becomes of any other does not change in this turn, so that these few tell as much as all would.
    const except = [...bySerial, ...byIntent].map(({ intentIndex }) => intentIndex);
    const successors = await readSuccessorsTold(db, journal.id, predecessors, { except });
    // In the order in which they came: the first tells what another would differ from.
    for (const record of [...byKey, ...inOrder([...bySerial, ...byIntent, ...successors])])
      turn.#remember(record);
    return turn;
  }

  /**
   * What the next entry is judged by: of a `removal`, much is known only when its turn comes.
   * @param examined what was read of it beforehand
   */
  async examined(removals: Removals, examined: Examined | undefined): Promise<Examined | undefined> {
    const one = await removals.examined(examined, this.#state);
    const open = one?.evidence.removed?.open ?? [];
    const unknown = open.filter((index) => !this.#byIntent.has(index) && index < this.journal.state.size);
    for (const record of await readRecords(this.db, this.journal.id, 'intentIndex', unknown))
      this.#byIntent.set(record.intentIndex, record);
    return one;
  }

  get state(): JudgeState {
    return this.#state;
  }

  bySerialNumber(serialNumber: string): CertificateRecord | undefined {
    return this.#bySerialNumber.get(serialNumber);
  }

  byIntent(index: number): CertificateRecord | undefined {
    return this.#byIntent.get(index);
  }

  byKey(spkiSha256: string): KeyHistory {
    const history = this.#byKey.get(spkiSha256);
    // A key that was not looked up must never pass for a new one.
    if (history === undefined) throw new Error(`key ${spkiSha256} was not loaded for this turn`);
    return history;
  }

  successorsOf(serialNumber: string): readonly CertificateRecord[] {
    const successors = this.#successors.get(serialNumber);
    // Those that were not loaded must never read as none.
    if (successors === undefined)
      throw new Error(`successors of ${serialNumber} were not loaded for this turn`);
    return successors.told;
  }

  quotaUsed(key: string): number {
    const used = this.#counted.get(key) ?? this.quota.get(key);
    // A counter that was not loaded must never read as zero.
    if (used === undefined) throw new Error(`counter ${key} was not loaded for this turn`);
    return used;
  }

  judge(entry: JudgedEntry, evidence?: Evidence): Verdict {
    return judge(entry, this.#state, this.authority, this, evidence);
  }

  /** Judges and takes an entry as another wrote it, whatever rule it breaks; one that could not be read changes only the size. */
  takeHeld(stored: StoredEntry, examined: Examined | undefined): Verdict {
    const verdict =
      examined === undefined
        ? { findings: [MALFORMED], quotaKeys: [], state: { ...this.#state, size: this.#state.size + 1 } }
        : this.judge(examined.entry, examined.evidence);
    this.#take(stored, verdict);
    return verdict;
  }

  /** Takes a judged entry into the turn; nothing is written before `commit`. */
  take(bytes: Buffer, verdict: Verdict): void {
    this.#take({ bytes, leaf: null }, verdict);
  }

  #take(stored: StoredEntry, verdict: Verdict): void {
    const index = this.#state.size;
    this.#entries.push(stored);
    if (verdict.acknowledged !== undefined) this.#acknowledged.push({ ...verdict.acknowledged, index });
    for (const key of verdict.quotaKeys) this.#counted.set(key, this.quotaUsed(key) + 1);
    if (verdict.record !== undefined) {
      this.#remember(verdict.record);
      this.#changed.set(verdict.record.serialNumber, verdict.record);
    }
    this.#state = verdict.state;
  }

  /** Writes everything taken; the journal stands at the new head when the transaction commits. */
  async commit(): Promise<void> {
    if (this.#entries.length === 0) return;
    const { id } = this.journal;
    await writeRecords(this.db, id, [...this.#changed.values()]);
    await writeQuota(this.db, id, this.#counted);
    await insertDirectiveResults(this.db, id, this.#acknowledged);
    await appendEntries(this.db, this.journal, this.#entries, this.#state);
  }

  #remember(record: CertificateRecord): void {
    this.#bySerialNumber.set(record.serialNumber, record);
    this.#byIntent.set(record.intentIndex, record);
    this.#byKey.get(record.spkiSha256)?.add(record);
    if (record.predecessor !== null) this.#successors.get(record.predecessor)?.add(record);
  }
}

function inOrder(records: CertificateRecord[]): readonly CertificateRecord[] {
  return records.sort((a, b) => a.intentIndex - b.intentIndex);
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
