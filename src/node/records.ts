/** Reading what the node knows of its certificates. */
import type { CertificateRecord, CertificateStatus } from '../delegation';
import { readJournal, readRecords, recordOf } from '../ledger';
import { NodeError } from './errors';
import { readIssued } from './issuance';
import type { SubCaNode } from './node';

/** @throws NodeError `CERTIFICATE_UNKNOWN` */
export async function readRecord(node: SubCaNode, serialNumber: string): Promise<CertificateRecord> {
  const { id } = await readJournal(node.read, (await node.delegation()).origin);
  const [record] = await readRecords(node.read, id, 'serialNumber', [serialNumber]);
  if (record === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
  return record;
}

/** The certificate itself, DER. @throws NodeError `CERTIFICATE_UNKNOWN` */
export async function readCertificateBytes(node: SubCaNode, serialNumber: string): Promise<Buffer> {
  const { id } = await readJournal(node.read, (await node.delegation()).origin);
  return readIssued(node, id, serialNumber);
}

/** Newest first. */
export async function listRecords(
  node: SubCaNode,
  { status, limit }: { readonly status?: CertificateStatus; readonly limit: number },
): Promise<readonly CertificateRecord[]> {
  const { id } = await readJournal(node.read, (await node.delegation()).origin);
  let query = node.read.selectFrom('certificates').selectAll().where('journal', '=', id);
  if (status !== undefined) query = query.where('status', '=', status);
  const rows = await query.orderBy('intentIndex', 'desc').limit(limit).execute();
  return rows.map(recordOf);
}
