/**
 * A root with its registry, and nodes under it, over real directories and databases; their keys are soft, so that what is
 * measured is not the token. Nodes are of two kinds: one with a database of its own, and one that only speaks.
 */
'use strict';

const { createHash, generateKeyPairSync, randomBytes, sign } = require('node:crypto');
const { cpSync, mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { fillTemplate, TEMPLATES } = require('../../dist/config');
const { announceKey, commonTables, recordKey } = require('../../dist/db');
const { encodeBundle, GRANT_PAYLOAD_TYPE, payloadOf, TRUST_PAYLOAD_TYPE } = require('../../dist/delegation');
const { sealEnvelope } = require('../../dist/envelope');
const journalRoom = require('../../dist/journal');
const { createJournal, inChunks, readJournal } = require('../../dist/ledger');
const { createLogger } = require('../../dist/logger');
const { activate, JournalWriter, publishCrl, republish, SubCaNode } = require('../../dist/node');
const { Registry, RootCa } = require('../../dist/root');
const { keepDocument } = require('../../dist/root/rootJournal');
const { signatureAlgorithmOf } = require('../../dist/signer');
const { encodeSubmission, RECEIPT_PAYLOAD_TYPE, STATUS_PAYLOAD_TYPE } = require('../../dist/sync');
const x509 = require('../../dist/x509');

const {
  appendLeaves,
  EMPTY_TREE,
  encodeEntry,
  leafHash,
  originOf,
  rootHash,
  serialNumberAt,
  signCheckpoint,
} = journalRoom;

const DAY = 86_400_000;
const REGISTRY = 'bench';
const POLICY = '2.16.704.1.1.1.1.1';
const PROFILE = 'individual';
/** Certificates for one subscriber, one after another, in a history that is made. */
const ALIKE = 500;
/** Rows copied in one transaction. */
const COPIED = 20_000;
const ROOT_NAME = [
  { type: 'C', value: 'VN' },
  { type: 'O', value: 'Bench' },
  { type: 'CN', value: 'CA gốc' },
];
const PROVINCE = [
  { type: 'C', value: 'VN' },
  { type: 'L', value: 'Lâm Đồng' },
  { type: 'O', value: 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG' },
];
const URLS = {
  crl: ['http://ca.lamdong.gov.vn/subca.crl'],
  ocsp: ['http://ca.lamdong.gov.vn/ocsp'],
  caIssuers: ['http://ca.lamdong.gov.vn/subca.crt'],
};
const SURROUNDINGS = { clock: () => new Date(), logger: createLogger('silent'), random: randomBytes };
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param algorithm p-256, rsa-2048 */
function softSigner(algorithm = 'p-256') {
  const { privateKey, publicKey } =
    algorithm === 'p-256'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('rsa', { modulusLength: Number(algorithm.slice('rsa-'.length)) });
  const signNow = (message) => sign('sha256', message, privateKey);
  return {
    algorithm: signatureAlgorithmOf(algorithm),
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    publicKey,
    privateKey,
    signNow,
    sign: async (message) => signNow(message),
  };
}

function issue({ issuer, signer, subject, spki, extensions, serialNumber }) {
  const now = Date.now();
  const tbs = x509.buildTbsCertificate({
    serialNumber: serialNumber ?? `01${randomBytes(15).toString('hex')}`,
    signatureAlgorithm: signer.algorithm,
    issuer: x509.encodeName(issuer),
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 3650 * DAY),
    subject: x509.encodeName(subject),
    spki,
    extensions: [
      x509.subjectKeyIdentifier(x509.keyIdentifier(spki)),
      x509.authorityKeyIdentifier(x509.keyIdentifier(signer.spki)),
      ...extensions,
    ],
  });
  return x509.readCertificate(x509.assembleCertificate(tbs, signer.algorithm, signer.signNow(tbs)), 'made');
}

/**
 * The root with its registry in a directory of its own.
 * @param newDatabase gives what a party's configuration says of its database; by default a file in its directory
 */
async function makeRoot(place, newDatabase = async () => undefined) {
  const directory = join(place, 'root');
  mkdirSync(directory);
  const signer = softSigner();
  const registrySigner = softSigner();
  const operators = ['an', 'binh'].map((name) => ({ name, signer: softSigner() }));
  const certificate = issue({
    issuer: ROOT_NAME,
    signer,
    subject: ROOT_NAME,
    spki: signer.spki,
    extensions: [x509.basicConstraints({ ca: true }), x509.keyUsage(['keyCertSign', 'cRLSign'])],
  });
  const trust = payloadOf({
    version: 1,
    previous: null,
    issuedAt: new Date().toISOString(),
    validUntil: new Date(Date.now() + 365 * DAY).toISOString(),
    rootCertificateSha256: certificate.sha256,
    operators: operators.map((one) => ({ name: one.name, spki: one.signer.spki.toString('base64') })),
    threshold: 2,
    registry: { name: REGISTRY, spki: registrySigner.spki.toString('base64') },
    externalRoots: [],
  });
  const trustStatement = await sealEnvelope(TRUST_PAYLOAD_TYPE, trust, [signer]);
  const config = {
    'registry.name': REGISTRY,
    'registry.url': 'https://127.0.0.1:8443',
    'hsm.module': '/nowhere/libpkcs11.so',
    'hsm.tokens': [],
    'tokens.root': 'root',
    'tokens.registry': 'root',
    ...databaseOf(await newDatabase()),
  };
  writeFileSync(join(directory, 'config.yaml'), await fillTemplate('rootca.yaml', config));
  const root = await RootCa.open(directory, SURROUNDINGS);
  root.signerOf = async () => registrySigner;
  const keep = (kind, subject, version, bytes, digest) =>
    root.store.transaction((tx) => keepDocument(root, tx, { kind, subject, version, bytes, sha256: digest }));
  await keep('root-certificate', '', 1, certificate.der, certificate.sha256);
  await keep('trust-statement', '', 1, trustStatement, sha256(trust));
  const registry = await Registry.open(root);
  return {
    place,
    newDatabase,
    directory,
    root,
    registry,
    registrySigner,
    signer,
    certificate,
    operators,
    trustStatement,
    keep,
  };
}

const databaseOf = (database) => (database === undefined ? {} : { database });

/** A certificate for the registry's own HTTPS. */
function tlsOf({ signer }) {
  const key = softSigner();
  const { der } = issue({
    issuer: ROOT_NAME,
    signer,
    subject: [{ type: 'CN', value: '127.0.0.1' }],
    spki: key.spki,
    extensions: [
      x509.keyUsage(['digitalSignature']),
      x509.extendedKeyUsage(['serverAuth']),
      x509.subjectAltName([{ kind: 'ip', value: Buffer.of(127, 0, 0, 1) }]),
    ],
  });
  return {
    key: Buffer.from(key.privateKey.export({ format: 'pem', type: 'pkcs8' })),
    cert: Buffer.from(x509.encodePem('CERTIFICATE', der)),
  };
}

/** Keys, CA certificate and grant of a node, which the root has granted. */
async function grantNode(world, nodeId, caKey = 'p-256') {
  const [ca, journal] = [softSigner(caKey), softSigner()];
  const subject = [...PROVINCE, { type: 'CN', value: `CA ${nodeId}` }];
  const certificate = issue({
    issuer: ROOT_NAME,
    signer: world.signer,
    subject,
    spki: ca.spki,
    extensions: [
      x509.basicConstraints({ ca: true, pathLength: 0 }),
      x509.keyUsage(['keyCertSign', 'cRLSign']),
    ],
  });
  const now = Date.now();
  const names = { permitted: ['lamdong.gov.vn'], excluded: [] };
  const fixed = PROVINCE.map(({ type, value }) => ({ type, values: [value], min: 1, max: 1 }));
  const profile = {
    id: PROFILE,
    subject: [...fixed, { type: 'OU', min: 0, max: 2 }, { type: 'CN', min: 1, max: 1 }],
    email: names,
    dns: { permitted: [], excluded: [] },
    ip: { permitted: [], excluded: [] },
    keyAlgorithms: ['p-256'],
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    extendedKeyUsage: ['clientAuth', 'emailProtection'],
    policies: [POLICY],
    maxValidityDays: 1825,
    maxRenewedDays: 1095,
    keyStorage: 'token',
  };
  const grant = {
    grantId: `g-${nodeId}`,
    version: 1,
    previous: null,
    issuedAt: new Date(now).toISOString(),
    effectiveFrom: new Date(now).toISOString(),
    organisation: { code: 'H36', name: 'Ủy ban nhân dân tỉnh Lâm Đồng' },
    nodeId,
    keys: {
      caSpkiSha256: sha256(ca.spki),
      caSignature: ca.algorithm,
      journalSpki: journal.spki.toString('base64'),
      epoch: 1,
    },
    services: ['issue', 'renew', 'revoke', 'suspend'],
    scope: { profiles: [profile] },
    limits: {
      quota: { total: 10_000_000, perDay: 10_000_000, perProfile: {} },
      notBefore: new Date(now - DAY).toISOString(),
      notAfter: new Date(now + 365 * DAY).toISOString(),
      lease: { maxOfflineDays: 365, graceDays: 365 },
    },
    publication: { crl: { hoursBetween: 12, hoursValid: 72, shards: 1 }, ocsp: { hoursValid: 24 } },
    urls: URLS,
  };
  const payload = payloadOf(grant);
  const signers = world.operators.map((one) => one.signer);
  const envelope = await sealEnvelope(GRANT_PAYLOAD_TYPE, payload, signers);
  const origin = originOf({ registry: REGISTRY, node: nodeId, epoch: 1 });
  await world.keep('ca-certificate', nodeId, 1, certificate.der, certificate.sha256);
  await world.keep('grant', nodeId, 1, envelope, sha256(payload));
  await world.root.store.transaction(async (tx) => {
    const id = await createJournal(commonTables(tx), origin);
    const row = { nodeId, epoch: 1, journal: id, grantedAt: new Date().toISOString() };
    await tx
      .insertInto('nodes')
      .values({ ...row, status: null, checkpoint: null, lastContact: null })
      .execute();
  });
  return { nodeId, origin, ca, journal, certificate, subject, grant, grantSha256: sha256(payload), envelope };
}

/** DER of the contents of a certificate inside the grant, for a key of its own, at a place of the journal. */
function leaf({ ca, subject }, index) {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return x509.buildTbsCertificate({
    serialNumber: serialNumberAt({ epoch: 1, index }, randomBytes(10)),
    signatureAlgorithm: ca.algorithm,
    issuer: x509.encodeName(subject),
    notBefore: new Date(Math.floor(Date.now() / 1000) * 1000),
    notAfter: new Date(Math.floor(Date.now() / 1000) * 1000 + 360 * DAY),
    subject: x509.encodeName([
      ...PROVINCE,
      { type: 'OU', value: 'Sở Tài chính' },
      { type: 'CN', value: `Nguyễn Thị Ánh ${String(index)}` },
    ]),
    spki,
    extensions: [
      x509.authorityKeyIdentifier(x509.keyIdentifier(ca.spki)),
      x509.subjectKeyIdentifier(x509.keyIdentifier(spki)),
      x509.keyUsage(['digitalSignature']),
      x509.extendedKeyUsage(['clientAuth']),
      x509.certificatePolicies([{ oid: POLICY, cps: 'https://ca.gov.vn/cps' }]),
      x509.subjectAltName([{ kind: 'email', value: `anh${String(index)}@lamdong.gov.vn` }]),
      x509.crlDistributionPoints(URLS.crl),
      x509.authorityInfoAccess(URLS),
    ],
  });
}

function intentOf(index, tbs, profile = PROFILE) {
  const request = sha256(String(index));
  return { type: 'intent', service: 'issue', profile, request, tbs: tbs.toString('base64') };
}

/** A node with its own directory and database, activated. */
async function makeNode(world, nodeId, caKey) {
  const keys = await grantNode(world, nodeId, caKey);
  const directory = join(world.place, nodeId);
  mkdirSync(directory);
  const config = {
    organisation: { code: 'H36', name: 'Ủy ban nhân dân tỉnh Lâm Đồng', place: 'Lâm Đồng' },
    node: nodeId,
    host: 'ca.lamdong.gov.vn',
    'hsm.module': '/nowhere/libpkcs11.so',
    token: 'node',
    ...databaseOf(await world.newDatabase()),
  };
  writeFileSync(join(directory, 'config.yaml'), await fillTemplate('subca.yaml', config));
  cpSync(join(TEMPLATES, 'profiles'), join(directory, 'profiles'), { recursive: true });
  const node = await SubCaNode.open(directory, SURROUNDINGS);
  const signers = { ca: keys.ca, journal: keys.journal, ocsp: softSigner() };
  node.signer = async (role) => signers[role];
  for (const [role, { algorithm, spki }] of Object.entries(signers)) {
    const key = {
      role,
      label: role,
      tokenLabel: 'node',
      tokenSerial: '1',
      algorithm: role === 'ca' && caKey ? caKey : 'p-256',
      signatureAlgorithm: algorithm,
      spki,
      ckaId: '01',
    };
    await node.store.transaction(async (tx) => {
      await announceKey(commonTables(tx), key);
      await recordKey(commonTables(tx), key, {});
    });
  }
  const rootCrl = await rootCrlOf(world);
  const bundle = encodeBundle({
    rootCertificate: world.certificate.der,
    rootCrl,
    trustStatement: world.trustStatement,
    grant: keys.envelope,
    caCertificate: keys.certificate.der,
  });
  const journal = new JournalWriter(node);
  await activate(node, journal, bundle, world.certificate.sha256);
  await republish(node);
  await publishCrl(node, journal);
  return { ...keys, node, writer: journal, tbsAt: (index) => leaf(keys, index), profile: PROFILE };
}

async function rootCrlOf({ signer }) {
  const tbs = x509.buildTbsCertList({
    signatureAlgorithm: signer.algorithm,
    issuer: x509.encodeName(ROOT_NAME),
    thisUpdate: new Date(Math.floor(Date.now() / 1000) * 1000),
    nextUpdate: new Date(Date.now() + 30 * DAY),
    entries: [],
    crlNumber: 1,
    authorityKeyId: x509.keyIdentifier(signer.spki),
  });
  return x509.assembleCrl(tbs, signer.algorithm, await signer.sign(tbs));
}

/**
 * Certificates of a node with a database, journalled as an issuance is: judged, in durable transactions of 500.
 * @param alike how many follow one another with one key and subject, and differ in serial number and signature alone
 * @returns how many octets they have in DER
 */
async function record({ ca, writer, tbsAt, profile }, count, alike = 1) {
  let octets = 0;
  for (let left = count; left > 0; left -= 500) {
    const some = Math.min(500, left);
    const size = await writer.submit({ needs: {}, run: (turn) => turn.size });
    let first;
    const made = await Promise.all(
      Array.from({ length: some }, async (_, at) => {
        const index = size + 2 * at;
        if (at % alike === 0) first = x509.readTbsCertificate(tbsAt(index), 'tbs');
        const serialNumber = serialNumberAt({ epoch: 1, index }, randomBytes(10));
        const tbs = at % alike === 0 ? first : x509.withSerialNumber(first, serialNumber);
        const signature = await ca.sign(tbs.der);
        octets += x509.assembleCertificate(tbs.der, ca.algorithm, signature).length;
        return { tbs, signature: signature.toString('base64') };
      }),
    );
    await writer.submit({
      needs: { spkiSha256s: made.map(({ tbs }) => tbs.publicKey.spkiSha256) },
      profiles: [profile],
      run: (turn) => {
        for (const { tbs, signature } of made) {
          const intent = turn.append(intentOf(turn.size, tbs.der, profile), { tbs });
          turn.append({ type: 'issued', intent, signature }, { signatureValid: true });
        }
      },
    });
  }
  return octets;
}

/** Gives the registry what the node has journalled, as the rows that both have alike, and the node the receipt for it. */
async function copyToRegistry({ root, registrySigner }, { node, origin }) {
  const { id, state } = await readJournal(node.read, origin);
  const size = state.size;
  const { rootHash: hash, ...journal } = await node.read
    .selectFrom('journals')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const to = (await readJournal(root.read, origin)).id;
  const copy = async (table, order) => {
    for (let offset = 0, full = true; full; offset += COPIED) {
      const rows = await node.read
        .selectFrom(table)
        .selectAll()
        .where('journal', '=', id)
        .where(order, '>=', offset)
        .where(order, '<', offset + COPIED)
        .execute();
      await root.store.transaction(async (tx) => {
        for (const some of inChunks(rows))
          await tx
            .insertInto(table)
            .values(some.map((row) => ({ ...row, journal: to })))
            .execute();
      });
      full = offset + COPIED < size;
    }
  };
  await copy('entries', 'idx');
  await copy('treeNodes', 'idx');
  await copy('certificates', 'intentIndex');
  const counters = await node.read.selectFrom('quota').selectAll().where('journal', '=', id).execute();
  await root.store.transaction(async (tx) => {
    await tx
      .insertInto('quota')
      .values(counters.map((row) => ({ ...row, journal: to })))
      .execute();
    const head = { ...journal, rootHash: hash, id: to };
    await tx.updateTable('journals').set(head).where('id', '=', to).execute();
  });
  const time = new Date().toISOString();
  const receipt = payloadOf({ origin, size, rootHash: hash.toString('hex'), time, findings: 0 });
  const envelope = await sealEnvelope(RECEIPT_PAYLOAD_TYPE, receipt, [registrySigner]);
  await node.store.transaction((tx) =>
    tx.insertInto('receipts').values({ journal: id, size, time, envelope }).execute(),
  );
}

/** A node that only speaks: it makes entries and signs them, and keeps nothing but the head. */
class Speaker {
  head = EMPTY_TREE;

  constructor(keys) {
    this.keys = keys;
  }

  static async granted(world, nodeId, caKey) {
    return new Speaker(await grantNode(world, nodeId, caKey));
  }

  /** The next certificates as a submission; the first one opens the journal. */
  async next(count) {
    const { keys } = this;
    const { origin, nodeId, grant, grantSha256, ca } = keys;
    const time = new Date().toISOString();
    const entries = [];
    const certificates = [];
    const put = ({ type, ...rest }) => entries.push(encodeEntry({ type, time, ...rest }));
    if (this.head.size === 0) {
      const { caSpkiSha256 } = grant.keys;
      put({ type: 'open', node: nodeId, epoch: 1, caSpkiSha256, grantSha256 });
      put({ type: 'grant', grantId: grant.grantId, version: 1, sha256: grantSha256 });
    }
    for (let made = 0; made < count; made += 1) {
      const index = this.head.size + entries.length;
      const tbs = leaf(keys, index);
      const signature = ca.signNow(tbs);
      put(intentOf(index, tbs));
      put({ type: 'issued', intent: index, signature: signature.toString('base64') });
      certificates.push({ tbs, signature, der: x509.assembleCertificate(tbs, ca.algorithm, signature) });
    }
    const base = this.head;
    this.head = appendLeaves(base, entries.map(leafHash)).head;
    const name = { name: origin, signer: keys.journal };
    const signed = (head) => signCheckpoint({ origin, size: head.size, rootHash: rootHash(head) }, name);
    const status = {
      origin,
      size: this.head.size,
      trustVersion: 1,
      grantVersion: 1,
      lastDirective: 0,
      crl: { number: 0, nextUpdate: null },
      rootCrlSha256: null,
      clock: new Date().toISOString(),
      software: 'bench',
    };
    const submission = {
      base: await signed(base),
      checkpoint: await signed(this.head),
      entries,
      status: await sealEnvelope(STATUS_PAYLOAD_TYPE, payloadOf(status), [keys.journal]),
    };
    return { bytes: encodeSubmission(submission), certificates };
  }
}

module.exports = { ALIKE, copyToRegistry, grantNode, makeRoot, makeNode, record, Speaker, tlsOf };
