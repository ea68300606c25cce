/** Granting: the sub-CA certificate under the root key, and the bundle that activates a node. */
import { commonTables, readDocuments, readNewestDocument, type Database, type RootSchema } from '../db';
import {
  checkCaCertificate,
  encodeBundle,
  openGrant,
  revocationIn,
  type Grant,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { originOf } from '../journal';
import { createJournal, readExternalCrl } from '../ledger';
import { readCrl, type Certificate, type CertificationRequest } from '../x509';
import { approvedGrant, requireGrantable } from './applications';
import { caContents } from './caContents';
import { publishRootCrl, renewRootCrl, rootCrlIsBehind, signCertificate, wholeSeconds } from './certificates';
import { RootError } from './errors';
import { readGenerations, type KnownNode } from './nodes';
import { requireInForce } from './operatorSignatures';
import type { RootCa } from './root';
import { keepDocument } from './rootJournal';
import { giveUp } from './succession';

const DAY = 86_400_000;
const BACKDATING_MS = 5 * 60_000;

export interface IssuedGrant {
  readonly grant: Grant;
  readonly caCertificate: Certificate;
  readonly bundle: Buffer;
  /** Since when the issuer's CRL in the bundle lists the certificate. */
  readonly revokedAt: Date | undefined;
}

/**
 * Makes what the operators approved: the sub-CA certificate, the node's record, and its bundle. May be repeated: the
 * second time it gives the same certificate and grant again.
 * @throws RootError `APPLICATION_STATE`, `NODE_EXISTS`, `GRANT_NOT_CURRENT`, `KEY_OPENED`, `KEY_REPLACED`; EnvelopeError
 * when signatures are missing
 */
export async function issueGrant(root: RootCa, reference: string): Promise<IssuedGrant> {
  const approved = await approvedGrant(root, reference);
  const { trust } = approved;
  const grant = openGrant(approved.envelope, trust.value);
  if (approved.status !== 'granted') {
    const replaced = await requireGrantable(root, approved.opened, grant.value);
    await certifyNode(root, { application: approved.id, grant, trust, replaced }, approved.opened.request);
  }
  // Also what a run that was cut off has revoked.
  if (await rootCrlIsBehind(root)) await renewRootCrl(root);
  return bundleFor(root, grant);
}

/** The CA key that a grant names, which has its certificate. @throws RootError `KEY_REPLACED`, `STORED_DIFFERS` */
export async function grantedKey(root: RootCa, { value }: SignedDocument<Grant>): Promise<KnownNode> {
  const { nodeId, keys } = value;
  if ((await readDocuments(root.read, 'ca-certificate', nodeId)).length === 0) throw missing(nodeId);
  const known = (await readGenerations(root, nodeId)).find(({ epoch }) => epoch === keys.epoch);
  if (known === undefined) throw missing(nodeId);
  if (known.isReplaced) throw new RootError('KEY_REPLACED', { node: nodeId, epoch: known.epoch });
  return known;
}

/** The bundle of a grant that has its certificate. @throws RootError `STORED_DIFFERS` */
export async function bundleFor(root: RootCa, grant: SignedDocument<Grant>): Promise<IssuedGrant> {
  const trust = await root.trust();
  const certificate = await root.certificate();
  const { authority, issuer } = await grantedKey(root, grant);
  const { caCertificate } = authority;
  const crl = await readNewestDocument(root.read, 'root-crl');
  if (crl === undefined) throw missing(grant.value.nodeId);
  const isExternal = issuer.sha256 !== certificate.sha256;
  const externalRootCrl = isExternal ? await readExternalCrl(root.read, issuer) : undefined;
  const issuerCrl = readCrl(externalRootCrl ?? crl.bytes, 'CRL');
  const bundle = encodeBundle({
    rootCertificate: certificate.der,
    rootCrl: crl.bytes,
    trustStatement: trust.envelope,
    grant: grant.envelope,
    caCertificate: caCertificate.der,
    ...(externalRootCrl && { externalRootCrl }),
  });
  const revokedAt = revocationIn(issuerCrl, caCertificate)?.revocationDate;
  return { grant: grant.value, caCertificate, bundle, revokedAt };
}

function missing(what: string): RootError {
  return new RootError('STORED_DIFFERS', { what, reason: 'its certificate or the root CRL is missing' });
}

/** A grant as the operators approved it. */
export interface ApprovedGrant {
  /** Of the application. */
  readonly application: string;
  readonly grant: SignedDocument<Grant>;
  /** The trust statement under which it was opened. */
  readonly trust: SignedDocument<TrustStatement>;
  /** The certified keys, lost before they were opened, in whose place the new one comes; mostly none. */
  readonly replaced: readonly KnownNode[];
}

async function certifyNode(
  root: RootCa,
  approved: ApprovedGrant,
  request: CertificationRequest,
): Promise<void> {
  const { grant } = approved;
  const issuer = await root.certificate();
  const signer = await root.signer('root');
  const { crl, caIssuers } = root.config.public.urls;
  const contents = await caContents(root, grant.value, request, issuer, { crl, ocsp: [], caIssuers });
  const now = root.now();
  const begin = wholeSeconds(new Date(now.getTime() - BACKDATING_MS));
  const end = Math.min(begin.getTime() + contents.maxDays * DAY - 1000, issuer.tbs.notAfter.getTime());
  const certificate = await signCertificate(root, signer, grant.value.nodeId, {
    signatureAlgorithm: signer.algorithm,
    issuer: issuer.tbs.subjectDer,
    notBefore: begin,
    notAfter: new Date(end),
    subject: contents.subjectDer,
    spki: contents.spki,
    extensions: contents.extensions,
  });
  // Held to the grant as the node will hold it, before anything is given out.
  checkCaCertificate(certificate, issuer, grant.value, now);
  await publishRootCrl(root, signer, issuer);
  await root.store.transaction((tx) => recordNode(root, tx, approved, certificate));
}

/** A node, or the next CA key of one, with what it begins with; the application is carried out. */
export async function recordNode(
  root: RootCa,
  tx: Database<RootSchema>,
  { application, grant, trust, replaced }: ApprovedGrant,
  certificate: Certificate,
): Promise<void> {
  await requireInForce(tx, trust);
  const db = commonTables(tx);
  const now = root.now();
  await giveUp(root, tx, replaced);
  const { nodeId, keys, version } = grant.value;
  const { epoch } = keys;
  const ca = { subject: nodeId, version: epoch, sha256: certificate.sha256, bytes: certificate.der };
  await keepDocument(root, tx, { kind: 'ca-certificate', ...ca });
  const document = { subject: nodeId, version, sha256: grant.sha256, bytes: grant.envelope };
  await keepDocument(root, tx, { kind: 'grant', ...document });
  const journal = await createJournal(
    db,
    originOf({ registry: root.config.registry.name, node: nodeId, epoch }),
  );
  await tx
    .insertInto('nodes')
    .values({
      nodeId,
      epoch,
      journal,
      grantedAt: now.toISOString(),
      status: null,
      checkpoint: null,
      lastContact: null,
    })
    .execute();
  // A grant for the next CA key has taken up what was drafted for it, and what was drafted without it is stale.
  await tx.deleteFrom('grantDrafts').where('nodeId', '=', nodeId).execute();
  await tx.updateTable('applications').set({ status: 'granted' }).where('id', '=', application).execute();
}
