/**
 * Quarantine: a node whose journal is not the one the root holds, or to which orders do not come as they were given, keeps
 * publishing, and issues nothing.
 */
import type { CodedError } from '../errors';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/** Notes the contradiction, so that every later command knows of it. */
export async function quarantine(node: SubCaNode, journal: number, cause: CodedError): Promise<void> {
  const row = { journal, code: cause.code, reason: cause.message, since: node.now().toISOString() };
  await node.store.transaction((tx) =>
    tx
      .insertInto('quarantine')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

/** @throws NodeError `QUARANTINED` */
export async function requireNotQuarantined(node: SubCaNode): Promise<void> {
  const row = await node.store.read.selectFrom('quarantine').selectAll().executeTakeFirst();
  if (row !== undefined) throw new NodeError('QUARANTINED', { since: row.since, reason: row.reason });
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
}

/** The last loss that a journal had. */
export async function lossOf(node: SubCaNode, origin: string): Promise<Loss | undefined> {
  return node.store.read
    .selectFrom('recoveries')
    .innerJoin('journals', 'journals.id', 'recoveries.journal')
    .select(['recoveries.size', 'recoveries.time', 'recoveries.crlNumber'])
    .where('journals.origin', '=', origin)
    .orderBy('recoveries.size', 'desc')
    .executeTakeFirst();
}

/** The root and this node agree again on that journal. */
export async function endQuarantine(node: SubCaNode, journal: number): Promise<void> {
  const row = await node.store.read
    .selectFrom('quarantine')
    .select('code')
    .where('journal', '=', journal)
    .executeTakeFirst();
  if (row === undefined) return;
  await node.store.transaction((tx) => tx.deleteFrom('quarantine').where('journal', '=', journal).execute());
}
