/** What a judgement is made of: what is remembered, what it is judged against and asked of, and what comes of it. */
import type { Certificate, TbsCertificate } from '../x509';
import type { CertificateRecord } from './certificateRecord';
import type { DirectiveChain } from './directive';
import type { DirectiveResult } from './directiveRules';
import type { SignedDocument } from './document';
import type { EarlierCertificates } from './earlier';
import type { Finding } from './finding';
import type { Grant } from './grant';
import type { KeyHistory } from './keyUse';
import type { JudgedReceipt } from './lease';
import type { Removed } from './residue';
import type { RegistryKey } from './trust';

/** What must be remembered from one entry to the next. */
export interface JudgeState {
  /** Entries judged so far; the next one has this index. */
  readonly size: number;
  readonly lastTime: string | null;
  /** Newest version of the grant that has arrived; 0 before the first `grant` entry. */
  readonly grantVersion: number;
  readonly crlNumber: number;
  /** Sequence of the newest directive acknowledged, in this journal or those it seals; 0 before the first. */
  readonly lastDirective: number;
  /** Entries up to the last one that changed what a CRL tells; 0 before the first. */
  readonly toldSize: number;
  /** When the root last saw this journal, by its own clock: the lease runs from there. Null before the first grant. */
  readonly leaseTime: string | null;
  /** The certificates of entries before this index are, or may be, removed. */
  readonly removedBefore: number;
}

export const INITIAL_STATE: JudgeState = {
  size: 0,
  lastTime: null,
  grantVersion: 0,
  crlNumber: 0,
  lastDirective: 0,
  toldSize: 0,
  leaseTime: null,
  removedBefore: 0,
};

/** The signed facts a journal is judged against. */
export interface Authority {
  readonly nodeId: string;
  readonly epoch: number;
  readonly caCertificate: Certificate;
  /** Every accepted version of the grant that names this epoch's CA key. */
  readonly grants: ReadonlyMap<number, SignedDocument<Grant>>;
  /** The directives for the node; none if absent. */
  readonly directives?: DirectiveChain;
  /** Whose receipts count. */
  readonly registry: readonly RegistryKey[];
  /**
   * How many entries this journal had when the next epoch opened. What follows them tells what becomes of its
   * certificates, and no more.
   */
  readonly sealedAt?: number;
}

/** What the stored journal already says; loaded before judging, so that judging itself is pure. */
export interface Lookups {
  bySerialNumber(serialNumber: string): CertificateRecord | undefined;
  byIntent(index: number): CertificateRecord | undefined;
  /** What was made for the key with this SHA-256. */
  byKey(spkiSha256: string): KeyHistory | undefined;
  /** Of the certificates whose predecessor the given one is, what `Successors` tells. */
  successorsOf(serialNumber: string): readonly CertificateRecord[];
  quotaUsed(key: string): number;
  /** What the journals of the CA keys before say; asked for the same keys and predecessors. */
  readonly earlier?: EarlierCertificates | undefined;
}

/** Work on an entry that was done before, off the main thread or at planning. */
export interface Evidence {
  /** The TBS certificate of an intent, if it is parsed already. */
  readonly tbs?: TbsCertificate;
  /** For an `issued` entry: whether its signature is the CA key's over the intent's TBS. */
  readonly signatureValid?: boolean;
  /** For an `open` entry that seals a journal: the root hash of that journal at the size named, hex. */
  readonly sealedRoot?: string;
  /** Of a `lease` or `removal` entry: the receipt, if the registry has signed it. */
  readonly receipt?: JudgedReceipt;
  /** Of a `removal` entry: what it removes, as this journal has it. */
  readonly removed?: Removed;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** The new state of a certificate, if the entry changes one. */
  readonly record?: CertificateRecord;
  /** The counters this entry raises by one. */
  readonly quotaKeys: readonly string[];
  /** What became of a directive, if the entry tells of the next one. */
  readonly acknowledged?: DirectiveResult;
  readonly state: JudgeState;
}
