/** Public keys: the types, sizes and encodings let in, and every kind kept out. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { der, OID, readDer, readSequence } from '../../src/asn1';
import { SIGNATURE_ALGORITHMS, sha256Hex } from '../../src/signer';
import {
  keyIdentifier,
  readPublicKey,
  readSignatureAlgorithm,
  signatureAlgorithmIdentifier,
  X509Error,
} from '../../src/x509';
import { findModulusWeakness } from '../../src/x509/rsaModulus';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';

const ecSpki = (namedCurve: string): Buffer =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' });

const rsaIdentifier = der.sequence(der.oid(OID.rsaEncryption), der.nullValue());
/** An odd number of exactly that many bits without a weakness; nothing here needs its factors. */
function modulus(bits: number): bigint {
  let candidate = (1n << BigInt(bits - 1)) | 0xabcdef1n;
  while (findModulusWeakness(candidate) !== undefined) candidate += 2n;
  return candidate;
}
const rsaSpki = (bits: number, exponent = 65_537n, identifier = rsaIdentifier, odd = 0n): Buffer =>
  der.sequence(
    identifier,
    der.bitString(der.sequence(der.integer(modulus(bits) - odd), der.integer(exponent))),
  );

const point = (spki: Buffer, length: number): Buffer => spki.subarray(spki.length - length);
const ecKey = (curve: string, octets: Buffer): Buffer =>
  der.sequence(der.sequence(der.oid(OID.ecPublicKey), der.oid(curve)), der.bitString(octets));

const refuse = (spki: Uint8Array, code: string): Promise<unknown> =>
  expectCode(() => readPublicKey(spki, 'test'), X509Error, code);

