/** The way of the node's commands and service to the registry. */
import { registryCarrier } from '../../http';
import { NodeError, type Carrier, type SubCaNode } from '../../node';
import { encodePem } from '../../x509';

/**
 * Carries submissions to the registry of the configuration, for which the pinned root must vouch.
 * @throws NodeError `REGISTRY_NOT_CONFIGURED`, `NOT_ACTIVATED`
 */
export async function carrierOf(node: SubCaNode, signal: AbortSignal): Promise<Carrier> {
  const { registry } = node.config;
  if (registry === undefined) throw new NodeError('REGISTRY_NOT_CONFIGURED', {});
  const { root } = await node.delegation();
  return registryCarrier({ url: registry.url, rootCertificate: encodePem('CERTIFICATE', root.der), signal });
}
