/** The delegation a node holds: pinned root, trust statements, grants, sub-CA certificates, re-opened from their bytes. */
import {
  readDocuments,
  readNewestDocument,
  type CommonSchema,
  type Database,
  type DocumentKind,
} from '../db';
import {
  checkCaCertificate,
  DirectiveChain,
  grantInForce,
  issuerOf,
  openAcceptedDirective,
  openAcceptedGrant,
  openTrustStatements,
  registryKeys,
  type Authority,
  type Grant,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { originOf, placeOfSerialNumber } from '../journal';
import { readSeal } from '../ledger';
import { readCertificate, type Certificate } from '../x509';
import { NodeError } from './errors';

/** One CA key of the node, and what is done with it judged against. */
export interface Generation {
  readonly epoch: number;
  /** Origin of the journal of this epoch. */
  readonly origin: string;
  readonly caCertificate: Certificate;
  /** The root, or the external root that issued the CA certificate. */
  readonly issuer: Certificate;
  /** The newest accepted version that names this CA key. */
  readonly grant: SignedDocument<Grant>;
  readonly authority: Authority;
}

/** The delegation as it stands; its own generation is the newest, the only one that issues to subscribers. */
export interface Delegation extends Generation {
  readonly root: Certificate;
  /** The trust statement in force: the last of those taken. */
  readonly trust: SignedDocument<TrustStatement>;
  /** Every trust statement taken, oldest first: what was accepted under an earlier one is opened with these. */
  readonly trustStatements: readonly SignedDocument<TrustStatement>[];
  /** All that the node has taken; each is carried out as it is taken. */
  readonly directives: DirectiveChain;
  /** Every CA key the node has had, oldest first. */
  readonly generations: readonly Generation[];
}

/** The documents a delegation is made of. */
const PARTS: readonly DocumentKind[] = ['ca-certificate', 'grant', 'trust-statement', 'directive'];

/** Names the state of the stored delegation: another name, another delegation. */
export async function delegationState(db: Database<CommonSchema>): Promise<string> {
  const rows = await db
    .selectFrom('documents')
    .select((row) => ['kind', row.fn.max<number>('version').as('version')])
    .where('kind', 'in', PARTS)
    .where('subject', '=', '')
    .groupBy('kind')
    .orderBy('kind')
    .execute();
  return rows.map(({ kind, version }) => `${kind} ${String(version)}`).join();
}

/**
 * @param db a transaction or snapshot: the parts belong together
 * @returns `undefined` before activation
 * @throws NodeError `STORED_DOCUMENT`
 */
async function findDelegation(db: Database<CommonSchema>): Promise<Delegation | undefined> {
  const stored = await readNewestDocument(db, 'root-certificate');
  if (stored === undefined) return undefined;
  try {
    const root = readCertificate(stored.bytes, 'root certificate');
    if (root.sha256 !== stored.sha256) throw new Error('not the root certificate that was pinned');
    const statements = await readTrustStatements(db, root);
    const trust = statements.at(-1);
    if (trust === undefined) throw new Error('a part is missing');
    const grants = await readGrants(db, statements);
    const directives = await readDirectives(db, grants[0]?.value.nodeId ?? '', statements);
    const generations: Generation[] = [];
    for (const { bytes, version } of await readDocuments(db, 'ca-certificate')) {
      const registry = trust.value.registry.name;
      const parts = { epoch: version, bytes, root, registry, grants, statements, directives };
      generations.push(await readGeneration(db, parts));
    }
    const newest = generations.at(-1);
    if (newest === undefined) throw new Error('a part is missing');
    return { ...newest, root, trust, trustStatements: statements, directives, generations };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new NodeError('STORED_DOCUMENT', { what: 'delegation', reason }, { cause });
  }
}

interface GenerationParts {
  readonly epoch: number;
  readonly bytes: Buffer;
  readonly root: Certificate;
  readonly registry: string;
  readonly grants: readonly SignedDocument<Grant>[];
  readonly statements: readonly SignedDocument<TrustStatement>[];
  readonly directives: DirectiveChain;
}

async function readGeneration(
  db: Database<CommonSchema>,
  { epoch, bytes, root, registry, grants, statements, directives }: GenerationParts,
): Promise<Generation> {
  const caCertificate = readCertificate(bytes, 'sub-CA certificate');
  const own = grants.filter(({ value }) => value.keys.epoch === epoch);
  const grant = own.at(-1);
  if (grant === undefined) throw new Error(`no grant names the CA key of epoch ${String(epoch)}`);
  // What was accepted stays so when a later statement does not name its external root any more.
  const trusted = statements.map(({ value }) => value);
  const issuer = issuerOf(caCertificate, root, trusted) ?? root;
  checkCaCertificate(caCertificate, issuer, grant.value, caCertificate.tbs.notBefore);
  const { nodeId } = grant.value;
  const origin = originOf({ registry, node: nodeId, epoch });
  const sealedAt = (await readSeal(db, origin))?.size;
  const authority = {
    nodeId,
    epoch,
    caCertificate,
    grants: new Map(own.map((one) => [one.value.version, one])),
    directives,
    registry: registryKeys(trusted),
    ...(sealedAt !== undefined && { sealedAt }),
  };
  return { epoch, origin, caCertificate, issuer, grant, authority };
}

/**
 * The grant in force under a CA key at a time; the newest version may take effect later. The journal holds none back:
 * what was stored is journalled, or will be before anything else is.
 */
export function grantAt({ authority, grant }: Generation, time: Date): Grant {
  return grantInForce(authority.grants, grant.value.version, time.toISOString()) ?? grant.value;
}

/** The generation that gave out a serial number. @returns `undefined` if none here did */
export function generationOf(delegation: Delegation, serialNumber: string): Generation | undefined {
  const epoch = placeOfSerialNumber(serialNumber)?.epoch;
  return delegation.generations.find((generation) => generation.epoch === epoch);
}

/** The generation with this journal. @throws NodeError `REPLY_FOREIGN` for one that is of none here */
export function generationAt(generations: readonly Generation[], origin: string): Generation {
  const generation = generations.find((one) => one.origin === origin);
  if (generation === undefined) throw new NodeError('REPLY_FOREIGN', { origin });
  return generation;
}

/** @throws NodeError `NOT_ACTIVATED`, `STORED_DOCUMENT` */
export async function readDelegation(db: Database<CommonSchema>): Promise<Delegation> {
  const delegation = await findDelegation(db);
  if (delegation === undefined) throw new NodeError('NOT_ACTIVATED', {});
  return delegation;
}

async function readTrustStatements(
  db: Database<CommonSchema>,
  root: Certificate,
): Promise<readonly SignedDocument<TrustStatement>[]> {
  const stored = await readDocuments(db, 'trust-statement');
  return openTrustStatements(
    stored.map(({ bytes }) => bytes),
    root,
    undefined,
  );
}

/** A grant may have been signed by operators whom a later trust statement does not name any more. */
async function readGrants(
  db: Database<CommonSchema>,
  statements: readonly SignedDocument<TrustStatement>[],
): Promise<readonly SignedDocument<Grant>[]> {
  const stored = await readDocuments(db, 'grant');
  return stored.map(({ bytes }) => openAcceptedGrant(bytes, statements));
}

async function readDirectives(
  db: Database<CommonSchema>,
  nodeId: string,
  statements: readonly SignedDocument<TrustStatement>[],
): Promise<DirectiveChain> {
  const stored = await readDocuments(db, 'directive');
  return DirectiveChain.of(
    nodeId,
    stored.map(({ bytes }) => openAcceptedDirective(bytes, statements)),
  );
}
