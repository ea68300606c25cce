/** How the directives for a node stand: who has signed, whether the node has them, and what it says became of each. */
import type { Database, RootSchema } from '../db';
import {
  DIRECTIVE_PAYLOAD_TYPE,
  isRevocable,
  LIVE_STATUSES,
  OCSP_PROFILE,
  openDirective,
  parseDirective,
  type Authority,
  type Directive,
  type DirectiveChain,
  type Issuance,
  type TrustStatement,
} from '../delegation';
import { readUnverified } from '../envelope';
import { placeOfSerialNumber } from '../journal';
import { readDirectiveResults, readJournal, readRecords, type ResultInEntry } from '../ledger';
import { sha256Hex } from '../signer';
import { signersOf } from './operatorSignatures';
import type { RootCa } from './root';

/**
 * signing: not enough operators of the trust statement in force have signed; ready: signed, and the node was not heard of
 * since; delivered: handed out; applied, impossible: what the node's journal says became of it.
 */
export const DIRECTIVE_STATES = ['signing', 'ready', 'delivered', 'applied', 'impossible'] as const;

export interface DirectiveView {
  readonly state: (typeof DIRECTIVE_STATES)[number];
  readonly directive: Directive;
  /** SHA-256 of its payload. */
  readonly sha256: string;
  readonly signedBy: readonly string[];
  /** How many operators must sign. */
  readonly threshold: number;
  /** When as many as it takes had signed first. */
  readonly signedAt: string | null;
  /** The entry that acknowledges it. */
  readonly acknowledged: (ResultInEntry & { readonly origin: string }) | null;
  /** Certificates that it still has to revoke, by what the node has sent; 0 before it is acknowledged. */
  readonly outstanding: number;
}

/** A node under one of its CA keys, as far as it matters here. */
interface Generation {
  readonly nodeId: string;
  readonly epoch: number;
  readonly origin: string;
  readonly authority: Authority;
}

/** A directive as it is kept: fully signed, or being signed, or both when it is signed anew. */
export interface DirectiveRow {
  readonly sequence: number;
  /** Signed by a threshold of operators once. */
  readonly envelope: Buffer | null;
  /** With the signatures so far. */
  readonly draft: Buffer | null;
  readonly signedAt: string | null;
}

/** In order; the last may wait for its first full set of signatures. */
export async function readDirectiveRows(
  db: Database<RootSchema>,
  nodeId: string,
): Promise<readonly DirectiveRow[]> {
  return db
    .selectFrom('directives')
    .select(['sequence', 'envelope', 'draft', 'signedAt'])
    .where('nodeId', '=', nodeId)
    .orderBy('sequence')
    .execute();
}

/** What operators sign, whoever has signed it. */
export function payloadOfRow({ envelope, draft }: DirectiveRow): Buffer {
  return readUnverified(envelope ?? draft ?? Buffer.alloc(0), DIRECTIVE_PAYLOAD_TYPE, 'directive').payload;
}

/** Whether as many operators of the trust statement have signed as it demands. */
export function isSignedUnder({ envelope }: DirectiveRow, trust: TrustStatement): boolean {
  if (envelope === null) return false;
  try {
    openDirective(envelope, trust);
    return true;
  } catch {
    return false;
  }
}

/** @param generations of the node, oldest first */
export async function viewDirectives(
  root: RootCa,
  generations: readonly Generation[],
): Promise<readonly DirectiveView[]> {
  const nodeId = generations[0]?.nodeId ?? '';
  const rows = await readDirectiveRows(root.store.read, nodeId);
  if (rows.length === 0) return [];
  const statements = (await root.trustStatements()).map(({ value }) => value);
  const trust = (await root.trust()).value;
  const acknowledged = await acknowledgementsOf(root, generations);
  const contact = await lastContact(root, nodeId);
  const views: DirectiveView[] = [];
  for (const row of rows) {
    const payload = payloadOfRow(row);
    const directive = parseDirective(payload);
    const told = acknowledged.get(row.sequence) ?? null;
    const state = told?.outcome ?? stateOf(row, trust, contact);
    const inForce = state === 'signing' ? [trust] : statements.toReversed();
    views.push({
      state,
      directive,
      sha256: sha256Hex(payload),
      signedBy: signedBy(state === 'signing' ? row.draft : row.envelope, inForce),
      threshold: trust.threshold,
      signedAt: row.signedAt,
      acknowledged: told,
      outstanding: told === null ? 0 : await countOutstanding(root, generations, directive),
    });
  }
  return views;
}

