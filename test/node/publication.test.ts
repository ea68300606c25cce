/** Publication after a crash: what was decided reaches those who fetch the CRL, and an old database undoes nothing. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  crlIsDue,
  Issuer,
  NodeError,
  publishCrl,
  PUBLISHED,
  republish,
  resume,
  revoke,
  suspend,
  verifyNode,
} from '../../src/node';
import { sha256Hex } from '../../src/signer';
import { assembleCrl, buildTbsCertList, keyIdentifier, readCrl, type CrlEntry } from '../../src/x509';
import { NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

let soft: SoftNode;
let serialNumber: string;

beforeEach(async () => {
  soft = await SoftNode.activated();
  const issuer = await Issuer.open(soft.node, soft.journal);
  const subject = [
    { type: 'CN', value: 'Nguyễn Thị Ánh' },
    { type: 'E', value: 'anh@lamdong.gov.vn' },
  ] as const;
  const plan = issuer.plan('individual', { service: 'issue', request: await soft.request(), subject });
  ({ serialNumber } = await issuer.issue(plan));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

const file = (): string => join(soft.directory, 'published', PUBLISHED.crl);
const published = (): ReturnType<typeof readCrl> => readCrl(readFileSync(file()), 'CRL');
const by = { kind: 'local', request: 'r-1' } as const;
const isDue = async (): Promise<boolean> => crlIsDue((await soft.open()).node);

describe('a CRL is due', () => {
  test('not while the last one tells all', async () => {
    expect(await isDue()).toBe(false);
    await revoke(soft.journal, { serialNumber, by, reason: 'keyCompromise' });
    await publishCrl(soft.node, soft.journal);
    expect(await isDue()).toBe(false);
  });

  test('when it is as old as the grant allows', async () => {
    soft.now = new Date(NOW.getTime() + 12 * 3_600_000 - 1);
    expect(await isDue()).toBe(false);
    soft.now = new Date(NOW.getTime() + 12 * 3_600_000);
    expect(await isDue()).toBe(true);
  });

  test('when a revocation’s process died before it published', async () => {
    await revoke(soft.journal, { serialNumber, by, reason: 'keyCompromise' });
    expect(published().entries).toEqual([]);
    expect(await isDue()).toBe(true);
  });

  test('when the end of a suspension was not published', async () => {
    await suspend(soft.journal, { serialNumber, by });
    await publishCrl(soft.node, soft.journal);
    await resume(soft.journal, { serialNumber, by });
    expect(await isDue()).toBe(true);
    await publishCrl(soft.node, soft.journal);
    expect(await isDue()).toBe(false);
  });

  test('when a suspended certificate was revoked for good', async () => {
    await suspend(soft.journal, { serialNumber, by });
    await publishCrl(soft.node, soft.journal);
    await revoke(soft.journal, { serialNumber, by, reason: 'keyCompromise' });
    expect(await isDue()).toBe(true);
  });

  test('when a certificate was revoked while the last one was being signed', async () => {
    const { signer } = soft.world.subCa;
    const sign = jest.spyOn(signer, 'sign');
    sign.mockImplementationOnce(async (message) => {
      sign.mockRestore();
      await revoke(soft.journal, { serialNumber, by, reason: 'keyCompromise' });
      return signer.sign(message);
    });
    expect(await publishCrl(soft.node, soft.journal)).toMatchObject({ entries: 0 });
    expect(await isDue()).toBe(true);
    expect(await publishCrl(soft.node, soft.journal)).toMatchObject({ entries: 1 });
    expect(await isDue()).toBe(false);
  });

  test.each(['older', 'gone', 'cut short'])('when the published file is %s', async (what) => {
    const old = readFileSync(file());
    await publishCrl(soft.node, soft.journal);
    if (what === 'gone') rmSync(file());
    else writeFileSync(file(), what === 'older' ? old : old.subarray(0, 40));
    expect(await isDue()).toBe(true);
  });

  test('not when the published file is newer than the database: that is an old copy', async () => {
    const { number } = await publishCrl(soft.node, soft.journal);
    await soft.node.store.transaction((tx) => tx.deleteFrom('crls').where('number', '=', number).execute());
    expect(await isDue()).toBe(false);
  });
});

test('a certificate that is revoked while on hold is so since the hold, and one that was resumed is not', async () => {
  const dateIn = async (): Promise<string | undefined> => {
    await publishCrl(soft.node, soft.journal);
    return published().entries[0]?.revocationDate.toISOString();
  };
  const at = (hours: number): Date => (soft.now = new Date(NOW.getTime() + hours * 3_600_000));
  at(1);
  await suspend(soft.journal, { serialNumber, by });
  expect(await dateIn()).toBe(soft.now.toISOString());
  at(2);
  await resume(soft.journal, { serialNumber, by });
  expect(await dateIn()).toBeUndefined();
  const held = at(3).toISOString();
  await suspend(soft.journal, { serialNumber, by });
  at(4);
  await revoke(soft.journal, { serialNumber, by, reason: 'cessationOfOperation' });
  expect(await dateIn()).toBe(held);
  expect(published().entries).toMatchObject([{ reason: 'cessationOfOperation' }]);
  await verifyNode(soft.node);
});

test('a certificate that has ended stays on the CRL, which says that none is left out', async () => {
  await revoke(soft.journal, { serialNumber, by, reason: 'keyCompromise' });
  const { caCertificate } = await soft.node.delegation();
  soft.now = new Date(caCertificate.tbs.notAfter.getTime() - 1000);
  await publishCrl(soft.node, soft.journal);
  expect(published()).toMatchObject({
    entries: [{ serialNumber }],
    expiredSince: caCertificate.tbs.notBefore,
  });
});

test('a CRL that read the journal before another was published does not follow it', async () => {
  const slow = await soft.open();
  await slow.node.delegation();
  const snapshot = slow.node.store.snapshot.bind(slow.node.store);
  jest.spyOn(slow.node.store, 'snapshot').mockImplementationOnce(async (read) => {
    const before = await snapshot(read);
    // While this process stands still, another revokes and publishes; the clock then gives it the higher number.
    await revoke(soft.journal, { serialNumber, by, reason: 'keyCompromise' });
    await publishCrl(soft.node, soft.journal);
    soft.now = new Date(NOW.getTime() + 5000);
    return before;
  });
  expect(await publishCrl(slow.node, slow.journal)).toMatchObject({ entries: 1 });
  expect(published().entries).toHaveLength(1);
  await verifyNode(soft.node);
});

test('processes that publish at once leave the newest CRL in its place, with what each of them has revoked', async () => {
  const nodes = [soft, await soft.open(), await soft.open(), await soft.open()];
  const numbers = await Promise.all(
    nodes.map(async ({ node, journal }) => (await publishCrl(node, journal)).number),
  );
  // All in one second, which has given its number to the first CRL of the journal.
  const second = NOW.getTime() / 1000;
  expect([...numbers].sort()).toEqual([1, 2, 3, 4].map((further) => second + further));
  expect(published().crlNumber).toBe(BigInt(second + 4));
  await verifyNode(soft.node);
});

test('a process that is late with its file does not put an old CRL over a new one', async () => {
  const { node, journal } = await soft.open();
  const read = jest.spyOn(node.store, 'transaction');
  // Between this one's commit and its file, another publishes.
  read.mockImplementationOnce(async (work) => {
    read.mockRestore();
    const result = await node.store.transaction(work);
    await publishCrl(soft.node, soft.journal);
    return result;
  });
  const { number } = await publishCrl(node, journal);
  expect(published().crlNumber).toBe(BigInt(number + 1));
  await verifyNode(node);
});

describe('a CRL that lists what it must and tells something else of it', () => {
  const since = new Date(NOW.getTime() - 7_200_000);
  const reason = 'keyCompromise';
  const dates = { revocationDate: NOW, invalidityDate: since };

  test.each<[string, Omit<CrlEntry, 'serialNumber'>]>([
    ['the first of two reasons', { ...dates, reason: 'superseded' }],
    ['no reason', dates],
    ['a later date', { ...dates, revocationDate: new Date(NOW.getTime() + 3_600_000), reason }],
    ['another date of exposure', { ...dates, invalidityDate: NOW, reason }],
    ['no date of exposure', { revocationDate: NOW, reason }],
  ])('is found: %s', async (_, told) => {
    await revoke(soft.journal, { serialNumber, by, reason: 'superseded' });
    soft.now = new Date(NOW.getTime() + 3_600_000);
    await revoke(soft.journal, { serialNumber, by, reason, invalidityDate: since });
    await publishCrl(soft.node, soft.journal);
    await publish({ ...dates, reason, serialNumber });
    await verifyNode(soft.node);
    await publish({ ...told, serialNumber });
    const error = await expectCode(verifyNode(soft.node), NodeError, 'PUBLISHED_DIFFERS');
    expect(error.message).toContain(serialNumber);
    expect(error.inLang('vi')).toContain(`không ghi đúng như nhật ký về chứng thư ${serialNumber}`);
  });

  /** As a program would that goes by something else than the journal. */
  async function publish(entry: CrlEntry): Promise<void> {
    const old = published();
    const { caCertificate } = await soft.node.delegation();
    const { signer } = soft.world.subCa;
    const number = Number(old.crlNumber) + 1;
    const thisUpdate = new Date(old.thisUpdate.getTime() + 1000);
    const tbs = buildTbsCertList({
      signatureAlgorithm: signer.algorithm,
      issuer: old.issuerDer,
      thisUpdate,
      nextUpdate: old.nextUpdate,
      entries: [entry],
      crlNumber: number,
      authorityKeyId: keyIdentifier(caCertificate.tbs.publicKey.spki),
    });
    const der = assembleCrl(tbs, signer.algorithm, await signer.sign(tbs));
    await soft.journal.submit({
      needs: {},
      run: (turn) => {
        const idx = turn.append({
          type: 'crl',
          number,
          kind: 'full',
          covers: turn.size,
          thisUpdate: thisUpdate.toISOString(),
          nextUpdate: old.nextUpdate.toISOString(),
          sha256: sha256Hex(der),
        });
        turn.keepCrl(number, idx, der);
      },
    });
    await republish(soft.node);
  }
});

describe('a check while another process publishes', () => {
  test('waits for the new file', async () => {
    const old = readFileSync(file());
    const { der } = await publishCrl(soft.node, soft.journal);
    writeFileSync(file(), old);
    const verified = verifyNode(soft.node);
    await sleep(250);
    writeFileSync(file(), der);
    expect(await verified).toMatchObject({ crls: 2 });
  });

  test('does not wait for ever', async () => {
    const old = readFileSync(file());
    await publishCrl(soft.node, soft.journal);
    writeFileSync(file(), old);
    await expectCode(verifyNode(soft.node), NodeError, 'PUBLISHED_DIFFERS');
  });
});
