/** Secrets that stand in files: read only where nobody else can read or change them. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Why a file is not taken for a secret. */
export type SecretFault =
  | { readonly kind: 'not-regular' }
  | { readonly kind: 'owner'; readonly owner: number; readonly expected: number }
  /** Octal, four digits. */
  | { readonly kind: 'mode'; readonly mode: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

class RefusedFile extends Error {
  constructor(readonly fault: SecretFault) {
    super(fault.kind);
  }
}

/** Path of a credential that systemd hands to the service (systemd.exec(5), "Credentials"); `undefined` outside one. */
export function credentialPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const directory = env['CREDENTIALS_DIRECTORY'];
  return directory === undefined ? undefined : join(directory, name);
}

/**
 * Reads the beginning of a secret's file, following no link: the very file that was opened is judged, not what stands at
 * its path a moment later.
 * @param limit most octets the secret may have; a little more is read, to see a line end and that there is more
 * @param judged whether mode and owner must keep others out. Those of a credential are systemd's: with an ACL for the
 * service's user its file shows group bits, in a directory that nobody else can enter.
 * @param refusal the error for a fault
 */
export async function readSecretFile(
  path: string,
  { limit, judged }: { readonly limit: number; readonly judged: boolean },
  refusal: (fault: SecretFault, cause?: unknown) => Error,
): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      const { mode, uid: owner } = status;
      if (!status.isFile()) throw new RefusedFile({ kind: 'not-regular' });
      const expected = process.getuid?.() ?? owner;
      if (judged && owner !== expected && owner !== 0)
        throw new RefusedFile({ kind: 'owner', owner, expected });
      if (judged && (mode & 0o077) !== 0)
        throw new RefusedFile({ kind: 'mode', mode: (mode & 0o7777).toString(8).padStart(4, '0') });
      const bytes = Buffer.alloc(limit + 3);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof RefusedFile) throw refusal(cause.fault);
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw refusal(reason === 'ELOOP' ? { kind: 'not-regular' } : { kind: 'unreadable', reason }, cause);
  }
}

/**
 * A secret of one line: 1 to `limit` octets of UTF-8 without control characters; one line end after it is dropped.
 * @returns `undefined` if the bytes are none
 */
export function secretLine(bytes: Buffer, limit: number): string | undefined {
  const end =
    bytes.at(-1) !== 0x0a ? bytes.length : bytes.at(-2) === 0x0d ? bytes.length - 2 : bytes.length - 1;
  const line = bytes.subarray(0, end);
  const text = line.toString('utf8');
  const isWellFormed =
    line.length > 0 &&
    line.length <= limit &&
    Buffer.from(text, 'utf8').equals(line) &&
    !/\p{Cc}/u.test(text);
  return isWellFormed ? text : undefined;
}
