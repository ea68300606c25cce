/** Opening a node for work: what stands outside its database is compared with it first. */
import type { PinSource } from '../hsm';
import type { Surroundings } from '../surroundings';
import { followMirror } from './mirroring';
import { SubCaNode } from './node';
import { holdToReceipts } from './receiptFile';

/**
 * As `SubCaNode.open`; a database that is behind its mirror or the newest receipt is quarantined, and a mirror that is
 * behind is caught up.
 */
export async function openNode(
  directory: string,
  surroundings: Surroundings,
  pin?: PinSource,
): Promise<SubCaNode> {
  const node = await SubCaNode.open(directory, surroundings, pin);
  try {
    await followMirror(node);
    await holdToReceipts(node);
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}
