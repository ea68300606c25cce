/** Taking back the certificate that an external root issued: held to every field of the order before anything is kept. */
import { commonTables, type Database, type RootSchema } from '../db';
import { checkCaCertificate, checkExternalCrl, checkExternalRoot, checkNotRevoked } from '../delegation';
import type { Problem } from '../errors';
import { keepExternalCrl } from '../ledger';
import {
  formatName,
  lint,
  lintIssuerOf,
  lintProblems,
  verifyIssuedBy,
  type Certificate,
  type CertificateList,
  type Extension,
  type Extensions,
} from '../x509';
import { approvedGrant, requireGrantable } from './applications';
import { RootError } from './errors';
import {
  describeExtension,
  extensionName,
  externalOrder,
  ISSUERS_OWN,
  type ExternalOrder,
} from './externalOrder';
import { bundleFor, grantedKey, recordNode, type IssuedGrant } from './granting';
import type { KnownNode } from './nodes';
import type { RootCa } from './root';
import { documentEntry, journalise } from './rootJournal';

const DAY = 86_400_000;
const ABSENT = '—';

/**
 * Takes the certificate of an approved application, or of one carried out the same certificate with a newer CRL. All is
 * checked before anything is stored.
 * @throws RootError `EXTERNAL_CERTIFICATE_UNFIT` with every difference, `EXTERNAL_CERTIFICATE_OTHER`,
 * `APPLICATION_STATE`, `NODE_EXISTS`, `GRANT_NOT_CURRENT`, `EXTERNAL_ROOT_UNKNOWN`; DelegationError
 */
export async function takeExternalCertificate(
  root: RootCa,
  reference: string,
  certificate: Certificate,
  crl: CertificateList,
): Promise<IssuedGrant> {
  const { id, opened, status } = await approvedGrant(root, reference);
  const order = await externalOrder(root, id, (known) => likelyIssuer(certificate, known));
  const { grant, trust, issuer } = order;
  const { nodeId } = grant.value;
  const replaced = status === 'granted' ? [] : await requireGrantable(root, opened, grant.value);
  if (order.status === 'granted') {
    const kept = (await grantedKey(root, grant)).authority.caCertificate.sha256;
    const found = certificate.sha256;
    if (found !== kept) throw new RootError('EXTERNAL_CERTIFICATE_OTHER', { node: nodeId, found, kept });
  }
  const now = root.now();
  const problems = [
    ...checkExternalRoot(issuer, now),
    ...differences(certificate, order, now),
    ...checkExternalCrl(crl, issuer, certificate, now),
    // One that was taken stays, and what its root says of it must reach the node.
    ...(order.status === 'granted' ? [] : checkNotRevoked(crl, certificate)),
    ...replaced.flatMap((lost) => stillGood(lost, issuer, crl)),
  ];
  if (problems.length > 0) {
    const count = problems.length;
    throw new RootError('EXTERNAL_CERTIFICATE_UNFIT', { node: nodeId, count }, { problems });
  }
  // Held to the grant as the node will hold it.
  checkCaCertificate(certificate, issuer, grant.value, now);
  await root.store.transaction(async (tx) => {
    if (order.status !== 'granted')
      await recordNode(root, tx, { application: id, grant, trust, replaced }, certificate);
    await keepIssuerCrl(root, tx, issuer, crl);
  });
  return bundleFor(root, grant);
}

async function keepIssuerCrl(
  root: RootCa,
  tx: Database<RootSchema>,
  issuer: Certificate,
  crl: CertificateList,
): Promise<void> {
  const kept = await keepExternalCrl(commonTables(tx), issuer, crl, root.now());
  if (kept !== undefined) await journalise(root, tx, documentEntry(kept));
}

/** A key that is given up must be revoked by whoever certified it, before another comes in its place. */
function stillGood(lost: KnownNode, issuer: Certificate, { entries }: CertificateList): readonly Problem[] {
  if (lost.issuer.sha256 !== issuer.sha256) return [];
  const { serialNumber } = lost.authority.caCertificate.tbs;
  if (entries.some((entry) => entry.serialNumber === serialNumber)) return [];
  return [{ code: 'MISSING', where: 'CRL', found: ABSENT, allowed: serialNumber }];
}

/** The external root whose signature or at least name the certificate bears, so that the rest is compared as well. */
function likelyIssuer(certificate: Certificate, known: readonly Certificate[]): Certificate {
  const likely =
    known.find((one) => verifyIssuedBy(certificate, one)) ??
    known.find((one) => one.tbs.subjectDer.equals(certificate.tbs.issuerDer)) ??
    known[0];
  if (likely !== undefined) return likely;
  throw new RootError('EXTERNAL_ROOT_UNKNOWN', { found: formatName(certificate.tbs.issuer), known: ABSENT });
}

