/** Step 6 of issuance: intents whose process died are abandoned, never signed again. */
import { tryLock } from '../db';
import { parseOrigin } from '../journal';
import { abandon } from './issuance';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';

/**
 * Abandons every intent whose owner is dead; those of living processes are left alone.
 * @returns how many: their serial numbers must go on a CRL
 */
export async function abandonOrphans(node: SubCaNode, journal: JournalWriter): Promise<number> {
  const owners = await node.store.read.selectFrom('reservations').select('owner').distinct().execute();
  let abandoned = 0;
  for (const { owner } of owners) {
    // Holding a dead owner's lock keeps two recoverers from closing the same intents.
    const claimed = await tryLock(node.paths.run, owner);
    if (claimed === undefined) continue;
    try {
      const orphans = await node.store.read
        .selectFrom('reservations')
        .innerJoin('journals', 'journals.id', 'reservations.journal')
        .select(['journals.origin', 'intentIndex'])
        .where('owner', '=', owner)
        .orderBy('intentIndex')
        .execute();
      // Asked for together, they share a transaction.
      await Promise.all(
        orphans.map(({ origin, intentIndex }) => abandon(journal, parseOrigin(origin).epoch, intentIndex)),
      );
      abandoned += orphans.length;
    } finally {
      await claimed.release();
    }
  }
  if (abandoned > 0) node.surroundings.logger.warn({ abandoned }, 'abandoned intents of a process that died');
  return abandoned;
}
