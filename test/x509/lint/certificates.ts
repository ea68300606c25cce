/** Good certificates of every profile for the lint, and the surgery that makes bad ones of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { TEMPLATES } from '../../../src/config';
import { der } from '../../../src/asn1';
import {
  assembleCertificate,
  buildTbsCertificate,
  encodeName,
  keyIdentifier,
  lintIssuerOf,
  NO_DNS_NAME,
  parseProfile,
  profileExtensions,
  type AttributeType,
  type CheckId,
  type GeneralName,
  type Name,
  type Profile,
} from '../../../src/x509';
import { encodeTree, parseTree, rawTree, tlv, type DerTree } from '../../support/derTree';
import { PROVINCE, ROOT_NAME, softRoot, softSubCa, SUB_CA_NAME, type SoftCa } from '../../support/softCa';
import { softSigner } from '../../support/softSigner';

const NOT_BEFORE = new Date('2026-03-02T03:00:00Z');
const DAY = 86_400_000;
const URLS = {
  crl: ['http://ca.lamdong.gov.vn/subca.crl', 'http://mirror.gov.vn/lamdong.crl'],
  ocsp: ['http://ca.lamdong.gov.vn/ocsp'],
  caIssuers: ['http://ca.lamdong.gov.vn/subca.crt'],
};
const VALUES: Readonly<Record<AttributeType, string>> = {
  C: 'VN',
  ST: 'Lâm Đồng',
  L: 'Lâm Đồng',
  O: 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG',
  OU: 'Sở Tài chính',
  CN: 'Nguyễn Thị Ánh',
  E: 'anhnt@lamdong.gov.vn',
  T: 'Giám đốc Sở',
  serialNumber: 'H36.12',
  SN: 'Nguyễn',
  GN: 'Thị Ánh',
  organizationIdentifier: 'VATVN-0101234567',
};

export const KEYS = { 'p-256': softSigner('p-256').spki, 'rsa-2048': softSigner('rsa-2048').spki };
let root: SoftCa;
let subCa: SoftCa;

/** The CA whose certificates these are, as the lint knows it. */
export function issuerOf(profile: Profile): ReturnType<typeof lintIssuerOf> | undefined {
  if (profile.kind === 'root') return undefined;
  return lintIssuerOf((profile.kind === 'sub-ca' ? root : subCa).certificate.der);
}

export function profileNamed(id: string): Profile {
  return parseProfile(parse(readFileSync(join(TEMPLATES, 'profiles', `${id}.yaml`), 'utf8')));
}

export const PROFILES = readdirSync(join(TEMPLATES, 'profiles')).map((file) => file.replace('.yaml', ''));

export async function makeCas(): Promise<void> {
  root = await softRoot('p-256');
  subCa = await softSubCa('p-256', root);
}

/** A whole, signed certificate around the contents. */
export async function signed(tbs: Buffer, profile: Profile): Promise<Buffer> {
  const { signer } = profile.kind === 'root' || profile.kind === 'sub-ca' ? root : subCa;
  return assembleCertificate(tbs, signer.algorithm, await signer.sign(tbs));
}

/** The contents a certificate of the profile has. */
export function goodTbs(profile: Profile, key: keyof typeof KEYS = 'p-256'): Buffer {
  const { kind } = profile;
  const isRoot = kind === 'root';
  const spki = isRoot ? root.signer.spki : KEYS[key];
  const issuer = isRoot || kind === 'sub-ca' ? ROOT_NAME : SUB_CA_NAME;
  const subject: Name = isRoot
    ? ROOT_NAME
    : profile.subject.map(({ type, values }) => ({ type, value: values?.[0] ?? VALUES[type] }));
  const names: readonly GeneralName[] = [
    ...(profile.subjectAltName.email === 'none' ? [] : [{ kind: 'email', value: VALUES.E } as const]),
    ...(profile.subjectAltName.ip === 'none'
      ? []
      : [{ kind: 'ip', value: Buffer.of(10, 20, 0, 1) } as const]),
    ...(profile.subjectAltName.dns === 'none' ? [] : [{ kind: 'dns', value: 'ca.lamdong.gov.vn' } as const]),
  ];
  return buildTbsCertificate({
    serialNumber: `010000000002${'5a'.repeat(10)}`,
    signatureAlgorithm: 'ecdsa-sha256',
    issuer: encodeName(issuer),
    notBefore: NOT_BEFORE,
    notAfter: new Date(NOT_BEFORE.getTime() + Math.min(profile.validity.newDays, isRoot ? 1e9 : 2_000) * DAY),
    subject: encodeName(subject),
    spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: keyIdentifier(spki),
      issuerKeyId: keyIdentifier((isRoot || kind === 'sub-ca' ? root : subCa).signer.spki),
      alternativeNames: names,
      ...(kind === 'sub-ca' && {
        nameConstraints: { permitted: { directory: [PROVINCE], dns: [NO_DNS_NAME] } },
      }),
      urls: URLS,
    }),
  });
}

