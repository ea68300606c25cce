/** Reading what the node knows of its certificates. */
import type { CertificateRecord, CertificateStatus } from '../delegation';
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
  /** What the subject must contain; `%` stands for any letters, `_` for one. */
  readonly subject?: string | undefined;
  /** In force, and ending before this moment. */
  readonly endingBefore?: Date | undefined;
  readonly limit: number;
}

/** Newest first; where an end is asked for, what ends first. */
export async function listRecords(
  node: SubCaNode,
  { status, profile, subject, endingBefore, limit }: RecordFilter,
): Promise<readonly CertificateRecord[]> {
  await node.delegation();
  let query = node.read.selectFrom('certificates').selectAll();
  if (status !== undefined) query = query.where('status', '=', status);
  if (profile !== undefined) query = query.where('profile', '=', profile);
  if (subject !== undefined) query = query.where('subject', 'like', `%${subject}%`);
  if (endingBefore !== undefined) {
    query = query
      .where('status', 'in', ['issued', 'suspended'])
      .where('notAfter', '>', node.now().toISOString())
      .where('notAfter', '<', endingBefore.toISOString())
      .orderBy('notAfter');
  }
  const rows = await query.orderBy('journal', 'desc').orderBy('intentIndex', 'desc').limit(limit).execute();
  return rows.map(recordOf);
}
