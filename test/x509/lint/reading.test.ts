/** The second reader: it agrees with the first and with OpenSSL on what is good, and no octets make it fail or linger. */
import fc from 'fast-check';
import { Asn1Error, der, readDer, type DerValue } from '../../../src/asn1';
import { lint } from '../../../src/x509';
import { DerReader, dottedOid, type DerNode } from '../../../src/x509/lint/der';
import { OpenSsl } from '../../support/openssl';
import { tlv } from '../../support/derTree';
import { goodTbs, issuerOf, makeCas, profileNamed, PROFILES, signed } from './certificates';

const openssl = new OpenSsl();

beforeAll(makeCas);
afterAll(() => {
  openssl.remove();
});

function readNodes(bytes: Buffer): { readonly root: DerNode | undefined; readonly faults: string[] } {
  const faults: string[] = [];
  const reader = new DerReader(bytes, (check, offset) => faults.push(`${check} ${String(offset)}`));
  return { root: reader.readWhole(0, bytes.length, 'der-trailing'), faults };
}

const CLASSES = { universal: 0, application: 1, context: 2, private: 3 } as const;

/** Written again from what the first reader made of it. */
function encodeValue({ tagClass, tag, constructed, content, children }: DerValue): Buffer {
  const identifier = (CLASSES[tagClass] << 6) | (constructed ? 0x20 : 0) | tag;
  return tlv(identifier, ...(constructed ? children.map(encodeValue) : [content]));
}

/** Written again from what the second reader made of it. */
function encodeNode({ tagClass, tag, constructed, content, children }: DerNode): Buffer {
  const identifier = (tagClass << 6) | (constructed ? 0x20 : 0) | tag;
  return tlv(identifier, ...(constructed ? children.map(encodeNode) : [content]));
}

/** Depth, offset, header and length of every value, as `openssl asn1parse` lists them. */
function listed(node: DerNode, depth = 0): readonly string[] {
  const { start, at, length, children } = node;
  const line = `${String(start)}:d=${String(depth)} hl=${String(at - start)} l=${String(length)}`;
  return [line, ...children.flatMap((child) => listed(child, depth + 1))];
}

describe.each(PROFILES)('a certificate of the profile %s', (id) => {
  let whole: Buffer;

  beforeAll(async () => {
    const profile = profileNamed(id);
    whole = await signed(goodTbs(profile, 'rsa-2048'), profile);
  });

  test('is the same octets after being read and written again, by either reader', () => {
    expect(encodeValue(readDer(whole, { what: 'certificate' }))).toEqual(whole);
    const { root, faults } = readNodes(whole);
    expect(faults).toEqual([]);
    expect(encodeNode(root!)).toEqual(whole);
  });

  test('is walked whole by OpenSSL, which finds every value where the second reader does', () => {
    openssl.write('whole.der', whole);
    const { root } = readNodes(whole);
    const walk = (...args: readonly string[]): readonly string[] => {
      const { status, output } = openssl.run('asn1parse', '-inform', 'DER', '-in', 'whole.der', ...args);
      expect(status).toBe(0);
      return [...output.matchAll(/^ *(\d+):d= *(\d+) +hl= *(\d+) +l= *(\d+)/gm)].map(
        ([, start, depth, header, length]) => `${start!}:d=${depth!} hl=${header!} l=${length!}`,
      );
    };
    expect(walk()).toEqual(listed(root!));
    // The value inside each extension, walked on its own.
    for (const { start, content } of octetStrings(root!)) {
      const inner = readNodes(content);
      expect(inner.faults).toEqual([]);
      expect(walk('-strparse', String(start))).toEqual(listed(inner.root!));
    }
    // What is signed, cut out of the whole.
    const tbs = root!.children[0]!.der;
    openssl.write('whole.der', tbs);
    expect(walk()).toEqual(listed(readNodes(tbs).root!));
  });
});

/** The extnValues. */
function octetStrings(node: DerNode): readonly DerNode[] {
  return node.is(4) ? [node] : node.children.flatMap(octetStrings);
}

