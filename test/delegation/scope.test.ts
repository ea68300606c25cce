/** The scope check of service, time, profile, key, validity and issuer; and that it tells all that is wrong, no more. */
import { der, readDer } from '../../src/asn1';
import { checkQuota, checkScope, type Grant } from '../../src/delegation';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  extendedKeyUsage,
  nameConstraints,
  ocspNoCheck,
  readTbsCertificate,
  signatureAlgorithmIdentifier,
  subjectAltName,
  subjectKeyIdentifier,
  type TbsCertificate,
} from '../../src/x509';
import { DAY, grantOf, leafDer, leafTbs, makeWorld, NOW, type World } from '../support/delegationFixture';
import { PROVINCE, SUB_CA_NAME } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import { extension, rule, useWorld, violationsOf, type Case } from './scopeRows';

const theWorld = useWorld();

const after = (time: Date, milliseconds: number): Date => new Date(time.getTime() + milliseconds);

rule('service', [
  ['a delegated service', { grant: { services: ['issue'] } }],
  [
    'a service that is not delegated',
    { grant: { services: ['renew', 'revoke'] } },
    ['service', 'issue', 'renew, revoke'],
  ],
  ['no service at all', { grant: { services: [] } }, ['service', 'issue', '—']],
]);

const FROM = new Date('2026-03-01T00:00:00.000Z');
const UNTIL = new Date('2026-04-01T00:00:00.000Z');
const SPAN = `${FROM.toISOString()} – ${UNTIL.toISOString()}`;
function atTime(time: Date): (world: World) => Case {
  return (w) => ({
    candidate: { time },
    grant: {
      limits: { ...grantOf(w).limits, notBefore: FROM.toISOString(), notAfter: UNTIL.toISOString() },
    },
    leaf: { notBefore: new Date(Math.floor(time.getTime() / 1000) * 1000) },
  });
}
rule('dates of the grant', [
  ['between them', atTime(NOW)],
  ['in its first millisecond', atTime(FROM)],
  ['a millisecond early', atTime(after(FROM, -1)), ['time', after(FROM, -1).toISOString(), SPAN]],
  ['in its last millisecond', atTime(after(UNTIL, -1))],
  ['at its end', atTime(UNTIL), ['time', UNTIL.toISOString(), SPAN]],
]);

rule('profile', [
  [
    'another profile of the grant',
    {
      candidate: { profile: 'device' },
      leaf: {
        subject: [...PROVINCE, { type: 'CN', value: 'Cổng dịch vụ công' }],
        extensions: { extendedKeyUsage: extendedKeyUsage(['serverAuth']), subjectAltName: undefined },
      },
    },
  ],
  [
    'a profile that is not in the grant',
    { candidate: { profile: 'root' } },
    ['profile', 'root', 'individual, device, ocsp-responder'],
  ],
  [
    'a profile named like a part of every object',
    { candidate: { profile: 'constructor' } },
    ['profile', 'constructor', 'individual, device, ocsp-responder'],
  ],
  [
    'the names of another profile',
    { candidate: { profile: 'device' } },
    ...([
      ['subject.OU', 'Sở Tài chính', 'C, L, O, CN'],
      ['subjectAltName.email', 'anhnt@lamdong.gov.vn', '—'],
      ['extendedKeyUsage', 'clientAuth', 'serverAuth'],
    ] as const),
  ],
]);

rule('key', [
  ['of an algorithm of the profile', {}],
  [
    'of another',
    () => ({ leaf: { spki: softSigner('p-384').spki } }),
    ['keyAlgorithm', 'p-384', 'p-256, rsa-3072'],
  ],
  [
    'too short for the profile',
    () => ({ leaf: { spki: softSigner('rsa-2048').spki } }),
    ['keyAlgorithm', 'rsa-2048', 'p-256, rsa-3072'],
  ],
  [
    'the sub-CA’s own',
    (w) => ({ leaf: { spki: w.subCa.signer.spki } }),
    ['publicKey', 'the node’s CA key', 'a key of the subscriber’s own'],
  ],
  [
    'the one that signs the node’s journal',
    (w) => ({ leaf: { spki: w.journal.spki } }),
    ['publicKey', 'the node’s journal key', 'a key of the subscriber’s own'],
  ],
  [
    'named by another key’s identifier',
    extension('subjectKeyIdentifier', subjectKeyIdentifier(Buffer.alloc(20))),
    (w) => ['subjectKeyIdentifier', '00'.repeat(20), leafTbs(w).publicKey.keyId.toString('hex')],
  ],
  [
    'without an identifier',
    extension('subjectKeyIdentifier', undefined),
    (w) => ['subjectKeyIdentifier', '—', leafTbs(w).publicKey.keyId.toString('hex')],
  ],
]);

const lasting = (milliseconds: number): Case => ({ leaf: { notAfter: after(NOW, milliseconds) } });
const starting = (milliseconds: number): Case => ({ leaf: { notBefore: after(NOW, milliseconds) } });
const CA_END = '2034-01-01T00:00:00.000Z';
const farGrant = (w: World): Partial<Grant> => ({
  limits: { ...grantOf(w).limits, notAfter: '2040-01-01T00:00:00.000Z' },
});
const nearEnd =
  (notAfter: string) =>
  (w: World): Case => ({
    grant: farGrant(w),
    candidate: { time: new Date('2033-06-01T00:00:00.000Z') },
    leaf: { notBefore: new Date('2033-06-01T00:00:00.000Z'), notAfter: new Date(notAfter) },
  });
