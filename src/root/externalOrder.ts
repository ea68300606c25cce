/** What an external root is asked to issue: every field of the sub-CA certificate that the grant leaves no choice in. */
import { der, OID, readDer } from '../asn1';
import {
  externalRootsOf,
  openGrant,
  type Grant,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { signatureAlgorithmsOf } from '../signer';
import {
  decodeExtensions,
  formatName,
  type Certificate,
  type CertificationRequest,
  type Extension,
  type Extensions,
  type NameSubtrees,
} from '../x509';
import { approvedGrant, type ApplicationStatus } from './applications';
import { caContents, type CaContents } from './caContents';
import { RootError } from './errors';
import type { RootCa } from './root';

/** How far apart the clocks of two systems, or the days they begin a certificate on, may lie. */
const CLOCK_TOLERANCE_MS = 86_400_000;

/** Extensions in which the external root says where its own CRL and certificate are; it may leave them out. */
export const ISSUERS_OWN: readonly string[] = [OID.crlDistributionPoints, OID.authorityInfoAccess];

export interface ExternalOrder {
  /** Of the application. */
  readonly id: string;
  readonly status: ApplicationStatus;
  readonly grant: SignedDocument<Grant>;
  /** The trust statement under which it is approved. */
  readonly trust: SignedDocument<TrustStatement>;
  readonly request: CertificationRequest;
  readonly issuer: Certificate;
  readonly contents: CaContents;
  /** The extensions of `contents`, read back. */
  readonly extensions: Extensions;
  /** notBefore may not lie before, notAfter not after. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Those the issuer's key may sign with here, the usual one first. */
  readonly signatureAlgorithms: ReturnType<typeof signatureAlgorithmsOf>;
}

/**
 * @param choose which of the external roots named in the trust statement in force is to issue
 * @throws RootError `APPLICATION_STATE`, `EXTERNAL_ROOT_UNKNOWN`, and what `choose` throws; EnvelopeError when signatures
 * are missing
 */
export async function externalOrder(
  root: RootCa,
  reference: string,
  choose: (known: readonly Certificate[]) => Certificate,
): Promise<ExternalOrder> {
  const { id, status, envelope, opened, trust } = await approvedGrant(root, reference);
  const { request } = opened;
  const grant = openGrant(envelope, trust.value);
  const known = externalRootsOf(trust.value);
  if (known.length === 0) throw new RootError('EXTERNAL_ROOT_UNKNOWN', { found: '—', known: '—' });
  const issuer = choose(known);
  const urls = { crl: [], ocsp: [], caIssuers: [] };
  const contents = await caContents(root, grant.value, request, issuer, urls);
  const earliest = Date.parse(grant.value.issuedAt) - CLOCK_TOLERANCE_MS;
  return {
    id,
    status,
    grant,
    trust,
    request,
    issuer,
    contents,
    extensions: decodeExtensions(
      readDer(der.sequence(...contents.extensions), { what: 'extensions' }),
      'order',
    ),
    notBefore: new Date(Math.max(issuer.tbs.notBefore.getTime(), earliest)),
    notAfter: issuer.tbs.notAfter,
    signatureAlgorithms: signatureAlgorithmsOf(issuer.tbs.publicKey.algorithm),
  };
}

/** What an extension says, in the words of RFC 5280, on one line; hex of its value where it is not known here. */
export function describeExtension(extensions: Extensions, { oid, value }: Extension): string {
  const describe = DESCRIPTIONS.get(oid);
  return describe?.(extensions) ?? value.toString('hex');
}

export function extensionName(oid: string): string {
  const [name] = Object.entries(OID).find(([, known]) => known === oid) ?? [];
  return name ?? oid;
}

const DESCRIPTIONS: ReadonlyMap<string, (extensions: Extensions) => string | undefined> = new Map([
  [
    OID.basicConstraints,
    ({ basicConstraints: { ca, pathLength } = { ca: false } }: Extensions) =>
      `cA ${String(ca)}${pathLength === undefined ? '' : `, pathLenConstraint ${pathLength}`}`,
  ],
  [OID.keyUsage, ({ keyUsage }) => keyUsage?.join(', ')],
  [OID.extKeyUsage, ({ extendedKeyUsage }) => extendedKeyUsage?.join(', ')],
  [
    OID.certificatePolicies,
    ({ policies }) =>
      policies?.map(({ oid, cps, notice }) => [oid, cps, notice].filter(Boolean).join(' ')).join(', '),
  ],
  [OID.subjectKeyIdentifier, ({ subjectKeyIdentifier }) => subjectKeyIdentifier?.toString('hex')],
  [OID.authorityKeyIdentifier, ({ authorityKeyIdentifier }) => authorityKeyIdentifier?.toString('hex')],
  [
    OID.nameConstraints,
    ({ nameConstraints }) =>
      nameConstraints &&
      (['permitted', 'excluded'] as const)
        .flatMap((which) => subtrees(nameConstraints[which]).map((base) => `${which} ${base}`))
        .join('; '),
  ],
  [OID.crlDistributionPoints, ({ crlDistributionPoints }) => crlDistributionPoints?.join(', ')],
  [OID.authorityInfoAccess, ({ ocsp = [], caIssuers = [] }) => [...ocsp, ...caIssuers].join(', ')],
]);

function subtrees({ directory, email, dns, uri, ip }: NameSubtrees): readonly string[] {
  return [
    ...directory.map((name) => `directoryName ${formatName(name)}`),
    ...email.map((base) => `rfc822Name ${base}`),
    ...dns.map((base) => `dNSName ${base}`),
    ...uri.map((base) => `uniformResourceIdentifier ${base}`),
    ...ip.map((block) => `iPAddress ${block.toString('hex')}`),
  ];
}
