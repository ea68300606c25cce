/** Directives at the root: drafted for a node, signed by operators one after another, and handed out in their order. */
import type { Database, RootSchema } from '../db';
import {
  DIRECTIVE_PAYLOAD_TYPE,
  parseDirective,
  payloadOf,
  type Directive,
  type DirectiveChain,
  type Order,
  type TrustStatement,
} from '../delegation';
import type { PinSource } from '../hsm';
import { placeOfSerialNumber } from '../journal';
import { asStored } from '../ledger';
import { sha256Hex } from '../signer';
import { MAX_DOCUMENTS } from '../sync';
import {
  isSignedUnder,
  payloadOfRow,
  readDirectiveRows,
  viewDirectives,
  type DirectiveRow,
  type DirectiveView,
} from './directiveViews';
import { RootError } from './errors';
import { readGenerations } from './nodes';
import { requireInForce, sameBytes, signAsOperator, signersOf } from './operatorSignatures';
import type { RootCa } from './root';
import { documentEntry, journalise } from './rootJournal';
import { requireOperator } from './trust';

export interface OrderRequest {
  readonly order: Order;
  /** In words the node's staff will read. */
  readonly reason: string;
}

/** One operator, and where the PIN of their token comes from. */
export interface SigningOperator {
  readonly operator: string;
  readonly pin: PinSource | undefined;
}

/**
 * Drafts the next directive for a node and signs it as one operator.
 * @throws RootError `NODE_UNKNOWN`, `DIRECTIVE_WAITS`, those of `requirePoint` and those of `signAsOperator`
 */
export async function draftDirective(
  root: RootCa,
  nodeId: string,
  { order, reason }: OrderRequest,
  by: SigningOperator,
): Promise<DirectiveView> {
  const generations = await readGenerations(root, nodeId);
  const waiting = await findWaiting(root, nodeId);
  if (waiting !== undefined)
    throw new RootError('DIRECTIVE_WAITS', { node: nodeId, sequence: waiting.sequence });
  const directives = generations.at(-1)?.directives;
  const [last, newest] = [directives?.last ?? 0, directives?.get(directives.last)];
  const directive: Directive = {
    nodeId,
    sequence: last + 1,
    previous: newest?.sha256 ?? null,
    issuedAt: root.now().toISOString(),
    reason,
    order,
  };
  requirePoint(generations, directive);
  const payload = payloadOf(directive);
  // As the node will read it.
  parseDirective(payload);
  await sign(root, nodeId, { sequence: last + 1, envelope: null, draft: null, signedAt: null }, payload, by);
  return showDirective(root, nodeId, last + 1);
}

/**
 * One more operator's signature under the directive that waits for it.
 * @param shown SHA-256 of what the person was shown: another has come in its place if it is not that
 * @throws RootError `NODE_UNKNOWN`, `NO_DIRECTIVE_WAITS`, `DIRECTIVE_CHANGED`, and those of `signAsOperator`
 */
export async function approveDirective(
  root: RootCa,
  nodeId: string,
  by: SigningOperator,
  shown?: string,
): Promise<DirectiveView> {
  const waiting = await requireWaiting(root, nodeId);
  const payload = payloadOfRow(waiting);
  if (shown !== undefined && sha256Hex(payload) !== shown)
    throw new RootError('DIRECTIVE_CHANGED', { node: nodeId, sequence: waiting.sequence });
  await sign(root, nodeId, waiting, payload, by);
  return showDirective(root, nodeId, waiting.sequence);
}

/**
 * Drops a draft. What was fully signed once may have been handed out, and stays.
 * @throws RootError `NODE_UNKNOWN`, `NO_DIRECTIVE_WAITS`, `DIRECTIVE_CHANGED`, `OPERATOR_NOT_TRUSTED`
 */
export async function discardDirective(root: RootCa, nodeId: string, operator: string): Promise<Directive> {
  requireOperator(await root.trust(), operator);
  const waiting = await requireWaiting(root, nodeId);
  if (waiting.envelope !== null) throw new RootError('NO_DIRECTIVE_WAITS', { node: nodeId });
  await root.store.transaction(async (tx) => {
    await requireUnchanged(tx, nodeId, waiting);
    await tx
      .deleteFrom('directives')
      .where('nodeId', '=', nodeId)
      .where('sequence', '=', waiting.sequence)
      .execute();
  });
  return parseDirective(payloadOfRow(waiting));
}

/** All directives for a node, oldest first. @throws RootError `NODE_UNKNOWN` */
export async function listDirectives(root: RootCa, nodeId: string): Promise<readonly DirectiveView[]> {
  return viewDirectives(root, await readGenerations(root, nodeId));
}

/**
 * @param sequence the one that waits for signatures if not given
 * @throws RootError `NODE_UNKNOWN`, `DIRECTIVE_UNKNOWN`, `NO_DIRECTIVE_WAITS`
 */
export async function showDirective(root: RootCa, nodeId: string, sequence?: number): Promise<DirectiveView> {
  const views = await listDirectives(root, nodeId);
  const wanted = sequence ?? (await requireWaiting(root, nodeId)).sequence;
  const view = views.find(({ directive }) => directive.sequence === wanted);
  if (view === undefined) throw new RootError('DIRECTIVE_UNKNOWN', { node: nodeId, sequence: wanted });
  return view;
}

/**
 * What is handed out to a node that has the directives up to `last`: those that follow, as far as operators of the trust
 * statement in force have signed them, because a node takes no others.
 */