test('what both readers take, they take alike', () => {
  const good = goodTbs(profileNamed('individual'));
  let both = 0;
  fc.assert(
    fc.property(mutation(good.length), (change) => {
      const bytes = mutate(good, change);
      const { root, faults } = readNodes(bytes);
      const value = readByFirst(bytes);
      if (root === undefined || faults.length > 0 || value === undefined) return;
      both += 1;
      expect(encodeNode(root)).toEqual(bytes);
      expect(encodeValue(value)).toEqual(bytes);
    }),
    { numRuns: 500 },
  );
  expect(both).toBeGreaterThan(50);
});

function readByFirst(bytes: Buffer): DerValue | undefined {
  try {
    return readDer(bytes, { what: 'mutated' });
  } catch (error) {
    if (error instanceof Asn1Error) return undefined;
    throw error;
  }
}

test('no octets make the lint throw, or take long', () => {
  const profiles = ['individual', 'sub-ca', 'ocsp-responder'].map(profileNamed);
  const goods = profiles.map((profile) => ({ tbs: goodTbs(profile), issuer: issuerOf(profile) }));
  fc.assert(
    fc.property(fc.nat(2), fc.array(mutation(1_100), { minLength: 1, maxLength: 4 }), (which, changes) => {
      const { tbs, issuer } = goods[which]!;
      const bytes = changes.reduce(mutate, tbs);
      for (const form of ['TBSCertificate', 'Certificate'] as const) {
        for (const { where, found, allowed } of lint(bytes, form, issuer)) {
          expect(where.length + found.length + allowed.length).toBeLessThan(2_000);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test('arbitrary octets are answered with findings', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      expect(lint(Buffer.from(octets), 'TBSCertificate')).not.toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['nested without end', Buffer.alloc(60_000, 0x30)],
  ['a set of the same thousands of times', tlv(0x31, Buffer.alloc(20_000, Buffer.from('0500', 'hex')))],
  ['one identifier of 60,000 octets', tlv(0x06, Buffer.alloc(60_000, 0x81))],
  ['thousands of extensions', thousandsOfExtensions()],
])('%s costs next to nothing', (_, bytes) => {
  const began = performance.now();
  const findings = lint(bytes, 'TBSCertificate');
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.length).toBeLessThanOrEqual(200);
  expect(performance.now() - began).toBeLessThan(1_000);
});

function thousandsOfExtensions(): Buffer {
  const extension = der.sequence(der.oid('2.5.29.37'), der.octetString(der.sequence(der.oid('2.5.29.37.0'))));
  const list = der.explicit(3, der.sequence(...Array<Buffer>(1_300).fill(extension)));
  const name = der.sequence();
  const time = tlv(0x17, Buffer.from('260101000000Z'));
  const key = der.sequence(der.sequence(der.oid('1.2.840.113549.1.1.1')), der.bitString(Buffer.of(0)));
  const algorithm = der.sequence(der.oid('1.2.840.113549.1.1.11'), der.nullValue());
  return der.sequence(der.integer(1), algorithm, name, der.sequence(time, time), name, key, list);
}

test('object identifiers of every size are told as they are written', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('0', '1', '2'),
      fc.nat(39),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { minLength: 1, maxLength: 3 }),
      (first, second, arcs) => {
        const dotted = [first, String(second), ...arcs.map(String)].join('.');
        const octets = arcs.flatMap(base128);
        const bytes = tlv(0x06, Buffer.from([Number(first) * 40 + second, ...octets]));
        expect(dottedOid(readNodes(bytes).root!)).toBe(dotted);
      },
    ),
  );
  expect(dottedOid(readNodes(Buffer.from('0603883703', 'hex')).root!)).toBe('2.999.3');
});

function base128(arc: bigint): readonly number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

interface Mutation {
  readonly at: number;
  readonly kind: 'set' | 'delete' | 'insert' | 'cut';
  readonly octet: number;
}

function mutation(length: number): fc.Arbitrary<Mutation> {
  return fc.record({
    at: fc.nat(length - 1),
    kind: fc.constantFrom('set', 'set', 'set', 'delete', 'insert', 'cut'),
    octet: fc.nat(255),
  });
}

function mutate(bytes: Buffer, { at, kind, octet }: Mutation): Buffer {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case 'set':
      return Buffer.concat([before, Buffer.of(octet), after.subarray(1)]);
    case 'delete':
      return Buffer.concat([before, after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.of(octet), after]);
    case 'cut':
      return Buffer.from(before);
  }
}
