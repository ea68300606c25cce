/** The archive within a backup: POSIX ustar (IEEE Std 1003.1, pax), regular files only, so that `tar` unpacks it. */

export const BLOCK = 512;
/** Two empty blocks end an archive. */
export const END = Buffer.alloc(2 * BLOCK);
const LARGEST_OCTAL = 8 ** 11 - 1;

export interface TarEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly size: number;
}

/** Octets that follow a file's content up to the next block. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Octets an archive of these files has. */
export function tarLength(entries: readonly TarEntry[]): number {
  return entries.reduce((sum, { size }) => sum + BLOCK + size + padding(size), END.length);
}

/** Whether a path fits into a header. */
export function isTarPath(path: string): boolean {
  return splitPath(path) !== undefined;
}

/** @param path for which `isTarPath` */
export function tarHeader({ path, size }: TarEntry, time: Date): Buffer {
  const header = Buffer.alloc(BLOCK);
  const [prefix, name] = splitPath(path) ?? ['', ''];
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  };
  header.write(name, 0, 'utf8');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size <= LARGEST_OCTAL) octal(size, 124, 11);
  else {
    // Base 256, as GNU and BSD tar write and read it.
    header[124] = 0x80;
    header.writeUIntBE(size, 130, 6);
  }
  octal(Math.floor(time.getTime() / 1000), 136, 11);
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345, 'utf8');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Prefix of at most 155 octets and name of at most 100, split at a slash. */
function splitPath(path: string): readonly [prefix: string, name: string] | undefined {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const parts = [path.slice(0, at), path.slice(at + 1)] as const;
    if (Buffer.byteLength(parts[0]) <= 155 && Buffer.byteLength(parts[1]) <= 100) return parts;
  }
  return undefined;
}
