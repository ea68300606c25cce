/** The tables of both parties; what a row holds is stored and outlives the program that wrote it. */
import type { Generated, Kysely, Transaction } from 'kysely';
import type { SignatureAlgorithm } from '../signer';

/** One journal: an origin with the head of its tree and what the judge must remember. */
export interface JournalsTable {
  id: Generated<number>;
  origin: string;
  size: number;
  /** Concatenated SHA-256 roots of the perfect subtrees. */
  frontier: Buffer;
  rootHash: Buffer;
  lastTime: string | null;
  grantVersion: number;
  crlNumber: number;
  lastDirective: number;
  toldSize: number;
  leaseTime: string | null;
  removedBefore: number;
}

export interface EntriesTable {
  journal: number;
  idx: number;
  /** The entry, verbatim; or what is left of it, if its certificate is removed. */
  bytes: Buffer;
  /** Hash of the leaf, if `bytes` are only what is left. */
  leaf: Buffer | null;
}

/** The perfect subtrees of two leaves and more: the hash of a leaf is that of its entry. */
export interface TreeNodesTable {
  journal: number;
  level: number;
  idx: number;
  hash: Buffer;
}

/** What the journal says of each serial number; derived from the entries and rebuilt from them by `verify`. */
export interface CertificatesTable {
  journal: number;
  serialNumber: string;
  intentIndex: number;
  issuedIndex: number | null;
  service: string;
  predecessor: string | null;
  renewals: number;
  profile: string;
  request: string;
  /** Empty once the certificate is removed. */
  subject: string;
  subjectSha256: string;
  spkiSha256: string;
  notBefore: string;
  notAfter: string;
  status: string;
  statusTime: string;
  reason: string | null;
  invalidityDate: string | null;
  heldSince: string | null;
  exposureTime: string | null;
}

/** Certificates counted under a grant; `key` as `quotaKeys` makes it. */
export interface QuotaTable {
  journal: number;
  key: string;
  used: number;
}

/** What the journal says became of each directive. */
export interface DirectiveResultsTable {
  journal: number;
  sequence: number;
  /** Index of the entry. */
  idx: number;
  time: string;
  /** applied, impossible */
  outcome: string;
}

/** Signed documents and certificates, kept as the bytes that were signed. */
export interface DocumentsTable {
  /** trust-statement, grant, directive, application, answer, root-certificate, ca-certificate, root-crl, ceremony */
  kind: string;
  /** Whose: a node id, an application id; empty for the party's own. */
  subject: string;
  version: number;
  sha256: string;
  bytes: Buffer;
  time: string;
}

/** Keys on tokens; a row is written before the key is generated, so that a crash leaves no unknown key. */
export interface KeysTable {
  role: string;
  label: string;
  tokenLabel: string;
  tokenSerial: string;
  algorithm: string;
  /** What the key signs with, for as long as it lives. */
  signatureAlgorithm: SignatureAlgorithm;
  /** DER SubjectPublicKeyInfo; null until the token has made the key. */
  spki: Buffer | null;
  /** CKA_ID, lower-case hex; null until it is known. */
  ckaId: string | null;
  attributes: string | null;
  /** Since when nobody is to sign with it any more; what it signed before stands. */
  retiredAt: string | null;
}

interface CommonTables {
  journals: JournalsTable;
  entries: EntriesTable;
  treeNodes: TreeNodesTable;
  certificates: CertificatesTable;
  quota: QuotaTable;
  directiveResults: DirectiveResultsTable;
  documents: DocumentsTable;
  keys: KeysTable;
}

/** An intent that a living process is about to have signed. */
export interface ReservationsTable {
  journal: number;
  intentIndex: number;
  /** The process lock of its owner. */
  owner: string;
}

export interface CrlsTable {
  journal: number;
  number: number;
  /** Index of its entry. */
  idx: number;
  /** Null for one that a loss took away: the root's copy of the journal tells of it, and nothing more. */
  bytes: Buffer | null;
}

/** Receipts of the root, as the envelopes that came. */
export interface ReceiptsTable {
  journal: number;
  size: number;
  time: string;
  envelope: Buffer;
}

/** Why this node must not issue any more: what the root said that a stored journal cannot be. */
export interface QuarantineTable {
  /** The journal it was said of: its agreement ends what its contradiction began. */
  journal: number;
  code: string;
  reason: string;
  reasonVi: string;
  since: string;
  /** Of the receipt that said so, or of the restore; only a later receipt can take it back. */
  receiptTime: string | null;
}

