/** The delegation a node holds: pinned root, trust statements, grants and sub-CA certificate, re-opened from their bytes. */
import { readDocuments, readNewestDocument, type CommonSchema, type Database } from '../db';
import {
  checkCaCertificate,
  openAcceptedGrant,
  openTrustStatement,
  type Authority,
  type Grant,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { originOf } from '../journal';
import { readCertificate, type Certificate } from '../x509';
import { NodeError } from './errors';

export interface Delegation {
  readonly root: Certificate;
  readonly trust: SignedDocument<TrustStatement>;
  /** The newest accepted version. */
  readonly grant: SignedDocument<Grant>;
  readonly authority: Authority;
  readonly caCertificate: Certificate;
  /** Origin of the node's journal. */
  readonly origin: string;
}

/** Stored documents were held against the clock when they came; they are never too old to be read. */
const ANY_TIME = new Date(0);

/** @returns `undefined` before activation. @throws NodeError `STORED_DOCUMENT` */
export async function findDelegation(db: Database<CommonSchema>): Promise<Delegation | undefined> {
  const stored = await readNewestDocument(db, 'root-certificate');
  if (stored === undefined) return undefined;
  try {
    const root = readCertificate(stored.bytes, 'root certificate');
    if (root.sha256 !== stored.sha256) throw new Error('not the root certificate that was pinned');
    const statements = await readTrustStatements(db, root);
    const trust = statements.at(-1);
    const grants = await readGrants(db, statements);
    const grant = [...grants.values()].at(-1);
    const ca = await readNewestDocument(db, 'ca-certificate');
    if (trust === undefined || grant === undefined || ca === undefined) throw new Error('a part is missing');
    const caCertificate = readCertificate(ca.bytes, 'sub-CA certificate');
    checkCaCertificate(caCertificate, root, grant.value, caCertificate.tbs.notBefore);
    const { nodeId, keys } = grant.value;
    return {
      root,
      trust,
      grant,
      caCertificate,
      authority: { nodeId, epoch: keys.epoch, caCertificate, grants },
      origin: originOf({ registry: trust.value.registry.name, node: nodeId, epoch: keys.epoch }),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new NodeError('STORED_DOCUMENT', { what: 'delegation', reason }, { cause });
  }
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
  const statements: SignedDocument<TrustStatement>[] = [];
  for (const { bytes } of await readDocuments(db, 'trust-statement')) {
    statements.push(openTrustStatement(bytes, root, ANY_TIME, statements.at(-1)));
  }
  return statements;
}

/** A grant may have been signed by operators whom a later trust statement does not name any more. */
async function readGrants(
  db: Database<CommonSchema>,
  statements: readonly SignedDocument<TrustStatement>[],
): Promise<ReadonlyMap<number, SignedDocument<Grant>>> {
  const grants = new Map<number, SignedDocument<Grant>>();
  for (const { bytes } of await readDocuments(db, 'grant')) {
    const grant = openAcceptedGrant(bytes, statements);
    grants.set(grant.value.version, grant);
  }
  return grants;
}
