/**
 * Re-reading a whole stored journal: every entry decoded, hashed and judged anew, every certificate's signature
 * checked, and everything derived compared with what the database says. The same at the node and at the root.
 */
import {
  INITIAL_STATE,
  judge,
  KeyHistory,
  Successors,
  type Authority,
  type CertificateRecord,
  type EarlierCertificates,
  type Finding,
  type FindingCode,
  type JudgedEntry,
  type JudgeState,
  type Lookups,
  type Verdict,
} from '../delegation';
import { appendLeaves, EMPTY_TREE, rootHash, type EntryOf, type TreeHead, type TreeNode } from '../journal';
import { readDirectiveResults, type ResultInEntry } from './directiveResults';
import { LedgerError } from './errors';
import { examine, type Examination, type Examined } from './evidence';
import { Removals } from './removal';
import {
  leafOf,
  readEntries,
  readJournal,
  recordOf,
  type LedgerDatabase,
  type StoredEntry,
  type StoredJournal,
} from './rows';
import { CHUNK, compareHead, compareTreeNodes, same } from './tree';
import type { VerifyProgress } from './verifyProgress';

/** An entry about a CRL, with its index. */
export type JournalledCrl = EntryOf<'crl'> & { readonly index: number };

/** What a journal that holds says in all. */
export interface VerifiedJournal {
  readonly origin: string;
  readonly head: TreeHead;
  readonly rootHash: Buffer;
  readonly records: ReadonlyMap<string, CertificateRecord>;
  readonly crls: readonly JournalledCrl[];
  /** What is on hold, revoked or abandoned by the entries before the given index, as it stood then; by serial number. */
  revokedBefore(index: number): ReadonlyMap<string, CertificateRecord>;
  readonly lastTime: string | null;
  /** What goes over to the next epoch: as things stood at the seal, or stand now if there is none. */
  readonly atSeal: CarriedOver;
}

/** What a journal that seals another begins with. */
export interface CarriedOver {
  /** What was counted under the grant. */
  readonly quota: ReadonlyMap<string, number>;
  /** Sequence of the newest directive acknowledged. */
  readonly lastDirective: number;
}

/** How far a reading comes. */
export interface Reading {
  /** Told how many more entries were checked. */
  readonly advance?: ((entries: number) => void) | undefined;
  /** Where to go on from, and where it is noted for the next reading. */
  readonly progress?: VerifyProgress | undefined;
}

export interface VerifyOptions extends Reading {
  /** Takes broken rules as facts of a foreign journal; without it, the first is an error. */
  readonly keepFinding?: (index: number, finding: FindingCode) => void;
  /** What goes over from the journal of the epoch before, which this one sealed. */
  readonly carried?: CarriedOver;
  /** What the journals of the epochs before say of their certificates. */
  readonly earlier?: EarlierCertificates;
}

/**
 * @param db a snapshot: nothing may be appended while it is read
 * @throws LedgerError at the first thing that is not as it must be
 */
export async function verifyJournal(
  db: LedgerDatabase,
  origin: string,
  authority: Authority,
  { advance, progress, ...options }: VerifyOptions = {},
): Promise<VerifiedJournal> {
  const journal = await readJournal(db, origin);
  const replay = new Replay(journal, authority, options);
  const checkedBefore = (await progress?.checkedBefore(db, journal)) ?? 0;
  for await (const chunk of examinedChunks({ db, journal, authority, checkedBefore })) {
    await compareTreeNodes(db, journal, await replay.take(db, chunk));
    advance?.(chunk.entries.length);
    // One that does not hold is a finding at the root, and found again at each reading.
    if (replay.signaturesHold) await progress?.note(origin, replay.head);
  }
  replay.requireRemovals();
  await compareWithDatabase(db, journal, replay);
  return replay.result();
}

/** Entries with the work that needs no judge: parsing, and checking signatures. */
interface ExaminedChunk {
  readonly start: number;
  readonly entries: readonly StoredEntry[];
  readonly examined: readonly (Examined | undefined)[];
}

/** Chunks that are examined while one is judged: so many that every core has signatures to check. */
const AHEAD = 4;

