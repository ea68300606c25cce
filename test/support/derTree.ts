/** DER taken apart, changed anywhere and put together again, also into what is no DER: for tests of readers. */

/** One value: its identifier octet, and either members or contents. `raw` stands for itself, header and all. */
export interface DerTree {
  identifier: number;
  children?: DerTree[];
  content?: Buffer;
  raw?: Buffer;
}

export function parseTree(bytes: Buffer): DerTree {
  const { tree, end } = parseAt(bytes, 0);
  if (end !== bytes.length) throw new Error('more than one value');
  return tree;
}

function parseAt(bytes: Buffer, start: number): { readonly tree: DerTree; readonly end: number } {
  const identifier = bytes[start]!;
  const first = bytes[start + 1]!;
  const octets = first < 0x80 ? 0 : first - 0x80;
  const length = octets === 0 ? first : bytes.readUIntBE(start + 2, octets);
  const at = start + 2 + octets;
  const end = at + length;
  if ((identifier & 0x20) === 0) return { tree: { identifier, content: bytes.subarray(at, end) }, end };
  const children: DerTree[] = [];
  for (let next = at; next < end;) {
    const member = parseAt(bytes, next);
    children.push(member.tree);
    next = member.end;
  }
  return { tree: { identifier, children }, end };
}

export function encodeTree({ identifier, children, content, raw }: DerTree): Buffer {
  if (raw !== undefined) return raw;
  return tlv(identifier, ...(children?.map(encodeTree) ?? [content ?? Buffer.alloc(0)]));
}

/** Identifier, length in the fewest octets, contents: whether they belong together is the test's affair. */
export function tlv(identifier: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([identifier, ...size]), content]);
}

/** A value that is written as these octets. */
export function rawTree(bytes: Uint8Array): DerTree {
  return { identifier: 0, raw: Buffer.from(bytes) };
}
