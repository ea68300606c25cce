/** Certificate extensions: each comes back as it was put in, and each rule of its form refuses what breaks it. */
import fc from 'fast-check';
import { Asn1Error, der, OID, readDer } from '../../src/asn1';
import {
  ALL_IP_ADDRESSES,
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoints,
  EXTENDED_KEY_USAGES,
  extendedKeyUsage,
  KEY_USAGES,
  keyIdentifier,
  keyUsage,
  nameConstraints,
  NO_DNS_NAME,
  ocspNoCheck,
  subjectAltName,
  subjectKeyIdentifier,
  X509Error,
  type GeneralName,
  type Name,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';
import { decode, raw, refuses } from './extensionForms';

const spki = softSigner('p-256').spki;
const BODY: Name = [
  { type: 'C', value: 'VN' },
  { type: 'O', value: 'Bộ Tài chính' },
];

describe('the list of extensions', () => {
  test('tells which are there, which are critical and which are unknown', () => {
    const found = decode(
      basicConstraints({ ca: true, pathLength: 0 }),
      ocspNoCheck(),
      raw('1.2.3.4', Buffer.from('anything')),
      subjectKeyIdentifier(keyIdentifier(spki)),
      authorityKeyIdentifier(Buffer.alloc(20, 7)),
    );
    expect(found.all.map(({ oid, critical }) => [oid, critical])).toEqual([
      [OID.basicConstraints, true],
      [OID.ocspNoCheck, false],
      ['1.2.3.4', false],
      [OID.subjectKeyIdentifier, false],
      [OID.authorityKeyIdentifier, false],
    ]);
    expect(found.unknown).toEqual(['1.2.3.4']);
    expect(found.ocspNoCheck).toBe(true);
    expect(found.subjectKeyIdentifier).toEqual(keyIdentifier(spki));
    expect(found.authorityKeyIdentifier).toEqual(Buffer.alloc(20, 7));
  });

  test('tells of nothing that is absent', () => {
    const { all, ...rest } = decode(raw('1.2.3.4', Buffer.alloc(0)));
    expect(all).toHaveLength(1);
    expect(rest).toEqual({ ocspNoCheck: false, unknown: ['1.2.3.4'] });
  });

  test('an authorityKeyIdentifier without a key identifier tells nothing', () => {
    expect(decode(raw(OID.authorityKeyIdentifier, der.sequence())).authorityKeyIdentifier).toBeUndefined();
  });

  test.each<[string, readonly Buffer[]]>([
    ['none', []],
    ['one twice', [ocspNoCheck(), ocspNoCheck()]],
    ['an unknown one twice', [raw('1.2.3.4', Buffer.of(1)), raw('1.2.3.4', Buffer.of(2))]],
    ['critical FALSE', [der.sequence(der.oid('1.2.3.4'), der.boolean(false), der.octetString(Buffer.of(1)))]],
    ['a fourth member', [der.sequence(der.oid('1.2.3.4'), der.octetString(Buffer.of(1)), der.nullValue())]],
    ['no value', [der.sequence(der.oid('1.2.3.4'))]],
    ['65 of them', Array.from({ length: 65 }, (_, index) => raw(`1.2.3.${index}`, Buffer.of(1)))],
  ])('refused: %s', async (_, extensions) => {
    await expectCode(() => decode(...extensions), Asn1Error, 'UNEXPECTED');
  });

  test('refused: a key identifier in a constructed value', async () => {
    const nested = der.sequence(der.explicit(0, der.octetString(Buffer.alloc(20))));
    await expectCode(() => decode(raw(OID.authorityKeyIdentifier, nested)), Asn1Error, 'UNEXPECTED');
  });

  test('refused: a known one whose value is no DER', async () => {
    await expectCode(() => decode(raw(OID.keyUsage, Buffer.of(3, 2))), Asn1Error, 'NOT_DER');
  });
});

describe('basicConstraints', () => {
  test.each([{ ca: false }, { ca: true }, { ca: true, pathLength: 0 }, { ca: true, pathLength: 3 }])(
    '%j',
    (value) => {
      expect(decode(basicConstraints(value)).basicConstraints).toEqual(value);
    },
  );
  refuses({
    'cA FALSE written out': raw(OID.basicConstraints, der.sequence(der.boolean(false))),
    'a path length without cA': raw(OID.basicConstraints, der.sequence(der.integer(1))),
    'a negative path length': raw(OID.basicConstraints, der.sequence(der.boolean(true), der.integer(-1))),
    'a third member': raw(
      OID.basicConstraints,
      der.sequence(der.boolean(true), der.integer(1), der.integer(1)),
    ),
  });
});

describe('keyUsage and extendedKeyUsage', () => {
  test('any choice comes back, in the order of the bits', () => {
    fc.assert(
      fc.property(fc.subarray([...KEY_USAGES], { minLength: 1 }), (usages) => {
        expect(decode(keyUsage(usages.toReversed())).keyUsage).toEqual(usages);
      }),
    );
  });
  test('any purposes come back, a foreign one as its OID', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...EXTENDED_KEY_USAGES], { minLength: 1 }), (usages) => {
        expect(decode(extendedKeyUsage(usages)).extendedKeyUsage).toEqual(usages);
      }),
    );
    const foreign = raw(OID.extKeyUsage, der.sequence(der.oid(OID.clientAuth), der.oid('1.2.3')));
    expect(decode(foreign).extendedKeyUsage).toEqual(['clientAuth', '1.2.3']);
  });
  test('none at all are not written', async () => {
    await expectCode(() => keyUsage([]), Asn1Error, 'UNEXPECTED');
    await expectCode(() => extendedKeyUsage([]), Asn1Error, 'UNEXPECTED');
  });
  test('are critical for timestamps alone', () => {
    const critical = (...usages: Parameters<typeof extendedKeyUsage>[0]): boolean | undefined =>
      decode(extendedKeyUsage(usages)).all[0]?.critical;
    expect(critical('timeStamping')).toBe(true);
    expect(critical('clientAuth')).toBe(false);
    expect(critical('timeStamping', 'clientAuth')).toBe(false);
  });
  refuses({
    'no usage': raw(OID.keyUsage, der.namedBits([])),
    'a bit beyond the last': raw(OID.keyUsage, der.namedBits([0, 9])),
    'unused bits that are set': raw(OID.keyUsage, Buffer.from('03020381', 'hex')),
    'no purpose': raw(OID.extKeyUsage, der.sequence()),
  });
});

