/**
 * Each profile, under each kind of CA key and signature, for each kind of subscriber key, before every verifier there
 * is; and what must be refused, before the same.
 *
 *   rootca init ─ subca apply ─► draft of the grant ─┐
 *   one token: root key, five CA keys ───────────────┴─► 11 sub-CAs ─► a leaf each ─► OpenSSL · GnuTLS · NSS · Java · Node
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock';
import { openApplication, type Authority, type Grant } from '../../src/delegation';
import { Pin, Token } from '../../src/hsm';
import { createLogger } from '../../src/logger';
import { planIssuance } from '../../src/node/issuancePlan';
import { profileNamed, readProfiles, type Profiles } from '../../src/node/profiles';
import { RootCa } from '../../src/root';
import { constraintsOf, draftGrant, subCaProfile } from '../../src/root/grantDraft';
import {
  KEY_ALGORITHMS,
  sha256Hex,
  signatureAlgorithmsOf,
  type KeyAlgorithm,
  type SignatureAlgorithm,
  type Signer,
} from '../../src/signer';
import {
  assembleCertificate,
  assembleCrl,
  buildRequest,
  buildTbsCertificate,
  buildTbsCertList,
  encodeName,
  fillSubject,
  keyIdentifier,
  profileExtensions,
  readCertificate,
  readRequest,
  type Certificate,
  type CertificationRequest,
  type CrlEntry,
  type Name,
  type Profile,
} from '../../src/x509';
import { VERIFIERS, type Chain, type Usage } from '../judges/verifiers';
import { makeSoftHsm } from '../support/softhsm';
import { softSigner } from '../support/softSigner';
import { World } from '../support/world';

const DAY = 86_400_000;
const SUBSCRIBER_PROFILES: Readonly<Record<string, { usage: Usage; subject: Name }>> = {
  organisation: { usage: 'email', subject: [{ type: 'CN', value: 'SỞ NỘI VỤ' }] },
  individual: {
    usage: 'email',
    subject: [
      { type: 'CN', value: 'Nguyễn Thị Hồng Ánh' },
      { type: 'E', value: 'anh@laocai.gov.vn' },
    ],
  },
  'title-holder': {
    usage: 'client',
    subject: [
      { type: 'CN', value: 'Trần Văn Đức' },
      { type: 'T', value: 'Giám đốc Sở' },
    ],
  },
  device: { usage: 'client', subject: [{ type: 'CN', value: 'Trục liên thông văn bản' }] },
  officer: { usage: 'client', subject: [{ type: 'CN', value: 'Lê Hoàng Cường' }] },
  'tls-server': { usage: 'server', subject: [{ type: 'CN', value: 'dichvucong' }] },
  timestamping: { usage: 'timestamp', subject: [{ type: 'CN', value: 'Cấp dấu thời gian' }] },
};
const HOST = 'dichvucong.laocai.gov.vn';

const softHsm = makeSoftHsm();
const CA_KINDS = KEY_ALGORITHMS.flatMap((key) =>
  signatureAlgorithmsOf(key).map((signature) => ({ key, signature })),
);

interface Ca {
  readonly name: string;
  readonly signer: Signer;
  readonly certificate: Certificate;
  readonly grant: Grant;
}

let world: World;
let token: Token;
let profiles: Profiles;
let root: { readonly signer: Signer; readonly certificate: Certificate };
let rootCrl: Buffer;
let draft: Grant;
let cas: readonly Ca[];
let templates: { readonly root: Profile; readonly subCa: Profile };
let goodChains: Promise<readonly Chain[]>;
let badChains: Promise<readonly (readonly [string, Chain])[]>;
let requests: ReadonlyMap<KeyAlgorithm, CertificationRequest>;

beforeAll(async () => {
  world = await World.applied({
    apply: [
      ...['--dns-domain', 'laocai.gov.vn'],
      ...Object.keys(SUBSCRIBER_PROFILES).flatMap((id) => ['--profile', id]),
    ],
  });
  const template = world.path('root', 'grant-template.yaml');
  const written = readFileSync(template, 'utf8');
  writeFileSync(
    template,
    written.replace('profiles: [organisation', 'profiles: [title-holder, organisation'),
  );
  const surroundings = { clock: systemClock, logger: createLogger('silent'), random: randomBytes };
  const party = await RootCa.open(world.path('root'), surroundings);
  draft = await draftGrant(party, openApplication(world.read('application.dsse')));
  await party.close();
  profiles = await readProfiles(world.path('node', 'profiles'));

  const { label, pin } = softHsm.createToken('matrix');
  token = await Token.open({ module: softHsm.module, label }, new Pin(pin), {
    refusedPins: join(softHsm.directory, 'refused.json'),
    clock: systemClock,
  });
  const rootKey = await token.generateKeyPair({ label: 'root', algorithm: 'p-384' });
  const signer = await token.signer(rootKey.label);
  const subject: Name = [
    { type: 'C', value: 'VN' },
    { type: 'O', value: 'Ban Cơ yếu Chính phủ' },
    { type: 'CN', value: 'RootCA ma trận' },
  ];
  const all = await readProfiles(join(__dirname, '../../config-templates/profiles'));
  templates = { root: profileNamed(all, 'root'), subCa: profileNamed(all, 'sub-ca') };
  const profile = templates.root;
  root = { signer, certificate: await sign(signer, subject, signer, { subject, profile, days: 7000 }) };
  rootCrl = await crlOf(root);
  for (const key of KEY_ALGORITHMS) await token.generateKeyPair({ label: key, algorithm: key });
  cas = await Promise.all(CA_KINDS.map(({ key, signature }) => makeCa(key, signature)));
  requests = new Map(
    await Promise.all(
      KEY_ALGORITHMS.map(async (key): Promise<[KeyAlgorithm, CertificationRequest]> => {
        const request = readRequest(await buildRequest([{ type: 'CN', value: 'x' }], softSigner(key)));
        return [key, request];
      }),
    ),
  );
  goodChains = makeGoodChains();
  await goodChains;
  badChains = makeBadChains();
  await badChains;
});

afterAll(async () => {
  await token.close();
  softHsm.remove();
  world.remove();
});

async function makeCa(key: KeyAlgorithm, signatureAlgorithm: SignatureAlgorithm): Promise<Ca> {
  const signer = await token.signer(key, { signatureAlgorithm });
  const grant: Grant = {
    ...draft,
    keys: { ...draft.keys, caSpkiSha256: sha256Hex(signer.spki), caSignature: signatureAlgorithm },
  };
  const profile = subCaProfile(templates.subCa, grant);
  const fixed = grant.scope.profiles[0]?.subject ?? [];
  const place = ['C', 'L', 'O'].flatMap((type) => fixed.filter((one) => one.type === type));
  const subject: Name = [
    ...place.map(({ type, values = [] }) => ({ type, value: values[0] ?? '' })),
    { type: 'CN', value: `CA ${key} ${signatureAlgorithm}` },
  ];
  const certificate = await sign(root.signer, root.certificate.tbs.subject, signer, {
    subject: fillSubject(profile.subject, subject),
    profile,
    days: 3000,
    grant,
  });
  return { name: `${key}-${signatureAlgorithm}`, signer, certificate, grant };
}

interface Contents {
  readonly subject: Name;
  readonly profile: Profile;
  readonly days: number;
  readonly grant?: Grant;
}

/** A certificate as the root makes it. */
async function sign(
  issuer: Signer,
  issuerName: Name,
  { spki }: Pick<Signer, 'spki'>,
  { subject, profile, days, grant }: Contents,
): Promise<Certificate> {
  const tbs = buildTbsCertificate({
    serialNumber: `40${randomBytes(15).toString('hex')}`,
    signatureAlgorithm: issuer.algorithm,
    issuer: encodeName(issuerName),
    notBefore: new Date(Date.now() - 30 * DAY),
    notAfter: new Date(Date.now() + days * DAY),
    subject: encodeName(subject),
    spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: keyIdentifier(spki),
      issuerKeyId: keyIdentifier(issuer.spki),
      ...(grant && { nameConstraints: constraintsOf(grant) }),
      urls: { crl: ['http://root.test/root.crl'], ocsp: [], caIssuers: [] },
    }),
  });
  return readCertificate(assembleCertificate(tbs, issuer.algorithm, await issuer.sign(tbs)), 'certificate');
}

