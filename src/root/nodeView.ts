/** All that the root can say of one node: its summary, how far its sync has come, its CRLs, its certificates by profile. */
import { decodeStored, newestEntries, readJournal, type StoredJournal } from '../ledger';
import { readGenerations, summariseNode, type KnownNode, type NodeSummary } from './nodes';
import { openStatus } from './registry';
import type { RootCa } from './root';

/** How far the root is behind the node, by what the node said when it was last in touch. */
export interface SyncStanding {
  /** Entries of all its journals that the node said it has, and that the root holds. Null before its first contact. */
  readonly said: number | null;
  readonly held: number;
  /** What the root lacked then; never below 0. */
  readonly behind: number | null;
  /** Whole seconds since the last contact, by the root's clock. */
  readonly silentSeconds: number | null;
}

/** The last CRL of a CA key, as its journal tells it. */
export interface KnownCrl {
  readonly epoch: number;
  readonly number: number;
  readonly thisUpdate: string;
  readonly nextUpdate: string;
  readonly ended: boolean;
}

/** Certificates that were issued under all CA keys; each counts under one of the four others. */
export interface ProfileCount {
  readonly profile: string;
  readonly issued: number;
  readonly inForce: number;
  readonly suspended: number;
  readonly revoked: number;
  /** Ended without having been revoked or suspended. */
  readonly expired: number;
}

export interface NodeView extends NodeSummary {
  readonly sync: SyncStanding;
  /** Of each CA key that has one, oldest first. */
  readonly crls: readonly KnownCrl[];
  readonly profiles: readonly ProfileCount[];
}

/** @throws RootError `NODE_UNKNOWN`, `STORED_DIFFERS` */
export async function viewNode(root: RootCa, nodeId: string): Promise<NodeView> {
  const summary = await summariseNode(root, nodeId);
  const generations = await readGenerations(root, nodeId);
  const journals = await Promise.all(generations.map(({ origin }) => readJournal(root.read, origin)));
  const crls = await Promise.all(generations.map(({ epoch }, at) => lastCrl(root, epoch, journals[at])));
  return {
    ...summary,
    sync: await syncStanding(root, generations, summary),
    crls: crls.filter((crl) => crl !== undefined),
    profiles: await countProfiles(
      root,
      journals.map(({ id }) => id),
    ),
  };
}

async function syncStanding(
  root: RootCa,
  generations: readonly KnownNode[],
  { node, entries: held, lastContact }: NodeSummary,
): Promise<SyncStanding> {
  const rows = await root.store.read
    .selectFrom('nodes')
    .select(['epoch', 'status'])
    .where('nodeId', '=', node)
    .execute();
  const sizes = rows.flatMap(({ epoch, status }) => {
    const generation = generations.find((one) => one.epoch === epoch);
    return status === null || generation === undefined ? [] : [openStatus(status, generation).size];
  });
  const said = sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
  const silent = lastContact === null ? null : root.now().getTime() - Date.parse(lastContact);
  return {
    said,
    held,
    behind: said === null ? null : Math.max(0, said - held),
    silentSeconds: silent === null ? null : Math.max(0, Math.floor(silent / 1000)),
  };
}

/** Entries that begin so and are malformed, or tell an older number, are findings; nobody makes many. */
const LOOKED_AT = 20;

/** From the end of the journal backwards to the entry with its highest CRL number. */
async function lastCrl(
  root: RootCa,
  epoch: number,
  journal: StoredJournal | undefined,
): Promise<KnownCrl | undefined> {
  if (journal === undefined || journal.state.crlNumber === 0) return undefined;
  for (const stored of await newestEntries(root.read, journal.id, 'crl', { limit: LOOKED_AT })) {
    const entry = decodeStored(stored);
    if (entry?.type !== 'crl' || entry.number !== journal.state.crlNumber) continue;
    const { number, thisUpdate, nextUpdate } = entry;
    return { epoch, number, thisUpdate, nextUpdate, ended: nextUpdate <= root.now().toISOString() };
  }
  return undefined;
}

async function countProfiles(root: RootCa, journals: readonly number[]): Promise<readonly ProfileCount[]> {
  const now = root.now().toISOString();
  const rows = await root.store.read
    .selectFrom('certificates')
    .select(({ fn, eb }) => [
      'profile',
      'status',
      fn.countAll<number>().as('count'),
      fn.sum<number>(eb.case().when('notAfter', '<=', now).then(1).else(0).end()).as('ended'),
    ])
    .where('journal', 'in', journals)
    .where('status', 'in', ['issued', 'suspended', 'revoked'])
    .groupBy(['profile', 'status'])
    .orderBy('profile')
    .execute();
  return [...new Set(rows.map(({ profile }) => profile))].map((profile) => {
    const own = rows.filter((row) => row.profile === profile);
    const of = (status: string): (typeof own)[number] | undefined => own.find((row) => row.status === status);
    const { count: unrevoked = 0, ended: expired = 0 } = of('issued') ?? {};
    return {
      profile,
      issued: own.reduce((sum, { count }) => sum + count, 0),
      inForce: unrevoked - expired,
      suspended: of('suspended')?.count ?? 0,
      revoked: of('revoked')?.count ?? 0,
      expired,
    };
  });
}
