/** The node as the party of a key ceremony: whose keys are made, and where the sealed record is kept. */
import { join } from 'node:path';
import {
  CeremonyError,
  epochOfNextKey,
  keysIn,
  KEYS_OF,
  nextKeyOf,
  openRecord,
  REHEARSAL_PIN,
  type CeremonyParty,
  type InUse,
  type Kept,
  type Plan,
  type RehearsalStage,
  type SealedRecord,
} from '../ceremony';
import {
  commonTables,
  nodeMigrations,
  openStore,
  readDocuments,
  readKey,
  storeDocument,
  type NodeSchema,
  type Store,
  type StoredDocument,
  type StoredKey,
} from '../db';
import { TokenRack } from '../hsm';
import { makeKey } from '../keyring';
import { sha256Hex } from '../signer';
import type { Surroundings } from '../surroundings';
import { delegationState } from './delegation';
import { NodeError } from './errors';
import type { JournalWriter } from './journalWriter';
import { epochToMake, pendingKey } from './nextKey';
import { caRole, keyLabel, type KeyRole, type SubCaNode } from './node';

export function nodeCeremony(node: SubCaNode, journal: JournalWriter): CeremonyParty {
  const { config, paths } = node;
  return {
    kind: 'node',
    name: config.node,
    module: config.hsm.module,
    refusedPins: paths.refusedPins,
    tokenOf: (role) => node.tokenOf(role),
    ...keysIn(node.store, node.tokens),
    standing: (roles) => standing(node, roles),
    keepRecord: (record) => keepRecord(node, journal, record),
  };
}

/**
 * A node that has no grant gets the keys it begins with, one that works its next CA key.
 * @throws CeremonyError `SCRIPT_NOT_FOR_HERE`; NodeError `ROLLOVER_PENDING`, `ROLLOVER_LAST`, `QUARANTINED`
 */
async function standing(node: SubCaNode, roles: readonly string[]): Promise<InUse | undefined> {
  const [planned = ''] = roles;
  const delegation = await node.findDelegation();
  if (delegation === undefined) {
    if (epochOfNextKey(planned) === undefined) return undefined;
    throw notForHere('keys[0].role', planned, KEYS_OF.node.join(', '));
  }
  // A plan for the generation after a key that is made and not in use says that this one is lost.
  const pending = await pendingKey(node, delegation);
  const lost = pending !== undefined && planned === caRole(pending.epoch + 1) ? pending : undefined;
  const next = caRole(await epochToMake(node, delegation, lost?.epoch));
  if (planned !== next) throw notForHere('keys[0].role', planned, next);
  // Without it, "rollover apply" would ask for no record.
  if (node.config.keyCeremony !== true) throw notForHere('config.yaml keyCeremony', 'false', 'true');
  const { epoch, caCertificate } = delegation;
  const { spkiSha256 } = caCertificate.tbs.publicKey;
  return {
    ...inUse(epoch, spkiSha256, (await node.key('journal')).spki),
    ...(lost && { replaces: { epoch: lost.epoch, spkiSha256: lost.spkiSha256 } }),
  };
}

function inUse(epoch: number, spkiSha256: string, journalSpki: Buffer): InUse {
  return { kind: 'in-use', epoch, spkiSha256, journalSpki: journalSpki.toString('base64') };
}

function notForHere(where: string, found: string, allowed: string): CeremonyError {
  const problem = { code: 'BAD_VALUE', where, found, allowed } as const;
  return new CeremonyError('SCRIPT_NOT_FOR_HERE', { count: 1 }, { problems: [problem] });
}

