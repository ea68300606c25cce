/** Lists of RSA keys known to be weak, as Debian's package openssl-blacklist has them since CVE-2008-0166. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readSmallFile } from '../config';
import { isCodedError } from '../errors';
import type { SubjectPublicKey } from '../x509';
import { NodeError } from './errors';

/** Where that package puts its lists, by the sizes of RSA keys accepted here. */
const INSTALLED = ['rsa-2048', 'rsa-3072', 'rsa-4096'].map(
  (algorithm) => `/usr/share/openssl-blacklist/blacklist.${algorithm.toUpperCase()}`,
);
/** Ten times the longest list of the package: some three million keys. */
const MAX_LIST = 64 * 1024 * 1024;
const COMMENT = /^(?:#.*)?$/;
const FINGERPRINT = /^[0-9a-f]{20}$/;

interface WeakKeys {
  readonly list: string;
  readonly fingerprints: ReadonlySet<string>;
}

/** Lists that are read when the first RSA key is looked up, and kept. */
export class WeakKeyLists {
  #lists: readonly WeakKeys[] | undefined;

  /** @param configured paths; without them, those of the package's lists that are installed */
  constructor(private readonly configured: readonly string[] | undefined) {}

  /**
   * @returns the path of the list the key stands on, if it stands on one
   * @throws NodeError `WEAK_KEYS_UNREADABLE`: without a list that was asked for, no key can be called good
   */
  find({ algorithm, key }: SubjectPublicKey): string | undefined {
    if (!algorithm.startsWith('rsa-')) return undefined;
    this.#lists ??= (this.configured ?? INSTALLED.filter((list) => existsSync(list))).map(readList);
    if (this.#lists.length === 0) return undefined;
    const { n = '' } = key.export({ format: 'jwk' });
    const fingerprint = blacklistFingerprint(Buffer.from(n, 'base64url'));
    return this.#lists.find(({ fingerprints }) => fingerprints.has(fingerprint))?.list;
  }
}

/**
 * The last 80 bits of the SHA-1 of what `openssl rsa -modulus` prints, in lower-case hex: so the lists name their keys.
 * @param modulus big-endian octets without leading zeros
 */
function blacklistFingerprint(modulus: Buffer): string {
  const printed = `Modulus=${modulus.toString('hex').toUpperCase()}\n`;
  return createHash('sha1').update(printed).digest('hex').slice(-20);
}

function readList(list: string): WeakKeys {
  const lines = textOf(list).split('\n');
  const wrong = lines.findIndex((line) => !COMMENT.test(line) && !FINGERPRINT.test(line));
  if (wrong >= 0) {
    const reason = `line ${wrong + 1} is neither 20 hexadecimal digits nor a comment`;
    throw new NodeError('WEAK_KEYS_UNREADABLE', { list, reason });
  }
  return { list, fingerprints: new Set(lines.filter((line) => FINGERPRINT.test(line))) };
}

function textOf(list: string): string {
  try {
    return readSmallFile(list, MAX_LIST).toString('latin1');
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new NodeError(
      'WEAK_KEYS_UNREADABLE',
      { list, reason: cause.message.replace(/\.$/, '') },
      { cause },
    );
  }
}