async function crlOf(
  ca: { readonly signer: Signer; readonly certificate: Certificate },
  entries: readonly CrlEntry[] = [],
): Promise<Buffer> {
  const tbs = buildTbsCertList({
    signatureAlgorithm: ca.signer.algorithm,
    issuer: ca.certificate.tbs.subjectDer,
    thisUpdate: new Date(Date.now() - 3_600_000),
    nextUpdate: new Date(Date.now() + 30 * DAY),
    entries,
    crlNumber: 1,
    authorityKeyId: keyIdentifier(ca.signer.spki),
    expiredSince: ca.certificate.tbs.notBefore,
  });
  return assembleCrl(tbs, ca.signer.algorithm, await ca.signer.sign(tbs));
}

/** What the node plans, signed by the token. */
async function leafOf(ca: Ca, id: string, key: KeyAlgorithm): Promise<Buffer> {
  const { grant, certificate: caCertificate } = ca;
  const authority: Authority = {
    nodeId: grant.nodeId,
    epoch: 1,
    caCertificate,
    grants: new Map(),
    registry: [],
  };
  const document = { value: grant, payload: Buffer.alloc(0), envelope: Buffer.alloc(0), sha256: '' };
  const issuer = root.certificate;
  const generation = {
    epoch: 1,
    origin: 'matrix/15-1/e1',
    caCertificate,
    issuer,
    grant: document,
    authority,
  };
  const request = requests.get(key);
  if (request === undefined) throw new Error(key);
  const own = id === 'ocsp-responder';
  const named = { ...request, subject: undefined, emails: [], dnsNames: id === 'tls-server' ? [HOST] : [] };
  const plan = planIssuance(
    generation,
    profileNamed(profiles, id),
    {
      service: 'issue',
      request: named,
      subject: own
        ? [{ type: 'CN', value: `OCSP ${grant.nodeId}` }]
        : (SUBSCRIBER_PROFILES[id]?.subject ?? []),
      ...(own && { ownKey: true as const }),
    },
    new Date(),
  );
  return assembleCertificate(plan.tbs.der, ca.signer.algorithm, await ca.signer.sign(plan.tbs.der));
}