const printable = (minLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme-ascii', minLength, maxLength: 40 });
const ipOctets = (...lengths: readonly number[]): fc.Arbitrary<Buffer> =>
  fc
    .constantFrom(...lengths)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
    .map((octets) => Buffer.from(octets));

describe('subjectAltName', () => {
  const generalName: fc.Arbitrary<GeneralName> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('email' as const, 'dns' as const, 'uri' as const),
      value: printable(1),
    }),
    fc.record({ kind: fc.constant('ip' as const), value: ipOctets(4, 16) }),
    fc.constant<GeneralName>({ kind: 'directory', name: BODY }),
    fc.constant<GeneralName>({
      kind: 'other',
      der: der.implicitConstructed(
        0,
        der.oid('1.3.6.1.4.1.311.20.2.3'),
        der.explicit(0, der.utf8String('a@b.vn')),
      ),
    }),
  );

  test('any names come back', () => {
    fc.assert(
      fc.property(fc.array(generalName, { minLength: 1, maxLength: 8 }), (names) => {
        expect(decode(subjectAltName(names)).subjectAltName).toEqual(names);
      }),
    );
  });

  test.each<[string, GeneralName]>([
    ['a letter outside ASCII', { kind: 'email', value: 'ánh@lamdong.gov.vn' }],
    ['a NUL', { kind: 'dns', value: 'a.vn\0.b.vn' }],
    ['an address of five octets', { kind: 'ip', value: Buffer.alloc(5) }],
  ])('not written: %s', async (_, name) => {
    await expectCode(() => subjectAltName([name]), X509Error, 'NAME_VALUE_NOT_ENCODABLE');
  });

  const san = (...names: readonly Buffer[]): Buffer => raw(OID.subjectAltName, der.sequence(...names));
  refuses({
    'no name': san(),
    'an empty name': san(der.implicitPrimitive(1, Buffer.alloc(0))),
    'an octet above 7f': san(der.implicitPrimitive(2, Buffer.of(0xc3, 0xa1))),
    'a NUL inside': san(der.implicitPrimitive(2, Buffer.from('a.vn\0.b.vn'))),
    'a value of another class': san(der.integer(65)),
    'a constructed address': san(der.explicit(7, der.octetString(Buffer.alloc(2)))),
    'a constructed e-mail': san(der.explicit(1, der.ia5String('a@b.vn'))),
    'an address with a mask': san(der.implicitPrimitive(7, Buffer.alloc(8))),
    'two directory names in one': san(der.implicitConstructed(4, der.sequence(), der.sequence())),
    'a tag beyond [8]': san(der.implicitPrimitive(9, Buffer.of(1))),
    'a name without a tag': san(der.ia5String('a@b.vn')),
  });
});

