/** The CA key that is to follow the one in use: which there is, and which may be made. */
import { readKey, type StoredKey } from '../db';
import { sha256Hex, type SignatureAlgorithm } from '../signer';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import { caRole, type SubCaNode } from './node';
import { requireNotQuarantined } from './quarantine';

/** The first octet of a serial number names the epoch. */
const LAST_EPOCH = 0x7f;

export interface NextKey {
  readonly epoch: number;
  readonly label: string;
  readonly algorithm: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly spkiSha256: string;
}

export function nextKey(epoch: number, { label, algorithm, signatureAlgorithm, spki }: StoredKey): NextKey {
  return { epoch, label, algorithm, signatureAlgorithm, spkiSha256: sha256Hex(spki) };
}

/** The next CA key, if it is made and not in use yet. */
export async function pendingKey(node: SubCaNode, { epoch }: Delegation): Promise<NextKey | undefined> {
  const key = await readKey(node.read, caRole(epoch + 1));
  return key && nextKey(epoch + 1, key);
}

/**
 * The epoch of which a next CA key may be made now.
 * @throws NodeError `ROLLOVER_LAST`, `ROLLOVER_PENDING`, `QUARANTINED`
 */
export async function epochToMake(node: SubCaNode, delegation: Delegation): Promise<number> {
  const epoch = delegation.epoch + 1;
  if (epoch > LAST_EPOCH) throw new NodeError('ROLLOVER_LAST', { epoch: delegation.epoch });
  if ((await pendingKey(node, delegation)) !== undefined) throw new NodeError('ROLLOVER_PENDING', { epoch });
  await requireNotQuarantined(node);
  return epoch;
}