/** A party with nothing but a database of its own, for the time of a rehearsal. */
export async function rehearseNode<T>(
  { module, directory }: RehearsalStage,
  plan: Plan,
  { clock, askPin }: Surroundings,
  work: (party: CeremonyParty) => Promise<T>,
): Promise<T> {
  const refusedPins = join(directory, 'refused-pins.json');
  const store = await openStore<NodeSchema>({
    file: join(directory, 'subca.db'),
    migrations: nodeMigrations,
  });
  const rack = (prompt: Surroundings['askPin']): TokenRack =>
    new TokenRack(
      { module, sessions: 1, tokens: [] },
      { directory, refusedPins, clock, ...(prompt && { prompt }) },
    );
  const tokens = rack(askPin);
  try {
    const before = await keysBefore(
      store,
      rack(() => Promise.resolve(REHEARSAL_PIN)),
      plan,
    );
    return await work({
      kind: 'node',
      name: plan.name,
      module,
      refusedPins,
      tokenOf: () => undefined,
      ...keysIn(store, tokens),
      standing: () => Promise.resolve(before),
      keepRecord: () => Promise.resolve({ where: 'database' }),
    });
  } finally {
    await tokens.close();
    await store.close();
  }
}

/** Throw-away keys in place of those that a node has before its next CA key. */
async function keysBefore(
  store: Store<NodeSchema>,
  tokens: TokenRack,
  plan: Plan,
): Promise<InUse | undefined> {
  try {
    const next = nextKeyOf(plan);
    if (next === undefined) return undefined;
    const epoch = next.epoch - 1;
    const make = (role: KeyRole, label: string): Promise<StoredKey> =>
      makeKey(store, tokens, { role, label, tokenLabel: plan.tokens[0]?.label ?? '', algorithm: 'p-256' });
    const ca = await make(caRole(epoch), keyLabel(plan.name, 'ca', epoch));
    const journal = await make('journal', keyLabel(plan.name, 'journal', 1));
    return inUse(epoch, sha256Hex(ca.spki), journal.spki);
  } finally {
    await tokens.close();
  }
}

/**
 * Where keys come out of a ceremony, the record that tells of this one must be sealed before anything is asked for it.
 * @throws NodeError `CEREMONY_NOT_SEALED`; CeremonyError `RECORD_ALTERED`
 */
export async function requireSealedCeremony(node: SubCaNode, role: KeyRole): Promise<void> {
  if (node.config.keyCeremony !== true) return;
  const spki = (await readKey(node.read, role))?.spki.toString('base64');
  const isOf = ({ bytes, sha256 }: StoredDocument): boolean =>
    openRecord(bytes, `ceremony ${sha256}`).record.keys.some((key) => key.spki === spki);
  if (!(await readDocuments(node.read, 'ceremony')).some(isOf))
    throw new NodeError('CEREMONY_NOT_SEALED', {});
}

/** @throws NodeError `ROLLOVER_BY_CEREMONY` */
export function requireNoCeremony(node: SubCaNode, epoch: number): void {
  if (node.config.keyCeremony === true)
    throw new NodeError('ROLLOVER_BY_CEREMONY', { epoch, role: caRole(epoch) });
}

/** Kept together with its journal entry; before the activation without one, which then follows with the opening. */
async function keepRecord(
  node: SubCaNode,
  journal: JournalWriter,
  { sha256, envelope }: SealedRecord,
): Promise<Kept> {
  const stored = await node.store.transaction(async (tx): Promise<'before' | 'now' | StoredDocument> => {
    const db = commonTables(tx);
    const known = await readDocuments(db, 'ceremony');
    if (known.some((document) => document.sha256 === sha256)) return 'before';
    const version = known.length + 1;
    const document: StoredDocument = { kind: 'ceremony', subject: '', version, sha256, bytes: envelope };
    if ((await delegationState(db)) !== '') return document;
    await storeDocument(db, document, node.now());
    return 'now';
  });
  if (stored === 'now') return { where: 'activation' };
  if (stored === 'before') return { where: (await node.isActivated()) ? 'journal' : 'activation' };
  await journal.submit({
    needs: {},
    run: (turn) => {
      // An activation that was cut off opens the journal when it is repeated, and names what is stored then.
      if (turn.size > 0) turn.append({ type: 'ceremony', sha256 });
      turn.keepDocument(stored);
    },
  });
  return { where: 'journal' };
}
