/** Activation: from a grant bundle and a typed fingerprint to a node that may issue; and later grants and statements. */
import {
  commonTables,
  readDocuments,
  readNewestDocument,
  replaceDocument,
  storeDocument,
  type CommonSchema,
  type Database,
} from '../db';
import {
  checkGrantIsFor,
  checkGrantIsNext,
  openBundle,
  openGrant,
  openTrustStatement,
  DelegationError,
  type NodeIdentity,
  type OpenedBundle,
} from '../delegation';
import { originOf } from '../journal';
import { createJournal, readJournal } from '../ledger';
import { sha256Hex } from '../signer';
import { readCrl, verifyCrl, type Certificate, type CertificateList } from '../x509';
import { findDelegation, type Delegation } from './delegation';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';
import { republish } from './publication';

/**
 * Takes the first grant. Everything is checked before anything is stored; documents and the empty journal are stored
 * in one transaction, and the first two entries follow.
 * @param fingerprint SHA-256 of the root certificate as the person typed it: hex, with or without colons and blanks
 * @throws DelegationError, EnvelopeError, X509Error: the first thing that does not hold
 */
export async function activate(
  node: SubCaNode,
  journal: JournalWriter,
  bundle: Buffer,
  fingerprint: string,
): Promise<Delegation> {
  const pinned = fingerprint.replace(/[\s:]/g, '').toLowerCase();
  const opened = openBundle(bundle, pinned, await identityOf(node), node.now());
  const current = await findDelegation(node.read);
  if (current === undefined) {
    await node.store.transaction((tx) => storeFirst(commonTables(tx), opened, node.now()));
  } else if (current.grant.sha256 !== opened.grant.sha256) {
    // A later grant by file: the same path as one that comes with a sync, and from the same root.
    if (opened.root.sha256 !== current.root.sha256) {
      const [found, expected] = [opened.root.sha256, current.root.sha256];
      throw new DelegationError('FINGERPRINT_MISMATCH', { found, expected });
    }
    checkGrantIsNext(opened.grant, node.now(), current.grant);
    await node.store.transaction((tx) => storeGrant(commonTables(tx), opened, node.now()));
  }
  const delegation = await node.refreshDelegation();
  await journalGrants(node, delegation, journal);
  return delegation;
}

export async function identityOf(node: SubCaNode): Promise<NodeIdentity> {
  const [ca, journal] = [await node.key('ca'), await node.key('journal')];
  return {
    nodeId: node.config.node,
    organisationCode: node.config.organisation.code,
    epoch: 1,
    caSpkiSha256: sha256Hex(ca.spki),
    caSignature: ca.signatureAlgorithm,
    journalSpki: journal.spki,
  };
}

async function storeFirst(db: Database<CommonSchema>, opened: OpenedBundle, now: Date): Promise<void> {
  const { root, rootCrl, trust, grant, caCertificate } = opened;
  const own = { subject: '', version: 1 };
  await storeDocument(db, { ...own, kind: 'root-certificate', sha256: root.sha256, bytes: root.der }, now);
  await storeDocument(
    db,
    {
      ...own,
      kind: 'root-crl',
      version: Number(rootCrl.crlNumber),
      sha256: sha256Hex(rootCrl.der),
      bytes: rootCrl.der,
    },
    now,
  );
  await storeDocument(
    db,
    { ...own, kind: 'ca-certificate', sha256: caCertificate.sha256, bytes: caCertificate.der },
    now,
  );
  await storeDocument(
    db,
    {
      kind: 'trust-statement',
      subject: '',
      version: trust.value.version,
      sha256: trust.sha256,
      bytes: trust.envelope,
    },
    now,
  );
  await storeGrant(db, opened, now);
  const { nodeId, keys } = grant.value;
  await createJournal(db, originOf({ registry: trust.value.registry.name, node: nodeId, epoch: keys.epoch }));
}

async function storeGrant(
  db: Database<CommonSchema>,
  { grant }: Pick<OpenedBundle, 'grant'>,
  now: Date,
): Promise<void> {
  const { version } = grant.value;
  await storeDocument(
    db,
    { kind: 'grant', subject: '', version, sha256: grant.sha256, bytes: grant.envelope },
    now,
  );
}

