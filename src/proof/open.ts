/** Checking a proof from nothing but the root's fingerprint, one link after another; the first that does not hold is told. */
import {
  checkCaCertificate,
  DelegationError,
  externalRootsOf,
  issuerOf,
  openAccepted,
  openAcceptedGrant,
  openGrant,
  openTrustStatements,
  registryKey,
  registryKeys,
  type Grant,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { keyId, signaturesOf } from '../envelope';
import {
  auditPathLength,
  decodeEntry,
  leafHash,
  openCheckpoint,
  originOf,
  placeOfSerialNumber,
  verifyInclusion,
  type EntryOf,
} from '../journal';
import { openReceipt, type Receipt } from '../sync';
import {
  assembleCertificate,
  readCertificate,
  readTbsCertificate,
  verifyIssuedBy,
  type Certificate,
} from '../x509';
import { ProofError } from './errors';
import { decodeProof, type ProofParts, type ProvenEntry } from './file';

/** What a proof shows: the certificate stands there, and the root had seen it by that time. */
export interface Proven {
  readonly certificate: Certificate;
  readonly node: string;
  readonly organisation: string;
  /** Of the journal. */
  readonly origin: string;
  /** Of its intent: the place that the serial number names. */
  readonly index: number;
  /** Of the entry with its signature. */
  readonly issuedIndex: number;
  /** The head that node and root both signed; the hash in lower-case hex. */
  readonly size: number;
  readonly rootHash: string;
  /** When the root signed it. */
  readonly time: string;
}

export interface ProofExpectation {
  /** SHA-256 of the root certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Every trust statement of the reader's own, oldest first, where there are any: the proof may rest on no other. */
  readonly statements?: readonly SignedDocument<TrustStatement>[];
  /** What it is to be a proof of. */
  readonly certificate?: Certificate;
}

/**
 * @throws ProofError; DelegationError, EnvelopeError, JournalError, SyncError, X509Error for a part that is not what it
 * ought to be
 */
export function openProof(bytes: Uint8Array, expected: ProofExpectation): Proven {
  const parts = decodeProof(bytes);
  // 1. The root, and whom it vouches for.
  const root = readCertificate(parts.rootCertificate, 'root certificate');
  if (root.sha256 !== expected.fingerprint) {
    throw new DelegationError('FINGERPRINT_MISMATCH', {
      found: root.sha256,
      expected: expected.fingerprint,
    });
  }
  const statements = parts.trustStatements.flatMap((one) => openTrustStatements([one], root, undefined));
  const known = expected.statements ?? statements;
  for (const { value, sha256 } of statements)
    if (!known.some((one) => one.sha256 === sha256))
      throw new ProofError('TRUST_UNKNOWN', { version: value.version });
  // 2. The node and its keys, for which the operators vouch.
  const grant = openAcceptedGrant(parts.grant, statements);
  const caCertificate = readCertificate(parts.caCertificate, 'sub-CA certificate');
  const trusted = statements.map(({ value }) => value);
  const issuer = issuerOf(caCertificate, root, trusted) ?? root;
  checkCaCertificate(caCertificate, issuer, grant.value, caCertificate.tbs.notBefore);
  // 3. The head of its journal, which root and node have signed.
  const keys = trusted.map(registryKey);
  const receipt = openReceipt(parts.receipt, ...keys);
  requireKeyInForce(parts.receipt, receipt, known);
  requireSameHead(receipt, parts, grant.value, trusted);
  // 4. The entries in that journal.
  for (const entry of [parts.intent, parts.issued]) requireIncluded(entry, receipt);
  const { intent, issued } = entriesOf(parts);
  // 5. The certificate that these two entries are.
  const certificate = readCertificate(parts.certificate, 'certificate');
  requireCertificateOf(parts, intent, issued, grant.value.keys.epoch);
  const { serialNumber } = certificate.tbs;
  if (!verifyIssuedBy(certificate, caCertificate)) throw new ProofError('NOT_BY_THE_CA', { serialNumber });
  // The same certificate may have another signature of the CA: of an ECDSA signature, anybody can make a second.
  const isOfExpected = ({ tbs }: Certificate): boolean => tbs.der.equals(certificate.tbs.der);
  if (
    expected.certificate !== undefined &&
    !(isOfExpected(expected.certificate) && verifyIssuedBy(expected.certificate, caCertificate))
  )
    throw new ProofError('OTHER_CERTIFICATE', {
      found: serialNumber,
      expected: expected.certificate.tbs.serialNumber,
    });
  return {
    certificate,
    node: grant.value.nodeId,
    organisation: grant.value.organisation.name,
    origin: receipt.origin,
    index: parts.intent.index,
    issuedIndex: parts.issued.index,
    size: receipt.size,
    rootHash: receipt.rootHash,
    time: receipt.time,
  };
}

/** A key that was replaced, perhaps because it was exposed, signs nothing later. */
function requireKeyInForce(
  envelope: Buffer,
  { time }: Receipt,
  statements: readonly SignedDocument<TrustStatement>[],
): void {
  const signers = signaturesOf(envelope).map((one) => one.keyId);
  const keys = registryKeys(statements.map(({ value }) => value)).filter(({ spki }) =>
    signers.includes(keyId(spki)),
  );
  if (!keys.some(({ until }) => until === undefined || time <= until))
    throw new ProofError('REGISTRY_KEY_REPLACED', { time });
}

function requireSameHead(
  { origin, size, rootHash }: Receipt,
  { checkpoint }: ProofParts,
  { nodeId: node, keys }: Grant,
  trusted: readonly TrustStatement[],
): void {
  const own = trusted.map(({ registry }) => originOf({ registry: registry.name, node, epoch: keys.epoch }));
  if (!own.includes(origin))
    throw new ProofError('OTHER_JOURNAL', { found: origin, expected: own.join(', ') });
  const key = { name: origin, spki: Buffer.from(keys.journalSpki, 'base64') };
  const head = openCheckpoint(checkpoint, key, origin);
  if (head.size !== size) throw new ProofError('RECEIPT_SIZE', { receipt: size, checkpoint: head.size });
  if (head.rootHash.toString('hex') !== rootHash) throw new ProofError('HEADS_CONTRADICT', { origin, size });
}

function requireIncluded({ index, bytes, auditPath }: ProvenEntry, { size, rootHash }: Receipt): void {
  if (index >= size) throw new ProofError('ENTRY_NOT_COVERED', { index, size });
  const expected = auditPathLength(index, size);
  const found = auditPath.length;
  if (found !== expected) throw new ProofError('PATH_LENGTH', { index, size, found, expected });
  const root = Buffer.from(rootHash, 'hex');
  if (!verifyInclusion({ index, size, leafHash: leafHash(bytes), proof: auditPath, root }))
    throw new ProofError('NOT_INCLUDED', { index, size });
}

function entriesOf({ intent, issued }: ProofParts): {
  readonly intent: EntryOf<'intent'>;
  readonly issued: EntryOf<'issued'>;
} {
  const [first, second] = [decodeEntry(intent.bytes), decodeEntry(issued.bytes)];
  if (first.type === 'intent' && second.type === 'issued' && second.intent === intent.index)
    return { intent: first, issued: second };
  throw new ProofError('ENTRIES_UNRELATED', { intent: intent.index, issued: issued.index });
}

function requireCertificateOf(
  parts: ProofParts,
  intent: EntryOf<'intent'>,
  { signature }: EntryOf<'issued'>,
  epoch: number,
): void {
  const tbs = readTbsCertificate(Buffer.from(intent.tbs, 'base64'), 'journalled certificate');
  const { serialNumber } = tbs;
  const place = placeOfSerialNumber(serialNumber);
  const { index } = parts.intent;
  if (place?.epoch !== epoch || place.index !== index)
    throw new ProofError('PLACE_DIFFERS', { serialNumber, index });
  const recorded = assembleCertificate(tbs.der, tbs.signatureAlgorithm, Buffer.from(signature, 'base64'));
  if (!recorded.equals(parts.certificate))
    throw new ProofError('CERTIFICATE_DIFFERS', { serialNumber, index });
}

/**
 * The trust statements that a proof has to bring, oldest first.
 * @param statements all there are, oldest first
 * @param issuer of the CA certificate
 */
export function statementsFor(
  { receipt, grant }: Pick<ProofParts, 'receipt' | 'grant'>,
  statements: readonly SignedDocument<TrustStatement>[],
  issuer: Certificate,
): readonly Buffer[] {
  const under = (open: (trust: TrustStatement) => unknown): TrustStatement =>
    openAccepted(statements, (trust) => {
      open(trust);
      return trust;
    });
  const names = (trust: TrustStatement): boolean =>
    externalRootsOf(trust).some(({ sha256 }) => sha256 === issuer.sha256);
  const needed = [
    under((trust) => openGrant(grant, trust)),
    under((trust) => openReceipt(receipt, registryKey(trust))),
    statements.findLast(({ value }) => names(value))?.value,
  ];
  return statements.filter(({ value }) => needed.includes(value)).map(({ envelope }) => envelope);
}
