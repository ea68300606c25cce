/** Work on foreign entries before they are judged: parsing and signature checks, off the main thread where it helps. */
import type { KeyObject } from 'node:crypto';
import { quotaKeys, type Authority, type Evidence, type JudgedEntry, type RegistryKey } from '../delegation';
import type { SignatureAlgorithm } from '../signer';
import { verifySignaturesAside, type SignedMessage } from '../verifying';
import { openReceipt, type Receipt } from '../sync';
import type { TbsCertificate } from '../x509';
import { decodeStored, tryReadTbs } from './decoding';
import type { Needs } from './needs';
import { rootAt } from './proofs';
import { readEntriesAt, type LedgerDatabase, type StoredEntry, type StoredJournal } from './rows';
import { rootBefore } from './seal';

/** An entry that could be read, with the work already done on it. */
export interface Examined {
  readonly entry: JudgedEntry;
  readonly evidence: Evidence;
}

/** Entries of a journal, and where they stand. */
export interface Examination {
  readonly db: LedgerDatabase;
  readonly journal: StoredJournal;
  readonly authority: Authority;
  readonly entries: readonly StoredEntry[];
  /** Index of the first, for entries that are stored already; without it, they follow those that are. */
  readonly start?: number;
  /** Signatures of entries before this index were checked at an earlier reading of the very same entries. */
  readonly checkedBefore?: number;
}

/** Parses each intent, verifies each issued signature, opens each receipt; `undefined` where an entry could not be read. */
export async function examine(work: Examination): Promise<readonly (Examined | undefined)[]> {
  const { db, journal, start = journal.state.size, checkedBefore = 0 } = work;
  const entries = work.entries.map(decodeStored);
  const earlier = entries
    .filter((entry) => entry?.type === 'issued')
    .map((entry) => entry.intent)
    .filter((index) => index < start);
  const stored = await readEntriesAt(db, journal.id, [...new Set(earlier)]);
  const read = new Map<number, TbsCertificate | undefined>();
  const intendedAt = (index: number): TbsCertificate | undefined => {
    if (read.has(index)) return read.get(index);
    const row = stored.get(index);
    const intent = index >= start ? entries[index - start] : row && decodeStored(row);
    const tbs = intent?.type === 'intent' ? tryReadTbs(intent.tbs) : undefined;
    read.set(index, tbs);
    return tbs;
  };
  const signatures = new SignatureChecks(work.authority);
  const evidenceOf = async (entry: JudgedEntry, index: number): Promise<Evidence> => {
    if (entry.type === 'intent') {
      const tbs = intendedAt(index);
      return { ...(tbs && { tbs }) };
    }
    if (entry.type === 'issued' && index < checkedBefore) return { signatureValid: true };
    if (entry.type === 'issued') {
      const tbs = intendedAt(entry.intent);
      return { signatureValid: tbs !== undefined && (await signatures.check(tbs, entry.signature)) };
    }
    if (entry.type === 'open' && entry.sealed !== undefined) {
      const sealedRoot = await rootBefore(db, journal.origin, entry.sealed.size);
      return { ...(sealedRoot !== undefined && { sealedRoot }) };
    }
    if (entry.type === 'lease' || entry.type === 'removal') {
      const receipt = await tryReadReceipt(work, entry.receipt);
      return { ...(receipt && { receipt }) };
    }
    return {};
  };
  const examined = entries.map(async (entry, at) =>
    entry === undefined ? undefined : { entry, evidence: await evidenceOf(entry, start + at) },
  );
  signatures.finish();
  return Promise.all(examined);
}

async function tryReadReceipt(
  { db, journal, authority, entries, start }: Examination,
  envelope: string,
): Promise<Evidence['receipt']> {
  const more = start === undefined ? entries : [];
  for (const key of authority.registry) {
    const receipt = tryOpenReceipt(envelope, key);
    if (receipt === undefined || (key.until !== undefined && receipt.time > key.until)) continue;
    return { ...receipt, ownRootHash: await rootAt(db, journal, more, receipt.size) };
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

/** Signatures that are checked together. */
const BLOCK = 256;

interface AskedSignature extends SignedMessage {
  readonly resolve: (valid: boolean | Promise<boolean>) => void;
}

/** Checks of signatures by the CA key, in blocks: each begins while entries after it are still read. */
class SignatureChecks {
  readonly #key: KeyObject;
  readonly #blocks = new Map<SignatureAlgorithm, AskedSignature[]>();

  constructor({ caCertificate }: Authority) {
    this.#key = caCertificate.tbs.publicKey.key;
  }

  /** By the algorithm the certificate names, which the scope check holds to the grant's. Settles after `finish`. */
  check({ signatureAlgorithm, der }: TbsCertificate, signature: string): Promise<boolean> {
    const block = this.#blocks.get(signatureAlgorithm) ?? [];
    this.#blocks.set(signatureAlgorithm, block);
    return new Promise((resolve) => {
      block.push({ message: der, signature: Buffer.from(signature, 'base64'), resolve });
      if (block.length === BLOCK) this.#begin(signatureAlgorithm, block.splice(0));
    });
  }

  /** Begins with those of blocks that are not full. */
  finish(): void {
    for (const [algorithm, block] of this.#blocks) this.#begin(algorithm, block.splice(0));
  }

  #begin(algorithm: SignatureAlgorithm, block: readonly AskedSignature[]): void {
    const valid = verifySignaturesAside(algorithm, this.#key, block);
    block.forEach(({ resolve }, at) => {
      resolve(valid.then((all) => all[at] === true));
    });
  }
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
    if ('intent' in entry) intents.push(entry.intent);
    if (entry.type === 'revoked') predecessors.push(entry.serialNumber);
    if (entry.type === 'directive') serialNumbers.push(...orderedIn(authority, entry.sequence));
    if (entry.type === 'intent' || entry.type === 'removed-intent') {
      if (entry.predecessor !== undefined) predecessors.push(entry.predecessor);
      if (entry.type === 'removed-intent') spkiSha256s.push(entry.spkiSha256);
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