/** Journals what is stored and not journalled yet: the opening, each grant version in turn, and earlier ceremonies. */
async function journalGrants(node: SubCaNode, delegation: Delegation, journal: JournalWriter): Promise<void> {
  const { authority, caCertificate } = delegation;
  const grants = [...authority.grants.values()];
  const ceremonies = await readDocuments(node.read, 'ceremony');
  await journal.submit({
    needs: {},
    run: (turn) => {
      const [first] = grants;
      const opens = turn.size === 0;
      if (opens && first !== undefined) {
        turn.append({
          type: 'open',
          node: authority.nodeId,
          epoch: authority.epoch,
          caSpkiSha256: caCertificate.tbs.publicKey.spkiSha256,
          grantSha256: first.sha256,
        });
      }
      for (const { value, sha256 } of grants) {
        if (value.version <= turn.grantVersion) continue;
        turn.append({ type: 'grant', grantId: value.grantId, version: value.version, sha256 });
      }
      // Later ones are journalled as they are kept.
      if (opens) for (const { sha256 } of ceremonies) turn.append({ type: 'ceremony', sha256 });
    },
  });
}

/** Signed documents as they came with a reply, in order. */
export interface NewDocuments {
  readonly trustStatements: readonly Buffer[];
  readonly grants: readonly Buffer[];
  readonly rootCrl?: Buffer;
}

/**
 * Takes newer trust statements, grants and the root's CRL; done again, it finishes what was cut off.
 * @throws DelegationError, EnvelopeError: nothing is stored then
 */
export async function acceptDocuments(
  node: SubCaNode,
  journal: JournalWriter,
  documents: NewDocuments,
): Promise<void> {
  const before = await node.delegation();
  const now = node.now();
  let { trust, grant } = before;
  const newTrust = (await unknownOf(node, 'trust-statement', documents.trustStatements)).map(
    (envelope) => (trust = openTrustStatement(envelope, before.root, now, trust)),
  );
  const identity = await identityOf(node);
  const newGrants = (await unknownOf(node, 'grant', documents.grants)).map((envelope) => {
    const next = openGrant(envelope, trust.value);
    checkGrantIsFor(next.value, identity);
    checkGrantIsNext(next, now, grant);
    return (grant = next);
  });
  const crl = documents.rootCrl && (await newerRootCrl(node, before.root, documents.rootCrl));
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    for (const { value, sha256, envelope } of newTrust) {
      const { version } = value;
      await storeDocument(
        db,
        { kind: 'trust-statement', subject: '', version, sha256, bytes: envelope },
        now,
      );
    }
    for (const next of newGrants) await storeGrant(db, { grant: next }, now);
    if (crl !== undefined) {
      const version = Number(crl.crlNumber);
      const document = { subject: '', version, sha256: sha256Hex(crl.der), bytes: crl.der };
      await replaceDocument(db, { kind: 'root-crl', ...document }, now);
    }
  });
  const delegation = await node.refreshDelegation();
  const { state } = await readJournal(node.read, delegation.origin);
  if (state.grantVersion !== delegation.grant.value.version) await journalGrants(node, delegation, journal);
  if (crl !== undefined) await republish(node);
}

/** Those that are not stored yet: a reply may come twice. */
async function unknownOf(
  node: SubCaNode,
  kind: 'trust-statement' | 'grant',
  envelopes: readonly Buffer[],
): Promise<readonly Buffer[]> {
  const stored = await readDocuments(node.read, kind);
  return envelopes.filter((envelope) => stored.every(({ bytes }) => !bytes.equals(envelope)));
}

/** @returns `undefined` for one that is not newer. @throws X509Error, DelegationError `CERTIFICATE_NOT_TRUSTED` */
async function newerRootCrl(
  node: SubCaNode,
  root: Certificate,
  bytes: Buffer,
): Promise<CertificateList | undefined> {
  const crl = readCrl(bytes, 'root CRL');
  if (!verifyCrl(crl, root)) {
    const reason = 'not signed by the root';
    throw new DelegationError('CERTIFICATE_NOT_TRUSTED', { what: 'root CRL', reason });
  }
  const known = await readNewestDocument(node.read, 'root-crl');
  return Number(crl.crlNumber) > (known?.version ?? 0) ? crl : undefined;
}