const NEAR = `${NOW.toISOString()} ± 1 d`;
rule('validity', [
  ['exactly the longest', lasting(1825 * DAY)],
  ['a second longer', lasting(1825 * DAY + 1000), ['validity', '1825.00001 d', '> 0, ≤ 1825 d']],
  ['a second', lasting(1000)],
  ['no time at all', lasting(0), ['validity', '0.00000 d', '> 0, ≤ 1825 d']],
  ['from a day before', starting(-DAY)],
  [
    'from a day and a second before',
    starting(-DAY - 1000),
    ['validity.notBefore', after(NOW, -DAY - 1000).toISOString(), NEAR],
  ],
  ['from a day after', starting(DAY)],
  [
    'from a day and a second after',
    starting(DAY + 1000),
    ['validity.notBefore', after(NOW, DAY + 1000).toISOString(), NEAR],
  ],
  ['to the very end of the CA', nearEnd(CA_END)],
  [
    'a second past the end of the CA',
    nearEnd('2034-01-01T00:00:01.000Z'),
    ['validity.notAfter', '2034-01-01T00:00:01.000Z', `≤ ${CA_END}`],
  ],
]);

test('a validity that runs backwards lies outside', () => {
  const world = theWorld();
  const tbs = { ...leafTbs(world), notBefore: NOW, notAfter: after(NOW, -DAY) };
  const candidate = { service: 'issue', profile: 'individual', time: NOW, tbs } as const;
  expect(checkScope(grantOf(world), world.subCa.certificate, candidate)).toEqual([
    { code: 'OUTSIDE_GRANT', where: 'validity', found: '-1.00000 d', allowed: '> 0, ≤ 1825 d' },
  ]);
});

rule('issuer', [
  [
    'another name',
    { leaf: { issuer: PROVINCE } },
    (w) => [
      'issuer',
      leafTbs(w, { issuer: PROVINCE }).issuerDer.toString('hex'),
      leafTbs(w).issuerDer.toString('hex'),
    ],
  ],
  [
    'the same name in other letters: other octets break the chain',
    { leaf: { issuer: SUB_CA_NAME.map((one) => ({ ...one, value: one.value.toUpperCase() })) } },
    (w) => [
      'issuer',
      leafTbs(w, {
        issuer: SUB_CA_NAME.map((one) => ({ ...one, value: one.value.toUpperCase() })),
      }).issuerDer.toString('hex'),
      leafTbs(w).issuerDer.toString('hex'),
    ],
  ],
  [
    'another key',
    extension('authorityKeyIdentifier', authorityKeyIdentifier(Buffer.alloc(20, 1))),
    (w) => [
      'authorityKeyIdentifier',
      '01'.repeat(20),
      w.subCa.certificate.tbs.publicKey.keyId.toString('hex'),
    ],
  ],
  [
    'no key named',
    extension('authorityKeyIdentifier', undefined),
    (w) => ['authorityKeyIdentifier', '—', w.subCa.certificate.tbs.publicKey.keyId.toString('hex')],
  ],
  [
    'another signature algorithm',
    { leaf: { signatureAlgorithm: 'rsa-sha256' } },
    ['signatureAlgorithm', 'rsa-sha256', 'ecdsa-sha256'],
  ],
  [
    'the same kind of key with another hash',
    { leaf: { signatureAlgorithm: 'ecdsa-sha384' } },
    ['signatureAlgorithm', 'ecdsa-sha384', 'ecdsa-sha256'],
  ],
]);

describe('signature algorithm of an RSA key', () => {
  let pss: World;
  beforeAll(async () => {
    pss = await makeWorld({ pss: true });
  });

  const found = (grant: Grant, tbs: TbsCertificate) => {
    const candidate = { service: 'issue', profile: 'individual', time: NOW, tbs } as const;
    const problems = checkScope(grant, pss.subCa.certificate, candidate);
    return problems.map(({ where, found: is, allowed }) => [where, is, allowed]);
  };

  test('is the one the grant names, though the key could sign with others', () => {
    const { keys } = grantOf(pss);
    const algorithms = ['rsa-sha256', 'rsa-pss-sha256', 'rsa-pss-sha384'] as const;
    for (const caSignature of algorithms) {
      const grant = grantOf(pss, { keys: { ...keys, caSignature } });
      for (const signatureAlgorithm of algorithms) {
        expect(found(grant, leafTbs(pss, { signatureAlgorithm }))).toEqual(
          signatureAlgorithm === caSignature ? [] : [['signatureAlgorithm', signatureAlgorithm, caSignature]],
        );
      }
    }
  });

  test('is written in the one way in which the certificate is put together', () => {
    const bytes = leafDer(pss);
    const written = signatureAlgorithmIdentifier('rsa-pss-sha256');
    const parts = readDer(bytes, { what: 'tbs' }).children.map((part) => part.der);
    const [version, serialNumber, identifier, ...others] = parts;
    expect(identifier).toEqual(written);
    const legal = Buffer.from(PSS_WITHOUT_NULL, 'hex');
    const tbs = readTbsCertificate(der.sequence(version!, serialNumber!, legal, ...others), 'leaf');
    expect(tbs.signatureAlgorithm).toBe('rsa-pss-sha256');
    expect(found(grantOf(pss), tbs)).toEqual([['signatureAlgorithm', PSS_WITHOUT_NULL, 'rsa-pss-sha256']]);
  });
});

