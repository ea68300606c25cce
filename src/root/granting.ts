/** Granting: the sub-CA certificate under the root key, and the bundle that activates a node. */
import { commonTables, readDocuments, readNewestDocument, storeDocument } from '../db';
import { checkCaCertificate, encodeBundle, openGrant, type Grant, type SignedDocument } from '../delegation';
import { originOf } from '../journal';
import { createJournal } from '../ledger';
import {
  encodeName,
  fillSubject,
  keyIdentifier,
  profileExtensions,
  readCertificate,
  type Certificate,
  type CertificationRequest,
} from '../x509';
import { approvedGrant, requireGrantable } from './applications';
import { publishRootCrl, signCertificate, wholeSeconds } from './certificates';
import { RootError } from './errors';
import { constraintsOf, subCaProfile } from './grantDraft';
import { readProfile } from './profiles';
import type { RootCa } from './root';

const DAY = 86_400_000;
const BACKDATING_MS = 5 * 60_000;

export interface IssuedGrant {
  readonly grant: Grant;
  readonly caCertificate: Certificate;
  readonly bundle: Buffer;
}

/**
 * Makes what the operators approved: the sub-CA certificate, the node's record, and its bundle. May be repeated: the
 * second time it gives the same certificate and grant again.
 * @throws RootError `APPLICATION_STATE`, `NODE_EXISTS`, `GRANT_NOT_CURRENT`; EnvelopeError when signatures are missing
 */
export async function issueGrant(root: RootCa, reference: string): Promise<IssuedGrant> {
  const approved = await approvedGrant(root, reference);
  const trust = await root.trust();
  const grant = openGrant(approved.envelope, trust.value);
  const { nodeId } = grant.value;
  if (approved.status !== 'granted') {
    await requireGrantable(root, approved.opened);
    await certifyNode(root, approved.id, grant, approved.opened.request);
  }
  const certificate = await root.certificate();
  const certificates = await readDocuments(root.read, 'ca-certificate', nodeId);
  const ca = certificates.find(({ version }) => version === grant.value.keys.epoch);
  const crl = await readNewestDocument(root.read, 'root-crl');
  if (ca === undefined || crl === undefined) {
    throw new RootError('STORED_DIFFERS', {
      what: nodeId,
      reason: 'its certificate or the root CRL is missing',
    });
  }
  const bundle = encodeBundle({
    rootCertificate: certificate.der,
    rootCrl: crl.bytes,
    trustStatement: trust.envelope,
    grant: grant.envelope,
    caCertificate: ca.bytes,
  });
  return { grant: grant.value, caCertificate: readCertificate(ca.bytes, nodeId), bundle };
}

async function certifyNode(
  root: RootCa,
  application: string,
  grant: SignedDocument<Grant>,
  request: CertificationRequest,
): Promise<void> {
  const issuer = await root.certificate();
  const signer = await root.signer('root');
  const profile = subCaProfile(await readProfile(root, 'sub-ca'), grant.value);
  const now = root.now();
  const begin = wholeSeconds(new Date(now.getTime() - BACKDATING_MS));
  const end = Math.min(
    begin.getTime() + profile.validity.newDays * DAY - 1000,
    issuer.tbs.notAfter.getTime(),
  );
  const { nodeId, keys } = grant.value;
  const certificate = await signCertificate(root, signer, nodeId, {
    signatureAlgorithm: signer.algorithm,
    issuer: issuer.tbs.subjectDer,
    notBefore: begin,
    notAfter: new Date(end),
    subject: encodeName(fillSubject(profile.subject, request.subject ?? [])),
    spki: request.publicKey.spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: request.publicKey.keyId,
      issuerKeyId: keyIdentifier(signer.spki),
      nameConstraints: constraintsOf(grant.value),
      urls: { crl: root.config.public.urls.crl, ocsp: [], caIssuers: root.config.public.urls.caIssuers },
    }),
  });
  // Held to the grant as the node will hold it, before anything is given out.
  checkCaCertificate(certificate, issuer, grant.value, now);
  await publishRootCrl(root, signer, issuer);
  await root.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const { epoch } = keys;
    const ca = { subject: nodeId, version: epoch, sha256: certificate.sha256, bytes: certificate.der };
    await storeDocument(db, { kind: 'ca-certificate', ...ca }, now);
    const { version } = grant.value;
    const document = { subject: nodeId, version, sha256: grant.sha256, bytes: grant.envelope };
    await storeDocument(db, { kind: 'grant', ...document }, now);
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
    await tx.updateTable('applications').set({ status: 'granted' }).where('id', '=', application).execute();
  });
}
