/** Activation: from a grant bundle and a typed fingerprint to a node that may issue; and later grants and statements. */
import { commonTables, readDocuments, readKey, type CommonSchema, type Database } from '../db';
import {
  checkGrantHasEffect,
  checkGrantIsFor,
  checkGrantIsNext,
  keysOfBundle,
  openBundle,
  openGrant,
  openTrustStatements,
  requireTrustValid,
  DelegationError,
  type Authority,
  type Grant,
  type NodeIdentity,
  type OpenedBundle,
  type SignedDocument,
} from '../delegation';
import { originOf } from '../journal';
import { createJournal, keepExternalCrl, readJournal } from '../ledger';
import { sha256Hex } from '../signer';
import { readCrl, verifyCrl, type Certificate, type CertificateList } from '../x509';
import type { Delegation } from './delegation';
import { NodeError } from './errors';
import type { JournalWriter } from './journalWriter';
import { pendingKey } from './nextKey';
import { caRole, type SubCaNode } from './node';
import { republish } from './publication';
import {
  isNewerRootCrl,
  storeCaCertificate,
  storeGrant,
  storeRootCertificate,
  storeRootCrl,
  storeTrustStatement,
} from './storedDocuments';
import { newerTrust, openRegained, succeed } from './keySuccession';

/**
 * Takes a grant that comes by file: the first, a later version for the same CA key, or one with the certificate of the
 * next CA key. Everything is checked before anything is stored. Done again, it finishes what was cut off.
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
  const current = await node.findDelegation();
  const identity = await identityFor(node, keysOfBundle(bundle).epoch);
  const opened = openBundle(bundle, pinned, identity, node.now(), current);
  if (current === undefined) {
    checkGrantHasEffect(opened.grant, node.now());
    await node.store.transaction((tx) => storeFirst(commonTables(tx), opened, node.now()));
  } else {
    // The same path as a grant that comes with a sync, and from the same root.
    if (opened.root.sha256 !== current.root.sha256) {
      const [found, expected] = [opened.root.sha256, current.root.sha256];
      throw new DelegationError('FINGERPRINT_MISMATCH', { found, expected });
    }
    // What a root says of revocation counts whatever becomes of the rest.
    await keepNewerCrls(node, opened);
    const known = current.generations.some(({ authority }) => holds(authority, opened.grant));
    if (known) await openRegained(node);
    else {
      const { epoch } = opened.grant.value.keys;
      await requireNotReplaced(node, current, epoch);
      // A key that has been succeeded is never taken up again.
      if (epoch < current.epoch) checkGrantIsFor(opened.grant.value, await identityOf(node, current.epoch));
      checkGrantIsNext(opened.grant, node.now(), current.grant);
      if (epoch > current.epoch) {
        checkGrantHasEffect(opened.grant, node.now());
        await succeed(node, opened);
      } else await storeNext(node, opened);
    }
  }
  await journalGrants(node, await node.delegation(), journal);
  return node.delegation();
}

/**
 * Takes a later version for the CA key in use that comes by file. The root is pinned already, so that nobody has to type
 * its fingerprint; a bundle for the next CA key is taken by `activate` alone.
 * @throws as `activate`; DelegationError `GRANT_FOR_OTHER_KEY`
 */
export async function acceptBundle(
  node: SubCaNode,
  journal: JournalWriter,
  bundle: Buffer,
): Promise<Delegation> {
  const { root, epoch } = await node.delegation();
  const found = keysOfBundle(bundle).epoch;
  if (found > epoch) {
    const [is, expected] = [String(found), String(epoch)];
    throw new DelegationError('GRANT_FOR_OTHER_KEY', { what: 'epoch', found: is, expected });
  }
  return activate(node, journal, bundle, root.sha256);
}

/** A later version for the CA key in use. */
async function storeNext(node: SubCaNode, opened: OpenedBundle): Promise<void> {
  const now = node.now();
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const current = await node.delegation(db);
    checkGrantIsNext(opened.grant, now, current.grant);
    const trust = newerTrust(opened, current, now);
    if (trust !== undefined) await storeTrustStatement(db, trust, now);
    await storeGrant(db, opened.grant, now);
  });
}

/** A key that another was made in place of is never opened. @throws NodeError `ROLLOVER_REPLACED` */
async function requireNotReplaced(node: SubCaNode, current: Delegation, epoch: number): Promise<void> {
  const pending = await pendingKey(node, current);
  if (epoch <= current.epoch || pending === undefined || pending.epoch <= epoch) return;
  throw new NodeError('ROLLOVER_REPLACED', { epoch, by: pending.epoch });
}

function holds({ grants }: Authority, { value, sha256 }: SignedDocument<Grant>): boolean {
  return grants.get(value.version)?.sha256 === sha256;
}

/** The node under the CA key that a bundle names, if that is one of its own; else under the one it uses. */
async function identityFor(node: SubCaNode, epoch: number): Promise<NodeIdentity> {
  const own = await readKey(node.read, caRole(epoch));
  return identityOf(node, own === undefined ? ((await node.findDelegation())?.epoch ?? 1) : epoch);
}