function chainOf(name: string, ca: Ca, leaf: Buffer, crl: Buffer, usage: Usage): Chain {
  const certificates = [leaf, ca.certificate.der];
  return { name, root: root.certificate.der, certificates, crls: [rootCrl, crl], usage };
}

/** Every profile for every key that it admits, under every CA. */
async function makeGoodChains(): Promise<readonly Chain[]> {
  const usages: Readonly<Record<string, Usage>> = {
    ...Object.fromEntries(Object.entries(SUBSCRIBER_PROFILES).map(([id, { usage }]) => [id, usage])),
    'ocsp-responder': 'ocsp',
  };
  const chains: Chain[] = [];
  for (const ca of cas) {
    const crl = await crlOf(ca);
    for (const [id, usage] of Object.entries(usages)) {
      for (const key of profileNamed(profiles, id).keyAlgorithms) {
        const leaf = await leafOf(ca, id, key);
        chains.push(chainOf(`${ca.name}-${id}-${key}`, ca, leaf, crl, usage));
      }
    }
  }
  return chains;
}

/** Who is known to accept it all the same. Node has no CRLs, constraints or path lengths; GnuTLS 3.7 no such constraints. */
const BLIND: Readonly<Record<string, readonly string[]>> = {
  'wrong-name': ['GnuTLS', 'Node'],
  expired: [],
  revoked: ['Node'],
  'path-length': ['Node'],
  'leaf-as-ca': [],
};

