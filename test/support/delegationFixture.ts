/** A small world of soft keys: a root, two operators, a registry, and a provincial node with its sub-CA and grant. */
import { der, OID } from '../../src/asn1';
import {
  DIRECTIVE_PAYLOAD_TYPE,
  DirectiveChain,
  encodeBundle,
  GRANT_PAYLOAD_TYPE,
  openTrustStatement,
  payloadOf,
  TRUST_PAYLOAD_TYPE,
  type BundleParts,
  type Directive,
  type Grant,
  type NodeIdentity,
  type Order,
  type ProfileScope,
  type SignedDocument,
  type TrustStatement,
} from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import { sha256Hex, type SignatureAlgorithm, type Signer } from '../../src/signer';
import {
  assembleCrl,
  authorityInfoAccess,
  authorityKeyIdentifier,
  buildTbsCertificate,
  buildTbsCertList,
  certificatePolicies,
  crlDistributionPoints,
  encodeName,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  readTbsCertificate,
  subjectAltName,
  subjectKeyIdentifier,
  type AttributeType,
  type CrlEntry,
  type Name,
  type TbsCertificate,
} from '../../src/x509';
import { PROVINCE, ROOT_NAME, softRoot, softSubCa, SUB_CA_NAME, type SoftCa } from './softCa';
import { softSigner, type SoftSigner } from './softSigner';

export const DAY = 86_400_000;
/** When everything here happens, unless a test says otherwise. */
export const NOW = new Date('2026-03-02T03:00:00.000Z');
export const NODE_ID = 'lam-dong';
export const REGISTRY_NAME = 'registry.ca.gov.vn';
export const ORIGIN = `${REGISTRY_NAME}/${NODE_ID}/e1`;
export const POLICY = '2.16.704.1.1.1.1.1';
export const URLS = {
  crl: ['http://ca.lamdong.gov.vn/subca.crl', 'http://mirror.gov.vn/lamdong.crl'],
  ocsp: ['http://ca.lamdong.gov.vn/ocsp'],
  caIssuers: ['http://ca.lamdong.gov.vn/subca.crt'],
};

export interface World {
  readonly root: SoftCa;
  readonly subCa: SoftCa;
  readonly operators: { readonly an: SoftSigner; readonly binh: SoftSigner };
  readonly registry: SoftSigner;
  readonly journal: SoftSigner;
  /** The key of the leaf certificates. */
  readonly subscriber: SoftSigner;
  readonly trust: SignedDocument<TrustStatement>;
}

/** @param pss root and sub-CA have RSA keys and sign with RSASSA-PSS, by SHA-384 and SHA-256 */
export async function makeWorld({ pss = false } = {}): Promise<World> {
  const root = pss ? await softRoot('rsa-2048', 'rsa-pss-sha384') : await softRoot('p-256');
  const keys = {
    root,
    subCa: pss ? await softSubCa('rsa-2048', root, 'rsa-pss-sha256') : await softSubCa('p-256', root),
    operators: { an: softSigner('p-256'), binh: softSigner('p-256') },
    registry: softSigner('p-256'),
    journal: softSigner('p-256'),
    subscriber: softSigner('p-256'),
  };
  const envelope = await sealTrust(keys, trustOf(keys));
  return { ...keys, trust: openTrustStatement(envelope, root.certificate, NOW) };
}

type Keys = Omit<World, 'trust'>;

export function trustOf(world: Keys, changes: Partial<TrustStatement> = {}): TrustStatement {
  const { an, binh } = world.operators;
  return {
    version: 1,
    previous: null,
    issuedAt: NOW.toISOString(),
    validUntil: new Date(NOW.getTime() + 365 * DAY).toISOString(),
    rootCertificateSha256: world.root.certificate.sha256,
    operators: [
      { name: 'an', spki: an.spki.toString('base64') },
      { name: 'binh', spki: binh.spki.toString('base64') },
    ],
    threshold: 2,
    registry: { name: REGISTRY_NAME, spki: world.registry.spki.toString('base64') },
    externalRoots: [],
    ...changes,
  };
}

export function sealTrust(
  world: Keys,
  trust: object,
  signers: readonly Signer[] = [world.root.signer],
): Promise<Buffer> {
  return sealEnvelope(TRUST_PAYLOAD_TYPE, payloadOf(trust), signers);
}

const FIXED = PROVINCE.map(({ type, value }) => ({ type, values: [value], min: 1, max: 1 }));
const NO_NAMES = { permitted: [], excluded: [] };

