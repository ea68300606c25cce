/** Object identifiers in dotted form, composed from their arcs and named as in their RFC. */

const PKIX = '1.3.6.1.5.5.7';
const ID_AT = '2.5.4';
const ID_CE = '2.5.29';
const PKCS = '1.2.840.113549.1';
const ANSI_X962 = '1.2.840.10045';
const SECG_CURVE = '1.3.132.0';
const NIST_AES = '2.16.840.1.101.3.4.1';
const NIST_HASHES = '2.16.840.1.101.3.4.2';

export const OID = {
  // RFC 5280, appendix A.1: naming attributes
  commonName: `${ID_AT}.3`,
  surname: `${ID_AT}.4`,
  serialNumber: `${ID_AT}.5`,
  countryName: `${ID_AT}.6`,
  localityName: `${ID_AT}.7`,
  stateOrProvinceName: `${ID_AT}.8`,
  organizationName: `${ID_AT}.10`,
  organizationalUnitName: `${ID_AT}.11`,
  title: `${ID_AT}.12`,
  givenName: `${ID_AT}.42`,
  organizationIdentifier: `${ID_AT}.97`,
  emailAddress: `${PKCS}.9.1`,

  // RFC 5280, section 4.2: certificate extensions; section 5.2: CRL extensions
  subjectKeyIdentifier: `${ID_CE}.14`,
  keyUsage: `${ID_CE}.15`,
  subjectAltName: `${ID_CE}.17`,
  basicConstraints: `${ID_CE}.19`,
  crlNumber: `${ID_CE}.20`,
  reasonCode: `${ID_CE}.21`,
  invalidityDate: `${ID_CE}.24`,
  issuingDistributionPoint: `${ID_CE}.28`,
  nameConstraints: `${ID_CE}.30`,
  crlDistributionPoints: `${ID_CE}.31`,
  certificatePolicies: `${ID_CE}.32`,
  authorityKeyIdentifier: `${ID_CE}.35`,
  extKeyUsage: `${ID_CE}.37`,
  expiredCertsOnCrl: `${ID_CE}.60`,
  authorityInfoAccess: `${PKIX}.1.1`,
  cps: `${PKIX}.2.1`,
  userNotice: `${PKIX}.2.2`,
  ocsp: `${PKIX}.48.1`,
  caIssuers: `${PKIX}.48.2`,

  // RFC 6960: OCSP
  ocspBasic: `${PKIX}.48.1.1`,
  ocspNonce: `${PKIX}.48.1.2`,
  ocspNoCheck: `${PKIX}.48.1.5`,
  ocspArchiveCutoff: `${PKIX}.48.1.6`,

  // Extended key usages
  serverAuth: `${PKIX}.3.1`,
  clientAuth: `${PKIX}.3.2`,
  emailProtection: `${PKIX}.3.4`,
  timeStamping: `${PKIX}.3.8`,
  ocspSigning: `${PKIX}.3.9`,
  msSmartcardLogon: '1.3.6.1.4.1.311.20.2.2',

  // Keys and signatures: RFC 3279, RFC 4055, RFC 5480, RFC 5758, RFC 8017
  rsaEncryption: `${PKCS}.1.1`,
  mgf1: `${PKCS}.1.8`,
  rsassaPss: `${PKCS}.1.10`,
  sha256WithRsaEncryption: `${PKCS}.1.11`,
  ecPublicKey: `${ANSI_X962}.2.1`,
  ecdsaWithSha256: `${ANSI_X962}.4.3.2`,
  ecdsaWithSha384: `${ANSI_X962}.4.3.3`,
  prime256v1: `${ANSI_X962}.3.1.7`,
  secp384r1: `${SECG_CURVE}.34`,
  sha1: '1.3.14.3.2.26',
  sha256: `${NIST_HASHES}.1`,
  sha384: `${NIST_HASHES}.2`,
  sha512: `${NIST_HASHES}.3`,

  // Content types: RFC 5652
  data: `${PKCS}.7.1`,
  signedData: `${PKCS}.7.2`,
  authEnvelopedData: `${PKCS}.9.16.1.23`,

  // Encryption to a recipient: RFC 4055, RFC 5753, RFC 5084, RFC 3565
  rsaesOaep: `${PKCS}.1.7`,
  dhSinglePassStdDhSha256Kdf: '1.3.132.1.11.1',
  aes256Wrap: `${NIST_AES}.45`,
  aes256Gcm: `${NIST_AES}.46`,

  // PKCS#9 attributes of a request: RFC 2985
  extensionRequest: `${PKCS}.9.14`,
} as const;