describe('places to fetch from', () => {
  const urls = ['http://noi-bo.vn/a', 'http://cong-khai.vn/a'];
  test('come back in their order', () => {
    expect(decode(crlDistributionPoints(urls)).crlDistributionPoints).toEqual(urls);
    const { ocsp, caIssuers } = decode(
      authorityInfoAccess({ ocsp: urls, caIssuers: ['http://a.vn/ca.crt'] }),
    );
    expect([ocsp, caIssuers]).toEqual([urls, ['http://a.vn/ca.crt']]);
  });
  test('each URL has a DistributionPoint of its own', () => {
    const value = readDer(decode(crlDistributionPoints(urls)).all[0]!.value, { what: 'points' });
    expect(value.children).toHaveLength(2);
  });
  test('two URLs in one point are both told, other forms of name are passed over', () => {
    const uri = (url: string): Buffer => der.implicitPrimitive(6, Buffer.from(url));
    const names = [...urls.map(uri), der.explicit(4, der.sequence())];
    const point = der.sequence(der.explicit(0, der.implicitConstructed(0, ...names)));
    expect(decode(raw(OID.crlDistributionPoints, der.sequence(point))).crlDistributionPoints).toEqual(urls);
  });
  test('an access method that is not ours is passed over', () => {
    const access = der.sequence(der.oid('1.2.3'), der.implicitPrimitive(6, Buffer.from('http://a.vn')));
    expect(decode(raw(OID.authorityInfoAccess, der.sequence(access)))).toMatchObject({
      ocsp: [],
      caIssuers: [],
    });
  });
  test('none at all are not written', async () => {
    await expectCode(() => crlDistributionPoints([]), Asn1Error, 'UNEXPECTED');
    await expectCode(() => authorityInfoAccess({ ocsp: [], caIssuers: [] }), Asn1Error, 'UNEXPECTED');
  });
  const uri = der.implicitPrimitive(6, Buffer.from('http://a.vn'));
  const name = der.explicit(0, der.implicitConstructed(0, uri));
  const point = (...members: readonly Buffer[]): Buffer =>
    raw(OID.crlDistributionPoints, der.sequence(der.sequence(...members)));
  test('a point of a name alone is read', () => {
    expect(decode(point(name)).crlDistributionPoints).toEqual(['http://a.vn']);
  });
  refuses({
    'a point for some reasons only': point(name, der.implicitPrimitive(1, Buffer.of(6, 0x40))),
    'a point of another issuer': point(name, der.implicitConstructed(2, uri)),
    'a point without a name': point(der.implicitPrimitive(1, Buffer.of(6, 0x40))),
    'an issuer in the place of the name': point(der.explicit(2, der.implicitConstructed(0, uri))),
    'two names in one point': point(
      der.implicitConstructed(0, der.implicitConstructed(0, uri), der.implicitConstructed(0, uri)),
    ),
    'a relative name': point(der.explicit(0, der.implicitConstructed(1, uri))),
    'a point name without members': point(der.explicit(0, der.implicitConstructed(0))),
    'an access with two locations': raw(
      OID.authorityInfoAccess,
      der.sequence(der.sequence(der.oid(OID.ocsp), uri, uri)),
    ),
    'an access without a location': raw(
      OID.authorityInfoAccess,
      der.sequence(der.sequence(der.oid(OID.ocsp))),
    ),
  });
});