/** Everything in which a certificate is not the ordered one. */
function differences(certificate: Certificate, order: ExternalOrder, now: Date): readonly Problem[] {
  const { tbs, signatureAlgorithm } = certificate;
  const { issuer, contents, request, signatureAlgorithms } = order;
  const subject = formatName(contents.subject);
  const signer = `${formatName(issuer.tbs.subject)} ${issuer.sha256}`;
  const { spki, spkiSha256 } = tbs.publicKey;
  const fields: readonly (readonly [holds: boolean, otherwise: Problem])[] = [
    [verifyIssuedBy(certificate, issuer), badValue('signature', formatName(tbs.issuer), signer)],
    [
      signatureAlgorithms.includes(signatureAlgorithm),
      badValue('signatureAlgorithm', signatureAlgorithm, signatureAlgorithms.join(', ')),
    ],
    [
      tbs.subjectDer.equals(contents.subjectDer),
      differing('subject', [formatName(tbs.subject), tbs.subjectDer], [subject, contents.subjectDer]),
    ],
    [spki.equals(contents.spki), badValue('subjectPublicKeyInfo', spkiSha256, request.publicKey.spkiSha256)],
  ];
  const lintErrors = lint(certificate.der, 'Certificate', lintIssuerOf(issuer.der)).filter(
    ({ severity }) => severity === 'error',
  );
  return [
    ...fields.filter(([holds]) => !holds).map(([, otherwise]) => otherwise),
    ...validityProblems(certificate, order, now),
    ...extensionProblems(tbs.extensions, order.extensions),
    ...lintProblems(lintErrors),
  ];
}

function validityProblems(
  { tbs: { notBefore, notAfter } }: Certificate,
  order: ExternalOrder,
  now: Date,
): readonly Problem[] {
  const { maxDays } = order.contents;
  const problems: Problem[] = [];
  if (notBefore < order.notBefore || notBefore > now) {
    const allowed = `${order.notBefore.toISOString()} – ${now.toISOString()}`;
    problems.push(badValue('notBefore', notBefore.toISOString(), allowed));
  }
  if (notAfter > order.notAfter || notAfter <= now) {
    const allowed = `${now.toISOString()} – ${order.notAfter.toISOString()}`;
    problems.push(badValue('notAfter', notAfter.toISOString(), allowed));
  }
  const days = (notAfter.getTime() - notBefore.getTime()) / DAY;
  if (days > maxDays) problems.push(badValue('validity', `${days.toFixed(2)} d`, `≤ ${maxDays} d`));
  return problems;
}

/** Each extension as ordered, octet for octet, and none beside them but where the issuer's own files are. */
function extensionProblems(found: Extensions, ordered: Extensions): readonly Problem[] {
  const places = found.all.filter(({ oid }) => ISSUERS_OWN.includes(oid));
  const others = found.all.filter((one) => !places.includes(one));
  const extra = others.filter(({ oid }) => ordered.all.every((wanted) => wanted.oid !== oid));
  return [
    ...ordered.all.flatMap((wanted): readonly Problem[] => {
      const one = others.find(({ oid }) => oid === wanted.oid);
      const name = extensionName(wanted.oid);
      const allowed = describe(ordered, wanted);
      if (one === undefined) return [{ code: 'MISSING', where: name, found: ABSENT, allowed }];
      if (one.critical === wanted.critical && one.value.equals(wanted.value)) return [];
      return [differing(name, [describe(found, one), one.value], [allowed, wanted.value])];
    }),
    ...extra.map((one) => badValue(extensionName(one.oid), describe(found, one), ABSENT)),
    ...places
      .filter(({ critical }) => critical)
      .map((one) => badValue(extensionName(one.oid), describe(found, one), 'not critical')),
    ...[...(found.crlDistributionPoints ?? []), ...(found.ocsp ?? []), ...(found.caIssuers ?? [])]
      .filter((url) => !/^https?:\/\/[\x21-\x7e]+$/.test(url))
      .map((url) => badValue('URL', url, 'http://… | https://…')),
  ];
}

function describe(extensions: Extensions, extension: Extension): string {
  return `${extension.critical ? 'critical, ' : ''}${describeExtension(extensions, extension)}`;
}

/** In words; by their octets where the words are the same. */
function differing(
  where: string,
  [found, foundDer]: readonly [string, Buffer],
  [allowed, allowedDer]: readonly [string, Buffer],
): Problem {
  return found === allowed
    ? badValue(where, foundDer.toString('hex'), allowedDer.toString('hex'))
    : badValue(where, found, allowed);
}

function badValue(where: string, found: string, allowed: string): Problem {
  return { code: 'BAD_VALUE', where, found, allowed };
}
