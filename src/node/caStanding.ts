/** How the node's CA certificates stand with the roots that issued them, as the newest CRLs kept here tell. */
import { readNewestDocument, type CommonSchema, type Database } from '../db';
import { revocationIn } from '../delegation';
import { readExternalCrl } from '../ledger';
import { readCrl, type Certificate, type CertificateList, type CrlEntry } from '../x509';
import type { Generation } from './delegation';
import { NodeError } from './errors';
import type { SubCaNode } from './node';

/** The newest CRL that is kept of the root that issued a CA certificate. */
export async function issuerCrl(
  db: Database<CommonSchema>,
  root: Certificate,
  { issuer }: Pick<Generation, 'issuer'>,
): Promise<CertificateList> {
  if (issuer.sha256 !== root.sha256) return readCrl(await readExternalCrl(db, issuer), 'external root CRL');
  const crl = await readNewestDocument(db, 'root-crl');
  if (crl === undefined)
    throw new NodeError('STORED_DOCUMENT', { what: 'root CRL', reason: 'it is missing' });
  return readCrl(crl.bytes, 'root CRL');
}

/** What the issuer's newest CRL says of a CA certificate. @returns `undefined` if it does not list it */
export async function caRevocation(
  db: Database<CommonSchema>,
  root: Certificate,
  generation: Pick<Generation, 'caCertificate' | 'issuer'>,
): Promise<CrlEntry | undefined> {
  return revocationIn(await issuerCrl(db, root, generation), generation.caCertificate);
}

/**
 * A CA certificate that its root has revoked: nothing that is issued under it would be accepted. What is issued already
 * is revoked, told of and synchronised as ever.
 * @throws NodeError `CA_CERTIFICATE_REVOKED`
 */
export async function requireCaInForce(node: SubCaNode): Promise<void> {
  const delegation = await node.delegation();
  const revocation = await caRevocation(node.read, delegation.root, delegation);
  if (revocation === undefined) return;
  const { epoch } = delegation;
  throw new NodeError('CA_CERTIFICATE_REVOKED', { epoch, since: revocation.revocationDate.toISOString() });
}
