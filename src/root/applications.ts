/** Applications: received, looked at, and re-checked; what operators decide on them is in `decisions.ts`. */
import { readDocuments, readNewestDocument } from '../db';
import {
  GRANT_PAYLOAD_TYPE,
  openAnswer,
  openApplication,
  operatorKeys,
  parseGrant,
  type Answer,
  type Grant,
  type OpenedAnswer,
  type OpenedApplication,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { openEnvelope } from '../envelope';
import { asStored } from '../ledger';
import { requireApproved } from './approvals';
import { layOut, type LaidOut } from './eligibility';
import { RootError } from './errors';
import { draftGrant } from './grantDraft';
import type { KnownNode } from './nodes';
import { sameBytes, signersOf, validTrust } from './operatorSignatures';
import type { RootCa } from './root';
import { keepDocument } from './rootJournal';
import { successionOf } from './succession';

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
  /** The application against the eligibility policy as they are now; absent where there is none. */
  readonly laidOut: LaidOut | undefined;
  /** What operators decided, oldest first. */
  readonly answers: readonly Answer[];
  /** Other applications of the same node. */
  readonly others: readonly { readonly id: string; readonly status: ApplicationStatus }[];
}

export interface ApplicationRow {
  readonly id: string;
  readonly nodeId: string;
  readonly status: string;
  readonly draft: Buffer | null;
  readonly envelope: Buffer | null;
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
    laidOut: await layOut(root, opened),
    answers: (await answersTo(root, row.id)).map(({ value }) => value),
    others: await othersOf(root, row),
  };
}

/** An application as it stands among others. */
export interface ApplicationSummary extends Pick<ApplicationView, 'id' | 'status' | 'approvedBy'> {
  readonly node: string;
  readonly organisation: string;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
}

/** Every application, or those in one state; the newest first. */
export async function listApplications(
  root: RootCa,
  status?: ApplicationStatus,
): Promise<readonly ApplicationSummary[]> {
  const trust = (await root.trustStatements()).at(-1)?.value;
  const rows = await root.store.read
    .selectFrom('applications')
    .selectAll()
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? ''))
    .orderBy('receivedAt', 'desc')
    .orderBy('id')
    .execute();
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      node: row.nodeId,
      organisation: (await openStored(root, row.id)).value.organisation.name,
      status: statusOf(row),
      approvedBy: trust ? signersOf({ payloadType: GRANT_PAYLOAD_TYPE, envelope: row.envelope }, trust) : [],
      receivedAt: row.receivedAt,
    })),
  );
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
  const statements = await root.trustStatements();
  const keys = statements.flatMap(({ value }) => operatorKeys(value));
  const expected = { payloadType: GRANT_PAYLOAD_TYPE, keys, threshold: 1, what: 'grant' };
  for (const row of rows) {
    const { id, nodeId, draft, envelope } = row;
    const what = `application ${id}`;
    const opened = await asStored(what, () => openStored(root, id));
    const approved = envelope && (await asStored(what, () => openEnvelope(envelope, expected)));
    if (opened.value.nodeId !== nodeId || !sameBytes(approved?.payload ?? null, draft)) {
      throw new RootError('STORED_DIFFERS', { what, reason: 'its node, or the grant that was approved' });
    }
    const answers = (await asStored(what, () => answersTo(root, id))).map(({ value }) => value);
    const by = (decision: Answer['decision']): readonly string[] =>
      answers.filter((answer) => answer.decision === decision).map(({ operator }) => operator);
    // Whoever signed the grant has said so with reasons; a rejection stands alone.
    const approving = by('approved');
    const sayTheSame =
      (approved?.signedBy ?? []).every((operator) => approving.includes(operator)) &&
      (by('rejected').length === 1) === (statusOf(row) === 'rejected') &&
      answers.every(({ trustStatement }) =>
        statements.some((one) => one.envelope.toString('base64') === trustStatement),
      );
    if (!sayTheSame) throw new RootError('STORED_DIFFERS', { what, reason: 'its status, or its answers' });
  }
  return rows.length;
}

