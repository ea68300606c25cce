/** Revoking a node's CA certificate: the last resort, which ends every certificate under it at once. */
import { formatName } from '../x509';
import { RootError } from './errors';
import { markRevoked, publishRootCrl, type CaRevocationReason } from './certificates';
import { readGenerations } from './nodes';
import type { RootCa } from './root';

export interface RevokedCa {
  readonly node: string;
  readonly epoch: number;
  readonly serialNumber: string;
  readonly subject: string;
  readonly revokedAt: string;
}

/**
 * Revokes the CA certificate of one of a node's keys and publishes the root's CRL. May be repeated: a run that was cut
 * off before the CRL is finished by the next.
 * @param epoch of the CA key; the newest if not given
 * @throws RootError `NODE_UNKNOWN`, `EPOCH_UNKNOWN`, `CA_OF_OTHER_ROOT`; HsmError
 */
export async function revokeCaCertificate(
  root: RootCa,
  node: string,
  { epoch, reason }: { readonly epoch?: number | undefined; readonly reason: CaRevocationReason },
): Promise<RevokedCa> {
  const generations = await readGenerations(root, node);
  const generation =
    epoch === undefined ? generations.at(-1) : generations.find((one) => one.epoch === epoch);
  if (generation === undefined) {
    const known = generations.map((one) => one.epoch).join(', ');
    throw new RootError('EPOCH_UNKNOWN', { node, epoch: epoch ?? 0, known });
  }
  const certificate = await root.certificate();
  const { serialNumber, subject } = generation.authority.caCertificate.tbs;
  if (generation.issuer.sha256 !== certificate.sha256)
    throw new RootError('CA_OF_OTHER_ROOT', { node, issuer: formatName(generation.issuer.tbs.subject) });
  // Opened first: without the root's token nothing is marked.
  const signer = await root.signer('root');
  const revokedAt = await root.store.transaction((tx) => markRevoked(root, tx, serialNumber, reason));
  if (revokedAt === undefined)
    throw new RootError('STORED_DIFFERS', { what: `certificate ${serialNumber}`, reason: 'it is missing' });
  await publishRootCrl(root, signer, certificate);
  return {
    node,
    epoch: generation.epoch,
    serialNumber,
    subject: formatName(subject),
    revokedAt,
  };
}