/** Contents taken apart, with names for what is changed in them. */
export class Tbs {
  readonly tree: DerTree;

  constructor(bytes: Buffer) {
    this.tree = parseTree(bytes);
  }

  get bytes(): Buffer {
    return encodeTree(this.tree);
  }

  /** 0 version, 1 serialNumber, 2 signature, 3 issuer, 4 validity, 5 subject, 6 subjectPublicKeyInfo, 7 extensions. */
  set(member: number, bytes: Uint8Array): void {
    this.tree.children![member] = rawTree(bytes);
  }

  remove(member: number): void {
    this.tree.children!.splice(member, 1);
  }

  insert(member: number, bytes: Uint8Array): void {
    this.tree.children!.splice(member, 0, rawTree(bytes));
  }

  /** A name whose attributes each stand alone. */
  subject(...attributes: readonly (readonly [oid: string, value: Buffer])[]): void {
    this.set(5, der.sequence(...attributes.map(([oid, value]) => rdn(oid, value))));
  }

  /** The subject with the value of one attribute replaced, or with the attribute put at its end. */
  attribute(oid: string, value: Buffer): void {
    const { children } = this.tree.children![5]!;
    const at = children!.findIndex((set) => encodeTree(set).includes(der.oid(oid)));
    children!.splice(at < 0 ? children!.length : at, 1, rawTree(rdn(oid, value)));
  }

  validity(notBefore: Buffer, notAfter: Buffer): void {
    this.set(4, der.sequence(notBefore, notAfter));
  }

  key(algorithm: Buffer, octets: Uint8Array): void {
    this.set(6, der.sequence(algorithm, der.bitString(octets)));
  }

  get extensions(): DerTree[] {
    return this.tree.children![7]!.children![0]!.children!;
  }

  extension(oid: string): DerTree {
    return this.extensions.find((one) => encodeTree(one.children![0]!).equals(der.oid(oid)))!;
  }

  drop(...oids: readonly string[]): void {
    for (const oid of oids) this.extensions.splice(this.extensions.indexOf(this.extension(oid)), 1);
  }

  /** Gives an extension another value. */
  value(oid: string, value: Uint8Array): void {
    this.extension(oid).children!.splice(-1, 1, rawTree(der.octetString(value)));
  }

  add(oid: string, value: Uint8Array, critical = false): void {
    const parts = [der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value)];
    this.extensions.push(rawTree(der.sequence(...parts)));
  }

  critical(oid: string, critical: boolean): void {
    const { children } = this.extension(oid);
    if (critical) children!.splice(1, 0, rawTree(der.boolean(true)));
    else children!.splice(1, 1);
  }
}

export function rdn(oid: string, value: Buffer): Buffer {
  return der.setOf(der.sequence(der.oid(oid), value));
}

export const utcTime = (text: string): Buffer => tlv(0x17, Buffer.from(text, 'latin1'));
export const generalizedTime = (text: string): Buffer => tlv(0x18, Buffer.from(text, 'latin1'));
/** A GeneralName of a form that is text: 1 e-mail, 2 DNS, 6 URI. */
export const generalName = (tag: number, text: string): Buffer =>
  tlv(0x80 | tag, Buffer.from(text, 'latin1'));
/** A policy with one qualifier. */
export const policy = (qualifier: string, value: Buffer): Buffer =>
  der.sequence(
    der.sequence(der.oid('2.16.704.1.1.1.1.1'), der.sequence(der.sequence(der.oid(qualifier), value))),
  );
export const access = (method: string, location: Buffer): Buffer =>
  der.sequence(der.sequence(der.oid(method), location));

/** One certificate that breaks a rule: which, and what is done to a good one for it. */
export interface Broken {
  readonly check: CheckId;
  /** Profile of the good certificate; `individual` unless told otherwise. */
  readonly profile?: string;
  readonly key?: keyof typeof KEYS;
  /** Changes the good one, or gives the octets in its place. */
  readonly change: (tbs: Tbs) => Buffer | undefined;
}

export function broken(
  check: CheckId,
  change: (tbs: Tbs) => unknown,
  base: Pick<Broken, 'profile' | 'key'> = {},
): Broken {
  return {
    check,
    ...base,
    change: (tbs) => {
      const changed = change(tbs);
      return Buffer.isBuffer(changed) ? changed : undefined;
    },
  };
}