/** A person: names of the province, an e-mail address in its domains. */
export const INDIVIDUAL: ProfileScope = {
  id: 'individual',
  subject: [
    ...FIXED,
    { type: 'OU', min: 0, max: 2 },
    { type: 'CN', min: 1, max: 1 },
    { type: 'E', min: 0, max: 1 },
  ],
  email: { permitted: ['lamdong.gov.vn', '.dalat.gov.vn'], excluded: ['test.dalat.gov.vn'] },
  dns: NO_NAMES,
  ip: NO_NAMES,
  keyAlgorithms: ['p-256', 'rsa-3072'],
  keyUsage: ['digitalSignature', 'nonRepudiation'],
  extendedKeyUsage: ['clientAuth', 'emailProtection'],
  policies: [POLICY],
  maxValidityDays: 1825,
  maxRenewedDays: 1095,
  keyStorage: 'token',
};

/** A server: host names and addresses, no e-mail address. */
const DEVICE: ProfileScope = {
  ...INDIVIDUAL,
  id: 'device',
  subject: [...FIXED, { type: 'CN', min: 1, max: 1 }],
  email: NO_NAMES,
  dns: { permitted: ['lamdong.gov.vn', '.dalat.gov.vn'], excluded: ['secret.lamdong.gov.vn'] },
  ip: { permitted: ['10.20.0.0/14', '2001:db8::/33', '192.0.2.7/32'], excluded: ['10.21.0.0/16'] },
  extendedKeyUsage: ['serverAuth'],
};

/** The CA's own OCSP responder. */
export const RESPONDER: ProfileScope = {
  ...DEVICE,
  id: 'ocsp-responder',
  dns: NO_NAMES,
  ip: NO_NAMES,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['ocspSigning', 'clientAuth'],
  policies: [],
  maxValidityDays: 365,
  maxRenewedDays: 0,
};

export function grantOf(world: Keys, changes: Partial<Grant> = {}): Grant {
  return {
    grantId: 'g-1',
    version: 1,
    previous: null,
    issuedAt: NOW.toISOString(),
    effectiveFrom: NOW.toISOString(),
    organisation: { code: '68', name: 'Ủy ban nhân dân tỉnh Lâm Đồng' },
    nodeId: NODE_ID,
    keys: {
      caSpkiSha256: sha256Hex(world.subCa.signer.spki),
      caSignature: world.subCa.signer.algorithm,
      journalSpki: world.journal.spki.toString('base64'),
      epoch: 1,
    },
    services: ['issue', 'renew', 'revoke', 'suspend'],
    scope: { profiles: [INDIVIDUAL, DEVICE, RESPONDER] },
    limits: {
      quota: { total: 10, perDay: 5, perProfile: { device: 2 } },
      notBefore: new Date(NOW.getTime() - 30 * DAY).toISOString(),
      notAfter: new Date(NOW.getTime() + 365 * DAY).toISOString(),
      // Long, for tests that move the clock; those of the lease itself give their own.
      lease: { maxOfflineDays: 365, graceDays: 365 },
    },
    publication: { crl: { hoursBetween: 12, hoursValid: 72, shards: 1 }, ocsp: { hoursValid: 24 } },
    urls: URLS,
    ...changes,
  };
}

export function sealGrant(
  world: Keys,
  grant: object,
  signers: readonly Signer[] = [world.operators.an, world.operators.binh],
): Promise<Buffer> {
  return sealEnvelope(GRANT_PAYLOAD_TYPE, payloadOf(grant), signers);
}

/** A document as it is in force, without asking anyone to sign it. */
export function documentOf<T extends object>(value: T): SignedDocument<T> {
  const payload = payloadOf(value);
  return { value, payload, sha256: sha256Hex(payload), envelope: Buffer.alloc(0) };
}

/** The next directive after those of a chain. */
export function directiveAfter(
  chain: DirectiveChain,
  order: Order,
  changes: Partial<Directive> = {},
): Directive {
  const previous = chain.get(chain.last)?.sha256 ?? null;
  const [nodeId, sequence, reason] = [NODE_ID, chain.last + 1, 'Theo kết luận kiểm tra'];
  return { nodeId, sequence, previous, issuedAt: NOW.toISOString(), reason, order, ...changes };
}

/** Orders in their sequence, without asking anyone to sign them. */
export function chainOf(...orders: readonly Order[]): DirectiveChain {
  return orders.reduce(
    (chain, order) => chain.with(NODE_ID, documentOf(directiveAfter(chain, order))),
    DirectiveChain.EMPTY,
  );
}

export function sealDirective(
  world: Keys,
  directive: object,
  signers: readonly Signer[] = [world.operators.an, world.operators.binh],
): Promise<Buffer> {
  return sealEnvelope(DIRECTIVE_PAYLOAD_TYPE, payloadOf(directive), signers);
}

export function identityOf(world: Keys): NodeIdentity {
  const { caSpkiSha256, caSignature, epoch } = grantOf(world).keys;
  return {
    nodeId: NODE_ID,
    organisationCode: '68',
    epoch,
    caSpkiSha256,
    caSignature,
    journalSpki: world.journal.spki,
  };
}