async function* examinedChunks({
  db,
  journal,
  ...work
}: Pick<Examination, 'db' | 'journal' | 'authority' | 'checkedBefore'>): AsyncGenerator<ExaminedChunk> {
  const { size } = journal.state;
  const begin = async (start: number): Promise<ExaminedChunk> => {
    const entries = await readEntries(db, journal, start, Math.min(start + CHUNK, size));
    return { start, entries, examined: await examine({ db, journal, ...work, entries, start }) };
  };
  const begun: Promise<ExaminedChunk>[] = [];
  try {
    for (let next = 0; next < size || begun.length > 0;) {
      for (; begun.length < AHEAD && next < size; next += CHUNK) begun.push(begin(next));
      const chunk = begun.shift();
      if (chunk !== undefined) yield await chunk;
    }
  } finally {
    // Nothing may read the snapshot any more when it ends.
    await Promise.allSettled(begun);
  }
}

class Replay implements Lookups {
  readonly records = new Map<string, CertificateRecord>();
  readonly quota: Map<string, number>;
  #atSeal: CarriedOver | undefined;
  /** Index of the last entry whose certificate is removed. */
  #lastRemoved = -1;
  readonly acknowledged: ResultInEntry[] = [];
  readonly #byIntent = new Map<number, CertificateRecord>();
  readonly #byKey = new Map<string, KeyHistory>();
  /** By their predecessor's serial number. */
  readonly #successors = new Map<string, Successors>();
  readonly #crls: JournalledCrl[] = [];
  /** Entry index, what became of the certificate, and whether it is on the next CRL from there on. */
  readonly #statusChanges: (readonly [number, CertificateRecord, boolean])[] = [];
  readonly #keepFinding: VerifyOptions['keepFinding'];
  signaturesHold = true;
  head: TreeHead = EMPTY_TREE;
  state: JudgeState;
  readonly earlier: EarlierCertificates | undefined;

  constructor(
    private readonly journal: StoredJournal,
    private readonly authority: Authority,
    { keepFinding, carried, earlier }: VerifyOptions,
  ) {
    this.#keepFinding = keepFinding;
    this.earlier = earlier;
    this.quota = new Map(carried?.quota);
    this.state = { ...INITIAL_STATE, lastDirective: carried?.lastDirective ?? 0 };
  }

  bySerialNumber(serialNumber: string): CertificateRecord | undefined {
    return this.records.get(serialNumber);
  }

  byIntent(index: number): CertificateRecord | undefined {
    return this.#byIntent.get(index);
  }

  byKey(spkiSha256: string): KeyHistory | undefined {
    return this.#byKey.get(spkiSha256);
  }

  successorsOf(serialNumber: string): readonly CertificateRecord[] {
    return this.#successors.get(serialNumber)?.told ?? [];
  }

  quotaUsed(key: string): number {
    return this.quota.get(key) ?? 0;
  }

  /** Judges the next entries. @returns the tree nodes they complete */
  async take(db: LedgerDatabase, { start, entries, examined }: ExaminedChunk): Promise<readonly TreeNode[]> {
    const { journal, authority } = this;
    const removals = new Removals(db, journal, start, entries);
    for (const [at, { leaf }] of entries.entries()) {
      const index = start + at;
      if (index === authority.sealedAt) this.#atSeal = this.#carriedOver();
      if (leaf !== null) this.#lastRemoved = index;
      const one = await removals.examined(examined[at], this.state);
      if (one === undefined) {
        this.#skipMalformed(index);
        continue;
      }
      const verdict = judge(one.entry, this.state, authority, this, one.evidence);
      for (const finding of verdict.findings) this.#found(index, finding);
      this.#apply(one.entry, verdict, index);
    }
    const appended = appendLeaves(this.head, entries.map(leafOf));
    this.head = appended.head;
    return appended.nodes;
  }

