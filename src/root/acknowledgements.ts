/** Acknowledging findings: an operator's signed word on one, after which it alarms no job any more; it stays on record. */
import { ACKNOWLEDGEMENT_PAYLOAD_TYPE, payloadOf, type Acknowledgement } from '../delegation';
import { sealEnvelope } from '../envelope';
import type { PinSource } from '../hsm';
import { sha256Hex } from '../signer';
import { RootError } from './errors';
import { evidenceSha256, listFindings, type StoredFinding } from './findings';
import { requireInForce } from './operatorSignatures';
import type { RootCa } from './root';
import { journalise } from './rootJournal';
import { operatorSigner } from './trust';

/**
 * @param id as `findings` lists it
 * @throws RootError `FINDING_UNKNOWN`, `FINDING_ACKNOWLEDGED`, `OPERATOR_NOT_TRUSTED`; HsmError
 */
export async function acknowledgeFinding(
  root: RootCa,
  id: number,
  {
    operator,
    reason,
    pin,
  }: { readonly operator: string; readonly reason: string; readonly pin: PinSource | undefined },
): Promise<StoredFinding> {
  const finding = await findFinding(root, id);
  if (finding.acknowledgement !== null)
    throw new RootError('FINDING_ACKNOWLEDGED', { id, by: finding.acknowledgement.operator });
  const trust = await root.trust();
  const signer = await operatorSigner(root, trust, operator, pin);
  const { origin, entryIndex, code } = finding;
  const said: Acknowledgement = {
    subject: origin,
    entryIndex,
    code,
    evidenceSha256: evidenceSha256(finding),
    operator,
    reason,
    time: root.now().toISOString(),
  };
  const envelope = await sealEnvelope(ACKNOWLEDGEMENT_PAYLOAD_TYPE, payloadOf(said), [signer]);
  await root.store.transaction(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('findings')
      .set({ acknowledgement: envelope })
      .where('id', '=', id)
      .where('acknowledgement', 'is', null)
      .executeTakeFirst();
    // Another operator was faster: the first word stands.
    if (numUpdatedRows === 0n) return;
    await requireInForce(tx, trust);
    const sha256 = sha256Hex(envelope);
    await journalise(root, tx, { type: 'acknowledged', finding: id, origin, code, operator, sha256 });
  });
  return findFinding(root, id);
}

async function findFinding(root: RootCa, id: number): Promise<StoredFinding> {
  const [finding] = await listFindings(root, { id });
  if (finding === undefined) throw new RootError('FINDING_UNKNOWN', { id });
  return finding;
}

/** What was signed must be about the finding it stands at. @throws RootError `STORED_DIFFERS` */
export async function verifyAcknowledgements(root: RootCa): Promise<void> {
  for (const finding of await listFindings(root)) {
    const said = finding.acknowledgement;
    if (said === null) continue;
    const fits =
      said.subject === finding.origin &&
      said.entryIndex === finding.entryIndex &&
      said.code === finding.code &&
      said.evidenceSha256 === evidenceSha256(finding);
    if (fits) continue;
    const what = `acknowledgement of finding ${String(finding.id)}`;
    throw new RootError('STORED_DIFFERS', { what, reason: 'it was signed for another' });
  }
}
