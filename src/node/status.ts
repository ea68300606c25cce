/** What a person wants to know of a node at a glance. */
import { readLastBackup, type LastBackup } from '../backup';
import { findJournal, readQuotaStatus, type QuotaStatus } from '../ledger';
import { grantsToCome } from '../delegation';
import { worst, type HealthState, type TokenHealth } from '../hsm';
import { caRevocation } from './caStanding';
import { directiveStatus, type DirectiveStatus } from './directives';
import { grantAt } from './delegation';
import { leaseStatus, type LeaseStatus } from './lease';
import { KEY_ROLES, type SubCaNode } from './node';
import { lossOf, quarantinesOf, type Loss } from './quarantine';
import { rolloverStatus, type GenerationStatus, type RolloverStatus } from './rollover';
import { newestReceipt } from './syncClient';

/** Of the token that holds the node's keys, or of the worst of several. */
export interface TokenStatus {
  readonly state: HealthState;
  /** The code of what went wrong. */
  readonly cause: string | null;
  /** ISO 8601. */
  readonly since: string;
}

/** How well the node's tokens are: told by those this process has logged in to; the others are looked at from outside. */
export function tokenStatus(node: SubCaNode): TokenStatus {
  const opened = node.tokens.health();
  const healthOf = (label: string): TokenHealth =>
    opened.find((health) => health.label === label) ?? node.tokens.look(label);
  const ca = healthOf(node.tokenOf('ca'));
  const others = new Set(KEY_ROLES.map((role) => node.tokenOf(role)).filter((label) => label !== ca.label));
  const { state, cause, since } = worst([ca, ...[...others].map(healthOf)]) ?? ca;
  return { state, cause: cause?.code ?? null, since: since.toISOString() };
}

export interface StatusReport {
  readonly node: string;
  readonly organisation: string;
  readonly activated: boolean;
  readonly grant?: {
    readonly id: string;
    readonly version: number;
    readonly notAfter: string;
    readonly services: readonly string[];
    /** Versions that have arrived and take effect later, soonest first. */
    readonly toCome: readonly { readonly version: number; readonly effectiveFrom: string }[];
  };
  /** The certificate of the CA key in use; `revokedAt`: since when the root's CRL lists it, ISO 8601. */
  readonly caCertificate?: { readonly notAfter: string; readonly revokedAt: string | null };
  readonly quota?: QuotaStatus;
  readonly lease?: LeaseStatus;
  /** Of the journals of all CA keys together; the origin is that of the newest. */
  readonly journal?: {
    readonly origin: string;
    readonly size: number;
    readonly confirmed: number;
    readonly lastReceipt: string | null;
  };
  /** Where a second copy of the journals is kept; `failure` says why no certificate is released. */
  readonly mirror?: {
    readonly folder: string;
    /** Entries that are durable there, of the journals of all CA keys together. */
    readonly size: number;
    readonly failure: { readonly code: string; readonly message: string } | null;
  };
  /** Why nothing is issued, where the journal is not what another copy says it is. */
  readonly quarantine?: Awaited<ReturnType<typeof quarantinesOf>>;
  /** The last loss after which the CA key in use issues nothing more; null if there was none. */
  readonly historyLost?: Loss | null;
  /** The last one that was made of this directory; null if none was. */
  readonly backup: LastBackup | null;
  readonly certificates?: Readonly<Record<string, number>>;
  /** Of all CA keys that still publish, the CRL that is due first. */
  readonly crl?: GenerationStatus['crl'];
  readonly directives?: DirectiveStatus;
  readonly rollover?: RolloverStatus;
}

export async function nodeStatus(node: SubCaNode): Promise<StatusReport> {
  const { organisation, node: name } = node.config;
  const backup = await readLastBackup(node.paths.directory);
  const base = { node: name, organisation: organisation.name, backup };
  const delegation = await node.findDelegation();
  const journal = delegation && (await findJournal(node.read, delegation.origin));
  if (delegation === undefined || journal === undefined) return { ...base, activated: false };
  const now = node.now();
  const grant = grantAt(delegation, now);
  const { grantId, version, limits, services } = grant;
  const { grants } = delegation.authority;
  const toCome = grantsToCome(grants, journal.state.grantVersion, now.toISOString());
  const lease = await leaseStatus(node, delegation);
  const counts = await node.read
    .selectFrom('certificates')
    .select((row) => ['status', row.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  const revocation = await caRevocation(node.read, delegation.root, delegation);
  const receipt = await newestReceipt(node, delegation);
  const rollover = await rolloverStatus(node);
  const { generations } = rollover;
  const sum = (of: 'entries' | 'confirmed'): number => generations.reduce((total, one) => total + one[of], 0);
  return {
    ...base,
    activated: true,
    caCertificate: {
      notAfter: delegation.caCertificate.tbs.notAfter.toISOString(),
      revokedAt: revocation?.revocationDate.toISOString() ?? null,
    },
    grant: {
      id: grantId,
      version,
      notAfter: limits.notAfter,
      services,
      toCome: toCome.map((next) => ({ version: next.version, effectiveFrom: next.effectiveFrom })),
    },
    quota: await readQuotaStatus(node.read, journal.id, grant, now),
    ...(lease && { lease }),
    journal: {
      origin: journal.origin,
      size: sum('entries'),
      confirmed: sum('confirmed'),
      lastReceipt: receipt?.time ?? null,
    },
    ...mirrorStatus(node, generations),
    quarantine: await quarantinesOf(node),
    historyLost: (await lossOf(node, journal.origin)) ?? null,
    certificates: Object.fromEntries(counts.map(({ status, count }) => [status, count])),
    crl: dueFirst(generations),
    directives: await directiveStatus(node),
    rollover,
  };
}

function mirrorStatus(
  { mirror, mirrorFailure }: SubCaNode,
  generations: readonly GenerationStatus[],
): Pick<StatusReport, 'mirror'> {
  if (mirror === undefined) return {};
  const size = generations.reduce((total, { origin }) => total + mirror.held(origin), 0);
  const failure =
    mirrorFailure === undefined ? null : { code: mirrorFailure.code, message: mirrorFailure.message };
  return { mirror: { folder: mirror.folder, size, failure } };
}

function dueFirst(generations: readonly GenerationStatus[]): GenerationStatus['crl'] {
  const crls = generations.filter(({ state }) => state !== 'silent').flatMap(({ crl }) => crl ?? []);
  return crls.sort((a, b) => Date.parse(a.nextUpdate) - Date.parse(b.nextUpdate))[0] ?? null;
}
