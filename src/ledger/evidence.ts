/** Work on foreign entries before they are judged: parsing and signature checks, off the main thread where it helps. */
import { quotaKeys, type Authority, type Evidence, type RegistryKey } from '../delegation';
import { decodeEntry, type Entry } from '../journal';
import { verifySignatureAside } from '../signer';
import { openReceipt, type Receipt } from '../sync';
import { readTbsCertificate, type TbsCertificate } from '../x509';
import type { Needs } from './needs';

/** An entry that could be read, with the work already done on it. */
export interface Examined {
  readonly entry: Entry;
  readonly evidence: Evidence;
}

/** Entries with their places, and how to get the bytes of earlier ones. */
export interface Examination {
  readonly start: number;
  readonly entries: readonly (Entry | undefined)[];
  readonly authority: Authority;
  readonly readEarlier: (indexes: readonly number[]) => Promise<ReadonlyMap<number, Buffer>>;
  /** The root hash, hex, of the journal of the epoch before, when it had so many entries; not asked of the first epoch. */
  readonly rootBefore?: (size: number) => Promise<string | undefined>;
  /** The root hash, hex, of this journal when it had so many entries, some of which may be among these. */
  readonly rootAt?: (size: number) => Promise<string | undefined>;
}

/** Reads an entry, or gives nothing for bytes that are none. */
export function tryDecodeEntry(bytes: Uint8Array): Entry | undefined {
  try {
    return decodeEntry(bytes);
  } catch {
    return undefined;
  }
}

/** Parses each intent, verifies each issued signature, opens each receipt; `undefined` where an entry could not be read. */
export async function examine(work: Examination): Promise<readonly (Examined | undefined)[]> {
  const { start, entries } = work;
  const earlier = entries
    .filter((entry) => entry?.type === 'issued')
    .map((entry) => entry.intent)
    .filter((index) => index < start);
  const stored = await work.readEarlier([...new Set(earlier)]);
  const intentAt = (index: number): Entry | undefined => {
    if (index >= start) return entries[index - start];
    const bytes = stored.get(index);
    return bytes && tryDecodeEntry(bytes);
  };
  const read = new Map<Entry, TbsCertificate>();
  for (const entry of entries) {
    const tbs = entry?.type === 'intent' ? tryReadTbs(entry.tbs) : undefined;
    if (entry !== undefined && tbs !== undefined) read.set(entry, tbs);
  }
  return Promise.all(
    entries.map(async (entry) => {
      if (entry === undefined) return undefined;
      const tbs = read.get(entry);
      if (tbs !== undefined) return { entry, evidence: { tbs } };
      if (entry.type === 'open' && entry.sealed !== undefined) {
        const sealedRoot = await work.rootBefore?.(entry.sealed.size);
        return { entry, evidence: { ...(sealedRoot !== undefined && { sealedRoot }) } };
      }
      if (entry.type === 'lease') {
        const receipt = await tryReadReceipt(work, entry.receipt);
        return { entry, evidence: { ...(receipt && { receipt }) } };
      }
      if (entry.type !== 'issued') return { entry, evidence: {} };
      const intent = intentAt(entry.intent);
      const signed = intent?.type === 'intent' ? (read.get(intent) ?? tryReadTbs(intent.tbs)) : undefined;
      const signatureValid =
        signed !== undefined && (await signedByCa(work.authority, signed, entry.signature));
      return { entry, evidence: { signatureValid } };
    }),
  );
}

/** Reads a TBSCertificate, or gives nothing for bytes that are none. */
export function tryReadTbs(base64: string): TbsCertificate | undefined {
  try {
    return readTbsCertificate(Buffer.from(base64, 'base64'), 'tbs');
  } catch {
    return undefined;
  }
}

async function tryReadReceipt(
  { authority, rootAt }: Examination,
  envelope: string,
): Promise<Evidence['receipt']> {
  for (const key of authority.registry) {
    const receipt = tryOpenReceipt(envelope, key);
    if (receipt === undefined || (key.until !== undefined && receipt.time > key.until)) continue;
    return { ...receipt, ownRootHash: await rootAt?.(receipt.size) };
  }
  return undefined;
}

function tryOpenReceipt(envelope: string, key: RegistryKey): Receipt | undefined {
  try {
    return openReceipt(Buffer.from(envelope, 'base64'), key);
  } catch {
    return undefined;
  }
}

/** By the algorithm the certificate names, which the scope check holds to the grant's. */
function signedByCa(authority: Authority, tbs: TbsCertificate, signature: string): Promise<boolean> {
  const { key } = authority.caCertificate.tbs.publicKey;
  return verifySignatureAside(tbs.signatureAlgorithm, key, tbs.der, Buffer.from(signature, 'base64'));
}

/** The certificate that a directive orders revoked. */
function orderedIn({ directives }: Authority, sequence: number): readonly string[] {
  const order = directives?.get(sequence)?.value.order;
  return order?.kind === 'revoke' ? [order.serialNumber] : [];
}

/** What a turn over these entries has to load. */
export function needsOf(examined: readonly (Examined | undefined)[], authority: Authority): Needs {
  const serialNumbers: string[] = [];
  const intents: number[] = [];
  const spkiSha256s: string[] = [];
  const predecessors: string[] = [];
  const counters: string[] = [];
  const grantIds = new Set([...authority.grants.values()].map(({ value }) => value.grantId));
  const first = examined[0]?.entry;
  const sealed = first?.type === 'open' ? first.sealed?.size : undefined;
  for (const { entry, evidence } of examined.filter((one) => one !== undefined)) {
    if ('serialNumber' in entry) serialNumbers.push(entry.serialNumber);
    if (entry.type === 'issued' || entry.type === 'abandoned') intents.push(entry.intent);
    if (entry.type === 'revoked') predecessors.push(entry.serialNumber);
    if (entry.type === 'directive') serialNumbers.push(...orderedIn(authority, entry.sequence));
    if (entry.type === 'intent') {
      if (entry.predecessor !== undefined) predecessors.push(entry.predecessor);
      if (evidence.tbs !== undefined) {
        serialNumbers.push(evidence.tbs.serialNumber);
        spkiSha256s.push(evidence.tbs.publicKey.spkiSha256);
      }
      for (const id of grantIds) {
        counters.push(...Object.values(quotaKeys(id, entry.profile, new Date(entry.time))));
      }
    }
  }
  return { serialNumbers, intents, predecessors, quotaKeys: counters, spkiSha256s, sealed };
}