describe('readPublicKey', () => {
  it.each([
    ['p-256', ecSpki('P-256')],
    ['p-384', ecSpki('P-384')],
    [
      'rsa-2048',
      generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'der', type: 'spki' }),
    ],
    ['rsa-3072', rsaSpki(3_072)],
    ['rsa-4096', rsaSpki(4_096)],
  ])('reads %s', (algorithm, spki) => {
    const key = readPublicKey(spki, 'test');
    expect(key).toMatchObject({ algorithm, spki, spkiSha256: sha256Hex(spki) });
    expect(key.key.export({ format: 'der', type: 'spki' })).toEqual(spki);
  });

  it('keeps its own copy of the bytes', () => {
    const spki = ecSpki('P-256');
    const key = readPublicKey(spki, 'test');
    spki.fill(0);
    expect(sha256Hex(key.spki)).toBe(key.spkiSha256);
  });

  it.each([1_024, 2_047, 2_049, 2_560, 8_192, 16_384])('refuses RSA of %d bits', async (bits) => {
    await refuse(rsaSpki(bits), 'KEY_TOO_WEAK');
  });

  it.each([0n, 1n, 3n, 17n, 65_535n, 65_536n, 65_538n, 2n ** 256n, 2n ** 256n + 1n])(
    'refuses the exponent %d',
    async (exponent) => {
      await refuse(rsaSpki(2_048, exponent), 'KEY_EXPONENT');
    },
  );

  it.each([65_537n, 65_539n, 2n ** 256n - 1n])('allows the exponent %d', (exponent) => {
    expect(readPublicKey(rsaSpki(2_048, exponent), 'test').algorithm).toBe('rsa-2048');
  });

  it.each(['secp256k1', 'P-521', 'brainpoolP256r1'])('refuses the curve %s', async (curve) => {
    await refuse(ecSpki(curve), 'CURVE_NOT_ALLOWED');
  });

  it('refuses P-256 written out as parameters', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' });
    await refuse(publicKey.export({ format: 'der', type: 'spki' }), 'CURVE_NOT_ALLOWED');
  });

  it.each([
    ['Ed25519', generateKeyPairSync('ed25519').publicKey],
    ['X25519', generateKeyPairSync('x25519').publicKey],
  ])('refuses a key of type %s', async (_, key) => {
    await refuse(key.export({ format: 'der', type: 'spki' }), 'KEY_TYPE_NOT_ALLOWED');
  });

  it('refuses an RSA key for RSASSA-PSS alone, with and without restrictions', async () => {
    const size = { modulusLength: 2_048 };
    const restricted = { ...size, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 32 };
    for (const options of [size, restricted]) {
      const { publicKey } = generateKeyPairSync('rsa-pss', options);
      await refuse(publicKey.export({ format: 'der', type: 'spki' }), 'KEY_FOR_PSS_ONLY');
    }
  });

  it.each([
    [OID.prime256v1, 'P-256', 65],
    [OID.secp384r1, 'P-384', 97],
  ])('wants a point on the curve %s, uncompressed', async (curve, namedCurve, length) => {
    const octets = Buffer.from(point(ecSpki(namedCurve), length));
    expect(readPublicKey(ecKey(curve, octets), 'test').algorithm).toBe(namedCurve.toLowerCase());

    const offCurve = Buffer.from(octets);
    offCurve[length - 1] = (offCurve[length - 1] ?? 0) ^ 1;
    await refuse(ecKey(curve, offCurve), 'KEY_UNREADABLE');
    const zero = Buffer.alloc(length);
    zero[0] = 4;
    await refuse(ecKey(curve, zero), 'KEY_UNREADABLE');
    const half = (length - 1) / 2;
    const compressed = Buffer.concat([
      Buffer.of(2 | ((octets[length - 1] ?? 0) & 1)),
      octets.subarray(1, 1 + half),
    ]);
    await refuse(ecKey(curve, compressed), 'KEY_UNREADABLE');
    const hybrid = Buffer.from(octets);
    hybrid[0] = 6 | ((octets[length - 1] ?? 0) & 1);
    await refuse(ecKey(curve, hybrid), 'KEY_UNREADABLE');
    await refuse(ecKey(curve, Buffer.of(0)), 'KEY_UNREADABLE');
  });

  it('takes each point in one encoding only: coordinates below the prime of the field', async () => {
    // x = 0 lies on P-256: y² = b.
    const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
    const y = '66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4';
    const at = (x: bigint): Buffer =>
      ecKey(OID.prime256v1, Buffer.from(`04${x.toString(16).padStart(64, '0')}${y}`, 'hex'));
    expect(readPublicKey(at(0n), 'test').algorithm).toBe('p-256');
    await refuse(at(p), 'KEY_UNREADABLE');
  });

  const p256 = ecSpki('P-256');
  const p256Identifier = der.sequence(der.oid(OID.ecPublicKey), der.oid(OID.prime256v1));
  const p256Key = der.bitString(point(p256, 65));
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['garbage', Buffer.from('no key')],
    ['trailing bytes', Buffer.concat([p256, Buffer.of(0)])],
    ['a truncated key', p256.subarray(0, -1)],
    ['a point of another curve', ecKey(OID.prime256v1, point(ecSpki('P-384'), 97))],
    ['a third part', der.sequence(p256Identifier, p256Key, der.nullValue())],
    [
      'a second parameter',
      der.sequence(der.sequence(der.oid(OID.ecPublicKey), der.oid(OID.prime256v1), der.nullValue()), p256Key),
    ],
    ['RSA without parameters', rsaSpki(2_048, 65_537n, der.sequence(der.oid(OID.rsaEncryption)))],
    ['an even RSA modulus', rsaSpki(2_048, 65_537n, rsaIdentifier, 1n)],
    [
      'a negative RSA modulus',
      der.sequence(
        rsaIdentifier,
        der.bitString(der.sequence(der.integer(-modulus(2_048)), der.integer(65_537))),
      ),
    ],
    ['a negative exponent', rsaSpki(2_048, -65_537n)],
    [
      'a third RSA number',
      der.sequence(
        rsaIdentifier,
        der.bitString(der.sequence(der.integer(modulus(2_048)), der.integer(65_537), der.integer(1))),
      ),
    ],
    [
      'an RSA key that is no sequence',
      der.sequence(rsaIdentifier, der.bitString(der.integer(modulus(2_048)))),
    ],
    ['a key of 10 MB', Buffer.alloc(10_000_000)],
  ])('refuses %s', async (_, spki) => {
    await refuse(spki, 'KEY_UNREADABLE');
  });

  it('refuses a length that is not in the shortest form', async () => {
    const longer = Buffer.concat([Buffer.of(0x30, 0x81), p256.subarray(1)]);
    await refuse(longer, 'KEY_UNREADABLE');
  });
});

describe('keyIdentifier', () => {
  it('is the one OpenSSL writes into certificates', () => {
    const openssl = new OpenSsl();
    try {
      for (const [curve, file] of [
        ['P-256', 'a'],
        ['P-384', 'b'],
      ]) {
        openssl.run(
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          `ec_paramgen_curve:${curve}`,
          '-nodes',
          '-keyout',
          'k',
          '-subj',
          '/CN=a',
          '-out',
          file!,
        );
        const certificate = new X509Certificate(openssl.read(file!));
        const identifier = keyIdentifier(certificate.publicKey.export({ format: 'der', type: 'spki' }));
        const shown = openssl.run('x509', '-in', file!, '-noout', '-ext', 'subjectKeyIdentifier').output;
        expect(shown.replace(/[\s:]/g, '').toLowerCase()).toContain(identifier.toString('hex'));
        expect(identifier).toHaveLength(20);
      }
    } finally {
      openssl.remove();
    }
  });

  it('refuses what is no key', async () => {
    await expectCode(() => keyIdentifier(Buffer.of(1)), X509Error, 'KEY_UNREADABLE');
  });
});

