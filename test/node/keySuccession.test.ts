/** Taking the next CA key while other processes work with the old one, and what the old one does until it falls silent. */
import { commonTables, readKey } from '../../src/db';
import { setTimeout as sleep } from 'node:timers/promises';
import { DelegationError } from '../../src/delegation';
import { LedgerError, tryDecodeEntry } from '../../src/ledger';
import {
  activate,
  crlIsDue,
  ensureResponderCertificate,
  Issuer,
  NodeError,
  OcspResponder,
  publishCrls,
  publishDueCrls,
  republish,
  revoke,
  rolloverStatus,
  suspend,
  publishedFiles,
  verifyNode,
  viewCertificate,
  type IssuedCertificate,
} from '../../src/node';
import { readCertificate, readCrl } from '../../src/x509';
import { DAY, NOW, rootCrlOf, sealTrust, trustOf } from '../support/delegationFixture';
import { holdings } from '../support/holdings';
import { expectCode } from '../support/matchers';
import { ocspRequestFor } from '../support/ocspRequest';
import { softRootNamed, SUB_CA_NAME } from '../support/softCa';
import { SoftNode, type OpenNode } from '../support/softNode';

let soft: SoftNode;

beforeEach(async () => {
  soft = await SoftNode.activated();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

const OLD = 1;

async function issue(issuer: Issuer, name: string): Promise<IssuedCertificate> {
  const subject = [
    { type: 'CN', value: name },
    { type: 'E', value: 'anh@lamdong.gov.vn' },
  ] as const;
  return issuer.issue(
    issuer.plan('individual', { service: 'issue', request: await soft.request(), subject }),
  );
}

const issueIn = async ({ node, journal }: OpenNode, name: string): Promise<IssuedCertificate> =>
  issue(await Issuer.open(node, journal), name);

/** Types of a journal's entries from an index on. */
async function entryTypes(epoch: number, from = 0): Promise<readonly (string | undefined)[]> {
  const rows = await soft.node.store.read
    .selectFrom('entries')
    .innerJoin('journals', 'journals.id', 'entries.journal')
    .select('bytes')
    .where('origin', 'like', `%/e${String(epoch)}`)
    .where('idx', '>=', from)
    .orderBy('idx')
    .execute();
  return rows.map(({ bytes }) => tryDecodeEntry(bytes)?.type);
}

test('the next key may have its certificate from an external root that the next trust statement names', async () => {
  const { world, node } = soft;
  const name = [{ type: 'CN', value: 'CA gốc ở hệ thống khác' }] as const;
  const root = await softRootNamed(name, 'p-256');
  const trust = trustOf(world, {
    version: 2,
    previous: world.trust.sha256,
    externalRoots: [root.certificate.der.toString('base64')],
  });
  const externalRootCrl = await rootCrlOf(world, { issuer: name, signer: root.signer });
  const parts = { trustStatement: await sealTrust(world, trust), externalRootCrl };
  const { bundle, fingerprint } = await soft.nextBundle({ root, parts });
  const before = await publishedFiles(node);
  await activate(node, soft.journal, bundle, fingerprint);
  await republish(node);
  await publishCrls(node, soft.journal);
  const { generations } = await node.delegation();
  expect(generations.map(({ issuer }) => issuer.sha256)).toEqual([
    world.root.certificate.sha256,
    root.certificate.sha256,
  ]);
  const added = [...(await publishedFiles(node))].filter((file) => !before.has(file) && /issuer/.test(file));
  expect(added).toEqual(['issuer-e2.crt', 'issuer-e2.pem', 'issuer-e2.crl']);
  const { serialNumber } = await issueIn(soft, 'Dưới CA gốc bên ngoài');
  const { issuers } = await viewCertificate(node, serialNumber);
  expect(issuers.at(-1)?.sha256).toBe(root.certificate.sha256);
  await verifyNode(node);

  // The CRL of the external root is re-checked with everything else.
  await node.store.transaction((tx) =>
    tx.deleteFrom('documents').where('kind', '=', 'external-crl').execute(),
  );
  await expectCode(verifyNode(node), LedgerError, 'DOCUMENT_DAMAGED');
});

const sealedAt = async (): Promise<number> =>
  (await soft.node.delegation()).generations[0]?.authority.sealedAt ?? -1;

describe('beside another process', () => {
  test('one that was opened before issues nothing with the old key, and everything with the new after a new start', async () => {
    const other = await soft.open();
    const issuer = await Issuer.open(other.node, other.journal);
    expect((await issue(issuer, 'Trước')).serialNumber).toMatch(/^01/);
    await soft.rollOver();
    await expectCode(issue(issuer, 'Sau'), NodeError, 'CA_KEY_SUCCEEDED');
    expect(await entryTypes(OLD, await sealedAt())).toEqual([]);
    expect((await issueIn(other, 'Sau')).serialNumber).toMatch(/^02/);
  });

  test('what it had begun is abandoned with the seal, is never released, and is on the next CRL', async () => {
    const other = await soft.open();
    const signer = soft.signerOf('ca');
    let sign: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (sign = resolve));
    jest.spyOn(other.node, 'signer').mockImplementation((role) => {
      const own = soft.signerOf(role);
      if (own !== signer) return Promise.resolve(own);
      return Promise.resolve({
        ...own,
        sign: async (message) => {
          await held;
          return own.sign(message);
        },
      });
    });
    const begun = issueIn(other, 'Dở dang');
    while ((await verifyNode(soft.node)).pending === 0) await sleep(1);
    await soft.rollOver();
    sign?.();
    await expectCode(begun, NodeError, 'CA_KEY_SUCCEEDED');
    expect(await verifyNode(soft.node)).toMatchObject({ pending: 0, abandoned: 1 });
    expect((await entryTypes(OLD)).at((await sealedAt()) - 1)).toBe('abandoned');
    const [old] = await publishCrls(soft.node, soft.journal);
    expect(old && readCrl(old.der, 'CRL').entries).toHaveLength(1);
    await verifyNode(soft.node);
  });

  test('one that was opened before revokes under each key, and publishes its CRL', async () => {
    const { serialNumber: first } = await issueIn(soft, 'Một');
    const other = await soft.open();
    await other.node.delegation();
    await soft.rollOver();
    const { serialNumber: second } = await issueIn(soft, 'Hai');
    for (const serialNumber of [first, second]) {
      const by = { kind: 'local', request: 'r' } as const;
      const reason = 'superseded';
      expect(await revoke(other.journal, { serialNumber, by, reason })).toMatchObject({ status: 'revoked' });
    }
    const crls = await publishCrls(other.node, other.journal);
    expect(crls.map(({ epoch, entries }) => [epoch, entries])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await entryTypes(OLD, await sealedAt())).toEqual(['revoked', 'crl']);
    await republish(soft.node);
    expect(await verifyNode(soft.node)).toMatchObject({ revoked: 2 });
  });

  test('a seal that breaks off leaves the node as it was', async () => {
    const before = await holdings(soft.directory, 'subca.db');
    const { bundle, fingerprint } = await soft.nextBundle();
    const withKey = await holdings(soft.directory, 'subca.db');
    expect(withKey).not.toEqual(before);
    const { store } = soft.node;
    const transaction = store.transaction.bind(store);
    // The first keeps the CRLs of the bundle, which are those that are held already.
    jest
      .spyOn(store, 'transaction')
      .mockImplementationOnce(transaction)
      .mockImplementation((work) =>
        transaction(async (tx) => {
          await work(tx);
          throw new Error('power cut');
        }),
      );
    await expect(activate(soft.node, soft.journal, bundle, fingerprint)).rejects.toThrow('power cut');
    jest.restoreAllMocks();
    expect(await holdings(soft.directory, 'subca.db')).toEqual(withKey);
    expect((await soft.node.delegation()).epoch).toBe(1);
  });
});

describe('what is not taken', () => {
  test('a next certificate in the name of the one before', async () => {
    const { bundle, fingerprint } = await soft.nextBundle({ subject: SUB_CA_NAME });
    await expectCode(
      activate(soft.node, soft.journal, bundle, fingerprint),
      DelegationError,
      'CERTIFICATE_NOT_TRUSTED',
    );
  });

  test('a grant that goes back to the key before', async () => {
    await soft.rollOver();
    const { bundle, fingerprint } = await soft.bundleBack();
    await expectCode(
      activate(soft.node, soft.journal, bundle, fingerprint),
      DelegationError,
      'GRANT_FOR_OTHER_KEY',
    );
  });

  test('anything while the node is quarantined', async () => {
    const { bundle, fingerprint } = await soft.nextBundle();
    await soft.node.store.transaction(async (tx) => {
      const { id } = await tx.selectFrom('journals').select('id').executeTakeFirstOrThrow();
      const row = {
        journal: id,
        code: 'ROOT_FORK',
        reason: 'r',
        reasonVi: 'r',
        since: NOW.toISOString(),
        receiptTime: null,
      };
      await tx.insertInto('quarantine').values(row).execute();
    });
    await expectCode(activate(soft.node, soft.journal, bundle, fingerprint), NodeError, 'QUARANTINED');
    expect(await readKey(commonTables(soft.node.store.read), 'ca-e2')).toBeDefined();
  });
});

describe('the old key', () => {
  test('renews its OCSP certificate beyond the end of the grant and of its numbers, and signs nothing else', async () => {
    await soft.remove();
    // The grant ends after 365 days.
    soft = await SoftNode.activated({ total: 1 });
    await issueIn(soft, 'Một');
    await soft.rollOver();
    const [old] = (await soft.node.delegation()).generations;
    for (const days of [0, 300, 600]) {
      soft.now = new Date(NOW.getTime() + days * DAY);
      await ensureResponderCertificate(soft.node, soft.journal, old!);
    }
    const pair = ['intent', 'issued'];
    expect(await entryTypes(OLD, await sealedAt())).toEqual([...pair, ...pair, ...pair]);
    await publishDueCrls(soft.node, soft.journal);
    await republish(soft.node);
    await verifyNode(soft.node);
    const issuer = await Issuer.open(soft.node, soft.journal, 'subscribers', OLD);
    await expectCode(issue(issuer, 'Hai'), NodeError, 'CA_KEY_SUCCEEDED');
  });

  test('signs one last CRL when its last certificate has ended, and falls silent', async () => {
    const { serialNumber, der } = await issueIn(soft, 'Một');
    await soft.rollOver();
    const [old] = (await soft.node.delegation()).generations;
    const responder = await OcspResponder.open(soft.node, soft.journal);
    const ask = async (): Promise<string> =>
      (await responder.respond(ocspRequestFor(old!.caCertificate, serialNumber))).der.toString('hex');
    // RFC 6960: unauthorized (6), for want of a certificate in that CA's name.
    const unauthorized = '30030a0106';
    expect(await ask()).not.toBe(unauthorized);
    const end = readCertificate(der, 'certificate').tbs.notAfter;
    soft.now = new Date(end.getTime() - DAY);
    await publishDueCrls(soft.node, soft.journal);
    const closing = await rolloverStatus(soft.node);
    expect(closing.generations).toMatchObject([
      { epoch: 1, state: 'closing', lastNotAfter: end.toISOString() },
      { epoch: 2, state: 'issuing', lastNotAfter: null },
    ]);

    soft.now = new Date(end.getTime() + 1000);
    expect(await crlIsDue(soft.node, old)).toBe(true);
    await publishDueCrls(soft.node, soft.journal);
    const silent = (await rolloverStatus(soft.node)).generations[0];
    expect(silent).toMatchObject({ state: 'silent', crl: { nextUpdate: '9999-12-31T23:59:59.000Z' } });

    // Nothing follows, whoever asks and however late.
    const size = silent?.entries;
    soft.now = new Date(end.getTime() + 400 * DAY);
    await publishDueCrls(soft.node, soft.journal);
    expect((await publishCrls(soft.node, soft.journal)).map(({ epoch }) => epoch)).toEqual([2]);
    const by = { kind: 'local', request: 'r' } as const;
    await expectCode(suspend(soft.journal, { serialNumber, by }), NodeError, 'STATUS_CHANGE_REFUSED');
    expect(await ask()).toBe(unauthorized);
    expect((await rolloverStatus(soft.node)).generations[0]?.entries).toBe(size);
    await republish(soft.node);
    await verifyNode(soft.node);

    // Had it been made by a clock that was years ahead, it would not be the last.
    soft.now = new Date(end.getTime() - DAY);
    expect((await rolloverStatus(soft.node)).generations[0]).toMatchObject({ state: 'closing' });
    expect(await crlIsDue(soft.node, old)).toBe(true);
  });
});
