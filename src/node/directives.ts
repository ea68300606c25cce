/**
 * Directives at the node: what a reply brings is kept; then each is journalled and carried out in one transaction, so
 * that a crash, or the same reply once more, changes nothing. Only what a withdrawal revokes may be too much for one.
 */
import { commonTables, type Database, type NodeSchema } from '../db';
import {
  DIRECTIVE_PAYLOAD_TYPE,
  isLive,
  isRevocable,
  LIVE_STATUSES,
  OCSP_PROFILE,
  openDirective,
  requireTrustValid,
  revocationBy,
  type CertificateRecord,
  type Directive,
  type DirectiveChain,
  type SignedDocument,
} from '../delegation';
import { readUnverified } from '../envelope';
import type { DirectiveOutcome } from '../journal';
import { NO_NEEDS, readDirectiveResults, readJournal, readRecords } from '../ledger';
import { sha256Hex } from '../signer';
import { generationOf, type Delegation, type Generation } from './delegation';
import type { JournalWriter } from './journalWriter';
import type { SubCaNode } from './node';
import { PendingTurn, type NewEntry, type NodeTurn } from './nodeTurn';
import { storeDirective } from './storedDocuments';

/** Revocations in one transaction: bounds how long other processes wait for their turn. */
const AT_ONCE = 500;

/**
 * Keeps directives as they came with a reply; those held already are passed over. All are checked before one is kept.
 * @throws EnvelopeError, DelegationError `DIRECTIVE_FOREIGN`, `DIRECTIVE_SEQUENCE`, `DIRECTIVE_CHAIN`, `TRUST_EXPIRED`
 */
export async function keepDirectives(node: SubCaNode, envelopes: readonly Buffer[]): Promise<void> {
  if (envelopes.length === 0) return;
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const { authority, trust, directives } = await node.delegation(db);
    let chain = directives;
    for (const envelope of envelopes) {
      // Who signed one of these was settled when it was taken; the operators may have changed since.
      if (isHeld(directives, envelope)) continue;
      const directive = openDirective(envelope, trust.value);
      requireTrustValid(trust.value, node.now());
      const longer = chain.with(authority.nodeId, directive);
      if (longer !== chain) await storeDirective(db, directive, node.now());
      chain = longer;
    }
  });
}

function isHeld(directives: DirectiveChain, envelope: Buffer): boolean {
  const { payload } = readUnverified(envelope, DIRECTIVE_PAYLOAD_TYPE, 'directive');
  const sha256 = sha256Hex(payload);
  return directives.documents.some((held) => held.sha256 === sha256);
}

/**
 * Carries out what is kept and not acknowledged yet, each directive in a transaction of its own; done again, it goes on
 * where it was cut off.
 * @throws NodeError `CLOCK_BEHIND`
 */
export async function carryOutDirectives(node: SubCaNode, journal: JournalWriter): Promise<void> {
  while (await node.store.transaction((tx) => carryOutNext(node, tx)));
  await carryOutWithdrawal(node, journal);
}

/** @returns whether there was one */
async function carryOutNext(node: SubCaNode, tx: Database<NodeSchema>): Promise<boolean> {
  const db = commonTables(tx);
  const delegation = await node.delegation(db);
  const { directives } = delegation;
  const { state } = await readJournal(db, delegation.origin);
  const directive = directives.get(state.lastDirective + 1);
  if (directive === undefined) return false;
  const { sequence } = directive.value;
  const revocation = await revocationIn(node, tx, delegation, directive);
  const applies = revocation !== undefined || directives.changesIssuance(sequence);
  const outcome: DirectiveOutcome = applies ? 'applied' : 'impossible';
  const own = revocation?.generation.epoch === delegation.epoch ? revocation : undefined;

  const serialNumbers = own === undefined ? [] : [own.serialNumber];
  const turn = await PendingTurn.begin(node, tx, delegation, () => ({ ...NO_NEEDS, serialNumbers }));
  if (own !== undefined) turn.append(own.entry);
  turn.append({ type: 'directive', sequence, sha256: directive.sha256, outcome });
  await turn.commit();

  if (revocation === undefined || own !== undefined) return true;
  const needs = { ...NO_NEEDS, serialNumbers: [revocation.serialNumber] };
  const earlier = await PendingTurn.begin(node, tx, revocation.generation, () => needs);
  earlier.append(revocation.entry);
  await earlier.commit();
  return true;
}

interface Revocation {
  readonly serialNumber: string;
  /** Whose journal tells of the certificate. */
  readonly generation: Generation;
  readonly entry: NewEntry;
}

