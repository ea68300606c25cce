/** What the root knows of its nodes: their authority, and how they stand. */
import { readDocuments, type CommonSchema, type Database, type RootSchema } from '../db';
import {
  DirectiveChain,
  grantInForce,
  issuerOf,
  leaseOf,
  leaseStateAt,
  openAcceptedDirective,
  openAcceptedGrant,
  registryKeys,
  type Authority,
  type Grant,
  type Lease,
  type LeaseState,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { originOf, type Seal } from '../journal';
import { readJournal, readQuotaStatus, readSeal, type QuotaStatus } from '../ledger';
import { readCertificate, type Certificate } from '../x509';
import {
  readDirectiveRows,
  summariseDirectives,
  viewDirectives,
  type DirectiveSummary,
} from './directiveViews';
import { RootError } from './errors';
import { countFindings } from './findings';
import type { RootCa } from './root';

/** A node under one of its CA keys, with what the journal of that key is judged against. */
export interface KnownNode {
  readonly nodeId: string;
  readonly epoch: number;
  readonly origin: string;
  /** The newest version that names this CA key. */
  readonly grant: SignedDocument<Grant>;
  readonly authority: Authority;
  /** Every one that a threshold of operators has signed; the same under each CA key. */
  readonly directives: DirectiveChain;
  /** The root, or the external root that issued the CA certificate. */
  readonly issuer: Certificate;
  readonly journalSpki: Buffer;
  /** Lost before it was opened, and replaced: a later grant follows the one before it. It is never opened any more. */
  readonly isReplaced: boolean;
}

/** A node under the newest CA key that was certified. @throws RootError `NODE_UNKNOWN`, `STORED_DIFFERS` */
export async function readNode(root: RootCa, nodeId: string): Promise<KnownNode> {
  const newest = (await readGenerations(root, nodeId)).at(-1);
  if (newest === undefined) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  return newest;
}

/** Of every node, by its name. */
export async function readAllGenerations(root: RootCa): Promise<readonly KnownNode[]> {
  const nodes = root.store.read.selectFrom('nodes').select('nodeId').distinct().orderBy('nodeId');
  const rows = await nodes.execute();
  return (await Promise.all(rows.map(({ nodeId }) => readGenerations(root, nodeId)))).flat();
}

/**
 * A node under each of its CA keys, oldest first; certificates and grants are opened anew from their bytes.
 * @throws RootError `NODE_UNKNOWN`, `STORED_DIFFERS`
 */
export async function readGenerations(root: RootCa, nodeId: string): Promise<readonly KnownNode[]> {
  const db = root.read;
  const certificates = await readDocuments(db, 'ca-certificate', nodeId);
  if (certificates.length === 0) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  const statements = await root.trustStatements();
  const grants = await readGrants(db, nodeId, statements);
  const directives = await readDirectives(root.store.read, nodeId, statements);
  const own = await root.certificate();
  const trusted = statements.map(({ value }) => value);
  const registry = registryKeys(trusted);
  const inForce = chainOf(grants);
  const generations: KnownNode[] = [];
  for (const { bytes, version: epoch } of certificates) {
    const differs = (reason: string): RootError => new RootError('STORED_DIFFERS', { what: nodeId, reason });
    const caCertificate = readCertificate(bytes, `sub-CA certificate of ${nodeId}`);
    const issuer = issuerOf(caCertificate, own, trusted);
    if (issuer === undefined) throw differs('its certificate is signed by no root known here');
    const named = grants.filter(({ value }) => value.keys.epoch === epoch);
    const grant = named.at(-1);
    if (grant === undefined) throw differs(`it has no grant for epoch ${String(epoch)}`);
    const origin = originOf({ registry: root.config.registry.name, node: nodeId, epoch });
    const versions = new Map(named.map((one) => [one.value.version, one]));
    generations.push({
      nodeId,
      epoch,
      origin,
      grant,
      authority: sealed(
        { nodeId, epoch, caCertificate, grants: versions, registry, directives },
        await readSeal(db, origin),
      ),
      directives,
      issuer,
      journalSpki: Buffer.from(grant.value.keys.journalSpki, 'base64'),
      isReplaced: !inForce.has(grant.sha256),
    });
  }
  return generations;
}

/** SHA-256 of the newest grant, and of each that leads to it. */
function chainOf(grants: readonly SignedDocument<Grant>[]): ReadonlySet<string> {
  const known = new Map(grants.map((grant) => [grant.sha256, grant]));
  const chain = new Set<string>();
  for (let grant = grants.at(-1); grant !== undefined; grant = known.get(grant.value.previous ?? ''))
    chain.add(grant.sha256);
  return chain;
}

/** The authority over a journal under the seal it has, if any. */
export function sealed(authority: Omit<Authority, 'sealedAt'>, seal: Seal | undefined): Authority {
  const { nodeId, epoch, caCertificate, grants, registry, directives } = authority;
  return {
    nodeId,
    epoch,
    caCertificate,
    grants,
    registry,
    ...(directives && { directives }),
    ...(seal && { sealedAt: seal.size }),
  };
}

/** @throws DelegationError when one does not follow the one before; EnvelopeError */
async function readDirectives(
  db: Database<RootSchema>,
  nodeId: string,
  statements: readonly SignedDocument<TrustStatement>[],
): Promise<DirectiveChain> {
  const envelopes = (await readDirectiveRows(db, nodeId)).flatMap(({ envelope }) => envelope ?? []);
  return DirectiveChain.of(
    nodeId,
    envelopes.map((envelope) => openAcceptedDirective(envelope, statements)),
  );
}

async function readGrants(
  db: Database<CommonSchema>,
  nodeId: string,
  statements: readonly SignedDocument<TrustStatement>[],
): Promise<readonly SignedDocument<Grant>[]> {
  const grants: SignedDocument<Grant>[] = [];
  for (const { bytes, sha256, version } of await readDocuments(db, 'grant', nodeId)) {
    const opened = openAcceptedGrant(bytes, statements);
    if (opened.sha256 !== sha256 || opened.value.version !== version) {
      throw new RootError('STORED_DIFFERS', {
        what: `grant ${String(version)} of ${nodeId}`,
        reason: 'its bytes changed',
      });
    }
    grants.push(opened);
  }
  return grants;
}

/** A node's numbers under one CA key. */
export interface GenerationSummary {
  readonly epoch: number;
  readonly origin: string;
  readonly entries: number;
  readonly certificates: number;
  readonly revoked: number;
  readonly crlNumber: number;
  /** Newest version the node has journalled. */
  readonly grantVersion: number;
  readonly lastContact: string | null;
  readonly findings: number;
  /** Entries its journal had when the next CA key took over; null while it issues, or is not in use yet. */
  readonly sealedAt: number | null;
  /** Lost before it was opened: another CA key was certified in its place. */
  readonly replaced: boolean;
}

/** The numbers of all its CA keys together; origin and CRL are those of the one in use. */
export interface NodeSummary extends Omit<GenerationSummary, 'epoch' | 'sealedAt' | 'replaced'> {
  readonly node: string;
  readonly organisation: string;
  readonly directives: DirectiveSummary;
  /** Version in force by the clock here; null before the node has begun. */
  readonly inForce: number | null;
  /** Newest version the operators have signed for the key in use. */
  readonly newestGrant: number;
  readonly quota: QuotaStatus;
  /** As the journal that came last tells it; null before the node has begun. */
  readonly lease: (Lease & { readonly state: LeaseState }) | null;
  readonly generations: readonly GenerationSummary[];
}

export async function listNodes(root: RootCa): Promise<readonly NodeSummary[]> {
  const rows = await root.store.read
    .selectFrom('nodes')
    .select('nodeId')
    .distinct()
    .orderBy('nodeId')
    .execute();
  return Promise.all(rows.map(({ nodeId }) => summariseNode(root, nodeId)));
}

/** @throws RootError `NODE_UNKNOWN`, `STORED_DIFFERS` */
export async function summariseNode(root: RootCa, nodeId: string): Promise<NodeSummary> {
  const known = await readGenerations(root, nodeId);
  const generations = await Promise.all(known.map((one) => summariseGeneration(root, one)));
  const sum = (of: 'entries' | 'certificates' | 'revoked' | 'findings'): number =>
    generations.reduce((total, one) => total + one[of], 0);
  const inUse = keyInUse(generations);
  const key = known.findLast(({ epoch }) => epoch === inUse?.epoch) ?? known[0];
  if (key === undefined) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  const standing = await standingOf(root, key);
  const contacts = generations.flatMap(({ lastContact }) => lastContact ?? []).sort();
  return {
    node: nodeId,
    organisation: known.at(-1)?.grant.value.organisation.name ?? '',
    origin: inUse?.origin ?? '',
    entries: sum('entries'),
    certificates: sum('certificates'),
    revoked: sum('revoked'),
    crlNumber: inUse?.crlNumber ?? 0,
    grantVersion: inUse?.grantVersion ?? 0,
    lastContact: contacts.at(-1) ?? null,
    findings: sum('findings'),
    directives: summariseDirectives(
      await viewDirectives(root, known),
      known.at(-1)?.directives ?? DirectiveChain.EMPTY,
    ),
    ...standing,
    generations,
  };
}

/** The newest CA key whose journal has begun: one that is only certified shows nothing yet. @param generations oldest first */
export function keyInUse<T extends { readonly entries: number }>(generations: readonly T[]): T | undefined {
  return generations.findLast(({ entries }) => entries > 0) ?? generations[0];
}

/** How a node stands under its grant, by the journal of the CA key in use. */
async function standingOf(
  root: RootCa,
  { origin, authority, grant: newest }: KnownNode,
): Promise<Pick<NodeSummary, 'inForce' | 'newestGrant' | 'quota' | 'lease'>> {
  const { id, state } = await readJournal(root.read, origin);
  const now = root.now();
  const time = now.toISOString();
  const grant = grantInForce(authority.grants, state.grantVersion, time);
  const lease = grant && state.leaseTime !== null ? leaseOf(grant, state.leaseTime) : undefined;
  return {
    inForce: grant?.version ?? null,
    newestGrant: newest.value.version,
    quota: await readQuotaStatus(root.read, id, grant ?? newest.value, now),
    lease: lease === undefined ? null : { ...lease, state: leaseStateAt(lease, time) },
  };
}

async function summariseGeneration(
  root: RootCa,
  { nodeId, epoch, origin, authority, isReplaced }: KnownNode,
): Promise<GenerationSummary> {
  const { id, state } = await readJournal(root.read, origin);
  const row = await root.store.read
    .selectFrom('nodes')
    .select('lastContact')
    .where('nodeId', '=', nodeId)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  const counts = await root.store.read
    .selectFrom('certificates')
    .select((each) => ['status', each.fn.countAll<number>().as('count')])
    .where('journal', '=', id)
    .groupBy('status')
    .execute();
  const count = (...statuses: readonly string[]): number =>
    counts.filter(({ status }) => statuses.includes(status)).reduce((sum, one) => sum + one.count, 0);
  return {
    epoch,
    origin,
    entries: state.size,
    certificates: count('issued', 'suspended', 'revoked'),
    revoked: count('suspended', 'revoked'),
    crlNumber: state.crlNumber,
    grantVersion: state.grantVersion,
    lastContact: row?.lastContact ?? null,
    findings: await countFindings(root, id),
    sealedAt: authority.sealedAt ?? null,
    replaced: isReplaced,
  };
}
