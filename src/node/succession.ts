/**
 * Certificates that follow another: renewal, change of information, recovery of a device. Each is an issuance whose
 * names, and whose key unless a new request comes with it, are taken from the predecessor.
 */
import { isDeepStrictEqual } from 'node:util';
import { DelegationError, type CertificateRecord } from '../delegation';
import type { ChangeOrigin, IssuingService, RevocationCause } from '../journal';
import { readJournal, readRecords, type LedgerDatabase } from '../ledger';
import {
  readCertificate,
  type AttributeType,
  type CertificationRequest,
  type NameAttribute,
  type TbsCertificate,
} from '../x509';
import { generationOf, grantAt, type Delegation, type Generation } from './delegation';
import { NodeError } from './errors';
import { readIssued, type IssuedCertificate, type Issuer } from './issuance';
import type { IssuancePlan, IssuanceRequest } from './issuancePlan';
import type { SubCaNode } from './node';

export type SuccessionService = Exclude<IssuingService, 'issue'>;

export interface SuccessionRequest {
  readonly service: SuccessionService;
  /** Serial number. */
  readonly predecessor: string;
  /** With a new key; without it the predecessor's key is certified again, whose possession was proven then. */
  readonly csr?: CertificationRequest | undefined;
  /** Change of information only: replaces the predecessor's attributes of the same types. */
  readonly subject?: readonly NameAttribute[];
  /** Change of information only: attribute types to leave out. */
  readonly without?: readonly AttributeType[];
  /** Whether the predecessor stays as it is; a renewed one always does. */
  readonly keep?: boolean;
  /** Why the predecessor is revoked, instead of the service's usual reason. */
  readonly reason?: RevocationCause | undefined;
  readonly by: ChangeOrigin;
}

/** A renewed certificate ends by itself; the others would otherwise say what is no longer so, or use a lost key. */
const USUAL_REASON: Readonly<Record<SuccessionService, RevocationCause | undefined>> = {
  renew: undefined,
  'change-information': 'affiliationChanged',
  'recover-device': 'superseded',
};

/** What is to be issued, or what the very same request led to before. */
export type PlannedSuccession =
  | { readonly plan: IssuancePlan; readonly existing?: undefined }
  | { readonly existing: IssuedCertificate; readonly plan?: undefined };

/**
 * Steps 1 and 2 of an issuance for a certificate that follows another.
 * @throws NodeError `CERTIFICATE_UNKNOWN`, `CERTIFICATE_ENDED`, `REQUEST_UNFIT`, `CHANGE_POINTLESS`; DelegationError `OUTSIDE_GRANT`
 */
export async function planSuccession(
  node: SubCaNode,
  issuer: Issuer,
  wanted: SuccessionRequest,
): Promise<PlannedSuccession> {
  const delegation = await node.delegation();
  const unknown = new NodeError('CERTIFICATE_UNKNOWN', { serialNumber: wanted.predecessor });
  const generation = generationOf(delegation, wanted.predecessor);
  if (generation === undefined) throw unknown;
  const { id } = await readJournal(node.read, generation.origin);
  const [predecessor] = await readRecords(node.read, id, 'serialNumber', [wanted.predecessor]);
  if (predecessor === undefined) throw unknown;
  const successors = await readSuccessors(node.read, delegation, wanted.predecessor);
  const der = await readIssued(node, id, wanted.predecessor);
  const asked = askedFor(wanted, predecessor, successors, der, await fixedTypes(node, predecessor));
  // First, since what was issued already stands in the way of being issued again.
  const request = issuer.requestOf(predecessor.profile, asked);
  const earlier = (await issuer.findEarlier([{ request }])).get(request);
  if (earlier instanceof NodeError) throw earlier;
  if (earlier !== undefined) return { existing: earlier };
  if (asked.replacing !== undefined && generation.epoch !== delegation.epoch)
    requireMayRevoke(generation, node.now());
  const plan = issuer.plan(predecessor.profile, asked);
  if (wanted.service === 'change-information' && isSame(plan.tbs, readCertificate(der, 'predecessor').tbs))
    throw new NodeError('CHANGE_POINTLESS', { serialNumber: wanted.predecessor });
  return { plan };
}