/** What a directive has revoked at once. @returns `undefined` if it orders something else, or nothing is left to do */
async function revocationIn(
  node: SubCaNode,
  tx: Database<NodeSchema>,
  delegation: Delegation,
  { value }: SignedDocument<Directive>,
): Promise<Revocation | undefined> {
  const { order } = value;
  if (order.kind !== 'revoke') return undefined;
  const { serialNumber } = order;
  const generation = generationOf(delegation, serialNumber);
  if (generation === undefined) return undefined;
  const db = commonTables(tx);
  const { id } = await readJournal(db, generation.origin);
  const [record] = await readRecords(db, id, 'serialNumber', [serialNumber]);
  if (record === undefined || !isRevocable(record, order.reason)) return undefined;
  // After the last of these has ended, the key that signs their CRL falls silent.
  const isEarlier = generation.epoch < delegation.epoch;
  if (isEarlier && Date.parse(record.notAfter) < node.now().getTime()) return undefined;
  return { serialNumber, generation, entry: revokedBy(value, serialNumber) };
}

function revokedBy({ order, sequence }: Directive, serialNumber: string): NewEntry {
  const revocation = revocationBy(order, serialNumber);
  if (revocation === undefined) throw new Error(`directive ${String(sequence)} revokes no ${serialNumber}`);
  return { type: 'revoked', serialNumber, ...revocation, by: { kind: 'directive', sequence } };
}

/** Revokes what a withdrawal orders revoked, some at a time. */
async function carryOutWithdrawal(node: SubCaNode, journal: JournalWriter): Promise<void> {
  const { directives, generations } = await node.delegation();
  const { issuance } = directives;
  if (issuance.state !== 'withdrawn' || issuance.mode !== 'revoke-all') return;
  const { value } = issuance.by;
  for (const generation of generations) {
    for (;;) {
      const serialNumbers = await subscribersIn(node, generation, LIVE_STATUSES, AT_ONCE);
      if (serialNumbers.length === 0) break;
      await journal.submit({
        epoch: generation.epoch,
        needs: { serialNumbers },
        run: (turn) => {
          revokeLive(turn, value, serialNumbers);
        },
      });
    }
  }
}

/** Those that nobody has revoked meanwhile. */
function revokeLive(turn: NodeTurn, directive: Directive, serialNumbers: readonly string[]): void {
  for (const serialNumber of serialNumbers) {
    const record = turn.lookups.bySerialNumber(serialNumber);
    if (record !== undefined && isLive(record)) turn.append(revokedBy(directive, serialNumber));
  }
}

/** Serial numbers of subscribers' certificates that have not ended. */
async function subscribersIn(
  node: SubCaNode,
  { origin }: Generation,
  statuses: readonly CertificateRecord['status'][],
  limit: number,
): Promise<readonly string[]> {
  const rows = await node.read
    .selectFrom('certificates')
    .select('serialNumber')
    .where('journal', '=', (await readJournal(node.read, origin)).id)
    .where('status', 'in', statuses)
    .where('profile', '!=', OCSP_PROFILE)
    .where('notAfter', '>', node.now().toISOString())
    .limit(limit)
    .execute();
  return rows.map(({ serialNumber }) => serialNumber);
}

/** withdrawing: certificates that the withdrawal revokes are still in force. */
export const ISSUANCE_STATES = ['open', 'suspended', 'withdrawing', 'withdrawn'] as const;

export interface DirectiveStatus {
  /** Sequence of the newest; 0 if there is none. */
  readonly last: number;
  readonly issuance: {
    readonly state: (typeof ISSUANCE_STATES)[number];
    /** What stopped it, since when and why. */
    readonly directive?: number;
    readonly since?: string;
    readonly reason?: string;
  };
}

export async function directiveStatus(node: SubCaNode): Promise<DirectiveStatus> {
  const { directives, generations } = await node.delegation();
  const { last, issuance } = directives;
  if (issuance.state === 'open') return { last, issuance: { state: 'open' } };
  const { sequence, reason } = issuance.by.value;
  const found: string[] = [];
  let isWithdrawing = false;
  for (const generation of generations) {
    const { id } = await readJournal(node.read, generation.origin);
    const acknowledged = await readDirectiveResults(node.read, id);
    found.push(...acknowledged.filter((one) => one.sequence === sequence).map(({ time }) => time));
    if (issuance.state !== 'withdrawn' || issuance.mode !== 'revoke-all') continue;
    const left = await subscribersIn(node, generation, ['reserved', ...LIVE_STATUSES], 1);
    isWithdrawing ||= left.length > 0;
  }
  const state = isWithdrawing ? 'withdrawing' : issuance.state;
  const [since = issuance.by.value.issuedAt] = found;
  return { last, issuance: { state, directive: sequence, since, reason } };
}
