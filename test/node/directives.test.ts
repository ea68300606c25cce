/** Directives at the node: taken once and in order, carried out in the transaction that journals them, heard by all. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DelegationError, DirectiveChain, payloadOf, type Directive, type Order } from '../../src/delegation';
import { EnvelopeError, sealEnvelope } from '../../src/envelope';
import { rootHash, serialNumberAt, type Entry } from '../../src/journal';
import { readJournal, tryDecodeEntry } from '../../src/ledger';
import {
  acceptReply,
  carryOutDirectives,
  crlIsDue,
  ensureResponderCertificate,
  Issuer,
  NodeError,
  nodeStatus,
  publishDueCrls,
  revoke as revokeAtNode,
  rolloverStatus,
  verifyNode,
  type IssuedCertificate,
} from '../../src/node';
import { newestCrl } from '../../src/node/lifetime';
import { encodeReply, RECEIPT_PAYLOAD_TYPE, type Receipt, type Reply } from '../../src/sync';
import { readCrl } from '../../src/x509';
import { runScript, type Ended } from '../support/childScript';
import {
  DAY,
  directiveAfter,
  documentOf,
  NODE_ID,
  NOW,
  sealDirective,
  sealTrust,
  trustOf,
} from '../support/delegationFixture';
import { holdings } from '../support/holdings';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

const SUSPEND: Order = { kind: 'suspend-issuance' };
const RESUME: Order = { kind: 'resume-issuance' };
const RUN_OUT: Order = { kind: 'withdraw', mode: 'run-out' };
const REVOKE_ALL: Order = { kind: 'withdraw', mode: 'revoke-all' };
const revoke = (serialNumber: string): Order => ({ kind: 'revoke', serialNumber, reason: 'keyCompromise' });
const RECEIPTS = { 'table receipts': '', 'receipts.json': '' };
/** Of the statements that write, every third is killed before: each kind of them comes up. */
const STRIDE = 3;
const UNKNOWN = serialNumberAt({ epoch: 1, index: 77 }, Buffer.alloc(10));

let soft: SoftNode;
/** What the operators have ordered so far. */
let orders: DirectiveChain;

beforeEach(async () => {
  soft = await SoftNode.activated();
  orders = DirectiveChain.EMPTY;
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

/** The envelope of the next directive, or of one unlike it. */
function directive(order: Order, changes: Partial<Directive> = {}): Promise<Buffer> {
  const value = directiveAfter(orders, order, changes);
  if (Object.keys(changes).length === 0) orders = orders.with(NODE_ID, documentOf(value));
  return sealDirective(soft.world, value);
}

/** A reply to the journal of a generation as it stands. */
async function reply(directives: readonly Buffer[], documents: Partial<Reply> = {}): Promise<Reply> {
  const { origin } = await soft.node.delegation();
  const { head, state } = await readJournal(soft.node.read, origin);
  const receipt: Receipt = {
    origin,
    size: state.size,
    rootHash: rootHash(head).toString('hex'),
    time: soft.now.toISOString(),
    findings: 0,
  };
  const envelope = await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), [soft.world.registry]);
  return { receipt: envelope, trustStatements: [], grants: [], directives, ...documents };
}

const take = (one: Reply): Promise<Receipt> => acceptReply(soft.node, soft.journal, one);
const takeOrders = async (...given: readonly Order[]): Promise<void> => {
  const envelopes: Buffer[] = [];
  for (const order of given) envelopes.push(await directive(order));
  await take(await reply(envelopes));
};
const held = (): ReturnType<typeof holdings> => holdings(soft.directory, 'subca.db');
const open = (): Promise<Issuer> => Issuer.open(soft.node, soft.journal);

const SUBJECT = [
  { type: 'CN', value: 'Nguyễn Thị Ánh' },
  { type: 'E', value: 'anh@lamdong.gov.vn' },
] as const;

const issue = (issuer?: Issuer): Promise<IssuedCertificate> => soft.issue(issuer);

/** The entries of a journal from an index on. */
async function entries(epoch: number, from = 0): Promise<readonly (Entry | undefined)[]> {
  const rows = await soft.node.store.read
    .selectFrom('entries')
    .innerJoin('journals', 'journals.id', 'entries.journal')
    .select('bytes')
    .where('origin', 'like', `%/e${String(epoch)}`)
    .where('idx', '>=', from)
    .orderBy('idx')
    .execute();
  return rows.map(({ bytes }) => tryDecodeEntry(bytes));
}

