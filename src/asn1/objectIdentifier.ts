/**
 * Contents of an OBJECT IDENTIFIER (X.690, section 8.19): arcs of any size, each in its one encoding. node-forge knows
 * arcs of 32 and 53 bits only, which the UUIDs below 2.25 exceed, and reads padded ones.
 */

/** Most octets read; the longest in use, below a UUID, has half as many. */
const MAX_OCTETS = 64;

/**
 * @param dotted at least two arcs
 * @throws RangeError for what no object identifier is
 */
export function encodeOid(dotted: string): Buffer {
  if (!/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(dotted)) throw new RangeError(`${dotted} is no object identifier`);
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  if (first < 2n && second > 39n) throw new RangeError(`${dotted} is no object identifier`);
  return Buffer.from([first * 40n + second, ...rest].flatMap(subidentifier));
}

function subidentifier(arc: bigint): readonly number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(0x80 | Number(left & 0x7fn));
  return octets;
}

/** @returns dotted; `undefined` for contents that are cut short, padded or too long */
export function decodeOid(content: Uint8Array): string | undefined {
  if (content.length > MAX_OCTETS) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  let isBegun = false;
  for (const octet of content) {
    if (!isBegun && octet === 0x80) return undefined;
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    isBegun = octet >= 0x80;
    if (isBegun) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [head, ...rest] = arcs;
  if (isBegun || head === undefined) return undefined;
  const first = head < 80n ? head / 40n : 2n;
  return [first, head - first * 40n, ...rest].join('.');
}
