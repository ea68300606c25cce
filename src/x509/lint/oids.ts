/** The object identifiers the checks know; written here once more, because a lint that shared them would share a slip. */

/** Public keys: RFC 3279, RFC 5480. */
export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
export const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** Extensions: RFC 5280, sections 4.2.1 and 4.2.2; RFC 6960, section 4.2.2.2.1. By the names the findings use. */
export const EXTENSION_NAMES: ReadonlyMap<string, ExtensionName> = new Map([
  ['2.5.29.9', 'subjectDirectoryAttributes'],
  ['2.5.29.14', 'subjectKeyIdentifier'],
  ['2.5.29.15', 'keyUsage'],
  ['2.5.29.17', 'subjectAltName'],
  ['2.5.29.18', 'issuerAltName'],
  ['2.5.29.19', 'basicConstraints'],
  ['2.5.29.30', 'nameConstraints'],
  ['2.5.29.31', 'cRLDistributionPoints'],
  ['2.5.29.32', 'certificatePolicies'],
  ['2.5.29.33', 'policyMappings'],
  ['2.5.29.35', 'authorityKeyIdentifier'],
  ['2.5.29.36', 'policyConstraints'],
  ['2.5.29.37', 'extKeyUsage'],
  ['2.5.29.46', 'freshestCRL'],
  ['2.5.29.54', 'inhibitAnyPolicy'],
  ['1.3.6.1.5.5.7.1.1', 'authorityInfoAccess'],
  ['1.3.6.1.5.5.7.1.11', 'subjectInfoAccess'],
  ['1.3.6.1.5.5.7.48.1.5', 'ocspNoCheck'],
]);

export type ExtensionName =
  | 'subjectDirectoryAttributes'
  | 'subjectKeyIdentifier'
  | 'keyUsage'
  | 'subjectAltName'
  | 'issuerAltName'
  | 'basicConstraints'
  | 'nameConstraints'
  | 'cRLDistributionPoints'
  | 'certificatePolicies'
  | 'policyMappings'
  | 'authorityKeyIdentifier'
  | 'policyConstraints'
  | 'extKeyUsage'
  | 'freshestCRL'
  | 'inhibitAnyPolicy'
  | 'authorityInfoAccess'
  | 'subjectInfoAccess'
  | 'ocspNoCheck';

/** Purposes: RFC 5280, section 4.2.1.12. */
export const PURPOSE = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const;

/** Policies and their qualifiers: RFC 5280, section 4.2.1.4. */
export const ANY_POLICY = '2.5.29.32.0';
export const CPS_QUALIFIER = '1.3.6.1.5.5.7.2.1';
export const USER_NOTICE_QUALIFIER = '1.3.6.1.5.5.7.2.2';

/** Access methods: RFC 5280, section 4.2.2.1. */
export const OCSP_ACCESS = '1.3.6.1.5.5.7.48.1';
export const CA_ISSUERS_ACCESS = '1.3.6.1.5.5.7.48.2';

/** How an attribute's value is to be written, and how many characters it may have: RFC 5280, appendix A.1. */
export interface AttributeRule {
  readonly name: string;
  readonly form: 'directory' | 'printable' | 'ia5';
  readonly most: number;
}

/** RFC 5280, appendix A.1; organizationIdentifier: X.520, 6.4.4, bounded as by the CA/Browser Forum. */
export const ATTRIBUTES: ReadonlyMap<string, AttributeRule> = new Map<string, AttributeRule>([
  ['2.5.4.3', { name: 'CN', form: 'directory', most: 64 }],
  ['2.5.4.4', { name: 'SN', form: 'directory', most: 64 }],
  ['2.5.4.5', { name: 'serialNumber', form: 'printable', most: 64 }],
  ['2.5.4.6', { name: 'C', form: 'printable', most: 2 }],
  ['2.5.4.7', { name: 'L', form: 'directory', most: 128 }],
  ['2.5.4.8', { name: 'ST', form: 'directory', most: 128 }],
  ['2.5.4.10', { name: 'O', form: 'directory', most: 64 }],
  ['2.5.4.11', { name: 'OU', form: 'directory', most: 64 }],
  ['2.5.4.12', { name: 'T', form: 'directory', most: 64 }],
  ['2.5.4.42', { name: 'GN', form: 'directory', most: 64 }],
  ['2.5.4.97', { name: 'organizationIdentifier', form: 'directory', most: 256 }],
  ['1.2.840.113549.1.9.1', { name: 'E', form: 'ia5', most: 255 }],
]);
