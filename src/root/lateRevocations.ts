/**
 * What the root does when an older journal of a node tells of a revocation: a later journal, which may have come first,
 * is held to it. So what is found does not depend on the order in which the journals come.
 */
import { commonTables, type Database, type RootSchema } from '../db';
import { checkKeyUse, checkSuccession, type CertificateRecord, type Finding } from '../delegation';
import {
  begunBeside,
  readEarlier,
  readEntriesAt,
  recordOf,
  decodeStored,
  type LedgerDatabase,
  type StoredJournal,
} from '../ledger';
import { readTbsCertificate } from '../x509';
import { GatheredFindings, standsFor } from './findings';

/** Records read at a time; at most twice as many are judged in one go. */
const PAGE = 500;

/** @param revoked certificates of the journal with this origin whose revocation has just been taken */
export async function judgeLaterJournals(
  tx: Database<RootSchema>,
  origin: string,
  revoked: readonly CertificateRecord[],
  now: Date,
): Promise<void> {
  if (revoked.length === 0) return;
  const db = commonTables(tx);
  let journal = await begunBeside(db, origin, 'after');
  for (; journal !== undefined; journal = await begunBeside(db, journal.origin, 'after')) {
    const found = new GatheredFindings();
    for await (const records of touchedBy(db, journal, revoked)) {
      const held = await readHeld(tx, journal, records);
      for (const { entryIndex, finding } of await judgeAgain(db, journal, records))
        if (!held(entryIndex, finding.code)) found.add(entryIndex, finding);
    }
    await found.keep(tx, journal.id, now);
  }
}

/** Page by page, the certificates that follow a revoked one or use its key, each once. */
async function* touchedBy(
  db: LedgerDatabase,
  { id }: StoredJournal,
  revoked: readonly CertificateRecord[],
): AsyncGenerator<readonly CertificateRecord[]> {
  const serialNumbers = new Set(revoked.map(({ serialNumber }) => serialNumber));
  const keys = new Set(revoked.map(({ spkiSha256 }) => spkiSha256));
  let page: CertificateRecord[] = [];
  for (const [column, values] of [
    ['predecessor', serialNumbers],
    ['spkiSha256', keys],
  ] as const) {
    // One by one: an index has the certificates of one in their order, and of several only the whole journal has.
    for (const value of values) {
      for (let after = -1, full = true; full;) {
        const rows = await db
          .selectFrom('certificates')
          .selectAll()
          .where('journal', '=', id)
          .where(column, '=', value)
          .where('intentIndex', '>', after)
          .orderBy('intentIndex')
          .limit(PAGE)
          .execute();
        after = rows.at(-1)?.intentIndex ?? after;
        full = rows.length === PAGE;
        for (const record of rows.map(recordOf)) {
          const isRepeated =
            column === 'spkiSha256' && record.predecessor !== null && serialNumbers.has(record.predecessor);
          if (!isRepeated) page.push(record);
        }
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
    }
  }
  if (page.length > 0) yield page;
}

interface FoundAgain {
  readonly entryIndex: number;
  readonly finding: Finding;
}

/** What intents break of the rules that look back. */
async function judgeAgain(
  db: LedgerDatabase,
  journal: StoredJournal,
  records: readonly CertificateRecord[],
): Promise<readonly FoundAgain[]> {
  const predecessors = records.flatMap(({ predecessor }) => predecessor ?? []);
  const spkiSha256s = [...new Set(records.map((record) => record.spkiSha256))];
  const earlier = await readEarlier(db, journal.origin, { predecessors, spkiSha256s });
  const indexes = records.map(({ intentIndex }) => intentIndex);
  const entries = await readEntriesAt(db, journal.id, indexes);
  return [...entries].flatMap(([entryIndex, stored]) => {
    const entry = decodeStored(stored);
    if (entry?.type !== 'intent') return [];
    const { service, profile, predecessor: serialNumber, time } = entry;
    const tbs = readTbsCertificate(Buffer.from(entry.tbs, 'base64'), 'tbs');
    const predecessor = serialNumber && earlier.bySerialNumber(serialNumber, time);
    const succession =
      serialNumber && predecessor ? { serialNumber, predecessor, successors: [] } : undefined;
    // Whose else the key was could be told before.
    const findings: Finding[] = checkKeyUse(
      { profile, tbs, succession },
      earlier.byKey(tbs.publicKey.spkiSha256, time),
    ).filter(({ code }) => code === 'KEY_COMPROMISED');
    if (succession !== undefined) {
      const problems = checkSuccession({ service, profile, tbs, time: new Date(time) }, succession);
      if (problems.length > 0) findings.push({ code: 'OUT_OF_SCOPE', problems });
    }
    return findings.map((finding) => ({ entryIndex, finding }));
  });
}

/** Which findings are held against these entries already, each for itself or by one that stands for it. */
async function readHeld(
  tx: Database<RootSchema>,
  { id }: StoredJournal,
  records: readonly CertificateRecord[],
): Promise<(entryIndex: number, code: string) => boolean> {
  const own = new Set<string>();
  const findings = tx
    .selectFrom('findings')
    .select(['entryIndex', 'code', 'evidence'])
    .where('journal', '=', id);
  const indexes = records.map(({ intentIndex }) => intentIndex);
  for (const { entryIndex, code } of await findings.where('entryIndex', 'in', indexes).execute())
    own.add(`${String(entryIndex)} ${code}`);
  const others = await findings.where('entryIndex', 'is', null).execute();
  return (entryIndex, code) =>
    own.has(`${entryIndex} ${code}`) ||
    others.some((one) => one.code === code && standsFor(one.evidence, entryIndex));
}
