/**
 * Certificates whose time is over: announced in the journal, removed when the root has confirmed it, at both ends; and a
 * node that loses its database afterwards gets back what is left, as its own journal names it, or nothing.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commonTables, type CommonSchema, type Store } from '../../src/db';
import { residueOf } from '../../src/delegation';
import { decodeEntry, leafHash } from '../../src/journal';
import { LedgerError, readEntries, readJournal, removeCertificates } from '../../src/ledger';
import {
  Issuer,
  NodeError,
  planSuccession,
  prune,
  publishCrl,
  readRecord,
  recoverFromMirror,
  recoverJournals,
  revoke,
  synchronise,
  verifyNode,
  viewCertificate,
  type Carrier,
} from '../../src/node';
import { newestCrl } from '../../src/node/lifetime';
import { quarantine } from '../../src/node/quarantine';
import { listFindings, pruneCopies, verifyRoot } from '../../src/root';
import { decodeReply, encodeReply, type PulledEntry } from '../../src/sync';
import { readCrl } from '../../src/x509';
import { DAY, NODE_ID, ORIGIN } from '../support/delegationFixture';
import { ENGINES, keepCopy } from '../support/engines';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

const NAME = Buffer.from('Nguyễn Thị Ánh', 'utf8');

let disk: string;
let soft: SoftNode;
let side: GrantingRoot;
/** Serial numbers of three certificates, the second of which is revoked. */
let issued: string[];

const carry: Carrier = (submission) => side.registry.receive(submission);

