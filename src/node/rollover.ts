/** Rolling over the CA key, up to its certificate: the next key, its application, and how far it has come. */
import type { Application, SuccessorApplication } from '../delegation';
import { requireFits } from '../hsm';
import { makeKey } from '../keyring';
import { findJournal } from '../ledger';
import { sha256Hex, type KeyAlgorithm, type SignatureAlgorithm } from '../signer';
import { sealApplication, type MadeApplication } from './application';
import { requireNoCeremony, requireSealedCeremony } from './ceremony';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import { lifeOf, newestCrlEntry, type Lifetime } from './lifetime';
import { caRole, keyLabel, type SubCaNode } from './node';
import { epochToMake, nextKey, pendingKey, type NextKey } from './nextKey';
import { lossOf } from './quarantine';
import { newestReceipt } from './syncClient';

export interface NextKeyOptions {
  /** The generation of the pending key, which is lost: one of the generation after it is made, and takes its place. */
  readonly replace?: number | undefined;
  /** Default: the type of the key in use. */
  readonly caKey?: KeyAlgorithm | undefined;
  /** Default: as the key in use, if it is of the same type, or else as the type usually does. */
  readonly caSignature?: SignatureAlgorithm | undefined;
}

/**
 * Makes the next CA key beside the one in use, or finishes one whose making was cut off.
 * @throws NodeError `NOT_ACTIVATED`, `ROLLOVER_PENDING`, `ROLLOVER_LAST`, `ROLLOVER_NOT_BEGUN`, `ROLLOVER_BY_CEREMONY`, `QUARANTINED`;
 * HsmError `SIGNATURE_NOT_FOR_KEY`, HsmError
 */
export async function beginRollover(node: SubCaNode, options: NextKeyOptions = {}): Promise<NextKey> {
  const delegation = await node.delegation();
  const epoch = await epochToMake(node, delegation, options.replace);
  requireNoCeremony(node, epoch);
  const inUse = delegation.caCertificate.tbs.publicKey.algorithm;
  const { caKey = inUse } = options;
  const { caSignature = caKey === inUse ? delegation.grant.value.keys.caSignature : undefined } = options;
  if (caSignature !== undefined) requireFits(caKey, caSignature);
  const wanted = {
    role: caRole(epoch),
    label: keyLabel(node.config.node, 'ca', epoch),
    tokenLabel: node.tokenOf(caRole(epoch)),
    algorithm: caKey,
    signatureAlgorithm: caSignature,
  };
  return nextKey(epoch, await makeKey(node.store, node.tokens, wanted, node.pinOf(wanted.tokenLabel)));
}

/**
 * The application for the next CA key under the grant in force; may be made again.
 * @throws NodeError `NOT_ACTIVATED`, `ROLLOVER_NOT_BEGUN`, `CEREMONY_NOT_SEALED`; HsmError
 */
export async function applyForSuccession(
  node: SubCaNode,
  software: Application['software'],
): Promise<MadeApplication<SuccessorApplication>> {
  const delegation = await node.delegation();
  const pending = await pendingKey(node, delegation);
  if (pending === undefined) throw new NodeError('ROLLOVER_NOT_BEGUN', { epoch: delegation.epoch + 1 });
  const { epoch } = pending;
  await requireSealedCeremony(node, caRole(epoch));
  const { grantId, version } = delegation.grant.value;
  const succeeds = { grantId, version, sha256: delegation.grant.sha256 };
  const replaces = await lostBefore(node, epoch, delegation);
  return sealApplication(node, epoch, software, { epoch, succeeds, ...(replaces && { replaces }) });
}

/** The key in whose place the pending one is; the root may have certified it or not. */
async function lostBefore(
  node: SubCaNode,
  pending: number,
  inUse: Delegation,
): Promise<SuccessorApplication['replaces']> {
  const epoch = pending - 1;
  if (epoch === inUse.epoch) return undefined;
  return { epoch, caSpkiSha256: sha256Hex((await node.key(caRole(epoch))).spki) };
}

export interface GenerationStatus {
  readonly epoch: number;
  /** lost: as closing, though no next key has taken over; what was issued before a loss is unknown (`HISTORY_LOST`). */
  readonly state: Lifetime['state'] | 'lost';
  readonly origin: string;
  readonly entries: number;
  /** Entries of its journal that the root has confirmed. */
  readonly confirmed: number;
  /** Hexadecimal SHA-256 of the CA certificate. */
  readonly caCertificate: string;
  readonly notAfter: string;
  /** Of a key that is succeeded: when its last certificate ends; null if it has none. */
  readonly lastNotAfter: string | null;
  readonly crl: { readonly number: number; readonly nextUpdate: string } | null;
}

/** idle: one key issues and none waits; pending: the next one is made and has no certificate yet. */
export interface RolloverStatus {
  readonly state: 'idle' | 'pending';
  readonly pending: NextKey | null;
  /** Oldest first; the last one issues, unless its history is lost. */
  readonly generations: readonly GenerationStatus[];
}

/** @throws NodeError `NOT_ACTIVATED` */
export async function rolloverStatus(node: SubCaNode): Promise<RolloverStatus> {
  const delegation = await node.delegation();
  const pending = (await pendingKey(node, delegation)) ?? null;
  const generations: GenerationStatus[] = [];
  for (const generation of delegation.generations) {
    const { epoch, origin, caCertificate } = generation;
    const { state, lastNotAfter } = await lifeOf(node, generation);
    const isLost = state === 'issuing' && (await lossOf(node, origin)) !== undefined;
    const crl = await newestCrlEntry(node, generation);
    generations.push({
      epoch,
      state: isLost ? 'lost' : state,
      origin,
      entries: (await findJournal(node.read, origin))?.state.size ?? 0,
      confirmed: (await newestReceipt(node, generation))?.size ?? 0,
      caCertificate: caCertificate.sha256,
      notAfter: caCertificate.tbs.notAfter.toISOString(),
      lastNotAfter: lastNotAfter?.toISOString() ?? null,
      crl: crl ? { number: crl.number, nextUpdate: crl.nextUpdate } : null,
    });
  }
  return { state: pending === null ? 'idle' : 'pending', pending, generations };
}
