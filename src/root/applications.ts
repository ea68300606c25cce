/** Applications: received, looked at, approved by a threshold of operators each with their own token, or rejected. */
import { readNewestDocument } from '../db';
import {
  GRANT_PAYLOAD_TYPE,
  openApplication,
  operatorKeys,
  payloadOf,
  parseGrant,
  type Grant,
  type OpenedApplication,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { openEnvelope } from '../envelope';
import type { PinSource } from '../hsm';
import { asStored } from '../ledger';
import { approvalEntry, requireApproved } from './approvals';
import { RootError } from './errors';
import { draftGrant } from './grantDraft';
import { readNode } from './nodes';
import { requireInForce, sameBytes, signAsOperator, signersOf, validTrust } from './operatorSignatures';
import type { RootCa } from './root';
import { journalise, keepDocument } from './rootJournal';
import { requireOperator } from './trust';

export const APPLICATION_STATUSES = ['pending', 'approved', 'granted', 'rejected'] as const;
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number];

export interface ApplicationView {
  /** SHA-256 of the payload; people use the first characters. */
  readonly id: string;
  readonly status: ApplicationStatus;
  readonly opened: OpenedApplication;
  /** The grant as it stands for signature, or as it would be drafted now. */
  readonly grant: Grant;
  readonly approvedBy: readonly string[];
  readonly threshold: number;
  readonly note: string | null;
}

interface ApplicationRow {
  readonly id: string;
  readonly nodeId: string;
  readonly status: string;
  readonly draft: Buffer | null;
  readonly envelope: Buffer | null;
  readonly note: string | null;
}

/** Opens an applicant's file and stores it. @returns its id; the same file gives the same id */
export async function receiveApplication(root: RootCa, envelope: Buffer): Promise<string> {
  const opened = openApplication(envelope);
  const id = opened.sha256;
  await root.store.transaction(async (tx) => {
    const known = await tx.selectFrom('applications').select('id').where('id', '=', id).executeTakeFirst();
    if (known !== undefined) return;
    await keepDocument(root, tx, {
      kind: 'application',
      subject: id,
      version: 1,
      sha256: id,
      bytes: envelope,
    });
    await tx
      .insertInto('applications')
      .values({
        id,
        nodeId: opened.value.nodeId,
        status: 'pending',
        receivedAt: root.now().toISOString(),
        draft: null,
        envelope: null,
        note: null,
      })
      .execute();
  });
  return id;
}

/** @param reference the id or its first characters. @throws RootError `APPLICATION_UNKNOWN` */
export async function viewApplication(root: RootCa, reference: string): Promise<ApplicationView> {
  const row = await findRow(root, reference);
  const opened = await openStored(root, row.id);
  const grant = row.draft === null ? await draftGrant(root, opened) : parseGrant(row.draft);
  const trust = await root.trust();
  return {
    id: row.id,
    status: statusOf(row),
    opened,
    grant,
    approvedBy: signersOf({ payloadType: GRANT_PAYLOAD_TYPE, envelope: row.envelope }, trust.value),
    threshold: trust.value.threshold,
    note: row.note,
  };
}

/**
 * One operator's approval: their token signs the grant's very bytes. The first approval fixes the draft.
 * @returns who has approved so far
 * @throws RootError `APPLICATION_STATE`, `OPERATOR_NOT_TRUSTED`; DelegationError `TRUST_EXPIRED`; EnvelopeError
 * `ALREADY_SIGNED`; HsmError
 */
export async function approveApplication(
  root: RootCa,
  reference: string,
  operator: string,
  pin: PinSource | undefined,
): Promise<ApplicationView> {
  const row = await findRow(root, reference);
  requireStatus(row, ['pending', 'approved']);
  await requireGrantable(root, await openStored(root, row.id));
  const payload = row.draft ?? payloadOf(await draftGrant(root, await openStored(root, row.id)));
  const draft = { payloadType: GRANT_PAYLOAD_TYPE, payload, envelope: row.envelope };
  const { envelope, trust, complete } = await signAsOperator(root, draft, operator, pin);
  await root.store.transaction(async (tx) => {
    // Another operator may have signed since it was read: then this one signs again on top.
    const current = await tx
      .selectFrom('applications')
      .select(['status', 'envelope'])
      .where('id', '=', row.id)
      .executeTakeFirst();
    const unchanged = current?.status === row.status && sameBytes(current.envelope, row.envelope);
    if (!unchanged) throw stateError(row.id, current?.status ?? 'gone', 'unchanged');
    await requireInForce(tx, trust);
    await tx
      .updateTable('applications')
      .set({ status: complete ? 'approved' : 'pending', draft: payload, envelope })
      .where('id', '=', row.id)
      .execute();
    await journalise(root, tx, approvalEntry(row.id, operator, payload, envelope));
  });
  return viewApplication(root, row.id);
}

