/**
 * The next CA key is lost and another comes in its place, at a root and a node with soft keys:
 *
 *   e1  in use ───────────────┬─ sealed
 *   e2  certified, then lost  │   (updates of the grant go to it meanwhile)
 *   e3                        └─ certified in its place, with what operators allowed last
 */
import { cpSync, rmSync } from 'node:fs';
import { activate, republish, synchronise, verifyNode, type Carrier } from '../../src/node';
import {
  draftUpdate,
  inspectCertificate,
  issueGrant,
  listFindings,
  listNodes,
  RootError,
  signUpdate,
  verifyRoot,
  type WantedEffect,
} from '../../src/root';
import { readNewestDocument } from '../../src/db';
import { readCrl } from '../../src/x509';
import { readGenerations } from '../../src/root/nodes';
import { NODE_ID, PERSON } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { issueSoft } from '../support/softCa';
import { SoftNode, type OpenNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

let soft: SoftNode;
let root: GrantingRoot;

beforeEach(async () => {
  soft = await SoftNode.activated();
  root = await GrantingRoot.of(soft);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await root.remove();
  await soft.remove();
});

async function draft(total: number, effect: WantedEffect = { atOnce: true }): Promise<void> {
  await draftUpdate(root.root, NODE_ID, { set: [['limits.quota.total', String(total)]] }, effect);
}

/** A version of the grant for the CA key that was certified last. */
async function update(total: number): Promise<void> {
  await draft(total);
  for (const operator of ['an', 'binh']) await signUpdate(root.root, NODE_ID, operator, undefined);
}

async function certify(): Promise<Buffer> {
  return (await issueGrant(root.root, await root.approve(await soft.applyWithNextKey()))).bundle;
}

async function take(bundle: Buffer): Promise<void> {
  await activate(soft.node, soft.journal, bundle, soft.world.root.certificate.sha256);
  await republish(soft.node);
}

async function revokedByRoot(): Promise<readonly string[]> {
  const crl = await readNewestDocument(root.root.read, 'root-crl');
  return readCrl(crl?.bytes ?? Buffer.alloc(0), 'CRL').entries.map(({ serialNumber }) => serialNumber);
}

test('what operators allowed last holds for the key in the place of the lost one', async () => {
  await draft(900, { withNextKey: true });
  await certify();
  await draft(800, { withNextKey: true });
  const { grant } = await issueGrant(root.root, await root.approve(await soft.applyWithNextKey()));
  expect(grant).toMatchObject({ version: 3, keys: { epoch: 3 }, limits: { quota: { total: 800 } } });
  await update(700);
  const bundle = await certify();
  await take(bundle);
  expect((await soft.node.delegation()).grant.value).toMatchObject({
    version: 5,
    previous: (await soft.node.delegation()).generations[0]?.grant.sha256,
    keys: { epoch: 4 },
    limits: { quota: { total: 700 } },
  });
  await update(600);
  await root.sync();
  expect((await soft.node.delegation()).grant.value).toMatchObject({ version: 6 });
  const [node] = await listNodes(root.root);
  expect(node?.generations.map(({ replaced }) => replaced)).toEqual([false, true, true, false]);
  expect(await revokedByRoot()).toHaveLength(2);
  expect(await listFindings(root.root)).toEqual([]);
  await verifyRoot(root.root);
  await verifyNode(soft.node);
});

test('a version signed for the lost key meanwhile makes the approved draft stale', async () => {
  await certify();
  const approved = await root.approve(await soft.applyWithNextKey());
  await update(700);
  await expectCode(() => issueGrant(root.root, approved), RootError, 'GRANT_NOT_CURRENT');
  expect(await revokedByRoot()).toEqual([]);
});

test('a certificate that the lost key signed is hidden: no sync will ever bring it', async () => {
  await certify();
  const [, lost] = await readGenerations(root.root, NODE_ID);
  const signer = soft.signerOf('ca-e2');
  const certificate = await issueSoft({
    issuer: lost!.authority.caCertificate.tbs.subject,
    signer,
    subject: PERSON,
    spki: softSigner('p-256').spki,
    extensions: [],
    serialNumber: `020000000002${'5a'.repeat(10)}`,
  });
  const inspected = async () => (await inspectCertificate(root.root, certificate)).verdict;
  expect(await inspected()).toBe('not-synced');
  await take(await certify());
  expect(await inspected()).toBe('hidden');
});

describe('a copy of the node from before, which knows of no other key', () => {
  let copied: string;
  let copy: OpenNode;
  let approved: string;

  /** It takes the lost key into use. */
  let open: () => Promise<unknown>;

  beforeEach(async () => {
    const lost = await certify();
    copied = `${soft.directory}-copy`;
    cpSync(soft.directory, copied, { recursive: true });
    copy = await soft.open(copied);
    approved = await root.approve(await soft.applyWithNextKey());
    open = () => activate(copy.node, copy.journal, lost, soft.world.root.certificate.sha256);
  });

  afterEach(async () => {
    await verifyRoot(root.root);
    rmSync(copied, { recursive: true });
  });

  test('opens it while the one in its place is certified: nothing is given up', async () => {
    const signer = await root.root.signer('root');
    jest.spyOn(root.root, 'signer').mockImplementationOnce(async () => {
      await open();
      await root.sync(copy);
      return signer;
    });
    await expectCode(() => issueGrant(root.root, approved), RootError, 'KEY_OPENED');
    expect(await revokedByRoot()).toEqual([]);
  });

  test('sends its journal while the one in its place is recorded: nothing of it is taken', async () => {
    await open();
    const { store } = root.root;
    const transaction = store.transaction.bind(store);
    const spy = jest.spyOn(store, 'transaction');
    const [, second] = (await copy.node.delegation()).generations;
    const carry: Carrier = async (submission, origin) => {
      if (origin === second?.origin)
        spy.mockImplementationOnce(async (work) => {
          await issueGrant(root.root, approved);
          return transaction(work);
        });
      return root.registry.receive(submission);
    };
    await expect(synchronise(copy.node, copy.journal, carry, { software: '0' })).rejects.toMatchObject({
      code: 'SUBMISSION_REFUSED',
    });
    const [node] = await listNodes(root.root);
    expect(node?.generations.map(({ entries, replaced }) => [entries > 0, replaced])).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});

test('a run that is cut off before its CRL is finished by the next', async () => {
  await certify();
  const approved = await root.approve(await soft.applyWithNextKey());
  const signer = await root.root.signer('root');
  jest
    .spyOn(root.root, 'signer')
    .mockImplementationOnce(() => Promise.resolve(signer))
    .mockImplementationOnce(() => Promise.reject(new Error('token pulled out')));
  await expect(issueGrant(root.root, approved)).rejects.toThrow('token pulled out');
  expect(await revokedByRoot()).toEqual([]);
  const { bundle } = await issueGrant(root.root, approved);
  expect(await revokedByRoot()).toHaveLength(1);
  await take(bundle);
});
