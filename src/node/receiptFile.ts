/**
 * The newest receipt of each journal, kept once more outside the database: beside it and beside the mirror. A database
 * that is behind it was put back to an old copy, and is quarantined before it does anything.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileBounded, writeFileDurably } from '../config';
import { openAccepted, registryKey } from '../delegation';
import { decodeBase64 } from '../encoding';
import { isCodedError } from '../errors';
import { readJournal } from '../ledger';
import { openReceipt, type Receipt } from '../sync';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';
import { quarantine } from './quarantine';

/** A receipt for each of 127 CA keys. */
const MAX = 512 * 1024;

/** By origin, the envelope in base64. */
const keptSchema = z.record(z.string(), z.string());

function files({ paths, config, mirror }: SubCaNode): readonly string[] {
  const beside = mirror === undefined ? [] : [join(mirror.folder, `${config.node}-receipts.json`)];
  return [join(paths.directory, 'receipts.json'), ...beside];
}

/** Writes what the root said last of each journal; where it cannot be written, the database still has it. */
export async function keepReceipts(node: SubCaNode): Promise<void> {
  const kept: Record<string, string> = {};
  for (const { id, origin } of await node.read.selectFrom('journals').select(['id', 'origin']).execute()) {
    const newest = await node.store.read
      .selectFrom('receipts')
      .select('envelope')
      .where('journal', '=', id)
      .orderBy('time', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (newest !== undefined) kept[origin] = newest.envelope.toString('base64');
  }
  for (const file of files(node)) {
    try {
      await writeFileDurably(file, `${JSON.stringify(kept)}\n`, 0o600);
    } catch (error) {
      node.surroundings.logger.warn({ err: error }, 'the newest receipt is kept in the database alone');
    }
  }
}

/** Quarantines every journal that is behind a kept receipt. */
export async function holdToReceipts(node: SubCaNode): Promise<void> {
  const delegation = await node.findDelegation();
  if (delegation === undefined) return;
  for (const file of files(node)) {
    if (!existsSync(file)) continue;
    for (const receipt of await readKept(node, delegation, file)) {
      const { id, state } = await readJournal(node.read, receipt.origin);
      // Whether the entries are the same is for sync and verify to say: a damaged tree must not stop revocation here.
      if (receipt.size <= state.size) continue;
      const error = new NodeError('RECEIPT_AHEAD', { size: receipt.size, own: state.size });
      node.surroundings.logger.error({ code: error.code, file }, 'quarantined');
      await quarantine(node, id, error, receipt.time);
    }
  }
}

/** What cannot be read, or is signed by a key that this database does not know, proves nothing: the next sync replaces it. */
async function readKept(
  node: SubCaNode,
  { generations, trustStatements }: Delegation,
  file: string,
): Promise<readonly Receipt[]> {
  try {
    const kept = keptSchema.parse(JSON.parse((await readFileBounded(file, MAX)).toString('utf8')));
    return generations.flatMap(({ origin }) => {
      const envelope = decodeBase64(kept[origin] ?? '');
      if (envelope === undefined || envelope.length === 0) return [];
      const receipt = openAccepted(trustStatements, (trust) => openReceipt(envelope, registryKey(trust)));
      return receipt.origin === origin ? [receipt] : [];
    });
  } catch (error) {
    if (!isCodedError(error) && !(error instanceof SyntaxError) && !(error instanceof z.ZodError))
      throw error;
    node.surroundings.logger.warn({ err: error, file }, 'a kept receipt cannot be read');
    return [];
  }
}
