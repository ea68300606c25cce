/** The node as the party of a key ceremony: whose keys are made, and where the sealed record is kept. */
import { join } from 'node:path';
import {
  keysIn,
  type CeremonyParty,
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
  storeDocument,
  type NodeSchema,
  type StoredDocument,
} from '../db';
import { TokenRack } from '../hsm';
import type { Surroundings } from '../surroundings';
import { delegationState } from './delegation';
import { NodeError } from './errors';
import type { JournalWriter } from './journalWriter';
import { KEY_ROLES, type SubCaNode } from './node';

export function nodeCeremony(node: SubCaNode, journal: JournalWriter): CeremonyParty {
  const { config, paths } = node;
  const tokenLabels = Object.fromEntries(KEY_ROLES.map((role) => [role, node.tokenOf(role)]));
  return {
    kind: 'node',
    name: config.node,
    module: config.hsm.module,
    refusedPins: paths.refusedPins,
    tokenLabels,
    ...keysIn(node.store, node.tokens),
    keepRecord: (record) => keepRecord(node, journal, record),
  };
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
  const tokens = new TokenRack(
    { module, sessions: 1, tokens: [] },
    { directory, refusedPins, clock, ...(askPin && { prompt: askPin }) },
  );
  try {
    return await work({
      kind: 'node',
      name: plan.name,
      module,
      refusedPins,
      tokenLabels: {},
      ...keysIn(store, tokens),
      keepRecord: () => Promise.resolve({ where: 'database' }),
    });
  } finally {
    await tokens.close();
    await store.close();
  }
}

/** @throws NodeError `CEREMONY_NOT_SEALED` */
export async function requireSealedCeremony(node: SubCaNode): Promise<void> {
  if (node.config.keyCeremony !== true) return;
  if ((await readDocuments(node.read, 'ceremony')).length === 0)
    throw new NodeError('CEREMONY_NOT_SEALED', {});
}

/** A ceremony makes all of a node's first keys at once, and none of a later one. @throws NodeError `ROLLOVER_BY_CEREMONY` */
export function requireNoCeremony(node: SubCaNode, epoch: number): void {
  if (node.config.keyCeremony === true) throw new NodeError('ROLLOVER_BY_CEREMONY', { epoch });
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