/** Whether one certificate would say what the other says, but for its own number and beginning. */
function isSame(one: TbsCertificate, other: TbsCertificate): boolean {
  return (
    one.issuerDer.equals(other.issuerDer) &&
    one.subjectDer.equals(other.subjectDer) &&
    one.publicKey.spkiSha256 === other.publicKey.spkiSha256 &&
    isDeepStrictEqual(one.extensions, other.extensions)
  );
}

/** The certificates that follow the given one, under whichever CA key. */
export async function readSuccessors(
  db: LedgerDatabase,
  { generations }: Delegation,
  serialNumber: string,
): Promise<readonly CertificateRecord[]> {
  const successors: CertificateRecord[] = [];
  for (const { origin } of generations) {
    const { id } = await readJournal(db, origin);
    successors.push(...(await readRecords(db, id, 'predecessor', [serialNumber])));
  }
  return successors;
}

/** The journal of an earlier CA key does not know what follows its certificates: there, revoking must be delegated. */
function requireMayRevoke(generation: Generation, now: Date): void {
  const { services } = grantAt(generation, now);
  if (services.includes('revoke')) return;
  const problem = {
    code: 'OUTSIDE_GRANT',
    where: 'service',
    found: 'revoke',
    allowed: services.join(', '),
  } as const;
  throw new DelegationError('OUTSIDE_GRANT', { violations: 1 }, { problems: [problem] });
}

/** Attributes whose one value the grant gives: after a merger of bodies they are the new names by themselves. */
async function fixedTypes(
  node: SubCaNode,
  { profile }: CertificateRecord,
): Promise<ReadonlySet<AttributeType>> {
  const grant = grantAt(await node.delegation(), node.now());
  const places = grant.scope.profiles.find(({ id }) => id === profile)?.subject ?? [];
  return new Set(places.filter(({ min, values }) => min > 0 && values?.length === 1).map(({ type }) => type));
}

function askedFor(
  wanted: SuccessionRequest,
  predecessor: CertificateRecord,
  successors: readonly CertificateRecord[],
  der: Buffer,
  fixed: ReadonlySet<AttributeType>,
): IssuanceRequest {
  const { service, csr, subject = [], without = [], keep = false, by } = wanted;
  const { tbs } = readCertificate(der, predecessor.serialNumber);
  const names = tbs.extensions.subjectAltName ?? [];
  const old = {
    emails: names.flatMap((name) => (name.kind === 'email' ? [name.value] : [])),
    dnsNames: names.flatMap((name) => (name.kind === 'dns' ? [name.value] : [])),
    ipAddresses: names.flatMap((name) => (name.kind === 'ip' ? [name.value] : [])),
  };
  const changes = service === 'change-information';
  const kept = tbs.subject.filter(({ type }) => !changes || !(fixed.has(type) || without.includes(type)));
  const reason = wanted.reason ?? USUAL_REASON[service];
  return {
    service,
    request: {
      der: csr?.der ?? der,
      publicKey: csr?.publicKey ?? tbs.publicKey,
      subject: kept,
      emails: changes ? given(csr?.emails, old.emails) : old.emails,
      dnsNames: changes ? given(csr?.dnsNames, old.dnsNames) : old.dnsNames,
      ipAddresses: changes ? given(csr?.ipAddresses, old.ipAddresses) : old.ipAddresses,
    },
    subject,
    succession: { serialNumber: predecessor.serialNumber, predecessor, successors },
    ...(service !== 'renew' && !keep && reason !== undefined && { replacing: { reason, by } }),
  };
}

/** What the new request names, or else what the predecessor did. */
function given<T>(asked: readonly T[] | undefined, old: readonly T[]): readonly T[] {
  return asked === undefined || asked.length === 0 ? old : asked;
}