describe('signature algorithms', () => {
  const read = (bytes: Buffer): string =>
    readSignatureAlgorithm(readDer(bytes, { what: 'algorithm' }), 'algorithm');

  it.each(SIGNATURE_ALGORITHMS)('%s is read as it is written', (algorithm) => {
    expect(read(signatureAlgorithmIdentifier(algorithm))).toBe(algorithm);
  });

  it('carries NULL for RSA and nothing for ECDSA', () => {
    const parameters = (algorithm: (typeof SIGNATURE_ALGORITHMS)[number]): readonly number[] =>
      readSequence(readDer(signatureAlgorithmIdentifier(algorithm), { what: 'a' }), 'a')
        .slice(1)
        .map(({ tag }) => tag);
    expect(parameters('rsa-sha256')).toEqual([5]);
    expect(parameters('ecdsa-sha256')).toEqual([]);
    expect(parameters('ecdsa-sha384')).toEqual([]);
  });

  it.each([
    ['RSA without NULL', der.sequence(der.oid(OID.sha256WithRsaEncryption))],
    ['ECDSA with NULL', der.sequence(der.oid(OID.ecdsaWithSha256), der.nullValue())],
    ['SHA-1', der.sequence(der.oid('1.2.840.113549.1.1.5'), der.nullValue())],
    ['no sequence', der.integer(1)],
  ])('refuses %s', async (_, bytes) => {
    await expectCode(() => read(bytes), X509Error, 'SIGNATURE_ALGORITHM_NOT_ALLOWED');
  });
});

describe('RSASSA-PSS parameters', () => {
  const read = (bytes: Buffer): string =>
    readSignatureAlgorithm(readDer(bytes, { what: 'algorithm' }), 'algorithm');
  const hash = (oid: string, ...parameters: Buffer[]): Buffer => der.sequence(der.oid(oid), ...parameters);
  const [SHA1, SHA256, SHA384] = [OID.sha1, OID.sha256, OID.sha384].map((oid) => hash(oid, der.nullValue()));
  const mask = (of: Buffer, oid: string = OID.mgf1): Buffer => der.sequence(der.oid(oid), of);
  const pss = (...members: readonly (readonly [tag: number, value: Buffer])[]): Buffer =>
    der.sequence(
      der.oid(OID.rsassaPss),
      der.sequence(...members.map(([tag, value]) => der.explicit(tag, value))),
    );
  const [salt20, salt32, salt48] = [20, 32, 48].map((length) => der.integer(length)) as [
    Buffer,
    Buffer,
    Buffer,
  ];

  it.each([
    [[], []],
    [[der.nullValue()], []],
    [[], [der.nullValue()]],
    [[der.nullValue()], [der.nullValue()]],
  ])('may have hashes with NULL or without', (first, second) => {
    const bytes = pss([0, hash(OID.sha384, ...first)], [1, mask(hash(OID.sha384, ...second))], [2, salt48]);
    expect(read(bytes)).toBe('rsa-pss-sha384');
  });

  it.each([
    ['none', der.sequence(der.oid(OID.rsassaPss)), 'SHA-1, MGF1 with SHA-1, salt 20'],
    ['NULL', der.sequence(der.oid(OID.rsassaPss), der.nullValue()), 'unreadable parameters'],
    ['the SHA-1 defaults', pss(), 'SHA-1, MGF1 with SHA-1, salt 20'],
    ['SHA-1 written out', pss([0, SHA1!], [1, mask(SHA1!)], [2, salt20]), 'SHA-1, MGF1 with SHA-1, salt 20'],
    ['MGF1 with SHA-1', pss([0, SHA256!], [2, salt32]), 'SHA-256, MGF1 with SHA-1, salt 32'],
    [
      'another hash in MGF1',
      pss([0, SHA256!], [1, mask(SHA384!)], [2, salt32]),
      'SHA-256, MGF1 with SHA-384, salt 32',
    ],
    ['the default salt', pss([0, SHA256!], [1, mask(SHA256!)]), 'SHA-256, MGF1 with SHA-256, salt 20'],
    [
      'a longer salt',
      pss([0, SHA256!], [1, mask(SHA256!)], [2, salt48]),
      'SHA-256, MGF1 with SHA-256, salt 48',
    ],
    [
      'another mask',
      pss([0, SHA256!], [1, mask(SHA256!, '1.2.3')], [2, salt32]),
      'SHA-256, MGF1 with SHA-256, salt 32',
    ],
    [
      'a trailer field, though its default',
      pss([0, SHA256!], [1, mask(SHA256!)], [2, salt32], [3, der.integer(1)]),
      'SHA-256, MGF1 with SHA-256, salt 32',
    ],
    [
      'a hash of another kind',
      pss([0, hash('2.16.840.1.101.3.4.2.4')], [1, mask(SHA256!)], [2, salt32]),
      '2.16.840.1.101.3.4.2.4, MGF1 with SHA-256, salt 32',
    ],
    ['members that are none', pss([0, der.integer(1)]), 'unreadable parameters'],
  ])('are refused with %s, and told', async (_, bytes, told) => {
    const error = await expectCode(() => read(bytes), X509Error, 'SIGNATURE_ALGORITHM_NOT_ALLOWED');
    expect(error.params).toMatchObject({ algorithm: `RSASSA-PSS (${told})` });
  });
});
