/** Proving to others, from the root's own copy of a journal, that a certificate stands in it. */
import { commonTables } from '../db';
import { openCheckpoint } from '../journal';
import { proveEntry, readJournal } from '../ledger';
import { encodeProof, openProof, statementsFor } from '../proof';
import { RootError } from './errors';
import { countFindings } from './findings';
import type { RecordedProof } from './inspection';
import { readGenerations } from './nodes';
import { ReceiptSigner } from './receiptSigner';
import type { RootCa } from './root';

/**
 * The proof as a file: against the newest head that the node has signed, with a receipt that the registry key signs now.
 * It is opened as others will open it before it is handed out.
 * @param recorded what the inspection of the certificate gave
 * @throws RootError `NODE_UNKNOWN`, `STORED_DIFFERS`, `NO_TRUST_STATEMENT`, `KEY_MISSING`; HsmError; LedgerError,
 * ProofError when what is stored is damaged
 */
export async function proveInspected(
  root: RootCa,
  { certificate, node, origin, intent, issued }: RecordedProof,
): Promise<Buffer> {
  const known = (await readGenerations(root, node)).find((one) => one.origin === origin);
  if (known === undefined) throw new RootError('NODE_UNKNOWN', { node });
  const { grant, authority, issuer, journalSpki } = known;
  const head = await root.store.snapshot(async (tx) => {
    const db = commonTables(tx);
    const journal = await readJournal(db, origin);
    const { checkpoint } = await tx
      .selectFrom('nodes')
      .select('checkpoint')
      .where('journal', '=', journal.id)
      .executeTakeFirstOrThrow();
    const what = `journal of ${node}`;
    if (checkpoint === null)
      throw new RootError('STORED_DIFFERS', { what, reason: 'no signed head is kept' });
    const { size, rootHash } = openCheckpoint(checkpoint, { name: origin, spki: journalSpki }, origin);
    const [first, second] = [intent.index, issued.index];
    return {
      journal,
      checkpoint,
      size,
      rootHash: rootHash.toString('hex'),
      intent: await proveEntry(db, journal, first, size, certificate),
      issued: await proveEntry(db, journal, second, size, certificate),
    };
  });
  const { checkpoint, size, rootHash } = head;
  const statements = await root.trustStatements();
  const findings = await countFindings(root, head.journal.id);
  const signer = await ReceiptSigner.open(root);
  const receipt = await signer.seal(
    { origin, size, rootHash, time: root.now().toISOString(), findings },
    statements,
  );
  const rootCertificate = await root.certificate();
  const bytes = encodeProof({
    certificate: certificate.der,
    intent: head.intent,
    issued: head.issued,
    checkpoint,
    receipt,
    grant: grant.envelope,
    trustStatements: statementsFor({ receipt, grant: grant.envelope }, statements, issuer),
    caCertificate: authority.caCertificate.der,
    rootCertificate: rootCertificate.der,
  });
  openProof(bytes, { fingerprint: rootCertificate.sha256, statements, certificate });
  return bytes;
}
