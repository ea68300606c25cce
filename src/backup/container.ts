/**
 * The container of a backup: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084), in DER, so that
 * `openssl cms -decrypt` opens it as well. Written and read as a stream: only the head is ever whole in memory.
 *
 *     ContentInfo       ::= SEQUENCE { contentType, [0] EXPLICIT AuthEnvelopedData }
 *     AuthEnvelopedData ::= SEQUENCE { version 0, recipientInfos SET OF RecipientInfo,
 *                                      SEQUENCE { data, aes256-GCM, [0] IMPLICIT OCTET STRING }, mac OCTET STRING }
 */
import { createCipheriv, createDecipheriv, randomBytes, type DecipherGCM, type KeyObject } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { der, OID, readDer, readInteger, readOctets, readOid, readSequence, readSet } from '../asn1';
import { readAt } from '../config';
import { isCodedError } from '../errors';
import type { SubjectPublicKey } from '../x509';
import { BackupError } from './errors';
import { unwrapWith, wrapFor } from './recipients';

const ICV = 16;
/** What one key and nonce encrypt at most: NIST SP 800-38D, section 5.2.1.1. */
const MAX_CONTENT = 2 ** 36 - 32;
/** Most octets of the head: a recipient takes less than 1 KiB. */
const MAX_HEAD = 64 * 1024;
const NO_BACKUP = 'no encrypted backup';
export const CHUNK = 256 * 1024;

/** Encrypts content of a known length, portion by portion. */
export class Encryption {
  readonly #cipher;

  /** All before the content. */
  readonly head: Buffer;

  /** @throws BackupError `BACKUP_TOO_LARGE` */
  constructor(recipients: readonly SubjectPublicKey[], length: number) {
    if (length > MAX_CONTENT) throw new BackupError('BACKUP_TOO_LARGE', { size: length, limit: MAX_CONTENT });
    const key = randomBytes(32);
    const nonce = randomBytes(12);
    this.#cipher = createCipheriv('aes-256-gcm', key, nonce);
    const infos = der.setOf(...recipients.map((recipient) => wrapFor(recipient, key)));
    const algorithm = der.sequence(
      der.oid(OID.aes256Gcm),
      der.sequence(der.octetString(nonce), der.integer(ICV)),
    );
    const before = Buffer.concat([der.oid(OID.data), algorithm, der.header(0x80, length)]);
    const content = der.header(0x30, before.length + length);
    const mac = der.octetString(Buffer.alloc(ICV)).length;
    const inner = Buffer.concat([der.integer(0), infos, content, before]);
    const enveloped = der.header(0x30, inner.length + length + mac);
    const explicit = der.header(0xa0, enveloped.length + inner.length + length + mac);
    const type = der.oid(OID.authEnvelopedData);
    const rest = type.length + explicit.length + enveloped.length + inner.length + length + mac;
    this.head = Buffer.concat([der.header(0x30, rest), type, explicit, enveloped, inner]);
  }

  update(portion: Buffer): Buffer {
    return this.#cipher.update(portion);
  }

  /** What follows the content. */
  end(): Buffer {
    this.#cipher.final();
    return der.octetString(this.#cipher.getAuthTag());
  }
}

/** Reads the content of a container in order; none of it is to be believed before `end`. */
export class Decryption {
  #left: number;

  private constructor(
    private readonly name: string,
    private readonly handle: FileHandle,
    private readonly decipher: DecipherGCM,
    /** Octets of the content. */
    readonly length: number,
    private position: number,
  ) {
    this.#left = length;
  }

