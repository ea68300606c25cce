/** The CA key that is to follow the one in use: which there is, and which may be made. */
import { epochOfNextKey } from '../ceremony';
import { readKeys, type StoredKey } from '../db';
import { sha256Hex, type SignatureAlgorithm } from '../signer';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';
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

/** The next CA key, if it is made and not in use yet: the newest, where those before it were lost. */
export async function pendingKey(node: SubCaNode, { epoch }: Delegation): Promise<NextKey | undefined> {
  const keys = await readKeys(node.read);
  return keys
    .map((key) => nextKey(epochOfNextKey(key.role) ?? 1, key))
    .filter((key) => key.epoch > epoch)
    .toSorted((a, b) => a.epoch - b.epoch)
    .at(-1);
}

/**
 * The epoch of which a next CA key may be made now.
 * @param replaces the generation of the pending key, if that was lost
 * @throws NodeError `ROLLOVER_LAST`, `ROLLOVER_PENDING`, `ROLLOVER_NOT_BEGUN`, `QUARANTINED`
 */
export async function epochToMake(
  node: SubCaNode,
  delegation: Delegation,
  replaces: number | undefined,
): Promise<number> {
  const pending = await pendingKey(node, delegation);
  if (pending === undefined && replaces !== undefined)
    throw new NodeError('ROLLOVER_NOT_BEGUN', { epoch: replaces });
  if (pending !== undefined && pending.epoch !== replaces)
    throw new NodeError('ROLLOVER_PENDING', { epoch: pending.epoch });
  const last = pending?.epoch ?? delegation.epoch;
  if (last >= LAST_EPOCH) throw new NodeError('ROLLOVER_LAST', { epoch: last });
  await requireNotQuarantined(node);
  return last + 1;
}