  /** Bytes that are no entry change nothing but the size. */
  #skipMalformed(index: number): void {
    if (this.#keepFinding === undefined) {
      const { origin } = this.journal;
      throw new LedgerError('ENTRY_DAMAGED', { origin, index, reason: 'not a journal entry' });
    }
    this.#keepFinding(index, 'ENTRY_MALFORMED');
    this.state = { ...this.state, size: index + 1 };
  }

  #found(index: number, { code, problems }: Finding): void {
    if (this.#keepFinding === undefined) {
      const detail = problems.map(({ where, found }) => `${where}: ${found}`).join('; ');
      const finding = `${code} ${detail}`;
      throw new LedgerError('RULE_BROKEN', { origin: this.journal.origin, index, finding });
    }
    if (code === 'SIGNATURE_INVALID') this.signaturesHold = false;
    this.#keepFinding(index, code);
  }

  /** A certificate is removed where a `removal` that holds says so, and nowhere else. */
  requireRemovals(): void {
    if (this.#lastRemoved < this.state.removedBefore) return;
    const { origin } = this.journal;
    const reason = 'its certificate is gone, and no entry removes it';
    throw new LedgerError('ENTRY_DAMAGED', { origin, index: this.#lastRemoved, reason });
  }

  #apply(entry: JudgedEntry, verdict: Verdict, index: number): void {
    for (const key of verdict.quotaKeys) this.quota.set(key, this.quotaUsed(key) + 1);
    const { record } = verdict;
    if (record !== undefined) {
      this.records.set(record.serialNumber, record);
      this.#byIntent.set(record.intentIndex, record);
      const history = this.#byKey.get(record.spkiSha256) ?? new KeyHistory();
      history.add(record);
      this.#byKey.set(record.spkiSha256, history);
      if (record.predecessor !== null) {
        const others = this.#successors.get(record.predecessor) ?? new Successors();
        others.add(record);
        this.#successors.set(record.predecessor, others);
      }
      if ('serialNumber' in entry ? entry.type !== 'removed-intent' : entry.type === 'abandoned') {
        this.#statusChanges.push([index, record, entry.type !== 'resumed']);
      }
    }
    if (entry.type === 'crl') this.#crls.push({ ...entry, index });
    if (verdict.acknowledged !== undefined) this.acknowledged.push({ ...verdict.acknowledged, index });
    this.state = verdict.state;
  }

  #carriedOver(): CarriedOver {
    return { quota: new Map(this.quota), lastDirective: this.state.lastDirective };
  }

  result(): VerifiedJournal {
    const changes = this.#statusChanges;
    return {
      origin: this.journal.origin,
      head: this.head,
      rootHash: rootHash(this.head),
      records: this.records,
      crls: this.#crls,
      lastTime: this.state.lastTime,
      atSeal: this.#atSeal ?? this.#carriedOver(),
      revokedBefore: (end) => {
        const revoked = new Map<string, CertificateRecord>();
        for (const [index, record, listed] of changes) {
          if (index >= end) break;
          if (listed) revoked.set(record.serialNumber, record);
          else revoked.delete(record.serialNumber);
        }
        return revoked;
      },
    };
  }
}

async function compareWithDatabase(
  db: LedgerDatabase,
  journal: StoredJournal,
  replay: Replay,
): Promise<void> {
  const { id, origin } = journal;
  await compareHead(db, journal, replay.head, replay.state);

  let compared = 0;
  for (let after = -1; ;) {
    const rows = await db
      .selectFrom('certificates')
      .selectAll()
      .where('journal', '=', id)
      .where('intentIndex', '>', after)
      .orderBy('intentIndex')
      .limit(CHUNK)
      .execute();
    for (const row of rows) {
      const record = recordOf(row);
      same(origin, `certificate ${record.serialNumber}`, record, replay.records.get(record.serialNumber));
      after = record.intentIndex;
    }
    compared += rows.length;
    if (rows.length < CHUNK) break;
  }
  same(origin, 'the number of certificates', compared, replay.records.size);

  const counters = await db.selectFrom('quota').select(['key', 'used']).where('journal', '=', id).execute();
  for (const { key, used } of counters) same(origin, `the counter ${key}`, used, replay.quota.get(key) ?? 0);
  same(origin, 'the number of counters', counters.length, replay.quota.size);
  const told = ({ sequence, index, time, outcome }: ResultInEntry): string =>
    `${sequence} ${index} ${time} ${outcome}`;
  const kept = (await readDirectiveResults(db, id)).map(told).join();
  same(origin, 'what became of directives', kept, replay.acknowledged.map(told).join());
}