/** Every decision on an application, oldest first. @throws DelegationError, EnvelopeError; RootError `STORED_DIFFERS` */
export async function answersTo(root: RootCa, id: string): Promise<readonly OpenedAnswer[]> {
  const { sha256 } = await root.certificate();
  const stored = await readDocuments(root.read, 'answer', id);
  const answers = stored.map(({ bytes }) => openAnswer(bytes, sha256));
  if (answers.some(({ value }) => value.application.sha256 !== id))
    throw new RootError('STORED_DIFFERS', { what: id, reason: 'an answer to another application' });
  return answers;
}

/**
 * One first grant under one name, and one successor to each grant; or another, in place of one whose key was lost.
 * @param draft the grant as it was fixed for signature
 * @returns the certified keys that it replaces
 * @throws RootError `NODE_EXISTS`, `NODE_UNKNOWN`, `GRANT_NOT_CURRENT`, `KEY_OPENED`, `NODE_WITHDRAWN`
 */
export async function requireGrantable(
  root: RootCa,
  { value }: OpenedApplication,
  draft?: Grant,
): Promise<readonly KnownNode[]> {
  const { nodeId } = value;
  if ('succeeds' in value) {
    const { follows, replaced, newest } = await successionOf(root, value);
    const { issuance } = follows.directives;
    if (issuance.state === 'withdrawn')
      throw new RootError('NODE_WITHDRAWN', { node: nodeId, sequence: issuance.by.value.sequence });
    const { version } = newest.grant.value;
    // Of a key that this one is to replace, a version may have been signed since it was drafted.
    if (draft !== undefined && draft.version !== version + 1)
      throw new RootError('GRANT_NOT_CURRENT', { node: nodeId, found: draft.version - 1, version });
    return replaced;
  }
  const known = await root.store.read
    .selectFrom('nodes')
    .select('nodeId')
    .where('nodeId', '=', nodeId)
    .executeTakeFirst();
  if (known !== undefined) throw new RootError('NODE_EXISTS', { node: nodeId });
  return [];
}

/** @throws RootError `APPLICATION_UNKNOWN` */
export async function findRow(root: RootCa, reference: string): Promise<ApplicationRow> {
  const wanted = reference.toLowerCase();
  const rows = /^[0-9a-f]{6,64}$/.test(wanted)
    ? await root.store.read
        .selectFrom('applications')
        .select(['id', 'nodeId', 'status', 'draft', 'envelope'])
        .where('id', 'like', `${wanted}%`)
        .execute()
    : [];
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new RootError('APPLICATION_UNKNOWN', { id: reference });
  return row;
}

/** The other applications of a node, newest last. */
async function othersOf(root: RootCa, { id, nodeId }: ApplicationRow): Promise<ApplicationView['others']> {
  const rows = await root.store.read
    .selectFrom('applications')
    .select(['id', 'status'])
    .where('nodeId', '=', nodeId)
    .where('id', '<>', id)
    .orderBy('receivedAt')
    .execute();
  return rows.map((row) => ({ id: row.id, status: statusOf(row) }));
}

/** @throws RootError `STORED_DIFFERS` */
export async function openStored(root: RootCa, id: string): Promise<OpenedApplication> {
  const stored = await readNewestDocument(root.read, 'application', id);
  const opened = stored && openApplication(stored.bytes);
  if (opened?.sha256 !== id)
    throw new RootError('STORED_DIFFERS', { what: `application ${id}`, reason: 'its bytes changed' });
  return opened;
}

function statusOf(row: Pick<ApplicationRow, 'id' | 'status'>): ApplicationStatus {
  const status = APPLICATION_STATUSES.find((known) => known === row.status);
  if (status === undefined)
    throw new RootError('STORED_DIFFERS', { what: row.id, reason: `status ${row.status}` });
  return status;
}

export function requireStatus(row: ApplicationRow, allowed: readonly ApplicationStatus[]): void {
  if (!allowed.some((status) => status === row.status))
    throw stateError(row.id, row.status, allowed.join(' / '));
}

export function stateError(id: string, status: string, needed: string): RootError {
  return new RootError('APPLICATION_STATE', { id: id.slice(0, 12), status, needed });
}
