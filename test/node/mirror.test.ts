/**
 * The journal's second copy: nothing is released that it does not hold, every crash leaves it behind and never ahead, and
 * a node that is behind it issues nothing until it has taken what it lost.
 */
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalMirror, LedgerError, readEntries, readJournal } from '../../src/ledger';
import {
  abandonOrphans,
  Issuer,
  NodeError,
  publishCrl,
  readRecord,
  recoverFromMirror,
  recoverJournals,
  revoke,
  rolloverStatus,
  verifyNode,
  viewCertificate,
  type Carrier,
} from '../../src/node';
import { verifyRoot } from '../../src/root';
import { runScript } from '../support/childScript';
import { DAY, ORIGIN } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';

let disk: string;
let mirror: string;
let soft: SoftNode;

beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'second-disk-'));
  mirror = join(disk, 'subca');
  mkdirSync(mirror);
  soft = await SoftNode.activated({}, {}, { maxOfflineDays: 7, graceDays: 23 }, mirror);
});

afterEach(async () => {
  await soft.remove();
  rmSync(disk, { recursive: true });
});

const issue = async (): Promise<string> => (await soft.issue()).serialNumber;

const revokeOne = (serialNumber: string): Promise<unknown> =>
  revoke(soft.journal, { serialNumber, reason: 'superseded', by: { kind: 'local', request: '1' } });

/** The entries of the database, and those that the mirror shares with it. */
async function sizes(): Promise<readonly [own: number, mirrored: number]> {
  const { size } = (await readJournal(soft.node.read, ORIGIN)).state;
  const mirrored = await soft.node.store.snapshot((tx) =>
    new JournalMirror(mirror, soft.node.paths.run).verify(tx as never, ORIGIN),
  );
  return [size, mirrored];
}

async function reopen(): Promise<void> {
  await soft.node.close();
  Object.assign(soft, await soft.open());
}

/** The database forgets what was done meanwhile; the mirror does not. */
async function loses(work: () => Promise<void>): Promise<void> {
  const file = join(soft.directory, 'subca.db');
  await soft.node.close();
  cpSync(file, `${file}.old`);
  Object.assign(soft, await soft.open());
  await work();
  await soft.node.close();
  renameSync(`${file}.old`, file);
  Object.assign(soft, await soft.open());
}

/** What keeps the mirror from being written, until it is undone. */
const troubles = {
  'not mounted': {
    make: () => {
      renameSync(mirror, `${mirror}.away`);
    },
    undo: () => {
      renameSync(`${mirror}.away`, mirror);
    },
    reason: 'ENOENT',
  },
  full: {
    make: () => {
      renameSync(mirror, `${mirror}.away`);
      mkdirSync(mirror);
      symlinkSync('/dev/full', soft.node.mirror!.path(ORIGIN));
    },
    undo: () => {
      rmSync(mirror, { recursive: true });
      renameSync(`${mirror}.away`, mirror);
    },
    reason: 'ENOSPC',
  },
} as const;

test('it holds what the database holds, entry for entry, also what no process has waited for', async () => {
  await issue();
  await publishCrl(soft.node, soft.journal);
  const [own, mirrored] = await sizes();
  expect(mirrored).toBe(own);
  const journal = await readJournal(soft.node.read, ORIGIN);
  const last = (await readEntries(soft.node.read, journal, own - 1, own))[0];
  expect(last?.bytes.toString()).toContain('"type":"crl"');
});

test.each(Object.keys(troubles) as (keyof typeof troubles)[])(
  'a disk that is %s stops certificates and nothing else',
  async (name) => {
    const { make, undo, reason } = troubles[name];
    const first = await issue();
    const issuer = await Issuer.open(soft.node, soft.journal);
    const request = await soft.request();
    const plan = issuer.plan('individual', {
      service: 'issue',
      request,
      subject: [
        { type: 'CN', value: 'Trần Văn Bình' },
        { type: 'E', value: 'binh@lamdong.gov.vn' },
      ],
    });
    make();
    const error = await expectCode(issuer.issue(plan), LedgerError, 'MIRROR_UNAVAILABLE');
    expect([error.category, error.params]).toMatchObject(['unavailable', { reason }]);
    await expectCode(issue(), LedgerError, 'MIRROR_UNAVAILABLE');
    await revokeOne(first);
    await publishCrl(soft.node, soft.journal);
    expect(await readRecord(soft.node, first)).toMatchObject({ status: 'revoked' });
    // What is not there is not shown either; what was there before is.
    expect((await viewCertificate(soft.node, first)).certificate).toBeDefined();
    undo();
    await reopen();
    const [own, mirrored] = await sizes();
    expect(mirrored).toBe(own);
    // The token was not asked: the intent was closed as it must be.
    expect(await soft.node.store.read.selectFrom('reservations').selectAll().execute()).toEqual([]);
    await issue();
    await verifyNode(soft.node);
  },
);

