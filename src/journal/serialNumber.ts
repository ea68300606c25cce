/** Serial numbers that name their place: epoch ‖ journal index of the intent ‖ randomness, 16 octets. */
import { MAX_JOURNAL_SIZE } from './entries';
import { JournalError } from './errors';

/** Octets of randomness in a serial number (CA/Browser Forum wants at least 8). */
export const SERIAL_RANDOM_OCTETS = 10;

export interface SerialPlace {
  readonly epoch: number;
  readonly index: number;
}

/**
 * @param random exactly 10 octets from a CSPRNG
 * @returns 32 lower-case hex digits
 */
export function serialNumberAt(place: SerialPlace, random: Uint8Array): string {
  const { epoch, index } = place;
  const valid =
    Number.isInteger(epoch) && epoch >= 1 && epoch <= 0x7f && Number.isInteger(index) && index >= 0;
  if (!valid || index >= MAX_JOURNAL_SIZE || random.length !== SERIAL_RANDOM_OCTETS) {
    throw new JournalError('SERIAL_PLACE', { epoch, index });
  }
  const octets = Buffer.alloc(16);
  octets[0] = epoch;
  octets.writeUIntBE(index, 1, 5);
  octets.set(random, 6);
  return octets.toString('hex');
}

/** The place a serial number names; `undefined` if it is none of ours. */
export function placeOfSerialNumber(serialNumber: string): SerialPlace | undefined {
  if (!/^[0-9a-f]{32}$/.test(serialNumber)) return undefined;
  const octets = Buffer.from(serialNumber, 'hex');
  const epoch = octets.readUInt8(0);
  return epoch >= 1 && epoch <= 0x7f ? { epoch, index: octets.readUIntBE(1, 5) } : undefined;
}
