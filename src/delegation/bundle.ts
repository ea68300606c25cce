/** The grant bundle: everything a node needs to begin, in one file; each part carries its own signature. */
import { z } from 'zod';
import { base64Schema } from '../encoding';
import { signatureAlgorithmsOf, type SignatureAlgorithm } from '../signer';
import {
  readCertificate,
  readCrl,
  verifyCrl,
  verifyIssuedBy,
  type Certificate,
  type CertificateList,
} from '../x509';
import { parsePayload, payloadOf, type SignedDocument } from './document';
import { DelegationError } from './errors';
import { issuerOf, requireExternal, requireNotRevoked } from './externalRoot';
import { readUnverified } from '../envelope';
import { checkGrantIsNext, GRANT_PAYLOAD_TYPE, openGrant, parseGrant, type Grant } from './grant';
import { openTrustStatement, type TrustStatement } from './trust';

const bundleSchema = z.strictObject({
  type: z.literal('subca-grant-bundle'),
  rootCertificate: base64Schema,
  rootCrl: base64Schema,
  trustStatement: base64Schema,
  grant: base64Schema,
  caCertificate: base64Schema,
  /** Of the external root that issued the CA certificate; absent if the root itself did. */
  externalRootCrl: base64Schema.exactOptional(),
});

/** The parts as bytes: DER certificates and CRL, DSSE envelopes. */
export interface BundleParts {
  readonly rootCertificate: Uint8Array;
  readonly rootCrl: Uint8Array;
  readonly trustStatement: Uint8Array;
  readonly grant: Uint8Array;
  readonly caCertificate: Uint8Array;
  readonly externalRootCrl?: Uint8Array;
}

/** The keys and name of the node that wants to use the bundle. */
export interface NodeIdentity {
  readonly nodeId: string;
  readonly organisationCode: string;
  readonly epoch: number;
  readonly caSpkiSha256: string;
  readonly caSignature: SignatureAlgorithm;
  readonly journalSpki: Buffer;
}

export interface OpenedBundle {
  readonly root: Certificate;
  readonly rootCrl: CertificateList;
  readonly trust: SignedDocument<TrustStatement>;
  readonly grant: SignedDocument<Grant>;
  readonly caCertificate: Certificate;
  /** The root, or the external root that issued the CA certificate. */
  readonly issuer: Certificate;
  /** The CRL of an external issuer. */
  readonly issuerCrl?: CertificateList;
}

/** What a node that has a delegation holds already. */
export interface HeldDelegation {
  readonly trust: SignedDocument<TrustStatement>;
  /** Its CA keys. */
  readonly generations: readonly { readonly caCertificate: Certificate; readonly issuer: Certificate }[];
}

export function encodeBundle(parts: BundleParts): Buffer {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const bundle: z.infer<typeof bundleSchema> = {
    type: 'subca-grant-bundle',
    rootCertificate: text(parts.rootCertificate),
    rootCrl: text(parts.rootCrl),
    trustStatement: text(parts.trustStatement),
    grant: text(parts.grant),
    caCertificate: text(parts.caCertificate),
    ...(parts.externalRootCrl && { externalRootCrl: text(parts.externalRootCrl) }),
  };
  return payloadOf(bundle);
}

/** Whether a file is a bundle rather than anything else that a node takes. */
export function isBundle(input: Uint8Array): boolean {
  const beginning = Buffer.from('{"type":"subca-grant-bundle"');
  return beginning.equals(input.subarray(0, beginning.length));
}

/**
 * The node's keys that a bundle says it is for; nothing is checked yet.
 * @throws DelegationError `DOCUMENT_MALFORMED`; EnvelopeError
 */
export function keysOfBundle(input: Uint8Array): Grant['keys'] {
  const { grant } = parsePayload(input, bundleSchema, 'grant bundle');
  const { payload } = readUnverified(Buffer.from(grant, 'base64'), GRANT_PAYLOAD_TYPE, 'grant');
  return parseGrant(payload).keys;
}

/**
 * Opens a bundle from nothing but a fingerprint: the root certificate must have it, everything else must be signed by
 * what that certificate vouches for, and be made for this very node.
 * @param fingerprint SHA-256 of the root certificate, lower-case hex
 * @param held by a node that is active: a certificate that it has stays its own, whatever became of it and its issuer;
 * another may only be of an issuer that the newest trust statement names, and not revoked
 * @throws DelegationError, EnvelopeError, X509Error: the first thing that does not hold
 */
