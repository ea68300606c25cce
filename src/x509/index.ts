/** X.509: names, keys, profiles, requests, certificates, CRLs and OCSP as bytes and as values. Pure: no disk, no clock. */
export { isEmailAddress, isHostName } from './addresses';
export { CHARACTER_SETS, type CharacterSetName } from './characterSets';
export {
  assembleCertificate,
  buildTbsCertificate,
  readCertificate,
  readTbsCertificate,
  verifyIssuedBy,
  withSerialNumber,
  type Certificate,
  type TbsCertificate,
  type TbsCertificateInput,
} from './certificate';
export { encodeCertsOnly } from './certsOnly';
export * from './crl';
export { X509Error } from './errors';
export type { Extension } from './extension';
export {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  decodeExtensions,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  ocspNoCheck,
  subjectAltName,
  subjectKeyIdentifier,
  type BasicConstraints,
  type CertificatePolicy,
  type Extensions,
} from './extensions';
export type { GeneralName } from './generalName';
export {
  ALL_IP_ADDRESSES,
  NO_DNS_NAME,
  type NameConstraints,
  type NameConstraintsInput,
  type NameSubtrees,
} from './nameConstraints';
export * from './lint';
export { comparableValue, namesEqual } from './nameComparison';
export * from './names';
export * from './nameText';
export * from './nameValues';
export * from './ocspRequest';
export * from './ocspResponse';
export * from './pem';
export * from './profile';
export { profileExtensions, type CertificateCircumstances } from './profileExtensions';
export * from './publicKey';
export * from './request';
export { REVOCATION_REASONS, type RevocationReason } from './revocationReason';
export * from './signatureAlgorithm';
export * from './subjectTemplate';
export * from './usages';
