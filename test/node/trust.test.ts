/** Trust statements at a node over the years: taken one by one, and what was accepted under an earlier one stays so. */
import { activate, acceptReply, verifyNode } from '../../src/node';
import { DelegationError, payloadOf, type TrustStatement } from '../../src/delegation';
import { EnvelopeError, sealEnvelope } from '../../src/envelope';
import { rootHash } from '../../src/journal';
import { readJournal } from '../../src/ledger';
import { newestReceipt } from '../../src/node/syncClient';
import { sha256Hex, type Signer } from '../../src/signer';
import { RECEIPT_PAYLOAD_TYPE, type Receipt, type Reply } from '../../src/sync';
import { bundleOf, DAY, NOW, sealGrant, sealTrust, trustOf } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

const chi = softSigner('p-256');
const nextRegistry = softSigner('p-256');
const text = (signer: Signer): string => signer.spki.toString('base64');

let soft: SoftNode;
beforeEach(async () => {
  soft = await SoftNode.activated();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

/** Statements that follow the fixture's, each changing what it says and keeping what those before it changed. */
async function following(...changes: readonly Partial<TrustStatement>[]): Promise<readonly Buffer[]> {
  const envelopes: Buffer[] = [];
  let value = soft.world.trust.value;
  let previous = soft.world.trust.sha256;
  for (const change of changes) {
    value = trustOf(soft.world, { ...value, version: value.version + 1, previous, ...change });
    previous = sha256Hex(payloadOf(value));
    envelopes.push(await sealTrust(soft.world, value));
  }
  return envelopes;
}

/** `binh` has left, `chi` has come. */
const newOperators = (): Partial<TrustStatement> => ({
  operators: [
    { name: 'an', spki: text(soft.world.operators.an) },
    { name: 'chi', spki: text(chi) },
  ],
});

async function reply(documents: Partial<Reply> = {}, registry: Signer = soft.world.registry): Promise<Reply> {
  const { origin } = await soft.node.delegation();
  const { head, state } = await readJournal(soft.node.read, origin);
  const receipt: Receipt = {
    origin,
    size: state.size,
    rootHash: rootHash(head).toString('hex'),
    time: soft.now.toISOString(),
    findings: 0,
  };
  const envelope = await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), [registry]);
  return { receipt: envelope, trustStatements: [], grants: [], directives: [], ...documents };
}

const take = (one: Reply): Promise<Receipt> => acceptReply(soft.node, soft.journal, one);
const version = async (): Promise<number> => (await soft.node.delegation()).trust.value.version;

async function nextGrant(...signers: readonly Signer[]): Promise<Buffer> {
  const { grant } = await soft.node.delegation();
  const { value } = grant;
  return sealGrant(soft.world, { ...value, version: value.version + 1, previous: grant.sha256 }, signers);
}

describe('a node that has missed versions', () => {
  test('takes them one by one, also those that have ended meanwhile', async () => {
    const ended = new Date(NOW.getTime() - DAY).toISOString();
    const trustStatements = await following(
      { validUntil: ended },
      { validUntil: ended },
      { validUntil: soft.world.trust.value.validUntil },
    );
    await take(await reply({ trustStatements }));
    expect(await version()).toBe(4);
    await verifyNode(soft.node);
  });

  test('refuses one that is left out, and one that has ended', async () => {
    const [, third] = await following({}, {});
    const skipped = await reply({ trustStatements: third === undefined ? [] : [third] });
    await expectCode(take(skipped), DelegationError, 'TRUST_SEQUENCE');
    const ended = await following({ validUntil: NOW.toISOString() });
    await expectCode(take(await reply({ trustStatements: ended })), DelegationError, 'TRUST_EXPIRED');
    expect(await version()).toBe(1);
  });
});

describe('another registry key', () => {
  test('comes with the first receipt it signs; what the old one signed stays verifiable', async () => {
    await take(await reply());
    const trustStatements = await following({
      registry: { ...soft.world.trust.value.registry, spki: text(nextRegistry) },
    });
    soft.now = new Date(NOW.getTime() + 1000);
    await take(await reply({ trustStatements }, nextRegistry));
    expect(await version()).toBe(2);
    await verifyNode(soft.node);
  });

  test('receipts under the old one are read, but no new one is taken', async () => {
    await take(await reply());
    const trustStatements = await following({
      registry: { ...soft.world.trust.value.registry, spki: text(nextRegistry) },
    });
    soft.now = new Date(NOW.getTime() + 1000);
    const late = await reply({ trustStatements });
    await expectCode(take(late), EnvelopeError, 'SIGNER_UNKNOWN');
    // The statement stands for itself.
    expect(await version()).toBe(2);
    const kept = await newestReceipt(soft.node, await soft.node.delegation());
    expect(kept?.time).toBe(NOW.toISOString());
  });

  test('a key that no statement names signs nothing', async () => {
    await expectCode(take(await reply({}, nextRegistry)), EnvelopeError, 'SIGNER_UNKNOWN');
  });
});

describe('a grant by operators of whom one has left', () => {
  test('stays in force where it was accepted before', async () => {
    const { an, binh } = soft.world.operators;
    await take(await reply({ grants: [await nextGrant(an, binh)] }));
    await take(await reply({ trustStatements: await following(newOperators()) }));
    expect((await soft.node.delegation()).grant.value.version).toBe(2);
    await take(await reply({ grants: [await nextGrant(an, chi)] }));
    expect((await soft.node.delegation()).grant.value.version).toBe(3);
    await verifyNode(soft.node);
  });

  test('is refused with a reply that also brings the statement, and after it', async () => {
    const { an, binh } = soft.world.operators;
    const grants = [await nextGrant(an, binh)];
    const trustStatements = await following(newOperators());
    await expectCode(take(await reply({ grants, trustStatements })), EnvelopeError, 'SIGNER_UNKNOWN');
    await expectCode(take(await reply({ grants })), EnvelopeError, 'SIGNER_UNKNOWN');
    expect((await soft.node.delegation()).grant.value.version).toBe(1);
  });

  test('is refused in a bundle with the statement under which it was signed', async () => {
    const { an, binh } = soft.world.operators;
    const late = await bundleOf(soft.world, { grant: await nextGrant(an, binh) });
    await take(await reply({ trustStatements: await following(newOperators()) }));
    const pinned = soft.world.root.certificate.sha256;
    await expectCode(activate(soft.node, soft.journal, late, pinned), EnvelopeError, 'SIGNER_UNKNOWN');
    expect((await soft.node.delegation()).grant.value.version).toBe(1);
  });
});

test('a bundle brings the next statement with a grant under it', async () => {
  const [trustStatement] = await following(newOperators());
  if (trustStatement === undefined) throw new Error('no statement');
  const grant = await nextGrant(soft.world.operators.an, chi);
  const bundle = await bundleOf(soft.world, { trustStatement, grant });
  await activate(soft.node, soft.journal, bundle, soft.world.root.certificate.sha256);
  const { trust, grant: taken } = await soft.node.delegation();
  expect([trust.value.version, taken.value.version]).toEqual([2, 2]);
});

test('nothing new is granted under a statement that has ended; receipts go on', async () => {
  const { an, binh } = soft.world.operators;
  soft.now = new Date(Date.parse(soft.world.trust.value.validUntil));
  const grants = [await nextGrant(an, binh)];
  await expectCode(take(await reply({ grants })), DelegationError, 'TRUST_EXPIRED');
  expect((await take(await reply())).findings).toBe(0);
});