const sizeOf = async (epoch: number): Promise<number> => (await entries(epoch)).length;

async function revokedOnCrl(epoch: number): Promise<readonly string[]> {
  const { generations } = await soft.node.delegation();
  const bytes = await newestCrl(soft.node, generations[epoch - 1]!);
  return readCrl(bytes ?? Buffer.alloc(0), 'CRL').entries.map(({ serialNumber }) => serialNumber);
}

describe('issuing is stopped', () => {
  test('for new requests and for those under way, not for the responder, and goes on when resumed', async () => {
    const issuer = await open();
    const request = await soft.request();
    const plan = issuer.plan('individual', { service: 'issue', request, subject: SUBJECT });
    await takeOrders(SUSPEND);
    const error = await expectCode(issuer.issue(plan), NodeError, 'ISSUANCE_SUSPENDED');
    expect(error.category).toBe('refused');
    expect(error.params).toMatchObject({ sequence: 1, reason: 'Theo kết luận kiểm tra' });
    await expectCode(open(), NodeError, 'ISSUANCE_SUSPENDED');
    await ensureResponderCertificate(soft.node, soft.journal, await soft.node.delegation());
    expect((await nodeStatus(soft.node)).directives).toEqual({
      last: 1,
      issuance: {
        state: 'suspended',
        directive: 1,
        since: NOW.toISOString(),
        reason: 'Theo kết luận kiểm tra',
      },
    });
    await takeOrders(RESUME);
    await issue();
    expect((await nodeStatus(soft.node)).directives).toEqual({ last: 2, issuance: { state: 'open' } });
    await verifyNode(soft.node);
  });

  test('another process hears of it when it reserves', async () => {
    const other = await soft.open();
    const issuer = await Issuer.open(other.node, other.journal);
    await takeOrders(RUN_OUT);
    await expectCode(issue(issuer), NodeError, 'ISSUANCE_WITHDRAWN');
  });
});

describe('an order to revoke', () => {
  test('one transaction, one CRL; the same reply again changes nothing', async () => {
    const { serialNumber } = await issue();
    const before = await sizeOf(1);
    const full = await reply([await directive(revoke(serialNumber)), await directive(revoke(UNKNOWN))]);
    await take(full);
    expect(await entries(1, before)).toMatchObject([
      { type: 'revoked', serialNumber, reason: 'keyCompromise', by: { kind: 'directive', sequence: 1 } },
      { type: 'directive', sequence: 1, outcome: 'applied' },
      { type: 'directive', sequence: 2, outcome: 'impossible' },
      { type: 'crl' },
    ]);
    expect(await revokedOnCrl(1)).toEqual([serialNumber]);
    const after = await held();
    await take(full);
    expect(await held()).toEqual(after);
    await verifyNode(soft.node);
  });

  test('of a certificate revoked for another reason, because its key was exposed, is carried out once', async () => {
    const { serialNumber } = await issue();
    const by = { kind: 'local', request: '7/CV' } as const;
    await revokeAtNode(soft.journal, { serialNumber, reason: 'superseded', by });
    const before = await sizeOf(1);
    const unlike: Order = { kind: 'revoke', serialNumber, reason: 'privilegeWithdrawn' };
    await takeOrders(unlike, revoke(serialNumber), revoke(serialNumber));
    expect(await entries(1, before)).toMatchObject([
      { type: 'directive', sequence: 1, outcome: 'impossible' },
      { type: 'revoked', serialNumber, reason: 'keyCompromise', by: { kind: 'directive', sequence: 2 } },
      { type: 'directive', sequence: 2, outcome: 'applied' },
      { type: 'directive', sequence: 3, outcome: 'impossible' },
      { type: 'crl' },
    ]);
    await verifyNode(soft.node);
    // Under the next CA key, the journal of the first is told.
    const other = (await issue()).serialNumber;
    await revokeAtNode(soft.journal, { serialNumber: other, reason: 'superseded', by });
    await soft.rollOver();
    const first = await sizeOf(1);
    await takeOrders(revoke(other));
    expect(await entries(1, first)).toMatchObject([
      {
        type: 'revoked',
        serialNumber: other,
        reason: 'keyCompromise',
        by: { kind: 'directive', sequence: 4 },
      },
      { type: 'crl' },
    ]);
    await verifyNode(soft.node);
  });

  test('of a certificate of an earlier CA key: told in the journal of that key', async () => {
    const { serialNumber } = await issue();
    await takeOrders(SUSPEND, RESUME);
    await soft.rollOver();
    // What was acknowledged before the seal is not asked for again.
    const [first, second] = [await sizeOf(1), await sizeOf(2)];
    await takeOrders(revoke(serialNumber));
    const by = { kind: 'directive', sequence: 3 };
    expect(await entries(1, first)).toMatchObject([{ type: 'revoked', serialNumber, by }, { type: 'crl' }]);
    expect(await entries(2, second)).toMatchObject([
      { type: 'directive', sequence: 3, outcome: 'applied' },
      { type: 'crl' },
    ]);
    expect(await revokedOnCrl(1)).toEqual([serialNumber]);
    await verifyNode(soft.node);
  });

  test('a process killed before any write of it leaves all of an order or nothing, and the reply completes it', async () => {
    const { serialNumber } = await issue();
    const full = await reply([await directive(revoke(serialNumber)), await directive(SUSPEND)]);
    const file = join(soft.directory, 'reply');
    writeFileSync(file, encodeReply(full));
    const child = (killBefore: number): Promise<Ended> =>
      runScript(require.resolve('./directiveChild.ts'), [
        soft.directory,
        file,
        soft.now.toISOString(),
        String(killBefore),
      ]);
    let kills = 0;
    for (let at = 1; ; at += STRIDE) {
      const { signal, code, stderr } = await child(at);
      const { origin } = await soft.node.delegation();
      const last = (await readJournal(soft.node.read, origin)).state.lastDirective;
      const told = (await entries(1)).filter((entry) => entry?.type === 'directive');
      const revoked = (await entries(1)).filter((entry) => entry?.type === 'revoked');
      expect([told.length, revoked.length]).toEqual([last, Math.min(last, 1)]);
      if (signal === null) {
        expect([code, stderr, last]).toEqual([0, '', 2]);
        break;
      }
      kills += 1;
      await verifyNode(soft.node);
    }
    expect(kills).toBeGreaterThanOrEqual(5);
    await take(full);
    expect(await revokedOnCrl(1)).toEqual([serialNumber]);
    await expectCode(open(), NodeError, 'ISSUANCE_SUSPENDED');
    await verifyNode(soft.node);
  });
});

