/** Turning bits over: whether a reader of signed bytes notices each change, and says so with a code. */
import { isCodedError } from '../../src/errors';

const MASKS = [0x01, 0x80, 0x20, 0x06, 0xff] as const;

/**
 * Changes one octet at a time.
 * @param read reads the bytes, with every check their user makes
 * @param step looks at every `step`-th octet only, from a different first one for each mask
 * @returns what went wrong: changes that were accepted, or refused by something other than a coded error
 */
export function unnoticedFlips(bytes: Buffer, read: (changed: Buffer) => unknown, step = 1): string[] {
  const unnoticed: string[] = [];
  MASKS.forEach((mask, first) => {
    for (let at = first % step; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ mask;
      try {
        read(changed);
        unnoticed.push(`octet ${at} ^ ${mask}: accepted`);
      } catch (error) {
        if (!isCodedError(error)) unnoticed.push(`octet ${at} ^ ${mask}: ${String(error)}`);
      }
    }
  });
  return unnoticed;
}
