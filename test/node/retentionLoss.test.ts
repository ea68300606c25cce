/** A node that loses its database after a removal gets back what is left, as its own journal names it, or nothing. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonTables } from '../../src/db';
import { openTrustStatement, residueOf } from '../../src/delegation';
import type { Token } from '../../src/hsm';
import { decodeEntry, leafHash } from '../../src/journal';
import {
  activate,
  NodeError,
  prune,
  readRecord,
  recoverFromMirror,
  recoverJournals,
  regainKey,
  republish,
  verifyNode,
  viewCertificate,
  type Carrier,
} from '../../src/node';
import { pruneCopies } from '../../src/root';
import { decodeReply, encodeReply, type PulledEntry } from '../../src/sync';
import { DAY, ORIGIN, sealTrust } from '../support/delegationFixture';
import { ENGINES } from '../support/engines';
import { expectCode } from '../support/matchers';
import { RetentionFixture } from './retentionFixture';

let at: RetentionFixture;

describe.each(ENGINES)('on %s', (engine) => {
  beforeEach(async () => {
    at = await RetentionFixture.on(engine);
  });

  afterEach(() => at.remove());

  const recover = (by: Carrier): Promise<unknown> => recoverJournals(at.soft.node, by, '0.1.0');

  /** A line that changes what comes back. */
  const changing =
    (change: (entry: PulledEntry) => PulledEntry): Carrier =>
    async (submission) => {
      const reply = decodeReply(await at.carry(submission, ORIGIN));
      const { pulled } = reply;
      return encodeReply({
        ...reply,
        ...(pulled && { pulled: { ...pulled, entries: pulled.entries.map(change) } }),
      });
    };

  test('what is left comes back from the root, and the mirror has the rest', async () => {
    const forget = await at.keepOld();
    await at.begin();
    await at.pruneBoth();
    const { rootHash } = await verifyNode(at.soft.node);
    await forget();
    await expectCode(recoverFromMirror(at.soft.node), NodeError, 'MIRROR_SHORT');
    await recover(at.carry);
    expect((await verifyNode(at.soft.node)).rootHash).toBe(rootHash);
    expect(await readRecord(at.soft.node, at.issued[1]!)).toMatchObject({ subject: '', status: 'revoked' });
    await at.bothEndsHold();
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
  test.each(engine === 'sqlite' ? tampering : tampering.slice(0, 1))('%s is not taken', async (_, change) => {
    const forget = await at.keepOld();
    await at.begin();
    await at.pruneBoth();
    await forget();
    await expectCode(recover(changing(change)), NodeError, 'PULL_DIFFERS');
  });

  test('something left of what no entry removes is not taken', async () => {
    const forget = await at.keepOld();
    await at.begin();
    await forget();
    rmSync(at.soft.node.mirror!.path(ORIGIN));
    const removing = changing(({ bytes, leaf }) => {
      const entry = decodeEntry(bytes);
      const left = entry.type === 'issued' ? residueOf(bytes, entry, undefined) : undefined;
      return left === undefined ? { bytes, leaf } : { bytes: left, leaf: leafHash(bytes) };
    });
    await expectCode(recover(removing), NodeError, 'PULL_DIFFERS');
    await recover(at.carry);
    await viewCertificate(at.soft.node, at.issued[0]!);
  });

  test('what an old backup has before what came back in part goes, too', async () => {
    await at.soft.issue();
    await at.sync();
    const restore = await at.keepOld();
    await at.soft.issue();
    await at.pruneBoth();
    await restore();
    await recover(at.carry);
    await at.sync();
    expect(await prune(at.soft.node, at.soft.journal)).toMatchObject([{ removed: 1 }]);
    await at.bothEndsHold();
    await at.soft.node.close();
    expect(at.namesIn(at.soft.directory)).toBe(false);
  });

  test('an old backup that still has the certificates loses them again', async () => {
    await at.begin();
    const restore = await at.keepOld();
    await at.pruneBoth();
    await restore();
    await recover(at.carry);
    await at.sync();
    await prune(at.soft.node, at.soft.journal);
    await at.bothEndsHold();
    const names = await commonTables(at.soft.node.store.read)
      .selectFrom('certificates')
      .select('subject')
      .distinct()
      .execute();
    expect(names).toEqual([{ subject: '' }]);
  });

  test('a CA key is regained whose earlier journal is not whole any more', async () => {
    const { soft, side } = at;
    const { trust, root } = soft.world;
    const profile = join(soft.directory, 'profiles', 'individual.yaml');
    const usual = readFileSync(profile, 'utf8');
    writeFileSync(profile, usual.replace(/newDays: \d+/, 'newDays: 5'));
    const { serialNumber: removed } = await soft.issue();
    writeFileSync(profile, usual);
    await at.sync();
    const restore = await at.keepOld();
    const validUntil = new Date(soft.now.getTime() + 1000 * DAY).toISOString();
    const later = { ...trust.value, version: 2, previous: trust.sha256, validUntil };
    const trustStatement = await sealTrust(soft.world, later);
    await side.keepTrust(openTrustStatement(trustStatement, root.certificate, soft.now));
    const { bundle, fingerprint } = await soft.nextBundle({ parts: { trustStatement } });
    await activate(soft.node, soft.journal, bundle, fingerprint);
    await republish(soft.node);
    await side.meet();
    const { serialNumber: kept } = await soft.issue();
    await at.sync();
    soft.now = new Date(soft.now.getTime() + (2 * 366 + 5) * DAY);
    await at.sync();
    await prune(soft.node, soft.journal);
    await at.sync();
    expect(await prune(soft.node, soft.journal)).toMatchObject([{ removed: 1 }, { removed: 0 }]);
    await pruneCopies(side.root);
    const { certificates, revoked } = await verifyNode(soft.node);

    await restore();
    const found = { algorithm: 'p-256', spki: soft.signerOf('ca-e2').spki, id: '01', attributes: {} };
    const token = { findKey: () => Promise.resolve(found), facts: { serial: '1' } };
    jest.spyOn(soft.node.tokens, 'token').mockResolvedValue(token as unknown as Token);
    await regainKey(soft.node, bundle);
    await recover(at.carry);
    await at.sync();
    expect(await prune(soft.node, soft.journal)).toMatchObject([{ removed: 1 }, { removed: 0 }]);
    expect((await readRecord(soft.node, removed)).subject).toBe('');
    expect((await readRecord(soft.node, kept)).subject).not.toBe('');
    expect(await verifyNode(soft.node)).toMatchObject({ certificates, revoked });
    await at.bothEndsHold();
  });
});