export function openBundle(
  input: Uint8Array,
  fingerprint: string,
  node: NodeIdentity,
  now: Date,
  held?: HeldDelegation,
): OpenedBundle {
  const parts = parsePayload(input, bundleSchema, 'grant bundle');
  const bytes = (part: string): Buffer => Buffer.from(part, 'base64');
  const root = readCertificate(bytes(parts.rootCertificate), 'root certificate');
  if (root.sha256 !== fingerprint) {
    throw new DelegationError('FINGERPRINT_MISMATCH', { found: root.sha256, expected: fingerprint });
  }
  const trust = openTrustStatement(bytes(parts.trustStatement), root, now);
  const grant = openGrant(bytes(parts.grant), trust.value);
  checkGrantIsNext(grant, now, undefined);
  checkGrantIsFor(grant.value, node);
  const caCertificate = readCertificate(bytes(parts.caCertificate), 'sub-CA certificate');
  const own = held?.generations.find((one) => one.caCertificate.sha256 === caCertificate.sha256);
  const inForce = held !== undefined && held.trust.value.version > trust.value.version ? held.trust : trust;
  const issuer = own?.issuer ?? issuerOf(caCertificate, root, [inForce.value]) ?? root;
  checkCaCertificate(caCertificate, issuer, grant.value, now);
  const rootCrl = readCrl(bytes(parts.rootCrl), 'root CRL');
  if (!verifyCrl(rootCrl, root)) {
    throw new DelegationError('CERTIFICATE_NOT_TRUSTED', {
      what: 'root CRL',
      reason: 'not signed by the root',
    });
  }
  if (own === undefined) requireNotRevoked(rootCrl, caCertificate);
  const opened = { root, rootCrl, trust, grant, caCertificate, issuer };
  const { externalRootCrl } = parts;
  if (issuer.sha256 === root.sha256) {
    if (externalRootCrl !== undefined) throw notExternal('no external root issued the certificate');
    return opened;
  }
  if (externalRootCrl === undefined) throw notExternal('the CRL of the external root is missing');
  const issuerCrl = readCrl(bytes(externalRootCrl), 'external root CRL');
  requireExternal(caCertificate, issuer, issuerCrl, now);
  if (own === undefined) requireNotRevoked(issuerCrl, caCertificate);
  return { ...opened, issuerCrl };
}

function notExternal(reason: string): DelegationError {
  return new DelegationError('DOCUMENT_MALFORMED', { what: 'grant bundle', reason });
}

/** @throws DelegationError `GRANT_FOR_OTHER_KEY` */
export function checkGrantIsFor(grant: Grant, node: NodeIdentity): void {
  const expected: readonly (readonly [string, string, string])[] = [
    ['node', grant.nodeId, node.nodeId],
    ['organisation', grant.organisation.code, node.organisationCode],
    ['epoch', String(grant.keys.epoch), String(node.epoch)],
    ['CA key', grant.keys.caSpkiSha256, node.caSpkiSha256],
    ['CA signature', grant.keys.caSignature, node.caSignature],
    ['journal key', grant.keys.journalSpki, node.journalSpki.toString('base64')],
  ];
  for (const [what, found, wanted] of expected) {
    if (found !== wanted) throw new DelegationError('GRANT_FOR_OTHER_KEY', { what, found, expected: wanted });
  }
}

/**
 * @param issuer the root, or the external root that `issuerOf` finds
 * @throws DelegationError `CERTIFICATE_NOT_TRUSTED`, `GRANT_FOR_OTHER_KEY`
 */
export function checkCaCertificate(ca: Certificate, issuer: Certificate, grant: Grant, now: Date): void {
  const what = 'sub-CA certificate';
  const { basicConstraints, keyUsage = [] } = ca.tbs.extensions;
  if (ca.tbs.publicKey.spkiSha256 !== grant.keys.caSpkiSha256) {
    throw new DelegationError('GRANT_FOR_OTHER_KEY', {
      what: 'CA key',
      found: ca.tbs.publicKey.spkiSha256,
      expected: grant.keys.caSpkiSha256,
    });
  }
  const { caSignature } = grant.keys;
  const conditions: readonly (readonly [string, boolean])[] = [
    [
      `its key cannot sign with ${caSignature}`,
      signatureAlgorithmsOf(ca.tbs.publicKey.algorithm).includes(caSignature),
    ],
    ['neither the root nor an external root of the trust statement signed it', verifyIssuedBy(ca, issuer)],
    [
      'it is not a CA certificate with path length 0',
      basicConstraints?.ca === true && basicConstraints.pathLength === 0,
    ],
    [
      'it may not sign certificates and CRLs',
      keyUsage.includes('keyCertSign') && keyUsage.includes('cRLSign'),
    ],
    ['it is not valid now', ca.tbs.notBefore <= now && now < ca.tbs.notAfter],
  ];
  for (const [reason, holds] of conditions) {
    if (!holds) throw new DelegationError('CERTIFICATE_NOT_TRUSTED', { what, reason });
  }
}