describe('nameConstraints', () => {
  test('any subtrees come back', () => {
    const subtrees = fc.record({
      directory: fc.array(fc.constant(BODY), { maxLength: 2 }),
      email: fc.array(printable(0), { maxLength: 2 }),
      dns: fc.array(printable(0), { maxLength: 2 }),
      uri: fc.array(printable(0), { maxLength: 2 }),
      ip: fc.array(ipOctets(8, 32), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(subtrees, subtrees, (permitted, excluded) => {
        fc.pre(
          Object.values({ ...permitted })
            .concat(Object.values(excluded))
            .some((list) => list.length > 0),
        );
        expect(decode(nameConstraints({ permitted, excluded })).nameConstraints).toEqual({
          permitted,
          excluded,
        });
      }),
    );
  });

  test('are critical, and say "no DNS name, no IP address" without a zero-length name', () => {
    const found = decode(
      nameConstraints({ permitted: { dns: [NO_DNS_NAME] }, excluded: { ip: ALL_IP_ADDRESSES } }),
    );
    expect(found.all[0]?.critical).toBe(true);
    expect(found.nameConstraints?.permitted.dns).toEqual(['none.invalid']);
    expect(found.nameConstraints?.excluded.ip).toEqual([Buffer.alloc(8), Buffer.alloc(32)]);
  });

  test('that constrain nothing are not written', async () => {
    await expectCode(() => nameConstraints({}), Asn1Error, 'UNEXPECTED');
    await expectCode(() => nameConstraints({ permitted: { dns: [] } }), Asn1Error, 'UNEXPECTED');
  });

  const base = der.implicitPrimitive(2, Buffer.from('gov.vn'));
  const constraints = (...members: readonly Buffer[]): Buffer =>
    raw(OID.nameConstraints, der.sequence(...members));
  test('of one base are read', () => {
    const found = decode(constraints(der.implicitConstructed(0, der.sequence(base))));
    expect(found.nameConstraints?.permitted.dns).toEqual(['gov.vn']);
  });
  refuses({
    'nothing constrained': constraints(),
    'a third member': constraints(
      der.implicitConstructed(0, der.sequence(base)),
      der.implicitConstructed(2, der.sequence(base)),
    ),
    'an empty list of subtrees': constraints(der.implicitConstructed(0)),
    'excluded before permitted': constraints(
      der.implicitConstructed(1, der.sequence(base)),
      der.implicitConstructed(0, der.sequence(base)),
    ),
    'a minimum': constraints(
      der.implicitConstructed(0, der.sequence(base, der.implicitPrimitive(0, Buffer.of(0)))),
    ),
    'an address without a mask': constraints(
      der.implicitConstructed(0, der.sequence(der.implicitPrimitive(7, Buffer.alloc(4)))),
    ),
    'a form that is not processed': constraints(
      der.implicitConstructed(0, der.sequence(der.implicitPrimitive(8, Buffer.of(0x2a, 3)))),
    ),
  });
});

describe('ocspNoCheck', () => {
  refuses({
    'another type than NULL': raw(OID.ocspNoCheck, der.integer(1)),
    'a NULL with contents': raw(OID.ocspNoCheck, Buffer.of(5, 1, 0)),
  });
});
