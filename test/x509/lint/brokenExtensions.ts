/** One broken certificate for each check of the extensions. */
import { der, OID } from '../../../src/asn1';
import { rawTree, tlv } from '../../support/derTree';
import { access, broken, generalName, policy, type Broken } from './certificates';

const hex = (octets: string): Buffer => Buffer.from(octets, 'hex');
const SUB_CA = { profile: 'sub-ca' };
const RESPONDER = { profile: 'ocsp-responder' };
const RSA_KEY = { key: 'rsa-2048' } as const;
const UNKNOWN = '2.16.704.9.9';
const ISSUER_ALT_NAME = '2.5.29.18';
const POLICY_CONSTRAINTS = '2.5.29.36';
const FRESHEST_CRL = '2.5.29.46';
const INHIBIT_ANY_POLICY = '2.5.29.54';
const USER_NOTICE = '1.3.6.1.5.5.7.2.2';
const NULL_VALUE = der.nullValue();
const NAMES = der.sequence(generalName(6, 'http://ca.gov.vn/'));
const POINTS = der.sequence(der.sequence(der.explicit(0, tlv(0xa0, generalName(6, 'http://ca.gov.vn/crl')))));

const purposes = (...oids: readonly string[]): Buffer => der.sequence(...oids.map(der.oid));
const notice = (text: Buffer): Buffer => policy(USER_NOTICE, der.sequence(text));
const point = (...names: readonly Buffer[]): Buffer =>
  der.sequence(der.sequence(der.explicit(0, tlv(0xa0, ...names))));
/** keyUsage of these bits, the last of them with `unused` bits behind it. */
const usage = (unused: number, ...octets: readonly number[]): Buffer =>
  tlv(0x03, Buffer.of(unused, ...octets));

/** Gives the extension another value. */
const having = (oid: string, value: Buffer, base: Pick<Broken, 'profile' | 'key'> = {}) =>
  [
    (tbs: Parameters<Broken['change']>[0]): void => {
      tbs.value(oid, value);
    },
    base,
  ] as const;

/** Turns the criticality of an extension that the good one has. */
const marked = (oid: string, critical: boolean, base: Pick<Broken, 'profile' | 'key'> = {}) =>
  [
    (tbs: Parameters<Broken['change']>[0]): void => {
      tbs.critical(oid, critical);
    },
    base,
  ] as const;

/** Adds an extension that the good one has not. */
const adding = (oid: string, value: Buffer, critical: boolean, base: Pick<Broken, 'profile' | 'key'> = {}) =>
  [
    (tbs: Parameters<Broken['change']>[0]): void => {
      tbs.add(oid, value, critical);
    },
    base,
  ] as const;

const without = (oid: string, base: Pick<Broken, 'profile' | 'key'> = {}) =>
  [
    (tbs: Parameters<Broken['change']>[0]): void => {
      tbs.drop(oid);
    },
    base,
  ] as const;