/** @throws NodeError `KEY_MISSING` */
export async function identityOf(node: SubCaNode, epoch: number): Promise<NodeIdentity> {
  const [ca, journal] = [await node.key(caRole(epoch)), await node.key('journal')];
  return {
    nodeId: node.config.node,
    organisationCode: node.config.organisation.code,
    epoch,
    caSpkiSha256: sha256Hex(ca.spki),
    caSignature: ca.signatureAlgorithm,
    journalSpki: journal.spki,
  };
}

/** A bundle, also one that comes again, may bring newer CRLs; an older one never comes back. */
async function keepNewerCrls(node: SubCaNode, { rootCrl, issuer, issuerCrl }: OpenedBundle): Promise<void> {
  const now = node.now();
  const isNews = await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const isNewer = await isNewerRootCrl(db, rootCrl);
    if (isNewer) await storeRootCrl(db, rootCrl, now);
    const kept = issuerCrl !== undefined && (await keepExternalCrl(db, issuer, issuerCrl, now));
    return isNewer || kept;
  });
  if (isNews) await republish(node);
}

async function storeFirst(db: Database<CommonSchema>, opened: OpenedBundle, now: Date): Promise<void> {
  const { root, rootCrl, trust, grant, caCertificate, issuer, issuerCrl } = opened;
  if (issuerCrl !== undefined) await keepExternalCrl(db, issuer, issuerCrl, now);
  await storeRootCertificate(db, root, now);
  await storeRootCrl(db, rootCrl, now);
  await storeCaCertificate(db, caCertificate, 1, now);
  await storeTrustStatement(db, trust, now);
  await storeGrant(db, grant, now);
  const { nodeId, keys } = grant.value;
  await createJournal(db, originOf({ registry: trust.value.registry.name, node: nodeId, epoch: keys.epoch }));
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

/**
 * Takes newer trust statements, one version after another; each is stored for itself, whatever becomes of what came
 * with it.
 * @throws DelegationError `TRUST_SEQUENCE`, `TRUST_EXPIRED`; EnvelopeError: nothing is stored then
 */
export async function acceptTrustStatements(node: SubCaNode, envelopes: readonly Buffer[]): Promise<void> {
  if ((await unknownOf(node.read, 'trust-statement', envelopes)).length === 0) return;
  const now = node.now();
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const { root, trust } = await node.delegation(db);
    const unknown = await unknownOf(db, 'trust-statement', envelopes);
    for (const statement of openTrustStatements(unknown, root, now, trust))
      await storeTrustStatement(db, statement, now);
  });
}

/** Signed documents as they came with a reply, in order. */
interface NewDocuments {
  readonly grants: readonly Buffer[];
  readonly rootCrl?: Buffer;
}

/**
 * Takes newer grants, signed by operators of the trust statement in force, and the root's CRL; done again, it finishes
 * what was cut off.
 * @throws DelegationError, EnvelopeError: nothing is stored then
 */
export async function acceptDocuments(
  node: SubCaNode,
  journal: JournalWriter,
  documents: NewDocuments,
): Promise<void> {
  await keepDocuments(node, documents);
  const delegation = await node.delegation();
  const { state } = await readJournal(node.read, delegation.origin);
  if (state.grantVersion !== delegation.grant.value.version) await journalGrants(node, delegation, journal);
}

/** As `acceptDocuments`, and the journal is left as it is. */
export async function keepDocuments(node: SubCaNode, documents: NewDocuments): Promise<void> {
  const before = await node.delegation();
  const now = node.now();
  const { epoch, trust } = before;
  let { grant } = before;
  const identity = await identityOf(node, epoch);
  const newGrants: SignedDocument<Grant>[] = [];
  for (const envelope of await unknownOf(node.read, 'grant', documents.grants)) {
    const next = openGrant(envelope, trust.value);
    requireTrustValid(trust.value, now);
    // The next CA key's comes with its certificate, in a bundle, and is taken when a person says so.
    if (next.value.keys.epoch > epoch) break;
    checkGrantIsFor(next.value, identity);
    checkGrantIsNext(next, now, grant);
    newGrants.push((grant = next));
  }
  const crl = documents.rootCrl && (await newerRootCrl(node, before.root, documents.rootCrl));
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    for (const next of newGrants) await storeGrant(db, next, now);
    if (crl !== undefined) await storeRootCrl(db, crl, now);
  });
  if (crl !== undefined) await republish(node);
}

/** Those that are not stored yet: a reply may come twice. */
async function unknownOf(
  db: Database<CommonSchema>,
  kind: 'trust-statement' | 'grant',
  envelopes: readonly Buffer[],
): Promise<readonly Buffer[]> {
  const stored = await readDocuments(db, kind);
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
  return (await isNewerRootCrl(node.read, crl)) ? crl : undefined;
}
