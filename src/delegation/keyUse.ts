/**
 * Whose a key is: one subscriber's, and nobody's any more once its private half was exposed. The node asks it in the
 * transaction that reserves, the root of every synced intent, and a batch of its rows before the first is issued.
 */
import type { Problem } from '../errors';
import { sha256Hex } from '../signer';
import { formatName, type TbsCertificate } from '../x509';
import type { Succession } from './succession';

/** A certificate made for the key before, whatever became of it. */
export interface KeyHolder {
  readonly serialNumber: string;
  readonly profile: string;
  /** As `formatName` writes it, if it is still known. */
  readonly subject: string;
  readonly subjectSha256: string;
  /** When its journal told that the private key was exposed: ISO 8601 UTC; null if it never did. */
  readonly exposureTime: string | null;
}

/** Holders of different subjects that are remembered: any subject differs from one of two. */
const MAX_SUBJECTS = 2;

/** What is to be remembered of a key: little, however many certificates a hostile journal has for it. */
export class KeyHistory {
  readonly #holders: KeyHolder[] = [];
  #exposed: ExposedHolder | undefined;

  constructor(holders: Iterable<KeyHolder> = []) {
    for (const holder of holders) this.add(holder);
  }

  /** Adds a certificate, or what has become of it: an exposure is never taken back. */
  add(holder: KeyHolder): void {
    if (isExposed(holder)) {
      if (this.#exposed === undefined || exposure(holder) < exposure(this.#exposed)) this.#exposed = holder;
    }
    const isNew = this.#holders.every(({ subjectSha256 }) => subjectSha256 !== holder.subjectSha256);
    if (isNew && this.#holders.length < MAX_SUBJECTS) this.#holders.push(holder);
  }

  /** The history as it was at a time (ISO 8601 UTC): what was told later was not known yet. */
  asOf(time: string): KeyHistory {
    const past = new KeyHistory();
    past.#holders.push(...this.#holders);
    if (this.#exposed !== undefined && this.#exposed.exposureTime <= time) past.#exposed = this.#exposed;
    return past;
  }

  /** The certificate that told first that the private key was exposed. */
  get exposed(): KeyHolder | undefined {
    return this.#exposed;
  }

  get holders(): readonly KeyHolder[] {
    return this.#holders;
  }
}

type ExposedHolder = KeyHolder & { readonly exposureTime: string };

function isExposed(holder: KeyHolder): holder is ExposedHolder {
  return holder.exposureTime !== null;
}

/** Exposures in their order; of those of one moment, the lowest serial number counts as the first. */
function exposure({ exposureTime, serialNumber }: ExposedHolder): string {
  return `${exposureTime}${serialNumber}`;
}

/** The certificate for which a key is to be used. */
export interface KeyUse {
  readonly profile: string;
  readonly tbs: TbsCertificate;
  /** Of a certificate that follows another. */
  readonly succession?: Succession | undefined;
}

export interface KeyUseFinding {
  readonly code: 'KEY_REUSED' | 'KEY_COMPROMISED';
  readonly problems: readonly Problem[];
}

/**
 * A key may be certified again for the very same subject, letter for letter: renewing a certificate need not change its
 * key, and an issuance that was cut off is repeated with it. The subject may differ only where the key comes from the
 * certificate that is followed: a line of certificates is one subscriber's, whatever information changed in it.
 * @param histories of the key in this journal, and in those of the CA keys before; `undefined` for a new key
 */
export function checkKeyUse(
  use: KeyUse,
  ...histories: readonly (KeyHistory | undefined)[]
): readonly KeyUseFinding[] {
  const findings: KeyUseFinding[] = [];
  const exposed = histories.find((history) => history?.exposed !== undefined)?.exposed;
  const holders = histories.flatMap((history) => history?.holders ?? []);
  if (exposed !== undefined) {
    const found = `${exposed.serialNumber}: revoked (keyCompromise)`;
    findings.push(finding('KEY_COMPROMISED', found, 'a key whose private half was never exposed'));
  }
  const subject = formatName(use.tbs.subject);
  const isKept = use.succession?.predecessor?.spkiSha256 === use.tbs.publicKey.spkiSha256;
  const digest = sha256Hex(subject);
  const other = holders.find((holder) => holder.subjectSha256 !== digest && !isSameResponder(use, holder));
  if (other !== undefined && !isKept) {
    findings.push(finding('KEY_REUSED', `${other.serialNumber}: ${other.subject}`, subject));
  }
  return findings;
}

/** The CA's own OCSP responder keeps its key when its name follows a new grant. */
function isSameResponder({ profile, tbs }: KeyUse, holder: KeyHolder): boolean {
  return tbs.extensions.ocspNoCheck && holder.profile === profile;
}

function finding(code: KeyUseFinding['code'], found: string, allowed: string): KeyUseFinding {
  return { code, problems: [{ code: 'BAD_VALUE', where: 'publicKey', found, allowed }] };
}