export const BROKEN_EXTENSIONS: readonly Broken[] = [
  // The list
  broken('extensions-present', (tbs) => {
    tbs.remove(7);
  }),
  broken('extensions-present', (tbs) => {
    tbs.extensions.splice(0);
  }),
  ...(
    [
      [OID.basicConstraints, NULL_VALUE, SUB_CA],
      [OID.keyUsage, NULL_VALUE],
      [OID.extKeyUsage, der.sequence()],
      [OID.extKeyUsage, der.sequence(der.integer(1))],
      [OID.subjectAltName, der.sequence()],
      [OID.subjectAltName, der.sequence(tlv(0x89, hex('00')))],
      [OID.subjectAltName, der.sequence(tlv(0xa4, der.nullValue()))],
      [OID.subjectKeyIdentifier, NULL_VALUE],
      [OID.subjectKeyIdentifier, der.octetString(hex(''))],
      [OID.authorityKeyIdentifier, der.sequence(tlv(0x82, hex('01')), tlv(0x80, hex('01')))],
      [OID.certificatePolicies, der.sequence()],
      [OID.certificatePolicies, der.sequence(der.sequence(der.oid('2.16.704.1'), der.sequence()))],
      [OID.crlDistributionPoints, der.sequence()],
      [OID.crlDistributionPoints, der.sequence(der.sequence(tlv(0x83, hex('00'))))],
      [OID.authorityInfoAccess, der.sequence(der.sequence(der.oid(OID.ocsp)))],
      [OID.nameConstraints, NULL_VALUE, SUB_CA],
      [OID.ocspNoCheck, der.integer(1), RESPONDER],
    ] as const
  ).map(([oid, value, base]) => broken('extension-syntax', ...having(oid, value, base))),
  ...(
    [
      [ISSUER_ALT_NAME, der.sequence()],
      [FRESHEST_CRL, der.sequence()],
      [POLICY_CONSTRAINTS, der.sequence()],
      [INHIBIT_ANY_POLICY, der.sequence()],
      ['2.5.29.33', der.sequence()],
      ['1.3.6.1.5.5.7.1.11', der.sequence()],
    ] as const
  ).map(([oid, value]) => broken('extension-syntax', ...adding(oid, value, false, SUB_CA))),
  broken('extension-trailing', ...having(OID.keyUsage, Buffer.concat([usage(7, 0x80), hex('00')]))),
  broken('extension-unique', ...adding(OID.keyUsage, usage(7, 0x80), true)),
  broken('extension-critical-default', (tbs) => {
    tbs.extensions.push(
      rawTree(der.sequence(der.oid(UNKNOWN), der.boolean(false), der.octetString(NULL_VALUE))),
    );
  }),
  broken('extension-critical-known', ...adding(UNKNOWN, NULL_VALUE, true)),
  broken('critical-key-usage', ...marked(OID.keyUsage, false)),
  broken('critical-name-constraints', ...marked(OID.nameConstraints, false, SUB_CA)),
  broken('critical-policy-limits', ...adding(INHIBIT_ANY_POLICY, der.integer(0), false, SUB_CA)),
  broken(
    'critical-policy-limits',
    ...adding(POLICY_CONSTRAINTS, der.sequence(der.implicitPrimitive(0, hex('00'))), false, SUB_CA),
  ),
  broken('critical-basic-constraints', ...marked(OID.basicConstraints, false, SUB_CA)),
  broken('not-critical-ski', ...marked(OID.subjectKeyIdentifier, true)),
  broken('not-critical-aki', ...marked(OID.authorityKeyIdentifier, true)),
  broken('not-critical-aia', ...marked(OID.authorityInfoAccess, true)),
  broken('not-critical-cdp', ...marked(OID.crlDistributionPoints, true)),
  broken('not-critical-other', ...marked(OID.ocspNoCheck, true, RESPONDER)),
  broken('not-critical-other', ...adding(ISSUER_ALT_NAME, NAMES, true)),
  broken('not-critical-other', ...adding(FRESHEST_CRL, POINTS, true)),
  broken('not-critical-san', ...marked(OID.subjectAltName, true)),
  broken(
    'ca-only-extension',
    ...adding(OID.nameConstraints, der.sequence(tlv(0xa1, der.sequence(generalName(2, 'x')))), true),
  ),
  broken('ca-only-extension', ...adding(INHIBIT_ANY_POLICY, der.integer(0), true)),

  // Usage
  broken(
    'basic-constraints-default',
    ...adding(OID.basicConstraints, der.sequence(der.boolean(false)), true),
  ),
  broken('path-length-only-ca', ...adding(OID.basicConstraints, der.sequence(der.integer(0)), true)),
  broken('path-length-only-ca', ...having(OID.keyUsage, usage(1, 0x02), SUB_CA)),
  broken(
    'path-length-positive',
    ...having(OID.basicConstraints, der.sequence(der.boolean(true), der.integer(-1)), SUB_CA),
  ),
  broken('ca-key-cert-sign', ...having(OID.keyUsage, usage(1, 0x02), SUB_CA)),
  broken('ca-key-cert-sign', ...without(OID.keyUsage, SUB_CA)),
  broken('key-cert-sign-only-ca', ...having(OID.keyUsage, usage(2, 0x84))),
  broken('key-cert-sign-only-ca', ...without(OID.basicConstraints, SUB_CA)),
  broken('key-usage-present', ...without(OID.keyUsage)),
  broken('key-usage-not-empty', ...having(OID.keyUsage, usage(0))),
  broken('key-usage-minimal', ...having(OID.keyUsage, usage(0, 0xc0))),
  broken('key-usage-minimal', ...having(OID.keyUsage, usage(0, 0xc0, 0x00))),
  broken('key-usage-known', ...having(OID.keyUsage, usage(6, 0xc0, 0x40))),
  broken('key-usage-known', ...having(OID.keyUsage, usage(0, 0xc0, 0x00, 0x01))),
  broken('key-usage-fits-key', ...having(OID.keyUsage, usage(5, 0xe0))),
  broken('key-usage-fits-key', ...having(OID.keyUsage, usage(4, 0xd0))),
  broken('key-usage-fits-key', ...having(OID.keyUsage, usage(3, 0xc8), RSA_KEY)),
  broken('key-usage-agreement', ...having(OID.keyUsage, usage(0, 0xc1))),
  broken('key-usage-agreement', ...having(OID.keyUsage, usage(7, 0xc0, 0x80))),
  broken('purpose-any-absent', ...having(OID.extKeyUsage, purposes('2.5.29.37.0'))),
  broken('purpose-once', ...having(OID.extKeyUsage, purposes(OID.clientAuth, OID.clientAuth))),
  broken('purpose-fits-usage', ...having(OID.keyUsage, usage(6, 0x40))),
  broken(
    'purpose-fits-usage',
    ...having(OID.keyUsage, usage(5, 0x20), { profile: 'ocsp-responder', ...RSA_KEY }),
  ),
  broken('server-auth-has-host', ...having(OID.extKeyUsage, purposes(OID.serverAuth))),
  broken('server-auth-has-host', ...without(OID.subjectAltName, { profile: 'tls-server' })),
  broken('time-stamping-alone', ...having(OID.extKeyUsage, purposes(OID.timeStamping))),
  broken('time-stamping-alone', (tbs) => {
    tbs.value(OID.extKeyUsage, purposes(OID.timeStamping, OID.clientAuth));
    tbs.critical(OID.extKeyUsage, true);
  }),
  broken(
    'ocsp-signing-alone',
    ...having(OID.extKeyUsage, purposes(OID.ocspSigning, OID.clientAuth), RESPONDER),
  ),
  broken(
    'ocsp-signing-not-ca',
    ...having(OID.extKeyUsage, purposes(OID.clientAuth, OID.ocspSigning), SUB_CA),
  ),
  broken('ocsp-no-check-place', ...adding(OID.ocspNoCheck, NULL_VALUE, false)),
  broken('ocsp-no-check-place', ...adding(OID.ocspNoCheck, NULL_VALUE, false, SUB_CA)),

  // Key identifiers
  broken('ski-present-ca', ...without(OID.subjectKeyIdentifier, SUB_CA)),
  broken('ski-present-leaf', ...without(OID.subjectKeyIdentifier)),
  broken('ski-of-key', ...having(OID.subjectKeyIdentifier, der.octetString(Buffer.alloc(20, 7)))),
  broken('aki-present', ...without(OID.authorityKeyIdentifier)),
  broken(
    'aki-key-id',
    ...having(OID.authorityKeyIdentifier, der.sequence(tlv(0xa1, generalName(2, 'x')), tlv(0x82, hex('01')))),
  ),
  broken(
    'aki-is-issuer-ski',
    ...having(OID.authorityKeyIdentifier, der.sequence(tlv(0x80, Buffer.alloc(20, 7)))),
  ),
  broken(
    'aki-is-issuer-ski',
    ...having(OID.authorityKeyIdentifier, der.sequence(tlv(0x80, Buffer.alloc(20, 7))), { profile: 'root' }),
  ),
  broken(
    'aki-issuer-and-serial',
    ...having(OID.authorityKeyIdentifier, der.sequence(tlv(0x80, hex('01')), tlv(0x82, hex('01')))),
  ),

  // Alternative names and constraints
  ...['anhnt', '@lamdong.gov.vn', 'An <anhnt@lamdong.gov.vn>', 'á@lamdong.gov.vn', 'a@b..vn'].map((text) =>
    broken('san-email-form', ...having(OID.subjectAltName, der.sequence(generalName(1, text)))),
  ),
  ...['', ' ', 'a_b.vn', '-a.vn', 'a.*.vn', 'a.vn.', `${'a'.repeat(64)}.vn`, '10.0.0.1:80'].map((text) =>
    broken('san-dns-form', ...having(OID.subjectAltName, der.sequence(generalName(2, text)))),
  ),
  broken('san-ip-length', ...having(OID.subjectAltName, der.sequence(tlv(0x87, Buffer.alloc(8))))),
  ...['ca.gov.vn/path', '//ca.gov.vn', 'http:', 'http://a b'].map((text) =>
    broken('san-uri-form', ...having(OID.subjectAltName, der.sequence(generalName(6, text)))),
  ),
  broken(
    'san-once',
    ...having(OID.subjectAltName, der.sequence(generalName(1, 'a@b.vn'), generalName(1, 'a@b.vn'))),
  ),
  broken('name-constraints-not-empty', ...having(OID.nameConstraints, der.sequence(), SUB_CA)),
  broken(
    'name-constraints-bounds',
    ...having(
      OID.nameConstraints,
      der.sequence(tlv(0xa0, der.sequence(generalName(2, 'gov.vn'), tlv(0x80, hex('01'))))),
      SUB_CA,
    ),
  ),
  broken(
    'name-constraints-ip',
    ...having(OID.nameConstraints, der.sequence(tlv(0xa1, der.sequence(tlv(0x87, Buffer.alloc(4))))), SUB_CA),
  ),

  // Policies
  broken(
    'policy-once',
    ...having(
      OID.certificatePolicies,
      der.sequence(...Array<Buffer>(2).fill(der.sequence(der.oid('2.16.704.1')))),
    ),
  ),
  broken(
    'policy-any',
    ...having(OID.certificatePolicies, der.sequence(der.sequence(der.oid('2.5.29.32.0')))),
  ),
  broken('policy-qualifier-known', ...having(OID.certificatePolicies, policy(UNKNOWN, NULL_VALUE))),
  broken(
    'policy-cps-uri',
    ...having(OID.certificatePolicies, policy(OID.cps, der.utf8String('https://ca.gov.vn/cps'))),
  ),
  broken('policy-cps-uri', ...having(OID.certificatePolicies, policy(OID.cps, der.ia5String('the CPS')))),
  broken(
    'policy-notice-syntax',
    ...having(OID.certificatePolicies, policy(USER_NOTICE, der.utf8String('x'))),
  ),
  broken(
    'policy-notice-reference',
    ...having(
      OID.certificatePolicies,
      policy(
        USER_NOTICE,
        der.sequence(der.sequence(der.utf8String('BCY'), der.sequence(der.integer(1))), der.utf8String('x')),
      ),
    ),
  ),
  broken('policy-notice-type', ...having(OID.certificatePolicies, notice(tlv(0x1a, Buffer.from('visible'))))),
  broken('policy-notice-length', ...having(OID.certificatePolicies, notice(der.utf8String('Ố'.repeat(201))))),

  // Locations
  broken('cdp-point-named', ...having(OID.crlDistributionPoints, der.sequence(der.sequence()))),
  broken(
    'cdp-point-named',
    ...having(OID.crlDistributionPoints, der.sequence(der.sequence(tlv(0x81, hex('0780'))))),
  ),
  broken(
    'cdp-all-reasons',
    ...having(
      OID.crlDistributionPoints,
      der.sequence(
        der.sequence(
          der.explicit(0, tlv(0xa0, generalName(6, 'http://ca.gov.vn/crl'))),
          tlv(0x81, hex('0780')),
        ),
      ),
    ),
  ),
  ...['ca.gov.vn/crl', 'ftp://ca.gov.vn/crl', 'http:///crl', 'http://a_b/crl', 'http://u@ca.gov.vn/'].map(
    (text) => broken('cdp-uri-form', ...having(OID.crlDistributionPoints, point(generalName(6, text)))),
  ),
  broken('cdp-uri-form', ...having(OID.crlDistributionPoints, point(generalName(2, 'ca.gov.vn')))),
  broken(
    'aia-method-known',
    ...having(OID.authorityInfoAccess, access(UNKNOWN, generalName(6, 'http://ca.gov.vn/'))),
  ),
  broken(
    'aia-uri-form',
    ...having(OID.authorityInfoAccess, access(OID.ocsp, generalName(6, 'ca.gov.vn/ocsp'))),
  ),
  broken(
    'aia-uri-form',
    ...having(OID.authorityInfoAccess, access(OID.ocsp, generalName(1, 'ocsp@ca.gov.vn'))),
  ),
  broken('status-source-present', (tbs) => {
    tbs.drop(OID.crlDistributionPoints, OID.authorityInfoAccess);
  }),
];
