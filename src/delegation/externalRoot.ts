/** External roots: root CAs of other systems, whose sub-CA certificates count because the trust statement names them. */
import type { Problem } from '../errors';
import {
  formatName,
  readCertificate,
  verifyCrl,
  verifyIssuedBy,
  type Certificate,
  type CertificateList,
  type CrlEntry,
} from '../x509';
import { DelegationError } from './errors';
import type { TrustStatement } from './trust';

/** @throws X509Error */
export function externalRootsOf({ externalRoots }: TrustStatement): readonly Certificate[] {
  return externalRoots.map((text) => readCertificate(Buffer.from(text, 'base64'), 'external root'));
}

/**
 * Which root issued a sub-CA certificate: the pinned one, or an external one.
 * @param statements those under which an external root may have been named
 * @returns `undefined` if none of them did
 */
export function issuerOf(
  caCertificate: Certificate,
  root: Certificate,
  statements: readonly TrustStatement[],
): Certificate | undefined {
  return [root, ...statements.flatMap(externalRootsOf)].find((one) => verifyIssuedBy(caCertificate, one));
}

/**
 * All that keeps a certificate from being one of an external root: it must be self-issued, by a CA that may sign
 * certificates and CRLs and have a CA below it, be valid, and demand nothing that is not understood here.
 */
export function checkExternalRoot(certificate: Certificate, now: Date): readonly Problem[] {
  const { subject, subjectDer, issuer, issuerDer, publicKey, notBefore, notAfter, extensions } =
    certificate.tbs;
  const { basicConstraints, keyUsage = [], all, unknown } = extensions;
  const foreign = all.filter(({ oid, critical }) => critical && unknown.includes(oid)).map(({ oid }) => oid);
  const length = basicConstraints?.pathLength;
  const conditions: readonly (readonly [string, boolean, string, string])[] = [
    [
      'issuer',
      subjectDer.equals(issuerDer) && verifyIssuedBy(certificate, publicKey),
      formatName(issuer),
      `${formatName(subject)} (self-signed)`,
    ],
    [
      'basicConstraints',
      basicConstraints?.ca === true && length !== 0,
      `cA ${String(basicConstraints?.ca ?? false)}${length === undefined ? '' : `, pathLen ${length}`}`,
      'cA true, pathLen ≥ 1',
    ],
    [
      'keyUsage',
      keyUsage.includes('keyCertSign') && keyUsage.includes('cRLSign'),
      keyUsage.join(', ') || '—',
      'keyCertSign, cRLSign',
    ],
    ['notBefore', notBefore <= now, notBefore.toISOString(), `≤ ${now.toISOString()}`],
    ['notAfter', now < notAfter, notAfter.toISOString(), `> ${now.toISOString()}`],
    ['extensions', foreign.length === 0, foreign.join(', '), '—'],
  ];
  return problemsOf(conditions);
}

/**
 * All that keeps a CRL from telling now whether an external root has revoked the certificate: another signer, a time that
 * is not its own, the scope of another certificate.
 */
export function checkExternalCrl(
  crl: CertificateList,
  issuer: Certificate,
  { tbs }: Certificate,
  now: Date,
): readonly Problem[] {
  const { thisUpdate, nextUpdate, distributionPoint } = crl;
  const own = tbs.extensions.crlDistributionPoints ?? [];
  return problemsOf([
    ['crl.signature', verifyCrl(crl, issuer), formatName(crl.issuer), formatName(issuer.tbs.subject)],
    ['crl.thisUpdate', thisUpdate <= now, thisUpdate.toISOString(), `≤ ${now.toISOString()}`],
    ['crl.nextUpdate', now < nextUpdate, nextUpdate.toISOString(), `> ${now.toISOString()}`],
    [
      'crl.issuingDistributionPoint',
      distributionPoint === undefined || distributionPoint.some((url) => own.includes(url)),
      (distributionPoint ?? []).join(', '),
      own.join(', ') || '—',
    ],
  ]);
}

/** What a CRL says of a certificate of its issuer. @returns `undefined` if it does not list it */
export function revocationIn({ entries }: CertificateList, { tbs }: Certificate): CrlEntry | undefined {
  return entries.find(({ serialNumber }) => serialNumber === tbs.serialNumber);
}

export function checkNotRevoked(crl: CertificateList, certificate: Certificate): readonly Problem[] {
  const { serialNumber } = certificate.tbs;
  const isGood = revocationIn(crl, certificate) === undefined;
  return problemsOf([['crl.revokedCertificates', isGood, serialNumber, `≠ ${serialNumber}`]]);
}

/** @throws DelegationError `CERTIFICATE_NOT_TRUSTED` if the CRL lists the certificate */
export function requireNotRevoked(crl: CertificateList, certificate: Certificate): void {
  const problems = checkNotRevoked(crl, certificate);
  if (problems.length === 0) return;
  const reason = `${formatName(crl.issuer)} has revoked it`;
  throw new DelegationError('CERTIFICATE_NOT_TRUSTED', { what: 'sub-CA certificate', reason }, { problems });
}

/**
 * Holds the issuing root of a sub-CA certificate, if it is an external one, and its CRL to what is needed of both.
 * @throws DelegationError `CERTIFICATE_NOT_TRUSTED` with all problems
 */
export function requireExternal(
  caCertificate: Certificate,
  issuer: Certificate,
  crl: CertificateList,
  now: Date,
): void {
  const problems = [...checkExternalRoot(issuer, now), ...checkExternalCrl(crl, issuer, caCertificate, now)];
  if (problems.length === 0) return;
  const reason = problems.map(({ where, found, allowed }) => `${where}: ${found} ≠ ${allowed}`).join('; ');
  throw new DelegationError('CERTIFICATE_NOT_TRUSTED', { what: 'external root', reason }, { problems });
}

function problemsOf(
  conditions: readonly (readonly [where: string, holds: boolean, found: string, allowed: string])[],
): readonly Problem[] {
  return conditions
    .filter(([, holds]) => !holds)
    .map(([where, , found, allowed]) => ({ code: 'BAD_VALUE', where, found, allowed }));
}
