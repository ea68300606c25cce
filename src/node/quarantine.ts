/**
 * Quarantine: a node whose journal is not the one the root holds, or to which orders do not come as they were given, keeps
 * publishing, and issues nothing.
 */
import type { Database, NodeSchema, QuarantineTable } from '../db';
import type { CodedError } from '../errors';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/** The contradictions between a mirror and its database. */
export const MIRROR_CODES: readonly string[] = ['MIRROR_AHEAD', 'MIRROR_DIFFERS'];

/**
 * Notes the contradiction, so that every later command knows of it.
 * @param receiptTime of the receipt it came with; null if it came with none
 */
export async function quarantine(
  node: SubCaNode,
  journal: number,
  cause: CodedError,
  receiptTime: string | null,
): Promise<void> {
  const row = { journal, ...reasonsOf(cause), since: node.now().toISOString(), receiptTime };
  await node.store.transaction((tx) =>
    tx
      .insertInto('quarantine')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

/** What is kept of a contradiction: whoever is refused by it may read either language. */
export function reasonsOf(cause: CodedError): Pick<QuarantineTable, 'code' | 'reason' | 'reasonVi'> {
  return { code: cause.code, reason: cause.message, reasonVi: cause.inLang('vi') };
}

/** The contradictions that stand, oldest first. */
export async function quarantinesOf(
  node: SubCaNode,
): Promise<readonly Pick<QuarantineTable, 'code' | 'since' | 'reason' | 'reasonVi'>[]> {
  return node.store.read
    .selectFrom('quarantine')
    .select(['code', 'since', 'reason', 'reasonVi'])
    .orderBy('since')
    .execute();
}

/** @throws NodeError `QUARANTINED` */
export async function requireNotQuarantined(node: SubCaNode): Promise<void> {
  const [row] = await quarantinesOf(node);
  if (row !== undefined) throw new NodeError('QUARANTINED', row);
}

/**
 * After a loss nobody knows what was issued between the root's last copy and the loss, so that the CA key that issued
 * it gives out nothing more: the next one does.
 * @throws NodeError `HISTORY_LOST`
 */
export async function requireWholeHistory(node: SubCaNode): Promise<void> {
  const lost = await lossOf(node, (await node.delegation()).origin);
  if (lost !== undefined) throw new NodeError('HISTORY_LOST', lost);
}

export interface Loss {
  /** Entries the journal had when it was put right. */
  readonly size: number;
  readonly time: string;
  readonly crlNumber: number;
  /** Serial numbers of certificates that no journal records any more. */
  readonly unrecorded: readonly string[];
}

/** The last loss of a journal after which something stays unknown. */
export async function lossOf(node: SubCaNode, origin: string): Promise<Loss | undefined> {
  const row = await recoveriesOf(node, origin).where('recoveries.complete', '=', 0).executeTakeFirst();
  return row && { ...row, unrecorded: JSON.parse(row.unrecorded) as string[] };
}

/** Number of the newest CRL that a journal told of when it was last put right. */
export async function recoveredCrlNumber(node: SubCaNode, origin: string): Promise<number | undefined> {
  return (await recoveriesOf(node, origin).executeTakeFirst())?.crlNumber;
}

/** The newest one. */
function recoveriesOf(node: SubCaNode, origin: string) {
  return node.store.read
    .selectFrom('recoveries')
    .innerJoin('journals', 'journals.id', 'recoveries.journal')
    .select(['recoveries.size', 'recoveries.time', 'recoveries.crlNumber', 'recoveries.unrecorded'])
    .where('journals.origin', '=', origin)
    .orderBy('recoveries.size', 'desc')
    .limit(1);
}

/** The root and this node agree again on that journal, by a receipt later than the one that said they do not. */
export async function endQuarantine(node: SubCaNode, journal: number, receiptTime: string): Promise<void> {
  const row = await node.store.read
    .selectFrom('quarantine')
    .select('code')
    .where('journal', '=', journal)
    .executeTakeFirst();
  if (row !== undefined) await node.store.transaction((tx) => liftQuarantine(tx, journal, receiptTime));
}

/** As `endQuarantine`, in the caller's transaction. What the mirror says the root may not know: it is not lifted by it. */
export async function liftQuarantine(
  tx: Database<NodeSchema>,
  journal: number,
  receiptTime: string,
): Promise<void> {
  await tx
    .deleteFrom('quarantine')
    .where('journal', '=', journal)
    .where('code', 'not in', MIRROR_CODES)
    .where((row) => row.or([row('receiptTime', 'is', null), row('receiptTime', '<', receiptTime)]))
    .execute();
}

/** The mirror and the database hold the same again. */
export async function liftMirrorQuarantine(tx: Database<NodeSchema>, journal: number): Promise<void> {
  await tx
    .deleteFrom('quarantine')
    .where('journal', '=', journal)
    .where('code', 'in', MIRROR_CODES)
    .execute();
}
