/** A certificate found anywhere: recorded at its place in a node's journal, or hidden from the root. */
import { placeOfSerialNumber } from '../journal';
import type { CertificateStatus } from '../delegation';
import {
  findJournal,
  isRemovedIntent,
  journalledCertificate,
  proveEntry,
  recordOf,
  type StoredJournal,
} from '../ledger';
import type { ProvenEntry } from '../proof';
import { formatName, readCertificate, verifyIssuedBy, type Certificate } from '../x509';
import { readAllGenerations } from './nodes';
import type { RootCa } from './root';

/**
 * recorded: its journal holds this certificate; hidden: signed by a node's CA key, but its place in the journal
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
  /** As it is journalled; it may have another signature than the one that was inspected. */
  readonly certificate: Certificate;
  readonly node: string;
  readonly origin: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly rootHash: string;
  readonly intent: ProvenEntry;
  readonly issued: ProvenEntry;
}

/**
 * A certificate is known by what is signed, once the signature is seen to be the CA's: of an ECDSA signature anybody can
 * make another (r and n − s), and no node is to be accused for that.
 */
export async function inspectCertificate(root: RootCa, certificate: Certificate): Promise<Inspection> {
  const { serialNumber, subject, der: tbs } = certificate.tbs;
  const base = { serialNumber, subject: formatName(subject) };
  if (verifyIssuedBy(certificate, await root.certificate())) {
    const row = await root.store.read
      .selectFrom('rootCertificates')
      .select(['tbs', 'der'])
      .where('serialNumber', '=', serialNumber)
      .executeTakeFirst();
    const isKnown = row !== undefined && row.der !== null && row.tbs.equals(tbs);
    return { ...base, verdict: isKnown ? 'root' : 'hidden' };
  }
  const generations = await readAllGenerations(root);
  const certified = generations.find(
    ({ authority, issuer }) =>
      authority.caCertificate.tbs.der.equals(tbs) && verifyIssuedBy(certificate, issuer),
  );
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
    const stored = await journalledCertificate(root.read, journal.id, place.index, issuedIndex, certificate);
    const journalled = stored && readCertificate(stored, 'journalled certificate');
    const recorded = journalled?.tbs.der.equals(tbs) === true ? journalled : undefined;
    // With another signature than that of its entry, which nobody has any more, it is known but cannot be proven.
    const isRecorded =
      recorded !== undefined ||
      (issuedIndex !== -1 && (await isRemovedIntent(root.read, journal.id, place.index, certificate)));
    return {
      ...base,
      ...at,
      verdict: isRecorded ? 'recorded' : 'hidden',
      ...(record && { status: recordOf(record).status }),
      ...(recorded && { proof: await prove(root, nodeId, journal, recorded, [place.index, issuedIndex]) }),
    };
  }
  return { ...base, verdict: 'foreign' };
}

async function prove(
  root: RootCa,
  node: string,
  journal: StoredJournal,
  certificate: Certificate,
  [intentIndex, issuedIndex]: readonly [intent: number, issued: number],
): Promise<RecordedProof> {
  const { origin, state, rootHash } = journal;
  return {
    certificate,
    node,
    origin,
    size: state.size,
    rootHash: rootHash.toString('hex'),
    intent: await proveEntry(root.read, journal, intentIndex, state.size, certificate),
    issued: await proveEntry(root.read, journal, issuedIndex, state.size, certificate),
  };
}