describe.each(ENGINES)('on %s', (engine) => {
  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'second-disk-'));
    mkdirSync(join(disk, 'subca'));
    soft = await SoftNode.activated(
      {},
      { retentionYears: 2 },
      { maxOfflineDays: 7, graceDays: 23 },
      join(disk, 'subca'),
      engine,
    );
    side = await GrantingRoot.of(soft, engine);
    issued = [];
  });

  /** Three certificates, of which the root knows. */
  async function begin(): Promise<void> {
    for (let count = 0; count < 3; count += 1) issued.push((await soft.issue()).serialNumber);
    const [, serialNumber = ''] = issued;
    await revoke(soft.journal, { serialNumber, reason: 'superseded', by: { kind: 'local', request: '1' } });
    await sync();
  }

  afterEach(async () => {
    await side.remove();
    await soft.remove();
    rmSync(disk, { recursive: true });
  });

  async function sync(): Promise<void> {
    soft.now = new Date(soft.now.getTime() + 1000);
    await synchronise(soft.node, soft.journal, carry, { software: '0.1.0' });
  }

  /** Until the last certificate has ended, and its time is over by the root's clock. */
  async function timePasses(): Promise<void> {
    const records = await soft.node.read.selectFrom('certificates').select('notAfter').execute();
    const last = Math.max(...records.map(({ notAfter }) => Date.parse(notAfter)));
    soft.now = new Date(last + 2 * 366 * DAY);
    await sync();
  }

  /** Keeps the database as it is. @returns what puts it back */
  async function keepOld(): Promise<() => Promise<void>> {
    const { config, paths } = soft.node;
    await soft.node.close();
    const put = await keepCopy(config.database, paths.database);
    Object.assign(soft, await soft.open());
    return async () => {
      await soft.node.close();
      await put();
      Object.assign(soft, await soft.open());
    };
  }

  /** All that either end has done: announced, confirmed, removed. */
  async function pruneBoth(): Promise<void> {
    await timePasses();
    await prune(soft.node, soft.journal);
    await sync();
    await prune(soft.node, soft.journal);
    await pruneCopies(side.root);
  }

  /** Whether a subscriber's name is in any file of a folder. */
  function namesIn(folder: string): boolean {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(NAME),
    );
  }

  async function bothEndsHold(): Promise<void> {
    expect(await listFindings(side.root)).toEqual([]);
    await verifyNode(soft.node);
    await verifyRoot(side.root);
  }

  test('first announced, then confirmed, then gone from database, mirror and the root', async () => {
    await begin();
    expect(await prune(soft.node, soft.journal)).toMatchObject([
      { origin: ORIGIN, retentionYears: 2, removed: 0, announced: 0, waiting: 0 },
    ]);
    await timePasses();
    const before = await verifyNode(soft.node);
    const [first] = await prune(soft.node, soft.journal);
    expect(first).toMatchObject({ removed: 0, waiting: first?.announced });
    expect(first?.announced).toBeGreaterThan(0);
    // Unconfirmed, nothing goes, however often it is asked for.
    expect(await prune(soft.node, soft.journal)).toMatchObject([{ removed: 0, announced: 0 }]);
    expect(await pruneCopies(side.root)).toEqual([]);
    await viewCertificate(soft.node, issued[0]!);

    await sync();
    expect(await prune(soft.node, soft.journal)).toMatchObject([{ removed: 3, announced: 0, waiting: 0 }]);
    await expectCode(viewCertificate(soft.node, issued[0]!), LedgerError, 'CERTIFICATE_REMOVED');
    expect(await readRecord(soft.node, issued[1]!)).toMatchObject({ subject: '', status: 'revoked' });
    expect(namesIn(join(disk, 'subca'))).toBe(false);
    const held = await verifyNode(soft.node);
    expect(held).toMatchObject({ certificates: before.certificates, revoked: before.revoked });

    expect(await pruneCopies(side.root)).toEqual([{ node: NODE_ID, origin: ORIGIN, removed: 3, kept: 0 }]);
    expect(await pruneCopies(side.root)).toEqual([{ node: NODE_ID, origin: ORIGIN, removed: 0, kept: 0 }]);
    await bothEndsHold();
    await soft.node.close();
    await side.root.close();
    expect(namesIn(soft.directory)).toBe(false);
    expect(namesIn(side.directory)).toBe(false);
  });

  test('a clock that is years ahead removes nothing, at either end', async () => {
    await begin();
    const rootNow = soft.now;
    jest.spyOn(side.root, 'now').mockImplementation(() => rootNow);
    soft.now = new Date(rootNow.getTime() + 10 * 366 * DAY);
    await sync();
    for (let count = 0; count < 2; count += 1) {
      const [pruned] = await prune(soft.node, soft.journal);
      expect(pruned).toMatchObject({ asOf: rootNow.toISOString(), removed: 0, announced: 0, waiting: 0 });
      await sync();
    }
    expect(await pruneCopies(side.root)).toEqual([]);
    await viewCertificate(soft.node, issued[0]!);
  });

  test('before the root has seen the journal, nothing is announced', async () => {
    await soft.issue();
    soft.now = new Date(soft.now.getTime() + 10 * 366 * DAY);
    const [pruned] = await prune(soft.node, soft.journal);
    expect(pruned).toMatchObject({ retentionYears: 2, asOf: null, announced: 0 });
  });

  test('life goes on, and a revocation stays known', async () => {
    await begin();
    await pruneBoth();
    await sync();
    await publishCrl(soft.node, soft.journal);
    await sync();
    await bothEndsHold();
    const delegation = await soft.node.delegation();
    const crl = readCrl((await newestCrl(soft.node, delegation.generations[0]!))!, 'CRL');
    expect(crl.entries.map(({ serialNumber }) => serialNumber)).toEqual([issued[1]]);
  });

  test('cut off in the midst, at either end or at the mirror, the next run goes on', async () => {
    await begin();
    await timePasses();
    await prune(soft.node, soft.journal);
    await sync();
    for (const store of [soft.node.store, side.root.store]) {
      const stored = await readJournal(commonTables<CommonSchema>(store.read), ORIGIN);
      const half = Math.floor(stored.state.removedBefore / 2);
      await (store as Store<CommonSchema>).transaction((tx) => removeCertificates(tx, stored, 0, half));
    }
    const mirror = soft.node.mirror!.path(ORIGIN);
    cpSync(mirror, `${mirror}.new`);
    await verifyNode(soft.node);
    // The root has to have told its own journal before.
    await expect(verifyRoot(side.root)).rejects.toMatchObject({ category: 'integrity' });
    await prune(soft.node, soft.journal);
    await pruneCopies(side.root);
    await bothEndsHold();
    expect(namesIn(join(disk, 'subca'))).toBe(false);
  });

  test('under the next CA key, what follows a removed certificate is judged as before', async () => {
    const profile = join(soft.directory, 'profiles', 'individual.yaml');
    const usual = readFileSync(profile, 'utf8');
    writeFileSync(profile, usual.replace(/newDays: \d+/, 'newDays: 300'));
    const { serialNumber: predecessor } = await soft.issue();
    writeFileSync(profile, usual);
    await sync();
    soft.now = new Date(soft.now.getTime() + 200 * DAY);
    await soft.rollOver();
    await side.meet();
    await sync();
    const issuer = await Issuer.open(soft.node, soft.journal);
    const by = { kind: 'local', request: '2' } as const;
    const planned = await planSuccession(soft.node, issuer, { service: 'renew', predecessor, by });
    const { serialNumber } = planned.existing ?? (await issuer.issue(planned.plan));
    const { notAfter } = await readRecord(soft.node, serialNumber);
    await sync();
    // The predecessor's time is over, the successor's is not.
    soft.now = new Date(Date.parse((await readRecord(soft.node, predecessor)).notAfter) + 2 * 366 * DAY);
    expect(Date.parse(notAfter) + 2 * 365 * DAY).toBeGreaterThan(soft.now.getTime());
    await sync();
    await prune(soft.node, soft.journal);
    await sync();
    expect(await prune(soft.node, soft.journal)).toMatchObject([{ removed: 1 }, { removed: 0 }]);
    await pruneCopies(side.root);
    expect(await readRecord(soft.node, serialNumber)).toMatchObject({ predecessor, renewals: 1 });
    await bothEndsHold();
  });

  test('a node in quarantine removes nothing', async () => {
    const { id } = await readJournal(soft.node.read, ORIGIN);
    await quarantine(soft.node, id, new NodeError('NO_MIRROR', {}), null);
    await expectCode(prune(soft.node, soft.journal), NodeError, 'QUARANTINED');
  });

  test('at the root, the certificate of an entry with a finding stays whole', async () => {
    await begin();
    const journal = await readJournal(side.root.read, ORIGIN);
    const index = (await readEntries(side.root.read, journal, 0, journal.state.size))
      .map(({ bytes }) => decodeEntry(bytes))
      .findIndex(({ type }) => type === 'issued');
    await side.root.store.transaction((tx) =>
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
    await pruneBoth();
    expect(await pruneCopies(side.root)).toMatchObject([{ removed: 0, kept: 1 }]);
    const rows = await side.root.read
      .selectFrom('certificates')
      .select('serialNumber')
      .where('subject', '!=', '')
      .execute();
    expect(rows).toEqual([{ serialNumber: issued[0] }]);
  });

  test('removal is what the root’s own journal tells, no less', async () => {
    await begin();
    await pruneBoth();
    await verifyRoot(side.root);
    await side.root.store.transaction((tx) => tx.updateTable('nodes').set({ removedBefore: 1 }).execute());
    await expect(verifyRoot(side.root)).rejects.toMatchObject({ category: 'integrity' });
  });

  describe('after a loss', () => {
    const recover = (by: Carrier): Promise<unknown> => recoverJournals(soft.node, by, '0.1.0');

    /** A line that changes what comes back. */
    const changing =
      (change: (entry: PulledEntry) => PulledEntry): Carrier =>
      async (submission) => {
        const reply = decodeReply(await carry(submission, ORIGIN));
        const { pulled } = reply;
        return encodeReply({
          ...reply,
          ...(pulled && { pulled: { ...pulled, entries: pulled.entries.map(change) } }),
        });
      };

    test('what is left comes back from the root, and the mirror has the rest', async () => {
      const forget = await keepOld();
      await begin();
      await pruneBoth();
      const { rootHash } = await verifyNode(soft.node);
      await forget();
      await expectCode(recoverFromMirror(soft.node), NodeError, 'MIRROR_SHORT');
      await recover(carry);
      expect((await verifyNode(soft.node)).rootHash).toBe(rootHash);
      expect(await readRecord(soft.node, issued[1]!)).toMatchObject({ subject: '', status: 'revoked' });
      await bothEndsHold();
    });

    const tampering: readonly (readonly [string, (entry: PulledEntry) => PulledEntry])[] = [
      [
        'another key',
        ({ bytes, leaf }) => ({
          bytes: Buffer.from(bytes.toString().replace(/"spkiSha256":"......../, '"spkiSha256":"00000000')),
          leaf,
        }),
      ],
      ['whole entries said to be what is left', ({ bytes }) => ({ bytes, leaf: Buffer.alloc(32, 1) })],
      [
        'a revocation said to be what is left',
        ({ bytes, leaf }) => ({
          bytes,
          leaf: leaf ?? (decodeEntry(bytes).type === 'revoked' ? leafHash(bytes) : null),
        }),
      ],
    ];
    // Copying a server's database takes long.
    test.each(engine === 'sqlite' ? tampering : tampering.slice(0, 1))(
      '%s is not taken',
      async (_, change) => {
        const forget = await keepOld();
        await begin();
        await pruneBoth();
        await forget();
        await expectCode(recover(changing(change)), NodeError, 'PULL_DIFFERS');
      },
    );

    test('something left of what no entry removes is not taken', async () => {
      const forget = await keepOld();
      await begin();
      await forget();
      rmSync(soft.node.mirror!.path(ORIGIN));
      const removing = changing(({ bytes, leaf }) => {
        const entry = decodeEntry(bytes);
        const left = entry.type === 'issued' ? residueOf(entry, undefined) : undefined;
        return left === undefined ? { bytes, leaf } : { bytes: left, leaf: leafHash(bytes) };
      });
      await expectCode(recover(removing), NodeError, 'PULL_DIFFERS');
      await recover(carry);
      await viewCertificate(soft.node, issued[0]!);
    });

    test('an old backup that still has the certificates loses them again', async () => {
      await begin();
      const restore = await keepOld();
      await pruneBoth();
      await restore();
      await recover(carry);
      await sync();
      await prune(soft.node, soft.journal);
      await bothEndsHold();
      const names = await commonTables(soft.node.store.read)
        .selectFrom('certificates')
        .select('subject')
        .distinct()
        .execute();
      expect(names).toEqual([{ subject: '' }]);
    });
  });
});
