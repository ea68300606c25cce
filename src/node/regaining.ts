/**
 * A CA key that was taken into use after the copy was made from which this node goes on. It is on the token, its journal
 * at the root and in the mirror; its certificate and grant are in the bundle that it was taken into use with. Here it is
 * made known again, with an empty journal, which recovery fills; until then nothing is issued.
 */
import { announceKey, commonTables, readKey, recordKey, type StoredKey } from '../db';
import { checkGrantIsNext, keysOfBundle, openBundle } from '../delegation';
import { originOf } from '../journal';
import type { KeyAttributes } from '../hsm';
import { createJournal, keepExternalCrl } from '../ledger';
import { sha256Hex, type SignatureAlgorithm } from '../signer';
import { NodeError } from './errors';
import { newerTrust } from './keySuccession';
import { caRole, keyLabel, type SubCaNode } from './node';
import { reasonsOf } from './quarantine';
import { storeCaCertificate, storeGrant, storeTrustStatement } from './storedDocuments';

export interface RegainedKey {
  readonly epoch: number;
  readonly label: string;
  readonly spkiSha256: string;
}

/**
 * @param bundle of the generation that follows the newest known here
 * @throws NodeError `NOT_ACTIVATED`, `KEY_KNOWN`, `KEY_NOT_ON_TOKEN`; DelegationError, EnvelopeError, X509Error: the first
 * thing that does not hold; HsmError
 */
export async function regainKey(node: SubCaNode, bundle: Buffer): Promise<RegainedKey> {
  const current = await node.delegation();
  const { epoch, caSignature } = keysOfBundle(bundle);
  if (epoch <= current.epoch) throw new NodeError('KEY_KNOWN', { epoch });
  const { key, attributes } = await keyOnToken(node, epoch, caSignature);
  // That it is the node's own, the operators say: they have signed its public half after the node applied with it.
  const caSpkiSha256 = sha256Hex(key.spki);
  const identity = {
    nodeId: node.config.node,
    organisationCode: node.config.organisation.code,
    epoch,
    caSpkiSha256,
    caSignature: key.signatureAlgorithm,
    journalSpki: (await node.key('journal')).spki,
  };
  const now = node.now();
  const opened = openBundle(bundle, current.root.sha256, identity, now, current);
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const held = await node.delegation(db);
    checkGrantIsNext(opened.grant, now, held.grant);
    const trust = newerTrust(opened, held, now);
    await announceKey(db, key);
    await recordKey(db, key, attributes);
    if (trust !== undefined) await storeTrustStatement(db, trust, now);
    if (opened.issuerCrl !== undefined) await keepExternalCrl(db, opened.issuer, opened.issuerCrl, now);
    await storeCaCertificate(db, opened.caCertificate, epoch, now);
    await storeGrant(db, opened.grant, now);
    const registry = held.trust.value.registry.name;
    const journal = await createJournal(db, originOf({ registry, node: node.config.node, epoch }));
    const [since, reasons] = [now.toISOString(), reasonsOf(new NodeError('KEY_REGAINED', { epoch }))];
    await tx
      .insertInto('quarantine')
      .values({ journal, ...reasons, since, receiptTime: since })
      .execute();
  });
  return { epoch, label: key.label, spkiSha256: caSpkiSha256 };
}

/** As it is recorded here, or lies on the token. */
async function keyOnToken(
  node: SubCaNode,
  epoch: number,
  signatureAlgorithm: SignatureAlgorithm,
): Promise<{ readonly key: StoredKey; readonly attributes: KeyAttributes }> {
  const [role, label] = [caRole(epoch), keyLabel(node.config.node, 'ca', epoch)];
  const tokenLabel = node.tokenOf(role);
  const token = await node.tokens.token(tokenLabel, node.pinOf(tokenLabel));
  const found = await token.findKey(label);
  const known = await readKey(node.read, role);
  if (found === undefined || (known !== undefined && !known.spki.equals(found.spki)))
    throw new NodeError('KEY_NOT_ON_TOKEN', { token: tokenLabel, label });
  const { algorithm, spki, id: ckaId, attributes } = found;
  const place = { role, label, tokenLabel, tokenSerial: token.facts.serial };
  const signs = known?.signatureAlgorithm ?? signatureAlgorithm;
  return { key: { ...place, algorithm, signatureAlgorithm: signs, spki, ckaId }, attributes };
}