function stateOf(
  row: DirectiveRow,
  trust: TrustStatement,
  contact: string | null,
): 'signing' | 'ready' | 'delivered' {
  if (!isSignedUnder(row, trust)) return 'signing';
  return contact !== null && row.signedAt !== null && contact > row.signedAt ? 'delivered' : 'ready';
}

/** @param statements the one that knows all signers counts */
function signedBy(envelope: Buffer | null, statements: readonly TrustStatement[]): readonly string[] {
  const draft = { payloadType: DIRECTIVE_PAYLOAD_TYPE, envelope };
  return statements.map((trust) => signersOf(draft, trust)).find((names) => names.length > 0) ?? [];
}

async function acknowledgementsOf(
  root: RootCa,
  generations: readonly Generation[],
): Promise<ReadonlyMap<number, ResultInEntry & { readonly origin: string }>> {
  const found = new Map<number, ResultInEntry & { readonly origin: string }>();
  for (const { origin } of generations) {
    const { id } = await readJournal(root.read, origin);
    for (const one of await readDirectiveResults(root.read, id)) found.set(one.sequence, { ...one, origin });
  }
  return found;
}

async function lastContact(root: RootCa, nodeId: string): Promise<string | null> {
  const { last } = await root.store.read
    .selectFrom('nodes')
    .select((row) => row.fn.max<string | null>('lastContact').as('last'))
    .where('nodeId', '=', nodeId)
    .executeTakeFirstOrThrow();
  return last;
}

async function countOutstanding(
  root: RootCa,
  generations: readonly Generation[],
  { order, sequence }: Directive,
): Promise<number> {
  if (order.kind === 'revoke') {
    const epoch = placeOfSerialNumber(order.serialNumber)?.epoch;
    const generation = generations.find((one) => one.epoch === epoch);
    if (generation === undefined) return 0;
    const { id } = await readJournal(root.read, generation.origin);
    const records = await readRecords(root.read, id, 'serialNumber', [order.serialNumber]);
    const now = root.now().getTime();
    return records.filter((one) => isRevocable(one, order.reason) && Date.parse(one.notAfter) > now).length;
  }
  const issuance = generations.at(-1)?.authority.directives?.issuanceAfter(sequence);
  if (issuance?.state !== 'withdrawn' || issuance.by.value.sequence !== sequence) return 0;
  if (issuance.mode !== 'revoke-all') return 0;
  let outstanding = 0;
  for (const { origin } of generations) {
    const { live } = await root.read
      .selectFrom('certificates')
      .select((row) => row.fn.countAll<number>().as('live'))
      .where('journal', '=', (await readJournal(root.read, origin)).id)
      .where('status', 'in', LIVE_STATUSES)
      .where('profile', '!=', OCSP_PROFILE)
      .where('notAfter', '>', root.now().toISOString())
      .executeTakeFirstOrThrow();
    outstanding += live;
  }
  return outstanding;
}

/** The directives for a node in numbers. */
export interface DirectiveSummary {
  /** What the node may do by the newest directive that it has acknowledged. */
  readonly issuance: Issuance['state'];
  readonly signed: number;
  readonly acknowledged: number;
  readonly outstanding: number;
}

export function summariseDirectives(
  views: readonly DirectiveView[],
  directives: DirectiveChain,
): DirectiveSummary {
  const acknowledged = views.findLast((view) => view.acknowledged !== null)?.directive.sequence ?? 0;
  return {
    issuance: directives.issuanceAfter(acknowledged).state,
    signed: directives.last,
    acknowledged,
    outstanding: views.reduce((sum, view) => sum + view.outstanding, 0),
  };
}
