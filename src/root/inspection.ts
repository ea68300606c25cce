/** A certificate found anywhere: recorded at its place in a node's journal, or hidden from the root. */
import { placeOfSerialNumber } from '../journal';
import type { CertificateStatus } from '../delegation';
import { findJournal, journalledCertificate, proveEntry, recordOf, type StoredJournal } from '../ledger';
import type { ProvenEntry } from '../proof';
import { formatName, verifyIssuedBy, type Certificate } from '../x509';
import { readGenerations, type KnownNode } from './nodes';
import type { RootCa } from './root';

/**
 * recorded: its journal holds this very certificate, or held it until it was removed; hidden: signed by a node's CA key, but its place in the journal
 * holds something else; not-synced: its place lies beyond what the node has sent so far; root: signed by the root;
 * external: a node's CA certificate, signed by an external root; foreign: by none of the keys known here.
 */
export type InspectionVerdict = 'recorded' | 'hidden' | 'not-synced' | 'root' | 'external' | 'foreign';

export interface Inspection {
  readonly verdict: InspectionVerdict;
  readonly serialNumber: string;
  readonly subject: string;
  readonly node?: string;
  readonly index?: number;
  /** As its journal says, of a certificate that stands there. */
  readonly status?: CertificateStatus;
  /** That it stands there, by the root's own copy of the journal. */
  readonly proof?: RecordedProof;
}

/** The two entries that are a certificate, with their ways to the root hash of a journal. */
export interface RecordedProof {
  readonly node: string;
  readonly origin: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly rootHash: string;
  readonly intent: ProvenEntry;
  readonly issued: ProvenEntry;
}

export async function inspectCertificate(root: RootCa, certificate: Certificate): Promise<Inspection> {
  const { serialNumber, subject } = certificate.tbs;
  const base = { serialNumber, subject: formatName(subject) };
  if (verifyIssuedBy(certificate, await root.certificate())) {
    const row = await root.store.read
      .selectFrom('rootCertificates')
      .select('der')
      .where('serialNumber', '=', serialNumber)
      .executeTakeFirst();
    return { ...base, verdict: row?.der?.equals(certificate.der) === true ? 'root' : 'hidden' };
  }
  const generations = await allGenerations(root);
  const certified = generations.find(({ authority }) => authority.caCertificate.der.equals(certificate.der));
  if (certified !== undefined) return { ...base, node: certified.nodeId, verdict: 'external' };
  for (const node of generations) {
    if (!verifyIssuedBy(certificate, node.authority.caCertificate)) continue;
    const { nodeId, epoch } = node;
    const place = placeOfSerialNumber(serialNumber);
    const journal = await findJournal(root.read, node.origin);
    // Of a key that was given up the root takes no journal: it has signed nothing that could be recorded.
    if (place?.epoch !== epoch || journal === undefined || node.isReplaced)
      return { ...base, node: nodeId, verdict: 'hidden' };
    const at = { node: nodeId, index: place.index };
    if (place.index >= journal.state.size) return { ...base, ...at, verdict: 'not-synced' };
    const record = await root.read
      .selectFrom('certificates')
      .selectAll()
      .where('journal', '=', journal.id)
      .where('serialNumber', '=', serialNumber)
      .executeTakeFirst();
    const issuedIndex = record?.issuedIndex ?? -1;
    const journalled = await journalledCertificate(
      root.read,
      journal.id,
      place.index,
      issuedIndex,
      certificate,
    );
    const recorded = journalled?.equals(certificate.der) === true;
    return {
      ...base,
      ...at,
      verdict: recorded ? 'recorded' : 'hidden',
      ...(record && { status: recordOf(record).status }),
      ...(recorded && { proof: await prove(root, nodeId, journal, [place.index, issuedIndex], certificate) }),
    };
  }
  return { ...base, verdict: 'foreign' };
}

async function prove(
  root: RootCa,
  node: string,
  journal: StoredJournal,
  [intentIndex, issuedIndex]: readonly [number, number],
  certificate: Certificate,
): Promise<RecordedProof> {
  const { origin, state, rootHash } = journal;
  return {
    node,
    origin,
    size: state.size,
    rootHash: rootHash.toString('hex'),
    intent: await proveEntry(root.read, journal, intentIndex, state.size, certificate),
    issued: await proveEntry(root.read, journal, issuedIndex, state.size, certificate),
  };
}

async function allGenerations(root: RootCa): Promise<readonly KnownNode[]> {
  const rows = await root.store.read.selectFrom('nodes').select('nodeId').distinct().execute();
  return (await Promise.all(rows.map(({ nodeId }) => readGenerations(root, nodeId)))).flat();
}