/** What was put right after a loss. */
export interface RecoveriesTable {
  journal: number;
  /** Index from which the entries are the root's or the mirror's. */
  fromIndex: number;
  /** Entries the journal had then. */
  size: number;
  /** The newest CRL it told of; later ones may be out there whose numbers nobody knows. */
  crlNumber: number;
  /** Serial numbers of certificates that no journal records any more, as a JSON array. */
  unrecorded: string;
  /** 1 if everything that was ever released is recorded again. */
  complete: number;
  time: string;
}

/** Entries on their way into a journal that lost them. */
export interface PulledEntriesTable {
  journal: number;
  idx: number;
  bytes: Buffer;
  /** As in `entries`. */
  leaf: Buffer | null;
}

/** Entries that stood where the root has others, kept as evidence. */
export interface SetAsideEntriesTable {
  journal: number;
  /** `size` of the recovery that took them out. */
  recovery: number;
  idx: number;
  bytes: Buffer;
}

/** The delegated body's database. */
export interface NodeSchema extends CommonTables {
  reservations: ReservationsTable;
  crls: CrlsTable;
  receipts: ReceiptsTable;
  quarantine: QuarantineTable;
  recoveries: RecoveriesTable;
  pulledEntries: PulledEntriesTable;
  setAsideEntries: SetAsideEntriesTable;
}

export interface ApplicationsTable {
  /** SHA-256 of the application's payload. */
  id: string;
  nodeId: string;
  /** pending, rejected, approved, granted */
  status: string;
  receivedAt: string;
  /** The payload of the grant the operators sign; null until the first approval. */
  draft: Buffer | null;
  /** The envelope over the draft with the signatures so far. */
  envelope: Buffer | null;
}

/** An order to a node, from its draft on. */
export interface DirectivesTable {
  nodeId: string;
  sequence: number;
  /** The envelope that a threshold of operators has signed; null until then. */
  envelope: Buffer | null;
  /** The envelope that is being signed, for the first time or anew. */
  draft: Buffer | null;
  /** When it was fully signed first. */
  signedAt: string | null;
}

/** The next version of a node's grant, on its way round the operators. */
export interface GrantDraftsTable {
  nodeId: string;
  /** The payload of the grant. */
  draft: Buffer;
  /** The envelope over it with the signatures so far; null before the first. */
  envelope: Buffer | null;
  /** 1 if it is not signed by itself, but what the grant for the next CA key is made from. */
  withNextKey: number;
}

/** One generation of a node: a CA key of its own, with the journal of its epoch. */
export interface NodesTable {
  nodeId: string;
  epoch: number;
  journal: number;
  grantedAt: string;
  /** The newest signed status. */
  status: Buffer | null;
  /** The newest checkpoint note. */
  checkpoint: string | null;
  lastContact: string | null;
  /** The root's copy keeps no certificate of entries before this index, but where there are findings. */
  removedBefore: Generated<number>;
}

export interface FindingsTable {
  id: Generated<number>;
  journal: number;
  /** Null for a finding about a head rather than an entry. */
  entryIndex: number | null;
  code: string;
  /** Problems as JSON. */
  problems: string;
  /** Signed heads or other bytes that prove it. */
  evidence: string | null;
  openedAt: string;
  /** Envelope in which an operator says what is to be thought of it. */
  acknowledgement: Buffer | null;
}

/** What is, or was, wrong with a node that breaks no rule of its journal. */
export interface ConditionsTable {
  id: Generated<number>;
  nodeId: string;
  code: string;
  found: string;
  allowed: string;
  since: string;
  /** When its cause was gone. */
  closedAt: string | null;
}

/** Certificates signed by the root CA key. */
export interface RootCertificatesTable {
  serialNumber: string;
  /** What it is for: root, registry-tls, or the node's id. */
  purpose: string;
  /** Stored before it is signed. */
  tbs: Buffer;
  /** The certificate; null if it was never finished: then it counts as revoked. */
  der: Buffer | null;
  issuedAt: string;
  revokedAt: string | null;
  /** As RFC 5280 names it; null if not revoked. */
  revocationReason: string | null;
}

/** The root operator's database. */
export interface RootSchema extends CommonTables {
  applications: ApplicationsTable;
  directives: DirectivesTable;
  grantDrafts: GrantDraftsTable;
  nodes: NodesTable;
  findings: FindingsTable;
  conditions: ConditionsTable;
  rootCertificates: RootCertificatesTable;
}

/** The tables both parties have; code for both is written against these. */
export type CommonSchema = CommonTables;

/** A database handle or transaction over the given tables. */
export type Database<Schema> = Kysely<Schema>;

/** A party's handle as one to the common tables: kysely's types do not see that more tables do no harm. */
export function commonTables<Schema extends CommonSchema>(
  db: Database<Schema> | Transaction<Schema>,
): Database<CommonSchema> {
  return db as unknown as Database<CommonSchema>;
}
