/** A root, a sub-CA and what they issue, over soft keys: for unit tests of the pure rooms only. */
import type { KeyAlgorithm, SignatureAlgorithm, Signer } from '../../src/signer';
import {
  ALL_IP_ADDRESSES,
  assembleCertificate,
  authorityKeyIdentifier,
  basicConstraints,
  buildTbsCertificate,
  encodeName,
  keyIdentifier,
  keyUsage,
  nameConstraints,
  NO_DNS_NAME,
  readCertificate,
  subjectKeyIdentifier,
  type Certificate,
  type Name,
} from '../../src/x509';
import { softSigner, type SoftSigner } from './softSigner';

export interface SoftCa {
  readonly signer: SoftSigner;
  readonly certificate: Certificate;
}

/** Certificates are valid from here on, for ten years. */
export const NOT_BEFORE = new Date('2024-01-01T00:00:00Z');
export const NOT_AFTER = new Date('2034-01-01T00:00:00Z');

export const ROOT_NAME: Name = [
  { type: 'C', value: 'VN' },
  { type: 'O', value: 'Ban Cơ yếu Chính phủ' },
  { type: 'CN', value: 'CA gốc thử nghiệm' },
];
/** The names below the sub-CA begin with this. */
export const PROVINCE: Name = [
  { type: 'C', value: 'VN' },
  { type: 'L', value: 'Lâm Đồng' },
  { type: 'O', value: 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG' },
];
export const SUB_CA_NAME: Name = [...PROVINCE, { type: 'CN', value: 'CA tỉnh Lâm Đồng' }];

let issued = 0;

/** A serial number nobody had before in this process. */
export function nextSerialNumber(): string {
  issued += 1;
  return `01${issued.toString(16).padStart(30, '0')}`;
}

export interface Issuance {
  readonly issuer: Name;
  readonly signer: Signer;
  readonly subject: Name;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
  readonly serialNumber?: string;
}

/** Issues a certificate; key identifiers are added to the extensions. */
export async function issueSoft(issuance: Issuance): Promise<Certificate> {
  const { signer } = issuance;
  const tbs = buildTbsCertificate({
    serialNumber: issuance.serialNumber ?? nextSerialNumber(),
    signatureAlgorithm: signer.algorithm,
    issuer: encodeName(issuance.issuer),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    subject: encodeName(issuance.subject),
    spki: issuance.spki,
    extensions: [
      subjectKeyIdentifier(keyIdentifier(issuance.spki)),
      authorityKeyIdentifier(keyIdentifier(signer.spki)),
      ...issuance.extensions,
    ],
  });
  return readCertificate(assembleCertificate(tbs, signer.algorithm, await signer.sign(tbs)), 'certificate');
}

export function softRoot(...key: Parameters<typeof softSigner>): Promise<SoftCa> {
  return softRootNamed(ROOT_NAME, ...key);
}

export async function softRootNamed(name: Name, ...key: Parameters<typeof softSigner>): Promise<SoftCa> {
  const signer = softSigner(...key);
  const certificate = await issueSoft({
    issuer: name,
    signer,
    subject: name,
    spki: signer.spki,
    extensions: [basicConstraints({ ca: true }), keyUsage(['keyCertSign', 'cRLSign'])],
  });
  return { signer, certificate };
}

/** The sub-CA of a province: path length 0, names held to the province, no DNS name and no IP address. */
export async function softSubCa(
  key: KeyAlgorithm,
  root: SoftCa,
  algorithm?: SignatureAlgorithm,
  subject: Name = SUB_CA_NAME,
): Promise<SoftCa> {
  const signer = softSigner(key, algorithm);
  const certificate = await issueSoft({
    issuer: root.certificate.tbs.subject,
    signer: root.signer,
    subject,
    spki: signer.spki,
    extensions: [
      basicConstraints({ ca: true, pathLength: 0 }),
      keyUsage(['keyCertSign', 'cRLSign']),
      nameConstraints({
        permitted: { directory: [PROVINCE], email: ['lamdong.gov.vn'], dns: [NO_DNS_NAME] },
        excluded: { ip: ALL_IP_ADDRESSES },
      }),
    ],
  });
  return { signer, certificate };
}