export function directivesAfter(
  directives: DirectiveChain,
  last: number,
  trust: TrustStatement,
): readonly Buffer[] {
  const following = directives.documents.slice(last, last + MAX_DOCUMENTS).map(({ value, envelope }) => {
    return { sequence: value.sequence, envelope, draft: null, signedAt: null };
  });
  const end = following.findIndex((row) => !isSignedUnder(row, trust));
  return following.slice(0, end < 0 ? following.length : end).map(({ envelope }) => envelope);
}

/**
 * Re-checks what is being signed; what is fully signed is opened and held to its chain with each node.
 * @throws RootError `STORED_DIFFERS`; LedgerError `DOCUMENT_DAMAGED`
 */
export async function verifyDirectiveDrafts(root: RootCa, nodeId: string): Promise<void> {
  const statements = await root.trustStatements();
  for (const row of await readDirectiveRows(root.store.read, nodeId)) {
    const what = `directive ${String(row.sequence)} for ${nodeId}`;
    const { envelope, draft, signedAt, sequence } = row;
    const payload = await asStored(what, () => payloadOfRow(row));
    const value = await asStored(what, () => parseDirective(payload));
    const isDraftSound = await asStored(what, () => {
      if (draft === null) return envelope !== null;
      const of = { payloadType: DIRECTIVE_PAYLOAD_TYPE, envelope: draft };
      const same = payloadOfRow({ ...row, envelope: null }).equals(payload);
      return same && statements.some((statement) => signersOf(of, statement.value).length > 0);
    });
    const isPlaced = value.nodeId === nodeId && value.sequence === sequence;
    if (!isDraftSound || !isPlaced || (envelope === null) !== (signedAt === null))
      throw new RootError('STORED_DIFFERS', {
        what,
        reason: 'its place, its signatures, or when it had them',
      });
  }
}

/**
 * The directive that waits for signatures: the one that was drafted last, or one that the node has not acknowledged and
 * that was signed by operators whom the trust statement in force does not name any more.
 */
async function findWaiting(root: RootCa, nodeId: string): Promise<DirectiveRow | undefined> {
  const waiting = (await listDirectives(root, nodeId)).find(({ state }) => state === 'signing');
  const rows = await readDirectiveRows(root.store.read, nodeId);
  return rows.find(({ sequence }) => sequence === waiting?.directive.sequence);
}

/** @throws RootError `NO_DIRECTIVE_WAITS` */
async function requireWaiting(root: RootCa, nodeId: string): Promise<DirectiveRow> {
  const waiting = await findWaiting(root, nodeId);
  if (waiting === undefined) throw new RootError('NO_DIRECTIVE_WAITS', { node: nodeId });
  return waiting;
}

async function sign(
  root: RootCa,
  nodeId: string,
  row: DirectiveRow,
  payload: Buffer,
  { operator, pin }: SigningOperator,
): Promise<void> {
  const draft = { payloadType: DIRECTIVE_PAYLOAD_TYPE, payload, envelope: row.draft };
  const { envelope, trust, complete } = await signAsOperator(root, draft, operator, pin);
  const { sequence } = row;
  const signed = complete
    ? { envelope, draft: null, signedAt: row.signedAt ?? root.now().toISOString() }
    : { envelope: row.envelope, draft: envelope, signedAt: row.signedAt };
  await root.store.transaction(async (tx) => {
    await requireUnchanged(tx, nodeId, row);
    await requireInForce(tx, trust);
    await tx
      .insertInto('directives')
      .values({ nodeId, sequence, ...signed })
      .onConflict((conflict) => conflict.columns(['nodeId', 'sequence']).doUpdateSet(signed))
      .execute();
    // Signed anew, it is the same document.
    if (!complete || row.signedAt !== null) return;
    const document = { subject: nodeId, version: sequence, sha256: sha256Hex(payload) };
    await journalise(root, tx, documentEntry({ kind: 'directive', ...document }));
  });
}

/** Another operator may have signed, drafted or discarded since it was read. @throws RootError `DIRECTIVE_CHANGED` */
async function requireUnchanged(
  tx: Database<RootSchema>,
  nodeId: string,
  { sequence, envelope, draft }: DirectiveRow,
): Promise<void> {
  const now = (await readDirectiveRows(tx, nodeId)).find((row) => row.sequence === sequence);
  const same = sameBytes(now?.envelope ?? null, envelope) && sameBytes(now?.draft ?? null, draft);
  if (!same) throw new RootError('DIRECTIVE_CHANGED', { node: nodeId, sequence });
}

/** @throws RootError `DIRECTIVE_POINTLESS`, `CERTIFICATE_OF_OTHER_NODE`, `INVALIDITY_DATE_AHEAD` */
function requirePoint(
  generations: readonly { readonly epoch: number; readonly directives: DirectiveChain }[],
  value: Directive,
): void {
  const { nodeId: node, order, sequence, issuedAt: now } = value;
  if (order.kind === 'revoke') {
    const { serialNumber } = order;
    const epoch = placeOfSerialNumber(serialNumber)?.epoch;
    if (generations.every((one) => one.epoch !== epoch))
      throw new RootError('CERTIFICATE_OF_OTHER_NODE', { node, serialNumber });
    const { invalidityDate: since } = order;
    if (since !== undefined && since > now) throw new RootError('INVALIDITY_DATE_AHEAD', { since, now });
    return;
  }
  const payload = payloadOf(value);
  const document = { value, payload, sha256: sha256Hex(payload), envelope: Buffer.alloc(0) };
  const directives = generations.at(-1)?.directives;
  if (directives?.with(node, document).changesIssuance(sequence) === false)
    throw new RootError('DIRECTIVE_POINTLESS', { node, state: directives.issuance.state });
}
