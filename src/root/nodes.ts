/** What the root knows of its nodes: their authority, and how they stand. */
import { readDocuments, readNewestDocument, type CommonSchema, type Database } from '../db';
import {
  openAcceptedGrant,
  type Authority,
  type Grant,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { originOf } from '../journal';
import { findJournal } from '../ledger';
import { readCertificate, verifyIssuedBy } from '../x509';
import { RootError } from './errors';
import { countFindings } from './findings';
import type { RootCa } from './root';

export interface KnownNode {
  readonly nodeId: string;
  readonly origin: string;
  readonly grant: Grant;
  readonly authority: Authority;
  readonly journalSpki: Buffer;
}

/** Opens a node's certificate and grants anew from their bytes. @throws RootError `NODE_UNKNOWN`, `STORED_DIFFERS` */
export async function readNode(root: RootCa, nodeId: string): Promise<KnownNode> {
  const db = root.read;
  const stored = await readNewestDocument(db, 'ca-certificate', nodeId);
  if (stored === undefined) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  const caCertificate = readCertificate(stored.bytes, `sub-CA certificate of ${nodeId}`);
  if (!verifyIssuedBy(caCertificate, await root.certificate())) {
    throw new RootError('STORED_DIFFERS', {
      what: nodeId,
      reason: 'its certificate is not signed by the root',
    });
  }
  const grants = await readGrants(db, nodeId, await root.trustStatements());
  const grant = [...grants.values()].at(-1)?.value;
  if (grant === undefined) throw new RootError('STORED_DIFFERS', { what: nodeId, reason: 'it has no grant' });
  const { epoch, journalSpki } = grant.keys;
  return {
    nodeId,
    origin: originOf({ registry: root.config.registry.name, node: nodeId, epoch }),
    grant,
    authority: { nodeId, epoch, caCertificate, grants },
    journalSpki: Buffer.from(journalSpki, 'base64'),
  };
}

async function readGrants(
  db: Database<CommonSchema>,
  nodeId: string,
  statements: readonly SignedDocument<TrustStatement>[],
): Promise<ReadonlyMap<number, SignedDocument<Grant>>> {
  const grants = new Map<number, SignedDocument<Grant>>();
  for (const { bytes, sha256, version } of await readDocuments(db, 'grant', nodeId)) {
    const opened = openAcceptedGrant(bytes, statements);
    if (opened.sha256 !== sha256 || opened.value.version !== version) {
      throw new RootError('STORED_DIFFERS', {
        what: `grant ${String(version)} of ${nodeId}`,
        reason: 'its bytes changed',
      });
    }
    grants.set(version, opened);
  }
  return grants;
}

export interface NodeSummary {
  readonly node: string;
  readonly organisation: string;
  readonly origin: string;
  readonly entries: number;
  readonly certificates: number;
  readonly revoked: number;
  readonly crlNumber: number;
  readonly grantVersion: number;
  readonly lastContact: string | null;
  readonly findings: number;
}

export async function listNodes(root: RootCa): Promise<readonly NodeSummary[]> {
  const rows = await root.store.read.selectFrom('nodes').selectAll().orderBy('nodeId').execute();
  return Promise.all(
    rows.map(async ({ nodeId, journal, lastContact }) => {
      const { grant, origin } = await readNode(root, nodeId);
      const stored = await findJournal(root.read, origin);
      const counts = await root.store.read
        .selectFrom('certificates')
        .select((row) => ['status', row.fn.countAll<number>().as('count')])
        .where('journal', '=', journal)
        .groupBy('status')
        .execute();
      const count = (...statuses: readonly string[]): number =>
        counts.filter(({ status }) => statuses.includes(status)).reduce((sum, row) => sum + row.count, 0);
      const findings = await countFindings(root, journal);
      return {
        node: nodeId,
        organisation: grant.organisation.name,
        origin,
        entries: stored?.state.size ?? 0,
        certificates: count('issued', 'suspended', 'revoked'),
        revoked: count('suspended', 'revoked'),
        crlNumber: stored?.state.crlNumber ?? 0,
        grantVersion: stored?.state.grantVersion ?? 0,
        lastContact,
        findings,
      };
    }),
  );
}
