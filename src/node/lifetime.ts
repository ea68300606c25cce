/**
 * How long a CA key works: it issues until the next one takes over or the delegation is withdrawn, and then tells of its
 * certificates until they end.
 */
import { OCSP_PROFILE } from '../delegation';
import { readJournal } from '../ledger';
import { readCrl, type CertificateList } from '../x509';
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
  // The responder's own exist for the others' sake.
  const { last } = await node.read
    .selectFrom('certificates')
    .select((row) => row.fn.max<string | null>('notAfter').as('last'))
    .where('journal', '=', id)
    .where('profile', '!=', OCSP_PROFILE)
    .executeTakeFirstOrThrow();
  const lastNotAfter = last === null ? null : new Date(last);
  const isOver = lastNotAfter === null || lastNotAfter.getTime() < node.now().getTime();
  const crl = await newestCrl(node, generation);
  const hasLast = crl !== undefined && isLast(readCrl(crl, 'CRL'));
  // One that a clock far ahead has made too early is not the last.
  return { state: hasLast && isOver ? 'silent' : 'closing', lastNotAfter, isOver };
}

/** Whether a CRL says that none follows it. */
export function isLast({ nextUpdate }: CertificateList): boolean {
  return nextUpdate.getTime() === NEVER.getTime();
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
    .executeTakeFirst();
  return row?.bytes ?? undefined;
}
