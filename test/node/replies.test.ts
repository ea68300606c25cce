/** Replies of the root: what is new is taken once; what comes again, or late, changes nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocuments } from '../../src/db';
import { DelegationError, payloadOf } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import { EMPTY_TREE, rootHash } from '../../src/journal';
import { readJournal } from '../../src/ledger';
import { acceptReply, Issuer, NodeError, PUBLISHED, verifyNode } from '../../src/node';
import { sha256Hex } from '../../src/signer';
import { RECEIPT_PAYLOAD_TYPE, type Receipt, type Reply } from '../../src/sync';
import { assembleCrl, buildTbsCertList, encodeName, keyIdentifier } from '../../src/x509';
import { NOW, sealGrant, sealTrust, trustOf } from '../support/delegationFixture';
import { holdings } from '../support/holdings';
import { expectCode } from '../support/matchers';
import { ROOT_NAME } from '../support/softCa';
import { SoftNode } from '../support/softNode';

let soft: SoftNode;

beforeEach(async () => {
  soft = await SoftNode.activated();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

/** A reply to the journal as it stands, with the given documents. */
async function reply(documents: Partial<Reply> = {}, told: Partial<Receipt> = {}): Promise<Reply> {
  const { origin } = await soft.node.delegation();
  const { head, state } = await readJournal(soft.node.read, origin);
  const receipt: Receipt = {
    origin,
    size: state.size,
    rootHash: rootHash(head).toString('hex'),
    time: soft.now.toISOString(),
    findings: 0,
    ...told,
  };
  const envelope = await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), [soft.world.registry]);
  return { receipt: envelope, trustStatements: [], grants: [], directives: [], ...documents };
}

async function rootCrl(crlNumber: number): Promise<Buffer> {
  const { signer } = soft.world.root;
  const tbs = buildTbsCertList({
    signatureAlgorithm: signer.algorithm,
    issuer: encodeName(ROOT_NAME),
    thisUpdate: NOW,
    nextUpdate: new Date(NOW.getTime() + 86_400_000),
    entries: [],
    crlNumber,
    authorityKeyId: keyIdentifier(signer.spki),
  });
  return assembleCrl(tbs, signer.algorithm, await signer.sign(tbs));
}

const nextTrust = (): Promise<Buffer> => {
  const changes = { version: 2, previous: soft.world.trust.sha256 };
  return sealTrust(soft.world, trustOf(soft.world, changes));
};

async function nextGrant(): Promise<Buffer> {
  const { grant } = await soft.node.delegation();
  return sealGrant(soft.world, { ...grant.value, version: 2, previous: grant.sha256 });
}

const held = (): ReturnType<typeof holdings> => holdings(soft.directory, 'subca.db');
const take = (one: Reply): ReturnType<typeof acceptReply> => acceptReply(soft.node, soft.journal, one);

test('a new trust statement, grant and root CRL are taken, journalled and published; a second time changes nothing', async () => {
  const crl = await rootCrl(8);
  const full = await reply({
    trustStatements: [await nextTrust()],
    grants: [await nextGrant()],
    rootCrl: crl,
  });
  await take(full);
  const { trust, grant, origin } = await soft.node.delegation();
  expect([trust.value.version, grant.value.version]).toEqual([2, 2]);
  expect((await readJournal(soft.node.read, origin)).state.grantVersion).toBe(2);
  expect(readFileSync(join(soft.directory, 'published', PUBLISHED.rootCrl))).toEqual(crl);
  await verifyNode(soft.node);

  const before = await held();
  await take(full);
  expect(await held()).toEqual(before);
});

test('a root that refuses the opening of the new journal stops the node', async () => {
  await soft.rollOver();
  const problem = { code: 'seal', reason: 'r' } as const;
  const refused = await reply({}, { size: 0, rootHash: rootHash(EMPTY_TREE).toString('hex'), problem });
  await expectCode(take(refused), NodeError, 'SEAL_REFUSED');
  await expectCode(Issuer.open(soft.node, soft.journal), NodeError, 'QUARANTINED');
});

test('an older root CRL, out of an old reply, does not come back', async () => {
  await take(await reply({ rootCrl: await rootCrl(9) }));
  const before = await held();
  soft.now = new Date(NOW.getTime() + 1000);
  await take({ ...(await reply()), rootCrl: await rootCrl(8) });
  expect((await readDocuments(soft.node.read, 'root-crl')).map(({ version }) => version)).toEqual([9]);
  expect((await held())['published/root.crl']).toBe(before['published/root.crl']);
});

test('a root CRL that the root did not sign is refused', async () => {
  const { signer } = soft.world.subCa;
  const tbs = buildTbsCertList({
    signatureAlgorithm: signer.algorithm,
    issuer: encodeName(ROOT_NAME),
    thisUpdate: NOW,
    nextUpdate: new Date(NOW.getTime() + 86_400_000),
    entries: [],
    crlNumber: 9,
    authorityKeyId: keyIdentifier(signer.spki),
  });
  const forged = assembleCrl(tbs, signer.algorithm, await signer.sign(tbs));
  await expectCode(take(await reply({ rootCrl: forged })), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
  await verifyNode(soft.node);
});

test('a grant that was stored just before a crash is journalled with the next reply', async () => {
  const envelope = await nextGrant();
  const payload = Buffer.from(
    (JSON.parse(envelope.toString('utf8')) as { payload: string }).payload,
    'base64',
  );
  await soft.node.store.transaction((tx) =>
    tx
      .insertInto('documents')
      .values({
        kind: 'grant',
        subject: '',
        version: 2,
        sha256: sha256Hex(payload),
        bytes: envelope,
        time: NOW.toISOString(),
      })
      .execute(),
  );
  const again = await soft.open();
  await acceptReply(again.node, again.journal, await reply());
  const { origin } = await again.node.delegation();
  expect((await readJournal(again.node.read, origin)).state.grantVersion).toBe(2);
});
