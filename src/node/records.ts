/** Reading what the node knows of its certificates. */
import { commonTables } from '../db';
import { LIVE_STATUSES, type CertificateRecord, type CertificateStatus } from '../delegation';
import { readJournal, readRecords, recordOf } from '../ledger';
import { generationOf } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/** @throws NodeError `CERTIFICATE_UNKNOWN` */
export async function readRecord(node: SubCaNode, serialNumber: string): Promise<CertificateRecord> {
  const [record] = await readRecords(node.read, await journalOf(node, serialNumber), 'serialNumber', [
    serialNumber,
  ]);
  if (record === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
  return record;
}

/** The id of the journal that a serial number names. */
async function journalOf(node: SubCaNode, serialNumber: string): Promise<number> {
  const generation = generationOf(await node.delegation(), serialNumber);
  if (generation === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
  return (await readJournal(node.read, generation.origin)).id;
}

export interface RecordFilter {
  readonly status?: CertificateStatus | undefined;
  readonly profile?: string | undefined;
  /** What the subject must contain, in small letters or capitals; `%` stands for any letters. */
  readonly subject?: string | undefined;
  /** In force, and ending before this moment. */
  readonly endingBefore?: Date | undefined;
  readonly limit: number;
}

/** Rows read at a time where each is looked at. */
const PAGE = 10_000;

/** Newest first; where an end is asked for, what ends first. */
export async function listRecords(
  node: SubCaNode,
  { status, profile, subject, endingBefore, limit }: RecordFilter,
): Promise<readonly CertificateRecord[]> {
  await node.delegation();
  return node.store.snapshot(async (tx) => {
    let query = commonTables(tx).selectFrom('certificates').selectAll();
    if (status !== undefined) query = query.where('status', '=', status);
    if (profile !== undefined) query = query.where('profile', '=', profile);
    if (endingBefore !== undefined) {
      query = query
        .where('status', 'in', LIVE_STATUSES)
        .where('notAfter', '>', node.now().toISOString())
        .where('notAfter', '<', endingBefore.toISOString())
        .orderBy('notAfter');
    }
    query = query.orderBy('journal', 'desc').orderBy('intentIndex', 'desc');
    if (subject === undefined) return (await query.limit(limit).execute()).map(recordOf);
    // The database knows capitals of ASCII alone.
    const isWanted = containing(subject);
    const found: CertificateRecord[] = [];
    for (let offset = 0; found.length < limit; offset += PAGE) {
      const rows = await query.limit(PAGE).offset(offset).execute();
      found.push(...rows.map(recordOf).filter((record) => isWanted(record.subject)));
      if (rows.length < PAGE) break;
    }
    return found.slice(0, limit);
  });
}

/** Whether a text contains the parts between `%` one after another, whatever their capitals and normal form. */
function containing(wanted: string): (text: string) => boolean {
  const plain = (text: string): string => text.normalize('NFC').toLocaleLowerCase('vi');
  const parts = plain(wanted).split('%');
  return (text) => {
    const within = plain(text);
    let at = 0;
    return parts.every((part) => {
      const found = within.indexOf(part, at);
      at = found + part.length;
      return found >= 0;
    });
  };
}
