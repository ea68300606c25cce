/** Key usages and extended key usages by name (RFC 5280, sections 4.2.1.3 and 4.2.1.12). */
import { OID } from '../asn1';

/** The bits of KeyUsage; a name's index is its bit number. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** The purposes a certificate of ours can name. */
export const EXTENDED_KEY_USAGES = [
  'serverAuth',
  'clientAuth',
  'emailProtection',
  'timeStamping',
  'ocspSigning',
  'msSmartcardLogon',
] as const;
export type ExtendedKeyUsage = (typeof EXTENDED_KEY_USAGES)[number];

/** The KeyPurposeId of a purpose, dotted. */
export function extendedKeyUsageOid(usage: ExtendedKeyUsage): string {
  return OID[usage];
}

/** The purpose of a KeyPurposeId; `undefined` for one that is not used here. */
export function extendedKeyUsageOf(oid: string): ExtendedKeyUsage | undefined {
  return EXTENDED_KEY_USAGES.find((usage) => OID[usage] === oid);
}