test('a certificate that is recorded and not mirrored is released to nobody', async () => {
  const issuer = await Issuer.open(soft.node, soft.journal);
  const subject = [
    { type: 'CN', value: 'Nguyễn Thị Ánh' },
    { type: 'E', value: 'anh@lamdong.gov.vn' },
  ] as const;
  const asked = { service: 'issue', request: await soft.request(), subject } as const;
  const ca = soft.signers.ca;
  const sign = jest.spyOn(ca, 'sign').mockImplementationOnce(async (tbs) => {
    troubles['not mounted'].make();
    sign.mockRestore();
    return ca.sign(tbs);
  });
  await expectCode(issuer.issue(issuer.plan('individual', asked)), LedgerError, 'MIRROR_UNAVAILABLE');
  const { serialNumber } = await soft.node.read
    .selectFrom('certificates')
    .select('serialNumber')
    .where('status', '=', 'issued')
    .where('profile', '=', 'individual')
    .executeTakeFirstOrThrow();
  await expectCode(viewCertificate(soft.node, serialNumber), LedgerError, 'MIRROR_UNAVAILABLE');
  await expectCode(Issuer.open(soft.node, soft.journal), LedgerError, 'MIRROR_UNAVAILABLE');
  const plan = issuer.plan('individual', asked);
  await expectCode(issuer.findEarlier([plan]), LedgerError, 'MIRROR_UNAVAILABLE');
  troubles['not mounted'].undo();
  const again = await Issuer.open((await soft.open()).node, soft.journal);
  expect((await again.findEarlier([again.plan('individual', asked)])).get(plan.request)).toMatchObject({
    serialNumber,
    existing: true,
  });
});

test('a process killed between the commit and the mirror leaves nothing that the next does not mend', async () => {
  const serialNumber = await issue();
  const { size } = (await readJournal(soft.node.read, ORIGIN)).state;
  const ended = await runScript(require.resolve('./mirrorChild.ts'), [
    soft.directory,
    soft.now.toISOString(),
    serialNumber,
  ]);
  expect(ended).toMatchObject({ signal: 'SIGKILL' });
  expect(await readRecord(soft.node, serialNumber)).toMatchObject({ status: 'revoked' });
  expect(soft.node.mirror?.held(ORIGIN)).toBe(size);
  await reopen();
  expect(soft.node.mirror?.held(ORIGIN)).toBe(size + 1);
  expect(await sizes()).toEqual([size + 1, size + 1]);
  expect(await soft.node.store.read.selectFrom('quarantine').selectAll().execute()).toEqual([]);
});

test('nobody waits for his turn while every entry is compared', async () => {
  await issue();
  let isTaken = false;
  class Watched extends JournalMirror {
    override async alone<T>(work: () => Promise<T>): Promise<T> {
      return super.alone(async () => {
        isTaken = true;
        return work().finally(() => {
          isTaken = false;
        });
      });
    }
  }
  const whileRead: boolean[] = [];
  await soft.node.store.snapshot((tx) => {
    const selectFrom = (table: never): unknown => {
      whileRead.push(isTaken);
      return tx.selectFrom(table);
    };
    return new Watched(mirror, soft.node.paths.run).verify({ selectFrom } as never, ORIGIN);
  });
  expect(whileRead.length).toBeGreaterThan(1);
  expect(whileRead).not.toContain(true);
});

test('several processes append to it at once', async () => {
  const others = [await soft.open(), await soft.open(), await soft.open()];
  const serialNumbers = await Promise.all([issue(), issue(), issue(), issue(), issue(), issue()]);
  await Promise.all(
    serialNumbers.map((serialNumber, at) => {
      const { journal } = others[at % others.length] ?? soft;
      return revoke(journal, { serialNumber, reason: 'superseded', by: { kind: 'local', request: '1' } });
    }),
  );
  const [own, mirrored] = await sizes();
  expect(mirrored).toBe(own);
});

