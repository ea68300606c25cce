/**
 * How long a CA key works: it issues until the next one takes over or the delegation is withdrawn, and then tells of its
 * certificates until they end.
 */
import { CERTIFICATE_STATUSES, OCSP_PROFILE, type CertificateStatus } from '../delegation';
import type { EntryOf } from '../journal';
import { readJournal, tryDecodeEntry } from '../ledger';
import type { Generation } from './delegation';
import { isClosing } from './issuanceState';
import type { SubCaNode } from './node';

/**
 * The next update of a last CRL: there will be none. RFC 5280 has this value for "no well-defined date" (section
 * 4.1.2.5), ETSI EN 319 411-2 asks for it in the last CRL of a key.
 */
export const NEVER = new Date('9999-12-31T23:59:59.000Z');

/** issuing: signs all; closing: signs CRLs and its OCSP certificate; silent: has signed its last CRL, and nothing more. */
export const LIFE_STATES = ['issuing', 'closing', 'silent'] as const;

export interface Lifetime {
  readonly state: (typeof LIFE_STATES)[number];
  /** When the last certificate of a subscriber expires; null while new ones are issued, and if there is none. */
  readonly lastNotAfter: Date | null;
  /** Whether the next CRL is the last: the key issues no more, and every certificate has expired. */
  readonly isOver: boolean;
}

export async function lifeOf(node: SubCaNode, generation: Generation): Promise<Lifetime> {
  if (!isClosing(generation.authority)) return { state: 'issuing', lastNotAfter: null, isOver: false };
  const { id } = await readJournal(node.read, generation.origin);
  const last = (await Promise.all(CERTIFICATE_STATUSES.map((status) => lastEnd(node, id, status))))
    .filter((end) => end !== undefined)
    .sort()
    .at(-1);
  const lastNotAfter = last === undefined ? null : new Date(last);
  const isOver = lastNotAfter === null || lastNotAfter.getTime() < node.now().getTime();
  const crl = await newestCrlEntry(node, generation);
  const hasLast = crl !== undefined && isLast(crl);
  // One that a clock far ahead has made too early is not the last.
  return { state: hasLast && isOver ? 'silent' : 'closing', lastNotAfter, isOver };
}

/** When the last certificate of one status ends: of one status, the index gives them in that order. */
async function lastEnd(
  node: SubCaNode,
  journal: number,
  status: CertificateStatus,
): Promise<string | undefined> {
  const row = await node.read
    .selectFrom('certificates')
    .select('notAfter')
    .where('journal', '=', journal)
    .where('status', '=', status)
    // The responder's own exist for the others' sake.
    .where('profile', '!=', OCSP_PROFILE)
    .orderBy('notAfter', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.notAfter;
}

/** Whether a CRL says that none follows it. */
export function isLast({ nextUpdate }: Pick<EntryOf<'crl'>, 'nextUpdate'>): boolean {
  return Date.parse(nextUpdate) === NEVER.getTime();
}

/** What the journal tells of the newest CRL of a CA key that is held here: the same few octets however long the CRL is. */
export async function newestCrlEntry(
  node: SubCaNode,
  { origin }: Generation,
): Promise<EntryOf<'crl'> | undefined> {
  const row = await node.store.read
    .selectFrom('crls')
    .innerJoin('journals', 'journals.id', 'crls.journal')
    .innerJoin('entries', (join) =>
      join.onRef('entries.journal', '=', 'crls.journal').onRef('entries.idx', '=', 'crls.idx'),
    )
    .select('entries.bytes')
    .where('journals.origin', '=', origin)
    .where('crls.bytes', 'is not', null)
    .orderBy('crls.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  const entry = row && tryDecodeEntry(row.bytes);
  return entry?.type === 'crl' ? entry : undefined;
}

/** The newest journalled CRL of a CA key, as it was stored with its entry. */
export async function newestCrl(node: SubCaNode, { origin }: Generation): Promise<Buffer | undefined> {
  const row = await node.store.read
    .selectFrom('crls')
    .innerJoin('journals', 'journals.id', 'crls.journal')
    .select('crls.bytes')
    .where('journals.origin', '=', origin)
    .where('crls.bytes', 'is not', null)
    .orderBy('crls.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.bytes ?? undefined;
}