  /**
   * @param keyName of the file with the key, for the error text
   * @throws BackupError `BACKUP_UNREADABLE`, `KEY_OPENS_NOTHING`
   */
  static async open(
    name: string,
    handle: FileHandle,
    privateKey: KeyObject,
    keyName: string,
  ): Promise<Decryption> {
    const { size } = await handle.stat();
    const bytes = await readAt(handle, 0, Math.min(size, MAX_HEAD));
    try {
      const head = new Head(bytes, size);
      head.enter(0x30, true);
      requireOid(head.take(), OID.authEnvelopedData);
      head.enter(0xa0, true);
      head.enter(0x30, true);
      if (readInteger(readDer(head.take(), { what: 'version' }), 'version') !== 0n)
        throw new Error('another version');
      const infos = readSet(readDer(head.take(), { what: 'recipients' }), 'recipients');
      const contentEnd = head.enter(0x30, false);
      requireOid(head.take(), OID.data);
      const [algorithm, parameters] = readSequence(readDer(head.take(), { what: 'algorithm' }), 'algorithm');
      const [nonce, icv] = readSequence(parameters, 'parameters');
      if (readOid(algorithm, 'algorithm') !== OID.aes256Gcm || readInteger(icv, 'parameters') !== BigInt(ICV))
        throw new Error('another algorithm');
      const end = head.enter(0x80, false);
      if (end !== contentEnd || end + 2 + ICV !== size) throw new Error('truncated');
      const key = infos.reduce<Buffer | undefined>(
        (found, info) => found ?? unwrapWith(privateKey, info),
        undefined,
      );
      if (key === undefined) throw new BackupError('KEY_OPENS_NOTHING', { file: name, key: keyName });
      const decipher = createDecipheriv('aes-256-gcm', key, readOctets(nonce, 'parameters'));
      return new Decryption(name, handle, decipher, end - head.at, head.at);
    } catch (cause) {
      if (cause instanceof BackupError) throw cause;
      throw new BackupError('BACKUP_UNREADABLE', { file: name, reason: reasonOf(cause) }, { cause });
    }
  }

  /** The next octets of the content, exactly so many. @throws BackupError `BACKUP_UNREADABLE` if there are fewer */
  async read(length: number): Promise<Buffer> {
    if (length > this.#left) throw unreadable(this.name, 'it ends too early');
    const bytes = await readAt(this.handle, this.position, length);
    if (bytes.length < length) throw unreadable(this.name, 'truncated');
    this.position += length;
    this.#left -= length;
    return this.decipher.update(bytes);
  }

  /** All was read: now it is certain that nothing was altered. @throws BackupError `BACKUP_UNREADABLE` */
  async end(): Promise<void> {
    if (this.#left > 0) throw unreadable(this.name, 'more follows than it names');
    const tail = await readAt(this.handle, this.position, 2 + ICV);
    try {
      this.decipher.setAuthTag(readOctets(readDer(tail, { what: 'mac' }), 'mac'));
      this.decipher.final();
    } catch (cause) {
      throw new BackupError('BACKUP_UNREADABLE', { file: this.name, reason: 'it was altered' }, { cause });
    }
  }
}

/** What the readers of bytes, and `node:crypto` of a key that does not unwrap, say exactly, helps nobody here. */
function reasonOf(cause: unknown): string {
  if (isCodedError(cause)) return NO_BACKUP;
  return cause instanceof Error && !('code' in cause) ? cause.message : 'its key does not unwrap';
}

export function unreadable(file: string, reason: string): BackupError<'BACKUP_UNREADABLE'> {
  return new BackupError('BACKUP_UNREADABLE', { file, reason });
}

/** The values at the head of a file whose content is not in memory. */
class Head {
  at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly size: number,
  ) {}

  /** Goes into a value. @param toEnd whether it must end with the file. @returns where it ends */
  enter(tag: number, toEnd: boolean): number {
    const { start, end } = this.#header(tag);
    if (toEnd ? end !== this.size : end > this.size) throw new Error('truncated, or something follows');
    this.at = start;
    return end;
  }

  /** The next value, whole. */
  take(): Buffer {
    const { end } = this.#header(undefined);
    if (end > this.bytes.length) throw new Error('a head that is too long');
    const from = this.at;
    this.at = end;
    return this.bytes.subarray(from, end);
  }

  #header(tag: number | undefined): { readonly start: number; readonly end: number } {
    const { bytes, at } = this;
    const first = bytes[at + 1];
    if (first === undefined || (tag !== undefined && bytes[at] !== tag)) throw new Error(NO_BACKUP);
    const count = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || count > 6 || at + 2 + count > bytes.length) throw new Error(NO_BACKUP);
    const start = at + 2 + count;
    const length = count === 0 ? first : bytes.readUIntBE(at + 2, count);
    if (!der.header(bytes[at] ?? 0, length).equals(bytes.subarray(at, start))) throw new Error(NO_BACKUP);
    return { start, end: start + length };
  }
}

function requireOid(bytes: Buffer, expected: string): void {
  if (readOid(readDer(bytes, { what: 'type' }), 'type') !== expected) throw new Error(NO_BACKUP);
}
