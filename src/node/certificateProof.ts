/** Proving to others that a certificate stands in the journal that the root has confirmed. */
import { commonTables } from '../db';
import { rootHash, signCheckpoint } from '../journal';
import { headAt, journalledCertificate, proveEntry, readJournal, readRecords } from '../ledger';
import { encodeProof, openProof, statementsFor, type Proven } from '../proof';
import { generationOf } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

export interface MadeProof {
  readonly bytes: Buffer;
  readonly proven: Proven;
}

/**
 * Makes the proof against the first head that covers the certificate and that the root has signed; the journal key signs
 * that head, too. It is opened as others will open it before it is handed out.
 * @throws NodeError `CERTIFICATE_UNKNOWN`, `NEVER_ISSUED`, `NOT_CONFIRMED`; HsmError; LedgerError, ProofError when what is
 * stored is damaged
 */
export async function proveCertificate(node: SubCaNode, serialNumber: string): Promise<MadeProof> {
  const { delegation, generation, head, parts } = await node.store.snapshot(async (tx) => {
    const db = commonTables(tx);
    const delegation = await node.delegation(db);
    const generation = generationOf(delegation, serialNumber);
    if (generation === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
    const journal = await readJournal(db, generation.origin);
    const [record] = await readRecords(db, journal.id, 'serialNumber', [serialNumber]);
    if (record === undefined) throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
    const { intentIndex, issuedIndex, status } = record;
    if (issuedIndex === null) throw new NodeError('NEVER_ISSUED', { serialNumber, status });
    const receipt = await tx
      .selectFrom('receipts')
      .select(['size', 'envelope'])
      .where('journal', '=', journal.id)
      .where('size', '>', issuedIndex)
      .orderBy('size')
      .executeTakeFirst();
    if (receipt === undefined) throw new NodeError('NOT_CONFIRMED', { serialNumber, index: issuedIndex });
    const certificate = await journalledCertificate(db, journal.id, intentIndex, issuedIndex);
    if (certificate === undefined) {
      const reason = 'its journal entries are damaged';
      throw new NodeError('PUBLISHED_DIFFERS', { what: serialNumber, reason });
    }
    const { size, envelope } = receipt;
    const head = await headAt(db, journal, size);
    const intent = await proveEntry(db, journal, intentIndex, size);
    const issued = await proveEntry(db, journal, issuedIndex, size);
    return { delegation, generation, head, parts: { certificate, intent, issued, receipt: envelope } };
  });
  const { root, trustStatements } = delegation;
  const { origin, caCertificate, issuer } = generation;
  const grant = generation.grant.envelope;
  const signer = await node.signer('journal');
  const checkpoint = { origin, size: head.size, rootHash: rootHash(head) };
  const bytes = encodeProof({
    ...parts,
    checkpoint: await signCheckpoint(checkpoint, { name: origin, signer }),
    grant,
    trustStatements: statementsFor({ receipt: parts.receipt, grant }, trustStatements, issuer),
    caCertificate: caCertificate.der,
    rootCertificate: root.der,
  });
  return { bytes, proven: openProof(bytes, { fingerprint: root.sha256, statements: trustStatements }) };
}
