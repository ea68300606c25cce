/**
 * Decisions on applications: each operator approves with their own token, a threshold of them makes a grant; any one of
 * them rejects. Each decision is signed with its reasons and kept: the answer to the applicant.
 *
 * Why one is enough to reject: a rejection gives nobody any power, one operator's doubt should stop a grant rather than
 * wait for others to share it, and what was rejected in error is simply sent again. It is signed all the same, so that
 * nobody else can turn an applicant away in the root's name.
 */
import { commonTables, readDocuments } from '../db';
import {
  ANSWER_PAYLOAD_TYPE,
  demandOf,
  GRANT_PAYLOAD_TYPE,
  openAnswer,
  parseAnswer,
  payloadOf,
  type Answer,
  type OpenedAnswer,
  type OpenedApplication,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { readUnverified, sealEnvelope } from '../envelope';
import type { PinSource } from '../hsm';
import type { Signer } from '../signer';
import {
  answersTo,
  findRow,
  openStored,
  requireGrantable,
  requireStatus,
  stateError,
  viewApplication,
  type ApplicationRow,
  type ApplicationStatus,
  type ApplicationView,
} from './applications';
import { approvalEntry } from './approvals';
import { layOut, type LaidOut } from './eligibility';
import { RootError } from './errors';
import { draftGrant } from './grantDraft';
import { requireInForce, sameBytes, signAsOperator, validTrust } from './operatorSignatures';
import type { RootCa } from './root';
import { journalise, keepDocument, type NewRootEntry } from './rootJournal';
import { operatorSigner } from './trust';

/** States in which an application can be decided on. */
const OPEN = ['pending', 'approved'] as const;

/** Who decides. */
export interface Deciding {
  readonly operator: string;
  readonly pin: PinSource | undefined;
}

/**
 * One operator's approval: their token signs the grant's very bytes. The first approval fixes the draft.
 * @param override why it is approved though the policy speaks against it; each operator gives their own
 * @returns who has approved so far
 * @throws RootError `APPLICATION_STATE`, `APPLICATION_INELIGIBLE`, `MENDS_UNKNOWN`, `OPERATOR_NOT_TRUSTED`;
 * EnvelopeError `ALREADY_SIGNED`; HsmError
 */
export async function approveApplication(
  root: RootCa,
  reference: string,
  by: Deciding,
  override?: string,
): Promise<ApplicationView> {
  const row = await findRow(root, reference);
  requireStatus(row, OPEN);
  const opened = await openStored(root, row.id);
  await requireGrantable(root, opened);
  await requireMends(root, opened);
  const laid = await layOut(root, opened);
  const isIneligible = laid?.evaluation.eligible === false;
  if (isIneligible && override === undefined) throw ineligible(row.id, laid);
  const { operator, pin } = by;
  const payload = row.draft ?? payloadOf(await draftGrant(root, opened));
  const draft = { payloadType: GRANT_PAYLOAD_TYPE, payload, envelope: row.envelope };
  const { envelope, trust, complete } = await signAsOperator(root, draft, operator, pin);
  const signer = await operatorSigner(root, trust, operator, pin);
  const answer = await sealAnswer(root, row, laid, trust, signer, {
    operator,
    decision: 'approved',
    reason: override ?? null,
    override: isIneligible,
    mend: [],
  });
  const entry = approvalEntry(row.id, operator, payload, envelope, answer.sha256);
  await decide(root, row, trust, answer, entry, {
    status: complete ? 'approved' : 'pending',
    draft: payload,
    envelope,
  });
  return viewApplication(root, row.id);
}

export interface Rejecting {
  readonly reason: string;
  /** Criteria that the applicant is to mend beside those that are not met, by id. */
  readonly criteria: readonly string[];
}

/**
 * One operator's rejection.
 * @returns the answer for the applicant
 * @throws RootError `APPLICATION_STATE`, `CRITERION_UNKNOWN`, `OPERATOR_NOT_TRUSTED`; HsmError
 */
export async function rejectApplication(
  root: RootCa,
  reference: string,
  by: Deciding,
  { reason, criteria }: Rejecting,
): Promise<OpenedAnswer> {
  const row = await findRow(root, reference);
  requireStatus(row, OPEN);
  const laid = await layOut(root, await openStored(root, row.id));
  const rows = laid?.evaluation.rows ?? [];
  const known = rows.map(({ criterion }) => criterion.id);
  for (const found of criteria)
    if (!known.includes(found))
      throw new RootError('CRITERION_UNKNOWN', { found, known: known.join(', ') || '—' });
  const { operator, pin } = by;
  const trust = await validTrust(root);
  const signer = await operatorSigner(root, trust, operator, pin);
  const mend = rows
    .filter(({ met, criterion }) => !met || criteria.includes(criterion.id))
    .map(({ criterion }) => criterion.id);
  const answer = await sealAnswer(root, row, laid, trust, signer, {
    operator,
    decision: 'rejected',
    reason,
    override: false,
    mend,
  });
  const entry = {
    type: 'rejected',
    application: row.id,
    operator,
    reason,
    answer: answer.sha256,
  } as const;
  await decide(root, row, trust, answer, entry, {
    status: 'rejected',
    draft: row.draft,
    envelope: row.envelope,
  });
  return answer;
}

/** The newest answer to an application, as it goes to the applicant. @throws RootError `APPLICATION_STATE` */
export async function answerTo(root: RootCa, reference: string): Promise<OpenedAnswer> {
  const row = await findRow(root, reference);
  const answer = (await answersTo(root, row.id)).at(-1);
  if (answer === undefined) throw stateError(row.id, row.status, 'approved / rejected');
  return answer;
}

/** A mended application must name one of the same node that was rejected, and the answer it got. @throws RootError `MENDS_UNKNOWN` */
async function requireMends(root: RootCa, { value }: OpenedApplication): Promise<void> {
  if ('succeeds' in value || value.mends === null) return;
  const { application, answer } = value.mends;
  const stored = (await readDocuments(root.read, 'answer', application)).find((one) => one.sha256 === answer);
  if (stored !== undefined) {
    const told = parseAnswer(readUnverified(stored.bytes, ANSWER_PAYLOAD_TYPE, 'answer').payload);
    const earlier = await openStored(root, application);
    if (told.decision === 'rejected' && earlier.value.journalSpki === value.journalSpki) return;
  }
  throw new RootError('MENDS_UNKNOWN', { application, answer });
}

function ineligible(id: string, { evaluation, policy }: LaidOut): RootError {
  const { rows, score, of, minimumScore } = evaluation;
  const problems = rows
    .filter(({ met }) => !met)
    .map(({ criterion, found }) => ({
      code: 'UNMET' as const,
      where: `${criterion.id}${criterion.mustHave ? ' *' : ''}`,
      found,
      allowed: demandOf(criterion),
    }));
  return new RootError(
    'APPLICATION_INELIGIBLE',
    { id: id.slice(0, 12), policy: policy.value.title, score, of, minimumScore },
    { problems },
  );
}

async function sealAnswer(
  root: RootCa,
  { id, nodeId }: ApplicationRow,
  laid: LaidOut | undefined,
  trust: SignedDocument<TrustStatement>,
  signer: Signer,
  decision: Pick<Answer, 'operator' | 'decision' | 'reason' | 'override' | 'mend'>,
): Promise<OpenedAnswer> {
  const certificate = await root.certificate();
  const answer: Answer = {
    answeredAt: root.now().toISOString(),
    application: { sha256: id, nodeId },
    ...decision,
    policy:
      laid === undefined
        ? null
        : {
            sha256: laid.policy.sha256,
            title: laid.policy.value.title,
            minimumScore: laid.policy.value.minimumScore,
          },
    rows: [...(laid?.evaluation.rows ?? [])],
    rootCertificate: certificate.der.toString('base64'),
    trustStatement: trust.envelope.toString('base64'),
  };
  const payload = payloadOf(answer);
  // Held to its rules before it is signed, and opened as the applicant will open it before it is kept.
  parseAnswer(payload);
  const envelope = await sealEnvelope(ANSWER_PAYLOAD_TYPE, payload, [signer]);
  return openAnswer(envelope, certificate.sha256, root.now());
}

interface Decided {
  readonly status: ApplicationStatus;
  readonly draft: Buffer | null;
  readonly envelope: Buffer | null;
}

/**
 * Keeps a decision with its answer, unless another operator has decided since it was read.
 * @throws RootError `APPLICATION_STATE`, `TRUST_CHANGED`
 */
async function decide(
  root: RootCa,
  row: ApplicationRow,
  trust: SignedDocument<TrustStatement>,
  { sha256, envelope: bytes }: OpenedAnswer,
  entry: NewRootEntry,
  decided: Decided,
): Promise<void> {
  await root.store.transaction(async (tx) => {
    const current = await tx
      .selectFrom('applications')
      .select(['status', 'envelope'])
      .where('id', '=', row.id)
      .executeTakeFirst();
    const unchanged = current?.status === row.status && sameBytes(current.envelope, row.envelope);
    if (!unchanged) throw stateError(row.id, current?.status ?? 'gone', 'unchanged');
    await requireInForce(tx, trust);
    await tx.updateTable('applications').set(decided).where('id', '=', row.id).execute();
    await journalise(root, tx, entry);
    const version = (await readDocuments(commonTables(tx), 'answer', row.id)).length + 1;
    await keepDocument(root, tx, { kind: 'answer', subject: row.id, version, sha256, bytes });
  });
}
