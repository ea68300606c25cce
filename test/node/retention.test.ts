/** Certificates whose time is over: announced in the journal, removed when the root has confirmed it, at both ends. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonTables, type CommonSchema, type Store } from '../../src/db';
import { decodeEntry } from '../../src/journal';
import { LedgerError, readEntries, readJournal, readRecords, removeCertificates } from '../../src/ledger';
import {
  Issuer,
  NodeError,
  planSuccession,
  prune,
  publishCrl,
  readRecord,
  revoke,
  verifyNode,
  viewCertificate,
} from '../../src/node';
import { newestCrl } from '../../src/node/lifetime';
import { quarantine } from '../../src/node/quarantine';
import { pruneCopies, verifyRoot } from '../../src/root';
import { readCrl } from '../../src/x509';
import { DAY, NODE_ID, ORIGIN } from '../support/delegationFixture';
import { ENGINES } from '../support/engines';
import { expectCode } from '../support/matchers';
import { RetentionFixture } from './retentionFixture';

let at: RetentionFixture;

describe.each(ENGINES)('on %s', (engine) => {
  beforeEach(async () => {
    at = await RetentionFixture.on(engine);
  });

  afterEach(() => at.remove());

  test('first announced, then confirmed, then gone from database, mirror and the root', async () => {
    await at.begin();
    expect(await prune(at.soft.node, at.soft.journal)).toMatchObject([
      { origin: ORIGIN, retentionYears: 2, removed: 0, announced: 0, waiting: 0 },
    ]);
    await at.timePasses();
    const before = await verifyNode(at.soft.node);
    const [first] = await prune(at.soft.node, at.soft.journal);
    expect(first).toMatchObject({ removed: 0, waiting: first?.announced });
    expect(first?.announced).toBeGreaterThan(0);
    // Unconfirmed, nothing goes, however often it is asked for.
    expect(await prune(at.soft.node, at.soft.journal)).toMatchObject([{ removed: 0, announced: 0 }]);
    expect(await pruneCopies(at.side.root)).toEqual([]);
    await viewCertificate(at.soft.node, at.issued[0]!);

    await at.sync();
    expect(await prune(at.soft.node, at.soft.journal)).toMatchObject([
      { removed: 3, announced: 0, waiting: 0 },
    ]);
    await expectCode(viewCertificate(at.soft.node, at.issued[0]!), LedgerError, 'CERTIFICATE_REMOVED');
    expect(await readRecord(at.soft.node, at.issued[1]!)).toMatchObject({ subject: '', status: 'revoked' });
    expect(at.namesIn(join(at.disk, 'subca'))).toBe(false);
    const held = await verifyNode(at.soft.node);
    expect(held).toMatchObject({ certificates: before.certificates, revoked: before.revoked });

    expect(await pruneCopies(at.side.root)).toEqual([{ node: NODE_ID, origin: ORIGIN, removed: 3, kept: 0 }]);
    expect(await pruneCopies(at.side.root)).toEqual([{ node: NODE_ID, origin: ORIGIN, removed: 0, kept: 0 }]);
    await at.bothEndsHold();
    await at.soft.node.close();
    await at.side.root.close();
    expect(at.namesIn(at.soft.directory)).toBe(false);
    expect(at.namesIn(at.side.directory)).toBe(false);
  });

  test('a clock that is years ahead removes nothing, at either end', async () => {
    await at.begin();
    const rootNow = at.soft.now;
    jest.spyOn(at.side.root, 'now').mockImplementation(() => rootNow);
    at.soft.now = new Date(rootNow.getTime() + 10 * 366 * DAY);
    await at.sync();
    for (let count = 0; count < 2; count += 1) {
      const [pruned] = await prune(at.soft.node, at.soft.journal);
      expect(pruned).toMatchObject({ asOf: rootNow.toISOString(), removed: 0, announced: 0, waiting: 0 });
      await at.sync();
    }
    expect(await pruneCopies(at.side.root)).toEqual([]);
    await viewCertificate(at.soft.node, at.issued[0]!);
  });

  test('before the root has seen the journal, nothing is announced', async () => {
    await at.soft.issue();
    at.soft.now = new Date(at.soft.now.getTime() + 10 * 366 * DAY);
    const [pruned] = await prune(at.soft.node, at.soft.journal);
    expect(pruned).toMatchObject({ retentionYears: 2, asOf: null, announced: 0 });
  });

  test('life goes on, and a revocation stays known', async () => {
    await at.begin();
    await at.pruneBoth();
    await at.sync();
    await publishCrl(at.soft.node, at.soft.journal);
    await at.sync();
    await at.bothEndsHold();
    const delegation = await at.soft.node.delegation();
    const crl = readCrl((await newestCrl(at.soft.node, delegation.generations[0]!))!, 'CRL');
    expect(crl.entries.map(({ serialNumber }) => serialNumber)).toEqual([at.issued[1]]);
  });

  test('that a key was exposed can be told once its certificate is gone, and is known at both ends', async () => {
    await at.begin();
    await at.pruneBoth();
    const [, serialNumber = ''] = at.issued;
    const by = { kind: 'local', request: '9' } as const;
    const toldAt = at.soft.now.toISOString();
    await revoke(at.soft.journal, { serialNumber, reason: 'keyCompromise', by });
    await publishCrl(at.soft.node, at.soft.journal);
    await at.sync();
    const record = await readRecord(at.soft.node, serialNumber);
    expect(record).toMatchObject({ subject: '', reason: 'superseded', exposureTime: toldAt });
    const { id } = await readJournal(at.side.root.read, ORIGIN);
    expect(await readRecords(at.side.root.read, id, 'serialNumber', [serialNumber])).toEqual([record]);
    await at.bothEndsHold();
  });

  test('cut off in the midst, at either end or at the mirror, the next run goes on', async () => {
    await at.begin();
    await at.timePasses();
    await prune(at.soft.node, at.soft.journal);
    await at.sync();
    for (const store of [at.soft.node.store, at.side.root.store]) {
      const stored = await readJournal(commonTables<CommonSchema>(store.read), ORIGIN);
      const half = Math.floor(stored.state.removedBefore / 2);
      await (store as Store<CommonSchema>).transaction((tx) => removeCertificates(tx, stored, 0, half));
    }
    const mirror = at.soft.node.mirror!.path(ORIGIN);
    cpSync(mirror, `${mirror}.new`);
    await verifyNode(at.soft.node);
    // The root has to have told its own journal before.
    await expect(verifyRoot(at.side.root)).rejects.toMatchObject({ category: 'integrity' });
    await prune(at.soft.node, at.soft.journal);
    await pruneCopies(at.side.root);
    await at.bothEndsHold();
    expect(at.namesIn(join(at.disk, 'subca'))).toBe(false);
  });

  test('what a run that was cut off has left in the files goes with the next', async () => {
    const { soft, side } = at;
    for (let count = 0; count < 20; count += 1) await soft.issue();
    await at.timePasses();
    await prune(soft.node, soft.journal);
    await at.sync();
    const full = new Error('the disk is full');
    for (const { store } of [soft.node, side.root]) jest.spyOn(store, 'reclaim').mockRejectedValueOnce(full);
    await expect(prune(soft.node, soft.journal)).rejects.toBe(full);
    await expect(pruneCopies(side.root)).rejects.toBe(full);
    await prune(soft.node, soft.journal);
    await pruneCopies(side.root);
    await soft.node.close();
    await side.root.close();
    expect([soft, side].map(({ directory }) => at.namesIn(directory))).toEqual([false, false]);
  });

  test('the mirror keeps what is announced, until the root has confirmed it', async () => {
    await at.soft.issue();
    at.soft.now = new Date(at.soft.now.getTime() + 100 * DAY);
    await at.sync();
    const { serialNumber } = await at.soft.issue();
    const { notAfter, intentIndex } = await readRecord(at.soft.node, serialNumber);
    at.soft.now = new Date(Date.parse(notAfter) + (2 * 366 - 100) * DAY);
    await at.sync();
    await prune(at.soft.node, at.soft.journal);
    await at.sync();
    expect(await prune(at.soft.node, at.soft.journal)).toMatchObject([{ removed: 1, announced: 0 }]);
    await at.timePasses();
    for (let count = 0; count < 2; count += 1) await prune(at.soft.node, at.soft.journal);
    const journal = await readJournal(at.soft.node.read, ORIGIN);
    const [entry] = await readEntries(at.soft.node.read, journal, intentIndex, intentIndex + 1);
    expect(journal.state.removedBefore).toBeGreaterThan(intentIndex);
    const mirror = at.soft.node.mirror!.path(ORIGIN);
    expect(readFileSync(mirror).includes(entry!.bytes)).toBe(true);
    // A new disk gets all that is whole, and the next run cuts it back.
    rmSync(mirror);
    await at.sync();
    await prune(at.soft.node, at.soft.journal);
    expect(at.namesIn(join(at.disk, 'subca'))).toBe(false);
    await at.bothEndsHold();
  });

  test('under the next CA key, what follows a removed certificate is judged as before', async () => {
    const profile = join(at.soft.directory, 'profiles', 'individual.yaml');
    const usual = readFileSync(profile, 'utf8');
    writeFileSync(profile, usual.replace(/newDays: \d+/, 'newDays: 300'));
    const { serialNumber: predecessor } = await at.soft.issue();
    writeFileSync(profile, usual);
    await at.sync();
    at.soft.now = new Date(at.soft.now.getTime() + 200 * DAY);
    await at.soft.rollOver();
    await at.side.meet();
    await at.sync();
    const issuer = await Issuer.open(at.soft.node, at.soft.journal);
    const by = { kind: 'local', request: '2' } as const;
    const planned = await planSuccession(at.soft.node, issuer, { service: 'renew', predecessor, by });
    const { serialNumber } = planned.existing ?? (await issuer.issue(planned.plan));
    const { notAfter } = await readRecord(at.soft.node, serialNumber);
    await at.sync();
    // The predecessor's time is over, the successor's is not.
    at.soft.now = new Date(
      Date.parse((await readRecord(at.soft.node, predecessor)).notAfter) + 2 * 366 * DAY,
    );
    expect(Date.parse(notAfter) + 2 * 365 * DAY).toBeGreaterThan(at.soft.now.getTime());
    await at.sync();
    await prune(at.soft.node, at.soft.journal);
    await at.sync();
    expect(await prune(at.soft.node, at.soft.journal)).toMatchObject([{ removed: 1 }, { removed: 0 }]);
    await pruneCopies(at.side.root);
    expect(await readRecord(at.soft.node, serialNumber)).toMatchObject({ predecessor, renewals: 1 });
    await at.bothEndsHold();
  });

  test('a node in quarantine removes nothing', async () => {
    const { id } = await readJournal(at.soft.node.read, ORIGIN);
    await quarantine(at.soft.node, id, new NodeError('NO_MIRROR', {}), null);
    await expectCode(prune(at.soft.node, at.soft.journal), NodeError, 'QUARANTINED');
  });

  test('at the root, the certificate of an entry with a finding stays whole', async () => {
    await at.begin();
    const journal = await readJournal(at.side.root.read, ORIGIN);
    const index = (await readEntries(at.side.root.read, journal, 0, journal.state.size))
      .map(({ bytes }) => decodeEntry(bytes))
      .findIndex(({ type }) => type === 'issued');
    await at.side.root.store.transaction((tx) =>
      tx
        .insertInto('findings')
        .values({
          journal: journal.id,
          entryIndex: index,
          code: 'KEY_COMPROMISED',
          problems: '[]',
          openedAt: '',
        })
        .execute(),
    );
    await at.pruneBoth();
    expect(await pruneCopies(at.side.root)).toMatchObject([{ removed: 0, kept: 1 }]);
    const rows = await at.side.root.read
      .selectFrom('certificates')
      .select('serialNumber')
      .where('subject', '!=', '')
      .execute();
    expect(rows).toEqual([{ serialNumber: at.issued[0] }]);
  });

  test('removal is what the root’s own journal tells, no less', async () => {
    await at.begin();
    await at.pruneBoth();
    await verifyRoot(at.side.root);
    await at.side.root.store.transaction((tx) => tx.updateTable('nodes').set({ removedBefore: 1 }).execute());
    await expect(verifyRoot(at.side.root)).rejects.toMatchObject({ category: 'integrity' });
  });
});
