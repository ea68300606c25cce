/**
 * Watching nodes: what is wrong with one that breaks no rule of its journal. Looked for from time to time; what is
 * found stays open until its cause is gone.
 */
import type { Database, RootSchema } from '../db';
import type { Grant } from '../delegation';
import { readJournal, readQuotaStatus } from '../ledger';
import type { NodeStatus } from '../sync';
import type { OversightConfig } from './config';
import { viewDirectives, type DirectiveView } from './directiveViews';
import { RootError } from './errors';
import { keyInUse, readGenerations } from './nodes';
import { openStatus } from './registry';
import type { RootCa } from './root';
import { journalledRootCrls } from './rootJournal';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const CONDITION_CODES = [
  'SILENT',
  'CRL_EXPIRED',
  'CLOCK_AHEAD',
  'ROOT_CRL_UNKNOWN',
  'GRANT_NOT_TAKEN',
  'TRUST_NOT_TAKEN',
  'ORDER_NOT_TAKEN',
  'ORDER_NOT_JOURNALLED',
  'ORDER_NOT_DONE',
  'BEHIND',
  'GRANT_ENDS',
  'CA_ENDS',
  'QUOTA_NEAR',
] as const;
export type ConditionCode = (typeof CONDITION_CODES)[number];

/** What those who rely on certificates feel, or what may hide something, is an error; what needs planning is a warning. */
const CONDITION_SEVERITY: Readonly<Record<ConditionCode, 'error' | 'warning'>> = {
  SILENT: 'error',
  CRL_EXPIRED: 'error',
  CLOCK_AHEAD: 'error',
  ROOT_CRL_UNKNOWN: 'error',
  GRANT_NOT_TAKEN: 'error',
  TRUST_NOT_TAKEN: 'error',
  ORDER_NOT_TAKEN: 'error',
  ORDER_NOT_JOURNALLED: 'error',
  ORDER_NOT_DONE: 'error',
  BEHIND: 'warning',
  GRANT_ENDS: 'warning',
  CA_ENDS: 'warning',
  QUOTA_NEAR: 'warning',
};

/** Found and allowed as data, as in a problem of a finding. */
export interface Condition {
  readonly code: ConditionCode;
  readonly found: string;
  readonly allowed: string;
}

/** What is known of a node under the CA key it uses. */
export interface NodeFacts {
  readonly now: Date;
  readonly lastContact: string | null;
  /** Its newest signed word. */
  readonly status: NodeStatus | null;
  /** Entries of that journal the root holds. */
  readonly held: number;
  readonly grant: Grant;
  readonly trust: { readonly version: number; readonly issuedAt: string };
  /** SHA-256 of the root's CRLs: of those that nodes hold, all that the root's journal tells of. */
  readonly rootCrls: ReadonlySet<string>;
  /** All for the node, oldest first. */
  readonly directives: readonly Pick<
    DirectiveView,
    'directive' | 'signedAt' | 'acknowledged' | 'outstanding'
  >[];
  readonly caNotAfter: Date;
  /** Certificates counted under the grant. */
  readonly used: number;
}

/** Pure: the same facts give the same conditions. */
export function conditionsOf(facts: NodeFacts, limits: OversightConfig): readonly Condition[] {
  const { now, lastContact, status, held, grant, trust, rootCrls, directives, caNotAfter, used } = facts;
  const conditions: Condition[] = [];
  const add = (code: ConditionCode, found: string, allowed: string): void => {
    conditions.push({ code, found, allowed });
  };
  const within = (instant: string | Date, milliseconds: number): boolean =>
    new Date(instant).getTime() - now.getTime() < milliseconds;
  if (lastContact !== null && status !== null) {
    const contact = Date.parse(lastContact);
    if (now.getTime() - contact > limits.silentHours * HOUR)
      add('SILENT', lastContact, `≤ ${String(limits.silentHours)} h`);
    const { nextUpdate } = status.crl;
    if (nextUpdate !== null && Date.parse(nextUpdate) < now.getTime())
      add('CRL_EXPIRED', nextUpdate, `> ${now.toISOString()}`);
    // One behind may have been carried by hand for days; one ahead has not been sent yet.
    if (Date.parse(status.clock) - contact > limits.clockSeconds * 1000)
      add('CLOCK_AHEAD', status.clock, `≤ ${lastContact} + ${String(limits.clockSeconds)} s`);
    // Nodes have the root's CRLs from nobody else: a root that does not know one was put back to an earlier state.
    const { rootCrlSha256 } = status;
    if (rootCrlSha256 !== null && !rootCrls.has(rootCrlSha256))
      add('ROOT_CRL_UNKNOWN', rootCrlSha256, 'journal of the root');
    // What it could have had at an earlier contact and still had not at this one.
    const missed = (issuedAt: string): boolean => contact - Date.parse(issuedAt) > limits.silentHours * HOUR;
    if (status.grantVersion < grant.version && missed(grant.issuedAt))
      add('GRANT_NOT_TAKEN', String(status.grantVersion), String(grant.version));
    if (status.trustVersion < trust.version && missed(trust.issuedAt))
      add('TRUST_NOT_TAKEN', String(status.trustVersion), String(trust.version));
    const acknowledged = directives.filter((one) => one.acknowledged !== null);
    const waiting = directives.find((one) => one.acknowledged === null && one.signedAt !== null);
    if (waiting?.signedAt && missed(waiting.signedAt))
      add('ORDER_NOT_TAKEN', String(acknowledged.length), String(waiting.directive.sequence));
    if (status.size <= held && status.lastDirective > acknowledged.length)
      add('ORDER_NOT_JOURNALLED', String(status.lastDirective), `≤ ${String(acknowledged.length)}`);
    // Not by a time that had not come when the node told it.
    const begun = ({ acknowledged: told, signedAt }: (typeof directives)[number]): string =>
      (told !== null && told.time <= lastContact ? told.time : signedAt) ?? '';
    const undone = acknowledged.filter((one) => one.outstanding > 0 && missed(begun(one)));
    if (undone.length > 0)
      add('ORDER_NOT_DONE', String(undone.reduce((sum, one) => sum + one.outstanding, 0)), '0');
    if (status.size > held && now.getTime() - contact > HOUR)
      add('BEHIND', String(held), String(status.size));
  }
  if (within(grant.limits.notAfter, limits.grantEndsDays * DAY))
    add('GRANT_ENDS', grant.limits.notAfter, `> ${String(limits.grantEndsDays)} d`);
  if (within(caNotAfter, limits.caEndsDays * DAY))
    add('CA_ENDS', caNotAfter.toISOString(), `> ${String(limits.caEndsDays)} d`);
  const { total } = grant.limits.quota;
  if (used * 100 >= total * limits.quotaPercent)
    add('QUOTA_NEAR', `${String(used)} / ${String(total)}`, `< ${String(limits.quotaPercent)} %`);
  return conditions;
}

