/** The next version of a node's grant: drafted, looked at, signed by a threshold of operators each with their own token. */
import { GRANT_PAYLOAD_TYPE, openGrant, parseGrant, payloadOf, type Grant } from '../delegation';
import type { Problem } from '../errors';
import type { PinSource } from '../hsm';
import { asStored } from '../ledger';
import { RootError } from './errors';
import type { Difference } from './grantDifference';
import { editedTerms, type GrantEdit } from './grantEdit';
import { beyondCertificate, effectOf, type GrantEffect } from './grantEffect';
import { bundleFor, type IssuedGrant } from './granting';
import { readGenerations, type KnownNode } from './nodes';
import { requireInForce, sameBytes, signAsOperator, signersOf } from './operatorSignatures';
import type { RootCa } from './root';
import { keepDocument } from './rootJournal';

/** When a version is to take effect; a narrower one needs one of them to be chosen. */
export type WantedEffect =
  { readonly atOnce: true } | { readonly from: Date } | { readonly withNextKey: true };

export interface GrantDraft {
  readonly node: string;
  readonly draft: Grant;
  readonly effect: GrantEffect;
  /** It waits for the next CA key, whose grant and certificate are to be made from it. */
  readonly withNextKey: boolean;
  readonly signedBy: readonly string[];
  readonly threshold: number;
}

interface DraftRow {
  readonly nodeId: string;
  readonly draft: Buffer;
  readonly envelope: Buffer | null;
  readonly withNextKey: number;
}

/**
 * Drafts the next version and keeps it for signature, in the place of a draft that nobody has signed.
 * @throws ConfigError `CONFIG_INVALID`; RootError `NODE_UNKNOWN`, `GRANT_UNCHANGED`, `GRANT_NARROWS`,
 * `GRANT_BEYOND_CERTIFICATE`, `GRANT_EFFECT_PAST`, `GRANT_DRAFT_SIGNED`
 */
export async function draftUpdate(
  root: RootCa,
  node: string,
  edit: GrantEdit,
  wanted: WantedEffect | undefined,
): Promise<GrantDraft> {
  const generations = await readGenerations(root, node);
  const newest = newestOf(generations, node);
  const current = newest.grant;
  const now = root.now().toISOString();
  const effectiveFrom = wanted !== undefined && 'from' in wanted ? wanted.from.toISOString() : now;
  if (effectiveFrom < now) throw new RootError('GRANT_EFFECT_PAST', { effectiveFrom, now });
  const draft: Grant = {
    ...current.value,
    ...editedTerms(current.value, edit),
    version: current.value.version + 1,
    previous: current.sha256,
    issuedAt: now,
    effectiveFrom,
  };
  const effect = await effectOf(root, generations, draft);
  if (effect.differences.length === 0)
    throw new RootError('GRANT_UNCHANGED', { node, version: effect.against });
  const { caCertificate, grants } = newest.authority;
  const beyondOf = (grant: Grant) => beyondCertificate(grant, caCertificate);
  // What an earlier version allowed beyond it already is not this update's doing.
  const known = new Set([...grants.values()].flatMap(({ value }) => beyondOf(value).map(namedIn)));
  const beyond = beyondOf(draft).filter((problem) => !known.has(namedIn(problem)));
  const withNextKey = wanted !== undefined && 'withNextKey' in wanted;
  if (beyond.length > 0 && !withNextKey)
    throw new RootError('GRANT_BEYOND_CERTIFICATE', { node, count: beyond.length }, { problems: beyond });
  if (effect.narrows && wanted === undefined) {
    const problems = effect.differences.filter(({ narrows }) => narrows).map(asProblem);
    throw new RootError('GRANT_NARROWS', { node, count: problems.length }, { problems });
  }
  await root.store.transaction(async (tx) => {
    const waiting = await tx
      .selectFrom('grantDrafts')
      .select('envelope')
      .where('nodeId', '=', node)
      .executeTakeFirst();
    if (waiting !== undefined && waiting.envelope !== null)
      throw new RootError('GRANT_DRAFT_SIGNED', { node });
    const row = { nodeId: node, draft: payloadOf(draft), envelope: null, withNextKey: withNextKey ? 1 : 0 };
    await tx
      .insertInto('grantDrafts')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('nodeId').doUpdateSet({ draft: row.draft, withNextKey: row.withNextKey }),
      )
      .execute();
  });
  const { threshold } = (await root.trust()).value;
  return { node, draft, effect, withNextKey, signedBy: [], threshold };
}

function namedIn({ where, found }: Problem): string {
  return `${where} ${found}`;
}

function asProblem({ where, before, after }: Difference) {
  return { code: 'OUTSIDE_GRANT', where, found: after, allowed: before } as const;
}

function newestOf(generations: readonly KnownNode[], node: string): KnownNode {
  const newest = generations.at(-1);
  if (newest === undefined) throw new RootError('NODE_UNKNOWN', { node });
  return newest;
}

/** The draft that waits, and what it would do by now. @throws RootError `NODE_UNKNOWN`, `GRANT_NO_DRAFT`, `STORED_DIFFERS` */
export async function viewUpdate(root: RootCa, node: string): Promise<GrantDraft> {
  const generations = await readGenerations(root, node);
  const row = await readDraft(root, node);
  const draft = parseGrant(row.draft);
  const trust = (await root.trust()).value;
  const signedBy = signersOf({ payloadType: GRANT_PAYLOAD_TYPE, envelope: row.envelope }, trust);
  const effect = await effectOf(root, generations, draft);
  return { node, draft, effect, withNextKey: row.withNextKey !== 0, signedBy, threshold: trust.threshold };
}

