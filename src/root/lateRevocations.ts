/**
 * What the root does when an older journal of a node tells of a revocation: a later journal, which may have come first,
 * is held to it. So what is found does not depend on the order in which the journals come.
 */
import { commonTables, type Database, type RootSchema } from '../db';
import { checkKeyUse, checkSuccession, type CertificateRecord, type Finding } from '../delegation';
import { neighbourOf } from '../journal';
import {
  findJournal,
  readEarlier,
  readEntriesAt,
  readRecords,
  tryDecodeEntry,
  type LedgerDatabase,
  type StoredJournal,
} from '../ledger';
import { readTbsCertificate } from '../x509';
import { keepFindings, type EntryFinding } from './findings';

/** @param revoked certificates of the journal with this origin whose revocation has just been taken */
export async function judgeLaterJournals(
  tx: Database<RootSchema>,
  origin: string,
  revoked: readonly CertificateRecord[],
  now: Date,
): Promise<void> {
  if (revoked.length === 0) return;
  const db = commonTables(tx);
  for (let next = neighbourOf(origin, 1); next !== undefined; next = neighbourOf(next, 1)) {
    const journal = await findJournal(db, next);
    if (journal === undefined) return;
    const found = await judgeAgain(db, journal, revoked);
    const held = await readHeld(tx, journal, found);
    const fresh = found.filter(({ entryIndex, finding }) => !held.has(`${entryIndex} ${finding.code}`));
    await keepFindings(tx, journal.id, fresh, now);
  }
}

/** What the intents that follow a revoked certificate, or use its key, break of the rules that look back. */
async function judgeAgain(
  db: LedgerDatabase,
  journal: StoredJournal,
  revoked: readonly CertificateRecord[],
): Promise<readonly EntryFinding[]> {
  const serialNumbers = revoked.map(({ serialNumber }) => serialNumber);
  const keys = [...new Set(revoked.map(({ spkiSha256 }) => spkiSha256))];
  const touched = [
    ...(await readRecords(db, journal.id, 'predecessor', serialNumbers)),
    ...(await readRecords(db, journal.id, 'spkiSha256', keys)),
  ];
  const records = new Map(touched.map((record) => [record.intentIndex, record]));
  const predecessors = [...records.values()].flatMap(({ predecessor }) => predecessor ?? []);
  const earlier = await readEarlier(db, journal.origin, { predecessors, spkiSha256s: keys });
  const entries = await readEntriesAt(db, journal.id, [...records.keys()]);
  return [...entries].flatMap(([entryIndex, bytes]) => {
    const entry = tryDecodeEntry(bytes);
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

/** Findings that are held against the entries already, as index and code. */
async function readHeld(
  tx: Database<RootSchema>,
  { id }: StoredJournal,
  found: readonly EntryFinding[],
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (const entryIndex of new Set(found.map((one) => one.entryIndex))) {
    const rows = await tx
      .selectFrom('findings')
      .select('code')
      .where('journal', '=', id)
      .where('entryIndex', '=', entryIndex)
      .execute();
    for (const { code } of rows) held.add(`${entryIndex} ${code}`);
  }
  return held;
}