/** RSASSA-PSS with SHA-256 whose hashes have no parameters: legal (RFC 4055, section 2.1), and not ours. */
const PSS_WITHOUT_NULL =
  '303d06092a864886f70d01010a3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120';

const NOTHING: Case = {
  candidate: { service: 'recover-device', time: after(NOW, 400 * DAY) },
  leaf: {
    signatureAlgorithm: 'rsa-sha256',
    issuer: PROVINCE,
    subject: [{ type: 'CN', value: 'Nguyễn Thị Ánh' }, ...PROVINCE],
    notAfter: new Date('2040-01-01T00:00:00Z'),
    extensions: {
      authorityKeyIdentifier: undefined,
      subjectKeyIdentifier: undefined,
      keyUsage: undefined,
      extendedKeyUsage: undefined,
      certificatePolicies: certificatePolicies([{ oid: '1.2.3' }]),
      subjectAltName: subjectAltName([
        { kind: 'email', value: 'a@b.vn' },
        { kind: 'dns', value: 'b.vn' },
        { kind: 'ip', value: Buffer.alloc(4) },
      ]),
      crlDistributionPoints: crlDistributionPoints(['http://a.vn']),
      authorityInfoAccess: authorityInfoAccess({ ocsp: ['http://b.vn'], caIssuers: ['http://c.vn'] }),
      basicConstraints: basicConstraints({ ca: true }),
      nameConstraints: nameConstraints({ excluded: { dns: ['a.vn'] } }),
      ocspNoCheck: ocspNoCheck(),
      more: der.sequence(der.oid('1.2.3.4'), der.octetString(der.nullValue())),
    },
  },
};
/** What is wrong whatever the profile. */
const ALWAYS = [
  'predecessor',
  'service',
  'time',
  'issuer',
  'authorityKeyIdentifier',
  'signatureAlgorithm',
  'crlDistributionPoints',
  'authorityInfoAccess.ocsp',
  'authorityInfoAccess.caIssuers',
  'validity.notAfter',
  'validity.notBefore',
  'subjectKeyIdentifier',
  'basicConstraints',
  'extensions',
  'extensions',
  'extensions',
];

test('every violation is told, not the first', () => {
  expect(violationsOf(NOTHING).map(([where]) => where)).toEqual([
    ...ALWAYS,
    'validity',
    'subject',
    'subjectAltName.email',
    'subjectAltName.dns',
    'subjectAltName.ip',
    'keyUsage',
    'extendedKeyUsage',
    'certificatePolicies',
  ]);
});

test('an unknown profile hides nothing that does not depend on it', () => {
  const candidate = { ...NOTHING.candidate, profile: 'nobody' };
  expect(violationsOf({ ...NOTHING, candidate }).map(([where]) => where)).toEqual([...ALWAYS, 'profile']);
});

describe('quota', () => {
  const none = { total: 0, day: 0, profile: 0 };
  test.each([
    ['nothing used', 'device', none, []],
    ['one left of each', 'device', { total: 9, day: 4, profile: 1 }, []],
    ['none left in all', 'device', { ...none, total: 10 }, [['quota.total', '11', '≤ 10']]],
    ['none left today', 'device', { ...none, day: 5 }, [['quota.perDay', '6', '≤ 5']]],
    [
      'none left of the profile',
      'device',
      { ...none, profile: 2 },
      [['quota.perProfile.device', '3', '≤ 2']],
    ],
    ['a profile without a number of its own', 'individual', { ...none, profile: 9 }, []],
    ['a profile named like a part of every object', 'constructor', { ...none, profile: 9 }, []],
    [
      'none left of any',
      'device',
      { total: 99, day: 99, profile: 99 },
      [
        ['quota.total', '100', '≤ 10'],
        ['quota.perDay', '100', '≤ 5'],
        ['quota.perProfile.device', '100', '≤ 2'],
      ],
    ],
  ])('%s', (_, profile, used, expected) => {
    const found = checkQuota(grantOf(theWorld()), profile, used);
    expect(found.map(({ where, found: is, allowed }) => [where, is, allowed])).toEqual(expected);
  });

  test('a quota of nothing allows nothing', () => {
    const { limits } = grantOf(theWorld());
    const grant = grantOf(theWorld(), {
      limits: { ...limits, quota: { total: 0, perDay: 0, perProfile: {} } },
    });
    expect(checkQuota(grant, 'individual', none).map(({ where }) => where)).toEqual([
      'quota.total',
      'quota.perDay',
    ]);
  });
});