describe('put back to an old copy', () => {
  let lost: string;
  let revoked: string;
  /** Of a CRL, of which the old copy knows nothing. */
  let lostNumber: number;

  beforeEach(async () => {
    revoked = await issue();
    await loses(async () => {
      lost = await issue();
      await revokeOne(revoked);
      soft.now = new Date(soft.now.getTime() + 3_600_000);
      for (let at = 0; at < 3; at += 1) lostNumber = (await publishCrl(soft.node, soft.journal)).number;
    });
    soft.now = new Date(soft.now.getTime() + 5000);
  });

  test('it is quarantined at once, takes everything from the mirror, and issues on', async () => {
    await expectCode(issue(), NodeError, 'QUARANTINED');
    const rows = await soft.node.store.read.selectFrom('quarantine').select('code').execute();
    expect(rows).toEqual([{ code: 'MIRROR_AHEAD' }]);
    const [recovered] = await recoverFromMirror(soft.node);
    expect(recovered).toMatchObject({ origin: ORIGIN, source: 'mirror', setAside: 0, unrecorded: [] });
    expect(await readRecord(soft.node, lost)).toMatchObject({ status: 'issued' });
    expect(await readRecord(soft.node, revoked)).toMatchObject({ status: 'revoked' });
    expect((await publishCrl(soft.node, soft.journal)).number).toBeGreaterThan(lostNumber);
    await issue();
    await verifyNode(soft.node);
    const [own, mirrored] = await sizes();
    expect(mirrored).toBe(own);
    expect(await recoverFromMirror(soft.node)).toEqual([]);
  });

  test('what it wrote meanwhile in the place of what it lost is set aside', async () => {
    // A number that was given out and lost does not come again, though the journal knows nothing of it.
    expect((await readJournal(soft.node.read, ORIGIN)).state.crlNumber).toBeLessThan(lostNumber);
    expect((await publishCrl(soft.node, soft.journal)).number).toBeGreaterThan(lostNumber);
    await expectCode(issue(), NodeError, 'QUARANTINED');
    expect(await recoverFromMirror(soft.node)).toMatchObject([{ setAside: 1, unrecorded: [] }]);
    expect(await readRecord(soft.node, lost)).toMatchObject({ status: 'issued' });
    await publishCrl(soft.node, soft.journal);
    await issue();
    await verifyNode(soft.node);
  });

  test('also when it has grown beyond the mirror, which was away', async () => {
    troubles['not mounted'].make();
    await reopen();
    for (let at = 0; at < 12; at += 1) await publishCrl(soft.node, soft.journal);
    troubles['not mounted'].undo();
    await reopen();
    const rows = await soft.node.store.read.selectFrom('quarantine').select('code').orderBy('code').execute();
    expect(rows.map(({ code }) => code)).toContain('MIRROR_DIFFERS');
    await recoverFromMirror(soft.node);
    expect(await readRecord(soft.node, lost)).toMatchObject({ status: 'issued' });
    await publishCrl(soft.node, soft.journal);
    await issue();
    await verifyNode(soft.node);
  });

  test('where the root has confirmed other entries, those count, and the key issues nothing more', async () => {
    const side = await GrantingRoot.of(soft);
    try {
      const carry: Carrier = (submission) => side.registry.receive(submission);
      await publishCrl(soft.node, soft.journal);
      soft.now = new Date(soft.now.getTime() + DAY);
      await side.sync();
      // The root's word does not lift what the mirror says.
      await expectCode(issue(), NodeError, 'QUARANTINED');
      await recoverJournals(soft.node, carry, '0.1.0');
      await expectCode(issue(), NodeError, 'HISTORY_LOST');
      expect((await rolloverStatus(soft.node)).generations).toMatchObject([{ epoch: 1, state: 'lost' }]);
      const loss = await soft.node.store.read.selectFrom('recoveries').selectAll().executeTakeFirst();
      expect(loss).toMatchObject({ complete: 0, unrecorded: JSON.stringify([lost]) });
      await publishCrl(soft.node, soft.journal);
      await side.sync();
      const [own, mirrored] = await sizes();
      expect(mirrored).toBe(own);
      await verifyNode(soft.node);
      await verifyRoot(side.root);
    } finally {
      await side.remove();
    }
  });
});

test('what the root has beyond an old copy comes with what only the mirror has', async () => {
  const side = await GrantingRoot.of(soft);
  try {
    await side.sync();
    let [sent, unsent] = ['', ''];
    await loses(async () => {
      sent = await issue();
      soft.now = new Date(soft.now.getTime() + DAY);
      await side.sync();
      unsent = await issue();
    });
    const carry: Carrier = (submission) => side.registry.receive(submission);
    soft.now = new Date(soft.now.getTime() + DAY);
    const [recovered] = await recoverJournals(soft.node, carry, '0.1.0');
    expect(recovered).toMatchObject({ source: 'mirror', setAside: 0 });
    await abandonOrphans(soft.node, soft.journal);
    for (const serialNumber of [sent, unsent])
      expect(await readRecord(soft.node, serialNumber)).toMatchObject({ status: 'issued' });
    await publishCrl(soft.node, soft.journal);
    await issue();
    soft.now = new Date(soft.now.getTime() + DAY);
    await side.sync();
    await verifyNode(soft.node);
    await verifyRoot(side.root);
  } finally {
    await side.remove();
  }
});
