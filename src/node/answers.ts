/** Answers to the node's applications: verified from the root's fingerprint, kept, and named by what mends them. */
import {
  commonTables,
  readDocuments,
  readNewestDocument,
  storeDocument,
  type CommonSchema,
  type Database,
} from '../db';
import {
  ANSWER_PAYLOAD_TYPE,
  openAnswer,
  openApplication,
  parseAnswer,
  type Answer,
  type FirstApplication,
  type OpenedApplication,
} from '../delegation';
import { readUnverified } from '../envelope';
import { sha256Hex } from '../signer';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

type Db = Database<CommonSchema>;
type Mends = NonNullable<FirstApplication['mends']>;

export interface TakenAnswer {
  readonly answer: Answer;
  readonly sha256: string;
  readonly application: OpenedApplication;
  /** Whether it was taken before. */
  readonly known: boolean;
}

/**
 * Takes the answer to one of this node's applications; taken twice, it is the same. Nothing is stored of what is refused.
 * @param fingerprint SHA-256 of the root certificate as a person typed it: hex, with or without colons and blanks
 * @throws DelegationError, EnvelopeError, X509Error; NodeError `ANSWER_FOREIGN`, `ANSWER_OTHER`, `ANSWER_REPLAYED`
 */
export async function takeAnswer(
  node: SubCaNode,
  envelope: Buffer,
  fingerprint: string,
): Promise<TakenAnswer> {
  const pinned = fingerprint.replace(/[\s:]/g, '').toLowerCase();
  const { value: answer, sha256 } = openAnswer(envelope, pinned, node.now());
  const { sha256: id, nodeId } = answer.application;
  return node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const applications = await readApplications(db);
    const application = applications.find((one) => one.sha256 === id);
    if (application === undefined || nodeId !== node.config.node)
      throw new NodeError('ANSWER_FOREIGN', { application: id, node: nodeId });
    const mending = applications.find((one) => mendsOf(one)?.application === id);
    if (mending !== undefined)
      throw new NodeError('ANSWER_REPLAYED', { application: id, mended: mending.sha256 });
    const kept = await readNewestDocument(db, 'answer', id);
    if (kept !== undefined && kept.sha256 !== sha256)
      throw new NodeError('ANSWER_OTHER', { application: id, kept: kept.sha256, found: sha256 });
    if (kept === undefined) {
      const document = { subject: id, version: 1, sha256, bytes: envelope };
      await storeDocument(db, { kind: 'answer', ...document }, node.now());
    }
    return { answer, sha256, application, known: kept !== undefined };
  });
}

/** The newest rejection that no application of this node names yet. */
export async function rejectionToMend(node: SubCaNode): Promise<Mends | null> {
  const applications = await readApplications(node.read);
  const mended = new Set(applications.map((one) => mendsOf(one)?.application));
  for (const { sha256, value } of [...applications].reverse()) {
    if (mended.has(sha256) || 'succeeds' in value) continue;
    const stored = await readNewestDocument(node.read, 'answer', sha256);
    if (stored === undefined) continue;
    const { payload } = readUnverified(stored.bytes, ANSWER_PAYLOAD_TYPE, 'answer');
    if (parseAnswer(payload).decision === 'rejected') return { application: sha256, answer: stored.sha256 };
  }
  return null;
}

/**
 * Re-checks every application that was sent, and the answers to them.
 * @throws NodeError `STORED_DOCUMENT`; DelegationError, EnvelopeError for bytes that are no longer what was signed
 */
export async function verifyApplications(db: Db, journalSpki: Buffer): Promise<void> {
  for (const { sha256, value } of await readApplications(db)) {
    const what = `application ${sha256}`;
    if (value.journalSpki !== journalSpki.toString('base64'))
      throw new NodeError('STORED_DOCUMENT', { what, reason: 'another journal key signed it' });
    const stored = await readNewestDocument(db, 'answer', sha256);
    if (stored === undefined) continue;
    const { rootCertificate } = parseAnswer(
      readUnverified(stored.bytes, ANSWER_PAYLOAD_TYPE, 'answer').payload,
    );
    const answer = openAnswer(stored.bytes, sha256Hex(Buffer.from(rootCertificate, 'base64')));
    if (answer.value.application.sha256 !== sha256)
      throw new NodeError('STORED_DOCUMENT', { what, reason: 'its answer is to another application' });
  }
}

/** Oldest first. */
async function readApplications(db: Db): Promise<readonly OpenedApplication[]> {
  return (await readDocuments(db, 'application')).map(({ bytes }) => openApplication(bytes));
}

function mendsOf({ value }: OpenedApplication): Mends | null {
  return 'succeeds' in value ? null : value.mends;
}
