/** The scope check of usages, policies, foreign extensions and the places to ask about revocation. */
import { der, OID } from '../../src/asn1';
import {
  authorityInfoAccess,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  ocspNoCheck,
} from '../../src/x509';
import { POLICY, RESPONDER, URLS, type LeafChanges } from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import { bounded, extension, rule, useWorld, type Case, type Violation } from './scopeRows';

useWorld();

rule('key usage', [
  ['one of the profile’s', extension('keyUsage', keyUsage(['nonRepudiation']))],
  ['all of the profile’s', extension('keyUsage', keyUsage(['digitalSignature', 'nonRepudiation']))],
  [
    'one more',
    extension('keyUsage', keyUsage(['digitalSignature', 'keyAgreement'])),
    ['keyUsage', 'keyAgreement', 'digitalSignature, nonRepudiation'],
  ],
  ['none', extension('keyUsage', undefined), ['keyUsage', '—', 'digitalSignature, nonRepudiation']],
  [
    'signing certificates, though the grant says so',
    {
      grant: bounded({ keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'] }),
      leaf: { extensions: { keyUsage: keyUsage(['keyCertSign', 'cRLSign']) } },
    },
    ['keyUsage', 'keyCertSign', 'digitalSignature'],
    ['keyUsage', 'cRLSign', 'digitalSignature'],
  ],
]);

const ANY = encodeUsages('2.5.29.37.0');
function encodeUsages(...oids: readonly string[]): Buffer {
  return rawExtension(OID.extKeyUsage, der.sequence(...oids.map(der.oid)));
}
function rawExtension(oid: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}
rule('extended key usage', [
  [
    'all of the profile’s',
    extension('extendedKeyUsage', extendedKeyUsage(['clientAuth', 'emailProtection'])),
  ],
  [
    'one more',
    extension('extendedKeyUsage', extendedKeyUsage(['clientAuth', 'serverAuth'])),
    ['extendedKeyUsage', 'serverAuth', 'clientAuth, emailProtection'],
  ],
  [
    'none, which means every usage',
    extension('extendedKeyUsage', undefined),
    ['extendedKeyUsage', '—', 'clientAuth, emailProtection'],
  ],
  [
    'none, where the grant names none',
    { ...extension('extendedKeyUsage', undefined), grant: bounded({ extendedKeyUsage: [] }) },
    ['extendedKeyUsage', '—', '—'],
  ],
  [
    'any',
    extension('extendedKeyUsage', ANY),
    ['extendedKeyUsage', '2.5.29.37.0', 'clientAuth, emailProtection'],
  ],
  [
    'one nobody knows',
    extension('extendedKeyUsage', encodeUsages('1.2.3.4')),
    ['extendedKeyUsage', '1.2.3.4', 'clientAuth, emailProtection'],
  ],
]);

const STAMPING = { extendedKeyUsage: ['timeStamping', 'clientAuth'] as const };
const STAMPS = ['extendedKeyUsage', 'timeStamping', 'timeStamping alone, critical'] as const;
const stamping = (value: Buffer): Case => ({
  grant: bounded({ extendedKeyUsage: [...STAMPING.extendedKeyUsage] }),
  ...extension('extendedKeyUsage', value),
});
rule('timestamping', [
  ['alone and critical', stamping(extendedKeyUsage(['timeStamping']))],
  ['not critical', stamping(encodeUsages(OID.timeStamping)), STAMPS],
  [
    'beside another',
    stamping(
      rawExtension(OID.extKeyUsage, der.sequence(der.oid(OID.timeStamping), der.oid(OID.clientAuth)), true),
    ),
    ['extendedKeyUsage', 'timeStamping, clientAuth', 'timeStamping alone, critical'],
  ],
]);

rule('policies', [
  ['none', extension('certificatePolicies', undefined)],
  [
    'another',
    extension('certificatePolicies', certificatePolicies([{ oid: POLICY }, { oid: '2.16.704.1.2' }])),
    ['certificatePolicies', '2.16.704.1.2', POLICY],
  ],
  [
    'any',
    extension('certificatePolicies', certificatePolicies([{ oid: '2.5.29.32.0' }])),
    ['certificatePolicies', '2.5.29.32.0', POLICY],
  ],
  [
    'one, where the grant names none',
    { grant: bounded({ policies: [] }) },
    ['certificatePolicies', POLICY, '—'],
  ],
]);

rule('extensions', [
  [
    'an unknown one',
    extension('more', rawExtension('1.2.3.4', der.nullValue())),
    ['extensions', '1.2.3.4', '—'],
  ],
  [
    'an unknown critical one',
    extension('more', rawExtension('1.2.3.5', der.nullValue(), true)),
    ['extensions', '1.2.3.5', '—'],
  ],
  [
    'the constraints of an end entity, said aloud',
    extension('basicConstraints', basicConstraints({ ca: false })),
  ],
  [
    'a CA',
    extension('basicConstraints', basicConstraints({ ca: true })),
    ['basicConstraints', 'CA', 'end entity'],
  ],
  [
    'a CA of path length 0',
    extension('basicConstraints', basicConstraints({ ca: true, pathLength: 0 })),
    ['basicConstraints', 'CA', 'end entity'],
  ],
  [
    'name constraints',
    extension('nameConstraints', nameConstraints({ permitted: { email: ['lamdong.gov.vn'] } })),
    ['extensions', 'nameConstraints', 'none in an end-entity certificate'],
  ],
]);

const asResponder = (extensions: LeafChanges['extensions']): Case => ({
  candidate: { profile: RESPONDER.id },
  leaf: {
    subject: [...PROVINCE, { type: 'CN', value: 'OCSP lam-dong' }],
    extensions: {
      extendedKeyUsage: extendedKeyUsage(['ocspSigning']),
      certificatePolicies: undefined,
      subjectAltName: undefined,
      crlDistributionPoints: undefined,
      authorityInfoAccess: undefined,
      ocspNoCheck: ocspNoCheck(),
      ...extensions,
    },
  },
});
const NO_CHECK: Violation = ['extensions', 'ocspNoCheck', 'beside ocspSigning alone'];
const MISSING_CRL: Violation = ['crlDistributionPoints', '—', URLS.crl.join(', ')];
rule('places to ask about revocation', [
  ['one of the two CRLs', extension('crlDistributionPoints', crlDistributionPoints(URLS.crl.slice(1)))],
  ['no access information', extension('authorityInfoAccess', undefined)],
  ['no CRL', extension('crlDistributionPoints', undefined), MISSING_CRL],
  ['an OCSP responder that is not asked about', asResponder({})],
  ['an OCSP responder that is asked about, and no CRL', asResponder({ ocspNoCheck: undefined }), MISSING_CRL],
  ['a subscriber who is not asked about', extension('ocspNoCheck', ocspNoCheck()), NO_CHECK],
  [
    'a subscriber who is not asked about, and no CRL',
    { leaf: { extensions: { ocspNoCheck: ocspNoCheck(), crlDistributionPoints: undefined } } },
    NO_CHECK,
  ],
  [
    'a responder that is more than that, and not asked about',
    asResponder({ extendedKeyUsage: extendedKeyUsage(['ocspSigning', 'clientAuth']) }),
    NO_CHECK,
  ],
  [
    'another CRL beside ours',
    extension('crlDistributionPoints', crlDistributionPoints([...URLS.crl, 'http://evil.com/crl'])),
    ['crlDistributionPoints', 'http://evil.com/crl', URLS.crl.join(', ')],
  ],
  [
    'our CRL spelled otherwise',
    extension('crlDistributionPoints', crlDistributionPoints(['http://CA.lamdong.gov.vn/subca.crl'])),
    ['crlDistributionPoints', 'http://CA.lamdong.gov.vn/subca.crl', URLS.crl.join(', ')],
  ],
  [
    'another responder and another issuer',
    extension(
      'authorityInfoAccess',
      authorityInfoAccess({ ocsp: ['http://evil.com'], caIssuers: ['ldap://x'] }),
    ),
    ['authorityInfoAccess.ocsp', 'http://evil.com', URLS.ocsp.join(', ')],
    ['authorityInfoAccess.caIssuers', 'ldap://x', URLS.caIssuers.join(', ')],
  ],
]);