/** @throws RootError `APPLICATION_STATE`, `OPERATOR_NOT_TRUSTED` */
export async function rejectApplication(
  root: RootCa,
  reference: string,
  operator: string,
  reason: string,
): Promise<void> {
  const row = await findRow(root, reference);
  requireStatus(row, ['pending', 'approved']);
  requireOperator(await root.trust(), operator);
  await root.store.transaction(async (tx) => {
    const changed = await tx
      .updateTable('applications')
      .set({ status: 'rejected', note: `${operator}: ${reason}` })
      .where('id', '=', row.id)
      .where('status', '=', row.status)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw stateError(row.id, 'changed', 'unchanged');
    await journalise(root, tx, { type: 'rejected', application: row.id, operator, reason });
  });
}

/**
 * The approved grant of an application, ready to be given out, with the signatures of operators in force.
 * @throws RootError `APPLICATION_STATE`, `APPROVALS_MISSING`; DelegationError `TRUST_EXPIRED`
 */
export async function approvedGrant(
  root: RootCa,
  reference: string,
): Promise<{
  readonly id: string;
  readonly status: ApplicationStatus;
  readonly envelope: Buffer;
  readonly opened: OpenedApplication;
  /** The trust statement under which it is. */
  readonly trust: SignedDocument<TrustStatement>;
}> {
  const row = await findRow(root, reference);
  requireStatus(row, ['approved', 'granted']);
  const trust = await validTrust(root);
  const envelope = requireApproved(row.id, row.envelope, trust.value);
  return { id: row.id, status: statusOf(row), envelope, opened: await openStored(root, row.id), trust };
}

/**
 * Re-checks what is stored of every application: its file, the drafted grant, and the operators' signatures on it.
 * @returns how many there are
 * @throws RootError `STORED_DIFFERS`; LedgerError `DOCUMENT_DAMAGED`
 */
export async function verifyApplications(root: RootCa): Promise<number> {
  const rows = await root.store.read.selectFrom('applications').selectAll().execute();
  // An approval stays one when a later trust statement does not name its operator any more.
  const keys = (await root.trustStatements()).flatMap(({ value }) => operatorKeys(value));
  const expected = { payloadType: GRANT_PAYLOAD_TYPE, keys, threshold: 1, what: 'grant' };
  for (const row of rows) {
    const { id, nodeId, draft, envelope } = row;
    const what = `application ${id}`;
    const opened = await asStored(what, () => openStored(root, id));
    const approved = envelope && (await asStored(what, () => openEnvelope(envelope, expected).payload));
    statusOf(row);
    if (opened.value.nodeId !== nodeId || !sameBytes(approved, draft)) {
      throw new RootError('STORED_DIFFERS', { what, reason: 'its node, or the grant that was approved' });
    }
  }
  return rows.length;
}

/**
 * One first grant under one name, and one successor to each grant.
 * @throws RootError `NODE_EXISTS`, `NODE_UNKNOWN`, `GRANT_NOT_CURRENT`, `NODE_WITHDRAWN`
 */
export async function requireGrantable(root: RootCa, { value }: OpenedApplication): Promise<void> {
  const { nodeId } = value;
  if ('succeeds' in value) {
    const { grant, directives } = await readNode(root, nodeId);
    const { issuance } = directives;
    if (issuance.state === 'withdrawn')
      throw new RootError('NODE_WITHDRAWN', { node: nodeId, sequence: issuance.by.value.sequence });
    const { version } = grant.value;
    if (grant.sha256 !== value.succeeds.sha256)
      throw new RootError('GRANT_NOT_CURRENT', { node: nodeId, found: value.succeeds.version, version });
    return;
  }
  const known = await root.store.read
    .selectFrom('nodes')
    .select('nodeId')
    .where('nodeId', '=', nodeId)
    .executeTakeFirst();
  if (known !== undefined) throw new RootError('NODE_EXISTS', { node: nodeId });
}

async function findRow(root: RootCa, reference: string): Promise<ApplicationRow> {
  const wanted = reference.toLowerCase();
  const rows = /^[0-9a-f]{6,64}$/.test(wanted)
    ? await root.store.read
        .selectFrom('applications')
        .select(['id', 'nodeId', 'status', 'draft', 'envelope', 'note'])
        .where('id', 'like', `${wanted}%`)
        .execute()
    : [];
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new RootError('APPLICATION_UNKNOWN', { id: reference });
  return row;
}

async function openStored(root: RootCa, id: string): Promise<OpenedApplication> {
  const stored = await readNewestDocument(root.read, 'application', id);
  const opened = stored && openApplication(stored.bytes);
  if (opened?.sha256 !== id)
    throw new RootError('STORED_DIFFERS', { what: `application ${id}`, reason: 'its bytes changed' });
  return opened;
}

function statusOf(row: ApplicationRow): ApplicationStatus {
  const status = APPLICATION_STATUSES.find((known) => known === row.status);
  if (status === undefined)
    throw new RootError('STORED_DIFFERS', { what: row.id, reason: `status ${row.status}` });
  return status;
}

function requireStatus(row: ApplicationRow, allowed: readonly ApplicationStatus[]): void {
  if (!allowed.some((status) => status === row.status))
    throw stateError(row.id, row.status, allowed.join(' / '));
}

function stateError(id: string, status: string, needed: string): RootError {
  return new RootError('APPLICATION_STATE', { id: id.slice(0, 12), status, needed });
}
