/** Taking the next CA key: one transaction seals the journal of the one in use and opens that of the next. */
import { commonTables, type Database, type NodeSchema } from '../db';
import {
  checkGrantIsNext,
  DelegationError,
  openGrant,
  openTrustStatement,
  requireNotRevoked,
  requireTrustValid,
  type OpenedBundle,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { originOf, type Seal } from '../journal';
import { carryOver, createJournal, NO_NEEDS, readJournal } from '../ledger';
import { namesEqual } from '../x509';
import { issuerCrl } from './caStanding';
import { readDelegation, type Delegation, type Generation } from './delegation';
import type { SubCaNode } from './node';
import { PendingTurn } from './nodeTurn';
import { requireNotQuarantined } from './quarantine';
import { storeCaCertificate, storeGrant, storeTrustStatement } from './storedDocuments';

/**
 * Makes the CA key of an opened bundle, whose CRLs are kept already, the one that issues. All of it happens or nothing: a process that reads before
 * the commit still reserves under the old key and is sealed in with it, one that reads after it works with the new.
 * @throws NodeError `QUARANTINED`, `CLOCK_BEHIND`; DelegationError when the documents do not follow those held now
 */
export async function succeed(node: SubCaNode, opened: OpenedBundle): Promise<void> {
  await requireNotQuarantined(node);
  const now = node.now();
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const current = await node.delegation(db);
    checkGrantIsNext(opened.grant, now, current.grant);
    requireOwnName(opened, current);
    // By the newest CRL, which may not be the bundle's.
    requireNotRevoked(await issuerCrl(db, opened.root, opened), opened.caCertificate);
    const trust = newerTrust(opened, current, now);
    const seal = await sealJournal(node, tx, current);

    if (trust !== undefined) await storeTrustStatement(db, trust, now);
    const { nodeId, keys } = opened.grant.value;
    await storeCaCertificate(db, opened.caCertificate, keys.epoch, now);
    await storeGrant(db, opened.grant, now);
    const registry = current.trust.value.registry.name;
    const to = await createJournal(db, originOf({ registry, node: nodeId, epoch: keys.epoch }));
    const from = await readJournal(db, current.origin);
    await carryOver(db, { from, to, size: seal.size, less: new Map() });
    // As every later command will read it.
    await openJournal(node, tx, await readDelegation(db), seal);
  });
}

/**
 * Opens the journal of a key in use that was made known again after a loss (`regainKey`), if the root, which was asked
 * since, had nothing of it; otherwise nothing is done.
 * @throws NodeError `QUARANTINED`, `CLOCK_BEHIND`
 */
export async function openRegained(node: SubCaNode): Promise<void> {
  const { origin } = await node.delegation();
  if ((await readJournal(node.read, origin)).state.size > 0) return;
  await requireNotQuarantined(node);
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const [before, newest] = (await node.delegation(db)).generations.slice(-2);
    const to = newest && (await readJournal(db, newest.origin));
    if (before === undefined || newest === undefined || to === undefined || to.state.size > 0) return;
    const seal = await sealJournal(node, tx, before);
    const from = await readJournal(db, before.origin);
    await carryOver(db, { from, to: to.id, size: seal.size, less: new Map() });
    await openJournal(node, tx, newest, seal);
  });
}

/** Verifiers keep CRLs by the name of their issuer. @throws DelegationError `CERTIFICATE_NOT_TRUSTED` */
function requireOwnName({ caCertificate }: OpenedBundle, { generations }: Delegation): void {
  const { subject } = caCertificate.tbs;
  if (generations.every((one) => !namesEqual(one.caCertificate.tbs.subject, subject))) return;
  const reason = 'it has the name of an earlier one';
  throw new DelegationError('CERTIFICATE_NOT_TRUSTED', { what: 'sub-CA certificate', reason });
}

/**
 * Holds a bundle to the trust statement that will be in force: its own, if that is the next one, else the node's.
 * @returns the bundle's if it is to be stored
 * @throws EnvelopeError for a grant whose operators are not named any more; DelegationError `TRUST_SEQUENCE`, `TRUST_EXPIRED`
 */
export function newerTrust(
  { trust, grant }: OpenedBundle,
  current: Delegation,
  now: Date,
): SignedDocument<TrustStatement> | undefined {
  if (trust.value.version > current.trust.value.version)
    return openTrustStatement(trust.envelope, current.root, now, current.trust);
  openGrant(grant.envelope, current.trust.value);
  requireTrustValid(current.trust.value, now);
  return undefined;
}

/**
 * Closes what the old key has not finished: an intent in the hands of a living process may have been signed, and will
 * not be released, so that it is on the next CRL. @returns the end of the journal
 */
async function sealJournal(node: SubCaNode, tx: Database<NodeSchema>, old: Generation): Promise<Seal> {
  const db = commonTables(tx);
  const { id } = await readJournal(db, old.origin);
  const open = await tx
    .selectFrom('certificates')
    .select('intentIndex')
    .where('journal', '=', id)
    .where('status', '=', 'reserved')
    .orderBy('intentIndex')
    .execute();
  const intents = open.map(({ intentIndex }) => intentIndex);
  const turn = await PendingTurn.begin(node, tx, old, () => ({ ...NO_NEEDS, intents }));
  for (const intent of intents) {
    turn.append({ type: 'abandoned', intent });
    turn.settle(intent);
  }
  await turn.commit();
  const { state, rootHash } = await readJournal(db, old.origin);
  return { size: state.size, rootHash: rootHash.toString('hex') };
}

async function openJournal(
  node: SubCaNode,
  tx: Database<NodeSchema>,
  next: Generation,
  sealed: Seal,
): Promise<void> {
  const { authority, caCertificate, grant } = next;
  const { grantId, version } = grant.value;
  const turn = await PendingTurn.begin(node, tx, next, () => NO_NEEDS);
  const { nodeId, epoch } = authority;
  const caSpkiSha256 = caCertificate.tbs.publicKey.spkiSha256;
  turn.append(
    { type: 'open', node: nodeId, epoch, caSpkiSha256, grantSha256: grant.sha256, sealed },
    { sealedRoot: sealed.rootHash },
  );
  turn.append({ type: 'grant', grantId, version, sha256: grant.sha256 });
  await turn.commit();
}
