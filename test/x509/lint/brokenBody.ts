/** One broken certificate for each check of the encoding, the certificate's own fields, its names, period and key. */
import { der, OID } from '../../../src/asn1';
import { rawTree, tlv } from '../../support/derTree';
import { broken, generalizedTime, rdn, utcTime, type Broken } from './certificates';

const hex = (octets: string): Buffer => Buffer.from(octets, 'hex');
const VERSION = 0;
const SERIAL = 1;
const ALGORITHM = 2;
const ISSUER = 3;
const SUBJECT = 5;
const KEY = 6;
const EXTENSIONS = 7;
const UNKNOWN = '2.16.704.9.9';

/** An extension nobody knows, around a value that is to be read all the same. */
const holding =
  (value: Buffer) =>
  (tbs: Parameters<Broken['change']>[0]): void => {
    tbs.add(UNKNOWN, value);
  };

const rsaKey = (modulus: Buffer, exponent: Buffer): Buffer =>
  der.sequence(tlv(0x02, modulus), tlv(0x02, exponent));
const RSA = der.sequence(der.oid(OID.rsaEncryption), der.nullValue());
const P_256 = der.sequence(der.oid(OID.ecPublicKey), der.oid(OID.prime256v1));
const MODULUS = Buffer.concat([Buffer.of(0), Buffer.alloc(256, 0xc5)]);
const EXPONENT = hex('010001');
const POINT = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 0x11)]);

