/** Address blocks such as 10.0.0.0/8 (RFC 4632): reading them, and whether an address lies in one. */
import { isIP } from 'node:net';

/** An address in network byte order, of which the first `bits` bits count. */
export interface Network {
  readonly octets: Buffer;
  readonly bits: number;
}

/** @returns `undefined` for anything but an IPv4 or IPv6 address, a slash and a length that fits it */
export function readNetwork(text: string): Network | undefined {
  const [, address = '', length = ''] = /^([0-9a-f.:]{2,39})\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const octets = addressOctets(address);
  const bits = Number(length);
  return octets === undefined || bits > octets.length * 8 ? undefined : { octets, bits };
}

/** Whether the address (4 or 16 octets) lies in the block; one of the other family does not. */
export function inNetwork(address: Buffer, { octets, bits }: Network): boolean {
  if (octets.length !== address.length) return false;
  const asNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
  const shift = BigInt(octets.length * 8 - bits);
  return asNumber(address) >> shift === asNumber(octets) >> shift;
}

/** IPv6 with its last 32 bits written as IPv4 is not read: the same address has a plain spelling. */
function addressOctets(text: string): Buffer | undefined {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  if (isIP(text) !== 6 || text.includes('.')) return undefined;
  const [head = '', tail] = text.split('::');
  const groups = (part: string | undefined): number[] =>
    part ? part.split(':').map((group) => parseInt(group, 16)) : [];
  const left = groups(head);
  const right = groups(tail);
  const octets = Buffer.alloc(16);
  left.forEach((group, index) => octets.writeUInt16BE(group, index * 2));
  right.forEach((group, index) => octets.writeUInt16BE(group, (8 - right.length + index) * 2));
  return octets;
}