describe('what is refused', () => {
  const foreign = { nodeId: 'dong-nai' };
  const quarantined = async (): Promise<boolean> =>
    (await soft.node.store.read.selectFrom('quarantine').selectAll().execute()).length > 0;

  test.each<[string, Partial<Directive>, string, boolean]>([
    ['one is missing before it', { sequence: 3, previous: 'a'.repeat(64) }, 'DIRECTIVE_SEQUENCE', true],
    ['it follows another', { previous: 'a'.repeat(64) }, 'DIRECTIVE_CHAIN', true],
    ['another was in its place', { sequence: 1, previous: null, reason: 'Khác' }, 'DIRECTIVE_CHAIN', true],
    ['it is for another node', foreign, 'DIRECTIVE_FOREIGN', false],
  ])('%s', async (_, changes, code, alarm) => {
    await takeOrders(SUSPEND);
    const size = await sizeOf(1);
    const bad = await directive(RESUME, changes);
    await expectCode(async () => take(await reply([bad])), DelegationError, code);
    expect(await quarantined()).toBe(alarm);
    expect(await sizeOf(1)).toBe(size);
    // One good reply later all is well; a reply of the same time does not count, for it may be the same one.
    await takeOrders(RESUME);
    expect(await quarantined()).toBe(alarm);
    soft.now = new Date(soft.now.getTime() + 1000);
    await take(await reply([]));
    expect(await quarantined()).toBe(false);
    await issue();
    await verifyNode(soft.node);
  });

  test('one operator alone, or an altered order', async () => {
    const value = directiveAfter(orders, SUSPEND);
    const before = await held();
    const one = await sealDirective(soft.world, value, [soft.world.operators.an]);
    await expectCode(async () => take(await reply([one])), EnvelopeError, 'THRESHOLD_NOT_MET');
    const sealed = await sealDirective(soft.world, value);
    const json = JSON.parse(sealed.toString()) as { payload: string };
    const altered = payloadOf({
      ...json,
      payload: payloadOf({ ...value, order: RUN_OUT }).toString('base64'),
    });
    await expectCode(async () => take(await reply([altered])), EnvelopeError, 'SIGNATURE_INVALID');
    // The receipt was the registry's.
    expect({ ...(await held()), ...RECEIPTS }).toEqual({ ...before, ...RECEIPTS });
  });

  test('a bad one among good ones: none of them is taken', async () => {
    const good = await directive(SUSPEND);
    const bad = await directive(RESUME, foreign);
    await expectCode(async () => take(await reply([good, bad])), DelegationError, 'DIRECTIVE_FOREIGN');
    expect((await soft.node.delegation()).directives.last).toBe(0);
  });

  test('operators whom the next trust statement does not name order nothing more, and what they ordered stays', async () => {
    const { world } = soft;
    await takeOrders(SUSPEND);
    const [chi, dung] = [softSigner('p-256'), softSigner('p-256')];
    const statement = trustOf(world, {
      version: 2,
      previous: world.trust.sha256,
      operators: [
        { name: 'chi', spki: chi.spki.toString('base64') },
        { name: 'dung', spki: dung.spki.toString('base64') },
      ],
    });
    const trustStatements = [await sealTrust(world, statement)];
    const value = directiveAfter(orders, RESUME);
    const old = await reply([await sealDirective(world, value)], { trustStatements });
    await expectCode(take(old), EnvelopeError, 'SIGNER_UNKNOWN');
    await take(await reply([await sealDirective(world, value, [chi, dung])]));
    await issue();
    await verifyNode(soft.node);
  });
});