export interface SignedUpdate {
  readonly signedBy: readonly string[];
  readonly threshold: number;
  readonly draft: Grant;
  /** Once enough have signed: the version, which the node gets with its next exchange, and its bundle for the way by file. */
  readonly issued?: IssuedGrant;
}

/**
 * One operator's signature under the draft; the last one that is needed makes it the newest version.
 * @param shown what the person was shown: another draft has taken its place if it is not that
 * @throws RootError `GRANT_NO_DRAFT`, `GRANT_DRAFT_WITH_NEXT_KEY`, `GRANT_DRAFT_STALE`, `GRANT_DRAFT_LATE`, `GRANT_DRAFT_CHANGED`,
 * `OPERATOR_NOT_TRUSTED`; EnvelopeError `ALREADY_SIGNED`; HsmError
 */
export async function signUpdate(
  root: RootCa,
  node: string,
  operator: string,
  pin: PinSource | undefined,
  shown?: Grant,
): Promise<SignedUpdate> {
  const newest = newestOf(await readGenerations(root, node), node);
  const row = await readDraft(root, node);
  const draft = parseGrant(row.draft);
  if (shown !== undefined && !payloadOf(shown).equals(row.draft))
    throw new RootError('GRANT_DRAFT_CHANGED', { node });
  if (row.withNextKey !== 0) throw new RootError('GRANT_DRAFT_WITH_NEXT_KEY', { node });
  requireCurrent(root, newest, draft);
  const payloadType = GRANT_PAYLOAD_TYPE;
  const unsigned = { payloadType, payload: row.draft, envelope: row.envelope };
  const { envelope, by: signedBy, trust, complete } = await signAsOperator(root, unsigned, operator, pin);
  const signed = complete ? openGrant(envelope, trust.value) : undefined;
  await root.store.transaction(async (tx) => {
    // Another operator may have signed since it was read, or another draft taken its place.
    const current = await tx
      .selectFrom('grantDrafts')
      .select(['draft', 'envelope'])
      .where('nodeId', '=', node)
      .executeTakeFirst();
    if (!sameBytes(current?.draft ?? null, row.draft) || !sameBytes(current?.envelope ?? null, row.envelope))
      throw new RootError('GRANT_DRAFT_CHANGED', { node });
    await requireInForce(tx, trust);
    if (signed === undefined) {
      await tx.updateTable('grantDrafts').set({ envelope }).where('nodeId', '=', node).execute();
      return;
    }
    const { sha256, value } = signed;
    const document = { subject: node, version: value.version, sha256, bytes: envelope };
    await keepDocument(root, tx, { kind: 'grant', ...document });
    await tx.deleteFrom('grantDrafts').where('nodeId', '=', node).execute();
  });
  const { threshold } = trust.value;
  return { signedBy, threshold, draft, ...(signed && { issued: await bundleFor(root, signed) }) };
}

/** A draft follows the newest version, and gives a grace that has not run out while operators were asked. */
function requireCurrent(root: RootCa, { nodeId, grant }: KnownNode, draft: Grant): void {
  if (draft.previous !== grant.sha256)
    throw new RootError('GRANT_DRAFT_STALE', { node: nodeId, version: grant.value.version });
  const { effectiveFrom, issuedAt } = draft;
  if (effectiveFrom > issuedAt && effectiveFrom <= root.now().toISOString())
    throw new RootError('GRANT_DRAFT_LATE', { node: nodeId, effectiveFrom });
}

/** Takes the waiting draft back, whoever has signed it. @throws RootError `GRANT_NO_DRAFT` */
export async function discardUpdate(root: RootCa, node: string): Promise<void> {
  await readDraft(root, node);
  await root.store.transaction((tx) => tx.deleteFrom('grantDrafts').where('nodeId', '=', node).execute());
}

/** The bundle of the newest version, for the way by file. @throws RootError `NODE_UNKNOWN` */
export async function newestBundle(root: RootCa, node: string): Promise<IssuedGrant> {
  const { grant } = newestOf(await readGenerations(root, node), node);
  return bundleFor(root, grant);
}

/** Re-checks the drafts that wait: each must be one, and signed by operators of some statement. @returns how many */
export async function verifyDrafts(root: RootCa): Promise<number> {
  const rows = await root.store.read.selectFrom('grantDrafts').selectAll().execute();
  for (const { nodeId, draft } of rows) {
    const what = `grant draft of ${nodeId}`;
    const value = await asStored(what, () => parseGrant(draft));
    if (value.nodeId !== nodeId)
      throw new RootError('STORED_DIFFERS', { what, reason: `it is for ${value.nodeId}` });
  }
  return rows.length;
}

async function readDraft(root: RootCa, node: string): Promise<DraftRow> {
  const row = await root.store.read
    .selectFrom('grantDrafts')
    .selectAll()
    .where('nodeId', '=', node)
    .executeTakeFirst();
  if (row === undefined) throw new RootError('GRANT_NO_DRAFT', { node });
  return row;
}