/** A CRL of the root, or of whoever signs in its name. */
export async function rootCrlOf(
  world: Keys,
  {
    entries = [],
    issuer = ROOT_NAME,
    signer = world.root.signer,
    thisUpdate = NOW,
    crlNumber = 7,
  }: {
    entries?: readonly CrlEntry[];
    issuer?: Name;
    signer?: Signer;
    thisUpdate?: Date;
    crlNumber?: number;
  } = {},
): Promise<Buffer> {
  const tbs = buildTbsCertList({
    signatureAlgorithm: signer.algorithm,
    issuer: encodeName(issuer),
    thisUpdate,
    nextUpdate: new Date(NOW.getTime() + 30 * DAY),
    entries,
    crlNumber,
    authorityKeyId: keyIdentifier(signer.spki),
  });
  return assembleCrl(tbs, signer.algorithm, await signer.sign(tbs));
}

export async function bundleOf(world: World, parts: Partial<BundleParts> = {}): Promise<Buffer> {
  return encodeBundle({
    rootCertificate: world.root.certificate.der,
    rootCrl: await rootCrlOf(world),
    trustStatement: world.trust.envelope,
    grant: await sealGrant(world, grantOf(world)),
    caCertificate: world.subCa.certificate.der,
    ...parts,
  });
}

export interface LeafChanges {
  readonly serialNumber?: string;
  readonly signatureAlgorithm?: SignatureAlgorithm;
  readonly issuer?: Name;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly subject?: Name;
  readonly spki?: Buffer;
  /** DER Extension by name; `undefined` leaves it out, a new name adds one. */
  readonly extensions?: Readonly<Record<string, Buffer | undefined>>;
}

export const PERSON: Name = [
  ...PROVINCE,
  { type: 'OU', value: 'Sở Tài chính' },
  { type: 'CN', value: 'Nguyễn Thị Ánh' },
];

/** DER of the contents of a certificate that lies inside the grant, under the profile `individual`. */
export function leafDer(world: Keys, changes: LeafChanges = {}): Buffer {
  const spki = changes.spki ?? world.subscriber.spki;
  const extensions: Readonly<Record<string, Buffer | undefined>> = {
    authorityKeyIdentifier: authorityKeyIdentifier(keyIdentifier(world.subCa.signer.spki)),
    subjectKeyIdentifier: subjectKeyIdentifier(keyIdentifier(spki)),
    keyUsage: keyUsage(['digitalSignature']),
    extendedKeyUsage: extendedKeyUsage(['clientAuth']),
    certificatePolicies: certificatePolicies([{ oid: POLICY, cps: 'https://ca.gov.vn/cps' }]),
    subjectAltName: subjectAltName([{ kind: 'email', value: 'anhnt@lamdong.gov.vn' }]),
    crlDistributionPoints: crlDistributionPoints(URLS.crl),
    authorityInfoAccess: authorityInfoAccess(URLS),
    ...changes.extensions,
  };
  return buildTbsCertificate({
    serialNumber: changes.serialNumber ?? `010000000002${'5a'.repeat(10)}`,
    signatureAlgorithm: changes.signatureAlgorithm ?? world.subCa.signer.algorithm,
    issuer: encodeName(changes.issuer ?? SUB_CA_NAME),
    notBefore: changes.notBefore ?? NOW,
    notAfter: changes.notAfter ?? new Date(NOW.getTime() + 365 * DAY),
    subject: nameAsSpelled(changes.subject ?? PERSON),
    spki,
    extensions: Object.values(extensions).filter((extension) => extension !== undefined),
  });
}

export function leafTbs(world: Keys, changes: LeafChanges = {}): TbsCertificate {
  return readTbsCertificate(leafDer(world, changes), 'leaf');
}

const ATTRIBUTES: Readonly<Partial<Record<AttributeType, string>>> = {
  C: OID.countryName,
  ST: OID.stateOrProvinceName,
  L: OID.localityName,
  O: OID.organizationName,
  OU: OID.organizationalUnitName,
  CN: OID.commonName,
  E: OID.emailAddress,
};

/** A name with its values letter for letter: `encodeName` would compose them, a hostile encoder would not. */
function nameAsSpelled(name: Name): Buffer {
  const encode = (type: AttributeType, value: string): Buffer =>
    type === 'C' ? der.printableString(value) : type === 'E' ? der.ia5String(value) : der.utf8String(value);
  return der.sequence(
    ...name.map(({ type, value }) =>
      der.setOf(der.sequence(der.oid(ATTRIBUTES[type] ?? OID.title), encode(type, value))),
    ),
  );
}