describe('a withdrawal', () => {
  test('that lets certificates run out: CRLs and status checks to the end, and one last CRL', async () => {
    const { serialNumber } = await issue();
    await takeOrders(RUN_OUT);
    expect(await revokedOnCrl(1)).toEqual([]);
    const [own] = (await rolloverStatus(soft.node)).generations;
    expect(own?.state).toBe('closing');
    // Beyond the end of the grant, the responder still has a certificate.
    soft.now = new Date(NOW.getTime() + 400 * DAY);
    await publishDueCrls(soft.node, soft.journal);
    await ensureResponderCertificate(soft.node, soft.journal, await soft.node.delegation());
    const [record] = (
      await soft.node.read
        .selectFrom('certificates')
        .selectAll()
        .where('serialNumber', '=', serialNumber)
        .execute()
    ).values();
    soft.now = new Date(Date.parse(record?.notAfter ?? '') + 1000);
    await publishDueCrls(soft.node, soft.journal);
    const [ended] = (await rolloverStatus(soft.node)).generations;
    expect(ended?.state).toBe('silent');
    expect(ended?.crl?.nextUpdate).toBe('9999-12-31T23:59:59.000Z');
    await verifyNode(soft.node);
  });

  test('of everything: each certificate of each key, also what was under way; done again, it goes on', async () => {
    const first = await issue();
    await soft.rollOver();
    const second = await issue();
    const issuer = await open();
    const request = await soft.request();
    const plan = issuer.plan('individual', { service: 'issue', request, subject: SUBJECT });
    let underWay!: Promise<IssuedCertificate>;
    // The token is slow: the directive comes between the intent and the signature.
    const ca = soft.signerOf('ca-e2');
    let go!: () => void;
    const waiting = new Promise<void>((resolve) => (go = resolve));
    const asked = new Promise<void>((begun) => {
      jest.spyOn(ca, 'sign').mockImplementationOnce(async (data) => {
        begun();
        await waiting;
        return ca.sign(data);
      });
      underWay = issuer.issue(plan);
    });
    await asked;
    await takeOrders(REVOKE_ALL);
    expect((await nodeStatus(soft.node)).directives?.issuance.state).toBe('withdrawing');
    go();
    const late = await underWay;
    await carryOutDirectives(soft.node, soft.journal);
    expect((await nodeStatus(soft.node)).directives?.issuance).toMatchObject({
      state: 'withdrawn',
      directive: 1,
    });
    expect(await crlIsDue(soft.node)).toBe(true);
    await publishDueCrls(soft.node, soft.journal);
    expect(await revokedOnCrl(1)).toEqual([first.serialNumber]);
    expect([...(await revokedOnCrl(2))].sort()).toEqual([second.serialNumber, late.serialNumber].sort());
    const after = await held();
    await carryOutDirectives(soft.node, soft.journal);
    expect(await held()).toEqual(after);
    await expectCode(open(), NodeError, 'ISSUANCE_WITHDRAWN');
    await verifyNode(soft.node);
  });
});
