/** Which trust statement is in force, what the next one would change, and how far the nodes have come with it. */
import type { SignedDocument, TrustStatement } from '../delegation';
import { RootError } from './errors';
import { readGenerations, type KnownNode } from './nodes';
import { openStatus } from './registry';
import type { RootCa } from './root';
import { nextTrust } from './trust';
import type { TrustDifference } from './trustDifferences';

export interface NodeTrust {
  readonly node: string;
  /** Version of the newest statement it had when it last reported; null if it never did. */
  readonly version: number | null;
  /** When it last reported, by the root's clock. */
  readonly lastContact: string | null;
  readonly caughtUp: boolean;
}

export interface TrustStanding {
  readonly trust: SignedDocument<TrustStatement>;
  /** Whether it is valid still: under one that has ended, nothing is approved, granted or taken. */
  readonly valid: boolean;
  /** What has been changed since it was signed and takes effect with the next one. */
  readonly pending: readonly TrustDifference[];
  readonly nodes: readonly NodeTrust[];
}

/** @throws RootError `NO_TRUST_STATEMENT`, `STORED_DIFFERS` */
export async function trustStanding(root: RootCa): Promise<TrustStanding> {
  const trust = await root.trust();
  const { version, validUntil } = trust.value;
  const { differences } = await nextTrust(root, { validDays: 1 });
  return {
    trust,
    valid: Date.parse(validUntil) > root.now().getTime(),
    pending: differences,
    nodes: await nodeTrusts(root, version),
  };
}

async function nodeTrusts(root: RootCa, inForce: number): Promise<readonly NodeTrust[]> {
  const rows = await root.store.read
    .selectFrom('nodes')
    .select(['nodeId', 'epoch', 'status', 'lastContact'])
    .orderBy('nodeId')
    .orderBy('epoch')
    .execute();
  const nodes = new Map<string, NodeTrust>();
  for (const { nodeId, epoch, status, lastContact } of rows) {
    const before = nodes.get(nodeId) ?? { node: nodeId, version: null, lastContact: null, caughtUp: false };
    nodes.set(nodeId, before);
    if (status === null || lastContact === null) continue;
    const { trustVersion } = openStatus(status, await generationOf(root, nodeId, epoch));
    // Each of its journals brings a status; it never goes back to an older statement.
    const version = Math.max(before.version ?? 0, trustVersion);
    const latest = [before.lastContact ?? '', lastContact].sort().at(-1) ?? lastContact;
    nodes.set(nodeId, { node: nodeId, version, lastContact: latest, caughtUp: version >= inForce });
  }
  return [...nodes.values()];
}

async function generationOf(root: RootCa, nodeId: string, epoch: number): Promise<KnownNode> {
  const found = (await readGenerations(root, nodeId)).find((one) => one.epoch === epoch);
  if (found === undefined) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  return found;
}