export const BROKEN_BODY: readonly Broken[] = [
  // Encoding
  broken('der-readable', (tbs) => tbs.bytes.subarray(0, -7)),
  broken('der-readable', () => Buffer.alloc(0)),
  broken('der-readable', holding(hex('0485ffffffffff'))),
  broken('der-readable', holding(hex('bf'))),
  broken('der-bounded', () => {
    let value: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 40; depth += 1) value = tlv(0x30, value);
    return value;
  }),
  broken('der-bounded', () => tlv(0x30, Buffer.alloc(40_000, hex('0500')))),
  broken('der-trailing', (tbs) => Buffer.concat([tbs.bytes, hex('0500')])),
  broken('der-tag-minimal', holding(hex('9f1e00'))),
  broken('der-length-definite', holding(hex('30800000'))),
  broken('der-length-definite', holding(hex('30020000'))),
  broken('der-length-minimal', holding(hex('0c810141'))),
  broken('der-length-minimal', (tbs) => {
    const content = tbs.bytes.subarray(4);
    return Buffer.concat([hex('3083'), Buffer.of(0, content.length >> 8, content.length & 0xff), content]);
  }),
  broken('der-form', holding(hex('24050403414243'))),
  broken('der-form', holding(hex('100141'))),
  broken('der-boolean', holding(hex('010101'))),
  broken('der-integer-minimal', holding(hex('02020001'))),
  broken('der-integer-minimal', holding(hex('0202ff80'))),
  broken('der-integer-minimal', holding(hex('0200'))),
  broken('der-bit-string', holding(hex('030203ff'))),
  broken('der-bit-string', holding(hex('030208ff'))),
  broken('der-bit-string', holding(hex('0300'))),
  broken('der-null', holding(hex('050100'))),
  broken('der-oid', holding(hex('0603558001'))),
  broken('der-oid', holding(hex('060255ff'))),
  broken('der-oid', holding(hex('0600'))),
  broken('der-set-order', holding(hex('3106020102020101'))),
  broken('string-utf8', (tbs) => {
    tbs.attribute(OID.commonName, tlv(0x0c, hex('41c328')));
  }),
  broken('string-printable', (tbs) => {
    tbs.attribute(OID.serialNumber, der.printableString('a*b'));
  }),
  broken('string-ia5', (tbs) => {
    tbs.attribute(OID.emailAddress, tlv(0x16, hex('c3a140612e766e')));
  }),
  broken('string-wide', (tbs) => {
    tbs.attribute(OID.commonName, tlv(0x1e, hex('004100')));
  }),
  broken('string-wide', (tbs) => {
    tbs.attribute(OID.commonName, tlv(0x1c, hex('0041')));
  }),
  broken('structure', () => der.sequence(der.integer(1))),
  broken('structure', () => der.octetString(hex('00'))),
  broken('structure', (tbs) => {
    tbs.insert(8, der.nullValue());
  }),
  broken('structure', (tbs) => {
    tbs.set(SUBJECT, der.sequence(der.sequence()));
  }),
  broken('structure', (tbs) => {
    tbs.set(KEY, der.sequence(P_256));
  }),
  broken('structure', (tbs) => {
    tbs.set(4, der.sequence(utcTime('260101000000Z')));
  }),
  broken('structure', (tbs) => {
    tbs.extensions.push(rawTree(der.sequence(der.oid(UNKNOWN))));
  }),
  broken('certificate-size', (tbs) => {
    tbs.add(UNKNOWN, der.octetString(Buffer.alloc(33_000)));
  }),

  // Version, serial number, algorithm
  broken('version-3', (tbs) => {
    tbs.remove(VERSION);
  }),
  broken('version-3', (tbs) => {
    tbs.set(VERSION, der.explicit(0, der.integer(1)));
  }),
  broken('serial-number-positive', (tbs) => {
    tbs.set(SERIAL, der.integer(-(2n ** 100n)));
  }),
  broken('serial-number-positive', (tbs) => {
    tbs.set(SERIAL, der.integer(0));
  }),
  broken('serial-number-length', (tbs) => {
    tbs.set(SERIAL, tlv(0x02, Buffer.alloc(21, 0x7f)));
  }),
  broken('serial-number-entropy', (tbs) => {
    tbs.set(SERIAL, der.integer(4_711));
  }),
  broken('signature-algorithm-allowed', (tbs) => {
    tbs.set(ALGORITHM, der.sequence(der.oid('1.2.840.113549.1.1.5'), der.nullValue()));
  }),
  broken('signature-algorithm-parameters', (tbs) => {
    tbs.set(ALGORITHM, der.sequence(der.oid(OID.ecdsaWithSha256), der.nullValue()));
  }),
  broken('signature-algorithm-parameters', (tbs) => {
    tbs.set(ALGORITHM, der.sequence(der.oid(OID.sha256WithRsaEncryption)));
  }),
  broken('signature-algorithm-parameters', (tbs) => {
    // RSASSA-PSS with all its defaults, which are SHA-1.
    tbs.set(ALGORITHM, der.sequence(der.oid('1.2.840.113549.1.1.10'), der.sequence()));
  }),
  broken('unique-identifiers-absent', (tbs) => {
    tbs.insert(EXTENSIONS, der.implicitPrimitive(1, hex('00ff')));
  }),

  // Names
  broken('issuer-not-empty', (tbs) => {
    tbs.set(ISSUER, der.sequence());
  }),
  broken('issuer-is-ca-subject', (tbs) => {
    tbs.set(ISSUER, der.sequence(rdn(OID.countryName, der.printableString('VN'))));
  }),
  broken('subject-or-critical-san', (tbs) => {
    tbs.set(SUBJECT, der.sequence());
  }),
  broken(
    'subject-or-critical-san',
    (tbs) => {
      tbs.set(SUBJECT, der.sequence());
    },
    { profile: 'sub-ca' },
  ),
  broken('name-rdn-single', (tbs) => {
    const pair = ['A', 'B'].map((text) => der.sequence(der.oid(OID.commonName), der.utf8String(text)));
    tbs.set(SUBJECT, der.sequence(rdn(OID.countryName, der.printableString('VN')), der.setOf(...pair)));
  }),
  broken('name-attribute-known', (tbs) => {
    tbs.attribute(UNKNOWN, der.utf8String('x'));
  }),
  broken('name-string-type', (tbs) => {
    tbs.attribute(OID.commonName, tlv(0x14, Buffer.from('Teletex')));
  }),
  broken('name-string-type', (tbs) => {
    tbs.attribute(OID.commonName, tlv(0x1e, Buffer.from('\0B\0M\0P')));
  }),
  broken('name-string-type', (tbs) => {
    tbs.attribute(OID.commonName, tlv(0x1c, hex('00000041')));
  }),
  broken('name-string-type', (tbs) => {
    tbs.attribute(UNKNOWN, tlv(0x14, Buffer.from('Teletex')));
  }),
  broken('name-printable-only', (tbs) => {
    tbs.attribute(OID.countryName, der.utf8String('VN'));
  }),
  broken('name-email-ia5', (tbs) => {
    tbs.attribute(OID.emailAddress, der.utf8String('anhnt@lamdong.gov.vn'));
  }),
  broken('name-country-form', (tbs) => {
    tbs.attribute(OID.countryName, der.printableString('vn'));
  }),
  broken('name-email-form', (tbs) => {
    tbs.attribute(OID.emailAddress, der.ia5String('anhnt at lamdong.gov.vn'));
  }),
  broken('name-value-length', (tbs) => {
    tbs.attribute(OID.commonName, der.utf8String('Ộ'.repeat(65)));
  }),
  broken('name-value-length', (tbs) => {
    tbs.attribute(OID.countryName, der.printableString('VNM'));
  }),
  broken('name-value-present', (tbs) => {
    tbs.attribute(OID.commonName, der.utf8String(''));
  }),
  ...[' An', 'An ', 'Nguyễn  An'].map((text) =>
    broken('name-value-trimmed', (tbs) => {
      tbs.attribute(OID.commonName, der.utf8String(text));
    }),
  ),
  // Control, right-to-left override, zero-width space, line separator, no-break space, soft hyphen.
  ...['A\u0007', 'A\u202eB', 'A\u200bB', 'A\u2028B', 'A\u00a0B', 'A\u00adB'].map((text) =>
    broken('name-value-visible', (tbs) => {
      tbs.attribute(OID.commonName, der.utf8String(text));
    }),
  ),
  broken('name-value-nfc', (tbs) => {
    tbs.attribute(OID.commonName, der.utf8String('Nguyễn'.normalize('NFD')));
  }),
  ...['UBND', 'may-chu-01', 'ca.lamdong.gov.vn'].map((text) =>
    broken('common-name-no-host', (tbs) => {
      tbs.attribute(OID.commonName, der.utf8String(text));
    }),
  ),
  broken('name-order', (tbs) => {
    tbs.subject([OID.commonName, der.utf8String('An')], [OID.countryName, der.printableString('VN')]);
  }),
  broken('name-attribute-once', (tbs) => {
    const name = [OID.commonName, der.utf8String('An')] as const;
    tbs.subject([OID.countryName, der.printableString('VN')], name, name);
  }),
  broken('subject-country-vn', (tbs) => {
    tbs.attribute(OID.countryName, der.printableString('LA'));
  }),
  broken('subject-country-vn', (tbs) => {
    tbs.subject([OID.commonName, der.utf8String('An')]);
  }),

  // Validity
  ...['2603020300Z', '260302030000+0700', '260230030000Z', '260302240000Z'].map((text) =>
    broken('validity-time-form', (tbs) => {
      tbs.validity(utcTime(text), utcTime('270302030000Z'));
    }),
  ),
  broken('validity-time-form', (tbs) => {
    tbs.validity(utcTime('260302030000Z'), generalizedTime('20510302030000.5Z'));
  }),
  broken('validity-time-type', (tbs) => {
    tbs.validity(utcTime('260302030000Z'), generalizedTime('20270302030000Z'));
  }),
  broken('validity-order', (tbs) => {
    tbs.validity(utcTime('270302030000Z'), utcTime('270302030000Z'));
  }),
  broken('validity-within-issuer', (tbs) => {
    // The sub-CA of the tests ends with the year 2033.
    tbs.validity(utcTime('330302030000Z'), utcTime('340302030000Z'));
  }),
  broken('validity-length', (tbs) => {
    tbs.validity(utcTime('260302030000Z'), utcTime('310304030000Z'));
  }),
  broken(
    'validity-length',
    (tbs) => {
      tbs.validity(utcTime('260302030000Z'), utcTime('460304030000Z'));
    },
    { profile: 'sub-ca' },
  ),
  broken(
    'validity-length',
    (tbs) => {
      tbs.validity(utcTime('260302030000Z'), generalizedTime('20560304030000Z'));
    },
    { profile: 'root' },
  ),

  // Key
  broken('key-algorithm-known', (tbs) => {
    tbs.key(der.sequence(der.oid('1.3.101.112')), Buffer.alloc(32, 1));
  }),
  broken('key-whole-octets', (tbs) => {
    tbs.set(KEY, der.sequence(P_256, tlv(0x03, hex('01'), POINT.subarray(0, -1), hex('10'))));
  }),
  broken('rsa-parameters-null', (tbs) => {
    tbs.key(der.sequence(der.oid(OID.rsaEncryption)), rsaKey(MODULUS, EXPONENT));
  }),
  broken('rsa-key-structure', (tbs) => {
    tbs.key(RSA, der.sequence(tlv(0x02, MODULUS)));
  }),
  broken('rsa-modulus-size', (tbs) => {
    tbs.key(RSA, rsaKey(MODULUS.subarray(0, 129), EXPONENT));
  }),
  broken('rsa-modulus-size', (tbs) => {
    tbs.key(RSA, rsaKey(Buffer.concat([hex('01'), MODULUS.subarray(1)]), EXPONENT));
  }),
  broken('rsa-modulus-odd', (tbs) => {
    tbs.key(RSA, rsaKey(Buffer.concat([MODULUS.subarray(0, -1), hex('c4')]), EXPONENT));
  }),
  broken('rsa-modulus-odd', (tbs) => {
    tbs.key(RSA, rsaKey(MODULUS.subarray(1), EXPONENT));
  }),
  ...['03', '010000', '010002', 'ff0001', '01'.repeat(33)].map((exponent) =>
    broken('rsa-exponent', (tbs) => {
      tbs.key(RSA, rsaKey(MODULUS, hex(exponent)));
    }),
  ),
  broken('ec-named-curve', (tbs) => {
    tbs.key(der.sequence(der.oid(OID.ecPublicKey), der.sequence(der.integer(1))), POINT);
  }),
  broken('ec-named-curve', (tbs) => {
    // secp256k1
    tbs.key(der.sequence(der.oid(OID.ecPublicKey), der.oid('1.3.132.0.10')), POINT);
  }),
  broken('ec-named-curve', (tbs) => {
    tbs.key(der.sequence(der.oid(OID.ecPublicKey)), POINT);
  }),
  broken('ec-point-form', (tbs) => {
    tbs.key(P_256, Buffer.concat([hex('02'), POINT.subarray(1, 33)]));
  }),
  broken('ec-point-form', (tbs) => {
    tbs.key(P_256, POINT.subarray(0, -1));
  }),
];
