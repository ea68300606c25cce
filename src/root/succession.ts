/** What an application for the next CA key follows, and which certified keys, lost before they were opened, it replaces. */
import { commonTables, type CommonSchema, type Database, type RootSchema } from '../db';
import type { SuccessorApplication } from '../delegation';
import { readJournal } from '../ledger';
import { markRevoked } from './certificates';
import { RootError } from './errors';
import { readGenerations, type KnownNode } from './nodes';
import type { RootCa } from './root';

export interface Succession {
  /** The CA key in use at the node. */
  readonly follows: KnownNode;
  /** Certified after it, oldest first; mostly none. */
  readonly replaced: readonly KnownNode[];
  /** Certified last: the one in use, or the last that is replaced. */
  readonly newest: KnownNode;
  /** All that were ever certified, oldest first. */
  readonly generations: readonly KnownNode[];
}

/** @throws RootError `NODE_UNKNOWN`, `GRANT_NOT_CURRENT`, `KEY_OPENED` */
export async function successionOf(
  root: RootCa,
  { nodeId, succeeds, replaces }: SuccessorApplication,
): Promise<Succession> {
  const generations = await readGenerations(root, nodeId);
  const newest = generations.at(-1);
  if (newest === undefined) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  const inForce = generations.filter(({ isReplaced }) => !isReplaced);
  // Without a word of one that is lost, only the newest can be followed.
  const follows = (replaces === undefined ? [newest] : inForce).find(
    ({ grant }) => grant.sha256 === succeeds.sha256,
  );
  if (follows === undefined) {
    const { version } = newest.grant.value;
    throw new RootError('GRANT_NOT_CURRENT', { node: nodeId, found: succeeds.version, version });
  }
  const replaced = inForce.filter(({ epoch }) => epoch > follows.epoch);
  for (const lost of replaced) await requireUnopened(root.read, lost);
  return { follows, replaced, newest, generations };
}

/** @throws RootError `KEY_OPENED` */
async function requireUnopened(
  db: Database<CommonSchema>,
  { nodeId, epoch, origin }: KnownNode,
): Promise<void> {
  const { size } = (await readJournal(db, origin)).state;
  if (size > 0) throw new RootError('KEY_OPENED', { node: nodeId, epoch, entries: size });
}

/**
 * Gives up keys in the transaction that records the one in their place, so that no submission opens one meanwhile. The
 * certificates that the root has issued for them go on its next CRL.
 * @throws RootError `KEY_OPENED`
 */
export async function giveUp(
  root: RootCa,
  tx: Database<RootSchema>,
  replaced: readonly KnownNode[],
): Promise<void> {
  for (const lost of replaced) {
    await requireUnopened(commonTables(tx), lost);
    // RFC 5280, section 5.3.1: replaced, and no sign that anybody else has the key.
    await markRevoked(root, tx, lost.authority.caCertificate.tbs.serialNumber, 'superseded');
  }
}