/** What nobody may accept, by its kind. */
async function makeBadChains(): Promise<readonly (readonly [string, Chain])[]> {
  const chains: (readonly [string, Chain])[] = [];
  const someCas = cas.filter(({ name }) =>
    ['p-256-ecdsa-sha256', 'rsa-3072-rsa-sha256', 'rsa-4096-rsa-pss-sha384'].includes(name),
  );
  for (const ca of someCas) {
    const own = ca.certificate.tbs.subject;
    const crl = await crlOf(ca);
    const organisation = profileNamed(profiles, 'organisation');
    const inside = fillSubject(organisation.subject, [
      ...own.filter(({ type }) => type !== 'CN'),
      { type: 'CN', value: 'SỞ NỘI VỤ' },
    ]);
    const outside = inside.map(({ type, value }) => ({ type, value: type === 'O' ? 'BỘ KHÁC' : value }));
    const subscriber = softSigner('p-256');
    const make = async (subject: Name, days: number): Promise<Buffer> =>
      (await sign(ca.signer, own, subscriber, { subject, profile: organisation, days })).der;
    const put = (kind: string, leaf: Buffer, list = crl): void => {
      chains.push([kind, chainOf(`${kind}-${ca.name}`, ca, leaf, list, 'email')]);
    };
    put('wrong-name', await make(outside, 100));
    put('expired', await make(inside, -1));
    const leaf = await make(inside, 100);
    const { serialNumber } = readCertificate(leaf, 'leaf').tbs;
    const revocationDate = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
    put('revoked', leaf, await crlOf(ca, [{ serialNumber, revocationDate, reason: 'superseded' }]));

    // A further CA, and a leaf that plays one.
    const subCa = subCaProfile(templates.subCa, ca.grant);
    for (const [kind, profile] of [
      ['path-length', subCa],
      ['leaf-as-ca', organisation],
    ] as const) {
      const below = {
        signer: softSigner('p-256'),
        name: [...inside.slice(0, 3), { type: 'CN', value: kind }],
      };
      const name = below.name as Name;
      const certificate = await sign(ca.signer, own, below.signer, { subject: name, profile, days: 200 });
      const last = await sign(below.signer, name, subscriber, {
        subject: inside,
        profile: organisation,
        days: 100,
      });
      const chain = chainOf(`${kind}-${ca.name}`, ca, last.der, crl, 'email');
      const crls = [...chain.crls, await crlOf({ signer: below.signer, certificate })];
      const certificates = [last.der, certificate.der, ca.certificate.der];
      chains.push([kind, { ...chain, certificates, crls }]);
    }
  }
  return chains;
}

describe.each(VERIFIERS)('$name, package $package', (verifier) => {
  const testHere = verifier.isInstalled() ? test : test.skip;

  testHere('accepts each certificate of the node', async () => {
    const chains = (await goodChains).filter((chain) => verifier.judges(chain));
    expect(chains.length).toBeGreaterThan(CA_KINDS.length * 7 * 3);
    const verdicts = verifier.verify(chains);
    expect([...verdicts].filter(([, refusal]) => refusal !== undefined)).toEqual([]);
    expect(verdicts.size).toBe(chains.length);
  });

  testHere('refuses what nobody may accept', async () => {
    const chains = await badChains;
    const verdicts = verifier.verify(chains.map(([, chain]) => chain));
    const accepted = chains.filter(([, { name }]) => verdicts.get(name) === undefined).map(([kind]) => kind);
    expect(new Set(chains.map(([kind]) => kind))).toEqual(new Set(Object.keys(BLIND)));
    expect(accepted.filter((kind) => BLIND[kind]?.includes(verifier.name) !== true)).toEqual([]);
  });
});