/** The node under the CA key it uses. @param trust in force */
async function readFacts(
  root: RootCa,
  nodeId: string,
  trust: NodeFacts['trust'],
): Promise<Omit<NodeFacts, 'rootCrls'>> {
  const generations = await readGenerations(root, nodeId);
  const begun = await Promise.all(
    generations.map(async (generation) => {
      const { id, state } = await readJournal(root.read, generation.origin);
      return { generation, id, entries: state.size };
    }),
  );
  const inUse = keyInUse(begun);
  if (inUse === undefined) throw new RootError('NODE_UNKNOWN', { node: nodeId });
  const { generation, id, entries: held } = inUse;
  const row = await root.store.read
    .selectFrom('nodes')
    .select(['status', 'lastContact'])
    .where('nodeId', '=', nodeId)
    .where('epoch', '=', generation.epoch)
    .executeTakeFirst();
  const grant = generation.grant.value;
  const now = root.now();
  return {
    now,
    lastContact: row?.lastContact ?? null,
    status: row?.status ? openStatus(row.status, generation) : null,
    held,
    grant,
    trust,
    directives: await viewDirectives(root, generations),
    caNotAfter: generation.authority.caCertificate.tbs.notAfter,
    used: (await readQuotaStatus(root.read, id, grant, now)).total,
  };
}

export interface StoredCondition extends Condition {
  readonly id: number;
  readonly node: string;
  readonly severity: 'error' | 'warning';
  readonly since: string;
}

/**
 * Looks at every node: opens what is new, closes what is gone.
 * @returns what is open, the oldest first
 */
export async function watchNodes(root: RootCa): Promise<readonly StoredCondition[]> {
  const nodes = await root.store.read.selectFrom('nodes').select('nodeId').distinct().execute();
  if (nodes.length === 0) return [];
  const { version, issuedAt } = (await root.trust()).value;
  const seen: (readonly [node: string, facts: Omit<NodeFacts, 'rootCrls'>])[] = [];
  for (const { nodeId } of nodes) seen.push([nodeId, await readFacts(root, nodeId, { version, issuedAt })]);
  const rootCrls = await journalledRootCrls(
    root,
    seen.flatMap(([, { status }]) => status?.rootCrlSha256 ?? []),
  );
  const present = seen.flatMap(([node, facts]) =>
    conditionsOf({ ...facts, rootCrls }, root.config.oversight).map((one) => ({ ...one, node })),
  );
  await root.store.transaction((tx) => settle(tx, present, root.now()));
  return readConditions(root);
}

async function settle(
  tx: Database<RootSchema>,
  present: readonly (Condition & { readonly node: string })[],
  now: Date,
): Promise<void> {
  const time = now.toISOString();
  const open = await tx
    .selectFrom('conditions')
    .select(['id', 'nodeId', 'code'])
    .where('closedAt', 'is', null)
    .execute();
  const same = (row: { nodeId: string; code: string }, one: Condition & { node: string }): boolean =>
    row.nodeId === one.node && row.code === one.code;
  for (const row of open) {
    const still = present.find((one) => same(row, one));
    const change = still === undefined ? { closedAt: time } : { found: still.found, allowed: still.allowed };
    await tx.updateTable('conditions').set(change).where('id', '=', row.id).execute();
  }
  for (const one of present) {
    if (open.some((row) => same(row, one))) continue;
    const { node: nodeId, code, found, allowed } = one;
    await tx
      .insertInto('conditions')
      .values({ nodeId, code, found, allowed, since: time, closedAt: null })
      .execute();
  }
}

/** What is open, the oldest first. */
async function readConditions(root: RootCa): Promise<readonly StoredCondition[]> {
  const rows = await root.store.read
    .selectFrom('conditions')
    .select(['id', 'nodeId', 'code', 'found', 'allowed', 'since'])
    .where('closedAt', 'is', null)
    .orderBy('since')
    .orderBy('id')
    .execute();
  return rows.flatMap(({ nodeId, code, ...row }) => {
    const known = CONDITION_CODES.find((one) => one === code);
    return known === undefined
      ? []
      : [{ ...row, node: nodeId, code: known, severity: CONDITION_SEVERITY[known] }];
  });
}
