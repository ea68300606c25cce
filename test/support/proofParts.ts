/** The parts of a proof made by hand, over soft keys: of a journal that a test can make lie. */
import { encodeProof, type ProofParts } from '../../src/proof';
import { payloadOf, type Grant } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import {
  appendLeaves,
  EMPTY_TREE,
  encodeEntry,
  inclusionProof,
  leafHash,
  rootHash,
  signCheckpoint,
  type Entry,
} from '../../src/journal';
import { RECEIPT_PAYLOAD_TYPE, type Receipt } from '../../src/sync';
import { assembleCertificate } from '../../src/x509';
import { grantOf, leafDer, NOW, ORIGIN, sealGrant, type LeafChanges, type World } from './delegationFixture';

export interface Lies {
  readonly leaf?: LeafChanges;
  readonly issued?: Partial<Extract<Entry, { type: 'issued' }>>;
  readonly receipt?: Partial<Receipt>;
  /** Of what the node signs. */
  readonly checkpoint?: { readonly origin?: string; readonly size?: number; readonly rootHash?: Buffer };
  readonly grant?: Partial<Grant>;
  readonly parts?: Partial<ProofParts>;
}

/** The intent stands at index 2, its signature at 3, of seven entries. */
export async function proofParts(world: World, lies: Lies = {}): Promise<ProofParts> {
  const time = NOW.toISOString();
  const tbs = leafDer(world, lies.leaf);
  const signature = await world.subCa.signer.sign(tbs);
  const filler: Entry = { type: 'abandoned', time, intent: 0 };
  const entries: readonly Entry[] = [
    filler,
    filler,
    {
      type: 'intent',
      time,
      service: 'issue',
      profile: 'individual',
      request: 'ab'.repeat(32),
      tbs: tbs.toString('base64'),
    },
    { type: 'issued', time, intent: 2, signature: signature.toString('base64'), ...lies.issued },
    filler,
    filler,
    filler,
  ];
  const bytes = entries.map(encodeEntry);
  const { head, nodes } = appendLeaves(EMPTY_TREE, bytes.map(leafHash));
  const [size, root] = [head.size, rootHash(head)];
  const prove = async (index: number) => ({
    index,
    bytes: bytes[index] as Buffer,
    auditPath: await inclusionProof(index, size, async (wanted) =>
      wanted.map(
        (one) => nodes.find(({ level, index: at }) => level === one.level && at === one.index)!.hash,
      ),
    ),
  });
  const receipt: Receipt = {
    origin: ORIGIN,
    size,
    rootHash: root.toString('hex'),
    time,
    findings: 0,
    ...lies.receipt,
  };
  const checkpoint = { origin: ORIGIN, size, rootHash: root, ...lies.checkpoint };
  return {
    certificate: assembleCertificate(tbs, world.subCa.signer.algorithm, signature),
    intent: await prove(2),
    issued: await prove(3),
    checkpoint: await signCheckpoint(checkpoint, { name: checkpoint.origin, signer: world.journal }),
    receipt: await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), [world.registry]),
    grant: await sealGrant(world, grantOf(world, lies.grant)),
    trustStatements: [world.trust.envelope],
    caCertificate: world.subCa.certificate.der,
    rootCertificate: world.root.certificate.der,
    ...lies.parts,
  };
}

export const proofOf = async (world: World, lies?: Lies): Promise<Buffer> =>
  encodeProof(await proofParts(world, lies));
