/**
 * What is left of the entries that make a certificate once it is removed, after its legal time: enough for the judge to
 * go on from, and nothing that names or identifies the subscriber. A pure function of the entry, so that both ends are
 * left with the same octets, and the `removal` entry can name them by one hash. With the certificate, of which somebody
 * may have kept a copy, it gives the entry again, octet for octet: that is how one is told from another years later.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { instantSchema, nameSchema, serialNumberSchema, sha256HexSchema } from '../encoding';
import {
  decodeEntryAs,
  encodeEntry,
  encodeEntryAs,
  ISSUING_SERVICES,
  type Entry,
  type EntryOf,
} from '../journal';
import { sha256Hex } from '../signer';
import { formatName, type Certificate, type TbsCertificate } from '../x509';
import { finding, type Finding } from './finding';
import type { Grant } from './grant';
import type { JudgedReceipt } from './lease';
import { isResponderCertificate } from './scope';

/** Most entries that one `removal` covers: bounds what is read and hashed to judge it. */
export const MAX_REMOVED = 4096;

const residueSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('removed-intent'),
    time: instantSchema,
    service: z.enum(ISSUING_SERVICES),
    profile: nameSchema,
    request: sha256HexSchema,
    predecessor: serialNumberSchema.exactOptional(),
    serialNumber: serialNumberSchema,
    subjectSha256: sha256HexSchema,
    spkiSha256: sha256HexSchema,
    notBefore: instantSchema,
    notAfter: instantSchema,
    /** Of an OCSP responder of the CA's own. */
    responder: z.literal(true).exactOptional(),
  }),
  z.strictObject({ type: z.literal('removed-issued'), time: instantSchema, intent: z.int().min(0) }),
]);

export type Residue = z.infer<typeof residueSchema>;

/** An entry, or what is left of one. */
export type JudgedEntry = Entry | Residue;

/** What a certificate record takes from a TBS certificate. */
export interface CertificateFacts {
  readonly serialNumber: string;
  /** Empty where it is removed. */
  readonly subject: string;
  readonly subjectSha256: string;
  readonly spkiSha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

export function factsOf(tbs: TbsCertificate): CertificateFacts {
  const subject = formatName(tbs.subject);
  return {
    serialNumber: tbs.serialNumber,
    subject,
    subjectSha256: sha256Hex(subject),
    spkiSha256: tbs.publicKey.spkiSha256,
    notBefore: tbs.notBefore.toISOString(),
    notAfter: tbs.notAfter.toISOString(),
  };
}

/**
 * @param bytes of the entry
 * @param tbs of an intent; without it, the intent could not be read
 * @returns `undefined` for an entry that stays as it is: it holds no certificate, or none that could be read, or has its
 * members in an order of its own, in which nobody could write it again
 */
export function residueOf(
  bytes: Buffer,
  entry: Entry | undefined,
  tbs: TbsCertificate | undefined,
): Buffer | undefined {
  if (entry === undefined || !encodeEntry(entry).equals(bytes)) return undefined;
  if (entry.type === 'issued')
    return encodeEntryAs(residueSchema, { type: 'removed-issued', time: entry.time, intent: entry.intent });
  if (entry.type !== 'intent' || tbs === undefined) return undefined;
  const { time, service, profile, request, predecessor } = entry;
  const { serialNumber, subjectSha256, spkiSha256, notBefore, notAfter } = factsOf(tbs);
  // A number that no intent may have is a broken rule, and what breaks one is kept.
  if (!serialNumberSchema.safeParse(serialNumber).success) return undefined;
  return encodeEntryAs(residueSchema, {
    type: 'removed-intent',
    time,
    service,
    profile,
    request,
    ...(predecessor !== undefined && { predecessor }),
    serialNumber,
    subjectSha256,
    spkiSha256,
    notBefore,
    notAfter,
    ...(isResponderCertificate(tbs) && { responder: true }),
  });
}

/** The entry of which this is left, if the certificate is the one that was in it. */
export function restoredEntry(residue: Residue, { tbs, signature }: Certificate): Buffer {
  const { time } = residue;
  if (residue.type === 'removed-issued') {
    const { intent } = residue;
    return encodeEntry({ type: 'issued', time, intent, signature: signature.toString('base64') });
  }
  const { service, profile, request, predecessor } = residue;
  const asked = { service, profile, request, ...(predecessor !== undefined && { predecessor }) };
  return encodeEntry({ type: 'intent', time, ...asked, tbs: tbs.der.toString('base64') });
}

/** @throws JournalError `ENTRY_MALFORMED` */
export function decodeResidue(bytes: Uint8Array): Residue {
  return decodeEntryAs(residueSchema, bytes);
}

/** What the entries since the last removal up to another index come to. */
export interface Removed {
  /** `residuesHash` of them. */
  readonly residues: string;
  /** When the last of their certificates ends, ISO 8601 UTC; null if there is none. */
  readonly lastEnd: string | null;
  /** Indexes of those of their intents that have no outcome among them. */
  readonly open: readonly number[];
}

/** What an entry counts for in `residues`: the hash of what is left of it or, if nothing goes, of the entry. */
export function residueHash(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** `residues` of entries: SHA-256 of their hashes, one after another. */
export function residuesHash(hashes: readonly Buffer[]): string {
  return createHash('sha256').update(Buffer.concat(hashes)).digest('hex');
}

/**
 * Every reason why a removal may not be.
 * @param seen the root's receipt in it: the node's own clock may be wrong, and what is gone is gone
 * @param grant in force at its time
 * @param state of the journal before this entry
 * @param removed as this journal has it; absent where it cannot be
 */
export function checkRemoval(
  { before, residues }: EntryOf<'removal'>,
  seen: Pick<JudgedReceipt, 'size' | 'time'>,
  grant: Grant | undefined,
  { removedBefore: from, size }: { readonly removedBefore: number; readonly size: number },
  removed: Removed | undefined,
): readonly Finding[] {
  const bad = (where: string, found: string, allowed: string): Finding =>
    finding('REMOVAL_MISMATCH', where, found, allowed);
  const { time } = seen;
  // What the root has not seen is not old, whatever time its entries bear.
  const most = Math.min(size, seen.size, from + MAX_REMOVED);
  if (before <= from || before > most || removed === undefined)
    return [bad('before', String(before), `${from + 1} – ${most}`)];
  const findings: Finding[] = [];
  const years = grant?.limits.retentionYears;
  const allowed = years === undefined ? 'no removal' : `ended before ${yearsBefore(time, years)}`;
  const { lastEnd } = removed;
  if (years === undefined || (lastEnd !== null && lastEnd > yearsBefore(time, years))) {
    const found = `certificates until ${lastEnd ?? '—'}`;
    const problems = [{ code: 'OUTSIDE_GRANT', where: 'limits.retentionYears', found, allowed }] as const;
    findings.push({ code: 'OUT_OF_SCOPE', problems });
  }
  const open = removed.open.length;
  if (open > 0) findings.push(bad('before', `${open} intents without an outcome`, '0'));
  if (residues !== removed.residues) findings.push(bad('residues', residues, removed.residues));
  return findings;
}

/** The same day and time so many years earlier; of 29 February in a common year, 1 March. @param time ISO 8601 UTC */
export function yearsBefore(time: string, years: number): string {
  const date = new Date(time);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return date.toISOString();
}
